"""An RTSP server for the simulator's cameras (RFC 2326), RTP inside the connection or over UDP."""

import asyncio
import logging
import random
import re
from collections.abc import Callable, Mapping

from msgspec import Struct

from controlroom.sources.simulator.video_channel import Channel
from controlroom.sources.simulator.video_clients import REFUSALS, ChannelServer, Receiver
from controlroom.sources.simulator.video_rtp import PAYLOAD_TYPE, Packetizer, format_line

_log = logging.getLogger(__name__)

_LARGEST_BODY = 65_536
_METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER"


class _Request(Struct, frozen=True):
    method: str
    url: str
    fields: dict[str, str]

    @property
    def camera(self) -> str:
        """The camera's id: the path without the track."""
        path = self.url.split("://", 1)[-1].partition("/")[2].split("?")[0].rstrip("/")
        return path.removesuffix("/track0")


class _Malformed(Exception):
    """The client does not speak RTSP."""


class RtspServer(ChannelServer):
    """Serves the channels at rtsp://host:port/<camera id>."""

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = _Session(self._channels, reader, writer)
        try:
            await session.run()
        except _Malformed as error:
            _log.info("A client of the cameras was turned away: %s", error)
        finally:
            session.close()


class _Session:
    """The conversation with one client."""

    def __init__(
        self, channels: Mapping[str, Channel], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._channels = channels
        self._reader = reader
        self._writer = writer
        self._name = f"{random.getrandbits(32):08x}"
        self._channel: Channel | None = None
        self._receiver: Receiver | None = None
        self._datagrams: asyncio.DatagramTransport | None = None

    async def run(self) -> None:
        """Answer until the client ends the session."""
        while True:
            request = await self._read()
            if request is None:
                continue
            if request.method == "TEARDOWN":
                self._reply(request)
                return
            await self._answer(request)

    def close(self) -> None:
        """Leave the channel and let the sockets go."""
        if self._channel is not None and self._receiver is not None:
            self._channel.leave(self._receiver)
        if self._datagrams is not None:
            self._datagrams.close()
        self._writer.close()

    async def _read(self) -> _Request | None:
        """The next request, None for a control packet inside the connection."""
        first = await self._reader.readexactly(1)
        if first == b"$":
            head = await self._reader.readexactly(3)
            await self._reader.readexactly(head[1] << 8 | head[2])
            return None
        text = (first + await self._reader.readuntil(b"\r\n\r\n")).decode("utf-8", "replace")
        line, *rest = text.strip().split("\r\n")
        words = line.split(" ")
        if len(words) != 3 or not words[2].startswith("RTSP/"):
            raise _Malformed(f"not a request: {line[:80]!r}")
        pairs = (entry.partition(":") for entry in rest)
        fields = {name.strip().lower(): value.strip() for name, _colon, value in pairs}
        length = fields.get("content-length", "0")
        if not length.isascii() or not length.isdecimal() or int(length) > _LARGEST_BODY:
            raise _Malformed(f"a body of {length[:20]} bytes")
        await self._reader.readexactly(int(length))
        return _Request(words[0], words[1], fields)

    async def _answer(self, request: _Request) -> None:
        if request.method == "OPTIONS":
            self._reply(request, fields=(("Public", _METHODS),))
        elif request.method == "DESCRIBE":
            await self._describe(request)
        elif request.method == "SETUP":
            await self._set_up(request)
        elif request.method == "PLAY":
            self._reply(request, fields=(("Session", self._name), ("Range", "npt=now-")))
            if self._channel is not None and self._receiver is not None:
                self._channel.join(self._receiver)
        elif request.method == "PAUSE" and self._channel is not None and self._receiver is not None:
            self._channel.leave(self._receiver)
            self._reply(request, fields=(("Session", self._name),))
        elif request.method in _METHODS:
            self._reply(request, fields=(("Session", self._name),))
        else:
            self._reply(request, "501 Not Implemented")

    def _find(self, request: _Request) -> Channel | None:
        """The channel that is asked for; a refusal is told to the client."""
        channel = self._channels.get(request.camera)
        refusal = "404 Not Found" if channel is None else REFUSALS.get(channel.fault)
        if refusal is None:
            return channel
        asks = (("WWW-Authenticate", 'Basic realm="cameras"'),) if refusal.startswith("401") else ()
        self._reply(request, refusal, fields=asks)
        return None

    async def _describe(self, request: _Request) -> None:
        channel = self._find(request)
        if channel is None:
            return
        description = (
            "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=camera\r\nt=0 0\r\na=range:npt=now-\r\n"
            f"m=video 0 RTP/AVP {PAYLOAD_TYPE}\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:{PAYLOAD_TYPE} H264/90000\r\n"
            f"a=fmtp:{PAYLOAD_TYPE} {format_line(*await channel.head())}\r\na=control:track0\r\n"
        )
        base = request.url.rstrip("/") + "/"
        self._reply(request, body=description, fields=(("Content-Base", base), ("Content-Type", "application/sdp")))

    async def _set_up(self, request: _Request) -> None:
        channel = self._find(request)
        if channel is None:
            return
        asked = request.fields.get("transport", "")
        ports = re.search(r"client_port=(\d{1,5})", asked)
        if "TCP" in asked:
            self._receiver, told = self._sending(self._interleave), "RTP/AVP/TCP;unicast;interleaved=0-1"
        elif ports is not None and 0 < int(ports[1]) < 65_535:
            told = await self._open_datagrams(int(ports[1]))
        else:
            self._reply(request, "461 Unsupported Transport")
            return
        self._channel = channel
        self._reply(request, fields=(("Transport", told), ("Session", f"{self._name};timeout=60")))

    def _sending(self, transmit: Callable[[list[bytes]], None]) -> Receiver:
        packetizer = Packetizer(random.Random())
        return Receiver(self._writer, lambda unit: transmit(list(packetizer.packets(unit))))

    def _interleave(self, packets: list[bytes]) -> None:
        self._writer.write(b"".join(b"$\0" + len(packet).to_bytes(2, "big") + packet for packet in packets))

    async def _open_datagrams(self, client_port: int) -> str:
        """Send over UDP from now on; gives what the client is told of it."""
        loop = asyncio.get_running_loop()
        here, there = self._writer.get_extra_info("sockname")[0], self._writer.get_extra_info("peername")[0]
        transport, _protocol = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=(here, 0))
        self._datagrams = transport

        def transmit(packets: list[bytes]) -> None:
            for packet in packets:
                transport.sendto(packet, (there, client_port))

        self._receiver = self._sending(transmit)
        server_port = transport.get_extra_info("sockname")[1]
        client, server = f"{client_port}-{client_port + 1}", f"{server_port}-{server_port + 1}"
        return f"RTP/AVP;unicast;client_port={client};server_port={server}"

    def _reply(
        self, request: _Request, status: str = "200 OK", body: str = "", fields: tuple[tuple[str, str], ...] = ()
    ) -> None:
        lines = [f"RTSP/1.0 {status}", f"CSeq: {request.fields.get('cseq', '0')}"]
        lines += [f"{name}: {value}" for name, value in fields]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
