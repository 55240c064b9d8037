"""Least, greatest and mean of minutes, ten minutes and hours: what of a day is kept longer than its readings.

A strip holds a day of some sensors at one resolution: sensors x cells as five planes (f32 mean; f32 least and greatest
as the bits in which they differ from the mean, which are none where a cell has one reading; u16 how many good readings;
u8 the worst quality), the bytes of each shuffled, zlib level 1. So a minute of a sensor that tells once a minute takes
little more than its value. Only good readings are counted; the quality tells of the others.
"""

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.past_readings import BinColumns
from controlroom.domain.readings import GOOD
from controlroom.store.history_block import BAND, DAY_MS, Columns, DamagedBlock


@dataclass(frozen=True, slots=True)
class Tier:
    """One resolution: the name of its files, the length of its cells, and how many sensors one strip holds."""

    kind: str
    cell_ms: int
    strip: int

    @property
    def cells(self) -> int:
        """Cells of a day."""
        return DAY_MS // self.cell_ms


MINUTE = Tier("minute", 60_000, 8)
TEN = Tier("summary", 600_000, 8)
HOUR = Tier("hour", 3_600_000, BAND)
TIERS = (MINUTE, TEN, HOUR)
"""From the finest to the coarsest."""

_PLANES = (4, 4, 4, 2, 1)
_OLD_PLANES = (4, 4, 4, 2)
"""Strips of ten minutes as they were first written: least, greatest and mean as they are, and no quality."""
_MOST = np.iinfo(np.uint16).max


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of `k` sensors, each [k, cells]: f32 least, greatest and mean (NaN where empty), i64 count, u8 quality."""

    least: NDArray[np.float32]
    greatest: NDArray[np.float32]
    mean: NDArray[np.float32]
    count: NDArray[np.int64]
    quality: NDArray[np.uint8]


class Collector:
    """Gathers readings and cells, in any order, into bins of k sensors (ascending indices)."""

    def __init__(self, wanted: NDArray[np.uint32], since_ms: int, width_ms: int, bins: int) -> None:
        self._wanted, self._since_ms, self._width_ms, self._bins = wanted, since_ms, width_ms, bins
        size = len(wanted) * bins
        self._least = np.full(size, np.inf, np.float32)
        self._greatest = np.full(size, -np.inf, np.float32)
        self._sum = np.zeros(size)
        self._count = np.zeros(size, np.int64)
        self._quality = np.zeros(size, np.uint8)

    def add(self, columns: Columns) -> None:
        """Take readings of the wanted sensors; those beyond the bins are passed over, bad ones leave their quality."""
        number = (columns.time - self._since_ms) // self._width_ms
        within = (number >= 0) & (number < self._bins)
        good = (columns.quality == GOOD) & np.isfinite(columns.value) & within
        bad = np.flatnonzero((columns.quality != GOOD) & within)
        if len(bad):
            at = np.searchsorted(self._wanted, columns.index[bad]) * self._bins + number[bad]
            np.maximum.at(self._quality, at, columns.quality[bad])
        row = np.searchsorted(self._wanted, columns.index[good])
        value = columns.value[good]
        self._gather(row * self._bins + number[good], value, value, value.astype(np.float64), 1)

    def add_cells(self, row: int, day: int, cells: Cells, of: int, cell_ms: int) -> None:
        """Take the cells of one day of the sensor in `row` of the wanted ones, which are row `of` of `cells`."""
        begins = day * DAY_MS + cell_ms * np.arange(cells.count.shape[1], dtype=np.int64) - self._since_ms
        number = begins // self._width_ms
        within = (number >= 0) & (number < self._bins)
        bad = np.flatnonzero((cells.quality[of] > GOOD) & within)
        if len(bad):
            np.maximum.at(self._quality, row * self._bins + number[bad], cells.quality[of][bad])
        here = np.flatnonzero((cells.count[of] > 0) & within)
        count = cells.count[of][here]
        total = cells.mean[of][here].astype(np.float64) * count
        self._gather(row * self._bins + number[here], cells.least[of][here], cells.greatest[of][here], total, count)

    def rows(self, sensors: NDArray[np.uint32]) -> list[int]:
        """The rows of some of the wanted sensors."""
        rows: list[int] = np.searchsorted(self._wanted, sensors).tolist()
        return rows

    def _gather(
        self,
        at: NDArray[np.intp],
        least: NDArray[np.float32],
        greatest: NDArray[np.float32],
        total: NDArray[np.float64],
        count: NDArray[np.int64] | int,
    ) -> None:
        np.minimum.at(self._least, at, least)
        np.maximum.at(self._greatest, at, greatest)
        np.add.at(self._sum, at, total)
        np.add.at(self._count, at, count)

    def cells(self) -> Cells:
        """What was gathered."""
        shape = len(self._wanted), self._bins
        empty = self._count == 0
        mean = np.divide(self._sum, self._count, out=np.full(len(self._sum), np.nan), where=~empty)
        return Cells(
            np.where(empty, np.float32(np.nan), self._least).reshape(shape),
            np.where(empty, np.float32(np.nan), self._greatest).reshape(shape),
            mean.astype(np.float32).reshape(shape),
            self._count.reshape(shape).copy(),
            self._quality.reshape(shape).copy(),
        )

    def bins(self) -> BinColumns:
        """What was gathered, with the axis."""
        got = self.cells()
        return BinColumns(
            self._wanted,
            self._since_ms,
            self._width_ms,
            got.least,
            got.greatest,
            got.mean,
            got.count,
            got.quality,
        )


def minutes_of(columns: Columns, band: int, day: int) -> Cells:
    """The minutes of a band's readings of a day."""
    sensors = np.arange(band * BAND, (band + 1) * BAND, dtype=np.uint32)
    collector = Collector(sensors, day * DAY_MS, MINUTE.cell_ms, MINUTE.cells)
    collector.add(columns)
    return collector.cells()


