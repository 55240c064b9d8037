"""Telemetry on its way out of a source: values and positions, newest wins, dropped and counted when nobody listens."""

import threading
from collections import deque
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from controlroom.wire import codec
from controlroom.wire.messages import ColumnsRecord, Position, PositionsRecord, ReadingsRecord

UNKNOWN = np.uint32(0xFFFFFFFF)
"""Stands for a telemetry index that the hub has not told yet."""


@dataclass(frozen=True, slots=True)
class Values:
    """Columns of length n: i64 row (place in the feed's declarations), f32 value, i64 ms since 1970, u8 quality."""

    row: NDArray[np.int64]
    value: NDArray[np.float32]
    time: NDArray[np.int64]
    quality: NDArray[np.uint8]


Batch = Values | list[Position]


class Outbox:
    """A bounded queue of telemetry: `put` from any thread, `take` on the client's. The oldest batch falls out."""

    def __init__(self, batches: int = 64) -> None:
        self.dropped = 0
        self.sent = 0
        self._queue: deque[Batch] = deque()
        self._batches = batches
        self._lock = threading.Lock()

    def put(self, batch: Batch) -> None:
        """Queue a batch."""
        with self._lock:
            if len(self._queue) >= self._batches:
                self.dropped += _rows(self._queue.popleft())
            self._queue.append(batch)

    def take(self) -> Batch | None:
        """The oldest batch, or None."""
        with self._lock:
            return self._queue.popleft() if self._queue else None

    def clear(self) -> None:
        """Drop everything: the hub is away."""
        with self._lock:
            self.dropped += sum(map(_rows, self._queue))
            self._queue.clear()

    def __len__(self) -> int:
        return len(self._queue)


def _rows(batch: Batch) -> int:
    return len(batch.row) if isinstance(batch, Values) else len(batch)


def columns(values: Values, index: NDArray[np.uint32]) -> tuple[bytes, int]:
    """The msgpack record of values whose telemetry index is known, and how many rows it has."""
    at = index[values.row]
    known = at != UNKNOWN
    record = ColumnsRecord(
        index=at[known].astype("<u4").tobytes(),
        value=values.value[known].astype("<f4").tobytes(),
        time=values.time[known].astype("<i8").tobytes(),
        quality=values.quality[known].astype("u1").tobytes(),
    )
    return codec.encode(record), int(np.count_nonzero(known))


def readings(values: Values, ids: list[str], index: NDArray[np.uint32]) -> tuple[bytes, int]:
    """The same as a JSON record by sensor id."""
    known = index[values.row] != UNKNOWN
    numbers: list[float] = values.value[known].tolist()
    record = ReadingsRecord(
        ids=[ids[row] for row in values.row[known].tolist()],
        values=[value if np.isfinite(value) else None for value in numbers],
        times=values.time[known].tolist(),
        quality=values.quality[known].tolist(),
    )
    return codec.encode_json(record), len(record.ids)


def positions(batch: list[Position], json: bool) -> bytes:
    """The record of positions."""
    record = PositionsRecord(positions=batch)
    return codec.encode_json(record) if json else codec.encode(record)


def raw(record: bytes) -> msgspec.Raw:
    """An encoded record as a part of a handover."""
    return msgspec.Raw(record)
