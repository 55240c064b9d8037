"""A curve without axes for walls of many small plots, and for a row of a list."""

import numpy as np
from numpy.typing import NDArray
from pyqtgraph import functions
from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from widgets.plot_chart import curve_colour
from widgets.plot_series import Line, SeriesRing, thin
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

    def sizeHint(self) -> QSize:
        """Room for a few words of a line."""
        return QSize(160, 40)

    def show_series(self, ring: SeriesRing, now_s: float, stale: bool) -> None:
        """Paint these readings as of now (seconds since 1970 UTC)."""
        self._ring, self._now_s, self._stale = ring, now_s, stale
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what the pixels can show of the readings."""
        if self._ring is None or not len(self._ring):
            return
        start_s = self._now_s - self._span_s
        line = thin(self._ring.time_s, self._ring.curve, start_s, self._now_s, self.width(), self._gap_s)
        if not np.isfinite(line.y).any():
            return
        colour = curve_colour(0, self.palette())
        if self._stale:
            colour = blend(colour, self.palette().color(QPalette.ColorRole.Window), 0.5)
        painter = QPainter(self)
        painter.setPen(QPen(colour, 1))
        for piece in self._pieces(line, start_s):
            painter.drawPolyline(piece)

    def _pieces(self, line: Line, start_s: float) -> list[QPolygonF]:
        """The unbroken runs of a line in pixels."""
        low, high = float(np.nanmin(line.y)), float(np.nanmax(line.y))
        scale = (self.height() - 2 * _AIR_PX) / (high - low) if high > low else 0.0
        x = (line.x - start_s) / self._span_s * self.width()
        y = self.height() - _AIR_PX - (line.y - low) * scale if scale else np.full(len(x), self.height() / 2)
        finite = np.isfinite(line.y)
        edges = np.flatnonzero(np.diff(finite)) + 1 if line.broken else np.empty(0, np.intp)
        runs = zip(np.split(x, edges), np.split(y, edges), np.split(finite, edges), strict=True)
        return [_polygon(run_x, run_y) for run_x, run_y, good in runs if good[0]]


def _polygon(x: NDArray[np.float64], y: NDArray[np.float64]) -> QPolygonF:
    polygon: QPolygonF = functions.create_qpolygonf(len(x))
    memory = functions.ndarray_from_qpolygonf(polygon)
    memory[:, 0], memory[:, 1] = x, y
    return polygon
