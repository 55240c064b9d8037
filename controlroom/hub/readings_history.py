"""The readings of the last minutes or hours in memory, so that a new curve does not start empty."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.past_readings import BinColumns, Span
from controlroom.store.history_reading import wanted_of
from controlroom.store.history_segment import own
from controlroom.store.history_summary import Collector
from controlroom.store.readings_store import Look, unhurried
from controlroom.wire.frames import Readings

_NEVER_MS = 2**62
BYTES_PER_READING = 4 + 4 + 8 + 1


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A full segment, sorted by sensor and within it in the order of arrival."""

    readings: Readings
    newest_ms: int
    oldest_ms: int


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

    @property
    def oldest_ms(self) -> int:
        """The time of the oldest reading that is held."""
        oldest = [sealed.oldest_ms for sealed in self._sealed]
        return min([*oldest, int(self._open.time[: self._used].min(initial=2**62))])

    @property
    def full_ms(self) -> int:
        """The same: what is held is held whole."""
        return self.oldest_ms

    def read(
        self, indices: Sequence[int], since_ms: int, until_ms: int = _NEVER_MS, look: Look = unhurried
    ) -> Readings:
        """The readings of these sensors with `since_ms` <= time < `until_ms`, sorted by index and time."""
        wanted = np.array(sorted({i for i in indices if 0 <= i < 2**32}), np.uint32)
        parts = []
        for sealed in self._sealed:
            look()
            if sealed.newest_ms >= since_ms and sealed.oldest_ms < until_ms:
                parts.append(_find(sealed.readings, wanted))
        used = slice(0, self._used)
        parts.append(_take(self._open, np.flatnonzero(np.isin(self._open.index[used], wanted))))
        found = Readings(
            np.concatenate([part.index for part in parts]),
            np.concatenate([part.value for part in parts]),
            np.concatenate([part.time for part in parts]),
            np.concatenate([part.quality for part in parts]),
        )
        found = _take(found, np.flatnonzero((found.time >= since_ms) & (found.time < until_ms)))
        return _take(found, np.lexsort((found.time, found.index)))

    def estimate(self, indices: Sequence[int], since_ms: int, until_ms: int) -> int:
        """How many readings `read` gives."""
        return len(self.read(indices, since_ms, until_ms).index)

    def bins(
        self, indices: Sequence[int], since_ms: int, until_ms: int, count: int, look: Look = unhurried
    ) -> BinColumns:
        """`count` equal bins. Raises ValueError for a time without length and for no bins."""
        if until_ms <= since_ms or count < 1:
            raise ValueError(f"{count} bins from {since_ms} to {until_ms}")
        collector = Collector(wanted_of(indices), since_ms, -(-(until_ms - since_ms) // count), count)
        collector.add(own(self.read(indices, since_ms, until_ms, look)))
        return collector.bins()

    def at(self, indices: Sequence[int], at_ms: int, reach_ms: int, look: Look = unhurried) -> Readings:
        """The last reading of each of these sensors at or before a time, at most `reach_ms` old; sorted by index."""
        found = self.read(indices, at_ms - reach_ms, at_ms + 1, look)
        ends = np.append(np.diff(found.index.astype(np.int64)) != 0, True)[: len(found.index)]
        return _take(found, np.flatnonzero(ends))

    def finest_ms(self, since_ms: int, until_ms: int) -> int:  # what is held is held whole
        """Always 0: every reading that is held."""
        return 0

    def gaps(self, since_ms: int, until_ms: int, indices: Sequence[int]) -> tuple[Span, ...]:
        """None: memory is not damaged."""
        return ()

    def _seal(self) -> None:
        order = np.argsort(self._open.index, kind="stable")
        self._sealed.append(_Sealed(_take(self._open, order), int(self._open.time.max()), int(self._open.time.min())))
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
