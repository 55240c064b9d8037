"""What a curve holds of its live readings: a mirrored ring, with sums of its blocks for the long view."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.readings import GOOD

BLOCK = 128
"""Readings in a block; a picture with many of them in a pixel is made of blocks."""

_FIRST = 4096


class Blocks(NamedTuple):
    """Sums of full blocks of readings, oldest first: `first` is the place of the first block's first reading.

    Times f64 in seconds since 1970 UTC of each block's first and last reading, and of the reading before its longest
    pause of `pause_s`; least, greatest (NaN where no reading is good) and sum of its `good` good values.
    """

    first: int
    begins: NDArray[np.float64]
    ends: NDArray[np.float64]
    pauses: NDArray[np.float64]
    pause_s: NDArray[np.float64]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    total: NDArray[np.float64]
    good: NDArray[np.int64]

    def after(self, gone: int) -> "Blocks":
        """Without the oldest `gone`."""
        part = slice(gone, None)
        return Blocks(
            0,
            self.begins[part],
            self.ends[part],
            self.pauses[part],
            self.pause_s[part],
            self.low[part],
            self.high[part],
            self.total[part],
            self.good[part],
        )

    def followed_by(self, other: "Blocks") -> "Blocks":
        """These and newer ones."""
        return Blocks(
            0,
            np.concatenate([self.begins, other.begins]),
            np.concatenate([self.ends, other.ends]),
            np.concatenate([self.pauses, other.pauses]),
            np.concatenate([self.pause_s, other.pause_s]),
            np.concatenate([self.low, other.low]),
            np.concatenate([self.high, other.high]),
            np.concatenate([self.total, other.total]),
            np.concatenate([self.good, other.good]),
        )


class SeriesRing:
    """The newest readings of one sensor in the order of their times, one reading per time.

    Every reading is written twice, N places apart, so that the newest n always lie in one piece and no push moves
    the others. `time_s` f64 (seconds since 1970 UTC), `value` f32 and `curve` f32 (the value, NaN where its quality
    is not good) are views of equal length that hold until the next change. `doubted` tells that some reading was not
    good; `revision` counts how often readings came in other than at the end.
    """

    def __init__(self, capacity: int = 131_072) -> None:
        self._most = capacity
        self._size = 0
        self._end = 0
        self._pushed = 0
        self._summed: tuple[int, int] = (-1, 0)
        self._sums = _no_blocks()
        self.revision = 0
        self.doubted = False
        self._allocate(min(_FIRST, capacity))

    def __len__(self) -> int:
        return self._size

    @property
    def full(self) -> bool:
        """Whether older readings have been pushed out, or the next will push one."""
        return self._size >= self._most

    @property
    def time_s(self) -> NDArray[np.float64]:
        """Times, ascending."""
        return self._time[self._view()]

    @property
    def value(self) -> NDArray[np.float32]:
        """Values as they were told."""
        return self._value[self._view()]

    @property
    def curve(self) -> NDArray[np.float32]:
        """Values to draw, NaN where they are missing or doubtful."""
        return self._curve[self._view()]

    def add(self, time_s: NDArray[np.float64], value: NDArray[np.float32], quality: NDArray[np.uint8]) -> None:
        """Take readings of any order and age; of equal times the one added last stays. Beyond N the oldest go."""
        if not len(time_s):
            return
        good = quality == GOOD
        self.doubted = self.doubted or not good.all()
        curve = np.where(good, value, np.float32(np.nan))
        held = self.time_s
        in_order = bool((np.diff(time_s) > 0).all())
        if not in_order or (len(held) and time_s[0] <= held[-1]):
            every = np.concatenate([held, time_s])
            order = np.argsort(every, kind="stable")
            order = order[np.append(np.diff(every[order]) > 0, True)]
            value, curve = np.concatenate([self.value, value])[order], np.concatenate([self.curve, curve])[order]
            time_s = every[order]
            self._size = self._end = self._pushed = 0
            self.revision += 1
        self._push(time_s[-self._most :], value[-self._most :], curve[-self._most :])

    def clear(self) -> None:
        """Forget all readings."""
        self._size = self._end = self._pushed = 0
        self.revision += 1

    def blocks(self) -> Blocks:
        """The sums of all full blocks, brought up to date with what came since the last call."""
        oldest = self._pushed - self._size
        revision, upto = self._summed
        if revision != self.revision:
            self._sums, upto = _no_blocks(), 0
        low, high = -(-oldest // BLOCK), self._pushed // BLOCK
        sums, gone = self._sums, max(low - (upto - len(self._sums.begins)), 0)
        if gone:
            sums = sums.after(gone)
        start = max(upto, low)
        if high > start:
            part = slice(start * BLOCK - oldest, high * BLOCK - oldest)
            new = _summed(self.time_s[part].reshape(-1, BLOCK), self.curve[part].reshape(-1, BLOCK))
            sums = sums.followed_by(new)
        self._summed, self._sums = (self.revision, max(high, low)), sums
        return sums._replace(first=(max(high, low) - len(sums.begins)) * BLOCK - oldest)

    def extremes(self, first: int, last: int) -> tuple[float, float]:
        """The least and the greatest good value of the readings at places first … last - 1; NaN without any."""
        curve = self.curve
        if last - first < 8 * BLOCK:
            part = curve[first:last]
            return (float(np.fmin.reduce(part)), float(np.fmax.reduce(part))) if len(part) else (np.nan, np.nan)
        blocks = self.blocks()
        begin = max(-(-(first - blocks.first) // BLOCK), 0)
        end = min((last - blocks.first) // BLOCK, len(blocks.begins))
        edges = np.concatenate([curve[first : blocks.first + begin * BLOCK], curve[blocks.first + end * BLOCK : last]])
        lows, highs = np.append(blocks.low[begin:end], edges), np.append(blocks.high[begin:end], edges)
        return float(np.fmin.reduce(lows)), float(np.fmax.reduce(highs))

    def _push(self, time_s: NDArray[np.float64], value: NDArray[np.float32], curve: NDArray[np.float32]) -> None:
        wanted = min(self._size + len(time_s), self._most)
        if wanted > self._room:
            kept = self.time_s.copy(), self.value.copy(), self.curve.copy()
            self._allocate(min(max(wanted, 2 * self._room), self._most))
            self._size = self._end = 0
            self._pushed -= len(kept[0])
            self._push(*kept)
        start = 0
        while start < len(time_s):
            count = min(self._room - self._end, len(time_s) - start)
            for ring, news in ((self._time, time_s), (self._value, value), (self._curve, curve)):
                ring[self._end : self._end + count] = news[start : start + count]
                ring[self._end + self._room : self._end + self._room + count] = news[start : start + count]
            self._end = (self._end + count) % self._room
            self._pushed += count
            start += count
        self._size = min(self._size + len(time_s), self._room)

    def _allocate(self, room: int) -> None:
        self._room = room
        self._time = np.zeros(2 * room, np.float64)
        self._value = np.zeros(2 * room, np.float32)
        self._curve = np.zeros(2 * room, np.float32)

    def _view(self) -> slice:
        end = self._end + self._room
        return slice(end - self._size, end)


def _no_blocks() -> Blocks:
    times, values = np.empty(0, np.float64), np.empty(0, np.float32)
    return Blocks(0, times, times, times, times, values, values, times, np.empty(0, np.int64))


def _summed(time_s: NDArray[np.float64], curve: NDArray[np.float32]) -> Blocks:
    """The sums of blocks, one a row."""
    pauses = np.diff(time_s, axis=1)
    longest = pauses.argmax(axis=1)
    rows = np.arange(len(time_s))
    good = np.isfinite(curve)
    return Blocks(
        0,
        time_s[:, 0].copy(),
        time_s[:, -1].copy(),
        time_s[rows, longest],
        pauses[rows, longest],
        np.fmin.reduce(curve, axis=1),
        np.fmax.reduce(curve, axis=1),
        np.where(good, curve, 0.0).sum(axis=1, dtype=np.float64),
        good.sum(axis=1),
    )
