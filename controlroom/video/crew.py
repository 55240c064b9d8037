"""Streams decoded by other processes, which are watched over: one that dies or hangs is replaced."""

import contextlib
import itertools
import logging
import os
import select
import threading
from collections import OrderedDict, defaultdict

from msgspec.structs import replace

from controlroom.clock import Clock
from controlroom.video import exchange, segment
from controlroom.video.address import Address, Kind, parse
from controlroom.video.archive import Archive
from controlroom.video.clip_order import ClipOrder
from controlroom.video.crew_feed import CrewClip, CrewClipFeed, CrewFeed, CrewPastFeed, CrewRecall, CrewStream
from controlroom.video.dark import DarkFeed, DarkPast
from controlroom.video.exchange import Reader
from controlroom.video.fault import Fault, StreamFault, Trouble
from controlroom.video.load import Depth
from controlroom.video.member import Member
from controlroom.video.orders import Begin, Close, Keep, Leave, Show
from controlroom.video.past import Where
from controlroom.video.ring import Allotment
from controlroom.video.signal import OFF, Patience, Signal, SignalState, View, seen
from controlroom.video.stream import Timing

_log = logging.getLogger(__name__)

BACK_OFF_S = (0.1, 0.5, 1.0, 2.0, 5.0)
STEADY_S = 30.0
"""A worker that lived this long starts its back-off anew."""
HANG_S = 12.0
"""A worker that says nothing for so long is ended; its tiles are frozen long before."""
_LOOK_S = 0.25
_FEW_STREAMS, _MANY_STREAMS = 8, 36
"""A further worker is started when all have this many streams. With one core for each, early; on two cores only where
the interpreter's lock of one process makes pictures late (measured: 36 streams fit, 64 were up to 0.3 s late)."""
_AT_ONCE = 2
_HOPELESS = 3
_NO_ARCHIVE, _ALLOTMENT = Archive(), Allotment()
_HOMES = 1024
_NOWHERE = Address(Kind.FILE, "", "")


