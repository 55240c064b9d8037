"""The facts of a stream in shared memory: one writes, the other reads, and half a record is never believed."""

import struct
import zlib
from typing import Final

import msgspec
from msgspec.structs import replace

from controlroom.video import segment
from controlroom.video.fault import Trouble
from controlroom.video.signal import Signal

_HEAD: Final = struct.Struct("=II")
_MOST: Final = segment.PAGE - _HEAD.size
_DETAIL: Final = 400


def created() -> int:
    """A descriptor of an empty record. Raises OSError."""
    return segment.create(segment.PAGE)


class FactsWriter:
    """The decoder's side; one thread at a time."""

    def __init__(self, memory: memoryview) -> None:
        self._memory = memory
        self._encoder = msgspec.msgpack.Encoder()

    def write(self, signal: Signal) -> None:
        """Tell the newest facts."""
        trouble = signal.trouble
        if trouble is not None and len(trouble.detail) > _DETAIL:
            signal = replace(signal, trouble=Trouble(trouble.fault, trouble.detail[:_DETAIL]))
        data = self._encoder.encode(signal)
        self._memory[_HEAD.size : _HEAD.size + len(data)] = data
        _HEAD.pack_into(self._memory, 0, len(data), zlib.crc32(data))


class FactsReader:
    """The looker's side. `signal` holds the last whole record, at first the one that is given."""

    def __init__(self, memory: memoryview, signal: Signal) -> None:
        self._memory = memory
        self._decoder = msgspec.msgpack.Decoder(Signal)
        self._head = bytes(_HEAD.size)
        self.signal = signal

    def read(self) -> Signal:
        """The newest whole facts."""
        head = bytes(self._memory[: _HEAD.size])
        if head == self._head:
            return self.signal
        length, checksum = _HEAD.unpack(head)
        if not 0 < length <= _MOST:
            return self.signal
        data = bytes(self._memory[_HEAD.size : _HEAD.size + length])
        if zlib.crc32(data) != checksum:  # it is being written: the next look finds it
            return self.signal
        try:
            self.signal = self._decoder.decode(data)
        except msgspec.MsgspecError:
            return self.signal
        self._head = head
        return self.signal
