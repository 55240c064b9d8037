"""The simple map, which needs no web engine."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from controlroom.domain.severity import Severity
from controlroom.mapping.layers import (
    AlarmMark,
    CameraState,
    ColourClass,
    IncidentMark,
    LayerPoint,
    LayerSpec,
    MapCentre,
    SensorState,
)
from controlroom.mapping.trail_feed import TrailMode
from tests.rooms import NOON
from widgets.map_painted import PaintedSurface
from widgets.map_texts import page_texts
from widgets.map_view import MapView

HERE = (116.45, 39.62)


@pytest.fixture
def chart(qtbot: QtBot) -> Iterator[MapView]:
    view = MapView(painted=True)
    view.set_theme(True)
    view.resize(640, 480)
    view.fly_to(*HERE)
    qtbot.addWidget(view)
    with qtbot.waitSignal(view.ready):
        view.show()
    yield view
    view.close()


def colour(chart: MapView, dx: int = 0, dy: int = 0) -> QColor:
    image = chart.surface.grab().toImage()
    return image.pixelColor(image.width() // 2 + dx, image.height() // 2 + dy)


def click(qtbot: QtBot, chart: MapView) -> None:
    qtbot.mouseClick(chart.surface, Qt.MouseButton.LeftButton, pos=chart.surface.rect().center())


def test_a_state_that_is_pushed_changes_the_picture(qtbot: QtBot, chart: MapView) -> None:
    assert isinstance(chart.surface, PaintedSurface)
    chart.set_sensors(["s"], ["S"], [HERE[0]], [HERE[1]], [SensorState.NORMAL])
    assert colour(chart) == QColor("#8fa3b3")
    chart.update_sensor_states([0], [SensorState.RED])
    assert colour(chart) == QColor("#d7263d")


@pytest.mark.parametrize("kind", ["sensor", "camera", "vehicle", "alarm", "air"])
def test_a_click_tells_what_kind_of_object_it_is(qtbot: QtBot, chart: MapView, kind: str) -> None:
    if kind == "sensor":
        chart.set_sensors(["x"], ["X"], [HERE[0]], [HERE[1]], [1])
    elif kind == "camera":
        chart.set_cameras(["x"], ["X"], [HERE[0]], [HERE[1]], [CameraState.ONLINE])
    elif kind == "vehicle":
        chart.set_vehicles(["x"], ["X"], ["patrol"])
        chart.update_positions([0], [HERE[0]], [HERE[1]], [45.0], [1])
    elif kind == "alarm":
        chart.set_alarms([AlarmMark("x", Severity.BLUE, *HERE, "X")])
    else:
        chart.add_layer(LayerSpec(id="air", title="空气"))
        chart.update_layer("air", [LayerPoint("x", "X", *HERE)])
    with qtbot.waitSignal(chart.object_selected) as selected:
        click(qtbot, chart)
    assert selected.args == [kind, "x"]
    assert chart.scene.place_of(chart.scene.selection) == pytest.approx(HERE, abs=1e-6)
    chart.surface.grab()


def test_a_hidden_layer_is_neither_drawn_nor_clicked(qtbot: QtBot, chart: MapView) -> None:
    chart.set_sensors(["s"], ["S"], [HERE[0]], [HERE[1]], [SensorState.RED])
    chart.toolbar.layers["sensors"].setChecked(False)
    assert colour(chart) == QColor("#1d232a")
    with qtbot.assertNotEmitted(chart.object_selected):
        click(qtbot, chart)


def test_dragging_moves_the_map_and_selects_nothing(qtbot: QtBot, chart: MapView) -> None:
    middle = chart.surface.rect().center()
    with qtbot.assertNotEmitted(chart.object_selected):
        qtbot.mousePress(chart.surface, Qt.MouseButton.LeftButton, pos=middle)
        qtbot.mouseMove(chart.surface, middle + QPoint(60, 0))
        qtbot.mouseRelease(chart.surface, Qt.MouseButton.LeftButton, pos=middle + QPoint(60, 0))
    assert chart.scene.centre.lon < HERE[0]
    assert chart.scene.centre.lat == pytest.approx(HERE[1], abs=1e-6)


def test_the_keyboard_moves_zooms_and_goes_home(qtbot: QtBot, chart: MapView) -> None:
    home = chart.scene.centre
    qtbot.keyClick(chart.surface, Qt.Key.Key_Plus)
    assert chart.scene.centre.zoom == 16
    qtbot.keyClick(chart.surface, Qt.Key.Key_Right)
    assert chart.scene.centre.lon > home.lon
    qtbot.keyClick(chart.surface, Qt.Key.Key_Home)
    assert chart.scene.centre.zoom == 11


def test_the_veil_of_old_data_is_drawn(qtbot: QtBot, chart: MapView) -> None:
    before = colour(chart)
    chart.set_stale(True)
    assert colour(chart) != before
    assert colour(chart, dx=1 - chart.surface.width() // 2) == QColor("#e9c46a")


def test_a_map_of_the_past_says_which_moment_it_shows_and_no_fault() -> None:
    said = page_texts(NOON, past=True)["veil"]
    assert said.endswith("2026-11-21 12:00:00") and "12:00:00" in page_texts(NOON)["veil"]
    assert said.removesuffix("2026-11-21 12:00:00") != page_texts(NOON)["veil"].removesuffix("12:00:00")


def test_the_veil_follows_the_moment_that_is_looked_at(chart: MapView) -> None:
    chart.set_stale(False, past=True)
    chart.set_data_time(NOON)
    first = chart.scene.texts["veil"]
    chart.set_data_time(NOON - timedelta(days=1))
    assert "2026-11-20 12:00:00" in chart.scene.texts["veil"] != first
    assert chart.toolbar.age.property("stale") is True
    chart.set_stale(False)
    assert "2026" not in chart.scene.texts["veil"]
    assert chart.toolbar.age.property("stale") is False


def test_the_sources_are_whole_on_a_narrow_map_and_no_name_lies_over_another(chart: MapView) -> None:
    chart.resize(320, 420)
    chart.fly_to(116.34, 39.73, 11)
    image = chart.surface.grab().toImage()
    ground = image.pixelColor(2, image.height() - 30)
    assert all(image.pixelColor(2, image.height() - up) == ground for up in range(8, 30)), "no word is cut at the edge"
    band = [image.pixelColor(x, image.height() - 30) for x in range(image.width())]
    assert len({colour.name() for colour in band}) > 4, "a second line"


def test_a_map_at_the_end_of_the_world_draws_without_a_word(qtbot: QtBot, chart: MapView) -> None:
    chart.set_sensors(["s"], ["S"], [179.99], [85.0], [1])
    for centre in (MapCentre(179.999, 85.05, 18), MapCentre(-180.0, -85.0, 8)):
        chart.scene.fly_to(centre)
        chart.surface.grab()


SHIFT, NONE = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier


def test_a_box_a_polygon_and_ctrl_choose_here_as_on_the_web_map(qtbot: QtBot, chart: MapView) -> None:
    chart.set_sensors(list("ab"), list("AB"), [HERE[0], HERE[0] + 0.2], [HERE[1]] * 2, [1, 1])
    chart.set_alarms([AlarmMark("x", Severity.RED, HERE[0] + 0.001, HERE[1], "X")])
    surface, middle = chart.surface, chart.surface.rect().center()
    before = chart.scene.centre
    QTest.mousePress(surface, Qt.MouseButton.LeftButton, SHIFT, middle - QPoint(60, 60))
    QTest.mouseMove(surface, middle + QPoint(60, 60))
    surface.grab()
    QTest.mouseRelease(surface, Qt.MouseButton.LeftButton, SHIFT, middle + QPoint(60, 60))
    assert {g.kind: g.ids for g in chart.choosing.choice.groups} == {"alarm": ("x",), "sensor": ("a",)}
    assert chart.scene.centre == before and chart.scene.selection is None
    near = [colour(chart, dx, dy) for dx in range(-11, 12) for dy in range(-11, 12)]
    assert any(abs(c.red() - 0x62) < 30 and abs(c.green() - 0xD0) < 30 for c in near)
    qtbot.keyClick(surface, Qt.Key.Key_Escape)
    assert chart.choosing.choice.count == 0
    chart.draw_polygon()
    for at in (QPoint(-50, -50), QPoint(50, -50), QPoint(0, 60)):
        qtbot.mouseClick(surface, Qt.MouseButton.LeftButton, pos=middle + at)
    qtbot.keyClick(surface, Qt.Key.Key_Return)
    assert {g.kind for g in chart.choosing.choice.groups} == {"alarm", "sensor"}
    chart.draw_polygon()
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Backspace, Qt.Key.Key_Escape):
        qtbot.keyClick(surface, key)
    assert chart.choosing.choice.count == 2


def test_areas_of_layers_and_trails_are_drawn_here_too(qtbot: QtBot, chart: MapView) -> None:
    ring = [
        [HERE[0] + dx, HERE[1] + dy] for dx, dy in ((-0.004, -0.004), (0.004, -0.004), (0.004, 0.004), (-0.004, 0.004))
    ]
    document = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"class": 0},
                "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
            }
        ],
    }
    before = colour(chart)
    spec = LayerSpec(
        id="fences", title="围栏", classes=(ColourClass("", "#ff0000"),), geojson=json.dumps(document), opacity=0.5
    )
    chart.add_layer(spec)
    assert colour(chart).red() > before.red() + 60
    chart.remove_layer("fences")
    chart.set_vehicles(["v"], ["V"], ["patrol"])
    for step in range(21):
        chart.update_positions([0], [HERE[0] - 0.004 * (20 - step) / 20], [HERE[1]], [90.0], [10**12 + 3000 * step])
    chart.select("vehicle", "v")

    def trail() -> bool:
        seen = colour(chart, dx=-60)
        return abs(seen.red() - 0x62) < 30 and abs(seen.green() - 0xD0) < 30

    assert trail()
    chart.set_trails(TrailMode.OFF, 5)
    assert not trail()


def test_a_hand_on_the_simple_map_stops_following_and_opens_the_menu_of_an_object(qtbot: QtBot, chart: MapView) -> None:
    chart.set_vehicles(["v"], ["V"], ["patrol"])
    chart.update_positions([0], [HERE[0]], [HERE[1]], [90.0], [10**12])
    assert chart.hold.follow("vehicle", "v")
    middle = chart.surface.rect().center()
    told: list[object] = []
    chart.surface.pointed.connect(lambda *args: told.append(args))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, middle, chart.surface.mapToGlobal(middle))
    QApplication.sendEvent(chart.surface, event)
    assert [one[2:] for one in told] == [("vehicle", "v")]
    menu = chart.findChild(QMenu, "placeMenu")
    assert menu is not None
    menu.close()
    qtbot.keyClick(chart.surface, Qt.Key.Key_Plus)
    assert chart.hold.viewpoint.followed is not None
    qtbot.keyClick(chart.surface, Qt.Key.Key_Left)
    assert chart.hold.viewpoint.followed is None


def test_a_flag_of_an_incident_is_drawn_and_clicked_here_too(qtbot: QtBot, chart: MapView) -> None:
    chart.set_incidents([IncidentMark("i", Severity.RED, *HERE, "积水")])
    assert colour(chart, 6, -40) == QColor("#d7263d")
    with qtbot.waitSignal(chart.object_selected) as selected:
        at = chart.surface.rect().center() + QPoint(10, -34)
        qtbot.mouseClick(chart.surface, Qt.MouseButton.LeftButton, pos=at)
    assert selected.args == ["incident", "i"]
