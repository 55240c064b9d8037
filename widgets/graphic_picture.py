"""A picture of the map to be handed on: legend, scale bar, north, time and age of the data are burnt in."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPen, QPolygonF

from controlroom.domain.graphic import GraphicKind
from controlroom.i18n import _
from controlroom.mapping.graphic_marks import GraphicMark
from widgets.graphic_paint import paint_swatch

_EQUATOR_M = 40_075_016.686
_LINE_PX, _COLUMN_PX, _EDGE_PX = 24, 300, 14
_MOST_LINES = 40
_SCALE_PX = 180.0


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What stands under the picture: a title, and lines that say when and by whom it was made, and how old it is."""

    title: str
    lines: tuple[str, ...]
    latitude_deg: float
    zoom: int
    dark: bool
    ratio: float = 1.0
    """Pixels of the picture for one of the map: displays of high density have more."""


def scale_bar(latitude_deg: float, zoom: int, most_px: float = _SCALE_PX) -> tuple[float, float]:
    """A round length that fits: its pixels and its metres, for the middle of a Web Mercator map."""
    metres_a_pixel = _EQUATOR_M * math.cos(math.radians(latitude_deg)) / (256 * 2**zoom)
    most_m = most_px * metres_a_pixel
    power = 10.0 ** math.floor(math.log10(most_m))
    metres = next(step * power for step in (5.0, 2.0, 1.0) if step * power <= most_m)
    return metres / metres_a_pixel, metres


def burnt_in(shot: QImage, marks: Sequence[GraphicMark], facts: PictureFacts) -> QImage:
    """The map with a band below it. `marks` are the graphics to be explained."""
    explained = _explained(marks)
    columns = max(1, (shot.width() - 2 * _EDGE_PX) // max(_COLUMN_PX, _widest([words for _mark, words in explained])))
    wide = (shot.width() - 2 * _EDGE_PX) // columns
    rows = math.ceil(len(explained) / columns)
    head = 30 + 20 * len(facts.lines)
    band = head + rows * _LINE_PX + 2 * _EDGE_PX
    picture = QImage(shot.width(), shot.height() + band, QImage.Format.Format_RGB32)
    picture.fill(QColor("#14181d" if facts.dark else "#ffffff"))
    ink = QColor("#dfe6ec" if facts.dark else "#1c242b")
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawImage(0, 0, shot)
    _north(painter, QPointF(shot.width() - 34, 44), facts.dark)
    top = shot.height() + _EDGE_PX
    _write(painter, facts, top, ink)
    _scale(painter, QPointF(shot.width() - _EDGE_PX, top + 8), facts, ink)
    for index, (mark, words) in enumerate(explained):
        x = _EDGE_PX + (index // rows) * wide
        y = top + head + (index % rows) * _LINE_PX
        paint_swatch(painter, QRectF(x, y, 22, 22), mark, facts.dark)
        painter.setPen(ink)
        painter.setFont(_font(painter, 13, False))
        said = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, wide - 40)
        painter.drawText(QRectF(x + 30, y, wide - 34, 22), Qt.AlignmentFlag.AlignVCenter, said)
    painter.end()
    return picture


def _explained(marks: Sequence[GraphicMark]) -> list[tuple[GraphicMark, str]]:
    """A line for each graphic that has words, the symbols first; the same words in the same look once."""
    found: dict[tuple[object, ...], tuple[GraphicMark, str]] = {}
    for mark in sorted(marks, key=lambda m: m.kind is not GraphicKind.SYMBOL):
        if mark.label:
            plain = msgspec.structs.replace(mark, archived=False)
            found.setdefault((mark.kind, mark.glyph, mark.colour, mark.label), (plain, f"{mark.label} · {mark.note}"))
    lines = list(found.values())
    return lines[:_MOST_LINES]


def _write(painter: QPainter, facts: PictureFacts, top: int, ink: QColor) -> None:
    painter.setPen(ink)
    painter.setFont(_font(painter, 17, True))
    painter.drawText(QPointF(_EDGE_PX, top + 16), facts.title)
    painter.setFont(_font(painter, 13, False))
    for number, line in enumerate(facts.lines):
        painter.drawText(QPointF(_EDGE_PX, top + 40 + 20 * number), line)


def _scale(painter: QPainter, right: QPointF, facts: PictureFacts, ink: QColor) -> None:
    pixels, metres = scale_bar(facts.latitude_deg, facts.zoom, _SCALE_PX / facts.ratio)
    pixels *= facts.ratio
    words = _("{km:g} km").format(km=metres / 1000) if metres >= 1000 else _("{m:g} m").format(m=metres)
    left = QPointF(right.x() - pixels, right.y())
    painter.setPen(QPen(ink, 2))
    painter.drawLine(left, right)
    for end in (left, right):
        painter.drawLine(end - QPointF(0, 5), end + QPointF(0, 5))
    painter.setFont(_font(painter, 13, False))
    box = QRectF(left.x() - 40, right.y() + 6, pixels + 80 - 40, 20)
    painter.drawText(box, Qt.AlignmentFlag.AlignRight, words)


def _north(painter: QPainter, at: QPointF, dark: bool) -> None:
    """North is up on every map of this program."""
    ink, ground = QColor("#f0f4f7" if dark else "#1c242b"), QColor("#14181d" if dark else "#ffffff")
    ground.setAlphaF(0.8)
    painter.setPen(QPen(ink, 1.5))
    painter.setBrush(ground)
    painter.drawEllipse(at, 24, 24)
    painter.setBrush(ink)
    painter.drawPolygon(QPolygonF([at + QPointF(x, y) for x, y in ((0, -19), (7, 4), (0, 0), (-7, 4))]))
    painter.setFont(_font(painter, 13, True))
    painter.drawText(QRectF(at.x() - 15, at.y() + 3, 30, 18), Qt.AlignmentFlag.AlignCenter, _("N"))


def _widest(words: Sequence[str]) -> int:
    """How wide a column must be so that every line of the legend is whole, with its sign."""
    font = QFont()
    font.setPixelSize(13)
    metrics = QFontMetrics(font)
    return max((metrics.horizontalAdvance(line) + 48 for line in words), default=0)


def _font(painter: QPainter, pixels: int, bold: bool) -> QFont:
    font = QFont(painter.font())
    font.setPixelSize(pixels)
    font.setBold(bold)
    font.setUnderline(False)
    return font
