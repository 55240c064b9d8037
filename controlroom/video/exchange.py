"""Hands pictures to another process through three buffers: newest wins, neither waits, no picture is ever torn.

Each side writes one byte of its own. The writer's says which buffer is in front, the reader's which one it holds. The
writer fills the buffer that is neither. The reader claims the front one and looks again whether it still is: if so, the
writer has seen or will see the claim before it chooses its next buffer; if not, the reader claims the newer one.
"""

import struct
import threading
from typing import Final

import numpy as np

from controlroom.video import segment
from controlroom.video.picture import Picture

NONE: Final = 0xFF
_FRONT: Final = 0
_HELD: Final = 64  # a cache line of its own
_RECORDS: Final = 128
_RECORD: Final = struct.Struct("=QIIIIdd")
_BUFFERS: Final = 3
_PIXELS_AT: Final = segment.PAGE


def room_for(width_px: int, height_px: int) -> int:
    """The bytes that one picture fitted into this box needs at most."""
    return max(16, width_px) * max(16, height_px) * 4


def created(capacity: int) -> int:
    """A descriptor of an empty exchange whose pictures have `capacity` bytes at most. Raises OSError."""
    whole = -(-capacity // segment.PAGE) * segment.PAGE
    descriptor = segment.create(_PIXELS_AT + _BUFFERS * whole)
    memory = segment.mapped(descriptor)
    memory[_FRONT] = memory[_HELD] = NONE
    return descriptor


class _Side:
    def __init__(self, memory: memoryview) -> None:
        self._memory = memory
        self._capacity = (len(memory) - _PIXELS_AT) // _BUFFERS
        self._fence = threading.Lock()
        self.sequence = 0

    @property
    def capacity(self) -> int:
        """The bytes of one buffer."""
        return self._capacity

    def _load(self, at: int) -> int:
        return self._memory[at]

    def _store(self, at: int, value: int) -> None:
        self._memory[at] = value

    def _settle(self) -> None:
        """Let the other process see our byte before we look at its byte: taking a lock is a full barrier."""
        with self._fence:
            pass


class Writer(_Side):
    """The decoder's side; one thread at a time."""

    def put(self, picture: Picture) -> None:
        """Publish a copy of a picture; one that does not fit is left out, since the reader asked for another size."""
        if picture.width * 4 * picture.height > self._capacity:
            return
        taken = (self._load(_FRONT), self._load(_HELD))
        index = next(k for k in range(_BUFFERS) if k not in taken)
        self._fill(index, picture)
        self._store(_FRONT, index)
        self._settle()

    def _fill(self, index: int, picture: Picture) -> None:
        row, start = picture.width * 4, _PIXELS_AT + index * self._capacity
        target = np.frombuffer(self._memory, np.uint8, row * picture.height, start).reshape(picture.height, row)
        rows = np.frombuffer(picture.pixels, np.uint8)[: picture.stride * picture.height]
        target[:] = rows.reshape(picture.height, picture.stride)[:, :row]
        self.sequence += 1
        _RECORD.pack_into(
            self._memory,
            _RECORDS + index * _RECORD.size,
            self.sequence,
            picture.width,
            picture.height,
            picture.source_width,
            picture.source_height,
            picture.at_s,
            picture.received_s,
        )


class Reader(_Side):
    """The painter's side; one thread. A picture stays whole until the next one is taken, or for ever if none is."""

    def __init__(self, memory: memoryview) -> None:
        super().__init__(memory)
        self._held = NONE
        self.replaced = 0

    def take(self) -> Picture | None:
        """The newest picture, None where it was taken already."""
        front = self._load(_FRONT)
        if front in (self._held, NONE):  # what is held is never written again, so it cannot be a newer one
            return None
        while True:
            self._store(_HELD, front)
            self._settle()
            newer = self._load(_FRONT)
            if newer == front:
                break
            front = newer
        self._held = front
        return self._picture(front)

    def newest_s(self) -> float | None:
        """When the last packet of the newest picture came, None where there is none or it is just being replaced."""
        front = self._memory[_FRONT]
        if front >= _BUFFERS:
            return None
        received_s = float(_RECORD.unpack_from(self._memory, _RECORDS + front * _RECORD.size)[-1])
        return received_s if self._memory[_FRONT] == front else None

    def _picture(self, index: int) -> Picture | None:
        """The picture of a buffer; None where a writer gone mad left a size that does not fit."""
        if index >= _BUFFERS:
            return None
        sequence, width, height, source_width, source_height, at_s, received_s = _RECORD.unpack_from(
            self._memory, _RECORDS + index * _RECORD.size
        )
        size = width * height * 4
        if not 0 < size <= self._capacity:
            return None
        self.replaced += max(0, sequence - self.sequence - 1)
        self.sequence = sequence
        start = _PIXELS_AT + index * self._capacity
        pixels = self._memory[start : start + size]
        return Picture(width, height, width * 4, pixels, source_width, source_height, at_s, received_s)
