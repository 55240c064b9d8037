"""Where a session delivers its pictures, and what the sessions of a process share."""

import threading

from controlroom.video.hardware import Hardware
from controlroom.video.picture import Sink
from controlroom.video.quality import Allowance
from controlroom.video.ring import Allotment, Shelf


class Slot:
    """One tile's place at a session: the size it wants and where its pictures go."""

    def __init__(self, sink: Sink) -> None:
        self.box = (0, 0)
        self.sink = sink


class Gate:
    """What the sessions of a fleet share: how many may open, and how many may decode, at one time; `looks` is
    what may be spent on looking at their pictures, `hardware` the
    card that decodes them, `shelf` what is kept of the last minutes."""

    def __init__(self, opens: int, decodes: int, allotment: Allotment | None = None) -> None:
        self.opens = threading.BoundedSemaphore(opens)
        self.decodes = threading.BoundedSemaphore(decodes)
        self.looks = Allowance()
        self.hardware = Hardware()
        self.shelf = Shelf(allotment or Allotment())
