"""Graphics for command drawn by QPainter: on the simple map, in legends and lists, in exported pictures."""

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPixmap, QPolygonF

from controlroom.domain.graphic import GraphicKind
from controlroom.mapping.coordinates import to_fixed
from controlroom.mapping.graphic_marks import FILL, SHADES, GraphicMark, SketchMark, part_colour
from controlroom.mapping.graphics import Ring

Place = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Pixels of world coordinates (fixed-point Web Mercator)."""

_SIGNS: dict[str, tuple[tuple[float, float], ...]] = {
    "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    "triangle": ((0, -1.35), (1.35, 1), (-1.35, 1)),
    "octagon": (
        (-0.45, -1.08),
        (0.45, -1.08),
        (1.08, -0.45),
        (1.08, 0.45),
        (0.45, 1.08),
        (-0.45, 1.08),
        (-1.08, 0.45),
        (-1.08, -0.45),
    ),
}
_GROUNDS = {True: "#1d232a", False: "#f8f9fa"}
_INKS = {True: "#dfe6ec", False: "#1c242b"}
_HANDLE = {True: "#62d0c8", False: "#00776f"}


def paint_sign(painter: QPainter, at: QPointF, mark: GraphicMark, dark: bool, half_px: float = 12.0) -> None:
    """The sign of a symbol around a point."""
    colour = QColor(SHADES[dark][mark.colour])
    painter.setPen(QPen(colour, half_px / 5))
    painter.setBrush(QColor(_GROUNDS[dark]))
    corners = _SIGNS.get(mark.shape)
    if corners is None:
        painter.drawEllipse(at, half_px * 1.08, half_px * 1.08)
    else:
        painter.drawPolygon(QPolygonF([at + QPointF(x * half_px, y * half_px) for x, y in corners]))
    font = QFont(painter.font())
    font.setPixelSize(max(6, round(half_px * (0.8 if len(mark.glyph) > 2 else 1.15))))
    font.setBold(True)
    painter.setFont(font)
    down = half_px * (0.3 if mark.shape == "triangle" else 0.0)
    box = QRectF(at.x() - 2 * half_px, at.y() - half_px + down, 4 * half_px, 2 * half_px)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, mark.glyph)


def paint_swatch(painter: QPainter, box: QRectF, mark: GraphicMark, dark: bool) -> None:
    """What a graphic looks like, in a small box of a list or legend."""
    middle, half = box.center(), min(box.width(), box.height()) / 2 - 2
    if mark.kind is GraphicKind.SYMBOL:
        paint_sign(painter, middle, mark, dark, half * 0.72)
        return
    colour = QColor(SHADES[dark][mark.colour])
    style = Qt.PenStyle.DashLine if mark.dashed else Qt.PenStyle.SolidLine
    painter.setPen(QPen(colour, 2.0, style))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    filled = QColor(colour)
    filled.setAlphaF(0.3 if mark.filled else 0.0)

    def shape(*corners: tuple[float, float]) -> QPolygonF:
        return QPolygonF([middle + QPointF(x * half, y * half) for x, y in corners])

    if mark.kind is GraphicKind.LINE:
        painter.drawPolyline(shape((-0.9, 0.6), (-0.2, -0.3), (0.3, 0.3), (0.9, -0.6)))
    elif mark.kind is GraphicKind.ARROW:
        painter.drawLine(middle + QPointF(-0.9 * half, 0.6 * half), middle + QPointF(0.5 * half, -0.3 * half))
        painter.setBrush(colour)
        painter.drawPolygon(shape((0.9, -0.6), (0.55, 0.05), (0.2, -0.5)))
    elif mark.kind is GraphicKind.BROAD_ARROW:
        painter.setBrush(filled)
        painter.drawPolygon(
            shape((-0.9, -0.5), (0.1, -0.25), (0.1, -0.75), (0.95, 0.0), (0.1, 0.75), (0.1, 0.25), (-0.9, 0.5))
        )
    elif mark.kind is GraphicKind.ZONE:
        for share, shade in ((1.0, "#e9c46a"), (0.65, "#f46036"), (0.3, "#d7263d")):
            painter.setPen(QPen(QColor(shade), 2.0))
            painter.drawEllipse(middle, half * share, half * share)
    elif mark.kind is GraphicKind.AREA:
        painter.setBrush(filled)
        painter.drawPolygon(shape((-0.8, 0.7), (-0.6, -0.6), (0.4, -0.8), (0.85, 0.2), (0.3, 0.8)))
    else:
        font = QFont(painter.font())
        font.setPixelSize(max(8, round(half * 1.4)))
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "A")


def swatch(mark: GraphicMark, dark: bool, side: int = 22, ratio: float = 1.0) -> QPixmap:
    """The same as a picture of its own."""
    pixels = QPixmap(round(side * ratio), round(side * ratio))
    pixels.setDevicePixelRatio(ratio)
    pixels.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixels)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_swatch(painter, QRectF(0, 0, side, side), mark, dark)
    painter.end()
    return pixels


def paint_graphics(
    painter: QPainter, marks: Sequence[GraphicMark], place: Place, dark: bool, chosen: str, zoom: int
) -> None:
    """Shapes first, signs and words over all of them."""
    painter.save()
    for mark in marks:
        painter.setOpacity(0.55 if mark.archived else 1.0)
        for part in mark.parts:
            colour = QColor(SHADES[dark][part_colour(mark, part)])
            width = mark.width + (2 if mark.id == chosen else 0)
            dashed = mark.dashed and part.role != "head"
            painter.setPen(QPen(colour, width, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine))
            filled = QColor(colour)
            filled.setAlphaF(1.0 if part.role == "head" else FILL if mark.filled else 0.0)
            painter.setBrush(filled if part.area else Qt.BrushStyle.NoBrush)
            polygon = _pixels(part.ring, place)
            painter.drawPolygon(polygon) if part.area else painter.drawPolyline(polygon)
    font = QFont(painter.font())
    for mark in marks:
        painter.setOpacity(0.6 if mark.archived else 1.0)
        at = _corners(((mark.lon, mark.lat),), place)[0]
        if mark.kind is GraphicKind.SYMBOL:
            paint_sign(painter, at, mark, dark)
        painter.setFont(font)
        _words(painter, at, mark, dark, mark.id == chosen, zoom)
    painter.restore()


def paint_sketch(painter: QPainter, sketch: SketchMark, place: Place, dark: bool) -> None:
    """What is drawn just now with its corners."""
    painter.save()
    colour = QColor(SHADES[dark][sketch.colour])
    painter.setPen(QPen(colour, 2.5))
    filled = QColor(colour)
    filled.setAlphaF(0.14)
    for part in sketch.parts:
        painter.setBrush(filled if part.area else Qt.BrushStyle.NoBrush)
        polygon = _pixels(part.ring, place)
        painter.drawPolygon(polygon) if part.area else painter.drawPolyline(polygon)
    corners = _corners(sketch.points, place)
    if not sketch.parts and len(corners) > 1:
        painter.drawPolyline(QPolygonF(corners))
    for index, corner in enumerate(corners):
        painter.setPen(QPen(QColor(_HANDLE[dark]), 2.5))
        painter.setBrush(QColor(_HANDLE[dark] if index == sketch.chosen else _GROUNDS[dark]))
        painter.drawEllipse(corner, 5.0, 5.0)
    _cross_and_hint(painter, sketch.hint, dark)
    painter.restore()


def _cross_and_hint(painter: QPainter, hint: str, dark: bool) -> None:
    """The cross-hair of the keyboard in the middle, and what the hand can do at the top."""
    view = painter.viewport()
    painter.setPen(QPen(QColor(_INKS[dark]), 1))
    middle = view.center()
    painter.drawLine(middle.x() - 11, middle.y(), middle.x() + 11, middle.y())
    painter.drawLine(middle.x(), middle.y() - 11, middle.x(), middle.y() + 11)
    box = painter.fontMetrics().boundingRect(hint).adjusted(-10, -4, 10, 4)
    box.moveCenter(QPoint(middle.x(), 22))
    painter.fillRect(box, QColor(_GROUNDS[dark]))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, hint)


def _words(painter: QPainter, at: QPointF, mark: GraphicMark, dark: bool, chosen: bool, zoom: int) -> None:
    lines = [(mark.label, 15 if mark.kind is GraphicKind.TEXT else 13, True)] if mark.label else []
    lines += [(mark.note, 11, False)] if mark.note and zoom >= 11 else []
    y = at.y() + (19.0 if mark.kind is GraphicKind.SYMBOL else -8.0 * len(lines))
    for text, size, bold in lines:
        font = QFont(painter.font())
        font.setPixelSize(size)
        font.setBold(bold)
        font.setUnderline(chosen and bold)
        painter.setFont(font)
        said = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, 260)
        box = painter.fontMetrics().boundingRect(said).toRectF()
        box.moveTopLeft(QPointF(at.x() - box.width() / 2, y))
        ground = QColor(_GROUNDS[dark])
        ground.setAlphaF(0.7)
        painter.fillRect(box.adjusted(-3, 0, 3, 0), ground)
        painter.setPen(QColor(SHADES[dark][mark.colour] if bold else _INKS[dark]))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, said)
        y += box.height()


def _pixels(ring: Ring, place: Place) -> QPolygonF:
    return QPolygonF(_corners(ring, place))


def _corners(ring: Ring, place: Place) -> list[QPointF]:
    if not ring:
        return []
    lon, lat = np.asarray(ring, np.float64).T
    x, y = place(*(np.atleast_1d(part) for part in to_fixed(lon, lat)))
    return [QPointF(*corner) for corner in zip(x.tolist(), y.tolist(), strict=True)]
