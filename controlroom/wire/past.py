"""The types of what is asked about the past: readings, how the room stood, and what is kept at all."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from controlroom.wire.terms import Number


class HistoryWanted(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="history"):
    """Asks for the past readings of sensors by telemetry index, from `since_ms` until before `until_ms` (0: now).

    Answered with `columns`, every reading, where they are at most `bins` a sensor; with `bins`, about so many, where
    they are more or are not kept any more. With `bins` 0 every reading is wanted, unless they are too many to send.
    """

    sensors: Annotated[list[int], Meta(max_length=64)]
    since_ms: Number
    until_ms: Number = 0
    bins: Annotated[int, Meta(ge=0, le=8000)] = 0


class RoomAtWanted(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="room_at"):
    """Asks how alarms, incidents and tasks stood at a time, as the journal committed them."""

    at_ms: Number


class ReadingsAtWanted(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="readings_at"):
    """Asks for the last reading of each sensor at a time, of `count` telemetry indices from `first` on.

    A reading older than `reach_ms` at that time is left out. Answered with `columns`.
    """

    at_ms: Number
    first: Annotated[int, Meta(ge=0)]
    count: Annotated[int, Meta(ge=1, le=8192)]
    reach_ms: Annotated[int, Meta(ge=1, le=7 * 86_400_000)] = 86_400_000


class HistoryStateWanted(Struct, frozen=True, kw_only=True, tag="history_state"):
    """Asks what the history of readings holds and how it is bounded."""


class Withdrawn(Struct, frozen=True, kw_only=True, tag="withdrawn"):
    """Whoever asked question `request` does not wait for its answer any more; not answered."""

    request: int


PastQuestion = HistoryWanted | RoomAtWanted | ReadingsAtWanted | HistoryStateWanted


class HistoryColumns(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="columns"):
    """Readings of the asked sensors: u32 index, f32 value, i64 ms, u8 quality, little-endian, by sensor and time.

    `reaches_ms` is how far back anything is kept, `full_ms` how far back every reading is; `gaps` are stretches (from,
    until) in which what was kept is damaged, `down` those in which no hub ran.
    """

    index: bytes
    value: bytes
    time: bytes
    quality: bytes
    reaches_ms: int = 0
    full_ms: int = 0
    gaps: tuple[tuple[int, int], ...] = ()
    down: tuple[tuple[int, int], ...] = ()


class HistoryBins(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="bins"):
    """Bins of `width_ms` from `since_ms` on: of k sensors (u32 index) n bins each, arrays [k, n], little-endian.

    f32 least, greatest and mean of the good readings (NaN where there is none), u32 count of the good ones, u8 the
    worst quality; `reaches_ms`, `full_ms`, `gaps` and `down` as with columns.
    """

    index: bytes
    since_ms: int
    width_ms: int
    least: bytes
    greatest: bytes
    mean: bytes
    count: bytes
    quality: bytes
    reaches_ms: int = 0
    full_ms: int = 0
    gaps: tuple[tuple[int, int], ...] = ()
    down: tuple[tuple[int, int], ...] = ()


class KeptAt(Struct, frozen=True, kw_only=True):
    """What is kept at one resolution (`cell_ms` 0: every reading), days since 1970 UTC, -1 where there is none.

    `days_most` is for how many days it is kept as long as there is room.
    """

    cell_ms: int
    size: int
    first_day: int
    last_day: int
    days_most: int


class HistoryState(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="history_state"):
    """What the history of readings holds: bytes and their bound, each resolution, what was not kept, what is damaged.

    `condition` is ok or, as in the heartbeat, what keeps readings from the disk; `aside` are damaged files kept beside.
    """

    size: int
    max_bytes: int
    kept: tuple[KeptAt, ...]
    condition: str = "ok"
    dropped: int = 0
    damaged: int = 0
    aside: tuple[str, ...] = ()


class RoomAt(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="room_at"):
    """How the room stood at a time: the events that rebuild it, and the sequence it had then.

    `begins_ms` is the time of the journal's first event, before which nothing is known; `left_out` counts alarms that
    did not fit, the least severe.
    """

    at_ms: int
    sequence: int
    begins_ms: int
    events: tuple[msgspec.Raw, ...]
    left_out: int = 0


PastAnswer = HistoryColumns | HistoryBins | HistoryState | RoomAt
