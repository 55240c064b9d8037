"""What a tile shows of the past, and where that comes from."""

import enum

from msgspec import Struct

from controlroom.video.fault import Trouble


class PastState(enum.StrEnum):
    """How the picture of a past moment stands."""

    SEEKING = "seeking"
    SHOWN = "shown"
    NOTHING = "nothing"
    """Nobody has a picture of that moment."""
    FAILED = "failed"
    """Somebody should have it, but it cannot be read."""


class Past(Struct, frozen=True):
    """What was found: the moment that was asked for and the one of the picture, in seconds since 1970."""

    state: PastState = PastState.SEEKING
    asked_s: float = 0.0
    shown_s: float | None = None
    trouble: Trouble | None = None
    origin: str = ""
    """Where the picture is from: ring, file or platform."""


class Where(Struct, frozen=True):
    """Where pictures of a camera's past may be: the rings of its streams, files of recordings, the video platform.

    `file` names one recording that begins at `file_from_s`; then nothing else is looked at.
    """

    camera: str = ""
    url: str = ""
    sub_url: str = ""
    file: str = ""
    file_from_s: float = 0.0
