"""Two watchers of the web page: one that it answers, one that it can be seen."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

BEAT_MS = 1000
HUNG_AFTER_BEATS = 4
LOADED_AFTER_BEATS = 12
LOOK_EVERY_MS = 20
LOOKS = 240


class Watchdog(QObject):
    """Pings a page once a second while its widget is visible.

    Unanswered beats are counted, not seconds: a busy GUI thread beats no faster than it can hear the answer, so it
    never takes itself for a hung page.
    """

    hung = Signal()

    def __init__(self, ping: Callable[[int], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._ping = ping
        self._widget = parent
        self._number = 0
        self._unanswered = 0
        self._alive = False
        self._timer = QTimer(self, interval=BEAT_MS)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """A page is being loaded."""
        self._unanswered = 0
        self._alive = False
        self._timer.start()

    def stop(self) -> None:
        """There is no page to watch."""
        self._timer.stop()

    def answer(self, _number: int | None) -> None:
        """The page gave a sign of life."""
        self._alive = True
        self._unanswered = 0

    def _beat(self) -> None:
        if not self._widget.isVisible():
            self._unanswered = 0
            return
        if self._unanswered >= (HUNG_AFTER_BEATS if self._alive else LOADED_AFTER_BEATS):
            self._timer.stop()
            self.hung.emit()
            return
        self._unanswered += 1
        self._number += 1
        self._ping(self._number)


class Canary(QObject):
    """Looks for a known patch in what is on the screen, and says whether it was `seen` or `missed` for good."""

    seen = Signal()
    missed = Signal()

    def __init__(self, look: Callable[[], bool], parent: QWidget) -> None:
        super().__init__(parent)
        self.proved = False
        self._look = look
        self._widget = parent
        self._left = 0
        self._timer = QTimer(self, interval=LOOK_EVERY_MS)
        self._timer.timeout.connect(self._check)

    def start(self) -> None:
        """The page was told to show the patch."""
        self._left = LOOKS
        self._timer.start()

    def stop(self) -> None:
        """The page is gone."""
        self._timer.stop()

    def _check(self) -> None:
        if not self._widget.isVisible():
            self._timer.stop()
            return
        if self._look():
            self.proved = True
            self._timer.stop()
            self.seen.emit()
            return
        self._left -= 1
        if not self._left:
            self._timer.stop()
            self.missed.emit()
