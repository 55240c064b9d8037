"""Curves of sensors on one time axis, live and past, with limits, age, alarms and what officers wrote on them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from controlroom.clock import Clock
from controlroom.domain.alarm import Alarm
from controlroom.domain.annotation import Annotation
from controlroom.domain.kinds import SensorKind
from controlroom.domain.readings import ReadingColumns
from controlroom.domain.sensor import Sensor
from controlroom.i18n import _
from widgets.plot_alarms import PastAlarms, PlotAlarms
from widgets.plot_axis import DISTRICT
from widgets.plot_canvas import PlotCanvas
from widgets.plot_chart import LimitsAt, PlotState, declared_limits
from widgets.plot_cursor import PlotCursor
from widgets.plot_curve import Curve
from widgets.plot_history import History, PlotHistory, Spawn
from widgets.plot_keys import plot_keys, pressed
from widgets.plot_legend import PlotLegend
from widgets.plot_menus import PlotMenus
from widgets.plot_notes import PlotNotes
from widgets.plot_pointer import PlotPointer
from widgets.plot_readings import PlotReadings
from widgets.plot_saving import PlotSaving
from widgets.plot_scheduler import PlotScheduler
from widgets.plot_steering import PlotSteering
from widgets.plot_times import minute_text, stretch_text
from widgets.plot_toolbar import PlotToolbar
from widgets.plot_window import Look
from widgets.sensor_drag import dragged_sensors

MOST_CURVES = 16
"""More curves than this in one panel cannot be told apart."""

_COAST_S = 2.0
_NO_KINDS: Mapping[str, SensorKind] = MappingProxyType({})


class PlotPanel(QWidget):
    """Curves of up to 16 sensors, stacked by unit or together with an axis for each unit.

    `history` answers for the past and runs through `spawn`; `scheduler` and `cursor` are shared by all plots of a seat.
    Keys: 1 to 7 time span, + and - next span, Up and Down zoom, arrows move the cursor and with Shift the window,
    Page Up and Page Down move it by its width, Home goes live, Ctrl+Z and Ctrl+Y go through earlier views, Escape takes
    the cursor away; the menus name the others.
    """

    sensor_dropped = Signal(str)
    """A sensor (its id) was dropped here; the owner resolves it and calls show_sensors."""
    sensors_changed = Signal(list)
    """The ids of the sensors that are shown now."""
    window_changed = Signal(object)
    """Another window is shown (Look), because the officer chose it or the room moved."""
    room_wanted = Signal(object)
    """All panels shall look at this time (aware)."""

    def __init__(
        self,
        clock: Clock,
        history: History,
        spawn: Spawn,
        kinds: Mapping[str, SensorKind] = _NO_KINDS,
        scheduler: PlotScheduler | None = None,
        parent: QWidget | None = None,
        *,
        cursor: PlotCursor | None = None,
        limits_at: LimitsAt = declared_limits,
        past_alarms: PastAlarms | None = None,
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._tell_time(clock.now())
        self._spawn = spawn
        self._scheduler = scheduler or PlotScheduler(self)
        self._shared = cursor or PlotCursor(self)
        self._limits_at = limits_at
        self._readings = PlotReadings(kinds)
        self._history = PlotHistory(history, spawn, clock.monotonic, self)
        self._alarms = PlotAlarms(past_alarms, spawn, self)
        self._notes = PlotNotes(self)
        self._lost_since: datetime | None = None
        self.steering = PlotSteering(self._tell_now, self._shared, self)
        self._stepped = self._together = False
        self.menus = PlotMenus(self)
        self._toolbar = PlotToolbar(self.menus.times, self.menus.more)
        self._canvas = PlotCanvas(self._scheduler.charge)
        self._canvas.setAccessibleName(_("Curves"))
        self._legend = PlotLegend()
        self._pointer = PlotPointer(
            self._shared, self._canvas, self._legend, self._toolbar, self._tell_look, self._tell_now, self
        )
        self.saving = PlotSaving(self, self, history, spawn)
        self._keys = plot_keys(self.steering, self.menus)
        self._lay_out()
        self._connect()
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._show_look()

    # ------------------------------------------------------------ what it shows

    @property
    def sensor_ids(self) -> list[str]:
        """The sensors that are shown, in their order."""
        return [curve.sensor.id for curve in self._readings.curves]

    @property
    def span_s(self) -> float:
        """The length of the time axis."""
        return self.steering.look.span_s

    @property
    def look(self) -> Look:
        """Which window the officer chose."""
        return self.steering.look

    @property
    def cursor_at(self) -> datetime | None:
        """The time of the cursor, None without one."""
        return self._shared.at

    @property
    def legend(self) -> list[str]:
        """What the rows say, for those who cannot see them."""
        return self._legend.texts

    @property
    def notes(self) -> list[str]:
        """What keeps the panel from showing all: history that is missing, sensors without room, slow pictures."""
        return self._toolbar.notes

    @property
    def canvas(self) -> PlotCanvas:
        """The drawing area."""
        return self._canvas

    @property
    def annotations(self) -> PlotNotes:
        """What is written on the curves."""
        return self._notes

    @property
    def curves(self) -> Sequence[Curve]:
        """The curves in their order."""
        return self._readings.curves

    @property
    def columns(self) -> int:
        """The width of the time axis in pixels."""
        return self._canvas.columns

    @property
    def together(self) -> bool:
        """Whether all curves share one chart."""
        return self._together

    @property
    def now(self) -> datetime:
        """The time as it was told last."""
        return self._now

    def state(self) -> PlotState:
        """What a picture of now shows."""
        coasted_s = min(self._clock.monotonic() - self._told_at, _COAST_S)
        now_s = self._now.timestamp() + coasted_s
        lost, text = self._lost_since, ""
        if lost is not None:
            text = _("No link to the hub since {time}").format(time=f"{lost.astimezone(DISTRICT):%H:%M:%S}")
        at, reference = self._shared.at, self._shared.reference
        kept_from_s = self._history.kept_from_s
        return PlotState(
            now_s=now_s,
            stretch=self.steering.window.stretch(now_s),
            ranges=self.steering.look.ranges,
            stepped=self._stepped,
            lost_from_s=None if lost is None else lost.timestamp(),
            lost_text=text,
            alarms=self._alarms.marked,
            notes=self._notes.shown,
            damaged=self._history.damaged,
            down=self._history.down,
            cursor_s=None if at is None else at.timestamp(),
            reference_s=None if reference is None else reference.timestamp(),
            limits_at=self._limits_at,
            loading_text=_("Not fetched yet"),
            kept_from_s=kept_from_s,
            kept_text=_("Nothing is kept from before {time}").format(time=minute_text(kept_from_s)),
            live=self.steering.look.live,
        )

    # ------------------------------------------------------------ what it is told

    def show_sensors(self, sensors: Sequence[Sensor], indices: Sequence[int]) -> None:
        """Show these sensors instead; `indices[i]` is the telemetry index of `sensors[i]`. Held readings are kept."""
        places = {index: place for place, index in reversed(list(enumerate(indices)))}
        shown = sorted(places.values())[:MOST_CURVES]
        self._toolbar.show_dropped(len(places) - len(shown), MOST_CURVES)
        new = self._readings.show([sensors[place] for place in shown], [indices[place] for place in shown])
        for curve in self._readings.curves:
            if curve.index in new:
                curve.listen(self._now.timestamp())
        self._legend.show_curves(self._readings.curves)
        self._canvas.set_curves(self._readings.curves, self._together)
        self._pages.setCurrentIndex(1 if shown else 0)
        if new:
            self._history.cancel()
            self._look_back()
            self._history.fetch()
        self._look()
        self.sensors_changed.emit(self.sensor_ids)

    def remove(self, sensor_id: str) -> None:
        """Take a sensor's curve away."""
        kept = [curve for curve in self._readings.curves if curve.sensor.id != sensor_id]
        self.show_sensors([curve.sensor for curve in kept], [curve.index for curve in kept])

    def add_readings(self, readings: ReadingColumns) -> None:
        """Take a batch of readings; those of other sensors are passed over."""
        if self._readings.add(readings, self._now):
            self._ask()

    def start_anew(self) -> None:
        """The seat took another snapshot, perhaps of another time: forget all readings and ask for them again."""
        self._history.cancel()
        self._readings.forget()
        self._alarms.forget()
        for curve in self._readings.curves:
            curve.listen(self._now.timestamp())
        self._look_back()
        self._history.fetch()
        self._look()

    def set_now(self, now: datetime) -> None:
        """Once a second: ages and the right edge of the plot move on."""
        self._tell_time(now)
        self._look_back()
        self._look()

    def set_stale_link(self, since: datetime | None) -> None:
        """The link to the hub was lost at this time; None = it lives, and what was missed is asked for."""
        missed, self._lost_since = self._lost_since, since
        if since is None and missed is not None and self._readings.curves:
            for curve in self._readings.curves:
                curve.listen_again(missed.timestamp(), self._now.timestamp())
            self._look_back()
            self._history.fetch()
        self._look()

    def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """The standing alarms to mark; those of other sensors are passed over."""
        self._alarms.stand(alarms, self.sensor_ids)
        self._ask()

    def set_notes(self, notes: Sequence[Annotation]) -> None:
        """What is written on curves; that of other sensors is passed over."""
        self._notes.show(notes, self.sensor_ids)
        self._ask()

    def set_cursor(self, at: datetime | None) -> None:
        """Point at a time: each row tells what its curve read then, in all plots."""
        self._shared.point(at)

    # ------------------------------------------------------------ keys, drops, theme

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Everything the mouse can do, from the keyboard."""
        act = self._keys.get(pressed(event))
        if act is not None and self._readings.curves:
            act()
        elif event.key() == Qt.Key.Key_Menu:
            self._open_menu(self._canvas.mapToGlobal(self._canvas.rect().center()), None)
        elif event.key() != Qt.Key.Key_Escape or not self._pointer.escape():
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Only sensors may be dropped."""
        if dragged_sensors(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell which sensors were dropped."""
        for sensor_id in dragged_sensors(event.mimeData()):
            self.sensor_dropped.emit(sensor_id)
        event.acceptProposedAction()

    def showEvent(self, event: QShowEvent) -> None:
        """What arrived while hidden is drawn now."""
        super().showEvent(event)
        self._look_back()
        self._look()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width needs other columns."""
        super().resizeEvent(event)
        self._ask()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "_canvas"):
            self._canvas.recolour()
            self._legend.recolour()
            self._ask()

    def redraw(self) -> None:
        """Draw now; the scheduler calls this when it is this plot's turn."""
        self._canvas.redraw(self.state())

    # ------------------------------------------------------------ how it does it

    def _lay_out(self) -> None:
        empty = QLabel(_("Drop a sensor here, or press Enter on it in the list of sensors"))
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        empty.setWordWrap(True)
        empty.setProperty("faint", True)
        self._pages = QStackedLayout()
        self._pages.addWidget(empty)
        self._pages.addWidget(self._canvas)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._toolbar)
        layout.addWidget(self._legend)
        layout.addLayout(self._pages, 1)

    def _connect(self) -> None:
        canvas, toolbar, menus, steering = self._canvas, self._toolbar, self.menus, self.steering
        canvas.pointed.connect(self.set_cursor)
        canvas.fixed.connect(self._shared.refer)
        steering.moved.connect(self._moved)
        canvas.panned.connect(steering.pan)
        canvas.zoomed.connect(steering.zoom)
        canvas.banded.connect(steering.show)
        canvas.gesture_ended.connect(steering.end_gesture)
        canvas.released.connect(steering.release_ranges)
        canvas.note_activated.connect(self._notes.open)
        canvas.menu_wanted.connect(self._open_menu)
        toolbar.span_chosen.connect(steering.set_span)
        toolbar.live_chosen.connect(steering.choose_live)
        toolbar.undo_wanted.connect(steering.undo)
        toolbar.redo_wanted.connect(steering.redo)
        toolbar.cancel_wanted.connect(self._cancel)
        self.saving.told.connect(toolbar.show_history)
        menus.shifted.connect(steering.shift)
        menus.today_wanted.connect(steering.show_today)
        menus.span_wanted.connect(steering.set_span)
        menus.goto_wanted.connect(steering.ask_time)
        menus.together_toggled.connect(self._set_together)
        menus.steps_toggled.connect(self._set_stepped)
        menus.scrolling_toggled.connect(steering.set_stepped)
        menus.room_wanted.connect(self._take_room)
        menus.annotate_wanted.connect(self._write_note)
        menus.reference_wanted.connect(steering.refer)
        menus.ranges_released.connect(steering.release_ranges)
        menus.picture_wanted.connect(self.saving.ask_picture)
        menus.table_wanted.connect(self.saving.ask_table)
        self._legend.chosen.connect(self._choose)
        self._legend.removed.connect(self.remove)
        self._history.arrived.connect(self._look)
        self._history.progressed.connect(self._show_progress)
        self._history.failed.connect(self._show_failure)
        self._alarms.arrived.connect(self._ask)
        self._scheduler.slowed.connect(self._show_slow)

    def _tell_now(self) -> datetime:
        return self._now

    def _tell_look(self) -> Look:
        return self.steering.look

    def _tell_time(self, now: datetime) -> None:
        self._now = now
        self._told_at = self._clock.monotonic()

    def _ask(self) -> None:
        self._scheduler.ask(self, self.redraw)

    def _look(self) -> None:
        """Judge the newest readings and have everything drawn."""
        judged = self._readings.judge(self._now)
        past = self.steering.look.end_s is not None
        self._legend.show_readings(judged, lost=self._lost_since is not None, past=past)
        self._pointer.show()
        self._ask()

    def _look_back(self) -> None:
        """Tell the history what is shown; what is missing is fetched."""
        if self._readings.curves and self._canvas.width() > 0:
            now_s = self._now.timestamp()
            stretch = self.steering.window.stretch(now_s)
            self._history.look(self._readings.curves, stretch, self._canvas.columns, now_s)
            self._alarms.look(self.sensor_ids, stretch)

    def _moved(self, fetch: bool) -> None:
        """Another window is shown."""
        self._history.moved()
        self._look_back()
        if fetch and not self._history.busy:
            self._history.fetch()
        self._show_look()
        self._look()
        self.window_changed.emit(self.steering.look)

    def _show_look(self) -> None:
        look, window = self.steering.look, self.steering.window
        held = stretch_text(*self.steering.stretch())
        self._toolbar.show_look(look.span_s, look.live, held, window.can_undo, window.can_redo)

    def _show_progress(self, done: int, count: int) -> None:
        text = _("Fetching history {done} / {count}").format(done=done, count=count) if count else ""
        self._toolbar.show_history(text, bool(count))

    def _show_failure(self, reason: str) -> None:
        self._toolbar.show_history(_("No history: {reason}").format(reason=reason) if reason else "")

    def _cancel(self) -> None:
        if self.saving.busy:
            self.saving.cancel()
        else:
            self._history.stop()

    def _show_slow(self, slow: bool) -> None:
        self._toolbar.show_slow(slow, self._scheduler.rate_hz)

    def _set_together(self, together: bool) -> None:
        self._together = together
        self._canvas.set_curves(self._readings.curves, together)
        self._ask()

    def _set_stepped(self, stepped: bool) -> None:
        self._stepped = stepped
        self._ask()

    def _choose(self, sensor_id: str) -> None:
        self._canvas.choose(sensor_id)
        self._ask()

    def _open_menu(self, at: QPoint, time: datetime | None) -> None:
        if time is not None:
            self.set_cursor(time)
        self.menus.more.popup(at)

    def _take_room(self) -> None:
        if self._shared.at is not None:
            self.room_wanted.emit(self._shared.at)

    def _write_note(self) -> None:
        self._notes.write(self.sensor_ids, self.steering.stretch(), self._shared.at, self._shared.reference)
