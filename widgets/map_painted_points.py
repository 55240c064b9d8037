"""Points on the painted map as on the page: below CLUSTER_BELOW counts per cell with the worst state, from there all.

`resources/map/points.js` is the other half: cells, sizes and signs are the same.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPen

from controlroom.bridge.raw_text import harmless
from controlroom.mapping.coordinates import NOWHERE, WORLD, to_degrees
from controlroom.mapping.kinds import KindLooks
from controlroom.mapping.points import PointLayer
from widgets.map_painted_looks import STEPS, THEMES, Looks, draw_look, stamp

CLUSTER_BELOW = 13
CELL_PX = 64
SINGLES = 4
"""So many points of a cell are drawn one by one."""

_MARGIN_PX = 24
_MOST_TEXTS = 400
_Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sight:
    """Where a map looks: its upper left corner in the world, its zoom level, and its size in pixels."""

    left: float
    top: float
    zoom: int
    size: QSize
    dark: bool

    @property
    def scale(self) -> float:
        """Pixels to a unit of the world."""
        return 256.0 * 2.0**self.zoom / WORLD


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells with more than SINGLES points: how many, how many that call, the worst state, where, and how clear."""

    count: NDArray[np.int64]
    bad: NDArray[np.int64]
    worst: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    step: NDArray[np.int64]
    chosen: NDArray[np.int64]


def paint_points(
    painter: QPainter,
    layer: PointLayer,
    looks: Looks,
    sight: Sight,
    kinds: KindLooks | None = None,
    chosen: Sequence[int] | NDArray[np.int64] = (),
) -> None:
    """A layer of points: those in order below those that call, clusters above all."""
    which = _in_sight(layer, sight, kinds, CELL_PX if sight.zoom < CLUSTER_BELOW else _MARGIN_PX)
    if not len(which):
        return
    x = (layer.x[which].astype(np.float64) - sight.left) * sight.scale
    y = (layer.y[which].astype(np.float64) - sight.top) * sight.scale
    cells, single = _cells(layer, looks, sight, kinds, which, chosen) if sight.zoom < CLUSTER_BELOW else (None, None)
    if single is not None:
        which, x, y = which[single], x[single], y[single]
    _press(painter, layer, looks, sight, kinds, which, x, y)
    if sight.zoom < CLUSTER_BELOW and len(chosen):
        _ring(painter, x[np.isin(which, chosen)], y[np.isin(which, chosen)])
    if cells is not None:
        _draw_cells(painter, cells, looks, sight)


def paint_texts(painter: QPainter, layer: PointLayer, texts: Sequence[str], sight: Sight) -> None:
    """The words beside points."""
    which = _in_sight(layer, sight, None, _MARGIN_PX)[:_MOST_TEXTS]
    theme = THEMES[sight.dark]
    painter.setFont(QFont(painter.font().family(), 9))
    for k in which.tolist():
        text = harmless(texts[k][:120]) if k < len(texts) else ""
        at = QPointF((float(layer.x[k]) - sight.left) * sight.scale, (float(layer.y[k]) - sight.top) * sight.scale)
        if text:
            write(painter, at + QPointF(9, 4), text, theme["ink"], theme["ground"])


def write(painter: QPainter, at: QPointF, text: str, ink: str, halo: str) -> None:
    """Words with a halo that reads on any ground."""
    path = QPainterPath()
    path.addText(at, painter.font(), text)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(halo), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.drawPath(path)
    painter.fillPath(path, QColor(ink))


def cell_at(layer: PointLayer, sight: Sight, kinds: KindLooks | None, at: QPointF) -> int:
    """How many points a cluster under a pixel stands for; 0 where there is none."""
    if sight.zoom >= CLUSTER_BELOW or not len(layer):
        return 0
    side = CELL_PX / sight.scale
    west = math.floor((sight.left + at.x() / sight.scale) / side) * side
    north = math.floor((sight.top + at.y() / sight.scale) / side) * side
    inside = (layer.x >= west) & (layer.x < west + side) & (layer.y >= north) & (layer.y < north + side)
    inside &= layer.x != NOWHERE
    if kinds is not None and len(layer.kind) and kinds.hidden.any():
        inside &= ~kinds.hidden[layer.kind]
    count = int(np.count_nonzero(inside))
    return count if count > SINGLES else 0


