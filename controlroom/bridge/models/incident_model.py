"""The incident board as an item model, and one incident as a value with all that belongs to it."""

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from typing import Any

from msgspec import Struct
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from controlroom.bridge.raw_text import in_role
from controlroom.bridge.wording import age_text, due_text, severity_word, span_text
from controlroom.domain.alarm import Alarm
from controlroom.domain.incident import Entry, Incident, IncidentStatus, Task, TaskStatus
from controlroom.domain.place import Point
from controlroom.domain.room import Room
from controlroom.domain.severity import Severity
from controlroom.i18n import _

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_UNDONE = (TaskStatus.ASSIGNED, TaskStatus.ACCEPTED)


class IncidentRecord(Struct, frozen=True):
    """An incident with its timeline (in order of arrival) and its tasks (in order of assignment)."""

    incident: Incident
    entries: tuple[Entry, ...] = ()
    tasks: tuple[Task, ...] = ()

    @property
    def open_tasks(self) -> tuple[Task, ...]:
        """Tasks that are neither done nor cancelled, the oldest first."""
        return tuple(task for task in self.tasks if task.status in _UNDONE)

    @property
    def done_tasks(self) -> int:
        """How many tasks were done; cancelled ones do not count."""
        return sum(task.status is TaskStatus.DONE for task in self.tasks)

    @property
    def wanted_tasks(self) -> int:
        """How many tasks are to be done at all."""
        return sum(task.status is not TaskStatus.CANCELLED for task in self.tasks)


class NewIncident(Struct, frozen=True, kw_only=True):
    """What an officer says when opening an incident."""

    title: str
    grade: Severity
    alarms: tuple[str, ...] = ()
    place: str = ""
    point: Point | None = None
    text: str = ""


def record_of(room: Room, incident: str) -> IncidentRecord | None:
    """The record of one incident of a room, or None when the room does not know it."""
    held = room.incidents.get(incident)
    if held is None:
        return None
    return IncidentRecord(held, tuple(room.entries.get(incident, ())), tuple(room.tasks_of(incident)))


def records_of(room: Room) -> list[IncidentRecord]:
    """All incidents of a room, in one pass over its tasks."""
    tasks: dict[str, list[Task]] = {}
    for task in sorted(room.tasks.values(), key=lambda task: (task.assigned_at, task.id)):
        tasks.setdefault(task.incident, []).append(task)
    return [
        IncidentRecord(incident, tuple(room.entries.get(key, ())), tuple(tasks.get(key, ())))
        for key, incident in room.incidents.items()
    ]


def proposed(alarms: Iterable[Alarm]) -> NewIncident:
    """An incident as it is proposed from alarms: the worst of them gives title, grade and place. Needs at least one."""
    told = list(alarms)
    worst = min(told, key=lambda alarm: (alarm.severity, alarm.occurred_at))
    return NewIncident(
        title=worst.title,
        grade=worst.severity,
        alarms=tuple(alarm.id for alarm in told),
        place=worst.place,
        point=worst.point,
    )


class BoardColumn:
    """The columns of the board."""

    GRADE, TITLE, PLACE, AGE, TASKS, OLDEST = range(6)
    COUNT = 6


