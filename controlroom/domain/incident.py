"""Incidents: what happened, who did what, which department does what next."""

import enum

from msgspec import Struct

from controlroom.domain.place import Point
from controlroom.domain.severity import Severity
from controlroom.domain.times import Instant


class IncidentStatus(enum.StrEnum):
    """Open until somebody closes it with a reason."""

    OPEN = "open"
    CLOSED = "closed"


class EntryKind(enum.StrEnum):
    """What a line of the timeline tells."""

    OPENED = "opened"
    NOTE = "note"
    ALARM = "alarm"
    TASK = "task"
    GRAPHIC = "graphic"
    CLOSED = "closed"


class TaskStatus(enum.StrEnum):
    """Where a department stands with a task."""

    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    DONE = "done"
    CANCELLED = "cancelled"


class Incident(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An incident that the room handles. `alarms` are the ids of the alarms it was opened from."""

    id: str
    title: str
    grade: Severity
    opened_at: Instant
    opened_by: str
    status: IncidentStatus = IncidentStatus.OPEN
    alarms: tuple[str, ...] = ()
    place: str = ""
    point: Point | None = None
    closed_at: Instant | None = None
    closed_by: str = ""
    closed_reason: str = ""


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of an incident's timeline; it is never changed, a correction is a new line."""

    id: str
    incident: str
    at: Instant
    by: str
    kind: EntryKind
    seat: str = ""
    text: str = ""


class Task(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one department was asked to do for an incident, with its clock."""

    id: str
    incident: str
    department: str
    text: str
    assigned_at: Instant
    assigned_by: str
    status: TaskStatus = TaskStatus.ASSIGNED
    due_at: Instant | None = None
    changed_at: Instant | None = None
    answer: str = ""
