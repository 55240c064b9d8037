"""What officers say of incidents: opened, written on, tasks to departments, closed."""

from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.incident import TaskStatus
from controlroom.domain.place import Point
from controlroom.domain.severity import Severity
from controlroom.domain.times import Instant
from controlroom.wire.terms import AlarmId, Name, Short, Text


class OpenIncident(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="open_incident"):
    """Opens an incident, from alarms or from nothing."""

    title: Annotated[str, Meta(min_length=1, max_length=400)]
    grade: Severity
    alarms: Annotated[list[AlarmId], Meta(max_length=1000)] = []
    place: Short = ""
    point: Point | None = None
    text: Text = ""


class AddNote(Struct, frozen=True, kw_only=True, tag="note"):
    """Appends a line to an incident's timeline."""

    incident: Name
    text: Annotated[str, Meta(min_length=1, max_length=4000)]


class AssignTask(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="assign_task"):
    """Asks a department to do something for an incident."""

    incident: Name
    department: Name
    text: Annotated[str, Meta(min_length=1, max_length=4000)]
    due_at: Instant | None = None


class AnswerTask(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="answer_task"):
    """Tells what became of a task."""

    task: Name
    status: TaskStatus
    text: Text = ""


class CloseIncident(Struct, frozen=True, kw_only=True, tag="close_incident"):
    """Closes an incident; the reason may not be empty."""

    incident: Name
    reason: Text


IncidentCommand = OpenIncident | AddNote | AssignTask | AnswerTask | CloseIncident
