"""Tours, hot spots and alarm layouts as functions of the time and the alarms."""

from datetime import timedelta

import msgspec

from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.severity import Severity
from controlroom.domain.wall import TileKind, WallScreen, WallTile
from controlroom.domain.wall_layout import alarm_screen
from controlroom.domain.wall_programme import played, standing
from tests.rooms import NOON


def alarm(key: str, severity: Severity = Severity.YELLOW, after_s: int = 0, **more: object) -> Alarm:
    at = NOON + timedelta(seconds=after_s)
    plain = {"id": key, "source": "s", "key": key, "title": key, "state": AlarmState.UNACKNOWLEDGED}
    return Alarm(severity=severity, occurred_at=at, received_at=at, changed_at=at, **(plain | more))


def seeing(held: Alarm) -> list[str]:
    return held.text.split()


def cameras(screen: WallScreen, *alarms: Alarm, now_s: float = 0.0) -> list[str]:
    return [each.camera for each in played(screen, standing(alarms), seeing, now_s)]


def test_a_tour_shows_each_stop_for_its_dwell_and_depends_on_the_time_alone() -> None:
    screen = WallScreen(tiles=(WallTile(kind=TileKind.CAROUSEL, cameras=("a", "b", "c"), dwell_s=5),))
    assert [cameras(screen, now_s=s)[0] for s in (0, 4.9, 5, 10, 15)] == ["a", "a", "b", "c", "a"]
    (shown,) = played(screen, [], seeing, 7.0)
    assert (shown.stop, shown.stops, shown.left_s) == (2, 3, 3)


def test_a_hot_spot_follows_the_last_alarm_and_its_slots_are_its_cameras() -> None:
    screen = WallScreen(
        columns=2, tiles=(WallTile(kind=TileKind.HOTSPOT), WallTile(left=1, kind=TileKind.HOTSPOT, slot=1))
    )
    older, newer = alarm("1", Severity.RED, text="a b"), alarm("2", after_s=5, text="c")
    assert cameras(screen) == ["", ""]
    assert cameras(screen, older) == ["a", "b"]
    assert cameras(screen, older, newer) == ["c", ""]


def test_the_alarm_layout_shows_every_alarm_before_it_shows_one_twice_and_no_camera_twice() -> None:
    red = alarm("1", Severity.RED, text="a b c")
    blue = alarm("2", Severity.BLUE, after_s=9, text="a d")
    over = msgspec.structs.replace(alarm("3", Severity.RED, text="x"), state=AlarmState.RETURNED)
    assert cameras(alarm_screen(1, "4"), blue, red, over) == ["a", "b", "d", "c"]
    shown = played(alarm_screen(1, "4"), standing([blue, red]), seeing, 0.0)
    assert [each.alarm.id if each.alarm else "" for each in shown] == ["1", "1", "2", "1"]


def test_tiles_without_anything_to_show_are_empty_and_stay_what_they_are() -> None:
    kinds = [TileKind.CAROUSEL, TileKind.CLOCK, TileKind.CAMERA]
    screen = WallScreen(columns=3, tiles=tuple(WallTile(left=k, kind=kind) for k, kind in enumerate(kinds)))
    shown = played(screen, [], seeing, 0.0)
    assert [(each.camera, each.kind) for each in shown] == [("", kind) for kind in kinds]
