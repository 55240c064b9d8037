"""What officers may command about alarms, as functions of the room."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from controlroom.domain import alarm as alarms
from controlroom.domain.alarm import Alarm, Aside, AsideKind, Note, Owner
from controlroom.domain.alarm_policy import AlarmPolicy
from controlroom.domain.events import AlarmChanged, Event
from controlroom.domain.room import Room
from controlroom.hub.refusal import Refuse
from controlroom.wire.alarms import (
    Acknowledge,
    NoteAlarm,
    ReleaseAlarms,
    ResetAlarms,
    ReturnToService,
    Shelve,
    Suppress,
    TakeAlarms,
    Unacknowledge,
    Unshelve,
)
from controlroom.wire.messages import Command, Refusal

SHELVED_MOST = timedelta(days=30)
"""No alarm is shelved for longer."""

CLOCKS_APART = timedelta(minutes=5)
"""The clock of a seat may be this far ahead of ours before an end that it names is refused."""


def command_alarms(room: Room, command: Command, now: datetime, policy: AlarmPolicy) -> list[Event] | None:
    """The events of a command on alarms, or None when it is another one. The room is not touched. Raises Refuse."""
    if isinstance(command.body, TakeAlarms):
        return _take(room, command, command.body, now, policy)
    if isinstance(command.body, NoteAlarm):
        return _note(room, command, command.body, now, policy)
    carry_out = _CARRIED_OUT.get(type(command.body))
    return None if carry_out is None else carry_out(room, command, command.body, now)


def _acknowledge(room: Room, command: Command, body: Acknowledge, now: datetime) -> list[Event]:
    unseen = [a for a in _held(room, _with_muted(room, body.alarms)) if a.unseen]
    _some(unseen, "none of these alarms waits for an acknowledgement")
    return _changed(alarms.acknowledged(a, command.officer, now) for a in unseen)


def _with_muted(room: Room, ids: Sequence[str]) -> list[str]:
    """These alarms and those that they mute: who takes note of a cause takes note of what is listed under it."""
    chosen = set(ids)
    return [*ids, *(a.id for a in room.alarms.values() if a.parent in chosen)]


def _unacknowledge(room: Room, _command: Command, body: Unacknowledge, now: datetime) -> list[Event]:
    held = _held(room, body.alarms)
    changed = [after for a in held if (after := alarms.unacknowledged(a, now)) is not a]
    _some(changed, "none of these alarms is acknowledged")
    return _changed(changed)


def _reset(room: Room, command: Command, body: ResetAlarms, now: datetime) -> list[Event]:
    held = _held(room, body.alarms)
    changed = [after for a in held if (after := alarms.reset(a, command.officer, now)) is not a]
    _some(changed, "none of these alarms is latched, that is over and acknowledged")
    return _changed(changed)


def _shelve(room: Room, command: Command, body: Shelve, now: datetime) -> list[Event]:
    reason = _reasoned(body.reason, "an alarm is shelved with a reason")
    if not now < body.until <= now + SHELVED_MOST + CLOCKS_APART:
        raise Refuse(Refusal.NOT_ALLOWED, f"an alarm is shelved for {SHELVED_MOST.days} days at the most")
    until = min(body.until, now + SHELVED_MOST)
    held = [a for a in _held(room, body.alarms) if a.aside is None or a.aside.kind is AsideKind.SHELVED]
    _some(held, "none of these alarms stands, or they are suppressed already")
    return _changed(
        alarms.set_aside(
            a,
            Aside(kind=AsideKind.SHELVED, by=command.officer, at=now, reason=reason, severity=a.severity, until=until),
        )
        for a in held
    )


def _unshelve(room: Room, _command: Command, body: Unshelve, now: datetime) -> list[Event]:
    held = [a for a in _held(room, body.alarms) if a.aside is not None and a.aside.kind is AsideKind.SHELVED]
    _some(held, "none of these alarms is shelved")
    return _changed(alarms.brought_back(a, now) for a in held)


def _suppress(room: Room, command: Command, body: Suppress, now: datetime) -> list[Event]:
    reason = _reasoned(body.reason, "an alarm is suppressed with a reason")
    kind = AsideKind(body.how)
    held = [a for a in _held(room, body.alarms) if a.aside is None or a.aside.kind is not kind]
    _some(held, "none of these alarms stands, or that was done already")
    return _changed(
        alarms.set_aside(a, Aside(kind=kind, by=command.officer, at=now, reason=reason, severity=a.severity))
        for a in held
    )


def _return_to_service(room: Room, _command: Command, body: ReturnToService, now: datetime) -> list[Event]:
    held = [a for a in _held(room, body.alarms) if a.aside is not None and a.aside.kind is not AsideKind.SHELVED]
    _some(held, "none of these alarms is suppressed or out of service")
    return _changed(alarms.brought_back(a, now) for a in held)


def _release(room: Room, _command: Command, body: ReleaseAlarms, now: datetime) -> list[Event]:
    held = [a for a in _held(room, body.alarms) if a.owner is not None]
    _some(held, "nobody has any of these alarms")
    return _changed(alarms.released(a, now) for a in held)


def _take(room: Room, command: Command, body: TakeAlarms, now: datetime, policy: AlarmPolicy) -> list[Event]:
    held = _held(room, body.alarms)
    _some(held, "none of these alarms stands any more")
    owner = Owner(by=command.officer, seat=command.seat, at=now, until=now + timedelta(seconds=policy.own_for_s))
    return _changed(alarms.taken(a, owner) for a in held)


def _note(room: Room, command: Command, body: NoteAlarm, now: datetime, policy: AlarmPolicy) -> list[Event]:
    held = room.alarms.get(body.alarm)
    if held is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"the alarm {body.alarm} is not standing (any more)")
    if not body.text.strip():
        raise Refuse(Refusal.REASON_REQUIRED, "a note says something")
    if len(held.notes) >= policy.notes_most:
        raise Refuse(Refusal.TOO_LARGE, f"an alarm has at most {policy.notes_most} notes; open an incident")
    note = Note(at=now, by=command.officer, seat=command.seat, text=body.text.strip())
    return _changed([alarms.noted(held, note)])


_CARRIED_OUT: dict[type, Callable[[Room, Command, Any, datetime], list[Event]]] = {
    Acknowledge: _acknowledge,
    Unacknowledge: _unacknowledge,
    ResetAlarms: _reset,
    Shelve: _shelve,
    Unshelve: _unshelve,
    Suppress: _suppress,
    ReturnToService: _return_to_service,
    ReleaseAlarms: _release,
}


def _held(room: Room, ids: Iterable[str]) -> list[Alarm]:
    return [room.alarms[i] for i in dict.fromkeys(ids) if i in room.alarms]


def _some(chosen: list[Alarm], otherwise: str) -> None:
    if not chosen:
        raise Refuse(Refusal.ALREADY_DONE, otherwise)


def _reasoned(reason: str, otherwise: str) -> str:
    if not reason.strip():
        raise Refuse(Refusal.REASON_REQUIRED, otherwise)
    return reason.strip()


def _changed(changed: Iterable[Alarm]) -> list[Event]:
    return [AlarmChanged(a) for a in changed]
