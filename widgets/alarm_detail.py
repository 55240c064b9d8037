"""The chosen alarm: all that is known of it, its sensor, its cameras, and what an officer does with it."""

from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.models.alarm_story import NearCamera, SensorNow, StoryLine, story
from controlroom.bridge.names import Names
from controlroom.bridge.wording import (
    age_text,
    due_text,
    holder_text,
    severity_word,
    standing_word,
    tags_text,
    time_text,
)
from controlroom.domain.alarm import Alarm
from controlroom.domain.alarm_policy import DEFAULT_POLICY
from controlroom.domain.silence import Silence
from controlroom.i18n import _
from widgets.alarm_orders import can_reset
from widgets.alarm_sensor import AlarmSensor
from widgets.near_cameras import NearCameras
from widgets.severity import Symbol, is_dark, severity_pixmap
from widgets.text_rows import TextRows, plain_label

_SYMBOL = 28
_NOTE_MOST = 1000


def _nowhere(_lon: float, _lat: float) -> str:
    return ""


class AlarmDetail(QWidget):
    """Shows one Alarm and goes on showing it while it changes, also when it has become normal."""

    acknowledged = Signal(list)
    """list[str]: the id of the alarm."""
    reset = Signal(list)
    """list[str]: the id of the latched alarm."""
    incident_wanted = Signal(list)
    """list[str]: the id of the alarm."""
    map_wanted = Signal(str)
    """The id of the alarm."""
    wall_wanted = Signal(list)
    """list[str]: ids of the nearest cameras, nearest first."""
    camera_chosen = Signal(str)
    """The id of a camera that the officer wants to see."""
    noted = Signal(str, str)
    """The id of the alarm and what the officer wrote about it; `forget_draft` once it is kept."""

    def __init__(
        self,
        now: datetime,
        zone: tzinfo | None = None,
        names: Names | None = None,
        parent: QWidget | None = None,
        untaken_s: float = DEFAULT_POLICY.untaken_s,
    ) -> None:
        super().__init__(parent)
        self._untaken_s = untaken_s
        self._silence: Silence | None = None
        self._now = now
        self._zone = zone
        self._names = names or Names()
        self._alarm: Alarm | None = None
        self._sensor: SensorNow | None = None
        self._line: Callable[[float, float], str] = _nowhere
        self._stale = self._past = False
        self._was_at: datetime | None = None
        self._symbol = QLabel()
        self._title = plain_label(bold=True, size_px=18)
        self._state = plain_label()
        self._text = plain_label()
        self._facts = TextRows(1, names=True)
        self._story = TextRows(2, names=False)
        self._sensor_box = AlarmSensor()
        self._near = NearCameras()
        self._note = QLineEdit()
        self._drafts: dict[str, str] = {}
        self._pages = QStackedWidget()
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # its keys work after a click anywhere in it
        self._build()
        self.show_alarm(None)

    def _build(self) -> None:
        nothing = self._nothing = QLabel(_("Choose an alarm from the list"))
        nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        nothing.setProperty("faint", True)
        body = QWidget()
        self._column = column = QVBoxLayout(body)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(10)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self._title)
        words.addWidget(self._state)
        head.addWidget(self._symbol, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        column.addLayout(head)
        for widget in (self._text, self._facts, plain_label(_("What happened"), bold=True), self._story):
            column.addWidget(widget)
        column.addWidget(self._sensor_box)
        column.addWidget(self._near, 1)
        column.addStretch(0)
        self._near.camera_chosen.connect(self.camera_chosen)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        page = QWidget()
        outer = QVBoxLayout(page)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scroll, 1)
        outer.addLayout(self._build_note())
        outer.addLayout(self._build_buttons())
        self._pages.addWidget(nothing)
        self._pages.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)

    def _build_note(self) -> QHBoxLayout:
        self._note.setMaxLength(_NOTE_MOST)
        self._note.setPlaceholderText(_("Add a note, Enter keeps it"))
        self._note.setAccessibleName(_("Note on the alarm"))
        self._note.textEdited.connect(self._draft)
        self._note.returnPressed.connect(self._add_note)
        line = QHBoxLayout()
        line.setContentsMargins(10, 4, 10, 0)
        line.addWidget(self._note)
        return line

    def _build_buttons(self) -> QGridLayout:
        self.acknowledge_button = self._button(_("Acknowledge (A)"), "A", self._acknowledge)
        self.reset_button = self._button(_("Reset (R)"), "R", self._reset)
        self.incident_button = self._button(_("Open an incident (I)"), "I", self._open_incident)
        self.map_button = self._button(_("Show on the map (M)"), "M", self._show_map)
        self.wall_button = self._button(_("Cameras to the wall (W)"), "W", self._send_to_wall)
        grid = QGridLayout()
        grid.setContentsMargins(10, 4, 10, 8)
        for place, button in enumerate((self.acknowledge_button, self.incident_button)):
            grid.addWidget(button, 0, place)
        for place, button in enumerate((self.map_button, self.wall_button)):
            grid.addWidget(button, 1, place)
        grid.addWidget(self.reset_button, 0, 0)  # in the place of acknowledging: only one of both can be done
        return grid

    def _button(self, text: str, key: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        action = QAction(text, self)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.addAction(action)
        action.triggered.connect(lambda: button.click())
        button.clicked.connect(lambda: slot())
        return button

    def changeEvent(self, event: QEvent) -> None:
        """Another theme: paint the symbol anew."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.alarm is not None:
            self._draw()

    # ---------------------------------------------------------------- what others call

    @property
    def alarm(self) -> Alarm | None:
        """What is shown."""
        return self._alarm

    def show_alarm(self, alarm: Alarm | None) -> None:
        """Show an alarm; sensor and cameras of another one are forgotten until they are given."""
        if alarm is None or self._alarm is None or alarm.id != self._alarm.id:
            self._sensor = None
            self._near.show_cameras(())
            self._note.setText("" if alarm is None else self._drafts.get(alarm.id, ""))
        self._alarm = alarm
        self._pages.setCurrentIndex(0 if alarm is None else 1)
        self._draw()

    def change(self, alarms: Iterable[Alarm]) -> None:
        """Take in new states of alarms; only the shown one matters."""
        if self._alarm is None:
            return
        for alarm in alarms:
            if alarm.id == self._alarm.id:
                self.show_alarm(alarm)

    def set_silence(self, silence: Silence | None) -> None:
        """The silence that lies on the alarm."""
        if silence != self._silence:
            self._silence = silence
            self._draw_facts()

    def add_section(self, section: QWidget) -> None:
        """Put a widget of somebody else between what is known of the alarm and what happened to it."""
        self._column.insertWidget(self._column.indexOf(self._facts) + 1, section)

    def forget_draft(self, alarm: str, text: str) -> None:
        """A note was kept: the line is empty again, unless something else was written meanwhile."""
        if self._drafts.get(alarm, "").strip() == text:
            self._drafts.pop(alarm, None)
            if self._alarm is not None and self._alarm.id == alarm:
                self._note.clear()

    def set_sensor(self, sensor: SensorNow | None) -> None:
        """The sensor of the alarm with its newest value."""
        known = (self._sensor is None) == (sensor is None)
        self._sensor = sensor
        if known:
            self._sensor_box.show_sensor(self._sensor, self._now)
        else:
            self._draw()

    def set_cameras(self, cameras: Iterable[NearCamera], without_stream: Iterable[NearCamera] = ()) -> None:
        """The cameras near the alarm; `without_stream` are nearer ones that nobody can watch."""
        self._near.show_cameras(cameras, without_stream)
        self._allow()

    def set_stale(self, stale: bool, since: datetime | None = None) -> None:
        """While the link to the hub is lost nothing can be commanded."""
        self._stale = stale
        self.setProperty("stale", stale)
        self._allow()

    def set_past(self, past: bool, at: datetime | None = None) -> None:
        """Say that the alarm is shown as it once was: it takes no commands until it is of now again.

        `at` is the time it was so where that is not the room's, which is told elsewhere.
        """
        self._past, self._was_at = past, at
        self._nothing.setText(
            _("The chosen alarm was not raised at this time") if past else _("Choose an alarm from the list")
        )
        self._allow()

    def tick(self, now: datetime) -> None:
        """Draw ages again, once a second."""
        self._now = now
        if self._alarm is not None and self.isVisible():
            self._draw_facts()
            self._draw_story()
            self._sensor_box.show_sensor(self._sensor, self._now)

    # ---------------------------------------------------------------- drawing

    def _draw(self) -> None:
        alarm = self._alarm
        if alarm is None:
            return
        symbol = Symbol.FILLED if alarm.waiting else Symbol.OUTLINED
        ratio = self.devicePixelRatioF()
        self._symbol.setPixmap(severity_pixmap(alarm.severity, _SYMBOL, symbol, is_dark(self.palette()), ratio))
        self._title.setText(alarm.title)
        state = f"{severity_word(alarm.severity)} · {standing_word(alarm)}"
        if self._was_at is not None:
            time = time_text(self._was_at, self._now, self._zone)
            state = _("{state} · ◷ as it was at {time}").format(state=state, time=time)
        self._state.setText(state)
        self._text.setText(alarm.text)
        self._text.setVisible(bool(alarm.text))
        self._draw_facts()
        self._draw_story()
        self._sensor_box.show_sensor(self._sensor, self._now)
        self._allow()

    def set_place_line(self, line: Callable[[float, float], str]) -> None:
        """What says in words where a point (lon, lat) is, for alarms that tell no place."""
        self._line = line
        self._draw_facts()

    def _place_line(self, alarm: Alarm) -> str:
        words = "" if alarm.point is None else self._line(alarm.point.lon, alarm.point.lat)
        return _("{place} (by the map)").format(place=words) if words else ""

    def _draw_facts(self) -> None:
        alarm = self._alarm
        if alarm is None:
            return
        position = "" if alarm.point is None else f"{alarm.point.lon:.5f}, {alarm.point.lat:.5f}"
        facts = (
            (_("Place"), alarm.place or self._place_line(alarm)),
            (_("Position (WGS-84)"), position),
            (_("Source"), self._names.source(alarm.source)),
            (_("Kind"), self._names.kind(alarm.kind)),
            (_("Department"), alarm.department),
            (_("Sensor"), alarm.sensor if self._sensor is None else self._sensor.sensor.name),
            (_("Camera"), alarm.camera),
            (_("Who has it"), self._owner(alarm)),
            (_("Back"), self._back(alarm)),
            (_("Silenced"), self._silenced()),
            (_("Tags"), tags_text(alarm)),
            (_("Raised"), _("once") if alarm.count == 1 else _("{count} times").format(count=alarm.count)),
            (_("Number"), alarm.id),
        )
        self._facts.fill([fact for fact in facts if fact[1]])

    def _owner(self, alarm: Alarm) -> str:
        owner = alarm.owner
        holder = holder_text(alarm, self._names, self._now, self._untaken_s)
        return holder if owner is None else f"{holder} · {due_text(owner.until, self._now)}"

    def _silenced(self) -> str:
        silence = self._silence
        return "" if silence is None else f"{silence.by} · {silence.reason} · {due_text(silence.until, self._now)}"

    def _back(self, alarm: Alarm) -> str:
        until = alarm.aside.until if alarm.aside is not None else None
        return "" if until is None else f"{due_text(until, self._now)} · {time_text(until, self._now, self._zone)}"

    def _draw_story(self) -> None:
        if self._alarm is not None:
            self._story.fill([self._told(line) for line in story(self._alarm, self._names)])

    def _told(self, line: StoryLine) -> tuple[str, ...]:
        what = f"{line.what} · {line.who}" if line.who else line.what
        age = age_text((self._now - line.at).total_seconds())
        return time_text(line.at, self._now, self._zone), age, what

    def _allow(self) -> None:
        alarm = self._alarm
        live = alarm is not None and not self._stale and not self._past
        latched = alarm is not None and can_reset(alarm)
        self.reset_button.setVisible(latched)
        self.reset_button.setEnabled(live and latched)
        self.acknowledge_button.setVisible(not latched)
        self.acknowledge_button.setEnabled(live and alarm is not None and alarm.unseen)
        self.incident_button.setEnabled(live)
        self._note.setEnabled(live and alarm is not None and alarm.kept)
        self.map_button.setEnabled(alarm is not None)
        self.wall_button.setEnabled(live and bool(self._near.cameras))

    # ---------------------------------------------------------------- commands

    def _acknowledge(self) -> None:
        if self._alarm is not None:
            self.acknowledged.emit([self._alarm.id])

    def _reset(self) -> None:
        if self._alarm is not None:
            self.reset.emit([self._alarm.id])

    def _draft(self, text: str) -> None:
        if self._alarm is not None:
            self._drafts[self._alarm.id] = text

    def _add_note(self) -> None:
        text = self._note.text().strip()
        if self._alarm is not None and text:
            self.noted.emit(self._alarm.id, text)

    def _open_incident(self) -> None:
        if self._alarm is not None:
            self.incident_wanted.emit([self._alarm.id])

    def _show_map(self) -> None:
        if self._alarm is not None:
            self.map_wanted.emit(self._alarm.id)

    def _send_to_wall(self) -> None:
        self.wall_wanted.emit([near.camera.id for near in self._near.cameras])
