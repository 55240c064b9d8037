"""Paints curves: the band between least and greatest of each column, the mean as a line, gaps left open."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyqtgraph import functions
from pyqtgraph.Qt import internals
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from widgets.plot_columns import Columns

_FAR_PX = 20_000.0
_SMOOTH_MOST = 3000


class CurvePainter:
    """Paints columns with one painter after the other; it keeps the memory of the lines between pictures."""

    def __init__(self) -> None:
        self._lines: Any = internals.PrimitiveArray(QLineF, 4)
        self._points: Any = internals.PrimitiveArray(QPointF, 2)

    def paint(
        self,
        painter: QPainter,
        columns: Columns,
        left: float,
        scale: tuple[float, float],
        line: QColor,
        band: QColor,
        stepped: bool,
        width_px: float = 1.0,
    ) -> None:
        """Paint one curve: column x lies at x - `left` pixels, a value v at scale[0] + v x scale[1].

        `stepped`: a reading holds until the next one. What is not joined on either side is a point.
        """
        if not len(columns.x):
            return
        x = columns.x - left
        offset, factor = scale
        y = np.clip(offset + columns.mean * factor, -_FAR_PX, _FAR_PX)
        smooth = len(x) <= _SMOOTH_MOST
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if columns.wide:
            self._band(painter, x, columns, scale, QPen(band, width_px))
        # Qt paints lines of width 1 much faster than any other, smooth or not.
        pen = QPen(line, width_px)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)
        broken = columns.broken
        if len(x) > 1:
            if not broken[1:].any():
                painter.drawPolyline(_polygon(*_steps(x, y)) if stepped else _polygon(x, y))
            else:
                self._pieces(painter, x, y, broken, stepped)
        alone = broken & np.append(broken[1:], True) & np.isfinite(y)
        if alone.any():
            painter.setPen(QPen(line, 3.0 * width_px, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            self._points.resize(int(alone.sum()))
            memory = self._points.ndarray()
            memory[:, 0], memory[:, 1] = x[alone], y[alone]
            painter.drawPoints(*self._points.drawargs())

    def _band(
        self, painter: QPainter, x: NDArray[np.float64], columns: Columns, scale: tuple[float, float], pen: QPen
    ) -> None:
        top, bottom = scale[0] + columns.high * scale[1], scale[0] + columns.low * scale[1]
        tall = bottom - top > 0.75
        count = int(tall.sum())
        if not count:
            return
        pen.setCosmetic(True)
        painter.setPen(pen)
        self._lines.resize(count)
        memory = self._lines.ndarray()
        memory[:, 0] = memory[:, 2] = np.floor(x[tall]) + 0.5
        memory[:, 1] = np.clip(top[tall], -_FAR_PX, _FAR_PX)
        memory[:, 3] = np.clip(bottom[tall], -_FAR_PX, _FAR_PX)
        painter.drawLines(*self._lines.drawargs())

    def _pieces(
        self,
        painter: QPainter,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        broken: NDArray[np.bool_],
        stepped: bool,
    ) -> None:
        at = np.flatnonzero(~broken[1:]) + 1
        if not len(at):
            return
        self._lines.resize(2 * len(at) if stepped else len(at))
        memory = self._lines.ndarray()
        part = memory[: len(at)]
        part[:, 0], part[:, 1], part[:, 2] = x[at - 1], y[at - 1], x[at]
        part[:, 3] = y[at - 1] if stepped else y[at]
        if stepped:
            rest = memory[len(at) :]
            rest[:, 0], rest[:, 1], rest[:, 2], rest[:, 3] = x[at], y[at - 1], x[at], y[at]
        painter.drawLines(*self._lines.drawargs())


def _steps(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The corners of a line that holds each value until the next."""
    return np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]


def _polygon(x: NDArray[np.float64], y: NDArray[np.float64]) -> Any:
    polygon = functions.create_qpolygonf(len(x))
    memory = functions.ndarray_from_qpolygonf(polygon)
    memory[:, 0], memory[:, 1] = x, y
    return polygon
