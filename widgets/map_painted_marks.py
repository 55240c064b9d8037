"""Marks of alarms and flags of incidents on the simple map."""

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from controlroom.domain.severity import Severity
from controlroom.mapping.coordinates import to_fixed
from controlroom.mapping.layers import MapLayer
from controlroom.mapping.scene import Scene

REACH_PX = 12
"""How far from a thing a click still means it."""

_SEVERITIES = {
    Severity.RED: ("#d7263d", ((0, -12), (12, 0), (0, 12), (-12, 0))),
    Severity.ORANGE: ("#f46036", ((0, -12), (12, 10), (-12, 10))),
    Severity.YELLOW: ("#e9c46a", ((-10, -10), (10, -10), (10, 10), (-10, 10))),
    Severity.BLUE: ("#3f88c5", ()),
}
_CLOTH = ((1, -43), (25, -43), (20, -34), (25, -26), (1, -26))
_POLE_PX = 44

Place = Callable[..., tuple[np.ndarray, np.ndarray]]
"""From columns of fixed coordinates to pixels."""


def _at(place: Place, lon: float, lat: float) -> QPointF:
    x, y = place(*(np.atleast_1d(part) for part in to_fixed(lon, lat)))
    return QPointF(float(x[0]), float(y[0]))


def _ink(severity: Severity) -> QColor:
    return QColor("#1c1405" if severity in (Severity.ORANGE, Severity.YELLOW) else "#ffffff")


def _bold(painter: QPainter) -> None:
    painter.setFont(QFont(painter.font().family(), 9, QFont.Weight.Bold))


def paint_alarms(painter: QPainter, scene: Scene, place: Place) -> None:
    """A shape for each alarm, the worst on top; who waits for an acknowledgement has a white edge."""
    _bold(painter)
    for alarm in reversed(scene.alarms):
        at = _at(place, alarm.lon, alarm.lat)
        colour, corners = _SEVERITIES[alarm.severity]
        painter.setPen(QPen(QColor("#ffffff" if alarm.waiting else "#0c0f12"), 2 if alarm.waiting else 1))
        painter.setBrush(QColor(colour))
        if corners:
            painter.drawPolygon(QPolygonF([at + QPointF(*corner) for corner in corners]))
        else:
            painter.drawEllipse(at, 11, 11)
        painter.setPen(_ink(alarm.severity))
        painter.drawText(at + QPointF(-5, 6), alarm.severity.numeral)


def paint_incidents(painter: QPainter, scene: Scene, place: Place, ink: str) -> None:
    """A flag on a pole whose foot stands at the place, for each incident, the gravest on top."""
    _bold(painter)
    for incident in reversed(scene.incidents):
        foot = _at(place, incident.lon, incident.lat)
        painter.setPen(QPen(QColor(ink), 2))
        painter.drawLine(foot, foot + QPointF(0, -_POLE_PX))
        painter.setPen(QPen(QColor("#0c0f12"), 1))
        painter.setBrush(QColor(_SEVERITIES[incident.grade][0]))
        painter.drawPolygon(QPolygonF([foot + QPointF(*corner) for corner in _CLOTH]))
        painter.setPen(_ink(incident.grade))
        painter.drawText(foot + QPointF(6, -30), incident.grade.numeral)


def mark_at(layer_id: str, scene: Scene, place: Place, at: QPointF) -> tuple[str, str] | None:
    """The kind and id of the mark of one of these layers under a click."""
    if layer_id == MapLayer.ALARMS:
        for alarm in scene.alarms:
            away = _at(place, alarm.lon, alarm.lat) - at
            if math.hypot(away.x(), away.y()) <= REACH_PX:
                return "alarm", alarm.id
    for incident in scene.incidents if layer_id == MapLayer.INCIDENTS else ():
        away = at - _at(place, incident.lon, incident.lat)
        if 0 <= away.x() <= 26 and -_POLE_PX <= away.y() <= -20:
            return "incident", incident.id
    return None
