"""One tile's share of a camera that has a main and perhaps a sub-stream; which one is open is decided as it runs."""

from collections.abc import Callable
from typing import Protocol

from msgspec.structs import replace

from controlroom.video.governor import Rung
from controlroom.video.load import Depth
from controlroom.video.picture import Picture
from controlroom.video.share import Rank, Share, Why
from controlroom.video.signal import OFF, Signal, SignalState, View

SMALL_PX = 480
"""Tiles up to this height show a camera's sub-stream, where it has one ..."""
_LARGE_AGAIN = 0.9
"""... and a tile that showed the main stream keeps it down to this part of that height."""
AGAIN_S = 30.0
"""A stream that could not be had is tried again after so long, if the other one can."""
_FAILED = (SignalState.REFUSED, SignalState.NO_SIGNAL)


class StreamTile(Protocol):
    """What a tile holds of one stream."""

    @property
    def signal(self) -> Signal:
        """The newest facts of the stream."""

    @property
    def replaced(self) -> int:
        """Pictures that were dropped because a newer one came before they were taken."""

    def want(self, width_px: int, height_px: int) -> None:
        """Fit the pictures into this many device pixels from now on."""

    def take(self) -> Picture | None:
        """The newest picture."""

    def view(self) -> View:
        """The state of the stream at this moment."""

    def thin(self, depth: Depth, is_first: bool = False) -> None:
        """Decode so much of the stream, for all of its tiles; `is_first`: before others that wait for their turn."""

    def close(self) -> None:
        """Watch no longer."""


class CameraFeed:
    """A `picture.Feed` of a camera. The stream in use goes on until the other one has its first picture.

    `open_stream` opens a stream by its address; `looked` is called at each look, `left` once at the end.
    """

    def __init__(
        self,
        main: str,
        sub: str,
        now_s: Callable[[], float],
        open_stream: Callable[[str], StreamTile],
        looked: Callable[[], None],
        left: Callable[["CameraFeed"], None],
    ) -> None:
        self.main, self.sub = main or sub, sub if main else ""
        self.rank = Rank.ORDINARY
        self.box = (0, 0)
        self.is_large = True
        self._now_s = now_s
        self._open_stream = open_stream
        self._looked = looked
        self._left = left
        self._rung = Rung(False, Depth.FULL)
        self._is_best = True
        self._is_first = False
        self._has_rung = not self.sub
        self._held: tuple[str, StreamTile] | None = None
        self._next: tuple[str, StreamTile] | None = None
        self._failed_s: dict[str, float] = {}
        self._is_closed = False
        if not self.sub:
            self._held = self.main, open_stream(self.main)

    @property
    def key(self) -> str:
        """The camera that this feed and others may share."""
        return f"{self.main}\n{self.sub}"

    @property
    def replaced(self) -> int:
        """Pictures that were dropped because a newer one came before they were taken."""
        return 0 if self._held is None else self._held[1].replaced

    @property
    def is_shown(self) -> bool:
        """Whether anybody wants its pictures."""
        return self.box[0] > 0

    def signals(self) -> dict[str, Signal]:
        """The facts of the streams that are open, by address."""
        return {held[0]: held[1].signal for held in (self._held, self._next) if held is not None}

    def wish(self, rank: Rank) -> None:
        """How much this tile matters from now on."""
        self.rank = rank

    def want(self, width_px: int, height_px: int) -> None:
        """Fit the pictures into this many device pixels from now on; 0 x 0 asks for none."""
        if self._is_closed:
            return
        self.box = (width_px, height_px) if min(width_px, height_px) > 0 else (0, 0)
        if self.is_shown:
            least = SMALL_PX * _LARGE_AGAIN if self._has_rung and self.is_large else SMALL_PX
            self.is_large = height_px > least
        if not self._has_rung:
            self._has_rung = True
            self._rung = Rung(not self.is_large, Depth.FULL)
        self._open()
        for held in (self._held, self._next):
            if held is not None:
                held[1].want(*self.box)

    def grant(self, rung: Rung, is_best: bool, is_first: bool = False) -> None:
        """Get this from now on; `is_best`: nothing better would suit the tile, `is_first`: others wait for it."""
        if self._is_closed or not self._has_rung:
            return
        self._rung, self._is_best, self._is_first = rung, is_best, is_first
        self._open()
        for held in (self._held, self._next):
            if held is not None:
                held[1].thin(rung.depth, is_first)

    def take(self) -> Picture | None:
        """The newest picture that was not taken yet."""
        if self._next is not None:
            picture = self._next[1].take()
            if picture is not None:
                self._switch()
                return picture
        return None if self._held is None else self._held[1].take()

    def view(self) -> View:
        """The state at this moment, and what the tile gets."""
        if self._is_closed:
            return OFF
        self._looked()
        if self._held is None:
            return View(SignalState.CONNECTING)
        url, stream = self._held
        return replace(stream.view(), share=self._share(url), kept=stream.signal.kept)

    def close(self) -> None:
        """Watch no longer."""
        if self._is_closed:
            return
        self._is_closed = True
        for held in (self._held, self._next):
            if held is not None:
                held[1].close()
        self._next = None
        self._left(self)

    def _share(self, url: str) -> Share:
        is_sub = bool(self.sub) and url == self.sub
        if not self.is_shown:
            why = Why.HIDDEN
        elif self.sub and self._other(url) in self._failed_s and is_sub is not self._rung.is_sub:
            why = Why.FAILED
        elif not self._is_best:
            why = Why.BUDGET
        else:
            why = Why.SIZE if self.sub else Why.ALONE
        return Share(is_sub, self._rung.depth, why, self.rank)

    def _other(self, url: str) -> str:
        return self.main if url == self.sub else self.sub

    def _wanted(self) -> str:
        """The address of the stream to show: the other one than was granted where that one cannot be had."""
        url = self.sub if self._rung.is_sub and self.sub else self.main
        other = self._other(url)
        return other if other and url in self._failed_s and other not in self._failed_s else url

    def _open(self) -> None:
        url = self._wanted()
        if self._held is None:
            self._held = url, self._open_stream(url)
        elif self._held[0] == url:
            if self._next is not None:
                self._next[1].close()
                self._next = None
        elif self._next is None or self._next[0] != url:
            if self._next is not None:
                self._next[1].close()
            self._next = url, self._open_stream(url)
            self._next[1].want(*self.box)
            self._next[1].thin(self._rung.depth, self._is_first)
        if self._held[1].view().state in _FAILED and self._next is not None:
            self._switch()

    def _switch(self) -> None:
        """The stream that was being opened takes over."""
        assert self._next is not None, "nothing else is being opened"
        if self._held is not None:
            self._held[1].close()
        self._held, self._next = self._next, None

    def mend(self) -> None:
        """Turn to the other stream where one cannot be had, and back after a while; to be called now and then."""
        if not self.sub or self._is_closed or not self._has_rung:
            return
        now_s = self._now_s()
        for url, since_s in tuple(self._failed_s.items()):
            if now_s - since_s >= AGAIN_S:
                del self._failed_s[url]
        for held in (self._held, self._next):
            if held is not None and held[1].view().state in _FAILED and held[0] not in self._failed_s:
                self._failed_s[held[0]] = now_s
        self._open()
