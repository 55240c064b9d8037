"""What a curve holds and what of it is worth drawing: a mirrored ring of readings, thinned to the pixels."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.readings import GOOD

_FIRST = 4096
_POINTS_PER_COLUMN = 3


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
        self.revision = 0
        self.doubted = False
        self._allocate(min(_FIRST, capacity))

    def __len__(self) -> int:
        return self._size

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
            self._size = self._end = 0
            self.revision += 1
        self._push(time_s[-self._most :], value[-self._most :], curve[-self._most :])

    def clear(self) -> None:
        """Forget all readings."""
        self._size = self._end = 0
        self.revision += 1

    def _push(self, time_s: NDArray[np.float64], value: NDArray[np.float32], curve: NDArray[np.float32]) -> None:
        wanted = min(self._size + len(time_s), self._most)
        if wanted > self._room:
            kept = self.time_s.copy(), self.value.copy(), self.curve.copy()
            self._allocate(min(max(wanted, 2 * self._room), self._most))
            self._size = self._end = 0
            self._push(*kept)
        start = 0
        while start < len(time_s):
            count = min(self._room - self._end, len(time_s) - start)
            for ring, news in ((self._time, time_s), (self._value, value), (self._curve, curve)):
                ring[self._end : self._end + count] = news[start : start + count]
                ring[self._end + self._room : self._end + self._room + count] = news[start : start + count]
            self._end = (self._end + count) % self._room
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


class Line(NamedTuple):
    """Points of a curve; where `broken`, some y are NaN and the curve is not to be joined over them."""

    x: NDArray[np.float64]
    y: NDArray[np.float32]
    broken: bool


class Thinner:
    """Thins one curve to the pixels, picture after picture: columns that are full are not looked at again.

    Each column keeps its least and its greatest value, so that no peak is lost; columns lie at fixed times, so that
    a moving window does not make the curve shimmer.
    """

    def __init__(self) -> None:
        self._key: tuple[float, int] = (0.0, -1)
        self._column = np.empty(0, np.int64)
        # One row a column: first time, last time; least, greatest.
        self._times = np.empty((0, 2), np.float64)
        self._values = np.empty((0, 2), np.float32)

    def line(
        self,
        time_s: NDArray[np.float64],
        value: NDArray[np.float32],
        revision: int,
        end_s: float,
        span_s: float,
        columns: int,
        gap_s: float,
    ) -> Line:
        """The last `span_s` seconds before `end_s` as at most about three points per pixel column.

        The times ascend. As long as `revision` stays, readings are only added at the end or taken from the front.
        Neighbours further apart than `gap_s` are not joined.
        """
        start_s = end_s - span_s
        first = max(int(np.searchsorted(time_s, start_s, "right")) - 1, 0)
        last = min(int(np.searchsorted(time_s, end_s, "left")) + 1, len(time_s))
        x, y = time_s[first:last], value[first:last]
        if len(x) <= _POINTS_PER_COLUMN * max(columns, 1):
            parted = np.diff(x) > gap_s
        else:
            self._follow(x, y, span_s / columns, revision)
            x, y = self._times.ravel(), self._values.ravel()
            parted = np.diff(x) > gap_s
            parted[::2] = False
        gaps = np.flatnonzero(parted) + 1
        if len(gaps):
            x, y = np.insert(x, gaps, x[gaps - 1]), np.insert(y, gaps, np.float32(np.nan))
        return Line(x, y, bool(len(gaps)) or bool(np.isnan(y).any()))

    def _follow(self, x: NDArray[np.float64], y: NDArray[np.float32], width_s: float, revision: int) -> None:
        """Bring the columns up to these readings."""
        if self._key != (width_s, revision) or not len(self._column) or x[0] > self._times[-1, 1]:
            self._key = (width_s, revision)
            self._column, self._times, self._values = _columns(x, y, width_s)
            return
        # The last column may not have been full; those that left the window go, but for its left neighbour.
        again = int(np.searchsorted(x, self._column[-1] * width_s))
        old = slice(int(np.searchsorted(self._times[:, 1], x[0])), len(self._column) - 1)
        column, times, values = _columns(x[again:], y[again:], width_s)
        self._column = np.concatenate([self._column[old], column])
        self._times = np.concatenate([self._times[old], times])
        self._values = np.concatenate([self._values[old], values])


def thin(
    time_s: NDArray[np.float64],
    value: NDArray[np.float32],
    start_s: float,
    end_s: float,
    columns: int,
    gap_s: float,
) -> Line:
    """The part of a curve between two times, thinned once; see Thinner."""
    return Thinner().line(time_s, value, 0, end_s, end_s - start_s, columns, gap_s)


def _columns(
    x: NDArray[np.float64], y: NDArray[np.float32], width_s: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float32]]:
    """The columns of `width_s` that have readings: their numbers, their first and last times, their extremes."""
    numbers = np.arange(int(x[0] // width_s) - 1, int(x[-1] // width_s) + 2)
    edges = np.append(np.searchsorted(x, numbers * width_s), len(x))
    full = np.diff(edges) > 0
    starts, ends = edges[:-1][full], edges[1:][full]
    least, greatest = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    if np.isnan(least).any():
        least, greatest = np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)
    return numbers[full], np.column_stack([x[starts], x[ends - 1]]), np.column_stack([least, greatest])
