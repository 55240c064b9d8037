"""Gives each camera on the screen its part of what this machine can decode, twice a second."""

import logging
from collections.abc import Callable

from msgspec import Struct

from controlroom.clock import Clock
from controlroom.video.choice import CameraFeed, StreamTile
from controlroom.video.governor import Claim, Grant, Strain, cost, governed, strained
from controlroom.video.load import Depth, Load
from controlroom.video.share import Rank

_log = logging.getLogger(__name__)

ROUND_S = 0.5
PART_OF_CORES = 0.8
"""What decoding may take of all cores; the rest paints and talks."""
_LOADS_KEPT = 512


class Account(Struct, frozen=True):
    """The budget as it stands, in cores: declared, to be had now, planned for, and measured."""

    declared: float
    available: float
    planned: float
    cameras: int = 0
    short: int = 0
    """Cameras that get less than suits their tiles."""


class Steward:
    """Owns the camera feeds of a fleet. Called by one thread (the GUI's); each look at a tile gives it its turn."""

    def __init__(self, clock: Clock, cores: float, open_stream: Callable[[str], StreamTile]) -> None:
        self._clock = clock
        self._cores = cores
        self._open_stream = open_stream
        self._feeds: dict[CameraFeed, None] = {}
        self._loads: dict[str, Load] = {}
        self._grants: dict[str, Grant] = {}
        self._strain = Strain()
        self._turned_s = float("-inf")
        self._account = Account(cores, cores, 0.0)

    @property
    def account(self) -> Account:
        """The budget after the last round."""
        return self._account

    def declare(self, cores: float) -> None:
        """Decoding may take so many cores from the next round on."""
        self._cores = max(0.0, cores)

    def watch(self, main: str, sub: str) -> CameraFeed:
        """A feed of the camera with these streams."""
        feed = CameraFeed(main, sub, self._clock.monotonic, self._open_stream, self.look, self._leave)
        self._feeds[feed] = None
        return feed

    def look(self) -> None:
        """Share the budget anew where it is time."""
        now_s = self._clock.monotonic()
        if now_s - self._turned_s >= ROUND_S or now_s < self._turned_s:
            self._turned_s = now_s
            self._turn(now_s)

    def _leave(self, feed: CameraFeed) -> None:
        self._feeds.pop(feed, None)

    def _turn(self, now_s: float) -> None:
        cameras: dict[str, list[CameraFeed]] = {}
        for feed in self._feeds:
            feed.mend()
            cameras.setdefault(feed.key, []).append(feed)
        late_s = self._measure()
        shown = {key: feeds for key, feeds in cameras.items() if any(feed.is_shown for feed in feeds)}
        claims = [self._claim(key, [feed for feed in feeds if feed.is_shown]) for key, feeds in shown.items()]
        held = {key: grant for key, grant in self._grants.items() if key in shown}
        used = sum(cost(claim, held[claim.camera].rung) for claim in claims if claim.camera in held)
        self._strain = strained(self._strain, late_s, used, self._cores)
        available = self._cores * self._strain.part
        self._grants = governed(claims, available, held, now_s)
        ranks = {claim.camera: claim.rank for claim in claims}
        for key, grant in self._grants.items():
            for feed in cameras[key]:
                feed.grant(grant.rung, grant.is_best, ranks[key] >= Rank.ALARM)
        planned = sum(cost(claim, self._grants[claim.camera].rung) for claim in claims)
        short = sum(not grant.is_best for grant in self._grants.values())
        if short and not self._account.short:
            _log.info("decoding %d cameras takes more than %.1f cores: %d get less", len(claims), available, short)
        self._account = Account(self._cores, available, planned, len(claims), short)

    def _measure(self) -> list[float]:
        """Note what the open streams cost; gives how late those are that are decoded in full."""
        late_s = []
        signals = {url: signal for feed in self._feeds if feed.is_shown for url, signal in feed.signals().items()}
        for url, signal in signals.items():
            if signal.load is None or not any(signal.load.rate_hz):
                continue
            self._loads.pop(url, None)
            self._loads[url] = signal.load
            is_old = signal.load.key_gap_s > 0.0  # the first seconds of a stream are late by nature
            if signal.is_connected and is_old and signal.depth is not Depth.KEYS:
                late_s.append(signal.load.late_s)
        while len(self._loads) > _LOADS_KEPT:
            del self._loads[next(iter(self._loads))]
        return late_s

    def _claim(self, key: str, feeds: list[CameraFeed]) -> Claim:
        one = feeds[0]
        return Claim(
            key,
            max((feed.rank for feed in feeds), default=Rank.ORDINARY),
            any(feed.is_large for feed in feeds),
            True,
            bool(one.sub),
            self._loads.get(one.main),
            self._loads.get(one.sub) if one.sub else None,
            max(feed.box[0] * feed.box[1] for feed in feeds),
        )
