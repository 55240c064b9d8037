"""What a display keeps is enough to show its screen again, and no more."""

from datetime import timedelta

import pytest

from controlroom.domain.camera import Camera
from controlroom.domain.events import AlarmChanged, CamerasDeclared, SensorsDeclared, WallChanged
from controlroom.domain.room import Room
from controlroom.domain.sensor import Sensor
from controlroom.domain.wall import Push, Spot, TileKind, Wall, WallScreen, WallTile, in_force, plain_screen, shown
from controlroom.domain.wall_memory import WallMemory, decoded, display_name, encoded, remembered
from tests.domain.test_alarm import raised
from tests.rooms import NOON

SPOT = Spot(screen=1, columns=2, rows=1, tile=WallTile(cameras=("d",)))
PUSH = Push(id="p", seat="s", by="王", at=NOON, until=NOON + timedelta(seconds=9), spots=(SPOT,))
PLOT = WallTile(left=1, kind=TileKind.PLOT, sensors=("s2",))
SCREEN = WallScreen(columns=2, rows=1, tiles=(WallTile(cameras=("b",)), PLOT))


def sensor(identity: str) -> Sensor:
    return Sensor(id=identity, name=identity, kind="pm25", unit="µg/m³")


def room() -> Room:
    made = Room()
    cameras = tuple(Camera(id=name, name=name, url=f"rtsp://h/{name}") for name in "dcba")
    wall = Wall(name="w", screens=(SCREEN,), pushes=(PUSH,))
    sensors = SensorsDeclared((0, 7), (sensor("s1"), sensor("s2")))
    for number, event in enumerate((CamerasDeclared(cameras), sensors, WallChanged(wall), AlarmChanged(raised())), 1):
        made.apply(number, event)
    return made


def test_a_room_rebuilt_from_it_shows_the_same_screen_with_cameras_sensors_and_alarms() -> None:
    held = room()
    events = remembered(held, "w", SCREEN, ("c", ""), held.alarms.values())
    again = Room()
    again.restore(0, iter(decoded(encoded(WallMemory(at=NOON, events=tuple(events)))).events))
    assert again.walls["w"] == held.walls["w"] and shown(again.walls["w"]) == shown(held.walls["w"])
    assert list(again.cameras) == ["d", "c", "b"], "what is named or seen, in the room's order; the fourth is neither"
    assert again.sensor_index == {"s2": 7} and again.alarms == held.alarms


def test_a_wall_that_nobody_arranged_is_remembered_by_what_it_shows() -> None:
    events = remembered(room(), "other", plain_screen("ab", 2), "ab", [])
    assert [type(event) for event in events] == [CamerasDeclared]


def test_what_lay_there_for_a_while_goes_also_when_no_hub_says_so() -> None:
    wall = room().walls["w"]
    assert in_force(wall, NOON) is wall
    assert shown(in_force(wall, NOON + timedelta(seconds=9)))[0] == SCREEN


@pytest.mark.parametrize("text", [b"", b"{}", b'{"edition":1,"at":"x","events":[]}', b"\xff\x00"])
def test_a_damaged_memory_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        decoded(text)


def test_displays_are_told_apart_in_plain_letters() -> None:
    names = {display_name(*each) for each in (("大屏", 1), ("大屏", 2), ("a/b", 1), ("a b", 1), ("a/b", 1, "DP-1"))}
    assert len(names) == 5 and all(name.isascii() and "/" not in name and " " not in name for name in names)
