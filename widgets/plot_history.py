"""Fetches what a plot shows of the past and does not hold: a while after it stopped moving, sensor by sensor."""

import asyncio
import math
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal

from controlroom.errors import ControlRoomError, EnvironmentFault
from widgets.plot_archive import PastSeries
from widgets.plot_curve import Curve
from widgets.plot_window import Stretch

BINS_PER_COLUMN = 3
BINS_MOST = 8000
"""A hub gives no more bins of a sensor in one answer."""

SETTLE_MS = 250
"""The window must have stood still for so long before it is asked for."""

_MARGIN = 0.5
_AGAIN_S = 10.0


class Past(Protocol):
    """What the hub knows of the asked sensors: series in the order asked, and stretches in which it lost some (ms)."""

    @property
    def series(self) -> Sequence[PastSeries]:
        """One for each sensor that was asked for."""

    @property
    def reaches_ms(self) -> int:
        """How far back anything is kept, ms since 1970 UTC; 0 where that is not known."""

    @property
    def gaps(self) -> Sequence[tuple[int, int]]:
        """Stretches of which the hub's own history is damaged."""

    @property
    def down(self) -> Sequence[tuple[int, int]]:
        """Stretches in which no hub ran."""


History = Callable[[list[int], datetime, datetime, int], Coroutine[Any, Any, Past]]
"""history(indices, since, until, bins): at most so many bins a sensor, or every reading where they are as few."""


class Running(Protocol):
    """Something that runs and can be stopped."""

    def cancel(self, msg: Any = None) -> bool:
        """Stop it."""


Spawn = Callable[[Coroutine[Any, Any, None], str], Running | None]


class PlotHistory(QObject):
    """Asks for what is missing in a window and gives it to the curves. A window that is left cancels its questions."""

    arrived = Signal()
    """A curve got something."""
    progressed = Signal(int, int)
    """So many of so many sensors are there; 0 of 0: nothing is being fetched."""
    failed = Signal(str)
    """Why there is no history; empty once there is again."""

    def __init__(self, history: History, spawn: Spawn, monotonic: Callable[[], float], parent: QObject) -> None:
        super().__init__(parent)
        self._history, self._spawn, self._monotonic = history, spawn, monotonic
        self._curves: Sequence[Curve] = ()
        self._stretch = Stretch(0.0, 1.0)
        self._width_s = 1.0
        self._now_s = 0.0
        self._asked: Stretch | None = None
        self._running: Running | None = None
        self._number = 0
        self._refused_at = -math.inf
        self.damaged: tuple[Stretch, ...] = ()
        self.down: tuple[Stretch, ...] = ()
        self.kept_from_s = 0.0
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLE_MS)
        self._settled.timeout.connect(self.fetch)

    @property
    def busy(self) -> bool:
        """Whether something is being fetched."""
        return self._running is not None

    def look(self, curves: Sequence[Curve], stretch: Stretch, columns: int, now_s: float) -> None:
        """The plot shows this now; what is missing is fetched soon."""
        self._curves, self._stretch, self._now_s = curves, stretch, now_s
        self._width_s = stretch.span_s / max(columns, 1)
        if self._asked is not None and self.busy and not self._useful():
            self.cancel()
        if not self.busy and not self._settled.isActive() and self._missing():
            if self._monotonic() - self._refused_at >= _AGAIN_S:
                self._settled.start()
        elif self._settled.isActive() and not self._missing():
            self._settled.stop()

    def moved(self) -> None:
        """The window moves: wait until it stands."""
        self._refused_at = -math.inf
        if self._settled.isActive():
            self._settled.start()

    def cancel(self) -> None:
        """Stop what is being fetched."""
        running, self._running, self._asked = self._running, None, None
        self._number += 1
        if running is not None:
            running.cancel()
        self.progressed.emit(0, 0)

    def stop(self) -> None:
        """The officer does not want to wait: nothing more is fetched until the window moves."""
        self._refused_at = self._monotonic() + 1e9
        self._settled.stop()
        self.cancel()

    def fetch(self) -> None:
        """Ask now for what is missing."""
        curves = self._missing()
        if not curves:
            return
        self._settled.stop()
        margin_s = self._stretch.span_s * _MARGIN
        # Up to now and a little more, so that what is told live goes on where the answer ends.
        end_s = min(self._stretch.end_s + margin_s, self._now_s + 1.0)
        asked = Stretch(self._stretch.start_s - margin_s, end_s)
        if asked.span_s <= 0:
            return
        self._asked = asked
        self._number += 1
        bin_s = self._width_s / BINS_PER_COLUMN
        work = self._take(curves, asked, bin_s, self._number)
        self.progressed.emit(0, len(curves))
        number = self._number
        running = self._spawn(work, "plot history")
        if number == self._number and self._asked is not None:
            self._running = running

    def _missing(self) -> list[Curve]:
        shown = Stretch(self._stretch.start_s, min(self._stretch.end_s, self._now_s))
        if shown.span_s <= 0:
            return []
        bin_s = self._width_s / BINS_PER_COLUMN
        return [c for c in self._curves if any(p.span_s > 2 * bin_s for p in c.missing(shown, bin_s))]

    def _useful(self) -> bool:
        """Whether what is being fetched is still what is shown."""
        asked = self._asked
        assert asked is not None
        overlap_s = min(asked.end_s, self._stretch.end_s) - max(asked.start_s, self._stretch.start_s)
        ratio = self._stretch.span_s / asked.span_s
        return overlap_s > 0.3 * self._stretch.span_s and 0.15 < ratio < 2.0

    async def _take(self, curves: Sequence[Curve], asked: Stretch, bin_s: float, number: int) -> None:
        since, until = datetime.fromtimestamp(asked.start_s, UTC), datetime.fromtimestamp(asked.end_s, UTC)
        bins = min(max(round(asked.span_s / bin_s), 1), BINS_MOST)
        damaged: dict[Stretch, None] = {}
        down: tuple[Stretch, ...] = ()
        reason = ""
        try:
            for done, curve in enumerate(curves, 1):
                past = await self._history([curve.index], since, until, bins)
                if not shiboken6.isValid(self) or number != self._number:
                    return
                down = tuple(Stretch(begin / 1000.0, end / 1000.0) for begin, end in past.down)
                curve.show_down(down)
                for series in past.series:
                    curve.take_past(series, asked, bin_s)
                self.kept_from_s = past.reaches_ms / 1000.0
                damaged.update({Stretch(gap[0] / 1000.0, gap[1] / 1000.0): None for gap in past.gaps})
                self.progressed.emit(done, len(curves))
                self.arrived.emit()
        except asyncio.CancelledError:
            raise
        except ControlRoomError as error:
            reason = error.sentence if isinstance(error, EnvironmentFault) else str(error)
        if not shiboken6.isValid(self) or number != self._number:
            return
        self._running, self._asked = None, None
        self.damaged, self.down = tuple(damaged), down
        self._refused_at = self._monotonic() if reason else -math.inf
        self.progressed.emit(0, 0)
        self.failed.emit(reason)
        self.arrived.emit()
