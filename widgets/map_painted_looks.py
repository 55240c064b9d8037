"""How points look on the painted map: the same shapes and colours as `resources/map/stamps.js`, as pixels to press."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

THEMES = {
    True: {
        "land": "#1d232a",
        "quiet": "#8fa3b3",
        "faint": "#66737f",
        "edge": "#0c0f12",
        "ink": "#dfe6ec",
        "ground": "#14181d",
        "offline": "#d9894a",
        "blue": "#3f88c5",
        "yellow": "#e9c46a",
        "orange": "#f46036",
        "red": "#d7263d",
    },
    False: {
        "land": "#f8f9fa",
        "quiet": "#5f7281",
        "faint": "#9aa7b2",
        "edge": "#ffffff",
        "ink": "#1c242b",
        "ground": "#e9ecef",
        "offline": "#b8631c",
        "blue": "#2f78b5",
        "yellow": "#c99a1c",
        "orange": "#e0501f",
        "red": "#c81e36",
    },
}
"""Colours by whether the map is dark."""

STEPS = 20
"""Steps of opacity."""

_SOFTEST = 24
_CORNERS = {"pentagon": (1.1, 5), "hexagon": (1.05, 6)}


@dataclass(frozen=True, slots=True)
class Look:
    """One state: shape and colours as #rrggbb; `tone` tells it where its fill does not. `radius` in pixels."""

    shape: str
    stroke: str
    radius: float
    fill: str = ""
    struck: str = ""
    dotted: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Looks:
    """The states of a layer: the worst has the highest rank, from `alerts` on a cluster tells of them."""

    states: tuple[Look, ...]
    alerts: int
    rank: tuple[int, ...]
    is_square: bool = False
    """The badge of a cluster."""


@lru_cache(maxsize=2)
def sensor_looks(dark: bool) -> Looks:
    """Sensors by SensorState."""
    theme = THEMES[dark]
    edge = theme["edge"]
    states = (
        Look("circle", theme["faint"], 3),
        Look("circle", edge, 3, theme["quiet"]),
        Look("square", theme["quiet"], 3),
        Look("circle", edge, 5, theme["blue"]),
        Look("square", edge, 5.5, theme["yellow"]),
        Look("triangle", edge, 6, theme["orange"]),
        Look("diamond", edge, 6, theme["red"]),
    )
    return Looks(states, 3, tuple(range(len(states))))


@lru_cache(maxsize=2)
def camera_looks(dark: bool) -> Looks:
    """Cameras by CameraState."""
    theme = THEMES[dark]
    states = (
        Look("camera", theme["faint"], 6),
        Look("camera", theme["edge"], 6, theme["quiet"]),
        Look("camera", theme["edge"], 6, theme["offline"], struck=theme["ink"]),
        Look("camera", theme["offline"], 7, theme["quiet"], dotted=theme["yellow"], tone=theme["yellow"]),
    )
    return Looks(states, 2, (1, 0, 3, 2), is_square=True)


def class_looks(dark: bool, classes: tuple[tuple[str, str], ...], alerts: int) -> Looks:
    """A department's layer by its classes: colour and shape, which may be open, struck or dotted."""
    return Looks(tuple(_class_look(dark, *one) for one in classes), alerts, tuple(range(len(classes))))


def _class_look(dark: bool, colour: str, shape: str) -> Look:
    mark, _space, plain = shape.rpartition(" ")
    theme = THEMES[dark]
    plain = plain if plain in _SHAPES else "circle"
    radius = 5.0 if plain == "circle" else 6.5
    if mark == "open":
        return Look(plain, colour, radius - 0.5)
    struck, dotted = (theme["ink"] if mark == wanted else "" for wanted in ("struck", "dotted"))
    return Look(plain, theme["edge"], radius, colour, struck, dotted)