def place_of(sight: Sight, at: QPointF) -> tuple[float, float]:
    """Longitude and latitude of a pixel."""
    lon, lat = to_degrees(sight.left + at.x() / sight.scale, sight.top + at.y() / sight.scale)
    return float(lon), float(lat)


def _in_sight(layer: PointLayer, sight: Sight, kinds: KindLooks | None, margin: int) -> NDArray[np.int64]:
    reach_x, reach_y = (sight.size.width() + margin) / sight.scale, (sight.size.height() + margin) / sight.scale
    edge = margin / sight.scale
    inside = (layer.x > sight.left - edge) & (layer.x < sight.left + reach_x) & (layer.x != NOWHERE)
    inside &= (layer.y > sight.top - edge) & (layer.y < sight.top + reach_y)
    if kinds is not None and len(layer.kind) and kinds.hidden.any():
        inside &= ~kinds.hidden[layer.kind]
    return np.flatnonzero(inside)


def _steps(layer: PointLayer, kinds: KindLooks | None, which: NDArray[np.int64]) -> NDArray[np.int64]:
    if kinds is None or not len(layer.kind):
        return np.full(len(which), STEPS)
    return np.rint(kinds.opacity * STEPS).astype(np.int64)[layer.kind[which]]


def _cells(
    layer: PointLayer,
    looks: Looks,
    sight: Sight,
    kinds: KindLooks | None,
    which: NDArray[np.int64],
    chosen: Any,
) -> tuple[Cells, _Bools]:
    """The clusters, and which of the points stand alone."""
    world_x, world_y = layer.x[which] * sight.scale, layer.y[which] * sight.scale
    column, row = np.floor(world_x / CELL_PX).astype(np.int64), np.floor(world_y / CELL_PX).astype(np.int64)
    keys, of, count = np.unique(row << 32 | column, return_inverse=True, return_counts=True)
    state = layer.state[which]
    rank = np.array(looks.rank)[state]
    worst = np.zeros(len(keys), np.int64)
    np.maximum.at(worst, of, rank)
    step = np.zeros(len(keys), np.int64)
    np.maximum.at(step, of, _steps(layer, kinds, which))
    marked = np.zeros(len(layer), bool)
    marked[np.asarray(chosen, np.int64)] = True
    many = count > SINGLES
    x, y = np.bincount(of, world_x) / count, np.bincount(of, world_y) / count
    radius = np.minimum(24.0, 9.0 + 3.2 * np.log10(count)) + 5.0
    low_x, low_y = (keys & 0xFFFFFFFF) * CELL_PX, (keys >> 32) * CELL_PX
    x = np.maximum(low_x + radius, np.minimum(low_x + CELL_PX - radius, x)) - sight.left * sight.scale
    y = np.maximum(low_y + radius, np.minimum(low_y + CELL_PX - radius, y)) - sight.top * sight.scale
    by_rank = np.argsort(np.array(looks.rank))
    bad = np.bincount(of, state >= looks.alerts, len(keys)).astype(np.int64)
    taken = np.bincount(of, marked[which], len(keys)).astype(np.int64)
    cells = Cells(count[many], bad[many], by_rank[worst[many]], x[many], y[many], step[many], taken[many])
    return cells, ~many[of]


