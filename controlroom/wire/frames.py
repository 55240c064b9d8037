"""One-frame messages of the publishing sockets: a fixed binary head, then the body.

The head is 48 bytes, little-endian: kind u8, version u8, topic 6 bytes, epoch 8 bytes, sequence u64,
time i64 (ms since 1970 UTC), realm 16 bytes padded with NUL. One frame costs a third of a multipart message,
and a subscription still matches its first bytes.
"""

import enum
import struct
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from controlroom.wire.messages import VERSION

_HEAD = struct.Struct("<BB6s8sQq16s")
HEAD_BYTES = _HEAD.size
REALM_BYTES = 16
peek = _HEAD.unpack_from
"""The head as it stands in a frame, unchecked and padded: kind, version, topic, epoch, sequence, time_ms, realm.

For the one loop that takes every event of a hub; raises struct.error for a frame that is too short.
"""


class Kind(enum.IntEnum):
    """What a published frame carries."""

    EVENT = 1
    HEARTBEAT = 2
    READINGS = 3
    POSITIONS = 4


class Head(NamedTuple):
    """The head of a published frame."""

    kind: Kind
    version: int
    topic: str
    epoch: bytes
    sequence: int
    time_ms: int
    realm: str


class MalformedFrame(ValueError):
    """A frame that does not follow this file."""


def pack(kind: Kind, topic: str, epoch: bytes, sequence: int, time_ms: int, realm: str, body: bytes) -> bytes:
    """One frame. `topic` has at most 6 ASCII characters, `epoch` 8 bytes, `realm` at most 16."""
    return (
        _HEAD.pack(
            kind,
            VERSION,
            topic.encode("ascii"),
            epoch,
            sequence,
            time_ms,
            realm.encode("ascii"),
        )
        + body
    )


def unpack(frame: bytes) -> tuple[Head, memoryview]:
    """The head and the body of a frame. Raises MalformedFrame."""
    if len(frame) < HEAD_BYTES:
        raise MalformedFrame(f"frame of {len(frame)} bytes is shorter than its head")
    kind, version, topic, epoch, sequence, time_ms, realm = _HEAD.unpack_from(frame)
    if version > VERSION:
        raise MalformedFrame(f"frame of version {version}, this program knows {VERSION}")
    try:
        head = Head(
            Kind(kind),
            version,
            topic.rstrip(b"\0").decode("ascii"),
            epoch,
            sequence,
            time_ms,
            realm.rstrip(b"\0").decode("ascii"),
        )
    except ValueError as error:
        raise MalformedFrame(f"frame with an unreadable head: {error}") from error
    return head, memoryview(frame)[HEAD_BYTES:]


@dataclass(frozen=True, slots=True)
class Readings:
    """Columns of readings, all of one length n: u32 index, f32 value, i64 ms since 1970 UTC, u8 quality (0 good)."""

    index: NDArray[np.uint32]
    value: NDArray[np.float32]
    time: NDArray[np.int64]
    quality: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Positions:
    """Columns of positions, length n: u32 index, f64 lon, f64 lat (WGS-84), f32 heading (deg), f32 km/h, i64 ms."""

    index: NDArray[np.uint32]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    heading: NDArray[np.float32]
    speed: NDArray[np.float32]
    time: NDArray[np.int64]


_READINGS = (np.dtype("<u4"), np.dtype("<f4"), np.dtype("<i8"), np.dtype("u1"))
_POSITIONS = (
    np.dtype("<u4"),
    np.dtype("<f8"),
    np.dtype("<f8"),
    np.dtype("<f4"),
    np.dtype("<f4"),
    np.dtype("<i8"),
)


def _encode(columns: tuple[NDArray[np.generic], ...], types: tuple[np.dtype[np.generic], ...]) -> bytes:
    count = len(columns[0])
    return struct.pack("<I", count) + b"".join(
        np.ascontiguousarray(column, dtype).tobytes() for column, dtype in zip(columns, types, strict=True)
    )


def _decode(body: memoryview, types: tuple[np.dtype[np.generic], ...]) -> list[NDArray[Any]]:
    if len(body) < 4:
        raise MalformedFrame("columns without a count")
    (count,) = struct.unpack_from("<I", body)
    if len(body) != 4 + count * sum(dtype.itemsize for dtype in types):
        raise MalformedFrame(f"{len(body)} bytes are not {count} rows")
    columns, offset = [], 4
    for dtype in types:
        columns.append(np.frombuffer(body, dtype, count, offset))
        offset += count * dtype.itemsize
    return columns


def encode_readings(readings: Readings) -> bytes:
    """The body of a READINGS frame."""
    return _encode((readings.index, readings.value, readings.time, readings.quality), _READINGS)


def decode_readings(body: memoryview) -> Readings:
    """The columns of a READINGS frame; they share the frame's memory. Raises MalformedFrame."""
    return Readings(*_decode(body, _READINGS))


def encode_positions(positions: Positions) -> bytes:
    """The body of a POSITIONS frame."""
    p = positions
    return _encode((p.index, p.lon, p.lat, p.heading, p.speed, p.time), _POSITIONS)


def decode_positions(body: memoryview) -> Positions:
    """The columns of a POSITIONS frame; they share the frame's memory. Raises MalformedFrame."""
    return Positions(*_decode(body, _POSITIONS))
