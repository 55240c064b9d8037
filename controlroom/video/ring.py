"""The last minutes of what was received, still compressed, so that they can be seen again; bounded in bytes.

A ring keeps whole groups: a key picture and all that follows up to the next one. The shelf holds the rings of one
process, also those whose stream is watched no longer, until they are too old. What is too much goes, oldest first.
"""

import threading
import time
from collections.abc import Callable, Iterator

from av.packet import Packet
from av.video.stream import VideoStream
from msgspec import Struct

from controlroom.video.shot import GAP_S, Film, Shot
from controlroom.video.track import Track

_OVERHEAD = 200
"""What a packet costs beside its data, in bytes, as measured with tracemalloc on CPython 3.11 (house figure)."""


class Allotment(Struct, frozen=True):
    """The declared bounds of what is kept: bytes of one stream, of all streams together, and seconds."""

    stream_bytes: int = 64 << 20
    total_bytes: int = 256 << 20
    keep_s: float = 300.0

    def part(self, of: int) -> "Allotment":
        """What one of so many processes may keep."""
        total = self.total_bytes // max(1, of)
        return Allotment(min(self.stream_bytes, total), total, self.keep_s)


def allotment(total_mb: int, minutes: int) -> Allotment:
    """The bounds for so much memory in all, a quarter of it for one stream, and so many minutes."""
    total = total_mb << 20
    return Allotment(total // 4, total, minutes * 60.0)


class Kept(Struct, frozen=True):
    """What a ring holds: since when (seconds since 1970), how many bytes, and of how many at most."""

    since_s: float
    bytes: int
    most_bytes: int


class _Group:
    __slots__ = ("bytes", "shots")

    def __init__(self) -> None:
        self.shots: list[Shot] = []
        self.bytes = 0


class Ring:
    """What is kept of one stream. One thread adds, any may look."""

    def __init__(self, shelf: "Shelf") -> None:
        self._shelf = shelf
        self._lock = shelf.lock
        self._groups: list[_Group] = []
        self._film: Film | None = None
        self._is_broken = True
        self.bytes = 0
        self.users = 0

    def add(self, at_s: float, packet: "Packet[VideoStream]", track: Track) -> None:
        """Keep a packet that came at a moment (seconds since 1970)."""
        if packet.is_keyframe:
            self._film = film_of(track, self._film)
            self._is_broken = False
        elif self._is_broken or self._film is None:
            return
        assert self._film is not None, "a key picture came first"
        shot = Shot(at_s, bytes(packet), packet.is_keyframe, self._film, packet.pts, packet.dts)
        with self._lock:
            if packet.is_keyframe:
                self._groups.append(_Group())
            if not self._groups:  # what they refer to was dropped in the meantime
                self._is_broken = True
                return
            group, size = self._groups[-1], len(shot.data) + _OVERHEAD
            group.shots.append(shot)
            group.bytes += size
            self.bytes += size
            self._shelf.weigh(self, size, at_s)
            self._is_broken = not self._groups

    def lose(self) -> None:
        """Packets are missing: what comes next begins with a key picture."""
        self._is_broken = True

    @property
    def since_s(self) -> float | None:
        """The oldest moment that is kept, None where nothing is."""
        return self._groups[0].shots[0].at_s if self._groups else None

    def kept(self) -> Kept | None:
        """What is held now."""
        with self._lock:
            since_s = self.since_s
            return None if since_s is None else Kept(since_s, self.bytes, self._shelf.allotment.stream_bytes)

    def shots(self, at_s: float) -> Iterator[Shot | None] | None:
        """Packets from the key picture before the moment on (a `shot.Reel`); they go on as more is received."""
        with self._lock:
            groups = [group for group in self._groups if group.shots[0].at_s <= at_s]
            if not groups:
                return None
            before = [shot for shot in groups[-1].shots if shot.at_s <= at_s]
            if at_s - before[-1].at_s > GAP_S:
                return None
        return self._follow(groups[-1])

    def drop_oldest(self) -> int:
        """Let the oldest group go; gives its bytes. Under the lock."""
        group = self._groups.pop(0)
        self.bytes -= group.bytes
        return group.bytes

    @property
    def count(self) -> int:
        """How many groups are held. Under the lock."""
        return len(self._groups)

    def _follow(self, group: _Group) -> Iterator[Shot | None]:
        index = 0
        while True:
            with self._lock:
                shot = group.shots[index] if index < len(group.shots) else None
                following = None if shot is not None else self._after(group)
            if shot is not None:
                index += 1
                yield shot
            elif following is not None:
                group, index = following, 0
            elif group not in self._groups:
                return
            else:
                yield None

    def _after(self, group: _Group) -> _Group | None:
        found = None
        for held in reversed(self._groups):
            if held is group or held.shots[0].at_s < group.shots[0].at_s:
                break
            found = held
        return found


class Shelf:
    """All rings of a process. Any thread. `now_s` is the machine's time, also in a drill: cameras do not replay."""

    def __init__(self, allotment: Allotment, now_s: Callable[[], float] = time.time) -> None:
        self.allotment = allotment
        self.now_s = now_s
        self.lock = threading.RLock()
        self._rings: dict[str, Ring] = {}
        self._bytes = 0

    @property
    def bytes(self) -> int:
        """What all rings hold together."""
        return self._bytes

    def ring(self, url: str) -> Ring:
        """The ring of a stream that is received from now on; what was kept of it before is still there."""
        with self.lock:
            ring = self._rings.setdefault(url, Ring(self))
            ring.users += 1
            return ring

    def find(self, url: str) -> Ring | None:
        """The ring of a stream that was received here, None where it was not."""
        with self.lock:
            return self._rings.get(url)

    def weigh(self, ring: Ring, size: int, now_s: float) -> None:
        """So much was added to a ring: make room for it."""
        with self.lock:
            self._bytes += size
            while ring.count and ring.bytes > self.allotment.stream_bytes:
                self._bytes -= ring.drop_oldest()
            while ring.count > 1 and now_s - (ring.since_s or now_s) > self.allotment.keep_s:
                self._bytes -= ring.drop_oldest()
            while self._bytes > self.allotment.total_bytes:
                oldest = min(
                    (held for held in self._rings.values() if held.count), key=lambda held: held.since_s or 0.0
                )
                self._bytes -= oldest.drop_oldest()

    def tidy(self, now_s: float) -> None:
        """Let go of what is too old, also of streams that are watched no longer; to be called now and then."""
        with self.lock:
            for url, ring in tuple(self._rings.items()):
                if not ring.count and not ring.users:
                    del self._rings[url]
                while ring.count and now_s - (ring.since_s or now_s) > self.allotment.keep_s + GAP_S:
                    self._bytes -= ring.drop_oldest()

    def leave(self, url: str) -> None:
        """A stream is received no longer; its ring goes when nothing is left in it."""
        with self.lock:
            ring = self._rings.get(url)
            if ring is not None:
                ring.users -= 1


def film_of(track: Track, held: Film | None) -> Film:
    """What is needed to decode the packets of a track; the one that is held where it has not changed."""
    film = Film(track.codec, track.extradata, track.width, track.height, track.aspect, track.time_base)
    return held if held == film else film
