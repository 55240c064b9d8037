"""A playlist over HTTP (HLS, RFC 8216) as one file without end, that PyAV reads and another thread can cut off.

avformat's own reader of playlists cannot be stopped from outside, and with readers of our own under it the process
dies ("double free"); what a playlist names could also be a file of this machine. Here it is fetched over HTTP or not.
"""

import threading
from collections import deque
from collections.abc import Callable
from urllib.parse import urljoin

from msgspec import Struct

from controlroom.video.address import Address, Kind, parse
from controlroom.video.body import Body
from controlroom.video.fault import Fault, StreamFault

_MOST_BYTES = 1 << 20
_MOST_LINES = 20_000
_BEGINS_BEFORE_END = 2
"""A live playlist is joined so many parts before its end."""
_LONGEST_S, _SHORTEST_S = 10.0, 0.5
_DEPTH = 3


class Listed(Struct, frozen=True):
    """What a playlist says: `variants` (bandwidth, address) or numbered `parts` with the head that some need."""

    variants: tuple[tuple[int, str], ...] = ()
    parts: tuple[tuple[int, str], ...] = ()
    head: str = ""
    target_s: float = 2.0
    is_ended: bool = False
    is_encrypted: bool = False


def listed(text: str) -> Listed:
    """Read a playlist; addresses stay as they are written. Raises StreamFault(NOT_VIDEO) where it is none."""
    lines = [line.strip() for line in text.splitlines()[:_MOST_LINES]]
    if not lines or not lines[0].startswith("#EXTM3U"):
        raise StreamFault(Fault.NOT_VIDEO)
    variants: list[tuple[int, str]] = []
    parts: list[tuple[int, str]] = []
    told = {"number": 0, "bandwidth": -1}
    head, target_s, is_encrypted = "", 2.0, False
    for line in lines:
        name, _, value = line.partition(":")
        if name == "#EXT-X-STREAM-INF":
            told["bandwidth"] = _whole(_field(value, "BANDWIDTH"))
        elif name == "#EXT-X-MEDIA-SEQUENCE":
            told["number"] = _whole(value)
        elif name == "#EXT-X-TARGETDURATION":
            target_s = float(_whole(value))
        elif name == "#EXT-X-MAP":
            head = _field(value, "URI")
        elif name == "#EXT-X-KEY":
            is_encrypted = _field(value, "METHOD") not in ("NONE", "")
        elif line and not line.startswith("#"):
            if told["bandwidth"] >= 0:
                variants.append((told["bandwidth"], line))
                told["bandwidth"] = -1
            else:
                parts.append((told["number"], line))
                told["number"] += 1
    return Listed(tuple(variants), tuple(parts), head, target_s, "#EXT-X-ENDLIST" in lines, is_encrypted)


def _field(text: str, name: str) -> str:
    """The value of NAME=value or NAME="value" in an attribute list."""
    for piece in text.split(","):
        key, _, value = piece.partition("=")
        if key.strip() == name:
            return value.strip().strip('"')
    return ""


def _whole(text: str) -> int:
    digits = text.strip()
    return min(int(digits), 1 << 40) if digits.isascii() and digits.isdigit() else 0


class Playlist:
    """Reads one part after the other; used by one thread but for `cut`. Raises StreamFault while opening and reading.

    `heard` is called by the reading thread whenever data came.
    """

    def __init__(self, address: Address, stop: threading.Event, open_s: float, silence_s: float) -> None:
        self._address = address
        self._stop = stop
        self._waits = open_s, silence_s
        self.heard: Callable[[], None] = _nothing
        self._lock = threading.Lock()
        self._body: Body | None = None
        self._parts: deque[str] = deque()
        self._next = -1
        self._head = ""
        self._list = Listed()
        self._quiet_s = 0.0

    def open(self) -> None:
        """Fetch the playlist."""
        for _step in range(_DEPTH):
            self._list = listed(self._text())
            if not self._list.variants:
                break
            best = max(self._list.variants)[1]
            self._address = self._named(best)
        self._queue()
        if not self._parts:
            raise StreamFault(Fault.NOT_VIDEO)

    @property
    def kind(self) -> str:
        """The media type of the parts."""
        return "" if self._head else "video/mp2t"

    def read(self, size: int) -> bytes:
        """At most `size` bytes, empty at the end."""
        while not self._stop.is_set():
            if self._body is None and not self._advance():
                return b""
            body = self._body
            data = b"" if body is None else body.read(size)
            if data:
                self._quiet_s = 0.0
                return data
            self._leave()
        return b""

    def cut(self) -> None:
        """Wake a waiting `read`, which then sees the end; callable from any thread."""
        with self._lock:
            if self._body is not None:
                self._body.cut()

    def close(self) -> None:
        """Let the connection go; called by the reading thread."""
        self._leave()

    def _advance(self) -> bool:
        """Open the next part, waiting for one where there is none yet; False at the end."""
        while not self._parts:
            if self._list.is_ended:
                return False
            pause_s = min(_LONGEST_S, max(_SHORTEST_S, self._list.target_s / 2))
            self._quiet_s += pause_s
            if self._stop.wait(pause_s):
                return False
            if self._quiet_s > self._waits[1] + 2 * self._list.target_s:
                raise StreamFault(Fault.SILENT)
            self._list = listed(self._text())
            self._queue()
        self._enter(self._named(self._parts.popleft()))
        return True

    def _queue(self) -> None:
        """Note the parts that are new."""
        told = self._list
        if told.is_encrypted:
            raise StreamFault(Fault.NOT_VIDEO)
        parts = told.parts
        if parts and (self._next < 0 or parts[-1][0] + 1 < self._next):  # the beginning, or it was started anew
            self._next = parts[0][0] if told.is_ended else parts[-_BEGINS_BEFORE_END:][0][0]
        if told.head and told.head != self._head:
            self._head = told.head
            self._parts.append(told.head)
        for number, address in parts:
            if number >= self._next:
                self._parts.append(address)
                self._next = number + 1

    def _named(self, written: str) -> Address:
        address = parse(urljoin(self._address.url, written))
        if address.kind not in (Kind.HTTP, Kind.HLS):
            raise StreamFault(Fault.NOT_VIDEO)
        return address

    def _text(self) -> str:
        self._enter(self._address)
        assert self._body is not None, "it was just entered"
        data = b""
        while len(data) <= _MOST_BYTES:
            piece = self._body.read(65536)
            if not piece:
                break
            data += piece
        self._leave()
        return data.decode("utf-8", "replace")

    def _enter(self, address: Address) -> None:
        body = Body(address, self._stop, *self._waits)
        body.heard = self._hear
        with self._lock:
            self._body = body
        body.open()

    def _leave(self) -> None:
        with self._lock:
            body, self._body = self._body, None
        if body is not None:
            body.close()

    def _hear(self) -> None:
        self.heard()


def _nothing() -> None:
    """Nobody wants to hear of data."""
