"""H.264 in RTP packets (RFC 3550, RFC 6184 packetization mode 1)."""

import base64
import random
import struct
from collections.abc import Iterator

from controlroom.sources.simulator.video_source import AccessUnit

PAYLOAD_TYPE = 96
_LARGEST = 1380
_FRAGMENT = 28


class Packetizer:
    """Gives one receiver's packets, with its own sequence and source number."""

    def __init__(self, chance: random.Random) -> None:
        self._source = chance.getrandbits(32)
        self._sequence = chance.getrandbits(16)
        self._offset = chance.getrandbits(31)

    def packets(self, unit: AccessUnit) -> Iterator[bytes]:
        """The packets of one picture; the marker is on the last."""
        parts = [part for nal in unit.nals for part in _fragments(nal)]
        stamp = (self._offset + unit.pts) & 0xFFFFFFFF
        for k, part in enumerate(parts):
            self._sequence = (self._sequence + 1) & 0xFFFF
            marker = 0x80 if k == len(parts) - 1 else 0
            yield struct.pack("!BBHII", 0x80, PAYLOAD_TYPE | marker, self._sequence, stamp, self._source) + part


def format_line(sps: bytes, pps: bytes) -> str:
    """What a session description says of the stream (RFC 6184 section 8.1)."""
    if not sps or not pps:
        return "packetization-mode=1"
    sets = f"{base64.b64encode(sps).decode()},{base64.b64encode(pps).decode()}"
    return f"packetization-mode=1;profile-level-id={sps[1:4].hex()};sprop-parameter-sets={sets}"


def _fragments(nal: bytes) -> Iterator[bytes]:
    if len(nal) <= _LARGEST:
        yield nal
        return
    indicator, kind = (nal[0] & 0xE0) | _FRAGMENT, nal[0] & 31
    for start in range(1, len(nal), _LARGEST - 2):
        part = nal[start : start + _LARGEST - 2]
        first = 0x80 if start == 1 else 0
        last = 0x40 if start + len(part) >= len(nal) else 0
        yield bytes((indicator, kind | first | last)) + part
