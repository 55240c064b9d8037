"""A process that decodes streams for another one: `python -m controlroom.video.worker DESCRIPTOR`.

The descriptor is its end of a pair of sockets. It ends when the other end or its standard input closes.
"""

import logging
import os
import random
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass, field

from controlroom.children import end_with_stdin
from controlroom.clock import Clock, SystemClock
from controlroom.video.address import parse
from controlroom.video.archive import Archive
from controlroom.video.clip import Cutter
from controlroom.video.exchange import Writer
from controlroom.video.facts import FactsWriter
from controlroom.video.memory import keep_pages
from controlroom.video.orders import (
    LARGEST,
    Alive,
    Answer,
    Begin,
    Close,
    Cut,
    Keep,
    Leave,
    Open,
    Order,
    Recall,
    Seek,
    Show,
    Thin,
    Told,
    encoder,
    orders,
)
from controlroom.video.platform import Platform
from controlroom.video.recordings import reels_of, replay_of
from controlroom.video.replay import Replay
from controlroom.video.segment import mapped
from controlroom.video.session import Session
from controlroom.video.slot import Gate, Slot
from controlroom.video.stream import Timing

_log = logging.getLogger(__name__)

BEAT_S = 1.0
_LEAVE_S = 0.5


@dataclass(slots=True)
class _Held:
    session: Session | Replay | Cutter
    slots: dict[int, Slot] = field(default_factory=dict)


class Worker:
    """Does what it is told until nobody is left to tell it. All on the main thread; each stream has its own beside."""

    def __init__(self, parent: socket.socket, clock: Clock) -> None:
        self._parent = parent
        self._clock = clock
        self._held: dict[int, _Held] = {}
        self._leaving: list[Session | Replay | Cutter] = []
        self._timing = Timing()
        self._gate = Gate(1, 1)
        self._platform = Platform("", clock)
        self._archive = Archive()
        self._chance = random.Random()

    def run(self) -> None:
        """Serve until the other end closes, then end all streams."""
        self._parent.settimeout(BEAT_S)
        told_s = 0.0
        while True:
            if self._clock.monotonic() - told_s >= BEAT_S:
                told_s = self._clock.monotonic()
                self.tell(Alive())
                self._gate.shelf.tidy(self._gate.shelf.now_s())
            try:
                data, descriptors, _flags, _address = socket.recv_fds(self._parent, LARGEST, 1)
            except TimeoutError:
                continue
            except ConnectionError:
                break
            if not data:
                break
            memory = mapped(descriptors[0]) if descriptors else None
            for descriptor in descriptors:
                os.close(descriptor)
            self._obey(orders.decode(data), memory)
        self._end()

    def tell(self, answer: Answer) -> None:
        """Say something; it is lost if the other end does not listen. Any thread."""
        try:
            self._parent.send(encoder.encode(answer), socket.MSG_DONTWAIT)
        except OSError:
            return

    def _obey(self, order: Order, memory: memoryview | None) -> None:
        match order:
            case Begin():
                self._timing, self._gate = order.timing, Gate(order.opens, order.decodes, order.allotment)
                self._platform, self._archive = Platform(order.platform, self._clock), order.archive
            case Keep():
                self._gate.shelf.allotment = order.allotment
            case Open():
                assert memory is not None, "a stream's facts need their memory"
                self._open(order, FactsWriter(memory))
            case Recall():
                assert memory is not None, "a stream's facts need their memory"
                self._recall(order, FactsWriter(memory))
            case Cut():
                assert memory is not None, "a stream's facts need their memory"
                self._cut(order, FactsWriter(memory))
            case Seek():
                session = self._held[order.stream].session
                if isinstance(session, Replay):
                    session.seek(order.at_s, order.speed)
            case Show():
                self._show(self._held[order.stream], order, memory)
            case Leave():
                held = self._held[order.stream]
                slot = held.slots.pop(order.feed, None)
                if slot is not None:
                    held.session.leave_slot(slot)
            case Thin():
                session = self._held[order.stream].session
                if isinstance(session, Session):
                    session.prefer(order.depth, order.is_first)
            case Close():
                session = self._held.pop(order.stream).session
                session.stop()
                self._leaving = [*(held for held in self._leaving if not held.join(0.0)), session]

    def _open(self, order: Open, facts: FactsWriter) -> None:
        session = Session(
            order.name,
            parse(order.url),
            self._clock,
            self._gate,
            self._timing,
            self._chance,
            platform=self._platform,
            signal=order.signal,
            tell=facts.write,
        )
        self._held[order.stream] = _Held(session)
        session.start()

    def _cut(self, order: Cut, facts: FactsWriter) -> None:
        where, shelf = order.order.where, self._gate.shelf
        reels = reels_of(where, self._archive, shelf, self._timing, lambda: False)
        cutter = Cutter(
            order.name,
            order.order,
            [reel for _origin, reel in reels],
            self._clock,
            signal=order.signal,
            tell=facts.write,
        )
        self._held[order.stream] = _Held(cutter)
        cutter.start()

    def _recall(self, order: Recall, facts: FactsWriter) -> None:
        replay = replay_of(
            order.name,
            order.where,
            self._archive,
            self._clock,
            self._gate,
            self._timing,
            signal=order.signal,
            tell=facts.write,
        )
        self._held[order.stream] = _Held(replay)
        replay.start()

    @staticmethod
    def _show(held: _Held, order: Show, memory: memoryview | None) -> None:
        slot, box = held.slots.get(order.feed), (order.width_px, order.height_px)
        if slot is None:
            if memory is None:
                return
            slot = held.slots[order.feed] = Slot(Writer(memory))
            held.session.join_slot(slot)
        elif memory is not None:
            slot.box = (0, 0)  # no picture of the new size may go to the old place
            slot.sink = Writer(memory)
        slot.box = box

    def _end(self) -> None:
        sessions = [*self._leaving, *(held.session for held in self._held.values())]
        for session in sessions:
            session.stop()
        until_s = time.monotonic() + _LEAVE_S
        for session in sessions:
            session.join(max(0.0, until_s - time.monotonic()))


class _Teller(logging.Handler):
    """Sends the log to the other process, which has the files."""

    def __init__(self, worker: Worker) -> None:
        super().__init__(logging.INFO)
        self._worker = worker

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record; any thread."""
        self._worker.tell(Told(record.name, record.levelno, self.format(record)[: LARGEST // 8]))


def main(descriptor: int) -> None:
    """Run the worker of this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the one that started us
    keep_pages()
    worker = Worker(socket.socket(fileno=descriptor), SystemClock())
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    root.addHandler(_Teller(worker))
    threading.excepthook = _fell
    sys.excepthook = lambda _kind, error, _trace: _log.critical("the worker fell", exc_info=error)
    end_with_stdin(lambda: os._exit(0))
    worker.run()
    os._exit(0)  # a thread inside avformat cannot be woken, and nothing of this process outlives it


def _fell(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None:
        name = "" if told.thread is None else told.thread.name
        _log.error("%s failed", name, exc_info=told.exc_value)


if __name__ == "__main__":
    main(int(sys.argv[1]))
