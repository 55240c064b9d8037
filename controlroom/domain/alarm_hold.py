"""What a source told and is no alarm yet, or no longer ends one: kept by the room, so that no restart loses it."""

import enum

from msgspec import Struct

from controlroom.domain.alarm import Alarm
from controlroom.domain.times import Instant


class HoldKind(enum.StrEnum):
    """Why what was told has no effect yet."""

    DELAYED = "delayed"
    """Its on-delay runs until `until`."""
    COUNTED = "counted"
    """It was not told often enough yet (`told`); forgotten at `until`."""
    DISABLED = "disabled"
    """Its condition holds, but what enables it does not."""
    CLEARING = "clearing"
    """Its condition is over; the alarm stands on until `until`, the end of its off-delay or of its flapping."""
    MERGED = "merged"
    """Another source told the same condition first: it is part of the alarm `into`."""
    CARRIED = "carried"
    """Its own source says that it is over, but others that were merged into it do not."""


class Hold(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One condition that is held back, by the id of its alarm; `alarm` is what it would raise."""

    id: str
    why: HoldKind
    at: Instant
    until: Instant | None = None
    alarm: Alarm | None = None
    told: tuple[Instant, ...] = ()
    into: str = ""
