"""Walls and camera lists, connected: what a wall shows is the hub's."""

from datetime import timedelta

import pytest
from pytestqt.qtbot import QtBot

from controlroom.domain.alarm import Alarm, AlarmState, cleared
from controlroom.domain.camera import Camera, CameraHealth, PictureFault
from controlroom.domain.events import AlarmChanged, PicturesLooked, WallChanged
from controlroom.domain.picture_look import FRESH, PictureLook
from controlroom.domain.severity import Severity
from controlroom.domain.wall import Wall
from controlroom.wire.messages import ShowOnWall
from controlroom.wire.pictures import TellPicture
from controlroom.wiring.video import WallWiring
from tests.rooms import NOON
from tests.wiring.conftest import Desk, declared


def camera(identity: str, **more: object) -> Camera:
    return Camera(**({"id": identity, "name": identity, "url": f"rtsp://h/{identity}"} | more))


def standing_alarm(**more: object) -> Alarm:
    return Alarm(
        id="s/a",
        source="s",
        key="a",
        severity=Severity.RED,
        title="积水",
        state=AlarmState.UNACKNOWLEDGED,
        occurred_at=NOON,
        received_at=NOON,
        changed_at=NOON,
        **more,
    )


def test_a_wall_that_nobody_arranged_shows_the_first_that_can_be_played(desk: Desk, qtbot: QtBot) -> None:
    wiring = WallWiring(desk.seat)
    qtbot.addWidget(wiring.wall)
    assert wiring.wall.tiles() == ("", "", "", "")
    desk.happen(declared(camera("1", url=""), camera("2", health=CameraHealth.OFFLINE), camera("3"), camera("4")))
    assert wiring.wall.tiles() == ("3", "4", "", "") and wiring.wall.columns == 2


def test_a_wanted_camera_comes_in_front_by_way_of_the_hub(desk: Desk, qtbot: QtBot) -> None:
    wiring = WallWiring(desk.seat)
    qtbot.addWidget(wiring.wall)
    desk.happen(declared(*(camera(str(number)) for number in range(6))))
    desk.seat.requests.cameras_wanted.emit(["5", "1", "5"])
    (sent,) = desk.sent.bodies
    assert isinstance(sent, ShowOnWall)
    assert (sent.wall, sent.columns, sent.tiles) == ("main", 2, ["5", "0", "1", "2"])
    desk.happen(WallChanged(Wall(name="main", columns=2, tiles=tuple(sent.tiles))))
    assert wiring.wall.tiles() == ("5", "0", "1", "2")
    desk.seat.requests.cameras_wanted.emit(["1"])
    assert len(desk.sent.bodies) == 1, "it is there already"


def test_another_wall_is_not_ours(desk: Desk, qtbot: QtBot) -> None:
    wiring = WallWiring(desk.seat, "gate")
    qtbot.addWidget(wiring.wall)
    desk.happen(declared(camera("1")), WallChanged(Wall(name="main", columns=1, tiles=("1",))))
    assert wiring.wall.columns == 2
    desk.happen(WallChanged(Wall(name="gate", columns=1, tiles=("1",))))
    assert wiring.wall.columns == 1


def test_what_is_wrong_with_a_picture_is_told_to_the_hub_once(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiring = WallWiring(desk.seat)
    qtbot.addWidget(wiring.wall)
    look = PictureLook(camera="2", at=NOON)
    desk.happen(declared(camera("1"), camera("2")), PicturesLooked((look,)))
    monkeypatch.setattr(wiring.wall, "faults", lambda: {"1": (PictureFault.COVERED,), "2": (), "gone": ()})
    for _second in range(3):
        desk.second()
    (sent,) = desk.sent.bodies
    assert isinstance(sent, TellPicture) and (sent.camera, sent.faults) == ("1", [PictureFault.COVERED])
    desk.happen(declared(camera("1", faults=(PictureFault.COVERED,))))
    monkeypatch.setattr(wiring.wall, "faults", lambda: {"1": ()})
    desk.second()
    assert desk.sent.bodies[-1].faults == [] and len(desk.sent.bodies) == 2


def test_that_a_picture_is_well_is_told_when_nobody_has_looked_for_long(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiring = WallWiring(desk.seat)
    qtbot.addWidget(wiring.wall)
    desk.happen(declared(camera("1")))
    monkeypatch.setattr(wiring.wall, "faults", lambda: {"1": ()})
    for _second in range(3):
        desk.second()
    assert [body.faults for body in desk.sent.bodies] == [[]], "nobody had looked"
    desk.happen(PicturesLooked((PictureLook(camera="1", at=desk.clock.now()),)))
    desk.second()
    desk.clock.advance(FRESH.total_seconds())
    desk.second()
    assert len(desk.sent.bodies) == 2, "the look has become old"


def test_cameras_of_standing_alarms_are_preferred_until_the_alarms_are_over(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiring = WallWiring(desk.seat)
    qtbot.addWidget(wiring.wall)
    told: list[list[str]] = []
    monkeypatch.setattr(wiring.wall, "set_alarmed", lambda cameras: told.append(sorted(cameras)))
    standing = standing_alarm(camera="1")
    desk.happen(declared(camera("1"), camera("2")), AlarmChanged(standing))
    assert told[-1] == ["1"]
    desk.happen(AlarmChanged(cleared(standing, standing.changed_at)))
    assert told[-1] == []


def test_the_wall_follows_the_rooms_time_unless_the_panel_has_left_it(desk: Desk, qtbot: QtBot) -> None:
    wiring = WallWiring(desk.seat)
    qtbot.addWidget(wiring.wall)
    desk.happen(declared(camera("1")))
    shown: list[object] = []
    wiring.wall.show_time = lambda at, speed=0.0: shown.append(at)
    desk.seat.room_time.stand_at(NOON - timedelta(minutes=3))
    assert shown[-1] == NOON - timedelta(minutes=3)
    wiring.follower.follow(False)
    assert shown[-1] is None
    wiring.follower.follow(True)
    desk.seat.room_time.go_live()
    assert shown[-1] is None and len(shown) == 4
