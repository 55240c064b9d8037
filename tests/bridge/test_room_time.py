"""The room's time goes as it was told, and a panel that left it stays live."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from controlroom.bridge.room_time import RoomTime, TimeFollower, TimeMode
from tests.shell.room_feed import NOON, HandClock

HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def time(clock: HandClock, qtbot: QtBot) -> RoomTime:
    return RoomTime(clock)


def test_a_room_is_live_until_it_is_told_otherwise(time: RoomTime, clock: HandClock) -> None:
    assert time.live and time.at == clock.now()
    clock.advance(5)
    assert time.at == clock.now()


def test_a_step_back_from_live_stands_and_a_step_beyond_the_clock_is_live_again(
    time: RoomTime, clock: HandClock
) -> None:
    time.step(-HOUR)
    stood = time.at
    clock.advance(60)
    assert time.mode is TimeMode.FIXED and time.at == stood == NOON - HOUR
    assert time.behind == HOUR + timedelta(seconds=60)
    time.step(2 * HOUR)
    assert time.live


def test_an_offset_goes_with_the_clock(time: RoomTime, clock: HandClock) -> None:
    time.stay_behind(HOUR)
    clock.advance(60)
    assert time.mode is TimeMode.OFFSET and time.at == clock.now() - HOUR and time.speed == 1.0
    time.step(timedelta(minutes=10))
    assert time.behind == timedelta(minutes=50)
    time.stay_behind(timedelta(0))
    assert time.live


def test_a_playing_time_goes_on_at_its_speed_until_it_is_live(time: RoomTime, clock: HandClock, qtbot: QtBot) -> None:
    time.step(-timedelta(seconds=30))
    time.play(10.0)
    with qtbot.waitSignal(time.moved, timeout=5000):
        clock.advance(1.0)
    assert time.at == NOON - timedelta(seconds=20)
    time.play(0.0)
    clock.advance(1.0)
    assert time.at == NOON - timedelta(seconds=20)
    time.play(600.0)
    with qtbot.waitSignal(time.changed, timeout=5000):
        clock.advance(1.0)
    assert time.live


def test_a_panel_that_leaves_stays_live_and_comes_back(time: RoomTime) -> None:
    panel, shown = QObject(), list[datetime | None]()
    follower = TimeFollower(time, panel, shown.append)
    time.step(-HOUR)
    assert follower.past and shown[-1] == NOON - HOUR
    follower.follow(False)
    assert not follower.past and shown[-1] is None
    time.step(-HOUR)
    assert shown[-1] is None
    follower.follow(True)
    assert shown[-1] == NOON - 2 * HOUR
    assert panel.findChild(TimeFollower) is follower


acts = st.one_of(
    st.tuples(st.just("step"), st.integers(-7200, 7200)),
    st.tuples(st.just("behind"), st.integers(-60, 7200)),
    st.tuples(st.just("stand"), st.integers(-7200, 60)),
    st.tuples(st.just("play"), st.sampled_from([0, 1, 60])),
    st.tuples(st.just("wait"), st.integers(0, 600)),
    st.tuples(st.just("live"), st.just(0)),
)


@given(st.lists(acts, max_size=20))
def test_the_room_never_looks_into_the_future_and_is_live_or_behind(done: list[tuple[str, int]]) -> None:
    clock = HandClock()
    time = RoomTime(clock)
    for what, number in done:
        if what == "step":
            time.step(timedelta(seconds=number))
        elif what == "behind":
            time.stay_behind(timedelta(seconds=number))
        elif what == "stand":
            time.stand_at(clock.now() + timedelta(seconds=number))
        elif what == "play":
            time.play(float(number))
        elif what == "wait":
            clock.advance(number)
        else:
            time.go_live()
        assert time.at <= clock.now()
        assert time.live == (time.at == clock.now())
