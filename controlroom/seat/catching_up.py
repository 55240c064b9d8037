"""How a seat gets what it lacks: a snapshot first, then the replay of every gap, one request at a time."""

import logging
from collections import deque
from collections.abc import Callable

from controlroom.clock import Clock
from controlroom.domain.events import Event
from controlroom.seat import questions
from controlroom.seat.delivery import Change, Reset
from controlroom.seat.questions import Questions
from controlroom.seat.sequencer import Sequencer, Span
from controlroom.wire import codec
from controlroom.wire.messages import Answer, Denied, Part, Refusal, ReplayWanted, SnapshotWanted

_log = logging.getLogger(__name__)

OUT_MOST = 200_000
"""Events that wait for the other thread at the most; a snapshot is shorter than more."""


class CatchingUp:
    """Keeps a sequencer fed and puts what is ripe into `out`. One thread owns an instance.

    `refused` is told the hub's sentence when it denies what is asked.
    """

    def __init__(
        self,
        sequencer: Sequencer,
        out: deque[Reset | Change],
        asking: Questions,
        clock: Clock,
        refused: Callable[[Denied], None],
    ) -> None:
        self._sequencer = sequencer
        self._out = out
        self._asking = asking
        self._clock = clock
        self._refused = refused
        self._snapshot: list[Event] | None = None
        self._parts = 0
        self._replaying: Span | None = None
        self._paused_until = 0.0

    def start_over(self) -> None:
        """The sockets are new, or the hub was restarted while it answered: what is missing is asked for again."""
        self._snapshot = self._replaying = None

    def pause(self) -> None:
        """The hub's answer could not be understood: ask again after a while."""
        self.start_over()
        self._paused_until = self._clock.monotonic() + questions.OWN_ANSWER_S

    def mend(self) -> None:
        """Ask for what is missing, unless something is asked for already."""
        if self._snapshot is not None or self._clock.monotonic() < self._paused_until:
            return
        if self._sequencer.expected is None or self._sequencer.hopeless:
            self._snapshot, self._parts = [], 0
            self._replaying = None
            self._asking.ask_own(SnapshotWanted(), self._snapshot_part, self.start_over)
            return
        span = self._sequencer.missing()
        if span is None or self._replaying is not None:
            return
        self._replaying = span
        self._asking.ask_own(ReplayWanted(first=span.first, last=span.last), self._replay_part, self.start_over)

    def deliver(self, ripe: list[tuple[int, Event]]) -> None:
        """Hand out events that are in order."""
        self._out.extend(Change(number, event) for number, event in ripe)

    def bound(self) -> None:
        """When nobody takes what is handed out: whoever comes back gets the state, not the way there."""
        if len(self._out) > OUT_MOST:
            _log.warning("nobody took %d events, a snapshot takes their place", len(self._out))
            self._out.clear()
            self._sequencer.forget()

    def _snapshot_part(self, answer: Answer) -> None:
        if not isinstance(answer, Part):
            self._snapshot = None
            return self._denied(answer)
        if self._snapshot is None:
            return None
        if answer.number != self._parts:
            raise ValueError(f"part {answer.number} of a snapshot came, {self._parts} was next")
        self._parts += 1
        self._snapshot.extend(codec.event(raw) for raw in answer.events)
        if answer.last:
            self._out.append(Reset(answer.sequence, self._snapshot))
            self._snapshot = None
            self.deliver(self._sequencer.snapshot(answer.sequence))
        return None

    def _replay_part(self, answer: Answer) -> None:
        if isinstance(answer, Part):
            first = answer.sequence - len(answer.events) + 1
            for number, raw in enumerate(answer.events, first):
                self.deliver(self._sequencer.event(number, codec.event(raw)))
            self.bound()
            if answer.last:
                self._replaying = None
            return None
        self._replaying = None
        if isinstance(answer, Denied) and answer.code is Refusal.HISTORY_GONE:
            self._sequencer.forget()
        return self._denied(answer)

    def _denied(self, answer: Answer) -> None:
        if isinstance(answer, Denied):
            self._refused(answer)
