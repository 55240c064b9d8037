"""Kinds of sensors and cameras as layers of their own, on the page and on the painted map."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from controlroom.mapping.choosing import box
from controlroom.mapping.kinds import CAMERA_KIND, SENSOR_KIND
from controlroom.mapping.layer_tree import Layer, LayerGroup
from controlroom.mapping.layers import CameraState, SensorState
from widgets.map_view import MapView
from widgets.map_web import WebSurface

HERE = (116.45, 39.62)
GROUND, FAINT, RED = QColor("#1d232a"), QColor("#66737f"), QColor("#d7263d")


@pytest.fixture(scope="module", params=["page", "painted"])
def chart(qapp: object, request: pytest.FixtureRequest) -> Iterator[MapView]:
    view = MapView(painted=request.param == "painted")
    view.set_theme(True)
    view.resize(640, 480)
    view.show()
    yield view
    view.close()
    view.deleteLater()


@pytest.fixture(autouse=True)
def fresh(chart: MapView) -> None:
    chart.fly_to(*HERE, 15)
    for kind in ("gas", "water"):
        chart.tree.register(Layer(id=SENSOR_KIND + kind, title=kind, group=LayerGroup.SENSORS, whole="sensors"))
        chart.tree.register(Layer(id=CAMERA_KIND + kind, title=kind, group=LayerGroup.CAMERAS, whole="cameras"))
        for prefix in (SENSOR_KIND, CAMERA_KIND):
            chart.tree.show(prefix + kind, True)
            chart.tree.fade(prefix + kind, 1.0)
            chart.tree.limit(prefix + kind, 8, 18)
    chart.tree.put(SENSOR_KIND + "gas", SENSOR_KIND + "water", after=False)
    chart.set_sensors([], [], [], [], [])
    chart.set_cameras([], [], [], [], [])


def picture(chart: MapView) -> QImage:
    shown = chart.surface.view if isinstance(chart.surface, WebSurface) else chart.surface
    return shown.grab().toImage()


def at(chart: MapView, dx: int = 0, dy: int = 0) -> QColor:
    image = picture(chart)
    return image.pixelColor(image.width() // 2 + dx, image.height() // 2 + dy)


def near(a: QColor, b: QColor, most: int = 20) -> bool:
    return max(abs(a.red() - b.red()), abs(a.green() - b.green()), abs(a.blue() - b.blue())) <= most


def two(chart: MapView, gas: SensorState, water: SensorState, count: int = 1) -> None:
    states, kinds = [gas, water] * count, ["gas", "water"] * count
    names = [str(k) for k in range(2 * count)]
    chart.set_sensors(names, names, [HERE[0]] * 2 * count, [HERE[1]] * 2 * count, states, kinds)


def test_a_kind_is_faded_alone(qtbot: QtBot, chart: MapView) -> None:
    two(chart, SensorState.RED, SensorState.NORMAL)
    qtbot.waitUntil(lambda: near(at(chart), RED), timeout=20_000)
    chart.tree.fade(SENSOR_KIND + "gas", 0.5)
    chart.tree.show(SENSOR_KIND + "water", False)
    half = QColor(*((RED.getRgb()[k] + GROUND.getRgb()[k]) // 2 for k in range(3)))
    qtbot.waitUntil(lambda: near(at(chart), half))
    chart.tree.fade(SENSOR_KIND + "gas", 1.0)
    qtbot.waitUntil(lambda: near(at(chart), RED))


def test_kinds_lie_above_each_other_as_in_the_tree(qtbot: QtBot, chart: MapView) -> None:
    two(chart, SensorState.NORMAL, SensorState.NEVER_HEARD)

    def ring_on_top() -> bool:
        image = picture(chart)
        row = [image.pixelColor(image.width() // 2 + dx, image.height() // 2) for dx in (3, 4, 5)]
        return any(near(colour, FAINT, 12) for colour in row)

    chart.tree.move(SENSOR_KIND + "water", -1)
    qtbot.waitUntil(ring_on_top)
    chart.tree.move(SENSOR_KIND + "water", 1)
    qtbot.waitUntil(lambda: not ring_on_top())


def test_a_kind_outside_its_scale_is_neither_drawn_nor_picked_nor_chosen(qtbot: QtBot, chart: MapView) -> None:
    two(chart, SensorState.RED, SensorState.NORMAL)
    around = box((HERE[0] - 0.01, HERE[1] - 0.01), (HERE[0] + 0.01, HERE[1] + 0.01))
    assert chart.scene.inside(around).count == 2
    chart.tree.limit(SENSOR_KIND + "gas", 8, 14)
    qtbot.waitUntil(lambda: near(at(chart), QColor("#8fa3b3")))
    assert [group.ids for group in chart.scene.inside(around).groups] == [("1",)]
    if isinstance(chart.surface, WebSurface):
        hit = f"controlroom.room.points.get(1).pick(L.latLng({HERE[1]}, {HERE[0]}), 15, 10)?.index"
        qtbot.waitUntil(lambda: evaluate(qtbot, chart, hit) == 1)


def test_kinds_of_cameras_are_layers_too(qtbot: QtBot, chart: MapView) -> None:
    chart.set_cameras(["c"], ["C"], [HERE[0]], [HERE[1]], [CameraState.ONLINE], ["gas"])
    qtbot.waitUntil(lambda: near(at(chart), QColor("#8fa3b3")))
    chart.tree.show(CAMERA_KIND + "gas", False)
    qtbot.waitUntil(lambda: near(at(chart), GROUND))
    around = box((HERE[0] - 0.01, HERE[1] - 0.01), (HERE[0] + 0.01, HERE[1] + 0.01))
    assert chart.scene.inside(around).count == 0


def test_a_cluster_counts_only_the_kinds_that_are_shown(qtbot: QtBot, chart: MapView) -> None:
    two(chart, SensorState.NORMAL, SensorState.RED, count=40)
    chart.fly_to(*HERE, 11)

    def reddish() -> bool:
        image = picture(chart)
        middle = range(-48, 48, 2)
        places = ((image.width() // 2 + dx, image.height() // 2 + dy) for dx in middle for dy in middle)
        return any(near(image.pixelColor(*place), RED) for place in places)

    qtbot.waitUntil(reddish)
    chart.tree.show(SENSOR_KIND + "water", False)
    qtbot.waitUntil(lambda: not reddish())


def evaluate(qtbot: QtBot, chart: MapView, script: str) -> Any:
    assert isinstance(chart.surface, WebSurface)
    with qtbot.waitCallback(timeout=10_000) as answered:
        chart.surface.page.runJavaScript(f"JSON.stringify(({script}) ?? null)", answered)
    return json.loads(answered.args[0])
