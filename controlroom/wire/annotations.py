"""What officers command about annotations of curves."""

from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.times import Instant

_Id = Annotated[str, Meta(min_length=1, max_length=200)]
_Words = Annotated[str, Meta(min_length=1, max_length=1000)]


class Annotate(Struct, frozen=True, kw_only=True, tag="annotate"):
    """Writes a text over a stretch of time on the curves of sensors."""

    sensors: Annotated[list[_Id], Meta(min_length=1, max_length=64)]
    begins_at: Instant
    ends_at: Instant
    text: _Words


class ChangeAnnotation(Struct, frozen=True, kw_only=True, tag="change_annotation"):
    """Gives an annotation another stretch of time or another text; who did it is kept."""

    annotation: _Id
    begins_at: Instant
    ends_at: Instant
    text: _Words


class RemoveAnnotation(Struct, frozen=True, kw_only=True, tag="remove_annotation"):
    """Takes an annotation away from all curves; the journal keeps it."""

    annotation: _Id
