"""What tests see of a map in a real web engine, and what they do to it."""

import json
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from controlroom.mapping.layers import (
    SensorState,
)
from widgets.map_view import MapView
from widgets.map_web import WebSurface

HERE = (116.45, 39.62)
RED, GROUND = QColor("#d7263d"), QColor("#1d232a")


def web(chart: MapView) -> WebSurface:
    assert isinstance(chart.surface, WebSurface)
    return chart.surface


def picture(chart: MapView) -> QImage:
    return web(chart).view.grab().toImage()


def near(a: QColor, b: QColor) -> bool:
    return max(abs(a.red() - b.red()), abs(a.green() - b.green()), abs(a.blue() - b.blue())) < 20


def middle(chart: MapView) -> QColor:
    """The colour in the middle of the map."""
    image = picture(chart)
    return image.pixelColor(image.width() // 2, image.height() // 2)


def shows(chart: MapView, colour: QColor) -> bool:
    return near(middle(chart), colour)


def evaluate(qtbot: QtBot, chart: MapView, script: str) -> Any:
    """The value of a script in the page."""
    with qtbot.waitCallback(timeout=10_000) as answered:
        web(chart).page.runJavaScript(f"JSON.stringify(({script}) ?? null)", answered)
    return json.loads(answered.args[0])


def one_sensor(chart: MapView, state: int = SensorState.NORMAL) -> None:
    chart.set_sensors(["s1"], ["井盖 1"], [HERE[0]], [HERE[1]], [state])


def click_middle(qtbot: QtBot, chart: MapView) -> None:
    target = web(chart).view.focusProxy()
    assert target is not None
    middle_at = QPoint(target.width() // 2, target.height() // 2)
    qtbot.mouseMove(target, middle_at)
    qtbot.mouseClick(target, Qt.MouseButton.LeftButton, pos=middle_at)
