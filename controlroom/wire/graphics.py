"""What officers command about graphics for command and about answers that all seats see."""

from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.graphic import Drawing
from controlroom.domain.published_answer import AnswerBody

_Id = Annotated[str, Meta(min_length=1, max_length=200)]
_Version = Annotated[int, Meta(ge=1)]


class DrawGraphics(Struct, frozen=True, kw_only=True, tag="draw_graphics"):
    """Draws one or several; the answer names the first, the others are numbered behind it."""

    drawings: Annotated[tuple[Drawing, ...], Meta(min_length=1, max_length=200)]


class ChangeGraphic(Struct, frozen=True, kw_only=True, tag="change_graphic"):
    """Another drawing in the place of the one that stood at `version`; a newer one is not overwritten."""

    graphic: _Id
    version: _Version
    drawing: Drawing


class RemoveGraphic(Struct, frozen=True, kw_only=True, tag="remove_graphic"):
    """Takes a graphic away that stood at `version`; the journal keeps it."""

    graphic: _Id
    version: _Version


class PublishAnswer(Struct, frozen=True, kw_only=True, tag="publish_answer"):
    """Shows an answer of the map to all seats."""

    answer: AnswerBody


class WithdrawAnswer(Struct, frozen=True, kw_only=True, tag="withdraw_answer"):
    """Takes a published answer off all maps."""

    answer: _Id


GraphicCommand = DrawGraphics | ChangeGraphic | RemoveGraphic | PublishAnswer | WithdrawAnswer
