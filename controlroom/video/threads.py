"""Streams decoded by threads of this process."""

import os
import random
from collections import defaultdict

from controlroom.clock import Clock
from controlroom.video.address import Address, Kind, parse
from controlroom.video.archive import Archive
from controlroom.video.clip import Cutter
from controlroom.video.clip_order import Clip, ClipOrder
from controlroom.video.dark import DarkFeed, DarkPast
from controlroom.video.fault import StreamFault
from controlroom.video.load import Depth
from controlroom.video.mailbox import Mailbox
from controlroom.video.memory import keep_pages
from controlroom.video.past import Past, Where
from controlroom.video.picture import Picture
from controlroom.video.platform import Platform
from controlroom.video.recordings import reels_of, replay_of
from controlroom.video.replay import Replay
from controlroom.video.ring import Allotment
from controlroom.video.scaler import LARGEST_PX
from controlroom.video.session import Session
from controlroom.video.signal import OFF, Patience, Signal, SignalState, View, seen
from controlroom.video.slot import Gate, Slot
from controlroom.video.stream import Timing

OPENS_AT_ONCE = 8
_NO_ARCHIVE, _ALLOTMENT = Archive(), Allotment()


class StreamFeed:
    """A tile's share of a session (a `picture.Feed`)."""

    def __init__(self, fleet: "ThreadFleet", session: Session) -> None:
        self._fleet = fleet
        self._session = session
        self._mailbox = Mailbox()
        self._slot = Slot(self._mailbox)
        session.join_slot(self._slot)
        self._is_closed = False

    @property
    def replaced(self) -> int:
        """Pictures that were dropped because a newer one came before they were taken."""
        return self._mailbox.replaced

    def want(self, width_px: int, height_px: int) -> None:
        """Fit the pictures into this many device pixels; 0 x 0 asks for none."""
        self._slot.box = (min(max(0, width_px), LARGEST_PX), min(max(0, height_px), LARGEST_PX))

    def take(self) -> Picture | None:
        """The newest picture that was not taken yet."""
        return self._mailbox.take()

    def view(self) -> View:
        """The state at this moment."""
        return OFF if self._is_closed else self._fleet.look(self._session.signal)

    @property
    def signal(self) -> Signal:
        """The newest facts of the stream."""
        return self._session.signal

    def thin(self, depth: Depth, is_first: bool = False) -> None:
        """Decode so much of the stream, for all of its tiles."""
        self._session.prefer(depth, is_first)

    def close(self) -> None:
        """Watch no longer."""
        if not self._is_closed:
            self._is_closed = True
            self._fleet.release(self._session, self._slot)


class ReplayFeed:
    """A tile's look at a camera's past (a `picture.PastFeed`)."""

    def __init__(self, fleet: "ThreadFleet", replay: Replay) -> None:
        self._fleet = fleet
        self._replay = replay
        self._mailbox = Mailbox()
        self._slot = Slot(self._mailbox)
        replay.join_slot(self._slot)

    def want(self, width_px: int, height_px: int) -> None:
        """Fit the pictures into this many device pixels; 0 x 0 asks for none."""
        self._slot.box = (min(max(0, width_px), LARGEST_PX), min(max(0, height_px), LARGEST_PX))

    def seek(self, at_s: float, speed: float) -> None:
        """Show this moment (seconds since 1970) and go on from it at a speed."""
        self._replay.seek(at_s, speed)

    def take(self) -> Picture | None:
        """The newest picture that was not taken yet."""
        return self._mailbox.take()

    def past(self) -> Past:
        """What was found of the moment."""
        return self._replay.signal.past or Past()

    def close(self) -> None:
        """Look no longer."""
        self._fleet.end(self._replay)


class CutterFeed:
    """How far a clip is (a `picture.ClipFeed`)."""

    def __init__(self, fleet: "ThreadFleet", cutter: Cutter) -> None:
        self._fleet = fleet
        self._cutter = cutter

    def clip(self) -> Clip:
        """How far it is."""
        return self._cutter.signal.clip or Clip()

    def close(self) -> None:
        """Cancel what is not done."""
        self._fleet.end(self._cutter)


