"""The hub's history thread: keeps what the I/O thread hands over on the disk and answers questions for it.

The I/O thread never waits for it. Readings queue up to a bound, beyond which they are dropped and counted; questions
are answered after everything that was handed over before them, so an answer has no seam with the live readings.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

from controlroom.clock import Clock
from controlroom.domain.times import to_ms
from controlroom.store.history import History
from controlroom.store.history_block import Columns, joined
from controlroom.store.history_shelf import Bounds
from controlroom.store.history_summary import CELL_MS, Bins
from controlroom.wire.frames import Readings

_log = logging.getLogger(__name__)

Ticket = TypeVar("Ticket", bound=Hashable)

WAITING_MOST = 1_000_000
"""Readings handed over and not taken yet at the most, 17 MB."""

QUESTIONS_MOST = 256
ANSWER_MOST = 500_000
"""Readings in one answer at the most; where there are more, the least and greatest of bins stand for them."""

_BINS_MOST = 4_000
_WIDE_MS = 3 * 24 * 3_600_000
"""A longer time is told in bins of ten minutes or more, which come from the summaries."""

_AHEAD_MS = 3_600_000
"""Readings from so far ahead of the hub's clock are answered too."""

_SYNC_S = 1.0
_TELL_S = 60.0


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where the history lies, and its bounds."""

    folder: Path
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class _Question(Generic[Ticket]):
    indices: Sequence[int]
    since_ms: int
    ticket: Ticket


class Archive(Generic[Ticket]):
    """The thread and its queues. `keep`, `ask`, `take_answers` and the properties are for one other thread.

    `woken` is called by the archive's thread when there are answers and must only wake that other thread.
    """

    def __init__(self, keeping: Keeping, clock: Clock, woken: Callable[[], None]) -> None:
        self._keeping = keeping
        self._clock = clock
        self._woken = woken
        self._queue: deque[Readings | _Question[Ticket]] = deque()
        self._answers: deque[tuple[Ticket, Readings]] = deque()
        self._handed = self._taken = 0
        self._asked: set[Ticket] = set()
        self._dropped = self._told_dropped = 0
        self._history: History | None = None
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

    def ask(self, indices: Sequence[int], since_ms: int, ticket: Ticket) -> bool:
        """Ask for all readings of sensors from a time on; False when it cannot be answered now.

        A ticket whose question is not answered yet is not asked a second time.
        """
        if ticket in self._asked:
            return True
        if len(self._asked) >= QUESTIONS_MOST or not self._thread.is_alive():
            return False
        self._asked.add(ticket)
        self._queue.append(_Question(indices, since_ms, ticket))
        self._bell.set()
        return True

    def take_answers(self) -> list[tuple[Ticket, Readings]]:
        """The answers since the last call, in the order of the questions."""
        answers = []
        while self._answers:
            answers.append(self._answers.popleft())
            self._asked.discard(answers[-1][0])
        return answers

    def close(self) -> None:
        """Write what was handed over and end the thread."""
        self._closing.set()
        self._bell.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        history = self._history = History(self._keeping.folder, self._keeping.bounds, to_ms(self._clock.now()))
        try:
            self._keep_on(history)
        except Exception:  # noqa: BLE001  # the thread's top: alarms and live readings go on without a history
            _log.exception("the history has ended; readings are not kept until the hub is started again")
        history.close()

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
            found = answer(history, item.indices, item.since_ms, to_ms(self._clock.now()))
            self._answers.append((item.ticket, found))
            self._woken()
        self._keep(history, batch)

    def _keep(self, history: History, batch: list[Readings]) -> None:
        if batch:
            history.append(joined(batch), to_ms(self._clock.now()))


def answer(history: History, indices: Sequence[int], since_ms: int, now_ms: int) -> Readings:
    """All readings of sensors from a time on, or their least and greatest in bins where they are too many."""
    until_ms = now_ms + _AHEAD_MS
    if history.estimate(indices, since_ms, until_ms) <= ANSWER_MOST:
        return _readings(history.read(indices, since_ms, until_ms))
    since_ms = max(since_ms, history.oldest_ms)
    span_ms = max(until_ms - since_ms, 1)
    count = min(_BINS_MOST, ANSWER_MOST // (2 * max(len(indices), 1)))
    if span_ms > _WIDE_MS:
        count = min(count, -(-span_ms // CELL_MS))
    return _peaks(history.bins(indices, since_ms, since_ms + span_ms, count))


def _peaks(bins: Bins) -> Readings:
    """Two readings for each bin: the least at a quarter of it, the greatest at three quarters."""
    row, column = np.nonzero(bins.count)
    begin = bins.since_ms + column * bins.width_ms
    time = np.stack([begin + bins.width_ms // 4, begin + 3 * bins.width_ms // 4], axis=1).reshape(-1)
    value = np.stack([bins.least[row, column], bins.greatest[row, column]], axis=1).reshape(-1)
    return Readings(
        np.repeat(bins.index[row], 2),
        value.astype(np.float32),
        time.astype(np.int64),
        np.zeros(len(time), np.uint8),
    )


def _readings(columns: Columns) -> Readings:
    return Readings(columns.index, columns.value, columns.time, columns.quality)
