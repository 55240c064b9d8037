"""The store's writer: one thread that commits in groups.

While one commit is being written the next batches queue up and go into the next transaction together, so the
rate is bounded by the disk and not by the number of batches. A batch that cannot be committed stays at the head
of the queue and is tried again; nothing after it overtakes it.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from controlroom.errors import StoreFault
from controlroom.store.journal import Batch, Journal

_log = logging.getLogger(__name__)

Ticket = TypeVar("Ticket")
GROUP = 500
"""Batches in one transaction at the most, so that one commit stays short."""


class Writer(Generic[Ticket]):
    """Commits what is submitted, in order, and hands the tickets back.

    `submit`, `take_committed` and `condition` are called by one other thread; `woken` is called by the writer's
    thread after each commit or change of condition and must only wake that other thread.
    """

    def __init__(self, path: Path, woken: Callable[[], None], *, retry_s: float = 0.5, wait_s: float = 1.0) -> None:
        self._path = path
        self._woken = woken
        self._retry_s = retry_s
        self._wait_s = wait_s
        self._queue: deque[tuple[Batch, Ticket]] = deque()
        self._committed: deque[Ticket] = deque()
        self._condition = "ok"
        self._bell = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-writer")

    @property
    def condition(self) -> str:
        """ok, or what keeps the writer from committing: locked, full, failing, denied or corrupt."""
        return self._condition

    @property
    def alive(self) -> bool:
        """Whether the thread runs; one that ended by itself has logged why."""
        return self._thread.is_alive()

    @property
    def waiting(self) -> int:
        """How many batches are not committed yet."""
        return len(self._queue)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, batch: Batch, ticket: Ticket) -> None:
        """Queue a batch; its ticket comes back through `take_committed` once it is durable."""
        self._queue.append((batch, ticket))
        self._bell.set()

    def take_committed(self) -> list[Ticket]:
        """The tickets of what became durable since the last call, in order."""
        tickets = []
        while self._committed:
            tickets.append(self._committed.popleft())
        return tickets

    def close(self) -> None:
        """Commit what is queued (one last try if the store is at fault) and end the thread."""
        self._closing.set()
        self._bell.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            self._commit_all()
        except Exception:  # noqa: BLE001  # the thread's top: the hub sees that it ended and ends too
            _log.exception("the store's writer has ended; what it did not commit was not acknowledged")
            self._woken()

    def _commit_all(self) -> None:
        journal: Journal | None = None
        while True:
            self._bell.wait()
            self._bell.clear()
            while self._queue:
                try:
                    if journal is None:
                        journal = Journal(self._path, wait_s=self._wait_s)
                    self._commit_group(journal)
                except StoreFault as fault:
                    self._tell(fault.condition)
                    if self._closing.is_set():
                        _log.error("%d batches were never committed: %s", len(self._queue), fault.sentence)
                        break
                    self._closing.wait(self._retry_s)
            if self._closing.is_set():
                break
        if journal is not None:
            journal.close()

    def _commit_group(self, journal: Journal) -> None:
        group = [self._queue[i] for i in range(min(GROUP, len(self._queue)))]
        journal.commit([batch for batch, _ticket in group])
        for _batch, ticket in group:
            self._queue.popleft()
            self._committed.append(ticket)
        self._condition = "ok"
        self._woken()

    def _tell(self, condition: str) -> None:
        if condition != self._condition:
            _log.warning("the store cannot be written: %s", condition)
        self._condition = condition
        self._woken()
