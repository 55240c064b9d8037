"""The open segment: readings that are in memory and in an append log, until they are sealed into blocks.

The log is a row of frames, each u32 n, u32 CRC-32, then n x (u32 index), n x (f32 value), n x (i64 ms),
n x (u8 quality), little-endian. What was written survives `kill -9`; a torn end is cut off when it is read again.
"""

import os
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.readings import ReadingColumns
from controlroom.store.history_block import Columns, between, joined, taken

_FRAME = struct.Struct("<II")
_READING = 4 + 4 + 8 + 1
CHUNK = 32_768
"""Readings that are sorted together; fewer than that are looked through one by one."""

PREFIX = "open-"
SUFFIX = ".log"


class Segment:
    """Readings in the order of their arrival, the newest not sealed yet. One thread owns an instance."""

    def __init__(self, number: int, path: Path) -> None:
        self.number = number
        self.path = path
        self.count = 0
        self.oldest_ms = 2**63 - 1
        self._chunks: list[Columns] = []
        self._recent: list[Columns] = []
        self._recent_count = 0

    def append(self, columns: Columns) -> None:
        """Keep a batch; it is not copied."""
        self.count += len(columns)
        self.oldest_ms = min(self.oldest_ms, int(columns.time.min(initial=self.oldest_ms)))
        self._recent.append(columns)
        self._recent_count += len(columns)
        if self._recent_count >= CHUNK:
            recent = joined(self._recent)
            self._chunks.append(taken(recent, np.argsort(recent.index, kind="stable")))
            self._recent, self._recent_count = [], 0

    def find(self, wanted: NDArray[np.uint32], since_ms: int, until_ms: int) -> Columns:
        """The readings of these sensors (ascending indices) in this time; of each sensor in the order of arrival."""
        parts = [_find(chunk, wanted) for chunk in self._chunks]
        if self._recent:
            if len(self._recent) > 1:
                self._recent = [joined(self._recent)]
            parts.append(taken(self._recent[0], np.flatnonzero(np.isin(self._recent[0].index, wanted))))
        return between(joined(parts), since_ms, until_ms)

    def everything(self) -> Columns:
        """All readings; of each sensor in the order of arrival."""
        return joined([*self._chunks, *self._recent])

    def forget_oldest(self) -> int:
        """Let the oldest chunk go from memory and tell how many readings that were."""
        if self._chunks:
            oldest = self._chunks.pop(0)
        else:
            oldest, self._recent, self._recent_count = joined(self._recent), [], 0
        self.count -= len(oldest)
        return len(oldest)


class Log:
    """The append log of one segment. Every method raises OSError where the disk does not take it."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        self._end = 0
        self._torn = False

    def append(self, columns: Columns) -> None:
        """Write one frame; where that fails, what was written of it is cut off again."""
        if self._torn:
            os.ftruncate(self._file, self._end)
            self._torn = False
        body = b"".join(
            (
                columns.index.astype("<u4").tobytes(),
                columns.value.astype("<f4").tobytes(),
                columns.time.astype("<i8").tobytes(),
                columns.quality.tobytes(),
            )
        )
        frame = _FRAME.pack(len(columns), zlib.crc32(body)) + body
        # Torn until all of it is written: a full disk may take a part.
        self._torn = True
        written = 0
        while written < len(frame):
            written += os.pwrite(self._file, memoryview(frame)[written:], self._end + written)
        self._end += len(frame)
        self._torn = False

    def sync(self) -> None:
        """Have the disk hold what was written."""
        os.fdatasync(self._file)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def logged(path: Path) -> tuple[list[Columns], int]:
    """The batches of a log up to its torn end, and how many bytes of it could not be read. Raises OSError."""
    raw, at, batches = path.read_bytes(), 0, list[Columns]()
    while at + _FRAME.size <= len(raw):
        count, check = _FRAME.unpack_from(raw, at)
        start = at + _FRAME.size
        end = start + count * _READING
        if not count or end > len(raw) or zlib.crc32(memoryview(raw)[start:end]) != check:
            break
        batches.append(
            Columns(
                np.frombuffer(raw, "<u4", count, start),
                np.frombuffer(raw, "<f4", count, start + 4 * count),
                np.frombuffer(raw, "<i8", count, start + 8 * count),
                np.frombuffer(raw, np.uint8, count, start + 16 * count),
            )
        )
        at = end
    return batches, len(raw) - at


def own(columns: ReadingColumns) -> Columns:
    """The readings of another's columns; the columns themselves are shared."""
    return Columns(columns.index, columns.value, columns.time, columns.quality)


def _find(chunk: Columns, wanted: NDArray[np.uint32]) -> Columns:
    """The readings of the wanted sensors in a chunk that is sorted by sensor."""
    if len(wanted) and int(wanted[-1]) - int(wanted[0]) == len(wanted) - 1:
        return taken(chunk, slice(*np.searchsorted(chunk.index, [wanted[0], int(wanted[-1]) + 1]).tolist()))
    starts = np.searchsorted(chunk.index, wanted, "left")
    counts = np.searchsorted(chunk.index, wanted, "right") - starts
    before = np.cumsum(counts) - counts
    return taken(chunk, np.repeat(starts - before, counts) + np.arange(counts.sum()))
