"""An RTSP server whose packets are made by FFmpeg, so that what unpacks them is not tested by its own mirror image."""

import base64
import contextlib
import hashlib
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import count

import av

from tests.video.broadcast import RATE, SIZE, frame

_CODECS = {"h264": "libx264", "hevc": "libx265", "mjpeg": "mjpeg", "mpeg4": "mpeg4"}
_NAMES = {"h264": "H264", "hevc": "H265", "mjpeg": "JPEG", "mpeg4": "MP4V-ES"}
GROWN = (480, 272)
_NTP_OF_UNIX = 2_208_988_800
_FAST = {"preset": "ultrafast", "tune": "zerolatency"}
_TUNED = {
    "h264": _FAST,
    "hevc": {**_FAST, "x265-params": "log-level=none:repeat-headers=1"},
    "mjpeg": {"huffman": "default"},  # the only tables that RFC 2435 knows
}


@dataclass(frozen=True)
class Part:
    """Some pictures that are alike, before the camera is set to something else."""

    frames: int
    size: tuple[int, int] = SIZE
    codec: str = "h264"
    pixels: str = "yuv420p"


@dataclass
class Manners:
    """How the server behaves."""

    codec: str = "h264"
    password: str = ""
    has_tcp: bool = True
    with_sets: bool = True
    """Whether the description holds the parameter sets."""
    sets_inside: bool = True
    """Whether they come with the key pictures."""
    algorithm: str = "MD5"
    qop: str = 'qop="auth", '
    session_s: int = 60
    control: str = "track1"
    spoil: Callable[[list[bytes]], list[bytes]] = field(default=lambda packets: packets)
    """What becomes of the packets of one picture on their way."""
    frames: int = 100_000
    says_goodbye: bool = False
    parts: tuple[Part, ...] = ()
    """What comes instead of `frames` pictures of one kind."""
    hangs_up: bool = False
    """Whether the connection ends where another part begins."""
    clock: Callable[[int], int] | None = None
    """The stamp of each picture, for a server that lies about its clock."""
    reports: Callable[[int], float] | None = None
    """The time in seconds that it tells for a picture's stamp now and then (RFC 3550 section 6.4.1)."""
    b_pictures: int = 0
    recorded_s: float | None = None
    """When the first picture of a recording was taken (seconds since 1970); it is played from key pictures on."""
    knows_speed: bool = True
    goodbye: bytes = bytes((0x80, 203, 0, 1)) + bytes(4)
    """What ends it: RTCP (RFC 3550 section 6.6), or a request of the server where it begins with a letter."""
    haste: float = 1.0
    """How fast the pictures come, beside what their stamps tell."""


