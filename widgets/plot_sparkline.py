"""A curve without axes for walls of many small plots, and for a row of a list."""

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

from widgets.plot_columns import few, of_ring
from widgets.plot_curve import curve_colour
from widgets.plot_frame import TimeGrid
from widgets.plot_painter import CurvePainter
from widgets.plot_series import SeriesRing
from widgets.plot_window import Stretch
from widgets.severity import blend

_AIR_PX = 2.0


class Sparkline(QWidget):
    """The last `span_s` seconds of a sensor; faded while it is stale. Painted by itself, without a graphics scene."""

    def __init__(self, span_s: float, gap_s: float, parent: QWidget | None = None) -> None:
        """`gap_s` is the distance of readings from which they are not joined."""
        super().__init__(parent)
        self._span_s = span_s
        self._gap_s = gap_s
        self._ring: SeriesRing | None = None
        self._now_s = 0.0
        self._stale = True
        self._painter = CurvePainter()

    def sizeHint(self) -> QSize:
        """Room for a few words of a line."""
        return QSize(160, 40)

    def show_series(self, ring: SeriesRing, now_s: float, stale: bool) -> None:
        """Paint these readings as of now (seconds since 1970 UTC)."""
        self._ring, self._now_s, self._stale = ring, now_s, stale
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what the pixels can show of the readings."""
        ring = self._ring
        if ring is None or not len(ring):
            return
        grid = TimeGrid.over(Stretch(self._now_s - self._span_s, self._now_s), self.width())
        begin, end = (int(place) for place in np.searchsorted(ring.time_s, [grid.start_s, grid.end_s]))
        begin = max(begin - 1, 0)
        low, high = ring.extremes(begin, end)
        if not np.isfinite(low):
            return
        columns = of_ring(ring, begin, end, grid.width_s, self._gap_s, few(end - begin, grid.columns))
        base = self.palette().color(QPalette.ColorRole.Window)
        colour = curve_colour(0, self.palette())
        if self._stale:
            colour = blend(colour, base, 0.5)
        factor = -(self.height() - 2 * _AIR_PX) / (high - low) if high > low else 0.0
        offset = self.height() - _AIR_PX - low * factor if factor else self.height() / 2
        painter = QPainter(self)
        self._painter.paint(painter, columns, grid.first, (offset, factor), colour, blend(colour, base, 0.5), False)
