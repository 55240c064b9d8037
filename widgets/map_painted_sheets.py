"""Thematic layers on the painted map: the same tiles as the page's, drawn once into pictures."""

import json
import struct
from collections import OrderedDict
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from controlroom.mapping.coordinates import WORLD
from controlroom.mapping.layer_tree import LegendLine
from controlroom.mapping.sheets import SheetLook, Sheets
from controlroom.mapping.thematic.labels import TEXT_PX
from controlroom.mapping.thematic.sheet import FINE, TILE_PX
from widgets.layer_symbol import draw_symbol
from widgets.map_painted_looks import THEMES
from widgets.map_painted_points import write

_KEPT = 256
"""Pictures of half a megabyte: a map of 4K shows 40 tiles of a layer."""

Key = tuple[int, int, int, int, int, str, bool]


class PaintedSheets(QObject):
    """Draws one layer's tiles where the map looks; those that are not there yet are asked for once."""

    arrived = Signal()
    """A tile came: the map should be painted again."""

    def __init__(self, sheets: Sheets, parent: QObject) -> None:
        super().__init__(parent)
        self._sheets = sheets
        self.dark = True
        self._pictures: OrderedDict[Key, QPixmap | None] = OrderedDict()

    def draw(self, painter: QPainter, layer_id: str, left: float, top: float, zoom: int, size: QSize) -> None:
        """Draw the layer for a view whose corner lies at `left`, `top` of the world."""
        look = self._sheets.held[layer_id]
        scale = 256.0 * 2.0**zoom / WORLD
        west, north = left * scale, top * scale
        for x in range(max(0, int(west // TILE_PX)), int((west + size.width()) // TILE_PX) + 1):
            for y in range(max(0, int(north // TILE_PX)), int((north + size.height()) // TILE_PX) + 1):
                picture = self._picture(look, zoom, x, y)
                if picture is not None:
                    painter.drawPixmap(QPointF(x * TILE_PX - west, y * TILE_PX - north), picture)

    def _picture(self, look: SheetLook, zoom: int, x: int, y: int) -> QPixmap | None:
        key = (look.number, look.version, zoom, x, y, look.label, self.dark)
        if key in self._pictures:
            self._pictures.move_to_end(key)
            return self._pictures[key]
        self._pictures[key] = None
        if len(self._pictures) > _KEPT:
            self._pictures.popitem(last=False)
        self._sheets.source(look.number, zoom, x, y, partial(self._take, key, look))
        return self._pictures.get(key)

    def _take(self, key: Key, look: SheetLook, body: bytes | None) -> None:
        if key in self._pictures and body:
            self._pictures[key] = painted(body, look, dark=key[-1])
            self.arrived.emit()
        elif body is None:
            # The layer is being read anew: the tile is asked for again with the next picture.
            self._pictures.pop(key, None)


def painted(body: bytes, look: SheetLook, *, dark: bool = True) -> QPixmap | None:
    """The picture of a tile; None for an empty one. Raises ValueError for bytes that are none."""
    magic, parts, rings, points = struct.unpack_from("<4sIII", body)
    if magic != b"CRT1":
        raise ValueError("not a tile of a thematic layer")
    first = np.frombuffer(body, "<u4", parts + 1, 16)
    begins = np.frombuffer(body, "<u4", rings + 1, 16 + first.nbytes)
    places = np.frombuffer(body, "<i2", 2 * points, 16 + first.nbytes + begins.nbytes).reshape(-1, 2) / FINE
    at = 16 + first.nbytes + begins.nbytes + 4 * points
    kind, look_of = np.frombuffer(body, np.uint8, parts, at), np.frombuffer(body, np.uint8, parts, at + parts)
    words = json.loads(body[at + 2 * parts :] or b"[]")
    if not parts and not words:
        return None
    picture = QPixmap(TILE_PX, TILE_PX)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for number, (colour, shape, _words) in enumerate(look.classes):
        mine = np.flatnonzero(look_of == number)
        _paint_class(painter, look, QColor(colour), places, first, begins, kind, mine)
        for k in mine[kind[mine] == 0]:
            x, y = places[begins[first[k]]]
            # A layer of areas may hold points as well.
            sign = "circle" if shape in ("area", "line") else shape
            draw_symbol(painter, LegendLine(sign, colour, ""), QPointF(x, y), QColor("#0c0f12"))
    _write(painter, words, dark)
    painter.end()
    return picture


def _write(painter: QPainter, words: list[tuple[float, float, str]], dark: bool) -> None:
    """The words beside features, which the reader has placed so that none lies over another."""
    font = QFont(painter.font().family())
    font.setPixelSize(TEXT_PX)
    painter.setFont(font)
    down = painter.fontMetrics().ascent() / 2 - 1
    for left, middle, text in words:
        write(painter, QPointF(left, middle + down), text, THEMES[dark]["ink"], THEMES[dark]["ground"])


def _paint_class(
    painter: QPainter,
    look: SheetLook,
    colour: QColor,
    places: "np.ndarray[tuple[int, int], np.dtype[np.float64]]",
    first: "np.ndarray[tuple[int], np.dtype[np.uint32]]",
    begins: "np.ndarray[tuple[int], np.dtype[np.uint32]]",
    kind: "np.ndarray[tuple[int], np.dtype[np.uint8]]",
    mine: "np.ndarray[tuple[int], np.dtype[np.intp]]",
) -> None:
    lines, specks = QPainterPath(), QPainterPath()
    areas: list[QPainterPath] = []
    for k in mine[kind[mine] > 0]:
        if kind[k] == 3:
            x, y = places[begins[first[k]]]
            specks.addRect(QRectF(x - 1, y - 1, 2, 2))
            continue
        # One path for each area: in a common one, those that overlap would cut holes into each other.
        path = QPainterPath() if kind[k] == 2 else lines
        if kind[k] == 2:
            areas.append(path)
        for ring in range(first[k], first[k + 1]):
            outline = QPolygonF([QPointF(x, y) for x, y in places[begins[ring] : begins[ring + 1]].tolist()])
            path.addPolygon(outline)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPath(specks)
    filled = QColor(colour)
    filled.setAlphaF(look.fill)
    painter.setPen(QPen(colour, min(look.width, 1.2)))
    painter.setBrush(filled)
    for area in areas:
        painter.drawPath(area)
    painter.setPen(QPen(colour, look.width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(lines)
