"""A batch read as the page reads it: `resources/map/feed.js` in Python, by what the head of `frames.py` promises."""

import struct
from collections.abc import Callable
from typing import Any

import numpy as np

from controlroom.mapping.frames import (
    AllStatesFrame,
    Batch,
    ChosenFrame,
    CommandFrame,
    FleetFrame,
    Frame,
    FrameKind,
    KindsFrame,
    MovesFrame,
    PointsFrame,
    StatesFrame,
    TrailsFrame,
)

_BUILT: dict[FrameKind, tuple[str, Callable[..., Frame]]] = {
    FrameKind.COMMAND: ("u1", lambda _layer, body: CommandFrame(body.tobytes())),
    FrameKind.POINTS: ("u4 u4 u1", PointsFrame),
    FrameKind.STATES: ("u4 u1", StatesFrame),
    FrameKind.ALL_STATES: ("u1", AllStatesFrame),
    FrameKind.FLEET: ("u1", lambda _layer, kind: FleetFrame(kind)),
    FrameKind.MOVES: ("f8 u4 u4 u4 f4", lambda _layer, *columns: MovesFrame(*columns)),
    FrameKind.KINDS: ("u2", KindsFrame),
    FrameKind.TRAILS: ("f8 u4 u4 u4", lambda layer, *columns: TrailsFrame(bool(layer), *columns)),
    FrameKind.CHOSEN: ("u4", ChosenFrame),
}


def decode_batch(data: bytes) -> Batch:
    magic, count, sequence, zero, clock_ms = struct.unpack_from("<4sIIId", data)
    assert (magic, zero) == (b"CRM1", 0)
    frames, offset = [], 24
    while offset < len(data):
        frame, offset = _decode(data, offset)
        frames.append(frame)
    assert len(frames) == count and offset == len(data)
    return Batch(sequence, clock_ms, tuple(frames))


def _decode(data: bytes, offset: int) -> tuple[Frame, int]:
    kind, zero, layer, count, size, zero2 = struct.unpack_from("<BBHIII", data, offset)
    assert (zero, zero2) == (0, 0)
    dtypes, built = _BUILT[FrameKind(kind)]
    start, columns = offset + 16, []
    at = start
    for dtype in dtypes.split():
        column: Any = np.frombuffer(data, f"<{dtype}", count, at)
        assert at % column.itemsize == 0, "a typed array of the page begins at a multiple of its width"
        columns.append(column)
        at += column.nbytes
    assert size == -(-(at - start) // 8) * 8
    return built(layer, *columns), start + size
