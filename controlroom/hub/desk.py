"""The request desk: answers what seats ask and carries out what officers command, once."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from controlroom.domain.events import Event
from controlroom.domain.times import to_ms
from controlroom.hub.commands import carry_out
from controlroom.hub.core import Core
from controlroom.hub.refusal import Refuse
from controlroom.store.journal import Journal
from controlroom.wire import codec
from controlroom.wire.frames import Readings
from controlroom.wire.messages import (
    VERSION,
    Answer,
    Command,
    Denied,
    Digest,
    DigestWanted,
    Done,
    Hello,
    HistoryColumns,
    HistoryWanted,
    Part,
    Past,
    PastWanted,
    Refusal,
    ReplayWanted,
    Reply,
    Request,
    SnapshotWanted,
    Welcome,
)

_log = logging.getLogger(__name__)

PART = 5000
"""Events in one part of a replay."""

PART_BYTES = 1_000_000
"""A part of a snapshot is sent when it is longer than this."""

REPLAY_MOST = 50_000
"""A seat that lacks more than this takes a new snapshot, which is shorter."""


@dataclass(slots=True)
class Handled:
    """What one request led to: frames to send back once `events` (folded already) and `answer` are committed."""

    replies: list[bytes] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    answer: tuple[str, int, bytes] | None = None
    command: Command | None = None


class Desk:
    """Answers requests. One thread owns an instance; `journal` is its own reading connection."""

    def __init__(
        self,
        core: Core,
        journal: Journal,
        answers: dict[str, bytes],
        welcome: Callable[[], Welcome],
        history: Callable[[list[int], int], Readings],
    ) -> None:
        self._core = core
        self._journal = journal
        self._answers = answers
        self._welcome = welcome
        self._history = history
        self.refused = 0

    def handle(self, frame: bytes, now: datetime) -> Handled:
        """Everything one request leads to; never raises for what is in the frame."""
        try:
            request = codec.request(frame)
        except codec.MALFORMED as error:
            self.refused += 1
            return Handled([self._reply(_number(frame), Denied(code=Refusal.MALFORMED, text=str(error)))])
        try:
            self._admit(request)
            if isinstance(request.body, Command):
                return self._command(request.id, request.body, now)
            return Handled([self._reply(request.id, body) for body in self._answer(request)])
        except Refuse as refusal:
            return Handled([self._reply(request.id, Denied(code=refusal.code, text=refusal.text))])

    def _admit(self, request: Request) -> None:
        if request.v > VERSION:
            raise Refuse(Refusal.NEWER_VERSION, f"request of version {request.v}, this hub knows {VERSION}")
        if request.realm != self._core.realm and not isinstance(request.body, Hello):
            raise Refuse(Refusal.WRONG_REALM, f"this hub serves {self._core.realm}, not {request.realm}")

    def _answer(self, request: Request) -> Iterable[Answer]:
        match request.body:
            case Hello():
                return [self._welcome()]
            case SnapshotWanted():
                return self._snapshot()
            case ReplayWanted(first=first, last=last):
                return self._replay(first, last)
            case HistoryWanted(sensors=sensors, since_ms=since_ms):
                return [self._columns(self._history(sensors, since_ms))]
            case PastWanted():
                return [self._past(request.body)]
            case DigestWanted():
                return [Digest(sequence=self._core.room.sequence, digest=self._core.room.digest())]
        raise Refuse(Refusal.MALFORMED, "this is no question")

    def _command(self, identity: int, command: Command, now: datetime) -> Handled:
        given = self._answers.get(command.id)
        if given is not None:
            return Handled([codec.encode(Reply(id=identity, body=msgspec.Raw(given), realm=self._core.realm))])  # type: ignore[arg-type]  # the answer as it was encoded the first time
        try:
            outcome = carry_out(self._core.room, command, now, self._core.drilling)
        except Refuse as refusal:
            # A refusal changes nothing, so it is answered again from the state of that time.
            return Handled([self._reply(identity, Denied(code=refusal.code, text=refusal.text))])
        events = self._core.fold(outcome.events)
        answer = Done(sequence=self._core.room.sequence, created=outcome.created)
        encoded = codec.encode(answer)
        self._answers[command.id] = encoded
        return Handled([self._reply(identity, answer)], events, (command.id, to_ms(now), encoded), command)

    def _snapshot(self) -> Iterator[Part]:
        sequence, part, size = self._core.room.sequence, list[msgspec.Raw](), 0
        for event in self._core.room.snapshot():
            encoded = codec.encode(event)
            part.append(msgspec.Raw(encoded))
            size += len(encoded)
            if size > PART_BYTES:
                yield Part(sequence=sequence, events=tuple(part), last=False)
                part, size = [], 0
        yield Part(sequence=sequence, events=tuple(part), last=True)

    def _replay(self, first: int, last: int) -> Iterator[Part]:
        last = min(last, self._journal.last_sequence())
        if not 0 < first <= last:
            raise Refuse(Refusal.HISTORY_GONE, f"there is nothing from {first} to {last}")
        if last - first >= REPLAY_MOST:
            raise Refuse(Refusal.HISTORY_GONE, f"{last - first + 1} events are too many, take a snapshot")
        return self._replayed(first, last)

    def _replayed(self, first: int, last: int) -> Iterator[Part]:
        for start in range(first, last + 1, PART):
            end = min(start + PART - 1, last)
            events = tuple(msgspec.Raw(line.body) for line in self._journal.read(start, end))
            yield Part(sequence=end, events=events, last=end == last)

    def _past(self, wanted: PastWanted) -> Past:
        lines = self._journal.past(wanted.kind, wanted.subject, wanted.before, wanted.limit)
        return Past(
            sequences=tuple(line.sequence for line in lines),
            times=tuple(line.at_ms for line in lines),
            events=tuple(msgspec.Raw(line.body) for line in lines),
        )

    def _columns(self, readings: Readings) -> HistoryColumns:
        return HistoryColumns(
            index=readings.index.astype("<u4").tobytes(),
            value=readings.value.astype("<f4").tobytes(),
            time=readings.time.astype("<i8").tobytes(),
            quality=readings.quality.astype("u1").tobytes(),
        )

    def _reply(self, identity: int, body: Answer) -> bytes:
        return codec.encode(Reply(id=identity, body=body, realm=self._core.realm))


def _number(frame: bytes) -> int:
    """The id of a malformed request, so that its sender learns which one was refused."""
    try:
        loose = codec.loose(frame)
    except codec.MALFORMED:
        return 0
    identity = loose.get("id") if isinstance(loose, dict) else None
    return identity if isinstance(identity, int) and abs(identity) < 2**63 else 0
