"""The long poll that feeds the page: its request is held until the scene has something to tell."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QBuffer, QObject, QTimer
from PySide6.QtWebEngineCore import QWebEngineUrlRequestJob


class Feed(QObject):
    """Answers one poll at a time with `take()`.

    While no poll waits, changes gather in the scene: a slow page costs nothing but its own freshness.
    """

    def __init__(self, take: Callable[[], bytes | None], parent: QObject) -> None:
        super().__init__(parent)
        self._take = take
        self._job: QWebEngineUrlRequestJob | None = None
        self._turn = 0
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._answer)

    def poll(self, job: QWebEngineUrlRequestJob) -> None:
        """Takes the page's request; one that waited before is dropped."""
        self._turn += 1
        if self._job is not None:
            self._job.fail(QWebEngineUrlRequestJob.Error.RequestAborted)
        self._job = job
        job.destroyed.connect(partial(self._forget, self._turn))
        self.wake()

    def wake(self) -> None:
        """There is something to tell: what comes in one turn of the event loop goes out in one batch."""
        if self._job is not None and not self._soon.isActive():
            self._soon.start()

    def drop(self) -> None:
        """The page is gone, and its request with it."""
        self._job = None

    def _answer(self) -> None:
        if self._job is None:
            return
        batch = self._take()
        if batch is None:
            return
        job, self._job = self._job, None
        reply(job, b"application/octet-stream", batch)

    def _forget(self, turn: int, *_gone: object) -> None:
        if turn == self._turn:
            self._job = None


def reply(job: QWebEngineUrlRequestJob, mime: bytes, body: bytes) -> None:
    """Answers a request; the buffer lives as long as the request."""
    buffer = QBuffer(job)
    buffer.setData(body)
    buffer.open(QBuffer.OpenModeFlag.ReadOnly)
    job.reply(mime, buffer)