class Relay:
    """Serves one film to any number of clients; `heard` holds the requests."""

    def __init__(self, manners: Manners) -> None:
        self.manners = manners
        self.heard: list[str] = []
        self._parts = list(manners.parts or (Part(manners.frames, codec=manners.codec),))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ending = threading.Event()
        self._open: set[socket.socket] = set()
        self._outlets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def url(self, login: str = "") -> str:
        return f"rtsp://{login}127.0.0.1:{self.port}/live/camera%201?channel=1"

    def cut(self) -> None:
        """End all connections."""
        for connection in tuple(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._ending.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join()
        for outlet in self._outlets:
            outlet.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        stop, player = threading.Event(), None
        with connection, contextlib.suppress(OSError):
            stream = connection.makefile("rb")
            way: Callable[[bytes, int], None] | None = None
            while True:
                request, fields = self._request(stream)
                if not request:
                    break
                self.heard.append(request)
                method = request.split()[0]
                status, extra, body = self._answer(method, request, fields)
                if method == "SETUP" and status == "200 OK":
                    extra, way = self._set_up(connection, fields["transport"])
                    status = "200 OK" if way else "461 Unsupported Transport"
                first, speed = 0, 1.0
                if method == "PLAY" and self.manners.recorded_s is not None:
                    self.heard += [f"{name}: {fields[name]}" for name in ("range", "scale") if name in fields]
                    first, speed, told = self._sought(fields)
                    status, extra = ("200 OK", told) if told else ("457 Invalid Range", "")
                    way = way if told else None
                head = f"RTSP/1.0 {status}\r\nCSeq: {fields.get('cseq', '')}\r\nPublic: OPTIONS, GET_PARAMETER\r\n"
                connection.sendall(f"{head}{extra}Content-Length: {len(body)}\r\n\r\n{body}".encode())
                if method == "PLAY" and way is not None:
                    player = threading.Thread(target=self._play, args=(way, stop, first, speed))
                    player.start()
                if method == "TEARDOWN":
                    break
        stop.set()
        self._open.discard(connection)
        if player is not None:
            player.join()

    def _request(self, stream) -> tuple[str, dict[str, str]]:  # type: ignore[no-untyped-def]
        while True:
            first = stream.read(1)
            if first != b"$":
                break
            head = stream.read(3)
            stream.read(head[1] << 8 | head[2])
        lines = [(first + stream.readline()).decode().strip()]
        while lines[-1]:
            lines.append(stream.readline().decode().strip())
        pairs = (line.partition(":") for line in lines[1:])
        return lines[0], {name.lower(): value.strip() for name, _, value in pairs}

    def _answer(self, method: str, request: str, fields: dict[str, str]) -> tuple[str, str, str]:
        manners = self.manners
        if manners.password and not self._is_welcome(method, fields.get("authorization", "")):
            asked = f'realm="cameras", nonce="n0nce", {manners.qop}algorithm={manners.algorithm}'
            return "401 Unauthorized", f'WWW-Authenticate: Digest {asked}\r\nWWW-Authenticate: Basic realm="x"\r\n', ""
        if method == "DESCRIBE":
            return "200 OK", f"Content-Base: {request.split()[1]}/\r\n", self._description()
        return "200 OK", f"Session: 12ab;timeout={manners.session_s}\r\n", ""

    def _is_welcome(self, method: str, proof: str) -> bool:
        told = dict(re.findall(r'(\w+)="?([^",]+)"?', proof.partition(" ")[2]))
        kind = hashlib.sha256 if self.manners.algorithm == "SHA-256" else hashlib.md5

        def digest(text: str) -> str:
            return kind(text.encode()).hexdigest()

        first = digest(f"officer:cameras:{self.manners.password}")
        between = f"n0nce:{told.get('nc')}:{told.get('cnonce')}:auth" if self.manners.qop else "n0nce"
        second = digest(f"{method}:{told.get('uri')}")
        return told.get("response") == digest(f"{first}:{between}:{second}")

    def _description(self) -> str:
        codec = self._parts[0].codec
        number = 26 if codec == "mjpeg" else 96
        lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=film", "t=0 0", "a=control:*"]
        if codec != "mjpeg":  # another reader would ask for the sound too, which is not there
            lines += ["m=audio 0 RTP/AVP 0", "a=control:track9"]
        lines += [f"m=video 0 RTP/AVP {number}", f"a=rtpmap:{number} {_NAMES[codec]}/90000"]
        extra = _sets(codec) if self.manners.with_sets else b""
        units = [unit for unit in re.split(rb"\x00?\x00\x00\x01", extra) if unit]
        coded = [base64.b64encode(unit).decode() for unit in units]
        if codec == "h264" and coded:
            lines.append(f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={','.join(coded[:2])}")
        elif codec == "hevc" and coded:
            lines.append(f"a=fmtp:96 sprop-vps={coded[0]}; sprop-sps={coded[1]}; sprop-pps={coded[2]}")
        elif codec == "mpeg4" and extra:
            lines.append(f"a=fmtp:96 profile-level-id=1;config={extra.hex()}")
        return "\r\n".join([*lines, f"a=control:{self.manners.control}", ""])

    def _set_up(self, connection: socket.socket, asked: str) -> tuple[str, Callable[[bytes, int], None] | None]:
        told = f"Session: 12ab;timeout={self.manners.session_s}\r\n"
        lock = threading.Lock()
        if "TCP" in asked:

            def inside(data: bytes, channel: int) -> None:
                with lock:
                    if data[:1].isalpha():
                        connection.sendall(data)
                        return
                    connection.sendall(b"$" + bytes((channel + 2,)) + len(data).to_bytes(2, "big") + data)

            told += "Transport: RTP/AVP/TCP;unicast;interleaved=2-3\r\n"
            return told, inside if self.manners.has_tcp else None
        port = int(re.findall(r"client_port=(\d+)", asked)[0])
        out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        out.bind(("127.0.0.1", 0))
        self._outlets.append(out)

        def beside(data: bytes, channel: int) -> None:
            out.sendto(data, ("127.0.0.1", port + channel))

        here = out.getsockname()[1]
        return told + f"Transport: RTP/AVP;unicast;client_port={port}-{port + 1};server_port={here}-{here}\r\n", beside

    def _sought(self, fields: dict[str, str]) -> tuple[int, float, str]:
        """The first picture to play, how fast, and what is answered; nothing where there is no recording."""
        began_s, asked = self.manners.recorded_s or 0.0, fields["range"].removeprefix("clock=").rstrip("-")
        if asked.startswith("npt"):
            return 0, 1.0, "Range: npt=0.000-\r\n"
        at = datetime.strptime(asked, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC).timestamp()
        first = int((at - began_s) * RATE) // (RATE // 2) * (RATE // 2)
        if not 0 <= first < self.manners.frames:
            return 0, 1.0, ""
        speed = float(fields.get("scale", "1")) if self.manners.knows_speed else 1.0
        begins = f"{datetime.fromtimestamp(began_s + first / RATE, UTC):%Y%m%dT%H%M%S.%f}Z"
        return first, speed, f"Range: clock={begins}-\r\nScale: {speed:g}\r\n"

    def _play(self, way: Callable[[bytes, int], None], stop: threading.Event, first: int, speed: float) -> None:
        manners, sent, number = self.manners, 0, 0
        began_s = time.monotonic()
        is_own = len(self._parts) > 1 or manners.clock is not None or speed != 1.0
        clock = manners.clock or (lambda picture: int(picture * 90_000 / RATE / speed))
        with contextlib.suppress(OSError):
            while True:
                part = self._parts[0]
                film = self._film(part)
                for at in range(first, part.frames):
                    stamp = clock(number)
                    for data in manners.spoil(film.picture(at)):
                        way(_renumbered(data, sent, stamp) if is_own else data, 0)
                        sent += 1
                    if manners.reports is not None and number % 6 == 0:
                        way(_report(stamp, manners.reports(number)), 1)
                    number += 1
                    until_s = began_s + number / RATE / manners.haste / speed
                    if stop.wait(max(0.0, until_s - time.monotonic())) or self._ending.is_set():
                        return
                if len(self._parts) == 1:
                    break
                self._parts.pop(0)
                if manners.hangs_up:
                    self.cut()
                    return
            if manners.says_goodbye:
                way(manners.goodbye, 1)

    def _film(self, part: Part) -> "Film":
        return _film(part.codec, part.size, part.pixels, self.manners.b_pictures, self.manners.sets_inside)


class Film:
    """The packets of each picture, made once for all servers and as far as somebody wants them; it begins anew."""

    LOOP = 420
    """Pictures until what is drawn and the distance of key pictures come out even."""

    def __init__(self, made: Iterator[list[bytes]]) -> None:
        self._made = made
        self._known: list[list[bytes]] = []
        self._lock = threading.Lock()

    def picture(self, number: int) -> list[bytes]:
        """The packets of one picture."""
        rounds, at = divmod(number, self.LOOP)
        with self._lock:
            while len(self._known) < (self.LOOP if rounds else at + 1):
                self._known.append(next(self._made))
            packets = self._known[at]
            if not rounds:
                return packets
            later = rounds * sum(map(len, self._known))
        stamp = rounds * self.LOOP * 90_000 // RATE
        return [
            _renumbered(
                data,
                int.from_bytes(data[2:4], "big") + later,
                int.from_bytes(data[4:8], "big") + stamp,
                data[8:12],
            )
            for data in packets
        ]


@cache
def _film(codec: str, size: tuple[int, int], pixels: str, b_pictures: int, sets_inside: bool) -> Film:
    return Film(_pictures(codec, size, pixels, b_pictures, sets_inside))


def _pictures(
    codec: str, size: tuple[int, int], pixels: str, b_pictures: int, sets_inside: bool
) -> Iterator[list[bytes]]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as inbox:
        inbox.bind(("127.0.0.1", 0))
        inbox.setblocking(False)
        target = f"rtp://127.0.0.1:{inbox.getsockname()[1]}?pkt_size=1200"
        with av.open(target, "w", format="rtp") as container:
            stream = container.add_stream(_CODECS[codec], RATE)
            stream.width, stream.height = size
            stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else pixels
            stream.options = dict(_TUNED.get(codec, {}))
            if b_pictures:
                stream.options = {**stream.options, "tune": "fastdecode"}
            if not sets_inside:
                stream.codec_context.flags |= av.codec.context.Flags.global_header
                stream.options = {**stream.options, "x265-params": "log-level=none:repeat-headers=0"}
            stream.codec_context.gop_size = RATE // 2
            stream.codec_context.max_b_frames = b_pictures
            stream.codec_context.thread_count = 1
            for number in count():
                made = frame(number).reformat(width=size[0], height=size[1], format=stream.pix_fmt)
                made.pts = number
                container.mux(stream.encode(made))
                packets = []
                while True:
                    try:
                        packets.append(inbox.recv(65_536))
                    except BlockingIOError:
                        break
                yield [data for data in packets if not 200 <= data[1] <= 204]


@cache
def _sets(codec: str) -> bytes:
    """What a description tells of a codec."""
    encoder = av.CodecContext.create(_CODECS[codec], "w")
    encoder.width, encoder.height = SIZE
    encoder.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    encoder.framerate, encoder.gop_size, encoder.max_b_frames = RATE, RATE // 2, 0
    encoder.thread_count = 1
    if codec != "mjpeg":
        encoder.flags |= av.codec.context.Flags.global_header
    if codec in _TUNED:
        encoder.options = _TUNED[codec]
    encoder.open()
    return encoder.extradata or b""


def has_key(packets: list[bytes]) -> bool:
    """Whether packets of H.264 hold a picture from which decoding may begin."""
    kinds = [data[13] & 31 if data[12] & 31 == 28 else data[12] & 31 for data in packets]
    return bool({5, 24} & set(kinds))


def _report(stamp: int, at_s: float) -> bytes:
    ntp = int((at_s + _NTP_OF_UNIX) * 2**32)
    return struct.pack("!BBH4sQIII", 0x80, 200, 6, b"cam1", ntp, stamp & 0xFFFFFFFF, 0, 0)


def _renumbered(data: bytes, sequence: int, stamp: int, source: bytes = b"cam1") -> bytes:
    """A packet of the same session although another encoder made it, as when a camera is set to another size."""
    return (
        data[:2] + (sequence & 0xFFFF).to_bytes(2, "big") + (stamp & 0xFFFFFFFF).to_bytes(4, "big") + source + data[12:]
    )


@contextmanager
def relaying(manners: Manners | None = None) -> Iterator[Relay]:
    """A server that goes with the test."""
    relay = Relay(manners or Manners())
    try:
        yield relay
    finally:
        relay.close()
