from datetime import timedelta

import msgspec
import pytest

from controlroom.clock import PlaybackClock
from controlroom.domain.drill import Drill, Transport
from tests.rooms import NOON

DRILL = Drill(
    id="a",
    title="",
    transport=Transport.PLAYING,
    speed=4.0,
    begins_at=NOON - timedelta(hours=2),
    ends_at=NOON - timedelta(hours=1),
    clock=NOON - timedelta(hours=2),
)


class HandClock:
    seconds = 0.0

    def now(self):
        return NOON + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def machine() -> HandClock:
    return HandClock()


def test_without_a_drill_it_is_the_machines_time(machine):
    clock = PlaybackClock(machine)
    machine.seconds = 5.0
    assert clock.now() == NOON + timedelta(seconds=5)
    assert clock.monotonic() == 5.0


def test_a_playback_runs_at_its_pace_and_stops_at_its_end(machine):
    clock = PlaybackClock(machine)
    clock.follow(DRILL)
    assert clock.now() == DRILL.begins_at
    machine.seconds = 10.0
    assert clock.now() == DRILL.begins_at + timedelta(seconds=40)
    machine.seconds = 10_000.0
    assert clock.now() == DRILL.ends_at


def test_a_pause_stands_still(machine):
    clock = PlaybackClock(machine)
    clock.follow(msgspec.structs.replace(DRILL, transport=Transport.PAUSED))
    machine.seconds = 100.0
    assert clock.now() == DRILL.clock
    assert clock.monotonic() == 100.0
