"""Packets of a stream (RTP, RFC 3550), put into their order."""

import struct
from collections.abc import Iterator

from msgspec import Struct

_HEAD = struct.Struct("!BBHII")
_MOST_HELD = 64
_LATE_S = 0.15
"""A missing packet is waited for so long: half a second would be seen, and what is later is lost anyway."""
_JUMP = 3000


class Datagram(Struct, frozen=True, gc=False):
    """One packet; `is_after_gap`: packets before it are missing."""

    payload_type: int
    is_last: bool
    sequence: int
    stamp: int
    source: int
    payload: memoryview
    is_after_gap: bool = False


def read(data: memoryview) -> Datagram | None:
    """The packet in a datagram; None where it is none."""
    if len(data) < _HEAD.size:
        return None
    first, second, sequence, stamp, source = _HEAD.unpack_from(data)
    if first >> 6 != 2:
        return None
    begin, end = _HEAD.size + 4 * (first & 15), len(data)
    if first & 0x10 and end >= begin + 4:
        begin += 4 + 4 * (data[begin + 2] << 8 | data[begin + 3])
    if first & 0x20:
        end -= data[-1]
    if begin >= end:
        return None
    return Datagram(second & 127, second >= 128, sequence, stamp, source, data[begin:end])


class Line:
    """Gives the packets of one source in their order; used by one thread.

    Over TCP they come in order (`may_wait` false). Over UDP a missing one is waited for a little while, so what is
    given may belong to an earlier call and must own its data.
    """

    def __init__(self, may_wait: bool) -> None:
        self._may_wait = may_wait
        self._next: int | None = None
        self._source = 0
        self._held: dict[int, tuple[Datagram, float]] = {}
        self._has_gap = False

    def put(self, packet: Datagram, now_s: float) -> Iterator[Datagram]:
        """Take a packet; gives those whose turn it is."""
        if self._next is None or packet.source != self._source:
            self._has_gap = self._next is not None
            self._next, self._source = packet.sequence, packet.source
            self._held.clear()
        ahead = (packet.sequence - self._next) & 0xFFFF
        if ahead == 0 and not self._held:
            yield self._give(packet)
            return
        if ahead >= 0x8000:
            if 0x10000 - ahead < _JUMP:
                return  # a late one, or one that came twice
            self._jump(packet.sequence)
        elif not self._may_wait or ahead > _JUMP:
            self._jump(packet.sequence)
        self._held[packet.sequence] = packet, now_s
        yield from self._release(now_s)

    def _release(self, now_s: float) -> Iterator[Datagram]:
        """What follows, beyond gaps that were waited for long enough."""
        while self._held and self._next is not None:
            at = self._next
            nearest = min(self._held, key=lambda sequence: (sequence - at) & 0xFFFF)
            packet, came_s = self._held[nearest]
            if nearest != at:
                if len(self._held) < _MOST_HELD and now_s - came_s < _LATE_S:
                    return
                self._skip(nearest)
            del self._held[nearest]
            yield self._give(packet)

    def _jump(self, sequence: int) -> None:
        self._held.clear()
        self._skip(sequence)

    def _skip(self, sequence: int) -> None:
        self._next, self._has_gap = sequence, True

    def _give(self, packet: Datagram) -> Datagram:
        self._next = (packet.sequence + 1) & 0xFFFF
        if not self._has_gap:
            return packet
        self._has_gap = False
        return Datagram(
            packet.payload_type, packet.is_last, packet.sequence, packet.stamp, packet.source, packet.payload, True
        )


class Ticks:
    """Makes one growing time of the 32 bits of a packet's stamp, in ticks since the first one."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._total = 0

    def since_first(self, stamp: int) -> int:
        """Ticks since the first stamp; earlier pictures (of B pictures' order) may have less than the one before."""
        if self._last is not None:
            step = (stamp - self._last) & 0xFFFFFFFF
            self._total += step if step < 0x80000000 else step - 0x100000000
        self._last = stamp
        return self._total


def report(source: int) -> bytes:
    """A receiver's report without blocks, with a name (RFC 3550 sections 6.4.2 and 6.5): a sign of life."""
    name = b"controlroom"
    chunk = struct.pack("!I", source) + bytes((1, len(name))) + name
    chunk += bytes(4 - len(chunk) % 4)
    return struct.pack("!BBHI", 0x80, 201, 1, source) + struct.pack("!BBH", 0x81, 202, len(chunk) // 4) + chunk


def says_goodbye(data: memoryview) -> bool:
    """Whether a control packet ends the stream (RFC 3550 section 6.6)."""
    at = 0
    while at + 4 <= len(data) and data[at] >> 6 == 2:
        if data[at + 1] == 203:
            return True
        at += 4 + 4 * (data[at + 2] << 8 | data[at + 3])
    return False
