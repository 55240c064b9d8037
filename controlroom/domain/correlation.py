"""How two series go together: Pearson's and Spearman's coefficients, and the delay at which they match best."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_PAIRS = 10
"""Pairs below which no coefficient is told: a house figure."""


@dataclass(frozen=True, slots=True)
class Correlation:
    """Two series on one grid: `first` and `second` are the pairs [n] in which both have a value.

    The coefficients lie between -1 and 1; NaN with fewer than LEAST_PAIRS pairs or where a series does not move.
    `lag` is the number of cells by which the second follows the first (negative: is ahead of it) where the coefficient
    `lag_pearson` is strongest, whatever its sign; `lag_pairs` are the pairs at that delay.
    """

    first: Floats
    second: Floats
    pearson: float
    spearman: float
    lag: int
    lag_pearson: float
    lag_pairs: int

    @property
    def pairs(self) -> int:
        """In how many cells both have a value."""
        return len(self.first)

    @property
    def enough(self) -> bool:
        """Whether there are pairs enough to say anything."""
        return self.pairs >= LEAST_PAIRS


def correlate(first: Floats, second: Floats, most_lag: int) -> Correlation:
    """Correlate two series of equal length on one grid, NaN where missing; delays up to `most_lag` cells are tried.

    A delay counts only where it leaves at least half of the pairs, so that a few at the ends do not decide.
    Raises ValueError when the lengths differ.
    """
    if len(first) != len(second):
        raise ValueError("two series on different grids")
    x, y = _paired(first, second)
    lag, best, count = 0, _told(x, y), len(x)
    for step in range(1, min(most_lag, len(first) - 1) + 1):
        for signed in (step, -step):
            a, b = _shifted(first, second, signed)
            if len(a) < max(LEAST_PAIRS, len(x) // 2):
                continue
            found = pearson(a, b)
            if math.isfinite(found) and not abs(found) <= abs(best):
                lag, best, count = signed, found, len(a)
    return Correlation(x, y, _told(x, y), _told(ranks(x), ranks(y)), lag, best, count)


def pearson(first: Floats, second: Floats) -> float:
    """Pearson's product-moment coefficient of pairs without gaps; NaN where one of them does not move."""
    if len(first) < 2:
        return math.nan
    x, y = first - first.mean(), second - second.mean()
    scale = math.sqrt(float((x * x).sum()) * float((y * y).sum()))
    # What is left of a constant after its mean is taken away is only the rounding of the numbers.
    if scale <= 1e-12 * len(x) * max(float(np.abs(first).max()) * float(np.abs(second).max()), 1e-30):
        return math.nan
    return min(max(float((x * y).sum()) / scale, -1.0), 1.0)


def ranks(values: Floats) -> Floats:
    """Ranks from 1 on; equal values share the mean of theirs."""
    _values, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count).astype(np.float64)
    shared: Floats = (last - (count - 1) / 2.0)[place]
    return shared


def _told(first: Floats, second: Floats) -> float:
    return pearson(first, second) if len(first) >= LEAST_PAIRS else math.nan


def _paired(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    both = np.isfinite(first) & np.isfinite(second)
    return first[both], second[both]


def _shifted(first: Floats, second: Floats, lag: int) -> tuple[Floats, Floats]:
    """The pairs when the second is looked at `lag` cells later."""
    if lag > 0:
        return _paired(first[:-lag], second[lag:])
    return _paired(first[-lag:], second[:lag])
