"""The hub's history thread: keeps what the I/O thread hands over on the disk and answers questions for it.

The I/O thread never waits for it. Readings queue up to a bound, beyond which they are dropped and counted; questions
are answered after everything that was handed over before them, so an answer has no seam with the live readings.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from controlroom.clock import Clock
from controlroom.domain.past_readings import Span
from controlroom.domain.times import to_ms
from controlroom.errors import StoreFault
from controlroom.hub.past import (
    KeptAnswer,
    KeptQuestion,
    lines_before,
    lines_between,
    past_readings,
    readings_at,
    room_at,
)
from controlroom.store.history import History
from controlroom.store.history_block import joined
from controlroom.store.history_day import KINDS
from controlroom.store.history_shelf import Bounds, held_in
from controlroom.store.journal import Journal, damaged
from controlroom.store.readings_store import Forsaken, Look
from controlroom.store.salvage import is_damage
from controlroom.wire import codec
from controlroom.wire.frames import Readings
from controlroom.wire.messages import Denied, PastWanted, Refusal
from controlroom.wire.past import (
    HistoryState,
    HistoryStateWanted,
    HistoryWanted,
    KeptAt,
    ReadingsAtWanted,
    RoomAtWanted,
)
from controlroom.wire.seats import SpanWanted

_log = logging.getLogger(__name__)

Ticket = TypeVar("Ticket", bound=Hashable)

WAITING_MOST = 1_000_000
"""Readings handed over and not taken yet at the most, 17 MB."""

SPARE_BYTES = 128 * 1024**2
"""What a hub leaves to its journal: some weeks of alarms."""

QUESTIONS_MOST = 256
_GONE = Denied(code=Refusal.HISTORY_GONE, text="nobody waits for this")

_SYNC_S = 1.0
_TELL_S = 60.0
_RUNS_S = 60.0


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where the history lies, and its bounds."""

    folder: Path
    bounds: Bounds
    spare_bytes: int = 0
    """Room on the disk that readings leave to the journal: alarms go on where readings have to stop."""


@dataclass(frozen=True, slots=True)
class _Question(Generic[Ticket]):
    body: KeptQuestion
    ticket: Ticket


