"""The hub's one I/O thread: owns every socket, always drains, publishes and acknowledges only what is committed.

A turn: answer the key gate, drain ingest, drain requests, hand the turn's changes to the store's writer, then send
whatever became durable meanwhile. Telemetry goes out at once, on a socket of its own. While the store cannot be
written the turn goes on: heartbeats say so, what came waits in the writer's queue, nothing is acknowledged.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

import zmq

import resources
from controlroom import __version__
from controlroom.clock import Clock, PlaybackClock
from controlroom.domain.events import DrillChanged, Event, SensorsDeclared
from controlroom.domain.kinds import decode_kinds
from controlroom.domain.readings import Latest
from controlroom.domain.times import to_ms
from controlroom.errors import EnvironmentFault
from controlroom.hub.core import Core
from controlroom.hub.desk import Desk
from controlroom.hub.door import Door
from controlroom.hub.limits_watch import LimitsWatch
from controlroom.hub.opening import checkpoint, line_of, restored
from controlroom.hub.readings_history import RecentReadings
from controlroom.i18n import _
from controlroom.store.journal import Batch
from controlroom.store.writer import Writer
from controlroom.wire import codec, frames, sockets
from controlroom.wire.frames import Kind, Readings
from controlroom.wire.keys import Gate, KeyPair, allowed, load
from controlroom.wire.messages import LIVE, Command, Handover, Heartbeat, Record, Welcome
from controlroom.wire.sockets import DEFAULT_PORTS, Ports

_log = logging.getLogger(__name__)

HEARTBEAT_S = 0.25
LOOK_S = 1.0
TURN_S = 0.1
"""One socket may take this much of a turn, so that the heartbeat is never late, whatever is declared."""

DRAIN = 1000
"""Frames taken from one socket in one turn, so that the others get theirs."""

CHECKPOINT_EVERY = 50_000
"""Events between two saved states; a restart folds at most so many."""

BACKLOG_MOST = 20_000
"""Handovers waiting for the store at the most; more stay in the sources, which keep what is not acknowledged."""


Envelope = list[bytes]
"""Whom to answer: the peer, and the empty frame that a REQ socket puts behind it."""


class Recorder(Protocol):
    """What keeps a recording of all that passes; it must not block."""

    def opened(self, at_ms: int, sequence: int, state: Sequence[Event]) -> None:
        """The hub starts with this state. May raise EnvironmentFault."""

    def event(self, at_ms: int, sequence: int, event: Event) -> None:
        """The hub folded this event."""

    def handover(self, at_ms: int, handover: Handover, records: list[Record]) -> None:
        """A source handed these records in and they were taken."""

    def command(self, at_ms: int, command: Command) -> None:
        """An officer's command was carried out."""

    def close(self) -> None:
        """The hub ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubOptions:
    """How a hub is run. `keys` is a folder as `wire.keys` describes it, needed to listen beyond this machine."""

    store: Path
    host: str = "127.0.0.1"
    ports: Ports = DEFAULT_PORTS
    realm: str = LIVE
    keys: Path | None = None
    insecure: bool = False


@dataclass(slots=True)
class _Ticket:
    """What is sent once its batch is durable."""

    frames: list[bytes] = field(default_factory=list)
    acknowledgements: list[tuple[list[bytes], bytes]] = field(default_factory=list)
    replies: list[tuple[list[bytes], list[bytes]]] = field(default_factory=list)


class Hub:
    """A running hub. `start` raises StoreFault or EnvironmentFault; `close` ends its threads."""

    def __init__(self, options: HubOptions, clock: Clock, recorder: Recorder | None = None) -> None:
        self._options = options
        self._clock = clock
        self._recorder = recorder
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hub-io")
        self.ports = options.ports

    def start(self) -> None:
        """Open the store, bind the sockets, start the threads."""
        options = self._options
        keys = self._keys()
        self._journal, room = restored(options.store)
        self._saved_at = room.sequence
        self._core = Core(options.realm, room)
        self._door = Door(self._core, self._journal.cursors())
        self._latest = Latest()
        self._history = RecentReadings()
        self._limits = LimitsWatch(
            self._core, self._latest, decode_kinds(resources.path("data", "sensor_kinds.toml").read_bytes())
        )
        self._desk = Desk(self._core, self._journal, self._journal.answers(), self._welcome, self._history.read)
        if isinstance(self._clock, PlaybackClock) and room.drill is not None:
            self._clock.follow(room.drill)
        self._context = sockets.Context()
        try:
            self._bind(keys)
        except BaseException:
            self._context.destroy(linger=0)
            self._journal.close()
            raise
        self._waker = sockets.Waker()
        self._writer: Writer[_Ticket] = Writer(options.store, self._waker.ring)
        self._batch, self._ticket = Batch(), _Ticket()
        self._telemetry_sequence = 0
        self._published = room.sequence
        if self._recorder is not None:
            self._recorder.opened(to_ms(self._clock.now()), room.sequence, list(room.snapshot()))
        self._writer.start()
        self._thread.start()

    def close(self) -> None:
        """Commit what came, save the state, end the threads. May be called once."""
        self._closing.set()
        self._waker.ring()
        if self._thread.ident is not None:
            self._thread.join()
        self._waker.close()
        if self._recorder is not None:
            self._recorder.close()

    @property
    def failed(self) -> bool:
        """Whether the I/O thread ended without being asked to."""
        return not self._closing.is_set() and not self._thread.is_alive()

    def _keys(self) -> KeyPair | None:
        options = self._options
        if options.keys is not None:
            return load(options.keys / "hub.key_secret")
        if options.host not in ("127.0.0.1", "localhost", "::1") and not options.insecure:
            raise EnvironmentFault(
                _(
                    "The hub does not listen on {host} without keys; make them with “controlroom keys” "
                    "or say --insecure."
                ).format(host=options.host)
            )
        return None

    def _bind(self, keys: KeyPair | None) -> None:
        host, ports = self._options.host, self._options.ports
        self._gate = Gate(self._context, allowed(self._options.keys)) if self._options.keys else None
        self._requests = sockets.server(self._context, zmq.ROUTER, keys)
        self._ingest = sockets.server(self._context, zmq.ROUTER, keys)
        self._events = sockets.server(self._context, zmq.PUB, keys)
        self._telemetry = sockets.server(self._context, zmq.PUB, keys)
        self._events.setsockopt(zmq.SNDHWM, 100_000)
        self._telemetry.setsockopt(zmq.SNDHWM, 1000)
        try:
            self.ports = Ports(
                sockets.bind(self._requests, host, ports.requests),
                sockets.bind(self._events, host, ports.events),
                sockets.bind(self._telemetry, host, ports.telemetry),
                sockets.bind(self._ingest, host, ports.ingest),
            )
        except zmq.ZMQError as error:
            raise EnvironmentFault(
                _("The hub cannot listen on {host}, ports {ports}: {error}. Name other ports with --port.").format(
                    host=host, ports=", ".join(map(str, ports)), error=error
                )
            ) from error

    def _welcome(self) -> Welcome:
        return Welcome(
            realm=self._options.realm,
            epoch=self._journal.epoch.hex(),
            sequence=self._core.room.sequence,
            events_port=self.ports.events,
            telemetry_port=self.ports.telemetry,
            ingest_port=self.ports.ingest,
            version=__version__,
            insecure=self._insecure,
        )

    @property
    def _insecure(self) -> bool:
        return self._options.insecure and self._options.keys is None

    # ------------------------------------------------------------ the thread

    def _run(self) -> None:
        poller = zmq.Poller()
        for socket in (self._requests, self._ingest):
            poller.register(socket, zmq.POLLIN)
        poller.register(self._waker.fileno(), zmq.POLLIN)
        if self._gate is not None:
            poller.register(self._gate.socket, zmq.POLLIN)
        next_beat = next_look = self._clock.monotonic()
        try:
            while not self._closing.is_set():
                now = self._clock.monotonic()
                ready = dict(poller.poll(max(0, round(1000 * (min(next_beat, next_look) - now)))))
                self._turn(ready)
                now = self._clock.monotonic()
                if now >= next_look:
                    self._look()
                    next_look = now + LOOK_S
                self._submit()
                self._send_committed()
                if now >= next_beat:
                    self._beat()
                    next_beat = now + HEARTBEAT_S
        finally:
            self._end()

    def _turn(self, ready: dict[object, int]) -> None:
        if self._waker.fileno() in ready:
            self._waker.hush()
        if self._gate is not None and self._gate.socket in ready:
            self._gate.answer()
        if self._ingest in ready and self._writer.waiting < BACKLOG_MOST:
            for envelope, frame in self._drained(self._ingest):
                self._take(envelope, frame)
        if self._requests in ready:
            for envelope, frame in self._drained(self._requests):
                self._handle(envelope, frame)

    def _drained(self, socket: sockets.Socket) -> Iterator[tuple[Envelope, bytes]]:
        """What waits in a ROUTER socket, as (envelope, frame), for no longer than one turn may take."""
        until = self._clock.monotonic() + TURN_S
        for _number in range(DRAIN):
            try:
                parts = socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            yield parts[:-1], parts[-1]
            if self._clock.monotonic() > until:
                return

    def _take(self, envelope: list[bytes], frame: bytes) -> None:
        now = self._clock.now()
        taken = self._door.take(frame, now)
        self._stage(taken.events, now)
        if taken.cursor is not None:
            key, number = taken.cursor
            self._batch.cursors[key] = number
        for readings in taken.readings:
            self._tell_readings(readings, now)
        for positions in taken.positions:
            self._publish_telemetry(Kind.POSITIONS, frames.encode_positions(positions), now)
        encoder = codec.encode_json if taken.json else codec.encode
        self._ticket.acknowledgements.append((envelope, encoder(taken.acknowledgement)))
        if self._recorder is not None and taken.handover is not None and taken.records:
            self._recorder.handover(to_ms(now), taken.handover, taken.records)

    def _stage(self, events: Sequence[Event], now: datetime) -> None:
        """Queue events, folded already and the newest of all, for the commit and for telling the seats."""
        first = self._core.room.sequence - len(events) + 1
        at_ms = to_ms(now)
        for sequence, event in enumerate(events, first):
            body = codec.encode(event)
            line = line_of(sequence, at_ms, event, body)
            self._batch.lines.append(line)
            if isinstance(event, SensorsDeclared):
                self._limits.declare(event.sensors)
            elif isinstance(event, DrillChanged) and isinstance(self._clock, PlaybackClock):
                self._clock.follow(event.drill)
            if self._recorder is not None:
                self._recorder.event(at_ms, sequence, event)
            self._ticket.frames.append(self._frame(Kind.EVENT, line.kind, sequence, at_ms, body))

    def _handle(self, envelope: list[bytes], frame: bytes) -> None:
        now = self._clock.now()
        handled = self._desk.handle(frame, now)
        self._stage(handled.events, now)
        if handled.answer is not None:
            self._batch.answers.append(handled.answer)
        self._ticket.replies.append((envelope, handled.replies))
        if self._recorder is not None and handled.command is not None:
            self._recorder.command(to_ms(now), handled.command)

    def _tell_readings(self, readings: Readings, now: datetime) -> None:
        self._latest.apply(readings.index, readings.value, readings.time, readings.quality, to_ms(now))
        self._history.append(readings)
        self._publish_telemetry(Kind.READINGS, frames.encode_readings(readings), now)
        self._limits.touched = True

    def _publish_telemetry(self, kind: Kind, body: bytes, now: datetime) -> None:
        self._telemetry_sequence += 1
        self._telemetry.send(self._frame(kind, "tele", self._telemetry_sequence, to_ms(now), body), zmq.NOBLOCK)

    def _look(self) -> None:
        now = self._clock.now()
        self._stage(self._door.look(now), now)
        sequence = self._core.room.sequence
        if sequence - self._saved_at >= CHECKPOINT_EVERY:
            self._batch.checkpoint = checkpoint(self._core.room)
            self._saved_at = sequence

    def _submit(self) -> None:
        """Hand the turn's changes to the writer; a turn that changed nothing waits behind those that did."""
        now = self._clock.now()
        if self._limits.touched:
            self._stage(self._limits.judge(now), now)
        ticket = self._ticket
        if not (ticket.frames or ticket.acknowledgements or ticket.replies or not self._batch.empty):
            return
        if self._batch.empty and self._writer.waiting == 0:
            self._send_committed()
            self._send(ticket)
        else:
            self._writer.submit(self._batch, ticket)
        self._batch, self._ticket = Batch(), _Ticket()

    def _send_committed(self) -> None:
        for ticket in self._writer.take_committed():
            self._send(ticket)

    def _send(self, ticket: _Ticket) -> None:
        for frame in ticket.frames:
            self._events.send(frame, zmq.NOBLOCK)
        if ticket.frames:
            self._published = frames.unpack(ticket.frames[-1])[0].sequence
        for envelope, acknowledgement in ticket.acknowledgements:
            _reply(self._ingest, envelope, acknowledgement)
        for envelope, replies in ticket.replies:
            for reply in replies:
                _reply(self._requests, envelope, reply)

    def _beat(self) -> None:
        beat = Heartbeat(
            store=self._writer.condition, refused=self._door.refused + self._desk.refused, insecure=self._insecure
        )
        at_ms = to_ms(self._clock.now())
        self._events.send(self._frame(Kind.HEARTBEAT, "beat", self._published, at_ms, codec.encode(beat)), zmq.NOBLOCK)

    def _frame(self, kind: Kind, topic: str, sequence: int, at_ms: int, body: bytes) -> bytes:
        return frames.pack(kind, topic[:6], self._journal.epoch, sequence, at_ms, self._options.realm, body)

    def _end(self) -> None:
        self._batch.checkpoint = checkpoint(self._core.room)
        self._writer.submit(self._batch, self._ticket)
        self._writer.close()
        self._send_committed()
        self._journal.close()
        self._context.destroy(linger=200)


def _reply(socket: sockets.Socket, envelope: Envelope, frame: bytes) -> None:
    """Send to a peer; one that is gone or full is passed over, it will ask again."""
    try:
        socket.send_multipart([*envelope, frame], zmq.NOBLOCK)
    except zmq.ZMQError as error:
        _log.debug("a peer is gone: %s", error)