class IncidentModel(QAbstractTableModel):
    """Open or closed incidents: open ones by grade, then the oldest first; closed ones the last closed first."""

    def __init__(self, now: datetime, zone: tzinfo | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._records: dict[str, IncidentRecord] = {}
        self._listed: list[IncidentRecord] = []
        self._status = IncidentStatus.OPEN
        self.now = now.astimezone(UTC)

    def reset(self, records: Iterable[IncidentRecord]) -> None:
        """Hold exactly these incidents."""
        self.beginResetModel()
        self._records = {record.incident.id: record for record in records}
        self._list()
        self.endResetModel()

    def change(self, records: Iterable[IncidentRecord]) -> None:
        """Take in the new states of some incidents."""
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        keys = [self._listed[index.row()].incident.id for index in held]
        self._records.update((record.incident.id, record) for record in records)
        self._list()
        rows = {record.incident.id: row for row, record in enumerate(self._listed)}
        moved = [
            self.index(rows[key], index.column()) if key in rows else _NOWHERE
            for key, index in zip(keys, held, strict=True)
        ]
        self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()

    def show_status(self, status: IncidentStatus) -> None:
        """List the open or the closed ones."""
        self.beginResetModel()
        self._status = status
        self._list()
        self.endResetModel()

    def tick(self, now: datetime) -> None:
        """Move the time that ages and clocks are told against."""
        self.now = now
        if self._listed:
            self.dataChanged.emit(
                self.index(0, BoardColumn.AGE),
                self.index(len(self._listed) - 1, BoardColumn.OLDEST),
                [Qt.ItemDataRole.DisplayRole],
            )

    @property
    def status(self) -> IncidentStatus:
        """Which incidents are listed."""
        return self._status

    def count(self, status: IncidentStatus) -> int:
        """How many incidents are open, or closed."""
        return sum(record.incident.status is status for record in self._records.values())

    def record(self, row: int) -> IncidentRecord:
        """The incident of a row."""
        return self._listed[row]

    def of(self, incident: str) -> IncidentRecord | None:
        """The record of an incident, listed or not."""
        return self._records.get(incident)

    def row(self, incident: str) -> int:
        """The row of an incident, or -1 when it is not listed."""
        return next((row for row, record in enumerate(self._listed) if record.incident.id == incident), -1)

    def overdue(self, row: int) -> bool:
        """Whether an open task of the incident is past its due time."""
        tasks = self._listed[row].open_tasks
        return any(task.due_at is not None and task.due_at < self.now for task in tasks)

    def _list(self) -> None:
        listed = [record for record in self._records.values() if record.incident.status is self._status]
        if self._status is IncidentStatus.OPEN:
            listed.sort(key=lambda record: (record.incident.grade, record.incident.opened_at, record.incident.id))
        else:
            listed.sort(key=lambda record: record.incident.closed_at or record.incident.opened_at, reverse=True)
        self._listed = listed

    # ---------------------------------------------------------------- QAbstractTableModel

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Listed incidents."""
        return 0 if parent.isValid() else len(self._listed)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """The columns of BoardColumn."""
        return 0 if parent.isValid() else BoardColumn.COUNT

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        last = _("Oldest open task") if self._status is IncidentStatus.OPEN else _("Reason of closing")
        titles = (_("Grade"), _("Incident"), _("Place"), _("Age"), _("Tasks done"), last)
        return titles[section] if 0 <= section < len(titles) else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text of a cell; the incident's id under UserRole."""
        if not index.isValid() or index.row() >= len(self._listed):
            return None
        record = self._listed[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return record.incident.id
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return in_role(self._text(record, index.column()), role)
        return None

    def _text(self, record: IncidentRecord, column: int) -> str:
        incident = record.incident
        if column == BoardColumn.GRADE:
            return severity_word(incident.grade)
        if column == BoardColumn.TITLE:
            return incident.title
        if column == BoardColumn.PLACE:
            return incident.place
        if column == BoardColumn.AGE:
            if incident.closed_at is not None:
                took_s = (incident.closed_at - incident.opened_at).total_seconds()
                return _("took {span}").format(span=span_text(took_s))
            return age_text((self.now - incident.opened_at).total_seconds())
        if column == BoardColumn.TASKS:
            return f"{record.done_tasks}/{record.wanted_tasks}" if record.tasks else "—"
        if incident.status is IncidentStatus.CLOSED:
            return incident.closed_reason
        return self._oldest_text(record)

    def _oldest_text(self, record: IncidentRecord) -> str:
        if not record.open_tasks:
            return ""
        oldest = record.open_tasks[0]
        if oldest.due_at is None:
            clock = age_text((self.now - oldest.assigned_at).total_seconds())
        else:
            clock = due_text(oldest.due_at, self.now)
        return _("{department}: {text} ({clock})").format(department=oldest.department, text=oldest.text, clock=clock)
