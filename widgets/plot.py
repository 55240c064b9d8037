"""Live curves of sensors on one time axis, with their limits, their age and the alarms they raised."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import shiboken6
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from controlroom.bridge.reading_wording import value_text
from controlroom.clock import Clock
from controlroom.domain.alarm import Alarm
from controlroom.domain.kinds import SensorKind
from controlroom.domain.readings import ReadingColumns
from controlroom.domain.sensor import Sensor
from controlroom.errors import ControlRoomError, EnvironmentFault
from controlroom.i18n import _
from widgets.plot_axis import DISTRICT
from widgets.plot_canvas import PlotCanvas
from widgets.plot_chart import Curve, curve_colour
from widgets.plot_legend import LegendRow
from widgets.plot_readings import PlotReadings
from widgets.plot_scheduler import PlotScheduler
from widgets.plot_toolbar import SPANS_S, PlotToolbar
from widgets.sensor_drag import dragged_sensors

MOST_CURVES = 16
"""More curves than this in one panel cannot be told apart."""

_COAST_S = 2.0


History = Callable[[list[int], datetime], Coroutine[Any, Any, ReadingColumns]]
Spawn = Callable[[Coroutine[Any, Any, None], str], object]
_NO_KINDS: Mapping[str, SensorKind] = MappingProxyType({})


class PlotPanel(QWidget):
    """Curves of up to 16 sensors, stacked by unit.

    `history` asks the hub for earlier readings and runs through `spawn`; `scheduler` is shared by all plots of a
    window. Keys: 1 to 6 time span, + and - next span, arrows move the cursor, Escape takes it away.
    """

    sensor_dropped = Signal(str)
    """A sensor (its id) was dropped here; the owner resolves it and calls show_sensors."""
    sensors_changed = Signal(list)
    """The ids of the sensors that are shown now."""

    def __init__(
        self,
        clock: Clock,
        history: History,
        spawn: Spawn,
        kinds: Mapping[str, SensorKind] = _NO_KINDS,
        scheduler: PlotScheduler | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._history = history
        self._spawn = spawn
        self._scheduler = scheduler or PlotScheduler(self)
        self._readings = PlotReadings(kinds)
        self._rows: list[LegendRow] = []
        self._alarms: Sequence[Alarm] = ()
        self._lost_since: datetime | None = None
        self._cursor: datetime | None = None
        self._fetched_since: datetime | None = None
        self._tell_time(clock.now())
        self._canvas = PlotCanvas(self._scheduler.charge)
        self._canvas.pointed.connect(self.set_cursor)
        self._canvas.setAccessibleName(_("Curves"))
        self._toolbar = PlotToolbar()
        self._toolbar.span_chosen.connect(self.set_span)
        self._scheduler.slowed.connect(self._toolbar.show_slow)
        self._legend = QVBoxLayout()
        self._legend.setSpacing(0)
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
        layout.addLayout(self._legend)
        layout.addLayout(self._pages, 1)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def sensor_ids(self) -> list[str]:
        """The sensors that are shown, in their order."""
        return [curve.sensor.id for curve in self._readings.curves]

    @property
    def span_s(self) -> int:
        """The length of the time axis."""
        return self._toolbar.span_s

    @property
    def cursor_at(self) -> datetime | None:
        """The time of the cursor, None without one."""
        return self._cursor

    @property
    def legend(self) -> list[str]:
        """What the rows say, for those who cannot see them."""
        return [row.text for row in self._rows]

    @property
    def notes(self) -> list[str]:
        """What keeps the panel from showing all: history that is missing, sensors without room, slow pictures."""
        return self._toolbar.notes

    @property
    def canvas(self) -> PlotCanvas:
        """The drawing area."""
        return self._canvas

    def show_sensors(self, sensors: Sequence[Sensor], indices: Sequence[int]) -> None:
        """Show these sensors instead; `indices[i]` is the telemetry index of `sensors[i]`. Held readings are kept."""
        places = {index: place for place, index in reversed(list(enumerate(indices)))}
        shown = sorted(places.values())[:MOST_CURVES]
        self._toolbar.show_dropped(len(places) - len(shown), MOST_CURVES)
        new = self._readings.show([sensors[place] for place in shown], [indices[place] for place in shown])
        self._build_rows()
        self._canvas.set_curves(self._readings.curves)
        self._pages.setCurrentIndex(1 if shown else 0)
        if new:
            self._fetch(new, self._now - timedelta(seconds=self.span_s))
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
        self._readings.forget()
        if self._readings.curves:
            self._fetch(self._readings.indices, self._now - timedelta(seconds=self.span_s))
        self._look()

    def set_now(self, now: datetime) -> None:
        """Once a second: ages and the right edge of the plot move on."""
        self._tell_time(now)
        self._look()

    def set_stale_link(self, since: datetime | None) -> None:
        """The link to the hub was lost at this time; None = it lives, and what was missed is asked for."""
        missed, self._lost_since = self._lost_since, since
        if since is None and missed is not None and self._readings.curves:
            self._fetch(self._readings.indices, missed)
        self._look()

    def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """The alarms to mark; those of other sensors are passed over."""
        self._alarms = [alarm for alarm in alarms if alarm.sensor in self.sensor_ids]
        self._ask()

    def set_span(self, span_s: int) -> None:
        """The length of the time axis; a longer one asks for the history that is missing."""
        self._toolbar.set_span(span_s)
        self._canvas.set_span(span_s)
        since = self._now - timedelta(seconds=span_s)
        if self._readings.curves and (self._fetched_since is None or since < self._fetched_since):
            self._fetch(self._readings.indices, since)
        self._ask()

    def set_cursor(self, at: datetime | None) -> None:
        """Point at a time: each row tells what its curve read then."""
        self._cursor = at
        for row, curve in zip(self._rows, self._readings.curves, strict=True):
            row.set_cursor_text(self._cursor_text(curve))
        self._canvas.point_at(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Spans and the cursor from the keyboard."""
        key = event.key()
        place = SPANS_S.index(self.span_s)
        step_s = self.span_s / 100
        if Qt.Key.Key_1 <= key < Qt.Key.Key_1 + len(SPANS_S):
            self.set_span(SPANS_S[key - Qt.Key.Key_1])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.set_span(SPANS_S[min(place + 1, len(SPANS_S) - 1)])
        elif key == Qt.Key.Key_Minus:
            self.set_span(SPANS_S[max(place - 1, 0)])
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self._readings.curves:
            moved = (self._cursor or self._now) + timedelta(seconds=step_s if key == Qt.Key.Key_Right else -step_s)
            self.set_cursor(max(min(moved, self._now), self._now - timedelta(seconds=self.span_s)))
        elif key == Qt.Key.Key_Escape and self._cursor is not None:
            self.set_cursor(None)
        else:
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
        self._look()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "_canvas"):
            self._canvas.recolour()
            for row, curve in zip(self._rows, self._readings.curves, strict=True):
                row.set_colour(curve_colour(curve.number, self.palette()))
            self._ask()

    def redraw(self) -> None:
        """Draw now; the scheduler calls this when it is this plot's turn."""
        coasted_s = min(self._clock.monotonic() - self._told_at, _COAST_S)
        lost = self._lost_since
        text = ""
        if lost is not None:
            text = _("No link to the hub since {time}").format(time=f"{lost.astimezone(DISTRICT):%H:%M:%S}")
        now_s = self._now.timestamp() + coasted_s
        self._canvas.redraw(now_s, None if lost is None else lost.timestamp(), text, self._alarms, self._cursor)

    def _tell_time(self, now: datetime) -> None:
        self._now = now
        self._told_at = self._clock.monotonic()

    def _ask(self) -> None:
        self._scheduler.ask(self, self.redraw)

    def _look(self) -> None:
        """Judge the newest readings and have everything drawn."""
        lost = self._lost_since is not None
        for row, curve, judged in zip(self._rows, self._readings.curves, self._readings.judge(self._now), strict=True):
            value = value_text(judged.value, curve.sensor.unit, curve.kind)
            row.set_reading(value, judged.level, judged.freshness, judged.age_s, lost=lost)
            row.set_cursor_text(self._cursor_text(curve))
        self._ask()

    def _build_rows(self) -> None:
        for old in self._rows:
            self._legend.removeWidget(old)
            old.deleteLater()
        self._rows = []
        for curve in self._readings.curves:
            row = LegendRow(curve.sensor.id, curve.sensor.name, curve.sensor.town)
            row.set_colour(curve_colour(curve.number, self.palette()))
            row.chosen.connect(self._canvas.choose)
            row.removed.connect(self.remove)
            self._legend.addWidget(row)
            self._rows.append(row)

    def _cursor_text(self, curve: Curve) -> str:
        if self._cursor is None:
            return ""
        held = curve.at(self._cursor.timestamp())
        at = f"{self._cursor.astimezone(DISTRICT):%H:%M:%S}"
        value = "—" if held is None else value_text(held[1], curve.sensor.unit, curve.kind)
        return _("{time}: {value}").format(time=at, value=value)

    def _fetch(self, indices: list[int], since: datetime) -> None:
        self._fetched_since = since
        self._toolbar.show_history(_("Fetching history …"))
        self._spawn(self._take_history(indices, since), "plot history")

    async def _take_history(self, indices: list[int], since: datetime) -> None:
        try:
            readings = await self._history(indices, since)
        except ControlRoomError as error:
            if shiboken6.isValid(self):
                self._fetched_since = None
                reason = error.sentence if isinstance(error, EnvironmentFault) else str(error)
                self._toolbar.show_history(_("No history: {reason}").format(reason=reason))
            return
        if shiboken6.isValid(self):
            self._toolbar.show_history("")
            self.add_readings(readings)
            self._look()
