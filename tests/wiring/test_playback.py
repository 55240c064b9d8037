"""Playback, connected: its own time, the cameras of the wall, files, alarms of the journal, and marks."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from controlroom.clock import SystemClock
from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.camera import Camera
from controlroom.domain.events import AlarmChanged, WallChanged
from controlroom.domain.severity import Severity
from controlroom.domain.wall import Wall
from controlroom.shell.actions import Actions
from controlroom.video.archive import Archive
from controlroom.video.fleet import Engine, Fleet
from controlroom.video.recordings import begins_s, file_name
from controlroom.wiring.playback import BEHIND, PlaybackDesk, PlaybackWiring
from tests.rooms import NOON
from tests.video.broadcast import film
from tests.wiring.conftest import Desk, declared


def alarm(key: str, at: datetime) -> Alarm:
    return Alarm(
        id=f"s/{key}",
        source="s",
        key=key,
        severity=Severity.RED,
        title=f"积水 {key}",
        state=AlarmState.UNACKNOWLEDGED,
        occurred_at=at,
        received_at=at,
        changed_at=at,
    )


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    for camera in "12":
        (tmp_path / file_name(camera, (NOON - timedelta(minutes=1)).timestamp(), ".mp4")).write_bytes(
            film("mp4", "h264", 200)
        )
    fleet = Fleet(SystemClock(), engine=Engine.THREADS, archive=Archive(str(tmp_path)))
    fleet.start()
    yield fleet
    fleet.close()


@pytest.fixture
def playback(desk: Desk, fleet: Fleet, qtbot: QtBot) -> Iterator[PlaybackWiring]:
    desk.seat.fleet = fleet
    desk.happen(
        declared(*(Camera(id=name, name=f"黄村 {name}", url=f"rtsp://127.0.0.1:9/{name}") for name in "123")),
        WallChanged(Wall(name="main", columns=2, tiles=("1", "2", "3", ""))),
    )
    wiring = PlaybackWiring(desk.seat)
    qtbot.addWidget(wiring.panel)
    wiring.panel.resize(900, 600)
    with qtbot.waitExposed(wiring.panel):
        wiring.panel.show()
    yield wiring
    wiring.panel.wall.release()


def test_all_cameras_show_the_same_moment_and_those_without_a_recording_say_so(
    playback: PlaybackWiring, qtbot: QtBot
) -> None:
    panel = playback.panel
    assert panel.wall.tiles() == ("1", "2", "3")
    at = NOON - timedelta(seconds=57)
    panel.moment_asked.emit(at)
    qtbot.waitUntil(lambda: None not in panel.wall.moments()[:2] and "没有录像" in panel.wall.describe(2))
    first, second, third = panel.wall.moments()
    assert first == second and first is not None and timedelta(0) <= at - first <= timedelta(milliseconds=41)
    assert third is None and panel.moment.property("past")
    QTest.keyClick(panel.wall, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: panel.wall.moments()[0] == first + timedelta(milliseconds=40))
    QTest.keyClick(panel.wall, Qt.Key.Key_Comma)
    QTest.keyClick(panel.wall, Qt.Key.Key_Comma)
    qtbot.waitUntil(lambda: panel.wall.moments()[:2] == (first - timedelta(milliseconds=40),) * 2)


def test_the_playback_has_left_the_rooms_time_and_never_shows_the_present(desk: Desk, playback: PlaybackWiring) -> None:
    at = playback.time.at
    desk.seat.room_time.stand_at(NOON - timedelta(hours=5))
    assert playback.time.at == at
    playback.panel.moment_asked.emit(NOON + timedelta(hours=1))
    assert not playback.time.live and playback.time.behind == BEHIND
    assert "非实时" in playback.panel.moment.text()


def test_space_plays_at_the_chosen_speed_and_a_step_stands(playback: PlaybackWiring) -> None:
    panel = playback.panel
    QTest.keyClick(panel.wall, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(panel.wall, Qt.Key.Key_Space)
    assert playback.time.speed == 2.0
    QTest.keyClick(panel.wall, Qt.Key.Key_Period)
    assert playback.time.speed == 0.0


def test_n_goes_from_alarm_to_alarm_and_b_from_mark_to_mark(desk: Desk, playback: PlaybackWiring) -> None:
    times = [NOON - timedelta(minutes=m) for m in (8, 5, 2)]
    desk.happen(*(AlarmChanged(alarm(str(k), at)) for k, at in enumerate(times)))
    panel = playback.panel
    panel.moment_asked.emit(NOON - timedelta(minutes=6))
    QTest.keyClick(panel.wall, Qt.Key.Key_N)
    assert playback.time.at == times[1] and panel.told.text() == "积水 1"
    QTest.keyClick(panel.wall, Qt.Key.Key_M)
    QTest.keyClick(panel.wall, Qt.Key.Key_N)
    assert playback.time.at == times[2]
    QTest.keyClick(panel.wall, Qt.Key.Key_N)
    assert playback.time.at == times[2] and "没有告警" in panel.told.text()
    QTest.keyClick(panel.wall, Qt.Key.Key_B, Qt.KeyboardModifier.ShiftModifier)
    assert playback.time.at == times[1]
    panel.restore({"marks": [[times[0].isoformat(), "积水"], ["x", "y"], 7, ["2026-11-21T00:00:00", "naive"]]})
    assert {mark.at for mark in panel.marks} == {times[0], times[1]}


def test_a_click_on_the_axis_looks_there_and_the_wheel_keeps_the_moment_under_it(playback: PlaybackWiring) -> None:
    axis = playback.panel.timeline
    middle = axis.rect().center()
    wanted = axis.time_at(middle.x())
    QTest.mouseClick(axis, Qt.MouseButton.LeftButton, pos=middle)
    assert playback.time.at == wanted
    axis.zoom(True, wanted)
    assert abs(axis.place_of(wanted) - middle.x()) < 1.0 and axis.until - axis.since < timedelta(minutes=10)


def test_a_file_is_played_from_the_time_in_its_name(playback: PlaybackWiring, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / file_name("别的", (NOON - timedelta(days=3)).timestamp(), ".mp4")
    path.write_bytes(film("mp4", "h264", 50))
    assert begins_s(path) == (NOON - timedelta(days=3)).timestamp()
    playback.open_file(path)
    assert playback.panel.wall.tiles()[0] == f"file:{path}" and playback.time.at == NOON - timedelta(days=3)
    qtbot.waitUntil(lambda: playback.panel.wall.moments()[0] == NOON - timedelta(days=3))


def test_more_than_sixteen_are_left_out_and_told(desk: Desk, playback: PlaybackWiring) -> None:
    names = [str(k) for k in range(20)]
    playback.panel.show_cameras([Camera(id=name, name=name, url=f"rtsp://h/{name}") for name in names], names)
    assert len(playback.panel.wall.tiles()) == 16 and "4" in playback.panel.told.text()


def test_the_window_opens_once_and_again_after_it_was_closed(desk: Desk, qtbot: QtBot) -> None:
    actions = Actions()
    windows = PlaybackDesk(desk.seat, actions, lambda: None)
    actions.trigger("playback")
    first = windows.wiring
    assert first is not None
    actions.trigger("playback")
    assert windows.wiring is first
    with qtbot.waitSignal(first.panel.destroyed):
        first.panel.close()
    assert windows.wiring is None
    actions.trigger("playback")
    assert windows.wiring is not None
    with qtbot.waitSignal(windows.wiring.panel.destroyed):
        windows.wiring.panel.close()


def test_alarms_that_are_over_come_from_the_journal(desk: Desk, playback: PlaybackWiring, qtbot: QtBot) -> None:
    at = NOON - timedelta(minutes=40)
    desk.sent.journal = [AlarmChanged(alarm("over", at))]
    playback.panel.timeline.show_span(NOON - timedelta(hours=1), NOON)
    qtbot.waitUntil(lambda: playback.panel.timeline.alarm_beside(at - timedelta(seconds=1), True) is not None)
