"""The curves of one chart as a picture that is shifted while time goes by: only what is new is drawn."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from widgets.plot_curve import Curve
from widgets.plot_frame import Range, TimeGrid
from widgets.plot_painter import CurvePainter
from widgets.severity import blend

Drawn = Sequence[tuple[Curve, str, QColor]]
"""Curves with the unit of their axis and their colour."""

_BAND = 0.5


class CurveLayer:
    """A transparent picture of curves in device pixels.

    While ranges, colours and the fineness of the time axis stay, a later picture is the earlier one shifted, with the
    columns drawn anew that came in at its edges or got new readings.
    """

    def __init__(self) -> None:
        self.pixmap = QPixmap()
        self._painter = CurvePainter()
        self._key: Any = None
        self._first = 0
        self._last_s: dict[int, float] = {}

    def draw(
        self, curves: Drawn, grid: TimeGrid, height: int, ranges: Mapping[str, Range], base: QColor, stepped: bool
    ) -> int:
        """Bring the picture up to this grid; returns how many columns were drawn."""
        if grid.columns < 2 or height < 2:
            return 0
        single = {curve.index: curve.single(grid) for curve, _unit, _colour in curves}
        looks = tuple((c.index, c.revision, single[c.index], colour.rgba(), unit) for c, unit, colour in curves)
        key = (grid.width_s, grid.columns, height, tuple(ranges.items()), looks, base.rgba(), stepped)
        shift = grid.first - self._first
        if self.pixmap.width() != grid.columns or self.pixmap.height() != height:
            self.pixmap = QPixmap(grid.columns, height)
            self._key = None
        if key != self._key or abs(shift) >= grid.columns:
            strips = [(0, grid.columns)]
            self.pixmap.fill(Qt.GlobalColor.transparent)
        else:
            if shift:
                self.pixmap.scroll(-shift, 0, self.pixmap.rect())
            strips = self._strips(curves, grid, shift)
        self._key, self._first = key, grid.first
        self._last_s = {c.index: float(c.ring.time_s[-1]) for c, _unit, _colour in curves if len(c.ring)}
        if strips:
            painter = QPainter(self.pixmap)
            for first, last in strips:
                rect = QRect(first, 0, last - first, height)
                painter.setClipRect(rect)
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
                painter.fillRect(rect, Qt.GlobalColor.transparent)
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
                part = (grid.first + first, grid.first + last)
                self._paint(painter, curves, grid, part, height, ranges, base, stepped, single)
            painter.end()
        return sum(last - first for first, last in strips)

    def paint_directly(
        self,
        painter: QPainter,
        curves: Drawn,
        grid: TimeGrid,
        height: float,
        ranges: Mapping[str, Range],
        base: QColor,
        stepped: bool,
    ) -> None:
        """Paint the curves with a painter whose origin is the upper left corner of the chart, as for a file."""
        single = {curve.index: curve.single(grid) for curve, _unit, _colour in curves}
        part = (grid.first, grid.first + grid.columns)
        self._paint(painter, curves, grid, part, height, ranges, base, stepped, single)

    def _strips(self, curves: Drawn, grid: TimeGrid, shift: int) -> list[tuple[int, int]]:
        right = grid.columns - shift if shift > 0 else grid.columns
        for curve, _unit, _colour in curves:
            if not len(curve.ring):
                continue
            newest_s, drawn_s = float(curve.ring.time_s[-1]), self._last_s.get(curve.index)
            if drawn_s is None:
                return [(0, grid.columns)]
            if newest_s > drawn_s:
                right = min(right, int(drawn_s // grid.width_s) - grid.first - 2)
        right = max(right, 0)
        strips = [(right, grid.columns)] if right < grid.columns else []
        if shift < 0 and right > 0:
            # One column more: a smooth line at the edge of the old picture reaches half a pixel beyond it.
            strips.insert(0, (0, min(2 - shift, right)))
        return strips

    def _paint(
        self,
        painter: QPainter,
        curves: Drawn,
        grid: TimeGrid,
        part: tuple[int, int],
        height: float,
        ranges: Mapping[str, Range],
        base: QColor,
        stepped: bool,
        single: Mapping[int, bool],
    ) -> None:
        for curve, unit, colour in curves:
            low, high = ranges[unit]
            factor = -height / (high - low)
            columns = curve.columns(grid, *part, single[curve.index])
            band = blend(colour, base, _BAND)
            self._painter.paint(painter, columns, grid.first, (height - low * factor, factor), colour, band, stepped)
