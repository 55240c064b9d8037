"""The frame clock: batches in order, nothing stale after a snapshot, and never more than its budget."""

from collections import deque
from datetime import datetime

import msgspec
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from controlroom.bridge.pump import DECLARED_QUIET_S, Pump
from controlroom.clock import SystemClock
from controlroom.domain.alarm import AlarmState
from controlroom.domain.camera import Camera
from controlroom.domain.events import AlarmChanged, CamerasDeclared, WallChanged
from controlroom.domain.wall import Wall
from controlroom.seat.delivery import Change, Delivery, Reset
from controlroom.seat.status import LinkState, LinkStatus
from controlroom.wire.frames import Readings
from tests.domain.test_alarm import raised
from tests.rooms import NOON


class Tape:
    """Deliveries laid out before."""

    def __init__(self, *deliveries: Delivery) -> None:
        self.rest = deque(deliveries)
        self.status = LinkStatus(state=LinkState.LIVE, since=NOON)

    def take(self) -> Delivery | None:
        return self.rest.popleft() if self.rest else None


class SteppedClock(SystemClock):
    def __init__(self) -> None:
        self.at = NOON
        self.passed_s = 0.0

    def monotonic(self) -> float:
        return self.passed_s

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def heard(qtbot: QtBot) -> list[tuple[str, object]]:
    return []


def pump_of(tape: Tape, heard: list[tuple[str, object]]) -> Pump:
    pump = Pump(tape, SteppedClock())
    pump.room_reset.connect(lambda: heard.append(("reset", None)))
    pump.alarms_changed.connect(lambda alarms: heard.append(("alarms", alarms)))
    pump.walls_changed.connect(lambda names: heard.append(("walls", names)))
    pump.readings_arrived.connect(lambda readings: heard.append(("readings", readings)))
    pump.link_changed.connect(lambda status: heard.append(("link", status.state)))
    pump.ticked.connect(lambda now: heard.append(("tick", now)))
    return pump


def test_a_batch_is_told_once_with_the_newest_state(heard: list[tuple[str, object]]) -> None:
    first = raised()
    second = raised(minute=3)
    tape = Tape(Change(1, AlarmChanged(first)), Change(2, AlarmChanged(second)), Change(3, WallChanged(Wall(name="a"))))
    pump_of(tape, heard).tick()
    assert dict(heard)["alarms"] == [second]
    assert dict(heard)["walls"] == ["a"]
    assert [kind for kind, _value in heard].count("alarms") == 1


def test_what_is_older_than_a_snapshot_is_not_told_after_it(heard: list[tuple[str, object]]) -> None:
    tape = Tape(Change(1, AlarmChanged(raised())), Reset(9, []), Change(10, WallChanged(Wall(name="b"))))
    pump = pump_of(tape, heard)
    pump.tick()
    assert [kind for kind, _value in heard] == ["link", "reset", "tick"]
    assert pump.room.alarms == {}
    pump.tick()
    assert heard[-1] == ("walls", ["b"])


def test_a_flood_is_taken_in_slices(heard: list[tuple[str, object]], monkeypatch: pytest.MonkeyPatch) -> None:
    tape = Tape(*(Change(n, WallChanged(Wall(name=str(n)))) for n in range(1, 301)))
    pump = pump_of(tape, heard)
    times = iter(range(10_000))
    monkeypatch.setattr("controlroom.bridge.pump.time.perf_counter", lambda: next(times) / 1000)
    pump.tick()
    assert 0 < len(tape.rest) < 300
    for _turn in range(100):
        pump.tick()
    assert not tape.rest
    assert pump.room.sequence == 300


def test_the_second_is_told_once_and_the_link_when_it_changes(heard: list[tuple[str, object]]) -> None:
    tape = Tape()
    pump = pump_of(tape, heard)
    pump.tick()
    pump.tick()
    assert heard == [("link", LinkState.LIVE), ("tick", NOON)]
    tape.status = LinkStatus(state=LinkState.LOST, since=NOON)
    pump.tick()
    assert heard[-1] == ("link", LinkState.LOST)


def test_readings_reach_the_columns_and_the_views(heard: list[tuple[str, object]]) -> None:
    at = int(NOON.timestamp() * 1000)
    readings = Readings(
        np.array([2], np.uint32), np.array([1.5], np.float32), np.array([at], np.int64), np.zeros(1, np.uint8)
    )
    pump = pump_of(Tape(readings), heard)
    pump.tick()
    assert ("readings", readings) in heard
    assert (pump.latest.size, float(pump.latest.value[2])) == (3, 1.5)


def test_a_district_that_declares_itself_in_many_batches_is_told_together(heard: list[tuple[str, object]]) -> None:
    def declared(number: int) -> Change:
        return Change(number, CamerasDeclared((Camera(id=f"c{number}", name="c"),)))

    tape = Tape(declared(1))
    clock = SteppedClock()
    pump = Pump(tape, clock)
    pump.cameras_changed.connect(lambda names: heard.append(("cameras", names)))
    pump.tick()
    assert heard == [("cameras", ["c1"])]
    for number in (2, 3):
        tape.rest.append(declared(number))
        pump.tick()
    assert len(heard) == 1
    clock.passed_s += DECLARED_QUIET_S
    pump.tick()
    assert heard[1:] == [("cameras", ["c2", "c3"])]


def test_an_alarm_that_is_normal_leaves_the_room_and_is_told(heard: list[tuple[str, object]]) -> None:
    alarm = msgspec.structs.replace(raised(), state=AlarmState.NORMAL)
    pump = pump_of(Tape(Change(1, AlarmChanged(raised())), Change(2, AlarmChanged(alarm))), heard)
    pump.tick()
    assert pump.room.alarms == {}
    assert dict(heard)["alarms"] == [alarm]


def test_what_was_recalled_is_shown_until_the_hub_tells_what_is(heard: list[tuple[str, object]]) -> None:
    tape = Tape()
    pump = pump_of(tape, heard)
    pump.recall([WallChanged(Wall(name="old"))], NOON)
    assert list(pump.room.walls) == ["old"] and pump.recalled_at == NOON and heard == [("reset", None)]
    pump.tick()
    assert pump.recalled_at == NOON
    tape.rest.append(Reset(3, [WallChanged(Wall(name="new"))]))
    pump.tick()
    assert list(pump.room.walls) == ["new"] and pump.recalled_at is None
