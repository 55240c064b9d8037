"""The state of a drill's playback."""

import enum
from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.times import Instant


class Transport(enum.StrEnum):
    """What the playback does."""

    PLAYING = "playing"
    PAUSED = "paused"
    ENDED = "ended"


class Drill(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One playback: `clock` is the time of the recording that is being played, `speed` its pace (0.1–32)."""

    id: str
    title: str
    transport: Transport
    speed: Annotated[float, Meta(ge=0.1, le=32.0)]
    begins_at: Instant
    ends_at: Instant
    clock: Instant
