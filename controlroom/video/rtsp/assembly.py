"""Puts coded pictures together from the payload of packets.

H.264 by RFC 6184 and H.265 by RFC 7798, both without interleaving, MPEG-4 by RFC 6416. A picture ends with the packet
that is marked as its last one. Cameras that mark each unit are found out, and their pictures end where the next begins.
"""

from msgspec import Struct

from controlroom.video.rtsp.datagram import Datagram

_START = b"\0\0\0\1"
_LARGEST = 32 << 20
_MOST_UNITS = 4096
_VOP = b"\0\0\1\xb6"
_FIELDS = 2
"""So many coded pictures may share a time; where more do, the camera's clock stands."""


class Access(Struct, frozen=True, gc=False):
    """One coded picture with start codes (ITU-T H.264 and H.265, annex B); `stamp` is its packets' time.

    `parameters` are the parameter sets that stand in it.
    """

    data: bytes
    stamp: int
    is_key: bool
    is_damaged: bool
    parameters: tuple[bytes, ...] = ()


class Assembly:
    """Makes pictures of one track's packets; used by one thread."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._units: list[bytes] = []
        self._fragment: bytearray | None = None
        self._bytes = 0
        self._stamp = 0
        self._ended: int | None = None
        self._has_picture = self._has_other = self._is_key = self._is_damaged = False
        self._beginnings = 0
        self._clock_stands = False
        self._trusts_marks = True

    def put(self, packet: Datagram) -> list[Access]:
        """The pictures that this packet completes: none, one, or two where marks are missing."""
        done: list[Access] = []
        if packet.is_after_gap:
            self._break_off()
            self._is_damaged = True
        if packet.stamp != self._stamp:
            self._break_off()
            if self._is_whole():
                done.append(self._take())
                self._is_damaged = packet.is_after_gap  # whose part is missing cannot be told
            self._stamp, self._clock_stands = packet.stamp, False
        elif self._clock_stands and self._has_picture and self._begins_picture(packet.payload):
            self._break_off()
            done.append(self._take())
        self._unpack(packet.payload)
        if self._has_picture and self._ended == packet.stamp and not self._beginnings:
            self._trusts_marks = False  # the picture that was marked as whole goes on
        if self._bytes > _LARGEST or len(self._units) > _MOST_UNITS:
            self._forget()
            self._is_damaged = True
        if packet.is_last and self._trusts_marks:
            self._break_off()
            if self._is_whole():
                self._ended = packet.stamp if self._has_picture else None
                done.append(self._take())
        return done

    def _is_whole(self) -> bool:
        """Whether there is more than what belongs before a picture; what makes none is given too: data flow."""
        return self._has_picture or self._has_other

    def _break_off(self) -> None:
        """The rest of a unit is missing; its beginning may still be seen."""
        if self._fragment is not None:
            unit, self._fragment, self._is_damaged = bytes(self._fragment), None, True
            self._add(unit)

    def _unpack(self, payload: memoryview) -> None:
        if self._codec == "h264":
            self._unpack_h264(payload)
        elif self._codec == "hevc":
            self._unpack_h265(payload)
        else:
            data = bytes(payload)
            self._units.append(data)
            self._bytes += len(data)
            self._has_other = True
            at = data.find(_VOP)
            if 0 <= at < len(data) - 4:
                self._beginnings += 1
                self._has_picture, self._is_key = True, data[at + 4] >> 6 == 0  # ISO/IEC 14496-2: vop_coding_type I

    def _unpack_h264(self, payload: memoryview) -> None:
        kind = payload[0] & 31
        if 1 <= kind <= 23:
            self._add(bytes(payload))
        elif kind == 24:  # several units in one packet
            self._add_all(payload, 1)
        elif kind == 28 and len(payload) > 2:  # a part of a unit
            head = payload[1]
            self._join(head, bytes(((payload[0] & 0xE0) | (head & 31),)), payload[2:])
        elif payload[:4] == _START or payload[:3] == _START[1:]:
            self._add(bytes(payload[3 if payload[2] == 1 else 4 :]))  # some cameras send their start codes along
        else:
            self._keep_unknown(payload)

    def _unpack_h265(self, payload: memoryview) -> None:
        kind = payload[0] >> 1 & 63
        if kind == 48:
            self._add_all(payload, 2)
        elif kind == 49 and len(payload) > 3:
            head = payload[2]
            self._join(head, bytes(((payload[0] & 0x81) | (head & 63) << 1, payload[1])), payload[3:])
        elif kind < 48 and len(payload) > 2:
            self._add(bytes(payload))
        else:
            self._keep_unknown(payload)

    def _keep_unknown(self, payload: memoryview) -> None:
        self._units.append(bytes(payload))
        self._bytes += len(payload)
        self._has_other = self._is_damaged = True

    def _add_all(self, payload: memoryview, at: int) -> None:
        while at + 2 < len(payload):
            length = payload[at] << 8 | payload[at + 1]
            unit = bytes(payload[at + 2 : at + 2 + length])
            if not unit or len(unit) < length:
                self._is_damaged = True
                return
            self._add(unit)
            at += 2 + length

    def _join(self, head: int, name: bytes, part: memoryview) -> None:
        if head & 0x80:
            self._is_damaged = self._is_damaged or self._fragment is not None
            self._fragment = bytearray(name)
        elif self._fragment is None:
            self._is_damaged = True  # its beginning was lost
            return
        self._fragment += part
        if head & 0x40:
            unit, self._fragment = bytes(self._fragment), None
            self._add(unit)
        elif len(self._fragment) > _LARGEST:
            self._fragment, self._is_damaged = None, True

    def _add(self, unit: bytes) -> None:
        if not unit:
            return
        self._units.append(unit)
        self._bytes += len(unit)
        if self._codec == "h264":
            kind = unit[0] & 31
            self._has_picture = self._has_picture or 1 <= kind <= 5
            self._note_slice(1 <= kind <= 5, unit[1:2])
            self._has_other = self._has_other or not 1 <= kind <= 9
            # An SEI message of type 6 is a point from which a stream without IDR pictures can be decoded.
            if kind == 5 or (kind == 6 and len(unit) > 1 and unit[1] == 6):
                self._is_key = True
        else:
            kind = unit[0] >> 1 & 63
            self._has_picture = self._has_picture or kind < 32
            self._note_slice(kind < 32, unit[2:3])
            self._has_other = self._has_other or not (kind <= 35 or kind == 39)
            self._is_key = self._is_key or 16 <= kind <= 23

    def _note_slice(self, is_slice: bool, header: bytes) -> None:
        """Count beginnings of pictures: the first bit of a slice's header says so (H.264 7.3.3, H.265 7.3.6.1)."""
        if is_slice and header >= b"\x80":
            self._beginnings += 1
            self._clock_stands = self._clock_stands or self._beginnings > _FIELDS

    def _begins_picture(self, payload: memoryview) -> bool:
        """Whether a packet holds the beginning of a picture's first slice."""
        if self._codec == "h264":
            kind, at = payload[0] & 31, 1
            if kind == 28 and len(payload) > 2 and payload[1] & 0x80:
                kind, at = payload[1] & 31, 2
            return 1 <= kind <= 5 and payload[at : at + 1].tobytes() >= b"\x80"
        kind, at = payload[0] >> 1 & 63, 2
        if kind == 49 and len(payload) > 3 and payload[2] & 0x80:
            kind, at = payload[2] & 63, 3
        return kind < 32 and payload[at : at + 1].tobytes() >= b"\x80"

    def _take(self) -> Access:
        parameters: tuple[bytes, ...] = ()
        if self._codec == "mpeg4":
            data = b"".join(self._units)
        else:
            data = _START + _START.join(self._units)
            parameters = tuple(unit for unit in self._units if is_parameters(self._codec, unit)) if self._is_key else ()
        access = Access(data, self._stamp, self._is_key, self._is_damaged, parameters)
        self._forget()
        return access

    def _forget(self) -> None:
        self._units, self._fragment, self._bytes, self._beginnings = [], None, 0, 0
        self._has_picture = self._has_other = self._is_key = self._is_damaged = False


def is_parameters(codec: str, unit: bytes) -> bool:
    """Whether a unit is a parameter set (ITU-T H.264 table 7-1, H.265 table 7-1)."""
    return unit[0] & 31 in (7, 8) if codec == "h264" else unit[0] >> 1 & 63 in (32, 33, 34)
