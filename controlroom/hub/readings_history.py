"""The readings of the last minutes or hours in memory, so that a new curve does not start empty."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from controlroom.wire.frames import Readings

BYTES_PER_READING = 4 + 4 + 8 + 1


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A full segment, sorted by sensor and within it in the order of arrival."""

    readings: Readings
    newest_ms: int


class RecentReadings:
    """The newest readings of all sensors within a bound of bytes; the oldest told fall out first.

    One log in the order of arrival, cut into segments that are sorted by sensor when full: appending costs the
    same with 500 sensors as with 130,000, and all of them reach equally far back. Not thread-safe: the hub's I/O
    thread owns an instance; reading 64 sensors takes it a few milliseconds.
    """

    def __init__(self, max_bytes: int = 64 * 1024 * 1024, segment: int = 32_768) -> None:
        """`segment` readings are let go at once; raises ValueError when fewer than two segments fit."""
        self._segment = segment
        self._most = max_bytes // (segment * BYTES_PER_READING) - 1
        if self._most < 1:
            raise ValueError(f"{max_bytes} bytes do not hold two segments of {segment} readings")
        self._sealed: deque[_Sealed] = deque(maxlen=self._most)
        self._open = _columns(segment)
        self._used = 0

    def __len__(self) -> int:
        return self._used + self._segment * len(self._sealed)

    def append(self, readings: Readings) -> None:
        """Take a batch of readings of any size, copied."""
        start = 0
        while start < len(readings.index):
            count = min(self._segment - self._used, len(readings.index) - start)
            here, there = slice(self._used, self._used + count), slice(start, start + count)
            self._open.index[here] = readings.index[there]
            self._open.value[here] = readings.value[there]
            self._open.time[here] = readings.time[there]
            self._open.quality[here] = readings.quality[there]
            self._used += count
            start += count
            if self._used == self._segment:
                self._seal()

    def read(self, indices: Sequence[int], since_ms: int) -> Readings:
        """The readings of these sensors with a time of `since_ms` or later, sorted by index and time."""
        wanted = np.array(sorted({i for i in indices if 0 <= i < 2**32}), np.uint32)
        parts = [_find(sealed.readings, wanted) for sealed in self._sealed if sealed.newest_ms >= since_ms]
        used = slice(0, self._used)
        parts.append(_take(self._open, np.flatnonzero(np.isin(self._open.index[used], wanted))))
        found = Readings(
            np.concatenate([part.index for part in parts]),
            np.concatenate([part.value for part in parts]),
            np.concatenate([part.time for part in parts]),
            np.concatenate([part.quality for part in parts]),
        )
        found = _take(found, np.flatnonzero(found.time >= since_ms))
        return _take(found, np.lexsort((found.time, found.index)))

    def _seal(self) -> None:
        order = np.argsort(self._open.index, kind="stable")
        self._sealed.append(_Sealed(_take(self._open, order), int(self._open.time.max())))
        self._used = 0


def _columns(count: int) -> Readings:
    return Readings(
        np.zeros(count, np.uint32), np.zeros(count, np.float32), np.zeros(count, np.int64), np.zeros(count, np.uint8)
    )


def _take(readings: Readings, at: NDArray[np.intp]) -> Readings:
    return Readings(readings.index[at], readings.value[at], readings.time[at], readings.quality[at])


def _find(sorted_readings: Readings, wanted: NDArray[np.uint32]) -> Readings:
    """The readings of the wanted sensors in a segment that is sorted by sensor."""
    starts = np.searchsorted(sorted_readings.index, wanted, "left")
    counts = np.searchsorted(sorted_readings.index, wanted, "right") - starts
    before = np.cumsum(counts) - counts
    return _take(sorted_readings, np.repeat(starts - before, counts) + np.arange(counts.sum()))
