"""Least, greatest and mean of ten minutes: what of a day is kept longer than its readings.

Cells of one minute would be larger than the readings themselves where sensors tell once a minute, so the finest are
of ten; an hour is six of them. A strip holds a day of 8 sensors: 8 x 144 cells as four planes (f32 least, greatest and
mean, u16 how many readings), the bytes of each shuffled, zlib level 1. Only good readings are counted.
"""

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.readings import GOOD
from controlroom.store.history_block import BAND, DAY_MS, Columns, DamagedBlock

CELL_MS = 600_000
CELLS = DAY_MS // CELL_MS
STRIP = 8
_PLANES = (4, 4, 4, 2)
_MOST = np.iinfo(np.uint16).max


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of `k` sensors, each [k, cells]: f32 least, greatest and mean (NaN where empty), i64 count."""

    least: NDArray[np.float32]
    greatest: NDArray[np.float32]
    mean: NDArray[np.float32]
    count: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bins:
    """Bins of equal width from `since_ms` on, of the sensors `index` [k]; arrays [k, n] as in `Cells`."""

    index: NDArray[np.uint32]
    since_ms: int
    width_ms: int
    least: NDArray[np.float32]
    greatest: NDArray[np.float32]
    mean: NDArray[np.float32]
    count: NDArray[np.int64]


class Collector:
    """Gathers readings and cells, in any order, into bins of k sensors (ascending indices)."""

    def __init__(self, wanted: NDArray[np.uint32], since_ms: int, width_ms: int, bins: int) -> None:
        self._wanted, self._since_ms, self._width_ms, self._bins = wanted, since_ms, width_ms, bins
        size = len(wanted) * bins
        self._least = np.full(size, np.inf, np.float32)
        self._greatest = np.full(size, -np.inf, np.float32)
        self._sum = np.zeros(size)
        self._count = np.zeros(size, np.int64)

    def add(self, columns: Columns) -> None:
        """Take readings of the wanted sensors; those that are not good or beyond the bins are passed over."""
        number = (columns.time - self._since_ms) // self._width_ms
        good = (columns.quality == GOOD) & np.isfinite(columns.value) & (number >= 0) & (number < self._bins)
        row = np.searchsorted(self._wanted, columns.index[good])
        value = columns.value[good]
        self._gather(row * self._bins + number[good], value, value, value.astype(np.float64), 1)

    def add_cells(self, row: int, day: int, cells: Cells, of: int) -> None:
        """Take the cells of one day of the sensor in `row` of the wanted ones, which are row `of` of `cells`."""
        number = (day * DAY_MS + CELL_MS * np.arange(CELLS, dtype=np.int64) - self._since_ms) // self._width_ms
        here = np.flatnonzero((cells.count[of] > 0) & (number >= 0) & (number < self._bins))
        count = cells.count[of][here]
        total = cells.mean[of][here].astype(np.float64) * count
        self._gather(row * self._bins + number[here], cells.least[of][here], cells.greatest[of][here], total, count)

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
        )

    def bins(self) -> Bins:
        """What was gathered, with the axis."""
        got = self.cells()
        return Bins(self._wanted, self._since_ms, self._width_ms, got.least, got.greatest, got.mean, got.count)


def strips_of(columns: Columns, band: int, day: int) -> list[tuple[int, bytes]]:
    """The strips of a band's readings of a day, as (number of the strip, body)."""
    sensors = np.arange(band * BAND, (band + 1) * BAND, dtype=np.uint32)
    collector = Collector(sensors, day * DAY_MS, CELL_MS, CELLS)
    collector.add(columns)
    cells = collector.cells()
    # Empty cells are told by their count; zeros in the place of NaN are shorter.
    planes = (
        np.nan_to_num(cells.least),
        np.nan_to_num(cells.greatest),
        np.nan_to_num(cells.mean),
        np.minimum(cells.count, _MOST).astype("<u2"),
    )
    return [
        (
            (band * BAND + start) // STRIP,
            zlib.compress(b"".join(_shuffled(plane[start : start + STRIP]) for plane in planes), 1),
        )
        for start in range(0, BAND, STRIP)
        if cells.count[start : start + STRIP].any()
    ]


def cells_of(body: bytes) -> Cells:
    """The cells of a strip. Raises DamagedBlock."""
    size = STRIP * CELLS * sum(_PLANES)
    try:
        raw = zlib.decompress(body, bufsize=size + 1)
    except zlib.error as error:
        raise DamagedBlock(str(error)) from error
    if len(raw) != size:
        raise DamagedBlock(f"{len(raw)} bytes are no strip")
    planes, at = [], 0
    for kind, width in zip(("<f4", "<f4", "<f4", "<u2"), _PLANES, strict=True):
        part = np.frombuffer(raw, np.uint8, STRIP * CELLS * width, at).reshape(width, -1)
        planes.append(np.ascontiguousarray(part.T).reshape(-1).view(kind).reshape(STRIP, CELLS))
        at += STRIP * CELLS * width
    return Cells(planes[0], planes[1], planes[2], planes[3].astype(np.int64))


def _shuffled(plane: NDArray[np.float32] | NDArray[np.uint16]) -> bytes:
    flat = np.ascontiguousarray(plane).reshape(-1)
    return flat.view(np.uint8).reshape(len(flat), flat.itemsize).T.tobytes()
