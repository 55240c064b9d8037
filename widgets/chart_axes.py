"""A frame with round values at two sides, for charts whose axes are not the time of a plot panel."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from widgets.chart_sheet import ChartLook, write
from widgets.plot_axis import round_range, round_times, round_values, spacing_s, time_label, value_label

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Axes:
    """An area with a range of values across and one upwards."""

    area: QRectF
    across: Range
    upward: Range

    def at(self, x: float, y: float) -> QPointF:
        """Where a pair of values lies."""
        return QPointF(self.x(x), self.y(y))

    def x(self, value: float) -> float:
        """The pixel of a value across."""
        return self.area.left() + (value - self.across[0]) / (self.across[1] - self.across[0]) * self.area.width()

    def y(self, value: float) -> float:
        """The pixel of a value upwards."""
        return self.area.bottom() - (value - self.upward[0]) / (self.upward[1] - self.upward[0]) * self.area.height()


def range_of(*columns: NDArray[np.float64]) -> Range:
    """A round range that holds all finite values."""
    every = np.concatenate([column[np.isfinite(column)] for column in columns] or [np.empty(0)])
    return round_range(float(every.min()), float(every.max())) if len(every) else (0.0, 1.0)


def paint_values(painter: QPainter, axes: Axes, look: ChartLook, unit: str) -> None:
    """Round values along the left side with their rules."""
    values = round_values(*axes.upward, axes.area.height())
    step = values[1] - values[0] if len(values) > 1 else 1.0
    for value in values:
        y = axes.y(value)
        painter.setPen(look.grid)
        painter.drawLine(QPointF(axes.area.left(), y), QPointF(axes.area.right(), y))
        painter.setPen(look.faint)
        box = QRectF(axes.area.left() - 66, y - look.line_px / 2, 60, look.line_px)
        write(painter, box, value_label(value, step), Qt.AlignmentFlag.AlignRight)
    painter.setPen(look.faint)
    write(painter, QRectF(axes.area.left() + 4, axes.area.top(), 120, look.line_px), unit)


def paint_times(painter: QPainter, axes: Axes, look: ChartLook, *, labelled: bool = True) -> None:
    """Round times of the district along the bottom; `across` is in seconds since 1970 UTC."""
    spacing = spacing_s(axes.across[1] - axes.across[0], axes.area.width())
    for at_s in round_times(*axes.across, spacing):
        x = axes.x(at_s)
        painter.setPen(look.grid)
        painter.drawLine(QPointF(x, axes.area.top()), QPointF(x, axes.area.bottom()))
        if labelled:
            painter.setPen(look.faint)
            box = QRectF(x - 45, axes.area.bottom() + 3, 90, look.line_px)
            write(painter, box, time_label(at_s, spacing), Qt.AlignmentFlag.AlignHCenter)


def paint_across(painter: QPainter, axes: Axes, look: ChartLook) -> None:
    """Round values along the bottom."""
    values = round_values(*axes.across, axes.area.width() / 2.5)
    step = values[1] - values[0] if len(values) > 1 else 1.0
    for value in values:
        x = axes.x(value)
        painter.setPen(look.grid)
        painter.drawLine(QPointF(x, axes.area.top()), QPointF(x, axes.area.bottom()))
        painter.setPen(look.faint)
        box = QRectF(x - 40, axes.area.bottom() + 3, 80, look.line_px)
        write(painter, box, value_label(value, step), Qt.AlignmentFlag.AlignHCenter)


def paint_line(painter: QPainter, axes: Axes, x: NDArray[np.float64], y: NDArray[np.float64], pen: QPen) -> None:
    """A line through points in their order, broken where a value is missing; a lone point is a dot."""
    painter.setPen(pen)
    for part in _runs(np.isfinite(y)):
        points = [axes.at(a, b) for a, b in zip(x[part].tolist(), y[part].tolist(), strict=True)]
        if len(points) == 1:
            painter.drawEllipse(points[0], 1.5, 1.5)
        else:
            painter.drawPolyline(QPolygonF(points))


def paint_band(
    painter: QPainter,
    axes: Axes,
    x: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    colour: QColor,
) -> None:
    """The area between two lines, open where either is missing."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for part in _runs(np.isfinite(low) & np.isfinite(high)):
        there = [axes.at(a, b) for a, b in zip(x[part].tolist(), high[part].tolist(), strict=True)]
        back = [axes.at(a, b) for a, b in zip(x[part].tolist(), low[part].tolist(), strict=True)]
        painter.drawPolygon(QPolygonF(there + back[::-1]))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_key(
    painter: QPainter, left: float, top: float, look: ChartLook, paint: Callable[[QRectF], None], words: str
) -> float:
    """An entry of a legend: its sign and its words; returns where the next one begins."""
    paint(QRectF(left, top, 20, look.line_px))
    painter.setPen(look.text)
    width = math.ceil(look.metrics.horizontalAdvance(words))
    painter.drawText(QRectF(left + 25, top, width + 2, look.line_px), Qt.AlignmentFlag.AlignVCenter, words)
    return left + 25 + width + 18


def _runs(known: NDArray[np.bool_]) -> list[slice]:
    """The stretches in which all is known."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(np.int8)))
    return [slice(begin, end) for begin, end in edges.reshape(-1, 2).tolist()]
