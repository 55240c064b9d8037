"""The request desk: answers what seats ask and carries out what officers command, once."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from controlroom.domain.events import Event
from controlroom.domain.times import to_ms
from controlroom.errors import StoreFault
from controlroom.hub.commands import carry_out
from controlroom.hub.core import Core
from controlroom.hub.past import (
    KeptAnswer,
    KeptQuestion,
    lines_before,
    lines_between,
    past_readings,
    readings_at,
    room_at,
)
from controlroom.hub.picture_claims import PictureClaims
from controlroom.hub.ptz_desk import PtzDesk
from controlroom.hub.refusal import Refuse
from controlroom.hub.source_watch import SourceWatch
from controlroom.store.journal import Journal
from controlroom.store.readings_store import ReadingsStore
from controlroom.store.salvage import is_damage
from controlroom.wire import codec
from controlroom.wire.messages import (
    VERSION,
    Answer,
    Command,
    Denied,
    Digest,
    DigestWanted,
    Done,
    Hello,
    Part,
    PastWanted,
    Refusal,
    ReplayWanted,
    Reply,
    Request,
    SnapshotWanted,
    Welcome,
)
from controlroom.wire.past import (
    HistoryState,
    HistoryStateWanted,
    HistoryWanted,
    ReadingsAtWanted,
    RoomAtWanted,
    Withdrawn,
)
from controlroom.wire.pictures import ClaimPictures
from controlroom.wire.ptz import PtzAdapterHere, PtzAnswer, PtzQuestion
from controlroom.wire.seats import (
    Present,
    Runs,
    RunsWanted,
    SeatLoad,
    SpanWanted,
)
from controlroom.wire.source_health import RefusedWanted, SourcesWanted, UnknownWanted

_log = logging.getLogger(__name__)

PART = 5000
"""Events in one part of a replay."""

PART_BYTES = 1_000_000
"""A part of a snapshot is sent when it is longer than this."""

REPLAY_MOST = 50_000
REPLAY_BYTES = 64_000_000
"""A seat that lacks more than this takes a new snapshot, which is shorter."""

_BESIDE = KeptQuestion | Withdrawn
"""What is handed back to whoever has the disk: the one thread of the sockets does not wait for it."""

_WAITING = (SnapshotWanted, DigestWanted, Command)
"""Questions whose answers tell of the room, which may be ahead of the store: they wait for its commit."""


@dataclass(slots=True)
class Handled:
    """What one request led to: frames to send back once `events` (folded already) and `answer` are committed.

    `at_once`: the frames tell of nothing that is not committed, so they need not wait for a store that is at fault.
    """

    replies: list[bytes] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    answer: tuple[str, int, bytes] | None = None
    command: Command | None = None
    at_once: bool = False
    past: tuple[int, KeptQuestion | Withdrawn] | None = None
    """A question about the past (and its id) that somebody else answers, with `past_reply`."""
    adapter: int | None = None
    """The id under which an adapter of steerable cameras wants its orders, with `ptz_reply`."""


class Desk:
    """Answers requests. One thread owns an instance; `journal` is its own reading connection.

    `damaged` is set once the store was found to be damaged.
    """

    def __init__(
        self,
        core: Core,
        journal: Journal,
        answers: dict[str, tuple[int, bytes]],
        welcome: Callable[[], Welcome],
        history: ReadingsStore | None,
        watch: SourceWatch | None = None,
    ) -> None:
        """Without `history` a question for it is handed back to whoever has the readings."""
        self._core = core
        self._journal = journal
        self._answers = answers
        self._welcome = welcome
        self._history = history
        self._watch = watch or SourceWatch(core)
        self.ptz = PtzDesk(core)
        self._claims = PictureClaims(core.room)
        self.refused = 0
        self.damaged = False

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
            if isinstance(request.body, Present):
                return self._present(request.id, request.body, now)
            if isinstance(request.body, PtzQuestion):
                return self._steered(request.id, request.body, now)
            if isinstance(request.body, _BESIDE) and self._history is None:
                return Handled(past=(request.id, request.body))
            if isinstance(request.body, Withdrawn):
                return Handled()  # what is in memory is answered at once
            replies = [self._reply(request.id, body) for body in self._answer(request, now)]
            return Handled(replies, at_once=not isinstance(request.body, _WAITING))
        except Refuse as refusal:
            denied = Denied(code=refusal.code, text=refusal.text)
        except StoreFault as fault:
            self.damaged |= is_damage(fault)
            _log.warning("the store cannot be read: %s", fault.sentence)
            denied = Denied(code=Refusal.STORE_UNAVAILABLE, text=fault.sentence)
        except Exception:  # noqa: BLE001  # a bug of ours: one that ended the thread would be met again at once
            _log.exception("a %s could not be answered", type(request.body).__name__)
            denied = Denied(code=Refusal.MALFORMED, text="the hub could not answer this")
        return Handled([self._reply(request.id, denied)])

    def past_reply(self, identity: int, answer: KeptAnswer | Denied) -> bytes:
        """The answer to a question about the past."""
        return self._reply(identity, answer)

    def ptz_reply(self, identity: int, answer: PtzAnswer) -> bytes:
        """Orders for an adapter of steerable cameras."""
        return self._reply(identity, answer)

    def forget_answers(self, before_ms: int) -> bool:
        """Drop the answers of commands given before then; False when there are none."""
        gone = []
        for identity, (at_ms, _answer) in self._answers.items():
            if at_ms >= before_ms:
                break  # they stand in the order in which they were given
            gone.append(identity)
        for identity in gone:
            del self._answers[identity]
        return bool(gone)

    def _admit(self, request: Request) -> None:
        if request.v > VERSION:
            raise Refuse(Refusal.NEWER_VERSION, f"request of version {request.v}, this hub knows {VERSION}")
        if request.realm != self._core.realm and not isinstance(request.body, Hello):
            raise Refuse(Refusal.WRONG_REALM, f"this hub serves {self._core.realm}, not {request.realm}")

    def _answer(self, request: Request, now: datetime) -> Iterable[Answer]:
        match request.body:
            case Hello():
                return [self._welcome()]
            case SnapshotWanted():
                return self._snapshot()
            case ReplayWanted(first=first, last=last):
                return self._replay(first, last)
            case HistoryWanted() if self._history is not None:
                return [past_readings(self._history, request.body, to_ms(now))]
            case ReadingsAtWanted() if self._history is not None:
                return [readings_at(self._history, request.body)]
            case RoomAtWanted(at_ms=at_ms):
                return [room_at(self._journal, at_ms)]
            case HistoryStateWanted():
                return [HistoryState(size=0, max_bytes=0, kept=())]
            case PastWanted():
                return [lines_before(self._journal, request.body)]
            case SourcesWanted():
                return [self._watch.now(now)]
            case UnknownWanted():
                return [self._watch.unknown.listed()]
            case RefusedWanted(source=source):
                return [self._watch.refused_of(source)]
            case SpanWanted():
                return [lines_between(self._journal, request.body)]
            case RunsWanted():
                return [Runs(runs=tuple(self._journal.runs()))]
            case ClaimPictures():
                return [self._claims.claim(request.body, now)]
            case DigestWanted():
                return [Digest(sequence=self._core.room.sequence, digest=self._core.room.digest())]
        raise Refuse(Refusal.MALFORMED, "this is no question")

    def _command(self, identity: int, command: Command, now: datetime) -> Handled:
        given = self._answers.get(command.id)
        if given is not None:
            return Handled([codec.encode(Reply(id=identity, body=msgspec.Raw(given[1]), realm=self._core.realm))])  # type: ignore[arg-type]  # the answer as it was encoded the first time
        # A refusal (raised here) changes nothing, so it is answered again from the state of that time.
        core = self._core
        figures = core.seat_figures, core.ptz.figures, core.pictures
        outcome = carry_out(core.room, command, now, core.drilling, core.policy, *figures)
        events = self._core.fold(outcome.events)
        answer = Done(sequence=self._core.room.sequence, created=outcome.created)
        encoded = codec.encode(answer)
        self._answers[command.id] = to_ms(now), encoded
        return Handled([self._reply(identity, answer)], events, (command.id, to_ms(now), encoded), command)

    def _snapshot(self) -> Iterator[Part]:
        sequence, part, size, number = self._core.room.sequence, list[msgspec.Raw](), 0, 0
        for event in self._core.room.snapshot():
            encoded = codec.encode(event)
            part.append(msgspec.Raw(encoded))
            size += len(encoded)
            if size > PART_BYTES:
                yield Part(sequence=sequence, events=tuple(part), last=False, number=number)
                part, size, number = [], 0, number + 1
        yield Part(sequence=sequence, events=tuple(part), last=True, number=number)

    def _replay(self, first: int, last: int) -> Iterator[Part]:
        last = min(last, self._journal.last_sequence())
        if not 0 < first <= last:
            raise Refuse(Refusal.HISTORY_GONE, f"there is nothing from {first} to {last}")
        if last - first >= REPLAY_MOST:
            raise Refuse(Refusal.HISTORY_GONE, f"{last - first + 1} events are too many, take a snapshot")
        return self._replayed(first, last)

    def _replayed(self, first: int, last: int) -> Iterator[Part]:
        part, size, total, expected = list[msgspec.Raw](), 0, 0, first
        for line in self._journal.read(first, last):
            if line.sequence != expected:
                break
            expected += 1
            part.append(msgspec.Raw(line.body))
            size += len(line.body)
            if line.sequence < last and (len(part) == PART or size > PART_BYTES):
                yield Part(sequence=line.sequence, events=tuple(part), last=False)
                part, size, total = [], 0, total + size
                if total > REPLAY_BYTES:
                    raise Refuse(Refusal.HISTORY_GONE, f"{first} to {last} are too long, take a snapshot")
        if expected != last + 1:
            raise Refuse(Refusal.HISTORY_GONE, f"event {expected} is not in the journal")
        yield Part(sequence=last, events=tuple(part), last=True)

    def _present(self, identity: int, present: Present, now: datetime) -> Handled:
        """A seat lives: told to the others where it is new, answered with what it has to bear."""
        core = self._core
        events = core.fold(core.seats.present(present.seat, present.officer, present.view, now))
        count = 0 if core.load is None else core.load.count(present.seat)
        load = SeatLoad(count=count, window_s=core.window_s, at=now)
        return Handled([self._reply(identity, load)], events, at_once=not events)

    def _steered(self, identity: int, asked: PtzQuestion, now: datetime) -> Handled:
        """A movement is passed on at once: a hand on a key does not wait for a store."""
        answer, events = self.ptz.answer(asked, now)
        adapter = identity if isinstance(asked, PtzAdapterHere) else None
        return Handled([self._reply(identity, answer)], events, at_once=True, adapter=adapter)

    def _reply(self, identity: int, body: Answer) -> bytes:
        return codec.encode(Reply(id=identity, body=body, realm=self._core.realm))


def _number(frame: bytes) -> int:
    """The id of a malformed request, so that its sender learns which one was refused."""
    try:
        loose = codec.loose(frame)
    except codec.MALFORMED:
        return 0
    identity = loose.get("id") if isinstance(loose, dict) else None
    return identity if type(identity) is int and abs(identity) < 2**63 else 0  # True is an int, but no id