def coarser(cells: Cells, factor: int) -> Cells:
    """Cells that are each made of `factor` neighbouring ones."""
    shape = cells.count.shape[0], cells.count.shape[1] // factor, factor
    count = cells.count.reshape(shape)
    total = np.nan_to_num(cells.mean.astype(np.float64)).reshape(shape) * count
    every = count.sum(axis=2)
    empty = every == 0
    least = np.where(count > 0, cells.least.reshape(shape), np.float32(np.inf)).min(axis=2)
    greatest = np.where(count > 0, cells.greatest.reshape(shape), np.float32(-np.inf)).max(axis=2)
    mean = np.divide(total.sum(axis=2), every, out=np.full(every.shape, np.nan), where=~empty)
    least[empty] = greatest[empty] = np.nan
    quality = cells.quality.reshape(shape).max(axis=2)
    return Cells(least, greatest, mean.astype(np.float32), every, quality)


def strips_of(cells: Cells, band: int, tier: Tier) -> list[tuple[int, bytes]]:
    """The strips of a band's cells of a day, as (number of the strip, body)."""
    # Empty cells are told by their count; zeros in the place of NaN are shorter.
    mean = np.nan_to_num(cells.mean).view(np.uint32)
    planes = (
        mean,
        np.nan_to_num(cells.least).view(np.uint32) ^ mean,
        np.nan_to_num(cells.greatest).view(np.uint32) ^ mean,
        np.minimum(cells.count, _MOST).astype("<u2"),
        cells.quality,
    )
    told = (cells.count > 0) | (cells.quality > 0)
    return [
        (
            (band * BAND + start) // tier.strip,
            zlib.compress(b"".join(_shuffled(plane[start : start + tier.strip]) for plane in planes), 1),
        )
        for start in range(0, BAND, tier.strip)
        if told[start : start + tier.strip].any()
    ]


def cells_of(body: bytes, tier: Tier) -> Cells:
    """The cells of a strip. Raises DamagedBlock."""
    cells = tier.strip * tier.cells
    try:
        raw = zlib.decompress(body, bufsize=cells * sum(_PLANES) + 1)
    except zlib.error as error:
        raise DamagedBlock(str(error)) from error
    shape = tier.strip, tier.cells
    if len(raw) == cells * sum(_OLD_PLANES) and tier is TEN:
        least, greatest, average, count = _planes(raw, ("<f4", "<f4", "<f4", "<u2"), shape)
        return Cells(least, greatest, average, count.astype(np.int64), np.zeros(shape, np.uint8))
    if len(raw) != cells * sum(_PLANES):
        raise DamagedBlock(f"{len(raw)} bytes are no strip")
    mean, low, high, count, quality = _planes(raw, ("<u4", "<u4", "<u4", "<u2", "u1"), shape)
    return Cells(
        (low ^ mean).view(np.float32),
        (high ^ mean).view(np.float32),
        mean.view(np.float32),
        count.astype(np.int64),
        quality,
    )


def _planes(raw: bytes, kinds: tuple[str, ...], shape: tuple[int, int]) -> list[NDArray[Any]]:
    planes, at = [], 0
    for kind in kinds:
        width = np.dtype(kind).itemsize
        size = shape[0] * shape[1] * width
        part = np.frombuffer(raw, np.uint8, size, at).reshape(width, -1)
        planes.append(np.ascontiguousarray(part.T).reshape(-1).view(kind).reshape(shape))
        at += size
    return planes


def _shuffled(plane: NDArray[Any]) -> bytes:
    flat = np.ascontiguousarray(plane).reshape(-1)
    return flat.view(np.uint8).reshape(len(flat), flat.itemsize).T.tobytes()