def draw_look(painter: QPainter, look: Look, at: QPointF, factor: float = 1.0) -> None:
    """One sign around a point."""
    r = look.radius * factor
    painter.save()
    painter.translate(at)
    painter.setPen(QPen(QColor(look.stroke), (1.0 if look.fill else 1.4) * factor))
    painter.setBrush(QColor(look.fill) if look.fill else Qt.BrushStyle.NoBrush)
    painter.drawPath(_path(look.shape, r))
    if look.dotted:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.dotted))
        painter.drawEllipse(QPointF(-0.35 * r if look.shape == "camera" else 0.0, 0.0), 0.42 * r, 0.42 * r)
    if look.struck:
        painter.setPen(QPen(QColor(look.struck), 1.8 * factor))
        painter.drawLine(QPointF(-r, r), QPointF(r, -r))
    painter.restore()


@dataclass(frozen=True, slots=True, eq=False)
class Stamp:
    """The pixels that a sign sets: offsets i32[n] and colours ARGB u32[n], the first `solid` of them opaque."""

    dx: NDArray[np.intp]
    dy: NDArray[np.intp]
    colour: NDArray[np.uint32]
    solid: int


@lru_cache(maxsize=2048)
def stamp(look: Look, factor: float, step: int = STEPS) -> Stamp:
    """A look at a size and an opacity (of STEPS) as pixels."""
    reach = reach_of(look, factor)
    side = 2 * reach + 1
    image = QImage(side, side, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw_look(painter, look, QPointF(reach + 0.5, reach + 0.5), factor)
    painter.end()
    pixels = np.frombuffer(bytes(image.constBits()), np.uint32).reshape(side, side)
    alpha = pixels >> 24
    row, column = np.nonzero(alpha >= _SOFTEST)
    order = np.argsort(alpha[row, column] != 255, kind="stable")
    row, column = row[order], column[order]
    found = pixels[row, column]
    solid = int(np.count_nonzero(alpha[row, column] == 255))
    if step < STEPS:
        faded = (found.astype(np.int64) >> 24) * step // STEPS
        found = (faded << 24 | (found & 0xFFFFFF)).astype(np.uint32)
    return Stamp(column - reach, row - reach, found, solid)


def reach_of(look: Look, factor: float) -> int:
    """How far from its middle a sign reaches, in pixels."""
    return math.ceil(look.radius * 1.3 * factor) + 2


def _ring(radius: float, corners: int) -> QPainterPath:
    turns = (2 * math.pi * k / corners - math.pi / 2 for k in range(corners))
    return _polygon([(radius * math.cos(turn), radius * math.sin(turn)) for turn in turns])


def _polygon(corners: list[tuple[float, float]]) -> QPainterPath:
    path = QPainterPath(QPointF(*corners[0]))
    for corner in corners[1:]:
        path.lineTo(QPointF(*corner))
    path.closeSubpath()
    return path


def _path(shape: str, r: float) -> QPainterPath:
    if shape in _CORNERS:
        stretch, corners = _CORNERS[shape]
        return _ring(r * stretch, corners)
    if shape in _POLYGONS:
        return _polygon([(x * r, y * r) for x, y in _POLYGONS[shape]])
    path = QPainterPath()
    if shape == "camera":
        path.addRect(QRectF(-r, -0.62 * r, 1.3 * r, 1.24 * r))
        path.addPath(_polygon([(0.42 * r, 0.0), (1.1 * r, -0.6 * r), (1.1 * r, 0.6 * r)]))
    else:
        path.addEllipse(QPointF(0, 0), r, r)
    return path


_POLYGONS: dict[str, tuple[tuple[float, float], ...]] = {
    "square": ((-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)),
    "triangle": ((0.0, -1.1), (1.05, 0.8), (-1.05, 0.8)),
    "diamond": ((0.0, -1.2), (1.2, 0.0), (0.0, 1.2), (-1.2, 0.0)),
    "house": ((-0.9, 0.85), (-0.9, -0.2), (0.0, -1.1), (0.9, -0.2), (0.9, 0.85)),
}
_SHAPES = frozenset({"circle", "camera", *_CORNERS, *_POLYGONS})
