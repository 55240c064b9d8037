"""Where a session delivers its pictures, and what the sessions of a process share."""

from queue import SimpleQueue

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
    """So many may be inside at one time. A queue of tokens: the semaphores of `threading` are Python all through,
    and a thread that waits at one costs a lock and a list each time."""

    def __init__(self, count: int) -> None:
        self._tokens: SimpleQueue[None] = SimpleQueue()
        for _place in range(count):
            self._tokens.put(None)

    def __enter__(self) -> None:
        self._tokens.get()

    def __exit__(self, *_error: object) -> None:
        self._tokens.put(None)


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
