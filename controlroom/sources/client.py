"""The library by which any source of ours hands records to a hub's ingest socket.

    client = HubClient(hub="tcp://127.0.0.1:7600")
    feed = client.feed("weather", spool=FileSpool(path))
    client.start()
    feed.hand_in(AlarmRecord(…))      # accepted: committed by the hub once, however often anything dies
    client.close()

One thread owns every socket. A handover is kept until the hub has committed it and sent again after a loss, in
order (go-back-N). Connections are made anew after `ack_timeout_s` of silence; the hub may come, go and come back
with other ports. Telemetry travels without numbers and is dropped, and counted, while nobody listens.
"""

import logging
import threading

import zmq

from controlroom.clock import Clock, SystemClock
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.sources.connection import Connection, Stage
from controlroom.sources.feed import Feed
from controlroom.sources.location import Location
from controlroom.sources.spool import MemorySpool, Spool
from controlroom.sources.terms import FeedState, FeedStatus, Terms
from controlroom.wire.keys import KeyPair
from controlroom.wire.messages import LIVE, Crs
from controlroom.wire.sockets import Waker

_log = logging.getLogger(__name__)

_TURN_MS = 100
_RETRY_S = 0.1
_RETRY_MAX_S = 1.0


class _Attempt:
    """How a feed comes to its connection."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.opening: Connection | None = None
        self.since = 0.0
        self.not_before = 0.0
        self.retry_s = _RETRY_S


class HubClient:
    """Feeds of one process into one hub. `hub` is its request address, or `ingest` its ingest address.

    `start` and `close` belong to the owner; feeds may be made before or after `start`.
    """

    def __init__(
        self,
        hub: str = "",
        *,
        ingest: str = "",
        realm: str = LIVE,
        clock: Clock | None = None,
        keys: KeyPair | None = None,
        hub_key: bytes | None = None,
        ack_timeout_s: float = 2.0,
    ) -> None:
        if not (hub or ingest):
            raise ValueError("a hub's request or ingest address is needed")
        self._realm = realm
        self._clock = clock or SystemClock()
        self._keys = keys
        self._hub_key = hub_key
        self._ack_timeout_s = ack_timeout_s
        self._ingest = ingest
        self._place: tuple[str, str] | None = (ingest, "") if ingest else None
        self._location = Location(hub, realm, self._connect, ack_timeout_s)
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._waker = Waker()
        self._lock = threading.Lock()
        self._attempts: list[_Attempt] = []
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="source wire", daemon=True)

    @property
    def sentence(self) -> str:
        """Why the hub does not take us, in words; empty while it does or is away."""
        return self._location.sentence

    def feed(
        self,
        source: str,
        *,
        spool: Spool | None = None,
        crs: Crs = "WGS-84",
        json: bool = False,
        keepalive_s: float = 5.0,
        window: int = 256,
    ) -> Feed:
        """A stream of its own for `source`; without a spool it lasts as long as this process."""
        terms = Terms(
            source=source,
            realm=self._realm,
            crs=crs,
            json=json,
            keepalive_s=keepalive_s,
            ack_timeout_s=self._ack_timeout_s,
            window=window,
        )
        made = Feed(terms, spool or MemorySpool(), self._waker, self._clock)
        with self._lock:
            self._attempts.append(_Attempt(made))
        self._waker.ring()
        return made

    def start(self) -> None:
        """Begin to look for the hub. Raises EnvironmentFault when an address cannot be one."""
        for address in filter(None, (self._ingest, self._location.hub)):
            try:
                self._connect(address).close()
            except (zmq.ZMQError, ValueError) as error:
                raise EnvironmentFault(
                    _("{address} is no address of a hub ({error}); write tcp://host:port.").format(
                        address=address, error=error
                    )
                ) from error
        self._thread.start()

    def close(self, drain_s: float = 0.0) -> bool:
        """End, after waiting up to `drain_s` for the hub to commit what it has not; False when some is left.

        The spools are the caller's to close.
        """
        feeds = [attempt.feed for attempt in self._attempts]
        deadline = self._clock.monotonic() + drain_s
        drained = all(feed.drained(max(0.0, deadline - self._clock.monotonic())) for feed in feeds)
        self._closing.set()
        self._waker.ring()
        if self._thread.ident is not None:
            self._thread.join()
        self._waker.close()
        self._context.term()
        return drained

    def status(self) -> list[FeedStatus]:
        """How each feed stands."""
        return [attempt.feed.status() for attempt in self._attempts]

    # ------------------------------------------------------------ the thread

    def _connect(self, endpoint: str) -> Connection:
        return Connection(self._context, endpoint, self._keys, self._hub_key)

    def _run(self) -> None:
        while not self._closing.is_set():
            self._turn(self._clock.monotonic())
            self._wait()
        for attempt in self._attempts:
            self._lose(attempt, self._clock.monotonic(), FeedState.CONNECTING)
        self._location.close()

    def _turn(self, now: float) -> None:
        with self._lock:
            attempts = list(self._attempts)
        wanting = [a for a in attempts if a.feed.connection is None and not a.feed.held]
        if self._place is None and wanting:
            self._place = self._location.step(now)
            if self._location.sentence:
                for attempt in wanting:
                    attempt.feed.disconnected(FeedState.REFUSED)
        for attempt in attempts:
            self._serve(attempt, now)

    def _serve(self, attempt: _Attempt, now: float) -> None:
        feed = attempt.feed
        if feed.held:
            if feed.connection is not None or attempt.opening is not None:
                self._lose(attempt, now, FeedState.HELD)
            feed.idle()
            return
        if feed.connection is None:
            self._open(attempt, now)
            return
        if not feed.receive(now) or feed.connection.watch() is not Stage.OPEN:
            self._lose(attempt, now, FeedState.CONNECTING)
        elif not feed.step(now):
            self._lose(attempt, now, FeedState.LATE, silence=True)

    def _open(self, attempt: _Attempt, now: float) -> None:
        if attempt.opening is None:
            if self._place is None or now < attempt.not_before:
                attempt.feed.idle()
                return
            attempt.opening = self._connect(self._place[0])
            attempt.since = now
        stage = attempt.opening.watch()
        if stage is Stage.OPEN:
            attempt.retry_s = _RETRY_S
            attempt.feed.connected(attempt.opening, self._place[1] if self._place else "")
            attempt.opening = None
            attempt.feed.step(now)
        elif stage is not Stage.OPENING or now - attempt.since >= self._ack_timeout_s:
            rejected = stage is Stage.REJECTED
            self._lose(attempt, now, FeedState.REFUSED if rejected else FeedState.CONNECTING)

    def _lose(self, attempt: _Attempt, now: float, state: FeedState, *, silence: bool = False) -> None:
        if attempt.opening is not None:
            attempt.opening.close()
            attempt.opening = None
        attempt.feed.disconnected(state, silence=silence)
        attempt.not_before = now + attempt.retry_s
        attempt.retry_s = min(_RETRY_MAX_S, attempt.retry_s * 2)
        if not self._ingest and state is not FeedState.HELD:
            # The hub may come back with another ingest port.
            self._place = None

    def _wait(self) -> None:
        poller = zmq.Poller()
        poller.register(self._waker.fileno(), zmq.POLLIN)
        connections = [self._location.connection]
        for attempt in self._attempts:
            connections += [attempt.opening, attempt.feed.connection]
        for connection in connections:
            if connection is not None:
                poller.register(connection.socket, zmq.POLLIN)
                poller.register(connection.monitor, zmq.POLLIN)
        if dict(poller.poll(_TURN_MS)).get(self._waker.fileno()):
            self._waker.hush()
