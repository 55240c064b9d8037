"""Past readings as they are drawn and written out: one series a sensor, raw or as bins, and what is missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.readings import ReadingColumns

Span = tuple[int, int]
"""A stretch of time: `since_ms` included, `until_ms` not; ms since 1970 UTC."""


@dataclass(frozen=True, slots=True)
class BinColumns:
    """Bins of equal width from `since_ms` on, of the sensors `index` [k]; every array is [k, n].

    `least`, `greatest` and `mean` f32 of the good readings (NaN where there was none), `count` i64 of the good ones,
    `quality` u8 the worst told in the bin, those of doubted readings included (0 where all were good or none came).
    """

    index: NDArray[np.uint32]
    since_ms: int
    width_ms: int
    least: NDArray[np.float32]
    greatest: NDArray[np.float32]
    mean: NDArray[np.float32]
    count: NDArray[np.int64]
    quality: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Series:
    """One sensor's past, ascending in time; all columns of one length n.

    Raw (`width_ms` 0): `time` of each reading, `value` its value, `quality` its quality, `least` and `greatest` the
    value itself, `count` ones. Binned: `time` is where a bin begins, `value` the mean of its good readings (NaN where
    none was good), `quality` the worst in it, `count` how many were good; bins without any reading are left out.
    """

    index: int
    width_ms: int
    time: NDArray[np.int64]
    value: NDArray[np.float32]
    least: NDArray[np.float32]
    greatest: NDArray[np.float32]
    count: NDArray[np.int64]
    quality: NDArray[np.uint8]

    @property
    def binned(self) -> bool:
        """Whether the points are bins and not readings."""
        return self.width_ms > 0


@dataclass(frozen=True, slots=True)
class PastReadings:
    """What the hub knows of some sensors between `since_ms` and `until_ms`, one series each, in the order asked.

    `reaches_ms` is how far back anything is kept, `full_ms` how far back every reading is; `gaps` are stretches in
    which the hub's own history is damaged or lost readings, so that emptiness there says nothing of the sensors; `down`
    are those in which no hub ran: what sources did not tell later is not known, and no value held on.
    """

    since_ms: int
    until_ms: int
    series: tuple[Series, ...]
    reaches_ms: int
    full_ms: int
    gaps: tuple[Span, ...] = ()
    down: tuple[Span, ...] = ()


def series_of_readings(columns: ReadingColumns, indices: list[int]) -> Iterator[Series]:
    """The series of readings that are sorted by index and time, one for each index asked for."""
    for index in indices:
        part = slice(*np.searchsorted(columns.index, [index, index + 1]).tolist())
        value = columns.value[part].astype(np.float32)
        count = np.ones(len(value), np.int64)
        yield Series(index, 0, columns.time[part].astype(np.int64), value, value, value, count, columns.quality[part])


def series_of_bins(bins: BinColumns, indices: list[int]) -> Iterator[Series]:
    """The series of bins, one for each index asked for; bins without a reading are left out."""
    rows = {index: row for row, index in enumerate(bins.index.tolist())}
    for index in indices:
        row = rows.get(index)
        if row is None:
            nothing = np.empty(0, np.float32)
            empty = np.empty(0, np.int64)
            yield Series(index, bins.width_ms, empty, nothing, nothing, nothing, empty, np.empty(0, np.uint8))
            continue
        at = np.flatnonzero((bins.count[row] > 0) | (bins.quality[row] > 0))
        yield Series(
            index,
            bins.width_ms,
            bins.since_ms + at.astype(np.int64) * bins.width_ms,
            bins.mean[row][at],
            bins.least[row][at],
            bins.greatest[row][at],
            bins.count[row][at],
            bins.quality[row][at],
        )


def down_between(runs: Sequence[Span], since_ms: int, until_ms: int) -> tuple[Span, ...]:
    """When no hub ran, between the first known run and the last: the stretches that no run covers."""
    found, seen_ms = list[Span](), 0
    for begun_ms, end_ms in sorted(runs):
        if seen_ms and begun_ms > seen_ms and begun_ms > since_ms and seen_ms < until_ms:
            found.append((max(seen_ms, since_ms), min(begun_ms, until_ms)))
        seen_ms = max(seen_ms, end_ms)
    return tuple(found)
