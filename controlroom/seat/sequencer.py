"""Puts the hub's events in order and knows what is missing, as a machine without sockets or clocks."""

from typing import NamedTuple

from controlroom.domain.events import Event

AHEAD_MOST = 200_000
"""Events kept while a gap is open; with more a new snapshot is shorter."""

SPAN_MOST = 50_000
"""A gap longer than this is answered by a snapshot (the hub refuses to replay more)."""


class Span(NamedTuple):
    """Events `first` … `last`, both included."""

    first: int
    last: int


class Sequencer:
    """In order, each once: feed it what arrives, it gives back what may be applied.

    `expected` is None until a snapshot came; then it is the number of the next event to apply.
    """

    def __init__(self) -> None:
        self.expected: int | None = None
        self._known = 0
        self._ahead: dict[int, Event] = {}

    def snapshot(self, sequence: int) -> list[tuple[int, Event]]:
        """A snapshot at `sequence` was applied; returns what had arrived after it."""
        self.expected = sequence + 1
        self._known = max(self._known, sequence)
        self._ahead = {number: event for number, event in self._ahead.items() if number > sequence}
        return self._ripe()

    def follows(self, number: int) -> bool:
        """Whether an event is the very next one and nothing waits; then it counts as taken and may be applied."""
        if number != self.expected or self._ahead:
            return False
        self.expected = number + 1
        if number > self._known:
            self._known = number
        return True

    def event(self, number: int, event: Event) -> list[tuple[int, Event]]:
        """An event arrived, live or replayed; returns what may be applied now, in order."""
        self._known = max(self._known, number)
        if self.expected is not None and number < self.expected:
            return []
        if self.expected is None and len(self._ahead) >= AHEAD_MOST:
            # No snapshot has come for long; what is dropped here is a gap like any other.
            self._ahead.clear()
        self._ahead[number] = event
        if self.expected is None or number != self.expected:
            return []
        return self._ripe()

    def heard_of(self, sequence: int) -> None:
        """A heartbeat told the hub's newest sequence."""
        self._known = max(self._known, sequence)

    def missing(self) -> Span | None:
        """The first run of events that is known to exist and has not arrived."""
        if self.expected is None or self._known < self.expected:
            return None
        last = min(self._ahead, default=self._known + 1) - 1
        return Span(self.expected, last) if last >= self.expected else None

    @property
    def hopeless(self) -> bool:
        """Whether a new snapshot is shorter than filling the gap."""
        span = self.missing()
        return len(self._ahead) > AHEAD_MOST or (span is not None and span.last - span.first >= SPAN_MOST)

    def forget(self) -> None:
        """Start anew: another hub, another journal."""
        self.expected = None
        self._known = 0
        self._ahead.clear()

    def _ripe(self) -> list[tuple[int, Event]]:
        ripe = []
        while self.expected is not None and self.expected in self._ahead:
            ripe.append((self.expected, self._ahead.pop(self.expected)))
            self.expected += 1
        return ripe
