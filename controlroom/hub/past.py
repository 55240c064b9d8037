"""What the hub answers about the past: readings and bins, the last value of each sensor, how the room stood."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from controlroom.domain.events import AlarmChanged, Event, PublishedAnswerChanged
from controlroom.domain.past_readings import BinColumns, Span, down_between
from controlroom.domain.readings import ReadingColumns
from controlroom.domain.room import Room
from controlroom.store.history_summary import HOUR, MINUTE, TEN
from controlroom.store.journal import Journal, Line
from controlroom.store.readings_store import Look, ReadingsStore, unhurried
from controlroom.wire import codec
from controlroom.wire.messages import Past, PastWanted
from controlroom.wire.past import (
    HistoryBins,
    HistoryColumns,
    HistoryWanted,
    PastAnswer,
    PastQuestion,
    ReadingsAtWanted,
    RoomAt,
)
from controlroom.wire.seats import SpanWanted

ANSWER_MOST = 500_000
"""Readings in one answer at the most; where there are more, bins stand for them."""

ROOM_BYTES = 32_000_000
"""An answer of how the room stood is not longer; the least severe alarms are left out of it and counted."""

PAST_BYTES = 8_000_000
"""A look into the past ends after this; the officer asks for more from there."""

AHEAD_MS = 3_600_000
"""Readings from so far ahead of the hub's clock are answered too."""

KeptQuestion = PastQuestion | PastWanted | SpanWanted
"""What is answered out of the disk, beside the thread that takes what sources hand in."""

KeptAnswer = PastAnswer | Past

_NO_TIME_MS = 2**62
"""From here on it is no time of a reading: nothing was kept yet."""

_BINS = 2_000
_STEPS_MS = (HOUR.cell_ms, TEN.cell_ms, MINUTE.cell_ms)


class _Reach(NamedTuple):
    oldest_ms: int
    full_ms: int
    gaps: tuple[Span, ...]
    down: tuple[Span, ...] = ()


def _reach(store: ReadingsStore, asked_ms: int, gaps: tuple[Span, ...]) -> _Reach:
    """How far back the store goes; one that holds nothing yet goes back to what was asked for and no time at all."""
    if store.oldest_ms >= _NO_TIME_MS:
        return _Reach(asked_ms, asked_ms, gaps)
    return _Reach(store.oldest_ms, store.full_ms, gaps)


