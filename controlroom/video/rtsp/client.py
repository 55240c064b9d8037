"""A client for one camera: asks for its pictures and gives them as packets."""

import random
import re
import socket
import struct
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from typing import cast
from urllib.parse import quote, unquote, urljoin, urlsplit

from av.packet import Packet
from av.video.stream import VideoStream

from controlroom.video.address import Address, Kind, parse
from controlroom.video.dial import dial
from controlroom.video.fault import Fault, StreamFault
from controlroom.video.rtsp.assembly import Access, Assembly
from controlroom.video.rtsp.carriage import Carriage, Datagrams, Inside
from controlroom.video.rtsp.datagram import Line, Ticks, read, report, says_goodbye
from controlroom.video.rtsp.description import Media, described
from controlroom.video.rtsp.login import Login
from controlroom.video.rtsp.message import Answer, Framer, Interleaved, Malformed
from controlroom.video.rtsp.pace import Pace, sender_report
from controlroom.video.rtsp.parameters import shape_of
from controlroom.video.rtsp.playing import Played, Playing, played
from controlroom.video.track import Track, plausible

_SAFE = "%/:=&?~+!$,;'@()*[]#"
_AGENT = "controlroom"
_BUFFER = 1 << 16
_LITTLE = 2048
"""The beginning of the next packet."""
_MOST_REDIRECTS = 3
_MOST_ANSWERS = 12
_REPORT_S = 5.0
_SESSION_S = 60.0
_MOVED = (301, 302, 303, 305)
_NOT_THIS_WAY = (400, 406, 457, 459, 461)
"""What servers answer that cannot send the pictures inside the connection."""
_START = b"\0\0\0\1"
_LIVE = Playing()
_END = re.compile(r"\b(2101|2104)\b|end.?of.?(stream|file)", re.IGNORECASE)


class Unsuited(Exception):
    """The camera sends what this client does not unpack; avformat may."""