def _press(
    painter: QPainter,
    layer: PointLayer,
    looks: Looks,
    sight: Sight,
    kinds: KindLooks | None,
    which: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
) -> None:
    """Presses signs into one picture: a redraw costs the same for ten points or for many."""
    width, height = sight.size.width(), sight.size.height()
    edge = 2 * _MARGIN_PX
    pixels = np.zeros((height + 2 * edge, width + 2 * edge), np.uint32)
    column, row = np.floor(x).astype(np.intp) + edge, np.floor(y).astype(np.intp) + edge
    near = (column >= _MARGIN_PX) & (row >= _MARGIN_PX)
    near &= (column < width + edge + _MARGIN_PX) & (row < height + edge + _MARGIN_PX)
    state, step = layer.state[which], _steps(layer, kinds, which)
    size = 2 if sight.zoom >= 15 else 1 if sight.zoom >= 14 or sight.zoom < CLUSTER_BELOW else 0
    floors: list[_Bools] = [near & (state < looks.alerts)]
    if kinds is not None and len(kinds.order) > 1:
        kind = layer.kind[which]
        floors = [floors[0] & (kind == number) for number in kinds.order.tolist()]
    calling = [near & (state == one) for one in np.argsort(np.array(looks.rank)).tolist() if one >= looks.alerts]
    for mine in (*floors, *calling):
        for one, clear in _pairs(state[mine], step[mine]):
            look = looks.states[min(one, len(looks.states) - 1)]
            factor = (0.75 if one < looks.alerts else 0.9, 1.0, 1.35)[size]
            held = mine & (state == one) & (step == clear)
            made = stamp(look, factor, clear)
            for k, (dx, dy, colour) in enumerate(zip(made.dx, made.dy, made.colour, strict=True)):
                at = row[held] + dy, column[held] + dx
                # Soft edges punch no holes into neighbours.
                pixels[at] = colour if k < made.solid else np.where(pixels[at] == 0, colour, pixels[at])
    shown = np.ascontiguousarray(pixels[edge : edge + height, edge : edge + width])
    painter.drawImage(0, 0, QImage(shown.tobytes(), width, height, QImage.Format.Format_ARGB32))


def _pairs(state: NDArray[np.uint8], step: NDArray[np.int64]) -> list[tuple[int, int]]:
    """The states and opacities that occur."""
    found = np.unique(state.astype(np.int64) * 64 + step)
    return [(int(one) // 64, int(one) % 64) for one in found if int(one) % 64]


def _ring(painter: QPainter, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Those that are chosen and stand alone."""
    painter.setPen(QPen(QColor("#62d0c8"), 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for at in zip(x.tolist(), y.tolist(), strict=True):
        painter.drawEllipse(QPointF(*at), 7, 7)


def _draw_cells(painter: QPainter, cells: Cells, looks: Looks, sight: Sight) -> None:
    theme = THEMES[sight.dark]
    whole = painter.opacity()
    font = QFont(painter.font().family())
    font.setPixelSize(11)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    for k, count in enumerate(cells.count.tolist()):
        r = min(24.0, 9.0 + 3.2 * math.log10(count))
        at = QPointF(cells.x[k], cells.y[k])
        painter.setOpacity(whole * float(cells.step[k]) / STEPS)
        box = QRectF(at.x() - r, at.y() - 0.8 * r, 2 * r, 1.6 * r)
        if cells.chosen[k]:
            painter.setPen(QPen(QColor("#62d0c8"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(at, r + 4, r + 4)
        land = QColor(theme["land"])
        land.setAlphaF(0.88)
        painter.setBrush(land)
        painter.setPen(QPen(QColor(theme["quiet"]), 1.2))
        painter.drawRoundedRect(box, 3, 3) if looks.is_square else painter.drawEllipse(at, r, r)
        if cells.bad[k]:
            _draw_worst(painter, looks, int(cells.worst[k]), at, r, cells.bad[k] / count)
        painter.setPen(QColor(theme["ink"]))
        words = f"{round(count / 1000)}k" if count >= 10_000 else str(count)
        painter.drawText(QRectF(at.x() - r, at.y() - r, 2 * r, 2 * r), Qt.AlignmentFlag.AlignCenter, words)
    painter.setOpacity(whole)


def _draw_worst(painter: QPainter, looks: Looks, worst: int, at: QPointF, r: float, share: float) -> None:
    """How many of a cluster call, along its border, and the sign of the worst of them."""
    look = looks.states[worst]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pen = QPen(QColor(look.tone or look.fill or look.stroke), 3)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    if looks.is_square:
        left, foot = at.x() - r, at.y() + 0.8 * r
        painter.drawLine(QPointF(left, foot), QPointF(left + 2 * r * max(0.15, share), foot))
    else:
        painter.drawArc(QRectF(at.x() - r, at.y() - r, 2 * r, 2 * r), 90 * 16, -round(360 * 16 * max(0.06, share)))
    draw_look(painter, look, at + QPointF(0.78 * r, -0.78 * r))
