"""MPEG transport streams of H.264 (ISO/IEC 13818-1:2022) and an HTTP server that sends them."""

import asyncio
import functools
import logging
from urllib.parse import unquote, urlsplit

from controlroom.sources.simulator.video_clients import REFUSALS, ChannelServer, Receiver
from controlroom.sources.simulator.video_source import AccessUnit

_log = logging.getLogger(__name__)

PACKET = 188
_PROGRAM_PID = 0x1000
_VIDEO_PID = 0x100
_H264 = 0x1B
_DELIMITER = b"\0\0\0\1\x09\xf0"
_PATIENCE_S = 10.0


class Muxer:
    """Wraps access units into transport packets; tables go before every key picture."""

    def __init__(self) -> None:
        self._counters: dict[int, int] = {}

    def packets(self, unit: AccessUnit) -> bytes:
        """The transport packets of one picture, a multiple of 188 bytes."""
        stream = _DELIMITER + b"".join(b"\0\0\0\1" + nal for nal in unit.nals)
        stamp = unit.pts & 0x1FFFFFFFF
        header = b"\0\0\1\xe0\0\0\x80\x80\x05" + _stamp(stamp)
        out = [self._table(0, _program_list()), self._table(_PROGRAM_PID, _program_map())] if unit.is_key else []
        out.append(self._payload(header + stream, stamp, unit.is_key))
        return b"".join(out)

    def _counter(self, pid: int) -> int:
        value = self._counters.get(pid, 0)
        self._counters[pid] = (value + 1) & 15
        return value

    def _table(self, pid: int, section: bytes) -> bytes:
        head = bytes((0x47, 0x40 | pid >> 8, pid & 0xFF, 0x10 | self._counter(pid), 0))
        return (head + section).ljust(PACKET, b"\xff")

    def _payload(self, data: bytes, stamp: int, is_key: bool) -> bytes:
        clock = (stamp - 3000) & 0x1FFFFFFFF
        field = bytes((0x50 if is_key else 0x10,)) + (clock << 15 | 0x7E00).to_bytes(6, "big")
        out = bytearray()
        position, first = 0, True
        while position < len(data):
            room = PACKET - 4 - (1 + len(field) if first else 0)
            part = data[position : position + room]
            position += len(part)
            adaptation = field if first else b""
            spare = room - len(part)
            control = 0x30 if first or spare else 0x10
            out += bytes((0x47, (0x40 if first else 0) | _VIDEO_PID >> 8, _VIDEO_PID & 0xFF))
            out.append(control | self._counter(_VIDEO_PID))
            if first:
                out.append(len(adaptation) + spare)
                out += adaptation + b"\xff" * spare
            elif spare:
                out.append(spare - 1)
                out += (b"\0" + b"\xff" * (spare - 2)) if spare > 1 else b""
            out += part
            first = False
        return bytes(out)


def _stamp(pts: int) -> bytes:
    """A presentation time in the five bytes of a PES header (2.4.3.7)."""
    return bytes(
        (0x21 | (pts >> 30) << 1, pts >> 22 & 0xFF, 1 | (pts >> 15 & 0x7F) << 1, pts >> 7 & 0xFF, 1 | (pts & 0x7F) << 1)
    )


def _section(table: int, body: bytes) -> bytes:
    """A section with its length and checksum (2.4.4)."""
    length = len(body) + 4
    head = bytes((table, 0xB0 | length >> 8, length & 0xFF))
    return head + body + _checksum(head + body).to_bytes(4, "big")


@functools.cache
def _program_list() -> bytes:
    return _section(0, bytes((0, 1, 0xC1, 0, 0, 0, 1, 0xE0 | _PROGRAM_PID >> 8, _PROGRAM_PID & 0xFF)))


@functools.cache
def _program_map() -> bytes:
    video = bytes((0xE0 | _VIDEO_PID >> 8, _VIDEO_PID & 0xFF))
    return _section(2, bytes((0, 1, 0xC1, 0, 0)) + video + b"\xf0\0" + bytes((_H264,)) + video + b"\xf0\0")


def _checksum(data: bytes) -> int:
    """The CRC of annex A."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _bit in range(8):
            crc = (crc << 1 ^ 0x04C11DB7) & 0xFFFFFFFF if crc & 0x80000000 else crc << 1
    return crc


class TransportStreamServer(ChannelServer):
    """Serves the channels at http://host:port/<camera id>.ts without an end."""

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _PATIENCE_S)
        words = head.decode("utf-8", "replace").split("\r\n")[0].split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/"):
            _refuse(writer, "400 Bad Request")
            return
        channel = self._channels.get(unquote(urlsplit(words[1]).path).strip("/").removesuffix(".ts"))
        refusal = "404 Not Found" if channel is None else REFUSALS.get(channel.fault)
        if words[0] != "GET":
            refusal = "405 Method Not Allowed"
        if channel is None or refusal is not None:
            _refuse(writer, refusal or "404 Not Found")
            return
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
        )
        muxer = Muxer()
        receiver = Receiver(writer, lambda unit: writer.write(muxer.packets(unit)))
        channel.join(receiver)
        try:
            while await reader.read(4096):
                pass
        finally:
            channel.leave(receiver)


def _refuse(writer: asyncio.StreamWriter, status: str) -> None:
    asks = 'WWW-Authenticate: Basic realm="cameras"\r\n' if status.startswith("401") else ""
    writer.write(f"HTTP/1.1 {status}\r\n{asks}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