class Archive(Generic[Ticket]):
    """The thread and its queues. `keep`, `ask`, `take_answers` and the properties are for one other thread.

    `woken` is called by the archive's thread when there are answers and must only wake that other thread.
    """

    def __init__(self, keeping: Keeping, clock: Clock, woken: Callable[[], None], journal: Path | None = None) -> None:
        """`journal` is the file that questions for events and for how the room stood are answered from."""
        self._keeping = keeping
        self._journal_file = journal
        self._journal: Journal | None = None
        self._clock = clock
        self._woken = woken
        self._queue: deque[Readings | _Question[Ticket]] = deque()
        self._answers: deque[tuple[Ticket, KeptAnswer | Denied]] = deque()
        self._handed = self._taken = self._kept = 0
        self._asked: set[Ticket] = set()
        self._forsaken: set[Ticket] = set()
        self._dropped = self._told_dropped = 0
        self._history: History | None = None
        self._known_runs: tuple[Span, ...] = ()
        self._runs_read_s: float | None = None
        self._begun_ms = to_ms(clock.now())
        self._found_damage = self._met_damage = False
        self._bell = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hub-history")

    @property
    def condition(self) -> str:
        """ok, or what keeps the readings from the disk, in the words of the store."""
        history = self._history
        return "ok" if history is None else history.condition

    @property
    def dropped(self) -> int:
        """How many readings were not kept."""
        history = self._history
        return self._dropped + (0 if history is None else history.dropped)

    @property
    def handed(self) -> int:
        """How many readings were handed over."""
        return self._handed

    @property
    def kept(self) -> int:
        """How many of these are in the log; while the disk does not take them, in memory, and `condition` says so."""
        return self._kept if self._thread.is_alive() else self._handed

    @property
    def damaged(self) -> int:
        """How many parts of the history were found damaged and passed over."""
        history = self._history
        return 0 if history is None else history.damaged

    @property
    def met_damage(self) -> bool:
        """Whether the journal was found damaged while a question was answered from it."""
        return self._met_damage

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def keep(self, readings: Readings) -> None:
        """Hand readings over; they are not copied and must not change any more."""
        if self._handed - self._taken + len(readings.index) > WAITING_MOST:
            self._dropped += len(readings.index)
            return
        self._handed += len(readings.index)
        self._queue.append(readings)
        self._bell.set()

    def ask(self, question: KeptQuestion, ticket: Ticket) -> bool:
        """Ask about the past; False when it cannot be answered now.

        A ticket whose question is not answered yet is not asked a second time.
        """
        if ticket in self._asked:
            return True
        if len(self._asked) >= QUESTIONS_MOST or not self._thread.is_alive():
            return False
        self._asked.add(ticket)
        self._queue.append(_Question(question, ticket))
        self._bell.set()
        return True

    def forsake(self, ticket: Ticket) -> None:
        """Nobody waits for an answer any more: what is not done for it is left."""
        if ticket in self._asked:
            self._forsaken.add(ticket)

    def take_answers(self) -> list[tuple[Ticket, KeptAnswer | Denied]]:
        """The answers since the last call, in the order of the questions; those of forsaken ones are left out."""
        answers = []
        while self._answers:
            ticket, answer = self._answers.popleft()
            self._asked.discard(ticket)
            if ticket in self._forsaken:
                self._forsaken.discard(ticket)
            else:
                answers.append((ticket, answer))
        return answers

    def close(self) -> None:
        """Write what was handed over and end the thread."""
        self._closing.set()
        self._bell.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        keeping, now_ms = self._keeping, to_ms(self._clock.now())
        history = self._history = History(keeping.folder, keeping.bounds, now_ms, spare_bytes=keeping.spare_bytes)
        try:
            self._keep_on(history)
        except Exception:  # noqa: BLE001  # the thread's top: alarms and live readings go on without a history
            _log.exception("the history has ended; readings are not kept until the hub is started again")
        history.close()
        if self._journal is not None:
            self._journal.close()

    def _keep_on(self, history: History) -> None:
        busy, sync_at, tell_at = False, 0.0, 0.0
        while not self._closing.is_set():
            if not busy:
                self._bell.wait(_SYNC_S)
            self._bell.clear()
            self._serve(history)
            busy = history.work(to_ms(self._clock.now()))
            now_s = self._clock.monotonic()
            if now_s >= sync_at:
                history.sync()
                sync_at = now_s + _SYNC_S
            if now_s >= tell_at and self.dropped > self._told_dropped:
                _log.warning("%d readings were not kept in the history", self.dropped - self._told_dropped)
                self._told_dropped, tell_at = self.dropped, now_s + _TELL_S
        self._serve(history)

    def _serve(self, history: History) -> None:
        """Take what is queued, in its order."""
        batch: list[Readings] = []
        for _turn in range(len(self._queue)):
            item = self._queue.popleft()
            if isinstance(item, Readings):
                batch.append(item)
                self._taken += len(item.index)
                continue
            self._keep(history, batch)
            batch = []
            self._answers.append((item.ticket, self._answered(history, item)))
            self._met_damage = self._found_damage  # once the answer is there: who asked hears of it before the end
            self._woken()
        self._keep(history, batch)

    def _answered(self, history: History, item: "_Question[Ticket]") -> KeptAnswer | Denied:
        def look() -> None:
            if item.ticket in self._forsaken:
                raise Forsaken

        try:
            look()
            return self._answer(history, item.body, look)
        except Forsaken:
            return _GONE
        except StoreFault as fault:
            self._found_damage |= is_damage(fault)
            return Denied(code=Refusal.STORE_UNAVAILABLE, text=fault.sentence)
        except Exception:  # noqa: BLE001  # a bug of ours: one that ended the thread would be met again at once
            _log.exception("a %s could not be answered", type(item.body).__name__)
            return Denied(code=Refusal.MALFORMED, text="the hub could not answer this")

    def _answer(self, history: History, question: KeptQuestion, look: Look) -> KeptAnswer:
        now_ms = to_ms(self._clock.now())
        match question:
            case HistoryWanted():
                return past_readings(history, question, now_ms, look, self._runs(now_ms))
            case ReadingsAtWanted():
                return readings_at(history, question, look)
            case RoomAtWanted(at_ms=at_ms):
                journal = self._opened_journal()
                try:
                    return room_at(journal, at_ms, look)
                except codec.MALFORMED as error:
                    raise damaged(journal.path, error) from error
            case PastWanted():
                return lines_before(self._opened_journal(), question)
            case SpanWanted():
                return lines_between(self._opened_journal(), question)
            case HistoryStateWanted():
                return self._state(history)

    def _runs(self, now_ms: int) -> tuple[Span, ...]:
        """When the hub ran, this run until now; none where there is no journal to tell."""
        if self._journal_file is None:
            return ()
        if self._runs_read_s is None or self._clock.monotonic() - self._runs_read_s > _RUNS_S:
            with suppress(StoreFault):  # readings are told all the same; whoever asks for the room hears of the fault
                self._known_runs = tuple(self._opened_journal().runs())
            self._runs_read_s = self._clock.monotonic()
        return (*self._known_runs, (self._begun_ms, now_ms))

    def _opened_journal(self) -> Journal:
        if self._journal_file is None:
            raise StoreFault("denied", "there is no journal to look into")
        if self._journal is None:
            self._journal = Journal(self._journal_file, read_only=True)
        return self._journal

    def _state(self, history: History) -> HistoryState:
        bounds, held = self._keeping.bounds, held_in(self._keeping.folder)
        kept = tuple(
            KeptAt(
                cell_ms=kind.cell_ms,
                size=kind.size,
                first_day=kind.first_day,
                last_day=kind.last_day,
                days_most=bounds.of(name),
            )
            for name, kind in zip(KINDS, held.kinds, strict=True)
        )
        return HistoryState(
            size=held.size,
            max_bytes=bounds.max_bytes,
            kept=kept,
            condition=self.condition,
            dropped=self.dropped,
            damaged=history.damaged,
            aside=held.aside,
        )

    def _keep(self, history: History, batch: list[Readings]) -> None:
        if batch:
            history.append(joined(batch), to_ms(self._clock.now()))
            self._kept = self._taken
            self._woken()
