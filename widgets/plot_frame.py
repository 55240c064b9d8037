"""Where time and values lie in pixels: the grid of one picture, shared by all charts of a plot."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QRectF

from widgets.plot_window import Stretch

Range = tuple[float, float]


class TimeGrid(NamedTuple):
    """Columns of pixels at fixed times: column n covers `width_s` seconds from n x `width_s` on (since 1970 UTC).

    The picture shows `columns` of them from `first` on. A moving window moves by whole columns, so that what is drawn
    once can be shifted.
    """

    width_s: float
    first: int
    columns: int

    @classmethod
    def over(cls, stretch: Stretch, columns: int) -> "TimeGrid":
        """The grid whose last column holds the end of the stretch."""
        columns = max(columns, 1)
        width_s = stretch.span_s / columns
        return cls(width_s, math.ceil(stretch.end_s / width_s) - columns, columns)

    @property
    def start_s(self) -> float:
        """The time at the left edge."""
        return self.first * self.width_s

    @property
    def end_s(self) -> float:
        """The time at the right edge."""
        return (self.first + self.columns) * self.width_s

    def x(self, time_s: float) -> float:
        """Pixels from the left edge."""
        return time_s / self.width_s - self.first

    def time_s(self, x: float) -> float:
        """The time at so many pixels from the left edge."""
        return (self.first + x) * self.width_s

    def finer(self, ratio: float) -> "TimeGrid":
        """The same stretch in device pixels, `ratio` of them to a pixel."""
        if ratio == 1.0:
            return self
        columns = max(round(self.columns * ratio), 1)
        width_s = self.width_s * self.columns / columns
        return TimeGrid(width_s, math.floor(self.start_s / width_s + 1e-6), columns)


@dataclass(frozen=True, slots=True)
class Frame:
    """The area of one chart in pixels with the grid of its time axis."""

    area: QRectF
    grid: TimeGrid

    def x(self, time_s: float) -> float:
        """The pixel of a time, also beyond the area."""
        return self.area.left() + self.grid.x(time_s)

    def y(self, value: float, shown: Range) -> float:
        """The pixel of a value on an axis that shows this range, at most a few heights beyond the area."""
        share = (value - shown[0]) / (shown[1] - shown[0])
        return self.area.bottom() - min(max(share, -3.0), 4.0) * self.area.height()

    def value(self, y: float, shown: Range) -> float:
        """The value at a pixel."""
        return shown[0] + (self.area.bottom() - y) / max(self.area.height(), 1.0) * (shown[1] - shown[0])

    def inside(self, x: float) -> bool:
        """Whether a pixel lies over the time axis."""
        return self.area.left() <= x <= self.area.right()
