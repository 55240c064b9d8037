"""The nearest sensors of a kind, and what they say together however wrong some of them are."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

COUNT = 7
"""Neighbours of a sensor: three of them may be wrong before the median is."""

LEAST = 4
"""Neighbours with a usable value, below which nothing is said."""

_NETWORK = (
    (0, 6), (2, 3), (4, 5), (0, 2), (1, 4), (3, 6), (0, 1), (2, 5),
    (3, 4), (1, 2), (4, 6), (2, 3), (4, 5), (1, 2), (3, 4), (5, 6),
)  # fmt: skip
_CELL = 48
_KM_PER_DEGREE = 111.195

Floats = NDArray[np.float32]


def nearest(lon: NDArray[np.float64], lat: NDArray[np.float64], within_km: float) -> Iterator[NDArray[np.int64]]:
    """The COUNT nearest other points of each point, n x COUNT places, -1 where there are none within reach.

    Yields the table again and again while it fills, so that its owner can do other things between two steps of some
    milliseconds; the last one is complete. Points without a place (NaN) have no neighbours.
    """
    count = len(lon)
    found = np.full((count, COUNT), -1, np.int64)
    placed = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    if len(placed) < 2:
        yield found
        return
    scale = _KM_PER_DEGREE * np.cos(np.radians(float(np.mean(lat[placed]))))
    points = np.column_stack([lon[placed] * scale, lat[placed] * _KM_PER_DEGREE])
    low = points.min(axis=0)
    span = np.maximum(points.max(axis=0) - low, 1e-6)
    side = float(np.sqrt(span[0] * span[1] * _CELL / len(placed)))
    side = max(side, float(span.max()) / 200.0)
    cells = ((points - low) / side).astype(np.int64)
    width = int(cells[:, 0].max()) + 3
    key = (cells[:, 1] + 1) * width + cells[:, 0] + 1
    order = np.argsort(key, kind="stable")
    starts = np.searchsorted(key[order], np.arange(int(key.max()) + width + 3))
    for cell in np.unique(key).tolist():
        here = order[starts[cell] : starts[cell + 1]]
        # A row of three cells lies together in the order.
        around = np.concatenate(
            [order[starts[row - 1] : starts[row + 2]] for row in (cell - width, cell, cell + width)]
        )
        _fill(found, placed, points, here, around, within_km, edge=side)
        yield found


def _fill(
    found: NDArray[np.int64],
    placed: NDArray[np.int64],
    points: NDArray[np.float64],
    here: NDArray[np.int64],
    around: NDArray[np.int64],
    within_km: float,
    *,
    edge: float | None,
) -> None:
    """The neighbours of the points `here` among `around`; who may have nearer ones elsewhere asks all points."""
    gap = ((points[here, None, :] - points[None, around, :]) ** 2).sum(axis=2)
    gap[here[:, None] == around[None, :]] = np.inf
    most = min(COUNT, len(around))
    best = np.argpartition(gap, most - 1, axis=1)[:, :most] if most < len(around) else np.argsort(gap, axis=1)
    gap = np.take_along_axis(gap, best, axis=1)
    order = np.argsort(gap, axis=1)
    best, gap = np.take_along_axis(best, order, axis=1), np.take_along_axis(gap, order, axis=1)
    if edge is not None and edge < within_km:
        far = np.flatnonzero((gap[:, -1] > edge**2) | (most < COUNT))
        if len(far):
            _fill(found, placed, points, here[far], np.arange(len(points)), within_km, edge=None)
            near = np.setdiff1d(np.arange(len(here)), far)
            here, best, gap = here[near], best[near], gap[near]
    found[placed[here], :most] = np.where(gap <= within_km**2, placed[around[best]], -1)


def centre(values: Floats) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Median and median absolute deviation of the columns of COUNT x n values, and how many of each are usable.

    What is not usable must be +inf. Sorts in place. Where fewer than LEAST are usable both are NaN.
    """
    _sort(values)
    usable = np.isfinite(values).sum(axis=0)
    median = _middle(values, usable)
    with np.errstate(invalid="ignore"):
        gap = np.abs(values - median)
    np.copyto(gap, np.inf, where=np.isnan(gap))
    _sort(gap)
    return median, _middle(gap, usable), usable


def _sort(values: Floats) -> None:
    """Sort every column of COUNT rows by a network of comparators: 16 passes over whole rows."""
    least = np.empty_like(values[0])
    for upper, lower in _NETWORK:
        np.minimum(values[upper], values[lower], out=least)
        np.maximum(values[upper], values[lower], out=values[lower])
        values[upper] = least


def _middle(ordered: Floats, usable: NDArray[np.int64]) -> Floats:
    """The median of the first `usable` values of each column."""
    middle: Floats = ordered[COUNT // 2].copy()
    partly = np.flatnonzero(usable < COUNT)
    if len(partly):
        many = usable[partly]
        low, high = ordered[np.maximum(many - 1, 0) // 2, partly], ordered[many // 2, partly]
        with np.errstate(invalid="ignore"):
            middle[partly] = np.where(many >= LEAST, (low + high) / 2, np.nan)
    return middle
