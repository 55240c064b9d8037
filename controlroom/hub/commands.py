"""What officers may command, as functions of the room."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import msgspec

from controlroom.domain.alarm_bands import SeatFigures
from controlroom.domain.alarm_policy import DEFAULT_POLICY, AlarmPolicy
from controlroom.domain.events import (
    DrillChanged,
    EntryAdded,
    Event,
    IncidentChanged,
    TaskChanged,
)
from controlroom.domain.incident import Entry, EntryKind, Incident, IncidentStatus, Task, TaskStatus
from controlroom.domain.picture_rules import PictureRules
from controlroom.domain.ptz_lease import PtzFigures
from controlroom.domain.room import Room
from controlroom.hub.alarm_commands import command_alarms
from controlroom.hub.annotation_commands import annotate, change_annotation, remove_annotation
from controlroom.hub.camera_group_commands import change_camera_group, make_camera_group, remove_camera_group
from controlroom.hub.core import timely
from controlroom.hub.duty_commands import command_duty
from controlroom.hub.fence_commands import remove_fence, set_fence
from controlroom.hub.graphic_commands import archived_with, command_graphics
from controlroom.hub.picture_commands import tell_picture
from controlroom.hub.ptz_commands import command_ptz
from controlroom.hub.refusal import Refuse
from controlroom.hub.seat_commands import DEFAULT_SEATS, command_seats
from controlroom.hub.snapshot_commands import change_saved_values, remove_saved_values, save_values
from controlroom.hub.times import BEIJING
from controlroom.hub.wall_commands import command_wall
from controlroom.wire.annotations import Annotate, ChangeAnnotation, RemoveAnnotation
from controlroom.wire.camera_groups import ChangeCameraGroup, MakeCameraGroup, RemoveCameraGroup
from controlroom.wire.fences import RemoveFence, SetFence
from controlroom.wire.incidents import AddNote, AnswerTask, AssignTask, CloseIncident, OpenIncident
from controlroom.wire.messages import Command, Playback, Refusal
from controlroom.wire.pictures import TellPicture
from controlroom.wire.snapshots import ChangeSavedValues, RemoveSavedValues, SaveValues

DEFAULT_PTZ = PtzFigures()


class Outcome(NamedTuple):
    """The events a command leads to and the id of what it made."""

    events: list[Event]
    created: str = ""


_Made = TypeVar("_Made", bound=Event)
_CarryOut = Callable[[Room, Command, Any, datetime], Outcome]


def carry_out(
    room: Room,
    command: Command,
    now: datetime,
    drilling: bool,
    policy: AlarmPolicy = DEFAULT_POLICY,
    seats: SeatFigures = DEFAULT_SEATS,
    ptz: PtzFigures = DEFAULT_PTZ,
    pictures: PictureRules | None = None,
) -> Outcome:
    """The outcome of a command on the room as it stands; the room is not touched. Raises Refuse."""
    if isinstance(command.body, Playback):
        return _playback(room, command.body, now, drilling)
    if isinstance(command.body, TellPicture):
        return Outcome(tell_picture(room, command, command.body, now, pictures))
    changed = command_alarms(room, command, now, policy)
    if changed is not None:
        return Outcome(changed)
    carried = command_duty(room, command, now, policy)
    if carried is not None:
        return Outcome(*carried)
    handed = command_seats(room, command, now, seats)
    if handed is not None:
        return Outcome(*handed)
    walled = command_wall(room, command, now)
    if walled is not None:
        return Outcome(*walled)
    drawn = command_graphics(room, command, now)
    if drawn is not None:
        return Outcome(*drawn)
    steered = command_ptz(room, command, now, ptz, drilling)
    if steered is not None:
        return Outcome(*steered)
    return _CARRIED_OUT[type(command.body)](room, command, command.body, now)


def _open_incident(room: Room, command: Command, body: OpenIncident, now: datetime) -> Outcome:
    unknown = [i for i in body.alarms if i not in room.alarms]
    if unknown:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"the alarm {unknown[0]} is not standing (any more)")
    for incident in room.incidents.values():
        if incident.status is IncidentStatus.OPEN and set(incident.alarms) & set(body.alarms):
            raise Refuse(Refusal.ALREADY_DONE, f"incident {incident.id} was already opened from this alarm")
    day = now.astimezone(BEIJING).strftime("%Y%m%d")
    number = 1 + sum(1 for i in room.incidents if i.startswith(day))
    incident = Incident(
        id=f"{day}-{number:03d}",
        title=body.title,
        grade=body.grade,
        opened_at=now,
        opened_by=command.officer,
        alarms=tuple(dict.fromkeys(body.alarms)),
        place=body.place,
        point=body.point,
    )
    entries = [_entry(room, incident.id, command, now, EntryKind.OPENED, body.text or body.title, 1)]
    for offset, identity in enumerate(incident.alarms, start=2):
        entries.append(_entry(room, incident.id, command, now, EntryKind.ALARM, room.alarms[identity].title, offset))
    return Outcome([IncidentChanged(incident), *(EntryAdded(e) for e in entries)], incident.id)


def _note(room: Room, command: Command, body: AddNote, now: datetime) -> Outcome:
    _open(room, body.incident)
    entry = _entry(room, body.incident, command, now, EntryKind.NOTE, body.text)
    return Outcome([EntryAdded(entry)], entry.id)


def _assign(room: Room, command: Command, body: AssignTask, now: datetime) -> Outcome:
    _open(room, body.incident)
    timely(body.due_at)
    number = 1 + sum(1 for t in room.tasks.values() if t.incident == body.incident)
    task = Task(
        id=f"{body.incident}-t{number}",
        incident=body.incident,
        department=body.department,
        text=body.text,
        assigned_at=now,
        assigned_by=command.officer,
        due_at=body.due_at,
    )
    entry = _entry(room, body.incident, command, now, EntryKind.TASK, f"{body.department}: {body.text}")
    return Outcome([TaskChanged(task), EntryAdded(entry)], task.id)


_FOLLOWING = {
    TaskStatus.ASSIGNED: {TaskStatus.ACCEPTED, TaskStatus.DONE, TaskStatus.CANCELLED},
    TaskStatus.ACCEPTED: {TaskStatus.DONE, TaskStatus.CANCELLED},
    TaskStatus.DONE: set(),
    TaskStatus.CANCELLED: set(),
}


def _answer(room: Room, command: Command, body: AnswerTask, now: datetime) -> Outcome:
    held = room.tasks.get(body.task)
    if held is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"there is no task {body.task}")
    _open(room, held.incident)
    if body.status not in _FOLLOWING[held.status]:
        raise Refuse(Refusal.ALREADY_DONE, f"the task is {held.status}, it cannot become {body.status}")
    task = msgspec.structs.replace(held, status=body.status, changed_at=now, answer=body.text or held.answer)
    told = f"{held.department}: {held.text} [{body.status}] {body.text}".rstrip()
    return Outcome([TaskChanged(task), EntryAdded(_entry(room, held.incident, command, now, EntryKind.TASK, told))])


def _close(room: Room, command: Command, body: CloseIncident, now: datetime) -> Outcome:
    incident = _open(room, body.incident)
    if not body.reason.strip():
        raise Refuse(Refusal.REASON_REQUIRED, "an incident is closed with a reason")
    closed = msgspec.structs.replace(
        incident,
        status=IncidentStatus.CLOSED,
        closed_at=now,
        closed_by=command.officer,
        closed_reason=body.reason.strip(),
    )
    entry = _entry(room, incident.id, command, now, EntryKind.CLOSED, body.reason.strip())
    return Outcome([IncidentChanged(closed), EntryAdded(entry), *archived_with(room, incident.id, now)])


def _changing(judge: Callable[[Room, Command, Any, datetime], Event]) -> _CarryOut:
    """Carries out what leads to one event and makes nothing new."""

    def carried(room: Room, command: Command, body: object, now: datetime) -> Outcome:
        return Outcome([judge(room, command, body, now)])

    return carried


def _making(judge: Callable[[Room, Command, Any, datetime], _Made], identity: Callable[[_Made], str]) -> _CarryOut:
    """Carries out what makes a thing, whose id the officer is told."""

    def carried(room: Room, command: Command, body: object, now: datetime) -> Outcome:
        made = judge(room, command, body, now)
        return Outcome([made], identity(made))

    return carried


def _playback(room: Room, body: Playback, now: datetime, drilling: bool) -> Outcome:
    if not drilling:
        raise Refuse(Refusal.WRONG_REALM, "a live hub plays nothing back")
    if room.drill is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, "no recording is being played")
    held = room.drill
    clock = now if held.clock <= now <= held.ends_at else held.clock
    return Outcome(
        [DrillChanged(msgspec.structs.replace(held, transport=body.transport, speed=body.speed, clock=clock))]
    )


_CARRIED_OUT: dict[type, _CarryOut] = {
    OpenIncident: _open_incident,
    AddNote: _note,
    AssignTask: _assign,
    AnswerTask: _answer,
    CloseIncident: _close,
    Annotate: _making(annotate, lambda written: written.annotation.id),
    ChangeAnnotation: _changing(change_annotation),
    RemoveAnnotation: _changing(remove_annotation),
    MakeCameraGroup: _making(make_camera_group, lambda made: made.group.id),
    ChangeCameraGroup: _changing(change_camera_group),
    RemoveCameraGroup: _changing(remove_camera_group),
    SaveValues: _making(save_values, lambda saved: saved.snapshot.id),
    ChangeSavedValues: _changing(change_saved_values),
    RemoveSavedValues: _changing(remove_saved_values),
    SetFence: _making(set_fence, lambda drawn: drawn.fence.id),
    RemoveFence: _changing(remove_fence),
}


def _open(room: Room, identity: str) -> Incident:
    incident = room.incidents.get(identity)
    if incident is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"there is no incident {identity}")
    if incident.status is IncidentStatus.CLOSED:
        raise Refuse(Refusal.ALREADY_DONE, f"incident {identity} is closed")
    return incident


def _entry(
    room: Room, incident: str, command: Command, now: datetime, kind: EntryKind, text: str, number: int = 0
) -> Entry:
    number = number or 1 + len(room.entries.get(incident, ()))
    return Entry(
        id=f"{incident}-e{number}",
        incident=incident,
        at=now,
        by=command.officer,
        kind=kind,
        seat=command.seat,
        text=text,
    )
