"""A patrol over cameras that nobody looks at: opened a few at a time for some seconds, their pictures diagnosed."""

import zlib
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from PySide6.QtCore import QObject

from controlroom.bridge.pump import Pump
from controlroom.domain.camera import Camera, PictureFault
from controlroom.domain.picture_look import PictureLook
from controlroom.domain.tour import watchable
from controlroom.seat.status import LinkState
from controlroom.video.picture import Feed, Feeds

LOOK_S = 8.0
"""How long a picture is looked at, and how long is waited for one; house figures."""
GIVE_UP_S = 20.0
ANSWER_S = 15.0
"""An answer of the hub that is older opens nothing: the claim might end while the picture is looked at."""
SIZE_PX = (352, 288)
_PART = 256
"""So many of the cameras that wait longest are gone through before it is asked anew who waits longest."""


class Progress(NamedTuple):
    """How far the room is: cameras that any seat looked at, of how many, with faults, open here; whether this patrol
    waits for the budget, and the oldest look."""

    looked: int
    cameras: int
    faulty: int
    open: int
    is_waiting: bool
    oldest: datetime | None


class _Round(NamedTuple):
    feed: Feed
    since_s: float


class PicturePatrol(QObject):
    """Opens `at_once` streams and hands what it finds to `tell`, None where no picture came. GUI thread.

    What was looked at longest ago, on whatever seat, comes first, and nothing twice within `FRESH`. A camera is opened
    once the hub has granted it: `claim` asks, `grant` answers, so two seats never look at the same one; they begin
    elsewhere by their `name`, so that they seldom ask for the same. While decoding is short anywhere in its own streams
    it opens no more: tiles on screen come first.
    """

    def __init__(
        self,
        feeds: Feeds,
        pump: Pump,
        monotonic: Callable[[], float],
        tell: Callable[[Camera, tuple[PictureFault, ...] | None], None],
        claim: Callable[[tuple[str, ...]], None],
        at_once: int,
        name: str = "",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._feeds, self._pump, self._monotonic, self._tell = feeds, pump, monotonic, tell
        self._claim, self._at_once = claim, at_once
        self._asked: dict[str, float] = {}
        self._denied: dict[str, float] = {}
        self._begins = zlib.crc32(name.encode())
        self._open: dict[str, _Round] = {}
        self._queue: list[str] = []
        self._is_waiting = False
        self._looks: dict[str, PictureLook] = {}
        if at_once:
            pump.ticked.connect(self._tick)
            pump.room_reset.connect(self.close)

    def progress(self) -> Progress:
        """How far it is."""
        cameras = self._pump.room.cameras
        count = sum(watchable(camera) for camera in cameras.values())
        looks = [look for name in cameras if (look := self._look(name)) is not None and watchable(cameras[name])]
        faulty = sum(bool(look.faults) for look in looks)
        oldest = min((look.at for look in looks), default=None)
        return Progress(len(looks), count, faulty, len(self._open), self._is_waiting, oldest)

    def close(self) -> None:
        """Let all streams go and begin anew."""
        for each in self._open.values():
            each.feed.close()
        self._open.clear()
        self._queue.clear()
        self._asked.clear()

    def grant(self, asked: tuple[str, ...], granted: tuple[str, ...]) -> None:
        """The hub's answer to what was asked; an answer that came too late opens nothing."""
        now_s = self._monotonic()
        for identity in asked:
            since_s = self._asked.pop(identity, None)
            camera = self._pump.room.cameras.get(identity)
            if since_s is None or camera is None or not watchable(camera):
                continue
            if identity not in granted:
                self._denied[identity] = now_s
            elif now_s - since_s < ANSWER_S:
                feed = self._feeds.watch(camera.url, camera.sub_url)
                feed.want(*SIZE_PX)
                self._open[identity] = _Round(feed, now_s)

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
            found = view.faults
            self._looks[identity] = PictureLook(
                camera=identity, at=now, faults=found or (), had_picture=found is not None
            )
            camera = room.cameras.get(identity)
            if camera is not None:
                self._tell(camera, found)
        self._is_waiting = is_short
        if not is_short:
            self._ask(now, now_s)

    def _ask(self, now: datetime, now_s: float) -> None:
        """Ask the hub for as many as there is room for."""
        self._asked = {name: since_s for name, since_s in self._asked.items() if now_s - since_s < ANSWER_S}
        self._denied = {name: since_s for name, since_s in self._denied.items() if now_s - since_s < GIVE_UP_S}
        wanted: list[str] = []
        while len(self._open) + len(self._asked) < self._at_once and (identity := self._next(now)):
            self._asked[identity] = now_s
            wanted.append(identity)
        if wanted:
            self._claim(tuple(wanted))

    def _look(self, identity: str) -> PictureLook | None:
        """The last look of any seat; this one's own before the hub has told it."""
        own, told = self._looks.get(identity), self._pump.room.looks.get(identity)
        return max((look for look in (own, told) if look is not None), key=lambda look: look.at, default=None)

    def _is_due(self, identity: str, now: datetime) -> bool:
        look = self._look(identity)
        is_ours = identity in self._open or identity in self._asked or identity in self._denied
        is_watched = watchable(self._pump.room.cameras.get(identity)) and not is_ours
        return is_watched and (look is None or not look.is_fresh(now))

    def _next(self, now: datetime) -> str:
        """The camera that was looked at longest ago, or never; empty where there is none to open."""
        if not self._queue:
            ages: dict[str, float] = {}
            for identity in self._pump.room.cameras:
                if self._is_due(identity, now):
                    look = self._look(identity)
                    ages[identity] = 0.0 if look is None else look.at.timestamp()
            waiting = sorted(ages, key=ages.__getitem__)
            never = sum(not age_s for age_s in ages.values())
            part = waiting[: never or _PART]
            begin = self._begins % len(part) if part else 0
            self._queue = [*part[begin:], *part[:begin]][::-1]
        while self._queue:
            identity = self._queue.pop()
            if self._is_due(identity, now):
                return identity
        return ""
