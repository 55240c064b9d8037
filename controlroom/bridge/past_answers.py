"""What the hub answered about the past, as panels and exports take it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from controlroom.domain.past_readings import (
    BinColumns,
    PastReadings,
    series_of_bins,
    series_of_readings,
)
from controlroom.domain.room import Room
from controlroom.domain.times import from_ms
from controlroom.errors import LinkLost
from controlroom.i18n import _
from controlroom.wire import codec
from controlroom.wire.frames import Readings
from controlroom.wire.messages import Answer
from controlroom.wire.past import HistoryBins, HistoryColumns, HistoryState, RoomAt


@dataclass(frozen=True, slots=True)
class RoomThen:
    """How the room stood `at` a time: alarms, incidents, entries and tasks of `room`; nothing is known before `begins`.

    `left_out` counts alarms that were too many to send, the least severe.
    """

    at: datetime
    begins: datetime
    room: Room
    left_out: int


def past_of(answer: Answer, indices: Sequence[int]) -> PastReadings:
    """The answer to one question, a series for each of its sensors. Raises LinkLost for an answer of another kind."""
    asked = list(indices)
    if isinstance(answer, HistoryColumns):
        series = tuple(series_of_readings(readings_of(answer), asked))
    elif isinstance(answer, HistoryBins):
        series = tuple(series_of_bins(_bins(answer), asked))
    else:
        raise LinkLost(_("The hub gave an answer of another kind; update this seat."))
    return PastReadings(0, 0, series, answer.reaches_ms, answer.full_ms, answer.gaps, answer.down)


def joined(parts: Sequence[PastReadings], since_ms: int, until_ms: int | None) -> PastReadings:
    """The answers to the parts of one question as one; without an end it ends with the newest."""
    series = tuple(one for part in parts for one in part.series)
    ends = [int(one.time[-1]) + max(one.width_ms, 1) for one in series if len(one.time)]
    return PastReadings(
        since_ms,
        max([since_ms, *ends]) if until_ms is None else until_ms,
        series,
        min((part.reaches_ms for part in parts), default=0),
        max((part.full_ms for part in parts), default=0),
        tuple(sorted({gap for part in parts for gap in part.gaps})),
        tuple(sorted({span for part in parts for span in part.down})),
    )


def readings_of(answer: HistoryColumns) -> Readings:
    """The readings of an answer in columns."""
    return Readings(
        np.frombuffer(answer.index, "<u4"),
        np.frombuffer(answer.value, "<f4"),
        np.frombuffer(answer.time, "<i8"),
        np.frombuffer(answer.quality, "u1"),
    )


def flat(past: PastReadings) -> Readings:
    """All series as readings by sensor and time: a bin as its least at a quarter and its greatest at three quarters."""
    index, value, time, quality = [np.empty(0, np.uint32)], [np.empty(0, np.float32)], [np.empty(0, np.int64)], []
    quality.append(np.empty(0, np.uint8))
    for one in sorted(past.series, key=lambda one: one.index):
        told = (one.value, one.time, one.quality)
        if one.binned:
            there = np.flatnonzero(one.count > 0)
            low, high = one.least[there], one.greatest[there]
            begins = one.time[there]
            told = (
                np.stack([low, high], axis=1).reshape(-1),
                np.stack([begins + one.width_ms // 4, begins + 3 * one.width_ms // 4], axis=1).reshape(-1),
                np.zeros(2 * len(there), np.uint8),
            )
        index.append(np.full(len(told[0]), one.index, np.uint32))
        value.append(told[0])
        time.append(told[1])
        quality.append(told[2])
    return Readings(np.concatenate(index), np.concatenate(value), np.concatenate(time), np.concatenate(quality))


def room_then(answer: RoomAt) -> RoomThen:
    """How the room stood. Raises one of `codec.MALFORMED` for events that this seat does not know."""
    room = Room()
    room.restore(answer.sequence, (codec.event(raw) for raw in answer.events))
    return RoomThen(from_ms(answer.at_ms), from_ms(answer.begins_ms), room, answer.left_out)


def history_lines(state: HistoryState) -> list[str]:
    """What the history of readings holds, in words: room and bound, then the days at each resolution."""
    if not state.max_bytes:
        return [_("History: the newest readings only, in memory")]
    used = _("History: {size:,.0f} MB of at most {most:,.0f} MB").format(
        size=state.size / 1024**2, most=state.max_bytes / 1024**2
    )
    names = {0: _("every reading"), 60_000: _("minutes"), 600_000: _("ten minutes"), 3_600_000: _("hours")}
    lines = [used]
    for kept in state.kept:
        if kept.first_day >= 0 and kept.cell_ms in names:
            since = from_ms(kept.first_day * 86_400_000)
            told = _("  {name}: since {date}, {size:,.1f} MB, for at most {days} days")
            lines.append(
                told.format(
                    name=names[kept.cell_ms], date=f"{since:%Y-%m-%d}", size=kept.size / 1024**2, days=kept.days_most
                )
            )
    if state.dropped:
        lines.append(_("  {count} readings were not kept").format(count=state.dropped))
    if state.aside:
        lines.append(_("  damaged and kept aside: {files}").format(files=", ".join(state.aside)))
    return lines


def _bins(answer: HistoryBins) -> BinColumns:
    index = np.frombuffer(answer.index, "<u4")
    shape = len(index), -1 if len(index) else 0
    return BinColumns(
        index,
        answer.since_ms,
        answer.width_ms,
        np.frombuffer(answer.least, "<f4").reshape(shape),
        np.frombuffer(answer.greatest, "<f4").reshape(shape),
        np.frombuffer(answer.mean, "<f4").reshape(shape),
        np.frombuffer(answer.count, "<u4").astype(np.int64).reshape(shape),
        np.frombuffer(answer.quality, "u1").reshape(shape),
    )
