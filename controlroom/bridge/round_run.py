"""Works on whole answers beside the GUI, one after the other; of one asker only the newest question counts."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor

from PySide6.QtCore import QObject, QTimer, Signal

from controlroom.bridge.round_answer import RoundAnswer

LOOK_MS = 10
"""How often the GUI looks whether an answer is done, while one is made."""

Work = Callable[[], RoundAnswer]
"""Makes the answer; runs on the worker's thread, so it closes over what does not change."""


class RoundRun(QObject):
    """Questions in, answers out as a signal. GUI thread; `close` ends the worker."""

    answered = Signal(object, object)
    """Who asked, and the RoundAnswer."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._beside = ThreadPoolExecutor(1, "round-answers")
        self._waiting: dict[Hashable, Future[RoundAnswer]] = {}
        self._next: dict[Hashable, Work] = {}
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._take)
        self._closed = False

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return bool(self._waiting)

    def ask(self, asker: Hashable, work: Work) -> None:
        """Begin; what the same asker still waits for is answered no more."""
        if self._closed:
            return
        self.forget(asker)
        self._waiting[asker] = self._beside.submit(work)
        self._look.start()

    def renew(self, asker: Hashable, work: Work) -> None:
        """The same question again: what is being worked on is told before, so that frequent wishes starve nobody."""
        if asker in self._waiting:
            self._next[asker] = work
        else:
            self.ask(asker, work)

    def waits(self, asker: Hashable) -> bool:
        """Whether this asker's answer is awaited."""
        return asker in self._waiting

    def forget(self, asker: Hashable) -> None:
        """The asker is gone, or wants something else."""
        self._next.pop(asker, None)
        held = self._waiting.pop(asker, None)
        if held is not None:
            held.cancel()

    def close(self) -> None:
        """End the thread; what runs is finished and told to nobody."""
        self._closed = True
        self._look.stop()
        self._waiting.clear()
        self._next.clear()
        self._beside.shutdown(wait=True, cancel_futures=True)

    def _take(self) -> None:
        for asker, job in [(asker, job) for asker, job in self._waiting.items() if job.done()]:
            del self._waiting[asker]
            if asker in self._next:
                self.ask(asker, self._next.pop(asker))
            self.answered.emit(asker, job.result())
        if not self._waiting:
            self._look.stop()
