"""Where the classes of a thematic map begin and end."""

import enum
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from controlroom.mapping.analysis.fault import AnalysisFault, Reason
from controlroom.mapping.coordinates import Floats

MOST_CLASSES = 9
_FINEST = 1024
"""Natural breaks of more different values than this are found among so many equal steps between the extremes."""


class Breaks(enum.StrEnum):
    """How a range of values is cut into classes."""

    EQUAL = "equal"
    QUANTILE = "quantile"
    NATURAL = "natural"
    STANDARD = "standard"
    """The limits of the standard of the kind of sensor."""


def edges(values: ArrayLike, method: Breaks, classes: int, limits: Sequence[float] = ()) -> Floats:
    """The edges f64[k + 1] of k classes, rising strictly; k may be less than `classes` where values repeat.

    A value belongs to the class whose lower edge it reaches; the last class has its upper edge too. `limits` are the
    inner edges of STANDARD. Raises AnalysisFault without a finite value, or without limits where they are needed.
    """
    held = np.asarray(values, np.float64)
    held = np.sort(held[np.isfinite(held)])
    if not len(held):
        raise AnalysisFault(Reason.NO_VALUES)
    if not 2 <= classes <= MOST_CLASSES:
        raise AnalysisFault(Reason.BAD_PARAMETER, f"classes = {classes}")
    low, high = float(held[0]), float(held[-1])
    if method is Breaks.STANDARD:
        if not len(limits):
            raise AnalysisFault(Reason.NO_VALUES, "limits")
        inner = np.unique(np.asarray(limits, np.float64))
        return np.array([min(low, inner[0] - 1e-9), *inner, max(high, inner[-1] + 1e-9)])
    if low == high:
        raise AnalysisFault(Reason.ALL_ALIKE, f"{low:g}")
    if method is Breaks.EQUAL:
        return np.linspace(low, high, classes + 1)
    if method is Breaks.QUANTILE:
        return np.unique(np.quantile(held, np.linspace(0, 1, classes + 1)))
    return _natural(held, classes)


def class_of(values: ArrayLike, cuts: Floats) -> NDArray[np.int64]:
    """The class of each value, from 0; −1 for what is not a number or outside."""
    held = np.asarray(values, np.float64)
    with np.errstate(invalid="ignore"):
        number = np.searchsorted(cuts, held, side="right") - 1
        number = np.where(held == cuts[-1], len(cuts) - 2, number)
        outside = ~((held >= cuts[0]) & (held <= cuts[-1]))
    return np.where(outside, -1, number)


def spread_within(values: ArrayLike, cuts: Floats) -> float:
    """The sum of squared differences from the means of their classes: what natural breaks make least."""
    held, which = np.asarray(values, np.float64), class_of(values, cuts)
    return float(sum(((held[which == c] - held[which == c].mean()) ** 2).sum() for c in np.unique(which) if c >= 0))


def _natural(held: Floats, classes: int) -> Floats:
    """Jenks' optimal classes by Fisher's dynamic programme (1958), exact up to _FINEST different values."""
    value, weight = np.unique(held, return_counts=True)
    if len(value) > _FINEST:
        step = np.minimum(((held - held[0]) / (held[-1] - held[0]) * _FINEST).astype(np.int64), _FINEST - 1)
        count = np.bincount(step, minlength=_FINEST)
        total = np.bincount(step, held, _FINEST)
        first = np.searchsorted(step, np.flatnonzero(count))
        value, weight, lowest = total[count > 0] / count[count > 0], count[count > 0], held[first]
    else:
        lowest = value
    classes = min(classes, len(value))
    size = len(value)
    middle = value - np.average(value, weights=weight)
    ones = np.concatenate([[0.0], np.cumsum(weight)])
    sums = np.concatenate([[0.0], np.cumsum(weight * middle)])
    squares = np.concatenate([[0.0], np.cumsum(weight * middle**2)])
    # spread[i, j]: of values i … j - 1 in one class.
    number = ones[None, :] - ones[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = squares[None, :] - squares[:, None] - (sums[None, :] - sums[:, None]) ** 2 / number
    spread[number <= 0] = np.inf
    best, begins = spread[0].copy(), []
    for _more in range(classes - 1):
        total = best[:, None] + spread
        begin = np.argmin(total, axis=0)
        begins.append(begin)
        best = total[begin, np.arange(size + 1)]
    cuts, end = [], size
    for begin in reversed(begins):
        end = int(begin[end])
        cuts.append(float(lowest[end]))
    top = float(held[-1])
    # A last class of the highest value alone still needs an upper edge of its own.
    return np.unique(np.array([held[0], *cuts, np.nextafter(top, np.inf) if top in cuts else top]))
