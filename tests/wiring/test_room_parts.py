"""Map, plots, incidents, search, strip, plugins and drill, connected."""

from datetime import timedelta

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from controlroom.domain.camera import Camera
from controlroom.domain.drill import Drill, Transport
from controlroom.domain.events import DrillChanged, EntryAdded, IncidentChanged, SensorsDeclared
from controlroom.domain.incident import Entry, EntryKind, Incident
from controlroom.domain.place import Point
from controlroom.domain.sensor import Sensor
from controlroom.domain.severity import Severity
from controlroom.seat.status import LinkState
from controlroom.shell.palette import Index
from controlroom.shell.plugin_context import ShownLayer
from controlroom.shell.strips import Strips
from controlroom.wire.messages import Playback
from controlroom.wiring import plugins
from controlroom.wiring.drill import DrillWiring
from controlroom.wiring.incidents import DutyKeeper, IncidentsWiring
from controlroom.wiring.map import MapWiring
from controlroom.wiring.plots import MOST_CURVES, PlotWiring
from controlroom.wiring.search import RoomSearch
from controlroom.wiring.sensors import SensorsWiring
from controlroom.wiring.strip import StripWiring
from tests.shell.room_feed import NOON
from tests.wiring.conftest import Desk, alarm, declared, raised
from widgets.drill_transport import DrillTransport

HERE = Point(116.34, 39.73)


def sensors(*pairs: tuple[str, str]) -> SensorsDeclared:
    made = tuple(Sensor(id=name, name=name, kind=kind, unit="cm", point=HERE) for name, kind in pairs)
    return SensorsDeclared(tuple(range(len(made))), made)


def incident(identity: str) -> list[IncidentChanged | EntryAdded]:
    opened = Incident(id=identity, title="积水", grade=Severity.ORANGE, opened_at=NOON, opened_by="王", point=HERE)
    entry = Entry(id=f"{identity}/1", incident=identity, at=NOON, by="王", kind=EntryKind.OPENED)
    return [IncidentChanged(opened), EntryAdded(entry)]


def test_an_alarm_without_a_place_stands_where_its_sensor_is(desk: Desk, qtbot: QtBot) -> None:
    wiring = MapWiring(desk.seat)
    qtbot.addWidget(wiring.view)
    desk.happen(sensors(("s1", "flood_depth")), *raised(alarm("a", sensor="s1"), alarm("nowhere")))
    (mark,) = wiring.view.scene.alarms
    assert (mark.id, mark.lon, mark.lat) == ("a", HERE.lon, HERE.lat)
    desk.seat.selection.select("alarm", "a")
    assert abs(wiring.view.scene.centre.lon - HERE.lon) < 1e-9


def test_the_map_is_veiled_while_the_link_is_late_or_lost(desk: Desk, qtbot: QtBot) -> None:
    wiring = MapWiring(desk.seat)
    qtbot.addWidget(wiring.view)
    for state, veiled in ((LinkState.LATE, True), (LinkState.LIVE, False), (LinkState.LOST, True)):
        desk.link(state)
        assert wiring.view.scene.stale is veiled


def test_an_empty_plot_begins_with_the_first_kinds_and_takes_the_sensor_of_an_alarm(desk: Desk, qtbot: QtBot) -> None:
    wiring = PlotWiring(desk.seat, [])
    qtbot.addWidget(wiring.plot)
    flood = [(f"f{number}", "flood_depth") for number in range(3)]
    desk.happen(sensors(*flood, ("r1", "rain"), ("p1", "pm25"), ("h1", "hydrant_pressure")))
    assert wiring.plot.sensor_ids == ["f0", "f1", "r1", "p1"]
    desk.happen(*raised(alarm("a", sensor="h1")))
    desk.seat.selection.select("alarm", "a")
    assert wiring.plot.sensor_ids == ["h1", "f0", "f1", "r1"] and MOST_CURVES == 4
    desk.seat.requests.plot_wanted.emit("f2")
    assert wiring.plot.sensor_ids[-1] == "f2"


