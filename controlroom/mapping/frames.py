"""Binary batches from the program to the map page.

A batch is a head of 24 bytes, little-endian: magic `CRM1`, frame count u32, sequence u32, zero u32, clock f64
(ms since 1970 UTC of the data's clock), then frames. A frame is a head of 16 bytes (kind u8, zero u8, layer u16,
count u32, body bytes u32, zero u32) and its columns, widest type first, padded to 8 bytes; so a page reads every
column as a typed array in place. `resources/map/feed.js` is the other half of this file.
"""

import enum
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BATCH = struct.Struct("<4sIIId")
_FRAME = struct.Struct("<BBHIII")
_MAGIC = b"CRM1"


class FrameKind(enum.IntEnum):
    """What a frame carries; the columns are those of the class of the same name."""

    COMMAND = 1
    POINTS = 2
    STATES = 3
    ALL_STATES = 4
    FLEET = 5
    MOVES = 6
    KINDS = 7
    TRAILS = 8
    CHOSEN = 9


@dataclass(frozen=True, slots=True)
class CommandFrame:
    """A JSON object, UTF-8."""

    body: bytes


@dataclass(frozen=True, slots=True)
class PointsFrame:
    """All points of a layer: fixed-point Web Mercator x u32[n], y u32[n], state u8[n]."""

    layer: int
    x: NDArray[np.uint32]
    y: NDArray[np.uint32]
    state: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class StatesFrame:
    """Changed states of a layer: index u32[n], state u8[n]."""

    layer: int
    index: NDArray[np.uint32]
    state: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class AllStatesFrame:
    """The states of all points of a layer: u8[n]."""

    layer: int
    state: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class FleetFrame:
    """How many vehicles there are, and the class of each: u8[n]."""

    vehicle_class: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class MovesFrame:
    """Positions of vehicles: time f64[n] (ms UTC), index u32[n], x u32[n], y u32[n], heading f32[n] (degrees)."""

    time_ms: NDArray[np.float64]
    index: NDArray[np.uint32]
    x: NDArray[np.uint32]
    y: NDArray[np.uint32]
    heading: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class KindsFrame:
    """The kind of each point of a layer, so that kinds can be hidden without sending points again: u16[n]."""

    layer: int
    kind: NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class TrailsFrame:
    """Where vehicles were: time f64[n] (ms UTC), index u32[n], x u32[n], y u32[n], the oldest first of each.

    `anew` (the layer number 1): what was told before is forgotten; else (0) these rows follow it.
    """

    anew: bool
    time_ms: NDArray[np.float64]
    index: NDArray[np.uint32]
    x: NDArray[np.uint32]
    y: NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class ChosenFrame:
    """Which points of a layer are chosen, all others are not: index u32[n]. Vehicles are the layer CHOSEN_FLEET."""

    layer: int
    index: NDArray[np.uint32]


CHOSEN_FLEET = 0xFFFF

Frame = (
    CommandFrame
    | PointsFrame
    | StatesFrame
    | AllStatesFrame
    | FleetFrame
    | MovesFrame
    | KindsFrame
    | TrailsFrame
    | ChosenFrame
)
Column = NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one poll of the page is answered with."""

    sequence: int
    clock_ms: float
    frames: tuple[Frame, ...]


_U8, _U16, _U32 = np.dtype("u1"), np.dtype("<u2"), np.dtype("<u4")
_F32, _F64 = np.dtype("<f4"), np.dtype("<f8")
_COLUMNS: dict[FrameKind, tuple[np.dtype[np.generic], ...]] = {
    FrameKind.COMMAND: (_U8,),
    FrameKind.POINTS: (_U32, _U32, _U8),
    FrameKind.STATES: (_U32, _U8),
    FrameKind.ALL_STATES: (_U8,),
    FrameKind.FLEET: (_U8,),
    FrameKind.MOVES: (_F64, _U32, _U32, _U32, _F32),
    FrameKind.KINDS: (_U16,),
    FrameKind.TRAILS: (_F64, _U32, _U32, _U32),
    FrameKind.CHOSEN: (_U32,),
}


def encode_batch(batch: Batch) -> bytes:
    """The bytes of a batch."""
    head = _BATCH.pack(_MAGIC, len(batch.frames), batch.sequence & 0xFFFFFFFF, 0, batch.clock_ms)
    return b"".join([head, *(_encode(frame) for frame in batch.frames)])


def _take(frame: Frame) -> tuple[FrameKind, int, tuple[Column, ...]]:
    match frame:
        case CommandFrame(body):
            return FrameKind.COMMAND, 0, (np.frombuffer(body, np.uint8),)
        case PointsFrame(layer, x, y, state):
            return FrameKind.POINTS, layer, (x, y, state)
        case StatesFrame(layer, index, state):
            return FrameKind.STATES, layer, (index, state)
        case AllStatesFrame(layer, state):
            return FrameKind.ALL_STATES, layer, (state,)
        case FleetFrame(vehicle_class):
            return FrameKind.FLEET, 0, (vehicle_class,)
        case MovesFrame(time_ms, index, x, y, heading):
            return FrameKind.MOVES, 0, (time_ms, index, x, y, heading)
        case KindsFrame(layer, kind):
            return FrameKind.KINDS, layer, (kind,)
        case TrailsFrame(anew, time_ms, index, x, y):
            return FrameKind.TRAILS, int(anew), (time_ms, index, x, y)
        case ChosenFrame(layer, index):
            return FrameKind.CHOSEN, layer, (index,)


def _encode(frame: Frame) -> bytes:
    kind, layer, columns = _take(frame)
    count = len(columns[0])
    if any(len(column) != count for column in columns):
        raise ValueError("columns of different lengths")
    body = b"".join(
        np.ascontiguousarray(column, dtype).tobytes() for column, dtype in zip(columns, _COLUMNS[kind], strict=True)
    )
    body += bytes(-len(body) % 8)
    return _FRAME.pack(kind, 0, layer, count, len(body), 0) + body