def crew_size(cores: int) -> int:
    """How many workers decode at most: half of the cores, but two on two or three."""
    return max(1, min(2, cores), cores // 2)


def crowd(cores: int) -> int:
    """How many streams each worker has before a further one is started."""
    return _FEW_STREAMS if cores >= _AT_ONCE * crew_size(cores) else _MANY_STREAMS


def at_once(cores: int) -> int:
    """How many pictures one worker decodes at the same time."""
    return min(cores, _AT_ONCE)


class Crew:
    """Opens each stream once, in one of `size` worker processes; a thread of its own watches over them.

    Called by one thread (the GUI's), which never waits for a worker.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        size: int,
        patience: Patience,
        timing: Timing,
        opens_at_once: int,
        decodes: int,
        crowd: int = _FEW_STREAMS,
        platform: str = "",
        archive: Archive = _NO_ARCHIVE,
        allotment: Allotment = _ALLOTMENT,
    ) -> None:
        self._clock = clock
        self._patience = patience
        opens = max(1, opens_at_once // size)
        self._begin = Begin(timing, opens, decodes, platform, archive)
        self._allotment = allotment
        self._crowd = crowd
        self._lock = threading.RLock()
        self._members = [Member() for _ in range(size)]
        self._streams: dict[str, CrewStream] = {}
        self._homes: OrderedDict[str, Member] = OrderedDict()
        self._numbers = itertools.count(1)
        self._count: defaultdict[Kind, int] = defaultdict(int)
        self._ending = threading.Event()
        self._settled = threading.Event()
        self._is_open = self._is_ready = False
        self._awake, self._wake = -1, -1
        self._thread = threading.Thread(target=self._watch, name="video-crew", daemon=True)

    @property
    def streams(self) -> int:
        """How many streams are watched."""
        return len(self._streams)

    @property
    def pids(self) -> list[int]:
        """The processes that run."""
        with self._lock:
            return [member.pid for member in self._members if member.pid is not None]

    @property
    def is_open(self) -> bool:
        """Whether it was started and not closed."""
        return self._is_open

    def start(self) -> None:
        """Start the first worker; more follow when there is work for them. Raises OSError."""
        os.close(segment.create(segment.PAGE))  # is there such memory at all?
        self._awake, self._wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            self._enlist(self._members[0])
            self._members[0].spawn(self._clock.monotonic())
        except OSError:
            self.close()
            raise
        self._is_open = True
        self._thread.start()

    def is_ready(self, within_s: float) -> bool:
        """Wait for the first worker, once; False where none comes up."""
        if not self._settled.is_set():
            self._settled.wait(within_s)
        return self._is_ready

    def close(self) -> None:
        """End all streams and all workers."""
        self._is_open = False
        self._ending.set()
        if self._thread.is_alive():
            os.write(self._wake, b"x")
            self._thread.join()
        with self._lock:
            for member in self._members:
                member.part()
            for member in self._members:
                member.end()
            self._streams.clear()
        for descriptor in (self._awake, self._wake):
            if descriptor >= 0:
                os.close(descriptor)
        self._awake = self._wake = -1

    def watch(self, url: str) -> CrewFeed | DarkFeed:
        """A feed of the stream at `url`; one that stays off before the crew is started and after it is closed."""
        if not self._is_open:
            return DarkFeed(OFF)
        try:
            address = parse(url)
        except StreamFault as error:
            return DarkFeed(View(SignalState.REFUSED, None, error.trouble))
        with self._lock:
            stream = self._streams.get(address.url) or self._add(address)
            feed = CrewFeed(self, stream, next(self._numbers))
            stream.feeds[feed.number] = feed
        return feed

    def recall(self, where: Where) -> CrewPastFeed | DarkPast:
        """A look at a camera's past, by the process that has its ring."""
        if not self._is_open:
            return DarkPast()
        with self._lock:
            number = next(self._numbers)
            member = self._home(where)
            signal = Signal(self._clock.monotonic())
            stream = CrewRecall(number, f"video-past-{number}", _NOWHERE, member, signal, where)
            self._streams[f"past\n{number}"] = stream
            stream.open()
            feed = CrewPastFeed(self, stream, next(self._numbers))
            stream.feeds[feed.number] = feed
        return feed

    def cut(self, order: ClipOrder) -> CrewClipFeed | None:
        """Write a clip, by the process that has the camera's ring; None while the crew is closed."""
        if not self._is_open:
            return None
        with self._lock:
            number = next(self._numbers)
            signal = Signal(self._clock.monotonic())
            stream = CrewClip(number, f"video-clip-{number}", _NOWHERE, self._home(order.where), signal, order)
            self._streams[f"clip\n{number}"] = stream
            stream.open()
            feed = CrewClipFeed(self, stream, next(self._numbers))
            stream.feeds[feed.number] = feed
        return feed

    # ---- for the feeds

    def seek(self, stream: CrewRecall, at_s: float, speed: float) -> None:
        """Have a moment of the past shown."""
        with self._lock:
            if self._is_open:
                stream.seek(at_s, speed)

    def look(self, signal: Signal) -> View:
        """How a stream with these facts stands now."""
        return seen(signal, self._clock.monotonic(), self._patience) if self._is_open else OFF

    def doubted(self, view: View, newest_s: float | None) -> View:
        """A live stream as a tile may show it whose newest picture came at `newest_s`."""
        if newest_s is None:
            return View(SignalState.CONNECTING)
        age_s = max(0.0, self._clock.monotonic() - newest_s)
        return View(SignalState.FROZEN, age_s) if age_s >= self._patience.silence_s else view

    def show(self, feed: CrewFeed) -> None:
        """Have a feed's pictures made in the size it wants now."""
        with self._lock:
            if not self._is_open:
                return
            try:
                self._show(feed)
            except OSError as error:
                feed.box = (0, 0)
                _log.warning("no memory for the pictures of a tile: %s", error)

    def switch(self, feed: CrewFeed, reader: Reader) -> None:
        """The first picture of a new size came: the old exchange is done."""
        with self._lock:
            feed.reader = reader
            if feed.upcoming is reader:
                feed.upcoming = None

    def thin(self, feed: CrewFeed, depth: Depth, is_first: bool) -> None:
        """Have so much of the feed's stream decoded."""
        with self._lock:
            if self._is_open:
                feed.stream.thin(depth, is_first)

    def release(self, feed: CrewFeed) -> None:
        """Take a tile from a stream; the last one ends it."""
        with self._lock:
            stream = feed.stream
            if stream.feeds.pop(feed.number, None) is None or not self._is_open:
                return
            if stream.feeds:
                stream.member.send(Leave(stream.number, feed.number))
            else:
                stream.member.send(Close(stream.number))
                for key in [key for key, held in self._streams.items() if held is stream]:
                    del self._streams[key]

    # ---- under the lock

    def _add(self, address: Address) -> CrewStream:
        self._count[address.kind] += 1
        name = f"video-{address.kind}-{self._count[address.kind]}"
        signal = Signal(self._clock.monotonic())
        member = self._homes.pop(address.url, None) or self._least_busy()
        self._homes[address.url] = member  # its ring is there, also after the stream was closed for a while
        while len(self._homes) > _HOMES:
            self._homes.popitem(last=False)
        stream = CrewStream(next(self._numbers), name, address, member, signal)
        self._streams[address.url] = stream
        stream.open()
        return stream

    def _least_busy(self) -> Member:
        """The member for one more stream, perhaps one whose process is still to be started by the thread."""
        load = {id(member): 0 for member in self._members}
        for stream in self._streams.values():
            load[id(stream.member)] += 1
        enlisted = [member for member in self._members if member.socket is not None or member.next_start_s is not None]
        idle = [member for member in self._members if member not in enlisted]
        chosen = min(enlisted, key=lambda member: load[id(member)])
        if load[id(chosen)] < self._crowd or not idle:
            return chosen
        self._enlist(idle[0])
        idle[0].next_start_s = 0.0
        os.write(self._wake, b"x")
        return idle[0]

    def _home(self, where: Where) -> Member:
        """Who has the rings of a camera; of its two streams, the one that is open."""
        open_now = [self._streams[url].member for url in (where.url, where.sub_url) if url in self._streams]
        before = [self._homes[url] for url in (where.url, where.sub_url) if url in self._homes]
        return next(iter(open_now + before), None) or self._least_busy()

    def _enlist(self, member: Member) -> None:
        member.connect()
        working = [held for held in self._members if held.socket is not None]
        part = self._allotment.part(len(working))
        member.send(replace(self._begin, allotment=part))
        for other in working:
            if other is not member:
                other.send(Keep(part))

    def _show(self, feed: CrewFeed) -> None:
        width, height = feed.box
        order = Show(feed.stream.number, feed.number, width, height)
        held, need = feed.upcoming or feed.reader, exchange.room_for(width, height)
        if width == 0 or (held is not None and need <= held.capacity <= 4 * need):
            feed.stream.member.send(order)
            return
        descriptor = exchange.created(need + need // 4)  # room to grow into
        feed.upcoming = Reader(segment.mapped(descriptor))
        feed.stream.member.send(order, descriptor)

    # ---- the thread that watches over the workers

    def _watch(self) -> None:
        while not self._ending.is_set():
            with self._lock:
                poll = select.poll()
                poll.register(self._awake, select.POLLIN)
                for member in self._members:
                    if member.socket is not None and member.pid is not None:
                        poll.register(member.socket, select.POLLIN | (select.POLLOUT if member.has_waiting else 0))
            poll.poll(_LOOK_S * 1000)
            with contextlib.suppress(BlockingIOError):
                os.read(self._awake, 4096)
            with self._lock:
                for member in self._members:
                    self._care(member, self._clock.monotonic())

    def _care(self, member: Member, now_s: float) -> None:
        if member.pid is not None:
            member.flush()
            member.listen(now_s)
            if member.is_ready and not self._settled.is_set():
                self._is_ready = True
                self._settled.set()
            if member.is_broken or now_s - member.heard_s > HANG_S:
                self._fall(member, now_s)
        elif member.next_start_s is not None and now_s >= member.next_start_s and not self._ending.is_set():
            self._rise(member, now_s)

    def _fall(self, member: Member, now_s: float) -> None:
        """A worker died or hangs: say so on its tiles and have another one started."""
        if now_s - member.started_s > STEADY_S:
            member.falls = 0
        member.next_start_s = now_s + BACK_OFF_S[min(member.falls, len(BACK_OFF_S) - 1)]
        member.falls += 1
        streams = [stream for stream in self._streams.values() if stream.member is member]
        _log.warning("video worker %s fell; %d streams are opened anew", member.pid, len(streams))
        member.end(is_kind=False)
        trouble = Trouble(Fault.BROKEN) if member.falls >= _HOPELESS else None
        for stream in streams:
            stream.orphan(now_s, trouble)
        if member.falls >= _HOPELESS:
            self._settled.set()

    def _rise(self, member: Member, now_s: float) -> None:
        member.next_start_s = None
        try:
            if member.socket is None:
                self._enlist(member)
                for stream in self._streams.values():
                    if stream.member is member:
                        self._reopen(stream)
            member.spawn(now_s)
        except OSError as error:
            _log.warning("no video worker can be started: %s", error)
            member.end()
            member.falls += 1
            member.next_start_s = now_s + BACK_OFF_S[-1]

    def _reopen(self, stream: CrewStream) -> None:
        stream.open()
        for feed in stream.feeds.values():
            if feed.box[0] > 0:
                descriptor = exchange.created(exchange.room_for(*feed.box))
                feed.upcoming = Reader(segment.mapped(descriptor))
                stream.member.send(Show(stream.number, feed.number, *feed.box), descriptor)
