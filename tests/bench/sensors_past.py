"""How the whole room stood at a past time: alarms out of a journal of a million events, the last value of 130,000."""

import time
from datetime import timedelta
from pathlib import Path

import numpy as np

from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.events import AlarmChanged
from controlroom.domain.room import Room
from controlroom.domain.severity import Severity
from controlroom.domain.times import from_ms
from controlroom.hub.opening import line_of, standing
from controlroom.hub.past import readings_at, room_at
from controlroom.hub.upkeep import STANDING_EVERY
from controlroom.store.history import History
from controlroom.store.history_block import DAY_MS, HOUR_MS, Columns
from controlroom.store.journal import Batch, Journal
from controlroom.wire import codec
from controlroom.wire.past import ReadingsAtWanted
from tests.bench.report import Measure

EVENTS = 1_000_000
STANDING = 3_000
"""Alarms that stand at a time: each new one ends the oldest."""

_PART = 8192
"""Telemetry indices of one question, as a seat asks."""


def measure_room(folder: Path, quick: bool) -> list[Measure]:
    """The slowest of five answers to how the room stood; `quick` with a tenth of the events."""
    events = EVENTS // 10 if quick else EVENTS
    journal = Journal(folder / "events.db")
    _fill(journal, events)
    took, alarms = 0.0, 0
    for share in (0.019, 0.25, 0.5, 0.77, 0.999):
        began = time.perf_counter()
        told = room_at(journal, 1000 * int(events * share))
        took, alarms = max(took, time.perf_counter() - began), len(told.events)
    assert STANDING <= alarms <= STANDING + 2, alarms
    journal.close()
    note = f"the slowest of five times in a journal of {events:,} events, {alarms:,} alarms standing"
    return [Measure("room_at_s", took, "s", 1.0, note)]


def _fill(journal: Journal, events: int) -> None:
    """One event a second: each raises an alarm of its own or ends the oldest that stands."""
    room, batch = Room(), Batch()
    for sequence in range(1, events + 1):
        if len(room.alarms) > STANDING:
            ended = next(iter(room.alarms.values()))
            alarm = _alarm(ended.id, sequence, AlarmState.NORMAL)
        else:
            alarm = _alarm(f"hydrant-{sequence}", sequence, AlarmState.UNACKNOWLEDGED)
        event = AlarmChanged(alarm)
        room.apply(sequence, event)
        batch.lines.append(line_of(sequence, 1000 * sequence, event, codec.encode(event)))
        if not sequence % STANDING_EVERY:
            batch.standing = standing(room)
        if not sequence % 10_000 or sequence == events:
            journal.commit([batch])
            batch = Batch()


def _alarm(identity: str, sequence: int, state: AlarmState) -> Alarm:
    at = from_ms(1000 * sequence)
    return Alarm(
        id=identity,
        key=identity,
        source="hydrants",
        kind="hydrant_pressure",
        title=f"消火栓 {identity} 水压偏低",
        severity=Severity.YELLOW,
        state=state,
        occurred_at=at - timedelta(seconds=1),
        received_at=at,
        changed_at=at,
        place="黄村镇",
    )


def measure_readings(folder: Path, sensors: int, day: int) -> list[Measure]:
    """The last reading of every sensor at a time, one told a minute, in the parts that a seat asks for.

    Some tell nothing in the second hour, so that their last reading is looked for further back.
    """
    now = (day + 1) * DAY_MS + HOUR_MS
    history = History(folder, now_ms=now, seal_at=10_000_000, held_most=12_000_000)
    every = np.arange(sensors, dtype=np.uint32)
    took = []
    for hour in range(2):
        index = every if not hour else every[every % 50 > 0]
        for minute in range(60):
            at = np.full(len(index), day * DAY_MS + hour * HOUR_MS + 60_000 * minute, np.int64) + index % 59_000
            value = (index % 97 + minute).astype(np.float32)
            history.append(Columns(index, value, at, np.zeros(len(index), np.uint8)), now)
        if hour:
            took.append(_readings_s(history, sensors, day, 97))  # while it is in memory and in the log
        history.seal(now)
    took += [_readings_s(history, sensors, day, minute) for minute in (61, 97, 121)]
    history.close()
    note = f"{sensors:,} sensors, one reading a minute each; the slowest of four, one of them of what is not packed yet"
    return [Measure("readings_at_s", max(took), "s", 1.0, note)]


def _readings_s(history: History, sensors: int, day: int, minute: int) -> float:
    began, found = time.perf_counter(), 0
    for first in range(0, sensors, _PART):
        count = min(_PART, sensors - first)
        wanted = ReadingsAtWanted(at_ms=day * DAY_MS + 60_000 * minute, first=first, count=count)
        found += len(readings_at(history, wanted).index) // 4
    assert found == sensors, found
    return time.perf_counter() - began
