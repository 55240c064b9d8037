"""Series of different sensors brought onto one grid of time, so that they can be compared cell by cell."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.past_readings import Series
from controlroom.domain.readings import GOOD

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grid:
    """`count` cells of `width_ms` from `since_ms` on (ms since 1970 UTC)."""

    since_ms: int
    width_ms: int
    count: int

    @property
    def until_ms(self) -> int:
        """Where the last cell ends."""
        return self.since_ms + self.width_ms * self.count

    @property
    def starts_ms(self) -> NDArray[np.int64]:
        """Where each cell begins."""
        return self.since_ms + self.width_ms * np.arange(self.count, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Cells:
    """One sensor on a grid of n cells: `mean`, `least`, `greatest` of the good readings (NaN where none), how many good
    ones there were, and the worst quality told in the cell (0 where all were good or none came)."""

    mean: Floats
    least: Floats
    greatest: Floats
    count: NDArray[np.int64]
    quality: NDArray[np.uint8]


def on_grid(parts: Iterable[Series], grid: Grid) -> Cells:
    """The parts of one sensor's past (raw or bins of any width) in the cells of a grid, as one.

    See `in_cells`; a cell that two parts reach into holds both.
    """
    total, count = np.zeros(grid.count), np.zeros(grid.count, np.int64)
    least, greatest = np.full(grid.count, np.nan), np.full(grid.count, np.nan)
    worst = np.zeros(grid.count, np.uint8)
    for series in parts:
        cells = in_cells(series, grid)
        total += np.where(cells.count > 0, cells.mean, 0.0) * cells.count
        count += cells.count
        least, greatest = np.fmin(least, cells.least), np.fmax(greatest, cells.greatest)
        worst = np.maximum(worst, cells.quality)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return Cells(mean, least, greatest, count, worst)


def in_cells(series: Series, grid: Grid) -> Cells:
    """A series in the cells of a grid; a bin belongs to the cell in which it begins. What lies outside is left out.

    Bins count by their good readings, so that the mean is that of the readings. Readings of doubted quality or without
    a value do not count; their quality is kept.
    """
    cell = (series.time - grid.since_ms) // grid.width_ms
    inside = (cell >= 0) & (cell < grid.count)
    cell, quality = cell[inside].astype(np.intp), series.quality[inside]
    value = series.value[inside].astype(np.float64)
    good = np.isfinite(value) & (series.count[inside] > 0)
    if not series.binned:
        good &= quality == GOOD
    worst = np.zeros(grid.count, np.uint8)
    np.maximum.at(worst, cell, quality)
    at, value, weight = cell[good], value[good], series.count[inside][good]
    count = np.bincount(at, weights=weight, minlength=grid.count).astype(np.int64)
    total = np.bincount(at, weights=value * weight, minlength=grid.count)
    least, greatest = np.full(grid.count, np.nan), np.full(grid.count, np.nan)
    np.fmin.at(least, at, series.least[inside][good].astype(np.float64))
    np.fmax.at(greatest, at, series.greatest[inside][good].astype(np.float64))
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return Cells(mean, least, greatest, count, worst)
