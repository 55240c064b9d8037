"""What the simple map draws of vehicles, of what cameras see, and of what is selected."""

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from controlroom.mapping.coordinates import NOWHERE, to_fixed
from controlroom.mapping.fleet import STALE_AFTER_MS
from controlroom.mapping.layers import CameraState
from controlroom.mapping.scene import Scene
from widgets.map_painted_areas import Pixels

_CONES = ("#8a949e", "#2a9d8f", "#d7263d", "#e9a23b")
"""View cones by CameraState, as on the web map."""
_ARROW = ((0, -8), (6, 7), (0, 4), (-6, 7))


def draw_cones(painter: QPainter, scene: Scene, pixels: Pixels) -> None:
    """What cameras see: dashed where they cannot, bold where they are chosen."""
    for cone in scene.cones:
        lon, lat = np.array(cone.outline).T
        x, y = pixels(*to_fixed(lon, lat))
        colour = QColor(_CONES[cone.state])
        broken = cone.state in (CameraState.OFFLINE, CameraState.UNKNOWN)
        style = Qt.PenStyle.DashLine if broken else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour, 3.0 if cone.chosen else 1.0, style))
        colour.setAlphaF(0.3 if cone.chosen else 0.12)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in zip(x.tolist(), y.tolist(), strict=True)]))


def draw_vehicles(painter: QPainter, scene: Scene, pixels: Pixels, size: QSize, look: Mapping[str, str]) -> None:
    """An arrow for each vehicle within `size` pixels; pale for one that has been silent for long."""
    fleet = scene.fleet
    px, py = pixels(fleet.x, fleet.y)
    arrow = QPolygonF([QPointF(x, y) for x, y in _ARROW])
    for index in np.flatnonzero(fleet.x != NOWHERE):
        if not (-10 < px[index] < size.width() + 10 and -10 < py[index] < size.height() + 10):
            continue
        stale = scene.clock_ms - fleet.time_ms[index] > STALE_AFTER_MS
        painter.save()
        painter.translate(px[index], py[index])
        painter.rotate(float(fleet.heading[index]))
        painter.setOpacity(0.4 if stale else 1.0)
        painter.setPen(QPen(QColor(look["ground"]), 1))
        painter.setBrush(QColor("#62d0c8" if fleet.vehicle_class[index] else look["ink"]))
        painter.drawPolygon(arrow)
        painter.restore()


def draw_selection(painter: QPainter, scene: Scene, pixels: Pixels, ink: str) -> None:
    """A ring round what is selected, and its name."""
    selection = scene.selection
    place = scene.place_of(selection) if selection else None
    if selection is None or place is None:
        return
    x, y = pixels(*(np.atleast_1d(part) for part in to_fixed(*place)))
    painter.setPen(QPen(QColor("#62d0c8"), 2.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(x[0], y[0]), 18, 18)
    painter.setPen(QColor(ink))
    painter.drawText(QPointF(x[0] + 22, y[0] + 5), scene.name_of(selection))
