"""Where a session delivers its pictures, and what the sessions of a process share."""

import threading
from collections import deque

from controlroom.video.hardware import Hardware
from controlroom.video.picture import Sink
from controlroom.video.quality import Allowance
from controlroom.video.ring import Allotment, Shelf


class Slot:
    """One tile's place at a session: the size it wants and where its pictures go."""

    def __init__(self, sink: Sink) -> None:
        self.box = (0, 0)
        self.sink = sink


class Places:
    """So many may be inside at one time; who is first goes before the others. Any thread.

    Locks of the interpreter alone: the semaphores of `threading` are Python all through, and each thread that waits
    there costs a new lock.
    """

    def __init__(self, count: int) -> None:
        self._lock = threading.Lock()
        self._free = count
        self._first: deque[threading.Lock] = deque()
        self._others: deque[threading.Lock] = deque()

    def turn(self) -> "Turn":
        """What one thread enters by."""
        return Turn(self)

    def enter(self, gate: "threading.Lock", is_first: bool) -> None:
        """Wait for a place; `gate` is a held lock of the waiting thread."""
        with self._lock:
            if self._free > 0:
                self._free -= 1
                return
            (self._first if is_first else self._others).append(gate)
        gate.acquire()

    def leave(self) -> None:
        """Hand the place over."""
        with self._lock:
            waiting = self._first or self._others
            if waiting:
                waiting.popleft().release()
            else:
                self._free += 1


class Turn:
    """One thread's way to a place, by `with`; it may be made `is_first` by any thread."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._gate = threading.Lock()
        self._gate.acquire()
        self.is_first = False

    def __enter__(self) -> None:
        self._places.enter(self._gate, self.is_first)

    def __exit__(self, *_error: object) -> None:
        self._places.leave()


class Gate:
    """What the sessions of a fleet share: how many may open, and how many may decode, at one time; `looks` is
    what may be spent on looking at their pictures, `hardware` the
    card that decodes them, `shelf` what is kept of the last minutes."""

    def __init__(self, opens: int, decodes: int, allotment: Allotment | None = None) -> None:
        self.opens = Places(opens)
        self.decodes = Places(decodes)
        self.looks = Allowance()
        self.hardware = Hardware()
        self.shelf = Shelf(allotment or Allotment())