class RtspClient:
    """Reads one stream; used by one thread, but for `cut`.

    Pictures come inside the connection; by UDP where the server has nothing else. `look_s` is how long a read waits at
    most; `damaged` counts what was lost or spoilt on the way, `played` is what the server says it plays.
    """

    def __init__(
        self, address: Address, stop: threading.Event, open_s: float, look_s: float, playing: Playing = _LIVE
    ) -> None:
        self._playing = playing
        self.played = Played()
        self._address = address
        self._stop = stop
        self._open_s = open_s
        self._look_s = look_s
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._framer = Framer()
        self._early: deque[tuple[int, bytes]] = deque()
        parts = urlsplit(address.url)
        self._login = Login(unquote(parts.username or ""), unquote(parts.password or ""))
        self._url = _told(address.url)
        self._count = 0
        self._session = ""
        self._alive_s = self._reported_s = 0.0
        self._pause_s = _SESSION_S / 2
        self._keeps_by = "GET_PARAMETER"
        self._source = random.getrandbits(32)
        self._carriage: Carriage | None = None
        self._media: Media | None = None
        self._track: Track | None = None
        self._parameters: tuple[bytes, ...] = ()
        self._pace = Pace(1)
        self.damaged = 0

    @property
    def track(self) -> Track:
        """What comes; replaced where the stream changes on its way."""
        assert self._track is not None, "the stream is not open"
        return self._track

    @property
    def has_doubtful_clock(self) -> bool:
        """Whether all that came was given although it may seem late: the server's clock is not to be trusted then."""
        if self._pace.is_proven or self._framer.left > _LITTLE or self._carriage is None:
            return False
        try:
            return self._carriage.is_drained(self._connection)
        except OSError as error:
            raise StreamFault(Fault.ENDED) from error

    def reach(self) -> None:
        """Connect. Raises StreamFault."""
        connection = dial(self._address.host, self._address.port, self._stop, self._open_s)
        connection.settimeout(self._open_s)
        with self._lock:
            self._socket = connection
        if self._stop.is_set():
            raise StreamFault(Fault.ENDED)

    def open(self) -> None:
        """Have the stream played. Raises StreamFault, Unsuited."""
        try:
            media = self._describe()
            self._set_up(media)
            answer = self._ask("PLAY", self._url, *self._playing.fields)
            self.played = played(answer.field("range"), answer.field("scale"))
        except TimeoutError as error:
            raise StreamFault(Fault.NO_ANSWER, f"{self._address.host}:{self._address.port}") from error
        except (Malformed, ValueError) as error:
            raise StreamFault(Fault.NOT_VIDEO) from error
        except OSError as error:
            raise StreamFault(Fault.ENDED) from error
        self._media = media
        self._learn(media.parameters)
        _look_every(self._connection, self._look_s)
        self._alive_s = self._reported_s = time.monotonic()

    def packets(self) -> "Iterator[Packet[VideoStream] | None]":
        """Pictures, still coded, and None after each `look_s` without one. Raises StreamFault at the end."""
        media, carriage = self._media, self._carriage
        assert media is not None and carriage is not None, "the stream is not open"
        line, assembly, ticks = Line(carriage.may_reorder), Assembly(media.codec), Ticks()
        self._pace = Pace(media.clock_hz)
        base, told_s = Fraction(1, media.clock_hz), time.monotonic()
        while not self._stop.is_set():
            now_s = time.monotonic()
            for kind, data in self._read():
                if kind is Carriage.CONTROL:
                    if says_goodbye(data):
                        raise StreamFault(Fault.ENDED)
                    told = sender_report(data)
                    if told is not None:
                        self._pace.note(*told)
                    continue
                packet = read(data)
                if packet is None or packet.payload_type != media.payload_type:
                    continue
                for ordered in line.put(packet, now_s):
                    for access in assembly.put(ordered):
                        told_s = now_s
                        yield self._packet(access, ticks.since_first(access.stamp), base)
            self._keep_alive(now_s)
            if now_s - told_s >= self._look_s:
                told_s = now_s
                yield None

    def cut(self) -> None:
        """Wake a waiting read, which then sees the end; callable from any thread."""
        with self._lock:
            if self._socket is not None:
                try:
                    self._socket.shutdown(socket.SHUT_RDWR)
                except OSError:
                    return  # it is gone already

    def close(self) -> None:
        """Leave the server and let the connection go; called by the reading thread."""
        with self._lock:
            connection, self._socket = self._socket, None
        if connection is not None:
            if self._session:
                try:
                    connection.settimeout(0.0)
                    connection.send(self._request("TEARDOWN", self._url))
                except OSError:
                    self._session = ""
            connection.close()
        if self._carriage is not None:
            self._carriage.close()

    # ---- the pictures

    def _packet(self, access: Access, ticks: int, base: Fraction) -> "Packet[VideoStream]":
        if access.is_damaged:
            self.damaged += 1
        if access.parameters and access.parameters != self._parameters:
            self._learn(access.parameters)
        packet = cast("Packet[VideoStream]", Packet(access.data))
        packet.pts = packet.dts = ticks
        packet.time_base = base
        packet.is_keyframe = access.is_key
        return packet

    def _learn(self, parameters: tuple[bytes, ...]) -> None:
        """Take up new parameter sets."""
        media = self._media
        assert media is not None, "the stream is described"
        extra = b"".join(_START + unit for unit in parameters) if media.codec != "mpeg4" else b"".join(parameters)
        shape = shape_of(media.codec, parameters)
        if shape is None and self._track is not None:
            return  # only a part of them, which changes nothing
        self._parameters = parameters
        width, height, aspect = (0, 0, 1.0) if shape is None else (shape.width, shape.height, plausible(shape.aspect))
        self._track = Track(media.codec, extra or None, width, height, aspect, Fraction(1, media.clock_hz))

    def _read(self) -> Iterator[tuple[int, memoryview]]:
        """The packets that came, waiting at most `look_s` for the first. Raises StreamFault."""
        while self._early:
            kind, data = self._early.popleft()
            yield kind, memoryview(data)
        assert self._carriage is not None, "the stream is set up"
        try:
            for kind, piece in self._carriage.wait(self._connection, self._look_s):
                if kind is not Carriage.STREAM:
                    yield kind, piece
                    continue
                if not piece:
                    raise StreamFault(Fault.ENDED)
                for found in self._framer.feed(piece):
                    if isinstance(found, Interleaved):
                        role = self._carriage.role(found.channel)
                        if role is not None:
                            yield role, found.data
                    else:
                        self._heed(found)
        except (OSError, Malformed) as error:
            raise StreamFault(Fault.ENDED) from error
        self.damaged += self._framer.skipped > 0
        self._framer.skipped = 0

    def _heed(self, answer: Answer) -> None:
        """Something was said while the stream plays."""
        if answer.status == 0:
            if answer.reason in ("TEARDOWN", "REDIRECT") or _tells_end(answer):
                raise StreamFault(Fault.ENDED)
            reply = f"RTSP/1.0 200 OK\r\nCSeq: {answer.field('cseq')}\r\n\r\n"
            self._connection.sendall(reply.encode())
        elif answer.status == 454:
            raise StreamFault(Fault.ENDED)  # the server knows the session no longer
        elif answer.status == 401:
            self._login.learn(answer.all("www-authenticate"))
            self._alive_s = 0.0
        elif answer.status >= 400:
            self._keeps_by = "OPTIONS"

    def _keep_alive(self, now_s: float) -> None:
        """Tell the server now and then that somebody is there."""
        try:
            if now_s - self._reported_s >= _REPORT_S and self._carriage is not None:
                self._reported_s = now_s
                self._carriage.report(self._connection, report(self._source))
            if now_s - self._alive_s >= self._pause_s:
                self._alive_s = now_s
                self._connection.sendall(self._request(self._keeps_by, self._url))
        except OSError as error:
            raise StreamFault(Fault.ENDED) from error

    # ---- the conversation before

    @property
    def _connection(self) -> socket.socket:
        connection = self._socket
        if connection is None:
            raise StreamFault(Fault.ENDED)
        return connection

    def _describe(self) -> Media:
        for _redirect in range(_MOST_REDIRECTS):
            answer = self._ask("DESCRIBE", self._url, ("Accept", "application/sdp"), allowed=_MOVED)
            if answer.status not in _MOVED:
                base = answer.field("content-base") or answer.field("content-location")
                media = described(answer.body.decode("utf-8", "replace"), urljoin(self._url, base) or self._url)
                if media is None:
                    raise Unsuited
                return media
            self._follow(urljoin(self._url, answer.field("location")))
        raise StreamFault(Fault.NOT_FOUND)

    def _follow(self, url: str) -> None:
        """Go where the server sends us, with nothing but RTSP and without our password for another machine."""
        address = parse(url)
        if address.kind is not Kind.RTSP or address.is_encrypted:
            raise Unsuited
        if address.host != self._address.host:
            self._login = Login("", "")
        with self._lock:
            if self._socket is not None:
                self._socket.close()
            self._socket = None
        self._address, self._url, self._framer = address, _told(url), Framer()
        self.reach()

    def _set_up(self, media: Media) -> None:
        inside = Inside()
        answer = self._ask("SETUP", media.control, ("Transport", inside.asked), allowed=_NOT_THIS_WAY)
        self._carriage = inside
        if answer.status in _NOT_THIS_WAY:
            self._carriage = Datagrams(self._connection)
            answer = self._ask("SETUP", media.control, ("Transport", self._carriage.asked))
        self._carriage.agree(answer.field("transport"), self._connection)
        name, _, rest = answer.field("session").partition(";")
        self._session = name.strip()
        found = rest.partition("timeout=")[2].split(";")[0].strip()
        if found.isascii() and found.isdecimal() and int(found) > 0:
            self._pause_s = min(_SESSION_S, max(2.0, int(found) / 2))

    def _ask(self, method: str, url: str, *fields: tuple[str, str], allowed: tuple[int, ...] = ()) -> Answer:
        """One question and its answer; asked once more with the password where the server wants that."""
        for _attempt in range(3):
            self._connection.sendall(self._request(method, url, *fields))
            answer = self._await(self._count)
            if answer.status in (200, *allowed):
                return answer
            if answer.status != 401 or not self._login.learn(answer.all("www-authenticate")):
                raise _refusal(answer.status)
        raise StreamFault(Fault.UNAUTHORISED)

    def _await(self, number: int) -> Answer:
        deadline_s = time.monotonic() + self._open_s
        for _look in range(10_000):
            if self._stop.is_set():
                raise StreamFault(Fault.ENDED)
            if time.monotonic() >= deadline_s:
                raise TimeoutError
            data = self._connection.recv(_BUFFER)
            if not data:
                raise StreamFault(Fault.ENDED)
            answer: Answer | None = None
            for found in self._framer.feed(data):
                if isinstance(found, Interleaved):
                    role = None if self._carriage is None else self._carriage.role(found.channel)
                    if role is not None:
                        self._early.append((role, bytes(found.data)))
                elif found.status and found.field("cseq") in (str(number), ""):
                    answer = found
            if self._framer.skipped > _BUFFER:
                raise Malformed("nothing but noise")
            if answer is not None:
                return answer
        raise Malformed("no answer among all that was said")

    def _request(self, method: str, url: str, *fields: tuple[str, str]) -> bytes:
        self._count += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._count}", f"User-Agent: {_AGENT}"]
        lines += [f"{name}: {value}" for name, value in fields]
        if self._session:
            lines.append(f"Session: {self._session}")
        proof = self._login.field(method, url)
        if proof:
            lines.append(f"Authorization: {proof}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _told(url: str) -> str:
    """The address as the server is told it: without name and password, with what is not ASCII quoted."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    path = quote(parts.path, _SAFE) + (f"?{quote(parts.query, _SAFE)}" if parts.query else "")
    return f"{parts.scheme}://{place}{path}"


def _look_every(connection: socket.socket, seconds: float) -> None:
    """Let reads end after so long: by the system, which saves a call a read, or by Python."""
    if sys.platform == "linux":
        connection.setblocking(True)
        whole, part = int(seconds), int(seconds % 1.0 * 1e6)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", whole, part))
    else:
        connection.settimeout(seconds)


def _tells_end(answer: Answer) -> bool:
    """Whether a server tells the end of a recording, as they do it by ANNOUNCE: the draft of RFC 2326's successor, of
    which their notices 2101 and 2104 are, or a text."""
    notice = answer.field("x-notice") or answer.field("notice") or answer.body[:200].decode("utf-8", "replace")
    return answer.reason in ("ANNOUNCE", "SET_PARAMETER") and bool(_END.search(notice))


def _refusal(status: int) -> StreamFault:
    if status in (401, 403, 407):
        return StreamFault(Fault.UNAUTHORISED)
    if status in (404, 410, 457):  # the last: nothing was recorded then
        return StreamFault(Fault.NOT_FOUND)
    return StreamFault(Fault.SERVER_ERROR, f"RTSP {status}")
