"""How an officer moves a plot through time: spans, live and held, zoom, undo, other days."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from widgets.plot_cursor import PlotCursor
from widgets.plot_menus import GotoDialog, midnight
from widgets.plot_toolbar import SPANS_S
from widgets.plot_window import Look, Stretch, TimeWindow


class PlotSteering(QObject):
    """The window of a plot and every way to change it. `now` tells the time of the plot."""

    moved = Signal(bool)
    """The window is another one; true: it stands still at once, false: it may go on moving."""
    chosen = Signal()
    """The officer chose another window in this plot, as against one that was led there."""

    def __init__(self, now: Callable[[], datetime], cursor: PlotCursor, parent: QWidget) -> None:
        super().__init__(parent)
        self._now, self._cursor, self._panel = now, cursor, parent
        self.window = TimeWindow(SPANS_S[1])
        self._led = False
        self.moved.connect(self._tell_choice)

    @property
    def look(self) -> Look:
        """Which window the officer chose."""
        return self.window.look

    @property
    def now_s(self) -> float:
        """The time of the plot in seconds since 1970 UTC."""
        return self._now().timestamp()

    def stretch(self) -> Stretch:
        """What is shown now."""
        return self.window.stretch(self.now_s)

    def set_span(self, span_s: float) -> None:
        """The length of the time axis."""
        self.window.show_span(span_s)
        self.moved.emit(True)

    def show(self, start_s: float, end_s: float, ranges: Mapping[str, tuple[float, float]] | None = None) -> None:
        """This stretch, held, with ranges of axes where a rubber band was tall."""
        self.window.show(start_s, end_s, ranges or None)
        self.moved.emit(True)

    def show_at(self, at: datetime) -> None:
        """The time around `at`, held."""
        half_s = self.look.span_s / 2
        self.show(at.timestamp() - half_s, at.timestamp() + half_s)

    def follow(self, at: datetime | None) -> None:
        """The time up to `at` (None: live) because the room moved on; not a change to undo."""
        self.window.follow(None if at is None else at.timestamp())
        self._led = True
        self.moved.emit(False)
        self._led = False

    def go_live(self) -> None:
        """Follow the time."""
        self.window.go_live()
        self.moved.emit(True)

    def choose_live(self, live: bool) -> None:
        """Follow the time, or stand still."""
        if live:
            self.go_live()
        else:
            self.window.hold(self.now_s)
            self.moved.emit(True)

    def next_span(self, step: int) -> None:
        """The next longer or shorter of the toolbar's spans."""
        span_s = self.look.span_s
        longer = [span for span in SPANS_S if span > span_s * 1.01]
        shorter = [span for span in SPANS_S if span < span_s * 0.99]
        self.set_span((longer or SPANS_S[-1:])[0] if step > 0 else (shorter or list(SPANS_S[:1]))[-1])

    def pan(self, by_s: float) -> None:
        """Move by so many seconds."""
        self.window.pan(by_s, self.now_s, "pan")
        self.moved.emit(False)

    def pan_by(self, share: float) -> None:
        """Move by a share of what is shown."""
        self.pan(share * self.look.span_s)

    def zoom(self, at_s: float, factor: float) -> None:
        """Show so many times as much time around a time."""
        self.window.zoom(at_s, factor, self.now_s, "zoom")
        self.moved.emit(False)

    def zoom_at_cursor(self, factor: float) -> None:
        """Zoom at the cursor, else at the end of a live window or the middle of a held one."""
        stretch, at = self.stretch(), self._cursor.at
        middle_s = stretch.end_s if self.look.live else sum(stretch) / 2
        self.zoom(at.timestamp() if at is not None else middle_s, factor)

    def end_gesture(self) -> None:
        """A drag is over: the next one is another change to undo."""
        self.window.end_gesture()

    def release_ranges(self) -> None:
        """Automatic ranges again."""
        self.window.release_ranges()
        self.moved.emit(True)

    def undo(self) -> None:
        """The view before."""
        if self.window.undo():
            self.moved.emit(True)

    def redo(self) -> None:
        """The view that was undone."""
        if self.window.redo():
            self.moved.emit(True)

    def shift(self, by_s: float) -> None:
        """The hours that are shown, so many seconds before."""
        stretch = self.stretch()
        self.show(stretch.start_s - by_s, stretch.end_s - by_s)

    def show_today(self) -> None:
        """From midnight to now."""
        now = self._now()
        self.window.go_live()
        self.set_span(max((now - midnight(now)).total_seconds(), 60.0))

    def ask_time(self) -> None:
        """Ask which time shall be shown."""
        dialog = GotoDialog(datetime.fromtimestamp(sum(self.stretch()) / 2, UTC), self._panel)
        dialog.chosen.connect(self.show_at)
        dialog.open()

    def set_stepped(self, stepped: bool) -> None:
        """A live window stands still and moves in steps, or moves with the time."""
        self.window.stepped = stepped
        self.moved.emit(True)

    def step_cursor(self, step: int) -> None:
        """Move the cursor by a hundredth of what is shown."""
        stretch, at = self.stretch(), self._cursor.at
        last_s = min(stretch.end_s, self.now_s)
        at_s = (at.timestamp() if at is not None else last_s) + step * stretch.span_s / 100
        self._cursor.point(datetime.fromtimestamp(max(min(at_s, last_s), stretch.start_s), UTC))

    def refer(self) -> None:
        """Tell differences from the cursor on; again at the same place: not any more."""
        cursor = self._cursor
        cursor.refer(cursor.at if cursor.reference != cursor.at else None)

    def _tell_choice(self) -> None:
        if not self._led:
            self.chosen.emit()
