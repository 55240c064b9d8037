"""One incident: its head, its timeline, its tasks, and what an officer does with it."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Protocol

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.models.incident_model import IncidentRecord
from controlroom.bridge.wording import age_text, span_text, time_text
from controlroom.domain.incident import Incident, IncidentStatus, TaskStatus
from controlroom.i18n import _
from widgets.banner import Banner
from widgets.elided_label import ElidedLabel
from widgets.errand import Errand, Spawn
from widgets.incident_dialogs import IncidentClosing
from widgets.incident_tasks import IncidentTasks
from widgets.incident_timeline import IncidentTimeline
from widgets.severity import is_dark, severity_pixmap, severity_word
from widgets.text_rows import plain_label

_SYMBOL = 28
_TEXT_MOST = 4000


class IncidentCommands(Protocol):
    """What the view asks of the hub; every call raises CommandRefused or EnvironmentFault when it was not done."""

    async def add_note(self, incident: str, text: str) -> None:
        """Append a line to a timeline."""

    async def assign_task(self, incident: str, department: str, text: str, due_at: datetime | None) -> None:
        """Ask a department to do something."""

    async def answer_task(self, task: str, status: TaskStatus, text: str) -> None:
        """Tell what became of a task."""

    async def close_incident(self, incident: str, reason: str) -> None:
        """Close an incident."""


class IncidentView(QWidget):
    """Shows one IncidentRecord; a text stays in its field until the hub has taken it."""

    def __init__(
        self,
        commands: IncidentCommands,
        spawn: Spawn,
        departments: tuple[str, ...],
        now: datetime,
        zone: tzinfo | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._commands = commands
        self._now = now
        self._zone = zone
        self._record: IncidentRecord | None = None
        self._stale = self._past = False
        self._line: Callable[[float, float], str] | None = None
        self.notice = Banner("refused")
        self._errand = Errand(spawn, self.notice)
        self.timeline = IncidentTimeline(now, zone)
        self.tasks = IncidentTasks(departments, now)
        self.note = QLineEdit()
        self._symbol = QLabel()
        # A second line of the title was cut on low screens.
        self._title = ElidedLabel()
        self._title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        font = self._title.font()
        font.setPixelSize(18)
        font.setBold(True)
        self._title.setFont(font)
        self._facts = plain_label()
        self._ending = plain_label()
        self._add = QPushButton(_("Add note"))
        self._close = QPushButton(_("Close the incident…"))
        self._pages = QStackedWidget()
        self._build()
        self.show_record(None)

    def _build(self) -> None:
        nothing = QLabel(_("Choose an incident, or open one from an alarm with the key I"))
        nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        nothing.setWordWrap(True)
        nothing.setProperty("faint", True)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(8, 6, 8, 8)
        column.addLayout(self._build_head())
        column.addWidget(self.notice)
        self._rows = QVBoxLayout()
        column.addLayout(self._rows)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self._build_timeline())
        split.addWidget(self.tasks)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 4)
        split.setSizes([300, 460])
        column.addWidget(split, 1)
        self._pages.addWidget(nothing)
        self._pages.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._pages)
        self.tasks.assigned.connect(self._assign)
        self.tasks.answered.connect(self._answer)
        shortcut = QShortcut(QKeySequence("N"), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.note.setFocus)

    def _build_head(self) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self._title)
        words.addWidget(self._facts)
        words.addWidget(self._ending)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self._symbol)
        head.addLayout(words, 1)
        self._tools = QHBoxLayout()
        head.addLayout(self._tools)
        head.addWidget(self._close)
        self._close.clicked.connect(self.ask_reason)
        return head

    def _build_timeline(self) -> QWidget:
        self.note.setPlaceholderText(_("Note for the timeline (N)"))
        self.note.setMaxLength(_TEXT_MOST)
        self.note.textChanged.connect(self._allow)
        self.note.returnPressed.connect(self._note)
        self._add.clicked.connect(self._note)
        row = QHBoxLayout()
        row.addWidget(self.note, 1)
        row.addWidget(self._add)
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.timeline, 1)
        column.addLayout(row)
        return side

    def changeEvent(self, event: QEvent) -> None:
        """Another theme: paint the symbol anew."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.record is not None:
            self.show_record(self.record)

    # ---------------------------------------------------------------- what others call

    def add_tool(self, button: QWidget) -> None:
        """Put a button about the incident into its head."""
        self._tools.addWidget(button)

    def add_row(self, widget: QWidget) -> None:
        """Put something about the incident between its head and its timeline."""
        self._rows.addWidget(widget)

    @property
    def record(self) -> IncidentRecord | None:
        """What is shown."""
        return self._record

    def show_record(self, record: IncidentRecord | None) -> None:
        """Show an incident, or its newer state; None = nothing is chosen."""
        changed = record is None or self._record is None or record.incident.id != self._record.incident.id
        self._record = record
        if changed:
            self.note.clear()
            self.notice.hush()
        self._pages.setCurrentIndex(0 if record is None else 1)
        if record is None:
            return
        incident = record.incident
        dark = is_dark(self.palette())
        ratio = self.devicePixelRatioF()
        self._symbol.setPixmap(severity_pixmap(incident.grade, _SYMBOL, dark=dark, ratio=ratio))
        self._symbol.setToolTip(severity_word(incident.grade))
        self._title.setText(incident.title)
        self.timeline.show_entries(record.entries)
        self.tasks.show_tasks(record.tasks, self._read_only)
        self._tell_facts()
        self._allow()

    def set_stale(self, stale: bool, since: datetime | None = None) -> None:
        """While the link to the hub is lost nothing can be commanded; the banner of the room says since when."""
        self._stale = stale
        self.setProperty("stale", stale)
        if self._record is not None:
            self.tasks.show_tasks(self._record.tasks, self._read_only)
        self._allow()

    def set_past(self, past: bool) -> None:
        """Say that the incident is shown as of an earlier time: it takes no commands until it is of now again."""
        self._past = past
        if self._record is not None:
            self.tasks.show_tasks(self._record.tasks, self._read_only)
        self._allow()

    def tick(self, now: datetime) -> None:
        """Draw ages and clocks again, once a second."""
        self._now = now
        self.timeline.tick(now)
        self.tasks.tick(now)
        self._tell_facts()

    def ask_reason(self) -> None:
        """Ask why the incident is closed, then close it."""
        if self._record is None or not self._close.isEnabled():
            return
        dialog = IncidentClosing(self._record.incident.title, len(self._record.open_tasks), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        incident = self._record.incident.id
        dialog.reasoned.connect(lambda reason: self.close_with(incident, reason))
        dialog.open()

    def close_with(self, incident: str, reason: str) -> None:
        """Close an incident for a reason."""
        self._errand.run(self._commands.close_incident(incident, reason), "close incident")

    # ---------------------------------------------------------------- inside

    @property
    def _read_only(self) -> bool:
        record = self._record
        return self._stale or self._past or record is None or record.incident.status is IncidentStatus.CLOSED

    def set_place_line(self, line: Callable[[float, float], str]) -> None:
        """What says in words where a point (lon, lat) is, for incidents that tell no place."""
        self._line = line
        self._tell_facts()

    def _place_words(self, incident: Incident) -> str:
        if incident.place or incident.point is None or self._line is None:
            return incident.place
        words = self._line(incident.point.lon, incident.point.lat)
        return _("{place} (by the map)").format(place=words) if words else ""

    def _tell_facts(self) -> None:
        if self._record is None:
            return
        incident = self._record.incident
        opened = _("opened {time} by {officer}, {age}").format(
            time=time_text(incident.opened_at, self._now, self._zone),
            officer=incident.opened_by,
            age=age_text((self._now - incident.opened_at).total_seconds()),
        )
        parts = [severity_word(incident.grade), incident.id, self._place_words(incident), opened]
        if incident.alarms:
            parts.append(_("alarms: {count}").format(count=len(incident.alarms)))
        self._facts.setText(" · ".join(part for part in parts if part))
        self._ending.setVisible(incident.closed_at is not None)
        if incident.closed_at is not None:
            text = _("Closed {time} by {officer} after {span}: {reason}").format(
                time=time_text(incident.closed_at, self._now, self._zone),
                officer=incident.closed_by,
                span=span_text((incident.closed_at - incident.opened_at).total_seconds()),
                reason=incident.closed_reason,
            )
            self._ending.setText(text)

    def _allow(self) -> None:
        open_ = not self._read_only
        self.note.setVisible(open_)
        self._add.setVisible(open_)
        self._add.setEnabled(bool(self.note.text().strip()))
        self._close.setVisible(self._record is not None and self._record.incident.status is IncidentStatus.OPEN)
        self._close.setEnabled(open_)

    def _note(self) -> None:
        text = self.note.text().strip()
        if self._record is None or not text or self._read_only:
            return
        self._errand.run(
            self._commands.add_note(self._record.incident.id, text), "add note", lambda _answer: self.note.clear()
        )

    def _assign(self, department: str, text: str, due: datetime | None) -> None:
        if self._record is not None and not self._read_only:
            command = self._commands.assign_task(self._record.incident.id, department, text, due)
            self._errand.run(command, "assign task", lambda _answer: self.tasks.assigned_ok())

    def _answer(self, task: str, status: TaskStatus, text: str) -> None:
        if not self._read_only:
            command = self._commands.answer_task(task, status, text)
            self._errand.run(command, "answer task", lambda _answer: self.tasks.answered_ok())
