"""A patrol over cameras that nobody looks at: opened a few at a time for some seconds, their pictures diagnosed."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from PySide6.QtCore import QObject

from controlroom.bridge.pump import Pump
from controlroom.domain.camera import Camera, PictureFault
from controlroom.domain.tour import watchable
from controlroom.seat.status import LinkState
from controlroom.video.picture import Feed, Feeds

LOOK_S = 8.0
"""How long a picture is looked at, and how long is waited for one; house figures."""
GIVE_UP_S = 20.0
SIZE_PX = (352, 288)


class Look(NamedTuple):
    """When the patrol was at a camera and what it found; None where no picture came."""

    at: datetime
    faults: tuple[PictureFault, ...] | None


class Progress(NamedTuple):
    """How far the patrol is: cameras it was at, of how many, with faults, open now; whether it waits for the budget."""

    looked: int
    cameras: int
    faulty: int
    open: int
    is_waiting: bool


class _Round(NamedTuple):
    feed: Feed
    since_s: float


class PicturePatrol(QObject):
    """Opens `at_once` streams and hands what it finds to `tell`; what it was at longest ago comes first. GUI thread.

    While decoding is short anywhere in its own streams it opens no more: tiles on screen come first.
    """

    def __init__(
        self,
        feeds: Feeds,
        pump: Pump,
        monotonic: Callable[[], float],
        tell: Callable[[Camera, tuple[PictureFault, ...]], None],
        at_once: int,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._feeds, self._pump, self._monotonic, self._tell = feeds, pump, monotonic, tell
        self._at_once = at_once
        self._open: dict[str, _Round] = {}
        self._queue: list[str] = []
        self._is_waiting = False
        self.looks: dict[str, Look] = {}
        if at_once:
            pump.ticked.connect(self._tick)
            pump.room_reset.connect(self.close)

    def progress(self) -> Progress:
        """How far it is."""
        cameras = sum(watchable(camera) for camera in self._pump.room.cameras.values())
        faulty = sum(bool(look.faults) for look in self.looks.values())
        return Progress(len(self.looks), cameras, faulty, len(self._open), self._is_waiting)

    def close(self) -> None:
        """Let all streams go and begin anew."""
        for each in self._open.values():
            each.feed.close()
        self._open.clear()
        self._queue.clear()

    def _tick(self, now: datetime) -> None:
        room = self._pump.room
        if self._pump.status.state is not LinkState.LIVE or room.drill is not None:
            self.close()
            return
        now_s, is_short = self._monotonic(), False
        for identity, each in list(self._open.items()):
            each.feed.take()
            view, passed_s = each.feed.view(), now_s - each.since_s
            is_short = is_short or view.share.is_short
            if (view.faults is None or passed_s < LOOK_S) and passed_s < GIVE_UP_S:
                continue
            each.feed.close()
            del self._open[identity]
            self.looks[identity] = Look(now, view.faults)
            camera = room.cameras.get(identity)
            if view.faults is not None and camera is not None and camera.faults != view.faults:
                self._tell(camera, view.faults)
        self._is_waiting = is_short
        while not is_short and len(self._open) < self._at_once and (identity := self._next()):
            camera = room.cameras[identity]
            feed = self._feeds.watch(camera.url, camera.sub_url)
            feed.want(*SIZE_PX)
            self._open[identity] = _Round(feed, now_s)

    def _next(self) -> str:
        """The camera that was looked at longest ago, or never; empty where there is none to open."""
        cameras = self._pump.room.cameras
        if not self._queue:
            waiting = [each.id for each in cameras.values() if watchable(each) and each.id not in self._open]
            never = [identity for identity in waiting if identity not in self.looks]
            again = sorted((i for i in waiting if i in self.looks), key=lambda i: self.looks[i].at)
            self._queue = list(reversed(never or again))
        while self._queue:
            identity = self._queue.pop()
            if watchable(cameras.get(identity)) and identity not in self._open:
                return identity
        return ""
