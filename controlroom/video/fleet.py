"""All streams that somebody watches."""

import enum
import logging
import os
import random

from controlroom.clock import Clock
from controlroom.video.archive import Archive
from controlroom.video.choice import CameraFeed, StreamTile
from controlroom.video.clip_order import ClipOrder
from controlroom.video.crew import Crew, at_once, crew_size, crowd
from controlroom.video.past import Where
from controlroom.video.picture import ClipFeed, PastFeed
from controlroom.video.ring import Allotment
from controlroom.video.signal import Patience
from controlroom.video.steward import PART_OF_CORES, Account, Steward
from controlroom.video.stream import Timing
from controlroom.video.threads import ThreadFleet

_log = logging.getLogger(__name__)

OPENS_AT_ONCE = 12
_READY_S = 10.0
_NO_ARCHIVE, _ALLOTMENT = Archive(), Allotment()


class Engine(enum.StrEnum):
    """Who decodes."""

    PROCESSES = "processes"
    THREADS = "threads"


class Fleet:
    """Opens each stream once, however many tiles show it, and has it decoded by processes beside this one.

    Where those cannot be had, threads of this process do it. Called by one thread (the GUI's). `chance` gives the
    jitter of the threads' reconnections. Decoding takes at most `budget` cores; where that is too little for all, the
    steward says who gets less. `platform` is the template of the shared-video platform's addresses. Of the
    last minutes so much is kept as `allotment` says; older pictures are in the `archive`.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        patience: Patience | None = None,
        timing: Timing | None = None,
        opens_at_once: int = OPENS_AT_ONCE,
        chance: random.Random | None = None,
        engine: Engine = Engine.PROCESSES,
        budget: float | None = None,
        platform: str = "",
        archive: Archive = _NO_ARCHIVE,
        allotment: Allotment = _ALLOTMENT,
    ) -> None:
        self._engine = engine
        patience, timing, cores = patience or Patience(), timing or Timing(), max(1, os.cpu_count() or 1)
        size = crew_size(cores)
        self._crew = Crew(
            clock,
            size=size,
            patience=patience,
            timing=timing,
            opens_at_once=opens_at_once,
            decodes=at_once(cores),
            crowd=crowd(cores),
            platform=platform,
            archive=archive,
            allotment=allotment,
        )
        self._threads = ThreadFleet(
            clock,
            patience=patience,
            timing=timing,
            opens_at_once=opens_at_once,
            chance=chance,
            platform=platform,
            archive=archive,
            allotment=allotment,
        )
        self._is_sure = False
        self._steward = Steward(clock, PART_OF_CORES * cores if budget is None else budget, self._open_stream)

    @property
    def engine(self) -> Engine:
        """Who decodes now."""
        return self._engine

    @property
    def streams(self) -> int:
        """How many streams are watched."""
        return self._crew.streams + self._threads.streams

    @property
    def pids(self) -> list[int]:
        """The processes that decode."""
        return self._crew.pids

    def start(self) -> None:
        """Start whoever decodes; returns at once."""
        if self._engine is Engine.PROCESSES:
            try:
                self._crew.start()
            except (OSError, AttributeError) as error:  # a system without such sockets lacks their very names
                self._fall_back(str(error))
        if self._engine is Engine.THREADS:
            self._threads.start()

    def close(self) -> None:
        """End all streams, and join or end all that decoded."""
        self._crew.close()
        self._threads.close()

    @property
    def account(self) -> Account:
        """The declared budget and how it is spent."""
        return self._steward.account

    def declare(self, budget: float) -> None:
        """Decoding may take so many cores from now on."""
        self._steward.declare(budget)

    def watch(self, url: str, sub_url: str = "") -> CameraFeed:
        """A feed of the camera; one that stays off before the fleet is started and after it is closed.

        The first call waits for the first worker, if it is not up yet: nothing is ever handed to a crew that is none.
        """
        return self._steward.watch(url, sub_url)

    def recall(self, where: Where) -> PastFeed:
        """A look at a camera's past: in what is kept of the last minutes, in files, or at the platform."""
        self._make_sure()
        return self._crew.recall(where) if self._engine is Engine.PROCESSES else self._threads.recall(where)

    def cut(self, order: ClipOrder) -> ClipFeed | None:
        """Have a clip written; None while the fleet is closed."""
        self._make_sure()
        return self._crew.cut(order) if self._engine is Engine.PROCESSES else self._threads.cut(order)

    def _open_stream(self, url: str) -> StreamTile:
        self._make_sure()
        return self._crew.watch(url) if self._engine is Engine.PROCESSES else self._threads.watch(url)

    def _make_sure(self) -> None:
        if self._engine is Engine.PROCESSES and self._crew.is_open and not self._is_sure:
            self._is_sure = self._crew.is_ready(_READY_S)
            if not self._is_sure:
                self._crew.close()
                self._fall_back("no worker came up")
                self._threads.start()

    def _fall_back(self, why: str) -> None:
        _log.warning("video is decoded by threads of this process: %s", why)
        self._engine = Engine.THREADS
