"""The one paint clock of all plots of a window: at most 30 pictures a second, fewer under load, and it says so."""

import math
import time
from collections.abc import Callable
from weakref import WeakMethod

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

FRAME_MS = 33
_SHARE = 0.4
_SLOW_HZ = 8.0
_FAST_HZ = 12.0


class PlotScheduler(QObject):
    """Redraws plots that asked for it and can be seen, the longest waiting first, within a share of the GUI's time.

    A plot that cannot be seen keeps its wish until it can. When one tick has no room for all, they take turns, and
    when even one is too dear, the clock ticks less often: the rest of the room never starves. `rate_hz` is how often
    each plot can be redrawn.
    """

    slowed = Signal(bool)
    """Whether each plot is now redrawn so seldom that the officer must know."""

    def __init__(self, parent: QObject | None = None, monotonic: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(parent)
        self._monotonic = monotonic
        self._waiting: dict[QWidget, WeakMethod[Callable[[], None]]] = {}
        self._spent_s = 0.0
        self._redrawn = 0
        self._each_s = 0.0
        self.rate_hz = 1000.0 / FRAME_MS
        self.slow = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.tick)

    @property
    def idle(self) -> bool:
        """Whether the clock stands still, since nothing that can be seen waits."""
        return not self._timer.isActive()

    def ask(self, plot: QWidget, redraw: Callable[[], None]) -> None:
        """Have the bound method `redraw` of `plot` called at one of the next ticks; asking twice is asking once."""
        if plot not in self._waiting:
            self._waiting[plot] = WeakMethod(redraw)
        if not self._timer.isActive():
            self._timer.start()

    def forget(self, plot: QWidget) -> None:
        """A plot goes away."""
        self._waiting.pop(plot, None)

    def charge(self, spent_s: float) -> None:
        """A plot tells how long its painting took, which happens after the tick that caused it."""
        self._spent_s += spent_s

    def tick(self) -> None:
        """Redraw what waits and can be seen."""
        self._learn()
        for plot in [plot for plot in self._waiting if not shiboken6.isValid(plot)]:
            del self._waiting[plot]
        seen = [plot for plot in self._waiting if plot.isVisible() and not plot.window().isMinimized()]
        if not seen:
            self._timer.stop()
            return
        room = max(1, int(FRAME_MS * _SHARE / 1000.0 / max(self._each_s, 1e-5)))
        began = self._monotonic()
        for plot in seen[:room]:
            redraw = self._waiting.pop(plot)()
            if redraw is not None:
                redraw()
                self._redrawn += 1
        self._spent_s += self._monotonic() - began
        self._pace(math.ceil(len(seen) / room))

    def _learn(self) -> None:
        if self._redrawn:
            self._each_s += (self._spent_s / self._redrawn - self._each_s) * 0.2
        self._spent_s, self._redrawn = 0.0, 0

    def _pace(self, turns: int) -> None:
        interval_ms = max(FRAME_MS, round(1000.0 * self._each_s / _SHARE))
        if abs(interval_ms - self._timer.interval()) > 3:
            self._timer.setInterval(interval_ms)
        self.rate_hz = 1000.0 / (interval_ms * turns)
        slow = self.rate_hz < (_FAST_HZ if self.slow else _SLOW_HZ)
        if slow != self.slow:
            self.slow = slow
            self.slowed.emit(slow)
