"""What the simple map draws beside points: areas of layers, trails of vehicles, and what is chosen."""

import itertools
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPolygonF, QTransform

from controlroom.mapping.coordinates import NOWHERE, Fixed, to_fixed
from controlroom.mapping.plugin_layer import PluginLayer
from controlroom.mapping.scene import Scene
from controlroom.mapping.trails import TrailRows
from widgets.map_painted_points import CLUSTER_BELOW

_SILENCE_MS = 60_000
_CHOSEN = QColor("#62d0c8")
Pixels = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


class LayerShapes:
    """Areas and lines of departments' layers, fences and answers, as paths in world coordinates."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[str, list[tuple[QPainterPath, int, bool]]]] = {}

    def draw(self, painter: QPainter, plugin: PluginLayer, transform: QTransform) -> None:
        """One layer; its document is read once."""
        spec = plugin.spec
        if not spec.geojson:
            return
        if self._held.get(spec.id, ("", []))[0] != spec.geojson:
            self._held[spec.id] = (spec.geojson, _paths(spec.geojson))
        for path, number, is_area in self._held[spec.id][1]:
            colour = QColor(spec.classes[number if 0 <= number < len(spec.classes) else 0].colour)
            pen = QPen(colour, 1.6)
            pen.setCosmetic(True)
            fill = QColor(colour)
            fill.setAlphaF(max(0.0, min(1.0, spec.opacity)))
            painter.setPen(pen if spec.bordered or not is_area else Qt.PenStyle.NoPen)
            painter.setBrush(QBrush(fill) if is_area else Qt.BrushStyle.NoBrush)
            painter.drawPath(transform.map(path))


def draw_trails(painter: QPainter, scene: Scene, pixels: Pixels, colours: tuple[str, str]) -> None:
    """Trails by the scene's wish; `colours` are those of everyday vehicles and of services."""
    rows = scene.trails.rows(scene.clock_ms)
    if not len(rows):
        return
    px, py = pixels(rows.x, rows.y)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for start, end in _runs(rows):
        index = int(rows.index[start])
        marked = index in scene.trails.marked
        service = index < len(scene.fleet) and bool(scene.fleet.vehicle_class[index])
        colour = QColor(colours[1] if marked or service else colours[0])
        colour.setAlphaF(1.0 if marked else 0.45)
        painter.setPen(QPen(colour, 3.0 if marked else 1.4))
        line = [QPointF(x, y) for x, y in zip(px[start:end].tolist(), py[start:end].tolist(), strict=True)]
        painter.drawPolyline(QPolygonF(line))


def draw_chosen(painter: QPainter, scene: Scene, pixels: Pixels, size: tuple[int, int]) -> None:
    """The border of what was chosen, and a ring round every chosen object in sight."""
    choice = scene.chosen.choice
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if len(choice.corners) > 2:
        px, py = pixels(*to_fixed([c[0] for c in choice.corners], [c[1] for c in choice.corners]))
        painter.setPen(QPen(_CHOSEN, 2, Qt.PenStyle.DashLine))
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in zip(px.tolist(), py.tolist(), strict=True)]))
    painter.setPen(QPen(_CHOSEN, 1))
    for group in choice.groups:
        if scene.centre.zoom < CLUSTER_BELOW and scene.point_layer(group.kind) is not None:
            continue  # their clusters are marked
        x, y = _places(scene, group.kind, group.index)
        px, py = pixels(x, y)
        sight = (x != NOWHERE) & (px > -9) & (py > -9) & (px < size[0] + 9) & (py < size[1] + 9)
        # Of thousands in one place a ring a pixel is enough.
        spots = np.unique(np.stack([px[sight], py[sight]]).astype(np.int32) // 3, axis=1) * 3
        reach = 15 if group.kind == "alarm" else 6
        for at_x, at_y in spots.T.tolist():
            painter.drawEllipse(QRectF(at_x - reach, at_y - reach, 2 * reach + 1, 2 * reach + 1))


def _places(scene: Scene, kind: str, index: "np.ndarray[Any, np.dtype[np.int64]]") -> tuple[Fixed, Fixed]:
    if kind == "alarm":
        wanted = set(scene.chosen.alarms())
        held = [alarm for alarm in scene.alarms if alarm.id in wanted]
        return to_fixed([alarm.lon for alarm in held], [alarm.lat for alarm in held])
    layer = scene.fleet if kind == "vehicle" else scene.point_layer(kind)
    if layer is None:
        return to_fixed([], [])
    return layer.x[index], layer.y[index]


def _runs(rows: TrailRows) -> list[tuple[int, int]]:
    """From and to of what is one line: the same vehicle, without a long silence."""
    cut = (np.diff(rows.index) != 0) | (np.diff(rows.time_ms) > _SILENCE_MS)
    edges = [0, *(np.flatnonzero(cut) + 1).tolist(), len(rows)]
    return list(itertools.pairwise(edges))


def _paths(document: str) -> list[tuple[QPainterPath, int, bool]]:
    """Each feature's path in world coordinates, its class, and whether it is an area."""
    found = []
    for feature in msgspec.json.decode(document).get("features", []):
        geometry = feature.get("geometry") or {}
        kind, held = geometry.get("type", ""), geometry.get("coordinates", [])
        lines = _lines(kind, held)
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.OddEvenFill)
        for line in lines:
            x, y = to_fixed([corner[0] for corner in line], [corner[1] for corner in line])
            placed = x != NOWHERE
            corners = zip(x[placed].tolist(), y[placed].tolist(), strict=True)
            path.addPolygon(QPolygonF([QPointF(at_x, at_y) for at_x, at_y in corners]))
        number = (feature.get("properties") or {}).get("class", 0)
        found.append((path, number if isinstance(number, int) else 0, kind.endswith("Polygon")))
    return found


def _lines(kind: str, coordinates: list[Any]) -> list[Any]:
    """The lines or rings of a geometry."""
    if kind == "MultiPolygon":
        return [ring for part in coordinates for ring in part]
    return {"LineString": [coordinates], "MultiLineString": coordinates, "Polygon": coordinates}.get(kind, [])
