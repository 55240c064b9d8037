"""What of a curve can be seen: readings while they are few, else least, greatest and mean of each column."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from widgets.plot_series import BLOCK, SeriesRing

FEW_PER_COLUMN = 2.0
"""Up to so many readings per column of pixels are drawn one by one."""

_BLOCKS_PER_COLUMN = 4


class Columns(NamedTuple):
    """Places of a curve in the order of time, one a reading or one a column of pixels.

    `x` is in columns of the picture since 1970 (f64), `first_s` and `last_s` the times of the first and last reading in
    it, `low`, `high` and `mean` the good values (NaN where none is). `broken[i]` tells that place i is not joined to
    the one before it.
    """

    x: NDArray[np.float64]
    first_s: NDArray[np.float64]
    last_s: NDArray[np.float64]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    mean: NDArray[np.float32]
    broken: NDArray[np.bool_]

    @property
    def wide(self) -> bool:
        """Whether any place has more than one value."""
        return self.low is not self.high


class Samples(NamedTuple):
    """Readings or bins in the order of time: seconds since 1970 UTC, least, greatest and mean good value (or NaN)."""

    time_s: NDArray[np.float64]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    mean: NDArray[np.float32]

    def between(self, first: int, last: int) -> "Samples":
        """Those at places first … last - 1."""
        part = slice(first, last)
        if self.low is self.high:
            value = self.low[part]
            return Samples(self.time_s[part], value, value, value)
        return Samples(self.time_s[part], self.low[part], self.high[part], self.mean[part])


def plain(time_s: NDArray[np.float64], value: NDArray[np.float32]) -> Samples:
    """Readings as samples: each is its own least, greatest and mean."""
    return Samples(time_s, value, value, value)


def few(count: int, columns: int) -> bool:
    """Whether so many readings are drawn one by one in so many columns."""
    return count <= FEW_PER_COLUMN * max(columns, 1)


def one_by_one(samples: Samples, width_s: float, gap_s: float) -> Columns:
    """A place for each sample; neighbours further apart than `gap_s` are not joined."""
    t = samples.time_s
    return Columns(t / width_s, t, t, samples.low, samples.high, samples.mean, _broken(t, t, samples.mean, gap_s))


def by_column(samples: Samples, width_s: float, gap_s: float) -> Columns:
    """A place for each column of `width_s` seconds that has samples. Columns lie at fixed times: nothing shimmers."""
    t = samples.time_s
    if not len(t):
        return one_by_one(samples, width_s, gap_s)
    numbers = np.arange(int(t[0] // width_s), int(t[-1] // width_s) + 2)
    edges = np.searchsorted(t, numbers * width_s)
    edges[0], edges[-1] = 0, len(t)
    full = np.diff(edges) > 0
    starts, ends = edges[:-1][full], edges[1:][full]
    low, high = np.minimum.reduceat(samples.low, starts), np.maximum.reduceat(samples.high, starts)
    if np.isnan(low).any():
        low, high = np.fmin.reduceat(samples.low, starts), np.fmax.reduceat(samples.high, starts)
        good = np.isfinite(samples.mean)
        total = np.add.reduceat(np.where(good, samples.mean, 0.0), starts, dtype=np.float64)
        count = np.add.reduceat(good, starts, dtype=np.int64)
        mean = np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
    else:
        mean = (np.add.reduceat(samples.mean, starts, dtype=np.float64) / (ends - starts)).astype(np.float32)
    first_s, last_s = t[starts], t[ends - 1]
    middle = numbers[:-1][full].astype(np.float64) + 0.5
    return Columns(middle, first_s, last_s, low, high, mean, _broken(first_s, last_s, mean, gap_s))


def by_block(ring: SeriesRing, first: int, last: int, width_s: float, gap_s: float) -> Columns:
    """As `by_column`, out of the ring's blocks: what lies at places first … last - 1, and what shares a block with it.

    A reading may be drawn up to a block from its column; only for columns of many blocks.
    """
    blocks = ring.blocks()
    begin, end = max((first - blocks.first) // BLOCK, 0), min((last - blocks.first) // BLOCK, len(blocks.begins))
    part = slice(begin, end)
    begins, low = blocks.begins[part], blocks.low[part]
    starts = np.flatnonzero(np.diff(begins // width_s, prepend=-np.inf) > 0)
    ends = np.append(starts[1:], len(begins)) - 1
    total, count = np.add.reduceat(blocks.total[part], starts), np.add.reduceat(blocks.good[part], starts)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
    # A block with a pause ends before it, so that the pause is not bridged.
    paused = blocks.pause_s[part] > gap_s
    last_s = np.where(paused, blocks.pauses[part], blocks.ends[part])[ends]
    first_s = begins[starts]
    made = Columns(
        (first_s // width_s + 0.5).astype(np.float64),
        first_s,
        last_s,
        np.fmin.reduceat(low, starts),
        np.fmax.reduceat(blocks.high[part], starts),
        mean,
        _broken(first_s, last_s, mean, gap_s),
    )
    rest = slice(blocks.first + end * BLOCK, last)
    if rest.start >= last:
        return made
    return joined(made, by_column(plain(ring.time_s[rest], ring.curve[rest]), width_s, gap_s), gap_s)


def of_ring(ring: SeriesRing, first: int, last: int, width_s: float, gap_s: float, single: bool) -> Columns:
    """What can be seen of the readings at places first … last - 1; `single`: they are few, so each is a place."""
    if single:
        return one_by_one(plain(ring.time_s[first:last], ring.curve[first:last]), width_s, gap_s)
    count, span_s = last - first, float(ring.time_s[last - 1] - ring.time_s[first]) if last > first else 0.0
    if count >= _BLOCKS_PER_COLUMN * BLOCK * max(span_s / width_s, 2.0):
        return by_block(ring, first, last, width_s, gap_s)
    return by_column(plain(ring.time_s[first:last], ring.curve[first:last]), width_s, gap_s)


def joined(earlier: Columns, later: Columns, gap_s: float) -> Columns:
    """Two parts of one curve as one, without a seam."""
    if not len(earlier.x) or not len(later.x):
        return later if len(later.x) else earlier
    low = np.concatenate([earlier.low, later.low])
    made = Columns(
        np.concatenate([earlier.x, later.x]),
        np.concatenate([earlier.first_s, later.first_s]),
        np.concatenate([earlier.last_s, later.last_s]),
        low,
        np.concatenate([earlier.high, later.high]) if earlier.wide or later.wide else low,
        np.concatenate([earlier.mean, later.mean]),
        np.concatenate([earlier.broken, later.broken]),
    )
    at = len(earlier.x)
    made.broken[at] = bool(later.first_s[0] - earlier.last_s[-1] > gap_s) or bool(
        np.isnan(later.mean[0]) or np.isnan(earlier.mean[-1])
    )
    return made


def _broken(
    first_s: NDArray[np.float64], last_s: NDArray[np.float64], mean: NDArray[np.float32], gap_s: float
) -> NDArray[np.bool_]:
    broken = np.ones(len(first_s), np.bool_)
    if len(first_s) > 1:
        broken[1:] = first_s[1:] - last_s[:-1] > gap_s
    missing = np.isnan(mean)
    if missing.any():
        broken |= missing
        broken[1:] |= missing[:-1]
    return broken
