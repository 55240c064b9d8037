"""Servers for the tests: one film as HTTP-FLV, HLS, RTMP, multipart JPEG and datagrams, made by PyAV alone."""

import http.server
import io
import itertools
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

SIZE = (320, 240)
RATE = 25
_CODECS = {"h264": "libx264", "hevc": "libx265", "mjpeg": "mjpeg", "mpeg4": "mpeg4"}


def frame(number: int, size: tuple[int, int] = SIZE) -> av.VideoFrame:
    """A picture with something that moves."""
    width, height = size
    image = np.full((height * 3 // 2, width), 90, np.uint8)
    image[height:] = 128
    at = number * 6 % (width - 40)
    image[40:120, at : at + 40] = 220
    made = av.VideoFrame.from_ndarray(image, format="yuv420p")
    made.pts, made.time_base = number, Fraction(1, RATE)
    return made


def write(
    target: object,
    form: str,
    codec: str,
    frames: int = 100,
    options: dict[str, str] | None = None,
    draw: Callable[[int], av.VideoFrame] = frame,
) -> None:
    """A film of moving pictures with a key picture each second."""
    with av.open(target, "w", format=form, options=options or {}) as container:
        stream = container.add_stream(_CODECS[codec], rate=RATE)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.gop_size, stream.max_b_frames = RATE, 0
        if codec in ("h264", "hevc"):
            stream.options = {"preset": "ultrafast", "tune": "zerolatency", "x265-params": "log-level=none"}
        for k in range(frames):
            made = draw(k)
            if codec == "mjpeg":
                made = made.reformat(format="yuvj420p")
            container.mux(stream.encode(made))
        container.mux(stream.encode())


def black(number: int) -> av.VideoFrame:
    """A dark picture in which hardly anything moves."""
    image = np.full((SIZE[1] * 3 // 2, SIZE[0]), 17, np.uint8)
    image[SIZE[1] :] = 128
    image[4:12, 4 + number % 40 : 12 + number % 40] = 70
    made = av.VideoFrame.from_ndarray(image, format="yuv420p")
    made.pts, made.time_base = number, Fraction(1, RATE)
    return made


def film(form: str, codec: str, frames: int = 100, draw: Callable[[int], av.VideoFrame] = frame) -> bytes:
    """The film as bytes."""
    sink = io.BytesIO()
    sink.name = f"film.{form}"
    write(sink, form, codec, frames, draw=draw)
    return sink.getvalue()


def multipart(frames: int = 100) -> bytes:
    """The film as a camera's web page sends it: one JPEG after the other (multipart/x-mixed-replace)."""
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = *SIZE, "yuvj420p"
    encoder.time_base = Fraction(1, RATE)
    parts = []
    for k in range(frames):
        for packet in encoder.encode(frame(k).reformat(format="yuvj420p")):
            body = bytes(packet)
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(body)}\r\n\r\n"
            parts.append(head.encode() + body + b"\r\n")
    return b"".join(parts)


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, FilmServer)
        server.asked.append(self.path)
        kind, body, pace_s = server.answer(self.path)
        if body is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        step = max(1, len(body) // 100)
        for at in range(0, len(body), step):
            self.wfile.write(body[at : at + step])
            if server.ending.wait(pace_s):
                return

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class FilmServer(http.server.ThreadingHTTPServer):
    """Serves films by path, paced like a camera where `pace_s` is given, and the files of a folder."""

    daemon_threads = False
    block_on_close = True

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.films: dict[str, tuple[str, bytes, float]] = {}
        self.asked: list[str] = []
        self.ending = threading.Event()
        self._folder = folder

    def answer(self, path: str) -> tuple[str, bytes | None, float]:
        """Media type, bytes and seconds between the hundredths of them."""
        path = path.partition("?")[0]
        if path in self.films:
            return self.films[path]
        file = None if self._folder is None else self._folder / Path(path).name
        if file is None or not file.is_file():
            return "", None, 0.0
        kind = "application/vnd.apple.mpegurl" if file.suffix == ".m3u8" else "video/mp2t"
        return kind, file.read_bytes(), 0.0

    def handle_error(self, _request: object, _address: object) -> None:
        """The client went away."""

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self.server_port}{path}"


@contextmanager
def films(folder: Path | None = None) -> Iterator[FilmServer]:
    """A server of films that runs."""
    with FilmServer(folder) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.ending.set()
        server.shutdown()
        thread.join()


@contextmanager
def datagrams() -> Iterator[str]:
    """The film as MPEG transport stream to a port of this machine, round and round."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data, ending = film("mpegts", "h264"), threading.Event()

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            pieces = [data[at : at + 1316] for at in range(0, len(data), 1316)]
            for piece in itertools.cycle(pieces):
                out.sendto(piece, ("127.0.0.1", port))
                if ending.wait(4.0 / len(pieces)):
                    return

    thread = threading.Thread(target=send)
    thread.start()
    yield f"udp://127.0.0.1:{port}"
    ending.set()
    thread.join()


def rtmp(connection: socket.socket, tags: list[tuple[int, int, bytes]], ending: threading.Event) -> None:
    """Serve a player by RTMP (Adobe, 1.0): handshake, the four answers it needs, then the film's tags, paced."""
    stream = connection.makefile("rb")
    stream.read(1)
    hello = stream.read(1536)
    connection.sendall(b"\x03" + bytes(1536) + hello)
    stream.read(1536)
    connection.sendall(_message(2, 1, 0, struct.pack(">I", 1 << 20)))
    number = 0
    while number < 4:
        name, number = _command(stream)
        result = _string("_result") + _number(number)
        if name == "connect":
            status = _object(level="status", code="NetConnection.Connect.Success")
            connection.sendall(_message(3, 20, 0, result + _object(fmsVer="FMS/3,0") + status))
        elif name == "createStream":
            connection.sendall(_message(3, 20, 0, result + b"\x05" + _number(1)))
        elif name == "play":
            playing = _object(level="status", code="NetStream.Play.Start")
            connection.sendall(_message(5, 20, 1, _string("onStatus") + _number(0) + b"\x05" + playing))
            break
    for kind, at_ms, body in tags:
        connection.sendall(_message(6, kind, 1, body, at_ms))
        if kind == 9 and ending.wait(1.0 / RATE):
            return


def tags_of(flv: bytes) -> list[tuple[int, int, bytes]]:
    """Type, time in ms and body of each tag of an FLV film."""
    found, at = [], 13
    while at + 11 <= len(flv):
        size = int.from_bytes(flv[at + 1 : at + 4], "big")
        time_ms = int.from_bytes(flv[at + 4 : at + 7], "big") | flv[at + 7] << 24
        found.append((flv[at], time_ms, flv[at + 11 : at + 11 + size]))
        at += 15 + size
    return found


_CHUNK = 128


def _command(stream: io.BufferedReader) -> tuple[str, float]:
    """The name and number of the player's next command; other messages are passed over."""
    sizes: dict[int, tuple[int, int]] = {}
    while True:
        head = stream.read(1)[0]
        channel, form = head & 63, head >> 6
        length, kind = sizes.get(channel, (0, 0))
        if form <= 2:
            rest = stream.read((11, 7, 3)[form])
            if form <= 1:
                length, kind = int.from_bytes(rest[3:6], "big"), rest[6]
        sizes[channel] = length, kind
        body = stream.read(min(length, _CHUNK))
        while len(body) < length:
            stream.read(1)
            body += stream.read(min(length - len(body), _CHUNK))
        if kind == 20:
            end = 3 + int.from_bytes(body[1:3], "big")
            return body[3:end].decode(), struct.unpack(">d", body[end + 1 : end + 9])[0]


def _message(channel: int, kind: int, stream: int, body: bytes, time_ms: int = 0) -> bytes:
    size = 1 << 20 if kind not in (1,) else _CHUNK
    assert len(body) <= size
    head = struct.pack(">B", channel) + time_ms.to_bytes(3, "big") + len(body).to_bytes(3, "big")
    return head + struct.pack(">B", kind) + struct.pack("<I", stream) + body


def _string(text: str) -> bytes:
    return b"\x02" + struct.pack(">H", len(text)) + text.encode()


def _number(value: float) -> bytes:
    return b"\x00" + struct.pack(">d", value)


def _object(**fields: str) -> bytes:
    inner = b"".join(struct.pack(">H", len(key)) + key.encode() + _string(text) for key, text in fields.items())
    return b"\x03" + inner + b"\x00\x00\x09"
