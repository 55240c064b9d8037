"""What a hub tells: events, acknowledgements and answers once they are durable; telemetry and heartbeats at once."""

import logging
from dataclasses import dataclass, field
from pathlib import Path

import zmq

from controlroom.domain.events import Event
from controlroom.hub.listening import Listening
from controlroom.hub.opening import line_of
from controlroom.store.journal import Batch
from controlroom.store.writer import Writer
from controlroom.wire import codec, frames, sockets
from controlroom.wire.frames import Kind
from controlroom.wire.messages import Heartbeat

_log = logging.getLogger(__name__)

OWED_MOST = 20_000
OWED_BYTES = 256 * 1024 * 1024
"""Handovers waiting for the store at the most; more stay in the sources, which keep what is not acknowledged."""

Envelope = list[bytes]
"""Whom to answer: the peer, and the empty frame that a REQ socket puts behind it."""


@dataclass(slots=True)
class _Ticket:
    """What is sent once its batch is durable."""

    frames: list[bytes] = field(default_factory=list)
    acknowledgements: list[tuple[Envelope, bytes]] = field(default_factory=list)
    replies: list[tuple[Envelope, list[bytes]]] = field(default_factory=list)
    weight: int = 0


class Telling:
    """Gathers what a turn of the hub leads to, hands it to the store's writer and sends what was committed.

    One thread owns an instance. `batch` is what the next commit will hold; `published` is the sequence of the newest
    event that the seats were told.
    """

    def __init__(self, listening: Listening, store: Path, waker: sockets.Waker, epoch: bytes, realm: str) -> None:
        self._listening = listening
        self._writer = Writer[_Ticket](store, waker.ring)
        self._epoch = epoch
        self._realm = realm
        self._ticket = _Ticket()
        self._owed = self._owed_bytes = 0
        self._telemetry_sequence = 0
        self.batch = Batch()
        self.published = 0

    def start(self, published: int) -> None:
        """Start the writer's thread; the seats may have been told everything up to `published`."""
        self.published = published
        self._writer.start()

    def close(self, *, submit: bool) -> None:
        """Commit (what was gathered since the last turn only with `submit`), send it and end the writer."""
        if submit:
            self._writer.submit(self.batch, self._ticket)
        self._writer.close()
        self.send_committed()

    @property
    def alive(self) -> bool:
        """Whether the writer's thread runs."""
        return self._writer.alive

    @property
    def condition(self) -> str:
        """ok, or what keeps the store from being written."""
        return self._writer.condition

    @property
    def owes_too_much(self) -> bool:
        """Whether so much waits for the store that nothing more may be taken from the sources."""
        return self._owed >= OWED_MOST or self._owed_bytes >= OWED_BYTES

    # ------------------------------------------------------------ once it is durable

    def event(self, sequence: int, at_ms: int, event: Event) -> None:
        """An event for the journal and the seats."""
        body = codec.encode(event)
        line = line_of(sequence, at_ms, event, body)
        self.batch.lines.append(line)
        self._ticket.frames.append(self._frame(Kind.EVENT, line.kind, sequence, at_ms, body))

    def acknowledge(self, envelope: Envelope, acknowledgement: bytes, weight: int) -> None:
        """The answer to a handover of `weight` bytes."""
        self._ticket.acknowledgements.append((envelope, acknowledgement))
        self._ticket.weight += weight
        self._owed += 1
        self._owed_bytes += weight

    def reply(self, envelope: Envelope, replies: list[bytes]) -> None:
        """The answer to a request that changed something or tells of what is not committed yet."""
        self._ticket.replies.append((envelope, replies))

    def submit(self) -> None:
        """Hand the turn's changes to the writer; a turn that changed nothing waits behind those that did."""
        ticket = self._ticket
        if not (ticket.frames or ticket.acknowledgements or ticket.replies or not self.batch.empty):
            return
        if self.batch.empty and self._writer.waiting == 0:
            self.send_committed()
            self._send(ticket)
        else:
            self._writer.submit(self.batch, ticket)
        self.batch, self._ticket = Batch(), _Ticket()

    def send_committed(self) -> None:
        """Send what became durable since the last call."""
        for ticket in self._writer.take_committed():
            self._send(ticket)

    def _send(self, ticket: _Ticket) -> None:
        for frame in ticket.frames:
            self._listening.events.send(frame, zmq.NOBLOCK)
        if ticket.frames:
            self.published = frames.unpack(ticket.frames[-1])[0].sequence
        for envelope, acknowledgement in ticket.acknowledgements:
            _reply(self._listening.ingest, envelope, acknowledgement)
        self._owed -= len(ticket.acknowledgements)
        self._owed_bytes -= ticket.weight
        for envelope, replies in ticket.replies:
            self.answer(envelope, replies)

    # ------------------------------------------------------------ at once

    def answer(self, envelope: Envelope, replies: list[bytes]) -> None:
        """The answer to a request that tells of nothing uncommitted."""
        for reply in replies:
            _reply(self._listening.requests, envelope, reply)

    def telemetry(self, kind: Kind, at_ms: int, body: bytes) -> None:
        """Readings or positions."""
        self._telemetry_sequence += 1
        self._listening.telemetry.send(self._frame(kind, "tele", self._telemetry_sequence, at_ms, body), zmq.NOBLOCK)

    def beat(self, at_ms: int, beat: Heartbeat) -> None:
        """A heartbeat, with the number of the newest event that was told."""
        frame = self._frame(Kind.HEARTBEAT, "beat", self.published, at_ms, codec.encode(beat))
        self._listening.events.send(frame, zmq.NOBLOCK)

    def _frame(self, kind: Kind, topic: str, sequence: int, at_ms: int, body: bytes) -> bytes:
        return frames.pack(kind, topic[:6], self._epoch, sequence, at_ms, self._realm, body)


def _reply(socket: sockets.Socket, envelope: Envelope, frame: bytes) -> None:
    """Send to a peer; one that is gone or full is passed over, it will ask again."""
    try:
        socket.send_multipart([*envelope, frame], zmq.NOBLOCK)
    except zmq.ZMQError as error:
        _log.debug("a peer is gone: %s", error)
