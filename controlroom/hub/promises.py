"""Acknowledgements that wait until the readings of their handovers are in the history's log."""

from collections import Counter, deque
from typing import NamedTuple, Protocol

from controlroom.hub.telling import Envelope, Telling


class Keeps(Protocol):
    """What keeps readings: how many it was handed, and how many of these it has written or given up."""

    @property
    def handed(self) -> int:
        """Readings handed over since the start."""

    @property
    def kept(self) -> int:
        """Readings of these that are in the log, in their order."""


class _Promise(NamedTuple):
    mark: int
    envelope: Envelope
    answer: bytes
    weight: int
    cursor: tuple[tuple[str, str], int] | None


class Promises:
    """Gives each peer its acknowledgements in order, and writes a session's number down no earlier than it is due.

    So `kill -9` loses no reading that was acknowledged: one that was not kept is not acknowledged, its session's number
    is not in the store, and its source hands it in again. Without `keeps` nothing waits. One thread owns an instance.
    """

    def __init__(self, telling: Telling, keeps: Keeps | None) -> None:
        self._telling = telling
        self._keeps = keeps
        self._waiting: deque[_Promise] = deque()
        self._peers: Counter[bytes] = Counter()

    def give(
        self,
        envelope: Envelope,
        answer: bytes,
        weight: int,
        cursor: tuple[tuple[str, str], int] | None,
        *,
        readings: bool,
    ) -> None:
        """Acknowledge a handover of `weight` bytes, once the readings that it holds are kept."""
        if self._keeps is None or not (readings or self._peers[envelope[0]]):
            self._acknowledge(_Promise(0, envelope, answer, weight, cursor))
            return
        self._peers[envelope[0]] += 1
        self._waiting.append(_Promise(self._keeps.handed, envelope, answer, weight, cursor))

    def keep(self) -> None:
        """Acknowledge what has been kept since; call it once a turn."""
        while self._waiting and self._keeps is not None and self._keeps.kept >= self._waiting[0].mark:
            promise = self._waiting.popleft()
            self._peers[promise.envelope[0]] -= 1
            if not self._peers[promise.envelope[0]]:
                del self._peers[promise.envelope[0]]
            self._acknowledge(promise)

    def _acknowledge(self, promise: _Promise) -> None:
        if promise.cursor is not None:
            key, number = promise.cursor
            self._telling.batch.cursors[key] = number
        self._telling.acknowledge(promise.envelope, promise.answer, promise.weight)