def past_readings(
    store: ReadingsStore, wanted: HistoryWanted, now_ms: int, look: Look = unhurried, runs: Sequence[Span] = ()
) -> HistoryColumns | HistoryBins:
    """Every reading where they are few, else bins; what is written and what is in memory without a seam.

    Bins begin at whole multiples of their width, so that they stand still while the time asked for moves on. `runs` are
    the known runs of the hub: between them nothing was taken.
    """
    sensors = wanted.sensors
    until_ms = min(wanted.until_ms or now_ms + AHEAD_MS, now_ms + AHEAD_MS)
    since_ms = min(wanted.since_ms, until_ms - 1)
    most = min(wanted.bins * max(len(sensors), 1) if wanted.bins else ANSWER_MOST, ANSWER_MOST)
    reach = _reach(store, min(until_ms, now_ms), store.gaps(since_ms, until_ms, sensors))
    reach = reach._replace(down=down_between(runs, since_ms, until_ms))
    finest_ms = store.finest_ms(since_ms, until_ms)
    look()
    if not finest_ms and store.estimate(sensors, since_ms, until_ms) <= most:
        found = store.read(sensors, since_ms, until_ms, look)
        if len(found.index) <= most:  # the estimate takes neighbouring sensors to be alike
            return _columns(found, reach)
    since_ms = max(since_ms, min(store.oldest_ms, until_ms - 1))
    width_ms = width_of(until_ms - since_ms, wanted.bins or _BINS, finest_ms)
    since_ms -= since_ms % width_ms
    count = -(-(until_ms - since_ms) // width_ms)
    return _bins(store.bins(sensors, since_ms, since_ms + count * width_ms, count, look), reach)


def readings_at(store: ReadingsStore, wanted: ReadingsAtWanted, look: Look = unhurried) -> HistoryColumns:
    """The last reading of each sensor at a time."""
    sensors = range(wanted.first, wanted.first + wanted.count)
    found = store.at(sensors, wanted.at_ms, wanted.reach_ms, look)
    return _columns(found, _reach(store, wanted.at_ms, ()))


def lines_before(journal: Journal, wanted: PastWanted) -> Past:
    """The newest events of a kind, or of one subject, before a sequence. Raises StoreFault."""
    return _lines(journal.past(wanted.kind, wanted.subject, wanted.before, wanted.limit, PAST_BYTES))


def lines_between(journal: Journal, wanted: SpanWanted) -> Past:
    """The first events of a kind in a time, after a sequence. Raises StoreFault."""
    first = max(wanted.after, journal.sequence_at(max(wanted.since_ms, 1) - 1))
    return _lines(journal.span(wanted.kind, first, wanted.until_ms, wanted.limit, PAST_BYTES))


def room_at(journal: Journal, at_ms: int, look: Look = unhurried) -> RoomAt:
    """How alarms, incidents, tasks and graphics stood; before the journal begins nothing did. Raises StoreFault."""
    sequence = journal.sequence_at(at_ms)
    room = Room()
    kept, body = journal.standing(sequence)
    events = [codec.event(raw) for raw in codec.raw_list(body)] if kept else list[Event]()
    look()
    for line in journal.as_of(sequence, kept):
        events.append(codec.event(line.body))
        if not len(events) % 1000:
            look()
    room.restore(sequence, iter(events))
    told, size, left_out = [], 0, 0
    for event in sorted(room.snapshot(), key=_weight):
        body = codec.encode(event)
        size += len(body)
        if size > ROOM_BYTES:
            left_out += 1
        else:
            told.append(msgspec.Raw(body))
    begins = journal.begins_ms()
    return RoomAt(at_ms=at_ms, sequence=sequence, begins_ms=begins, events=tuple(told), left_out=left_out)


def width_of(span_ms: int, bins: int, finest_ms: int = 0) -> int:
    """The width of about so many bins: a whole number of hours, ten minutes or minutes where it is longer than one."""
    width_ms = max(-(-span_ms // bins), finest_ms, 1)
    step_ms = next((step for step in _STEPS_MS if width_ms >= step), 1)
    return -(-width_ms // step_ms) * step_ms


def _lines(lines: Sequence[Line]) -> Past:
    return Past(
        sequences=tuple(line.sequence for line in lines),
        times=tuple(line.at_ms for line in lines),
        events=tuple(msgspec.Raw(line.body) for line in lines),
    )


def _columns(readings: ReadingColumns, reach: _Reach) -> HistoryColumns:
    return HistoryColumns(
        index=readings.index.astype("<u4").tobytes(),
        value=readings.value.astype("<f4").tobytes(),
        time=readings.time.astype("<i8").tobytes(),
        quality=readings.quality.astype("u1").tobytes(),
        reaches_ms=reach.oldest_ms,
        full_ms=reach.full_ms,
        gaps=reach.gaps,
        down=reach.down,
    )


def _bins(bins: BinColumns, reach: _Reach) -> HistoryBins:
    return HistoryBins(
        index=bins.index.astype("<u4").tobytes(),
        since_ms=bins.since_ms,
        width_ms=bins.width_ms,
        least=bins.least.astype("<f4").tobytes(),
        greatest=bins.greatest.astype("<f4").tobytes(),
        mean=bins.mean.astype("<f4").tobytes(),
        count=np.minimum(bins.count, 2**32 - 1).astype("<u4").tobytes(),
        quality=bins.quality.astype("u1").tobytes(),
        reaches_ms=reach.oldest_ms,
        full_ms=reach.full_ms,
        gaps=reach.gaps,
        down=reach.down,
    )


def _weight(event: Event) -> tuple[int, int]:
    """What is left out last comes first: incidents, tasks, graphics, fences; alarms, the most severe first; answers."""
    if isinstance(event, PublishedAnswerChanged):
        return 2, 0
    return (1, event.alarm.severity) if isinstance(event, AlarmChanged) else (0, 0)