def test_the_sensor_browser_lists_what_is_declared(desk: Desk, qtbot: QtBot) -> None:
    wiring = SensorsWiring(desk.seat)
    qtbot.addWidget(wiring.browser)
    desk.happen(sensors(("s1", "rain"), ("s2", "rain")))
    assert wiring.model.rowCount() == 2


def test_an_incident_is_listed_chosen_and_written_into_the_duty_log(desk: Desk, qtbot: QtBot) -> None:
    wiring, keeper = IncidentsWiring(desk.seat), DutyKeeper(desk.seat, desk.owner)
    qtbot.addWidget(wiring.panel)
    desk.happen(*incident("20261121-001"))
    desk.seat.selection.select("incident", "20261121-001")
    assert wiring.view.record is not None and wiring.view.record.incident.title == "积水"
    assert any("积水" in keeper.model.index(row, keeper.model.TEXT).data() for row in range(keeper.model.rowCount()))
    desk.link(LinkState.LOST)
    assert wiring.view.property("stale")


def test_the_command_bar_finds_what_is_in_the_room_and_goes_there(desk: Desk) -> None:
    index = Index()
    RoomSearch(desk.seat, index, desk.owner)
    desk.happen(declared(Camera(id="c1", name="黄村东大街", url="rtsp://h/1", point=HERE)), *raised(alarm("a")))
    while index.work(1.0):
        pass
    (found,) = [item for item in index.search("黄村") if item.kind == "camera"]
    flown: list[tuple[str, str]] = []
    desk.seat.requests.map_wanted.connect(lambda kind, identity: flown.append((kind, identity)))
    index.choose(found)
    assert (desk.seat.selection.kind, desk.seat.selection.id) == ("camera", "c1")
    assert flown == [("camera", "c1")] and desk.revealed == ["map"]


def test_the_strip_counts_what_waits(desk: Desk) -> None:
    told: list[dict[Severity, int]] = []
    strips = Strips(desk.owner)
    strips.set_counts = lambda counts: told.append(dict(counts))
    StripWiring(desk.seat, strips, desk.owner)
    desk.happen(*raised(alarm("a", Severity.RED), alarm("b", Severity.RED, state=alarm("x").state), alarm("c")))
    assert told[-1][Severity.RED] == 2 and told[-1][Severity.YELLOW] == 1


def test_a_departments_layer_is_kept_for_maps_that_open_later(desk: Desk, qtbot: QtBot) -> None:
    doors = plugins.doors(desk.seat, lambda _draft: None)
    layer = ShownLayer(id="environment.air", title="空气质量", classes=(("优", "#00e400"),), unit="AQI")
    doors.show_layer(layer)
    doors.show_layer(layer)
    wiring = MapWiring(desk.seat)
    qtbot.addWidget(wiring.view)
    assert list(wiring.view.scene.plugins) == ["environment.air"]


def test_the_transport_is_shown_while_a_recording_plays_and_its_clock_runs(desk: Desk, qtbot: QtBot) -> None:
    wiring = DrillWiring(desk.seat)
    qtbot.addWidget(wiring.panel)
    transport = wiring.panel.findChild(DrillTransport)
    assert transport.isHidden()
    playing = Drill(
        id="d1",
        title="暴雨",
        transport=Transport.PLAYING,
        speed=1.0,
        begins_at=NOON,
        ends_at=NOON + timedelta(minutes=5),
        clock=NOON,
    )
    desk.happen(DrillChanged(playing))
    assert not transport.isHidden()
    first = transport.clock.text()
    desk.second()
    assert transport.clock.text() != first
    transport.button.click()
    (sent,) = desk.sent.bodies
    assert isinstance(sent, Playback) and sent.transport is Transport.PAUSED


def test_panels_of_a_layout_that_went_hear_nothing_any_more(desk: Desk, qtbot: QtBot) -> None:
    owner = QObject()
    wiring = IncidentsWiring(desk.seat)
    panel = wiring.panel
    with qtbot.waitSignal(panel.destroyed):
        panel.deleteLater()
    del wiring, panel, owner
    desk.happen(*incident("20261121-002"))
    desk.link(LinkState.LOST)
    desk.second()
