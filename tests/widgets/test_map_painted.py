"""The simple map, which needs no web engine."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from controlroom.domain.severity import Severity
from controlroom.mapping.layers import AlarmMark, CameraState, LayerPoint, LayerSpec, MapCentre, SensorState
from widgets.map_painted import PaintedSurface
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
    assert chart.scene.place_of(chart.scene.selection) == pytest.approx(HERE, abs=1e-6)  # type: ignore[arg-type]
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


def test_a_map_at_the_end_of_the_world_draws_without_a_word(qtbot: QtBot, chart: MapView) -> None:
    chart.set_sensors(["s"], ["S"], [179.99], [85.0], [1])
    for centre in (MapCentre(179.999, 85.05, 18), MapCentre(-180.0, -85.0, 8)):
        chart.scene.fly_to(centre)
        chart.surface.grab()
