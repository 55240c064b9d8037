"""The plotting board at a desk: tools to the map, the map to the hub, others' changes, files and pictures."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from controlroom.bridge.room_time import TimeFollower
from controlroom.domain.camera import Camera
from controlroom.domain.events import GraphicChanged, IncidentChanged
from controlroom.domain.graphic import DangerZone, Drawing, Graphic, GraphicColour, GraphicKind
from controlroom.domain.incident import Incident, IncidentStatus
from controlroom.domain.place import Point
from controlroom.domain.room import Room
from controlroom.domain.severity import Severity
from controlroom.domain.times import to_ms
from controlroom.errors import CommandRefused
from controlroom.i18n import set_language
from controlroom.mapping.coordinates import Datum
from controlroom.mapping.exposure import Exposed
from controlroom.mapping.graphic_marks import GraphicMark
from controlroom.shell.actions import Actions
from controlroom.wire import codec
from controlroom.wire.graphics import ChangeGraphic, DrawGraphics, RemoveGraphic
from controlroom.wire.messages import Done, Past
from controlroom.wiring.graphics import GraphicWiring
from controlroom.wiring.incident_graphics import IncidentGraphics
from controlroom.wiring.plotting import PlottingDesk
from tests.rooms import NOON
from tests.wiring.conftest import Desk, declared
from widgets.graphic_board import GraphicBoard
from widgets.graphic_picture import PictureFacts, burnt_in, scale_bar
from widgets.map_view import MapView

A, B, C = Point(116.40, 39.60), Point(116.41, 39.60), Point(116.41, 39.61)
POST = Drawing(kind=GraphicKind.SYMBOL, points=(A,), symbol="command_post", text="前指")


@pytest.fixture(autouse=True)
def english() -> None:
    set_language("en")


class Table:
    """A desk with its board and a painted map."""

    def __init__(self, desk: Desk, qtbot: QtBot, folder: Path) -> None:
        self.desk, self.seat = desk, desk.seat
        self.view = MapView(painted=True)
        qtbot.addWidget(self.view)
        self.view.resize(640, 480)
        self.follower = TimeFollower(self.seat.room_time, self.view)
        self.map = GraphicWiring(self.seat, self.view, self.follower)
        self.file = folder / "plotting.geojson"
        self.actions = Actions()
        self.plotting = PlottingDesk(
            self.seat, self.actions, lambda: None, desk.owner, lambda _p, _n, _k: str(self.file), self.read
        )
        self.board: GraphicBoard = self.plotting.show(None)

    def read(self, _parent: QWidget | None) -> tuple[str, Datum]:
        return str(self.file), Datum.WGS84

    def stands(self, identity: str = "graphic-1", drawing: Drawing = POST, **more) -> Graphic:
        graphic = Graphic(id=identity, drawing=drawing, by="李", seat="two", at=NOON, **more)
        self.desk.happen(GraphicChanged(graphic))
        return graphic

    def sent(self, kind: type) -> list:
        return [body for body in self.desk.sent.bodies if isinstance(body, kind)]


@pytest.fixture
def table(desk: Desk, qtbot: QtBot, tmp_path: Path) -> Iterator[Table]:
    made = Table(desk, qtbot, tmp_path)
    made.desk.sent.created = "graphic-7"
    yield made
    made.board.close()


def test_a_tool_and_clicks_on_the_map_are_a_command(table: Table) -> None:
    table.board.tools[(GraphicKind.AREA, "")].click()
    table.board.form.text.setText("集结区")
    table.board.form.dashed.setChecked(True)
    for point in (A, B, C):
        table.view.sketched.emit("add", -1, point.lon, point.lat)
    assert table.view.scene.sketch is not None
    assert "ha" in table.view.scene.sketch.hint
    table.board.end.click()
    (command,) = table.sent(DrawGraphics)
    (drawn,) = command.drawings
    assert (drawn.kind, drawn.points, drawn.text, drawn.style.dashed) == (GraphicKind.AREA, (A, B, C), "集结区", True)
    assert table.view.scene.sketch is None
    assert table.board.undo.isEnabled()


def test_a_symbol_is_put_by_coordinates_that_are_read_out(table: Table) -> None:
    table.board.tools[(GraphicKind.SYMBOL, "water")].click()
    table.board.place.setText("39.60, 116.40")
    table.board.place.returnPressed.emit()
    (command,) = table.sent(DrawGraphics)
    assert (command.drawings[0].symbol, command.drawings[0].points) == ("water", (A,))
    assert command.drawings[0].style.colour is GraphicColour.BLUE
    table.board.tools[(GraphicKind.SYMBOL, "water")].click()
    table.board.place.setText("by the old bridge")
    table.board.place.returnPressed.emit()
    assert "no place" in table.board.notice.text


def test_a_zone_has_the_circles_and_the_wind_of_the_fields(table: Table) -> None:
    table.board.tools[(GraphicKind.ZONE, "")].click()
    table.board.form.windy.setChecked(True)
    table.board.form.wind.setValue(315.0)
    table.view.sketched.emit("add", -1, A.lon, A.lat)
    assert table.sent(DrawGraphics)[0].drawings[0].zone == DangerZone(100.0, 300.0, 800.0, 315.0, 60.0)


def test_what_others_draw_is_in_the_list_and_on_the_map_with_author_and_age(table: Table) -> None:
    table.stands()
    item = table.board.list.topLevelItem(0)
    assert [item.text(k) for k in range(4)] == ["前指 · Command post", "", "李 · two", "just now"]
    (mark,) = table.view.scene.graphics
    assert (mark.label, mark.note, mark.glyph) == ("前指", "李 · two · just now", "CP")
    table.desk.clock.advance(600)
    table.view.show()
    table.desk.second()
    while int(table.desk.clock.now().timestamp()) % 10:
        table.desk.second()
    assert table.view.scene.graphics[0].note == "李 · two · 10 min ago"
    assert table.board.list.topLevelItem(0).text(3) == "10 min ago"


def test_a_click_on_the_map_chooses_the_line_and_the_look_can_be_changed(table: Table) -> None:
    table.stands()
    table.stands("graphic-2", Drawing(kind=GraphicKind.LINE, points=(A, B), text="警戒线"))
    table.seat.selection.select("graphic", "graphic-2")
    assert table.board.chosen_ids == ["graphic-2"]
    assert table.board.form.text.text() == "警戒线"
    assert table.board.figures.text() == "859 m"
    table.board.form.text.setText("外围警戒线")
    table.board.change.click()
    (command,) = table.sent(ChangeGraphic)
    assert (command.graphic, command.version, command.drawing.text) == ("graphic-2", 1, "外围警戒线")
    assert command.drawing.points == (A, B)


def test_corners_are_changed_on_the_map_and_the_loser_is_told_who_was_faster(table: Table) -> None:
    graphic = table.stands("graphic-2", Drawing(kind=GraphicKind.LINE, points=(A, B)))
    table.seat.selection.select("graphic", "graphic-2")
    table.board.reshape.click()
    assert table.view.scene.graphics == ()
    table.view.sketched.emit("move", 1, C.lon, C.lat)
    faster = msgspec.structs.replace(graphic, version=2, changed_by="赵", changed_seat="three", changed_at=NOON)
    table.desk.happen(GraphicChanged(faster))
    assert "赵 · three" in table.board.notice.text

    async def refuse(_body: object) -> Done:
        raise CommandRefused("changed_meanwhile", "赵 (three), version 2")

    table.plotting.steps._send = refuse
    table.view.sketched.emit("end", -1, 0.0, 0.0)
    assert "赵 (three)" in table.board.notice.text
    assert len(table.view.scene.graphics) == 1


def test_removing_goes_to_the_hub_with_its_version_and_comes_back_by_undo(table: Table) -> None:
    table.stands(version=4)
    table.seat.selection.select("graphic", "graphic-1")
    table.board.remove.click()
    (command,) = table.sent(RemoveGraphic)
    assert (command.graphic, command.version) == ("graphic-1", 4)
    table.desk.happen(GraphicChanged(msgspec.structs.replace(table.stands(version=5), removed=True)))
    assert table.board.list.topLevelItemCount() == 0
    table.board.undo.click()
    assert table.sent(DrawGraphics)[-1].drawings == (POST,)
    assert table.board.redo.isEnabled()


def test_graphics_of_a_closed_incident_are_shown_with_it_alone_and_never_changed(table: Table) -> None:
    incident = Incident(id="20261121-001", title="氯气泄漏", grade=Severity.RED, opened_at=NOON, opened_by="王")
    table.desk.happen(IncidentChanged(incident))
    assert table.board.form.incident.count() == 2
    table.stands(drawing=msgspec.structs.replace(POST, incident=incident.id), archived_at=NOON)
    assert table.view.scene.graphics == ()
    table.seat.selection.select("incident", incident.id)
    assert [m.archived for m in table.view.scene.graphics] == [True]
    table.seat.selection.select("", "")
    table.board.archived.setChecked(True)
    assert len(table.view.scene.graphics) == 1
    table.seat.selection.select("graphic", "graphic-1")
    assert not table.board.remove.isEnabled()
    assert not table.board.reshape.isEnabled()
    assert table.board.show_.isEnabled()


def test_the_map_of_the_past_shows_the_plotting_of_then(table: Table, desk: Desk) -> None:
    then = Room()
    then.apply(1, GraphicChanged(Graphic(id="graphic-9", drawing=POST, by="王", at=NOON - timedelta(hours=3))))
    desk.sent.past_room = then
    table.stands()
    table.seat.room_time.stand_at(NOON - timedelta(hours=2))
    assert [m.id for m in table.view.scene.graphics] == ["graphic-9"]
    assert "1 h 00 min ago" in table.view.scene.graphics[0].note
    table.seat.room_time.go_live()
    assert [m.id for m in table.view.scene.graphics] == ["graphic-1"]


def test_plotting_is_given_to_neighbours_and_taken_from_them(table: Table) -> None:
    table.stands()
    table.plotting._export("geojson")
    assert json.loads(table.file.read_text("utf-8"))["features"][0]["properties"]["author"] == "李"
    table.plotting._import()
    (command,) = table.sent(DrawGraphics)
    assert (command.drawings[0].symbol, command.drawings[0].origin) == ("command_post", "plotting.geojson")
    assert "1 graphic taken" in table.board.notice.text
    table.file.write_bytes(b"{")
    table.plotting._import()
    assert "neither GeoJSON nor KML" in table.board.notice.text
    table.file = table.file.parent / "nowhere" / "a.kml"
    table.plotting._export("kml")
    assert "cannot be written" in table.board.notice.text


def test_a_picture_has_a_legend_a_scale_and_its_times_under_the_map(table: Table, qtbot: QtBot) -> None:
    table.view.show()
    table.view.fly_to(A.lon, A.lat, 14)
    table.stands()
    table.file = table.file.with_suffix(".png")
    table.plotting._export("png")
    picture = QImage(str(table.file))
    surface = table.view.surface
    assert picture.width() == surface.width()
    assert picture.height() > surface.height() + 80
    band = [picture.pixelColor(x, surface.height() + 20) for x in range(picture.width())]
    assert len({c.name() for c in band}) > 3


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_a_dense_display_changes_no_scale_and_the_ages_in_the_legend_are_whole(table: Table, ratio: float) -> None:
    mark = GraphicMark(id="g", kind=GraphicKind.AREA, lon=0.0, lat=0.0, parts=(), label="警戒区" * 8, note="刚刚")
    shot = QImage(int(900 * ratio), 120, QImage.Format.Format_RGB32)
    picture = burnt_in(shot, [mark], PictureFacts("", (), 39.7, 12, True, ratio))
    bar = [x for x in range(picture.width()) if picture.pixelColor(x, 120 + 14 + 8).lightness() > 128]
    pixels, _metres = scale_bar(39.7, 12, 180.0 / ratio)
    assert bar[-1] - bar[0] == pytest.approx(pixels * ratio, abs=4)
    row = range(120 + 14 + 30, 120 + 14 + 30 + 22)
    words = [x for x in range(900) if any(picture.pixelColor(x, y).lightness() > 128 for y in row)]
    assert max(words) > 340, "longer than a usual column"


def test_what_is_gone_is_listed_with_who_did_it_and_can_be_drawn_again(table: Table, qtbot: QtBot) -> None:
    graphic = Graphic(id="graphic-1", drawing=POST, by="李", seat="two", at=NOON, removed=True, changed_by="赵")

    async def past(_kind: str, **_more: object) -> Past:
        event = GraphicChanged(graphic)
        raw = msgspec.Raw(codec.encode(event))
        return Past(sequences=(3,), times=(to_ms(NOON),), events=(raw,))

    table.desk.sent.past = past
    table.plotting._past()
    dialog = table.plotting.past.dialog
    assert dialog is not None
    qtbot.addWidget(dialog)
    item = dialog.list.topLevelItem(0)
    assert [item.text(k) for k in range(1, 4)] == ["removed", "前指", "赵"]
    dialog.list.setCurrentItem(item)
    dialog.again.click()
    assert table.sent(DrawGraphics)[0].drawings == (POST,)


def test_who_is_inside_a_danger_zone_stands_below_it_and_follows_the_cameras(table: Table) -> None:
    zone = Drawing(kind=GraphicKind.ZONE, points=(A,), zone=DangerZone(hot_m=500.0))
    table.stands("graphic-2", zone)
    table.seat.selection.select("graphic", "graphic-2")
    exposure = table.plotting._exposure
    assert exposure is not None
    assert not exposure.strip.isHidden()
    assert exposure.strip.numbers[Exposed.CAMERAS].text() == "0"
    table.desk.happen(declared(Camera(id="c-1", name="路口", point=A), Camera(id="c-2", name="远处", point=C)))
    table.desk.clock.advance(5.0)
    table.desk.second()
    assert exposure.strip.numbers[Exposed.CAMERAS].text() == "1"
    table.stands()
    table.seat.selection.select("graphic", "graphic-1")
    assert exposure.strip.isHidden()


def test_the_board_of_an_incident_lists_its_plotting_and_leads_to_it(table: Table, qtbot: QtBot) -> None:
    incident = Incident(id="20261121-001", title="氯气泄漏", grade=Severity.RED, opened_at=NOON, opened_by="王")
    table.desk.happen(IncidentChanged(incident))
    graphics = IncidentGraphics(table.seat, lambda: table.seat.pump.room, table.desk.owner)
    qtbot.addWidget(graphics.strip)
    graphics.show(incident.id)
    assert graphics.strip.count.text() == "Plotting: 0"
    table.stands(drawing=msgspec.structs.replace(POST, incident=incident.id))
    table.stands("graphic-2")
    assert graphics.strip.count.text() == "Plotting: 1"
    assert graphics.strip.names.text() == "前指 (李 · two · just now)"
    with qtbot.waitSignal(table.seat.requests.map_wanted) as told:
        graphics.strip.menu.actions()[0].trigger()
    assert told.args == ["graphic", "graphic-1"]
    graphics.strip.work.click()
    assert table.board.form.drawing().incident == incident.id
    closed = msgspec.structs.replace(incident, status=IncidentStatus.CLOSED)
    table.desk.happen(IncidentChanged(closed))
    graphics.show(incident.id)
    assert not graphics.strip.work.isEnabled()
