"""The parts of the room act together: map, tables, cameras and walls follow each other, also when the hub falls."""

import os
import signal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableView

from controlroom.domain.camera import CameraHealth
from controlroom.domain.times import to_ms
from controlroom.seat.status import LinkState
from controlroom.shell.plugin_frame import PluginFrame
from controlroom.video.signal import SignalState
from plugins.environment.panel import EnvironmentPanel
from tests import rooms
from tests.journeys.conftest import Opener
from tests.journeys.pilot import Pilot, until
from widgets.alarm_detail import AlarmDetail
from widgets.alarm_table import AlarmTable
from widgets.camera_browser import CameraBrowser
from widgets.duty_log import DutyLog
from widgets.incident_board import IncidentBoard
from widgets.map_view import MapView
from widgets.map_web import WebSurface
from widgets.strip import Strip

pytestmark = pytest.mark.usefixtures("lasting_threads")


@pytest.fixture(scope="module")
def room(opener: Opener, tmp_path_factory: pytest.TempPathFactory) -> Pilot:
    pilot = opener(tmp_path_factory.mktemp("together"))
    until(lambda: pilot.live() and len(pilot.room.cameras) == 20 and pilot.room.alarms, "the room is alive")
    return pilot


def test_an_alarm_that_is_chosen_is_flown_to_and_told_everywhere(room: Pilot) -> None:
    until(lambda: any(alarm.point for alarm in room.room.alarms.values()))
    alarm = next(alarm for alarm in room.room.alarms.values() if alarm.point)
    room.choose_alarm(alarm.id)
    detail, view = room.one(AlarmDetail), room.one(MapView)
    until(lambda: detail.alarm is not None and detail.alarm.id == alarm.id, "the detail shows it")
    until(lambda: view.scene.selection is not None and view.scene.selection.id == alarm.id, "the map marks it")
    assert alarm.point is not None
    lon, lat = alarm.point.lon, alarm.point.lat
    until(
        lambda: abs(view.scene.centre.lon - lon) < 1e-3 and abs(view.scene.centre.lat - lat) < 1e-3, "the map is there"
    )


def test_a_click_on_the_map_chooses_the_alarm_and_the_camera_in_the_lists(room: Pilot) -> None:
    view, cameras = room.one(MapView), room.one(CameraBrowser)
    alarm = next(alarm for alarm in room.room.alarms.values() if alarm.point)
    room.choose_alarm(alarm.id)
    camera = next(iter(room.room.cameras))
    view.surface.picked.emit("camera", camera)
    until(lambda: cameras.current_camera == camera, "the list has it")
    page = view.surface.view.focusProxy() if isinstance(view.surface, WebSurface) else view.surface

    def clicked() -> bool:
        room.click(page)
        return room.app.seat.selection.kind == "alarm"

    until(clicked, "the mark in the middle of the map is hit")
    until(lambda: room.table.rows.current_key() == room.app.seat.selection.id, "the table has it")


def test_enter_puts_a_camera_on_the_wall_and_every_wall_of_that_name_follows(room: Pilot) -> None:
    cameras = room.one(CameraBrowser)
    until(lambda: len([t for t in room.wall.tiles() if t]) == 9, "the wall is full")
    dark = next(camera for camera in room.room.cameras.values() if camera.id not in room.wall.tiles())
    with rooms.seat_on(room.port) as other:
        other.until(lambda: other.mirror.room.sequence > 0)
        cameras.select(dark.id)
        room.press(cameras.tree, Qt.Key.Key_Return)
        until(lambda: room.wall.tiles()[0] == dark.id, "the first tile shows it")

        def follows() -> bool:
            other.drain()
            held = other.mirror.room.walls.get("main")
            return held is not None and held.tiles == room.wall.tiles()

        until(follows, "the hub has told the other seat")


def test_a_wall_process_of_that_name_shows_the_same_without_chrome(room: Pilot, opener: Opener, tmp_path: Path) -> None:
    until(lambda: room.live() and len(room.wall.tiles()) == 9)
    wall = opener(tmp_path / "wall", hub=room.hub, layout="wall", simulate=False)
    until(lambda: wall.live() and wall.wall.tiles() == room.wall.tiles(), "the same tiles")
    until(lambda: wall.live_tiles() >= 1, "a picture moves")
    (window,) = wall.windows.values()
    assert window.windowFlags() & Qt.WindowType.FramelessWindowHint
    assert not wall.all(Strip)
    shown = tuple(reversed(room.wall.tiles()))
    room.wall.rearranged.emit(shown)
    until(lambda: wall.wall.tiles() == shown and room.wall.tiles() == shown, "both are rearranged")
    wall.close()


