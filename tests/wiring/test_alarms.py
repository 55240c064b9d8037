"""The alarm panels, connected."""

from pytestqt.qtbot import QtBot

from controlroom.domain.alarm import AlarmState
from controlroom.domain.camera import Camera
from controlroom.domain.place import Point, distance_m
from controlroom.domain.severity import Severity
from controlroom.seat.status import LinkState
from controlroom.wire.alarms import Acknowledge
from controlroom.wire.incidents import OpenIncident
from controlroom.wiring.alarms import AlarmDetailWiring, AlarmTableWiring, nearer_without_stream, nearest_cameras
from tests.wiring.conftest import Desk, alarm, declared, raised

HERE = Point(116.34, 39.73)


def test_the_table_follows_the_room_and_a_new_one_is_full_at_once(desk: Desk, qtbot: QtBot) -> None:
    first = AlarmTableWiring(desk.seat)
    qtbot.addWidget(first.table)
    desk.happen(*raised(alarm("a"), alarm("b", Severity.RED)))
    assert first.model.total == 2
    second = AlarmTableWiring(desk.seat)
    qtbot.addWidget(second.table)
    assert second.model.total == 2
    desk.happen(*raised(alarm("a", state=AlarmState.NORMAL)))
    assert first.model.total == second.model.total == 1


def test_what_the_officer_does_in_the_table_becomes_commands(desk: Desk, qtbot: QtBot) -> None:
    wiring = AlarmTableWiring(desk.seat)
    qtbot.addWidget(wiring.table)
    desk.happen(*raised(alarm("a"), alarm("b", Severity.RED, title="被困")))
    wiring.table.acknowledged.emit(["a"])
    wiring.table.incident_wanted.emit(["a", "b", "gone"])
    acknowledged, opened = desk.sent.bodies
    assert isinstance(acknowledged, Acknowledge) and acknowledged.alarms == ["a"]
    assert isinstance(opened, OpenIncident)
    assert opened.grade is Severity.RED and set(opened.alarms) == {"a", "b"}
    assert desk.revealed == ["incidents"] and desk.seat.selection.kind == "incident"


def test_alarms_that_are_gone_open_no_incident(desk: Desk) -> None:
    desk.seat.open_incident(["gone"])
    assert not desk.sent.bodies


def test_a_link_that_is_not_live_veils_the_table(desk: Desk, qtbot: QtBot) -> None:
    wiring = AlarmTableWiring(desk.seat)
    qtbot.addWidget(wiring.table)
    assert not wiring.table.property("stale")
    desk.link(LinkState.LATE)
    assert wiring.table.property("stale") and not wiring.table.acknowledge_action.isEnabled()
    desk.link(LinkState.LIVE)
    assert not wiring.table.property("stale")


def test_the_chosen_alarm_is_shown_in_the_detail_and_stays_current(desk: Desk, qtbot: QtBot) -> None:
    wiring = AlarmDetailWiring(desk.seat)
    qtbot.addWidget(wiring.detail)
    desk.happen(*raised(alarm("a")))
    desk.seat.selection.select("alarm", "a")
    assert wiring.detail.alarm is not None and wiring.detail.alarm.id == "a"
    desk.happen(*raised(alarm("a", state=AlarmState.ACKNOWLEDGED, acknowledged_by="王")))
    assert wiring.detail.alarm.acknowledged_by == "王"
    desk.second()


def test_the_nearest_cameras_begin_with_the_alarms_own(desk: Desk) -> None:
    def camera(identity: str, east: float, url: str = "rtsp://x/y") -> Camera:
        return Camera(id=identity, name=identity, url=url, point=Point(HERE.lon + east, HERE.lat))

    desk.happen(declared(camera("far", 0.02), camera("near", 0.001), camera("own", 0.5), camera("dark", 0.0, "")))
    found = nearest_cameras(desk.seat, alarm("a", point=HERE, camera="own"))
    assert [near.camera.id for near in found] == ["own", "near", "far"]
    assert nearest_cameras(desk.seat, alarm("b")) == []
    told = nearer_without_stream(desk.seat, alarm("a", point=HERE, camera="own"), found)
    assert [near.camera.id for near in told] == ["dark"], "a nearer one without a stream is told"
    desk.happen(declared(camera("at once", 0.0)))
    found = nearest_cameras(desk.seat, alarm("a", point=HERE))
    assert found[0].camera.id == "at once" and nearer_without_stream(desk.seat, alarm("a", point=HERE), found) == []


def test_a_degree_of_latitude_is_111_km() -> None:
    assert abs(distance_m(HERE, Point(HERE.lon, HERE.lat + 1)) - 111_195) < 50
