"""What a tile gets of its camera, and why, in the officer's words."""

import enum

from msgspec import Struct

from controlroom.i18n import _
from controlroom.video.load import Depth


class Rank(enum.IntEnum):
    """How much a tile matters; the governor takes from the lower ones first."""

    ORDINARY = 0
    CURRENT = 1
    """The officer is looking at it."""
    ALARM = 2
    """An alarm stands that names its camera."""
    MUST_WATCH = 3
    """The officer said so."""


class Why(enum.StrEnum):
    """The reason of a share."""

    SIZE = "size"
    BUDGET = "budget"
    ALONE = "alone"
    """The camera has no other stream."""
    FAILED = "failed"
    """The other stream cannot be had."""
    HIDDEN = "hidden"


class Share(Struct, frozen=True):
    """What one tile gets: which stream, how much of it, and why not more."""

    is_sub: bool = False
    depth: Depth = Depth.FULL
    why: Why = Why.ALONE
    rank: Rank = Rank.ORDINARY

    @property
    def is_short(self) -> bool:
        """Whether the budget keeps something from it."""
        return self.why is Why.BUDGET


WHOLE = Share()


def word(share: Share) -> str:
    """What the tile gets, as short as a badge; empty where there is nothing to choose."""
    if share.depth is Depth.KEYS:
        return _("key pictures")
    if share.depth is Depth.SPARED:
        return _("thinned")
    if share.is_sub:
        return _("sub-stream")
    return "" if share.why in (Why.ALONE, Why.HIDDEN) else _("main stream")


def rank_word(rank: Rank) -> str:
    """Why it is preferred, as short as a badge; empty where it is not."""
    return {Rank.ALARM: _("alarm"), Rank.MUST_WATCH: _("must-watch")}.get(rank, "")


def sentence(share: Share) -> str:
    """What the tile gets and why, in one or two sentences."""
    told = [_what(share), _reason(share)]
    if share.rank is Rank.MUST_WATCH:
        told.append(_("It is a must-watch: the others give way first."))
    elif share.rank is Rank.ALARM:
        told.append(_("An alarm stands here: the others give way first."))
    return " ".join(part for part in told if part)


def _what(share: Share) -> str:
    stream = _("Sub-stream") if share.is_sub else _("Main stream")
    match share.depth:
        case Depth.FULL:
            return _("{stream} with every picture.").format(stream=stream)
        case Depth.SPARED:
            return _("{stream} without the pictures that no other one needs.").format(stream=stream)
        case Depth.KEYS:
            return _("{stream}, key pictures only.").format(stream=stream)


def _reason(share: Share) -> str:
    match share.why:
        case Why.SIZE if share.is_sub:
            return _("That is enough for a tile of this size.")
        case Why.SIZE:
            return _("The tile is large.")
        case Why.BUDGET:
            return _("This machine's budget for video is spent; mark the camera as must-watch to prefer it.")
        case Why.FAILED:
            return _("The camera's other stream cannot be had just now.")
        case Why.ALONE | Why.HIDDEN:
            return ""