def test_a_camera_whose_address_does_not_exist_is_refused_in_a_sentence(room: Pilot) -> None:
    identity = "nowhere"
    record = {
        "type": "cameras",
        "cameras": [{"id": identity, "name": "无此地址", "url": "file:///no/such/clip.mp4", "health": "online"}],
    }
    with rooms.source_of(_ingest(room), "foreign") as source:
        assert source.hand_in(record)["accepted"] == 1
    until(lambda: identity in room.room.cameras, "the camera is declared")
    room.one(CameraBrowser).cameras_wanted.emit([identity])
    until(lambda: room.wall.tiles()[0] == identity, "it is on the wall")
    until(lambda: "clip.mp4" in room.wall.describe(0), "the tile says what is wrong")
    assert not room.wall.views()[0].is_live
    assert room.room.cameras[identity].health is CameraHealth.ONLINE


def test_a_malformed_message_is_counted_and_told_with_its_source(room: Pilot) -> None:
    before = room.room.sequence
    with rooms.source_of(_ingest(room), "sloppy") as source:
        refused = source.hand_in({"type": "alarm", "key": "x"})
        assert refused["refused"]
        source.send_bytes(b'{"source": "sloppy", "records": [')
        assert source.answer()["refused"]
        assert source.hand_in(rooms.alarm("sound"))["accepted"] == 1
    until(lambda: "sloppy" in room.room.sources and room.room.sources["sloppy"].refused >= 1, "the source is flagged")
    log = room.one(DutyLog)
    texts = lambda: [log.model.index(row, log.model.TEXT).data() for row in range(log.model.rowCount())]  # noqa: E731
    until(lambda: any("sloppy" in text for text in texts()), "the duty log names it")
    until(lambda: any(alarm.source == "sloppy" for alarm in room.room.alarms.values()), "its sound alarm came")
    assert room.live() and room.room.sequence > before


def test_the_department_shows_its_stations(room: Pilot) -> None:
    frame = next(frame for frame in room.all(PluginFrame) if frame.kind == "plugin:environment")
    room.front(frame)
    until(lambda: room.all(EnvironmentPanel), "the panel is built")
    panel = room.one(EnvironmentPanel)
    tables = panel.findChildren(QTableView)
    until(lambda: sum(table.model().rowCount() for table in tables) > 0, "stations are listed")


def test_streams_that_stop_are_shown_as_frozen_and_come_back_by_themselves(room: Pilot) -> None:
    until(lambda: room.live_tiles() >= 7, "pictures move")
    simulator = room.pid("simulator")
    os.kill(simulator, signal.SIGSTOP)
    try:
        until(lambda: room.live_tiles() == 0, "no stale picture under a live badge")
        assert SignalState.FROZEN in [view.state for view in room.wall.views()]
    finally:
        os.kill(simulator, signal.SIGCONT)
    until(lambda: room.live_tiles() >= 7, "pictures move again")


def test_a_killed_hub_is_told_at_once_and_all_is_live_again(room: Pilot, allow_log) -> None:
    allow_log("controlroom.app", "hub has ended")
    until(lambda: room.live() and room.pid("hub"), "all is well")
    states: list[LinkState] = []
    room.app.pump.link_changed.connect(lambda status: states.append(status.state))
    table, view, board = room.one(AlarmTable), room.one(MapView), room.one(IncidentBoard)
    since = room.age_s
    old = room.kill("hub")
    until(lambda: not room.live(), "the link is late")
    assert room.age_s - since < 10
    until(lambda: table.property("stale") and board.property("stale"), "the tables are veiled")
    until(lambda: view.scene.stale or room.live(), "the map is veiled")
    until(lambda: room.pid("hub") not in (0, old), "the hub is back")
    assert room.told()
    until(room.live, "the link is live again")
    until(lambda: not table.property("stale") and not view.scene.stale, "nothing is veiled")
    assert LinkState.LATE in states or LinkState.LOST in states
    digest = room.app.tasks.spawn(room.app.commands.digest(), "digest")
    until(digest.done)
    assert digest.result().digest == room.room.digest() or digest.result().sequence != room.room.sequence
    beat = to_ms(room.app.clock.now())
    until(lambda: room.app.pump.positions.time_ms.max() > beat, "vehicles move again", within_s=90)


def test_a_killed_simulator_comes_back(room: Pilot, allow_log) -> None:
    allow_log("controlroom.app", "simulator has ended")
    old = room.kill("simulator")
    until(lambda: room.pid("simulator") not in (0, old), "it is started again")
    beat = to_ms(room.app.clock.now())
    until(lambda: room.app.pump.positions.time_ms.max() > beat, "vehicles move again")
    until(lambda: room.live_tiles() >= 7, "pictures move again")


def _ingest(room: Pilot) -> int:
    """The hub's door for sources, as a backend asks for it."""
    hub = next(child for child in room.app.family.children if child.name == "hub")
    return int(list(hub.arguments)[-1].split(",")[3]) if "--ports" in hub.arguments else 0