class ThreadFleet:
    """Opens each stream once, however many tiles show it; owns and joins one thread per stream.

    Called by one thread (the GUI's). `chance` gives the jitter of reconnections.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        patience: Patience | None = None,
        timing: Timing | None = None,
        opens_at_once: int = OPENS_AT_ONCE,
        chance: random.Random | None = None,
        platform: str = "",
        archive: Archive = _NO_ARCHIVE,
        allotment: Allotment = _ALLOTMENT,
    ) -> None:
        self._clock = clock
        self._platform = Platform(platform, clock)
        self._patience = patience or Patience()
        self._timing = timing or Timing()
        self._gate = Gate(opens_at_once, max(1, os.cpu_count() or 1), allotment)
        self._archive = archive
        self._chance = chance or random.Random()
        self._sessions: dict[str, Session] = {}
        self._leaving: list[Session | Replay | Cutter] = []
        self._replays: list[Replay | Cutter] = []
        self._count: defaultdict[Kind, int] = defaultdict(int)
        self._is_open = False

    @property
    def streams(self) -> int:
        """How many streams are watched."""
        return len(self._sessions)

    def start(self) -> None:
        """Make the process ready to decode."""
        keep_pages()
        self._is_open = True

    def close(self) -> None:
        """End all streams and join their threads."""
        self._is_open = False
        self._leaving += [*self._sessions.values(), *self._replays]
        self._replays.clear()
        self._sessions.clear()
        for session in self._leaving:
            session.stop()
        for session in self._leaving:
            session.join()
        self._leaving.clear()

    def watch(self, url: str) -> StreamFeed | DarkFeed:
        """A feed of the stream at `url`; one that stays off before the fleet is started and after it is closed."""
        if not self._is_open:
            return DarkFeed(OFF)
        try:
            address = parse(url)
        except StreamFault as error:
            return DarkFeed(View(SignalState.REFUSED, None, error.trouble))
        self._leaving = [session for session in self._leaving if not session.join(0.0)]
        session = self._sessions.get(address.url) or self._begin(address)
        return StreamFeed(self, session)

    def look(self, signal: Signal) -> View:
        """How a stream with these facts stands now."""
        return seen(signal, self._clock.monotonic(), self._patience)

    def release(self, session: Session, slot: Slot) -> None:
        """Take a tile from a session; the last one ends it."""
        if session.leave_slot(slot):
            return
        for url, held in tuple(self._sessions.items()):
            if held is session:
                del self._sessions[url]
                session.stop()
                self._leaving.append(session)

    def recall(self, where: Where) -> "ReplayFeed | DarkPast":
        """A look at a camera's past."""
        if not self._is_open:
            return DarkPast()
        self._leaving = [session for session in self._leaving if not session.join(0.0)]
        name = f"video-past-{len(self._replays)}"
        replay = replay_of(name, where, self._archive, self._clock, self._gate, self._timing)
        self._replays.append(replay)
        replay.start()
        return ReplayFeed(self, replay)

    def cut(self, order: ClipOrder) -> "CutterFeed | None":
        """Write a clip; None while the fleet is closed."""
        if not self._is_open:
            return None
        reels = reels_of(order.where, self._archive, self._gate.shelf, self._timing, lambda: False)
        cutter = Cutter("video-clip", order, [reel for _origin, reel in reels], self._clock)
        self._replays.append(cutter)
        cutter.start()
        return CutterFeed(self, cutter)

    def end(self, replay: Replay | Cutter) -> None:
        """Look no longer."""
        if replay in self._replays:
            self._replays.remove(replay)
            replay.stop()
            self._leaving.append(replay)

    def _begin(self, address: Address) -> Session:
        self._count[address.kind] += 1
        name = f"video-{address.kind}-{self._count[address.kind]}"
        session = Session(name, address, self._clock, self._gate, self._timing, self._chance, platform=self._platform)
        self._sessions[address.url] = session
        session.start()
        return session
