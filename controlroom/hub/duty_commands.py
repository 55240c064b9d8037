"""What officers command about silences, tags and who is on duty, as functions of the room."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from controlroom.domain.alarm import tagged
from controlroom.domain.alarm_policy import AlarmPolicy
from controlroom.domain.duty import Duty
from controlroom.domain.events import AlarmChanged, DutyChanged, Event, SilenceChanged
from controlroom.domain.room import Room
from controlroom.domain.silence import Silence
from controlroom.hub.alarm_commands import CLOCKS_APART
from controlroom.hub.refusal import Refuse
from controlroom.hub.silences import ended
from controlroom.wire.alarms import EndSilence, SilenceMatching, TagAlarms
from controlroom.wire.messages import Command, Refusal, SetDuty

SILENCED_MOST = timedelta(days=30)
"""No silence lasts longer."""

ON_DUTY_MOST = timedelta(days=7)
"""Nobody is put on duty for longer."""


class Carried(NamedTuple):
    """The events of a command and the id of what it made."""

    events: list[Event]
    created: str = ""


def command_duty(room: Room, command: Command, now: datetime, policy: AlarmPolicy) -> Carried | None:
    """What a command of this kind leads to, or None when it is another one. The room is not touched. Raises Refuse."""
    carry_out = _CARRIED_OUT.get(type(command.body))
    return None if carry_out is None else carry_out(room, command, command.body, now, policy)


def _silence(room: Room, command: Command, body: SilenceMatching, now: datetime, policy: AlarmPolicy) -> Carried:
    if not body.reason.strip():
        raise Refuse(Refusal.REASON_REQUIRED, "alarms are silenced with a reason")
    if body.matcher.everything:
        raise Refuse(Refusal.NOT_ALLOWED, "this would silence every alarm; say which ones")
    if not now < body.until <= now + SILENCED_MOST + CLOCKS_APART:
        raise Refuse(Refusal.NOT_ALLOWED, f"alarms are silenced for {SILENCED_MOST.days} days at the most")
    if len(room.silences) >= policy.silences_most:
        raise Refuse(Refusal.TOO_LARGE, f"there are {policy.silences_most} silences already; end one first")
    silence = Silence(
        id=f"silence-{room.sequence + 1}",
        matcher=body.matcher,
        by=command.officer,
        seat=command.seat,
        at=now,
        until=min(body.until, now + SILENCED_MOST),
        reason=body.reason.strip(),
    )
    return Carried([SilenceChanged(silence)], silence.id)


def _end_silence(room: Room, command: Command, body: EndSilence, now: datetime, _policy: AlarmPolicy) -> Carried:
    held = room.silences.get(body.silence)
    if held is None:
        raise Refuse(Refusal.ALREADY_DONE, "this silence is over already")
    return Carried([SilenceChanged(ended(held, now, command.officer))])


def _tag(room: Room, _command: Command, body: TagAlarms, _now: datetime, policy: AlarmPolicy) -> Carried:
    added = [tag.strip() for tag in body.add if tag.strip()]
    if not added and not body.remove:
        raise Refuse(Refusal.REASON_REQUIRED, "a tag says something")
    held = [room.alarms[i] for i in dict.fromkeys(body.alarms) if i in room.alarms]
    changed = [after for alarm in held if (after := tagged(alarm, added, body.remove)) is not alarm]
    if not changed:
        raise Refuse(Refusal.ALREADY_DONE, "none of these alarms stands, or they are tagged so already")
    if any(len(alarm.tags) > policy.tags_most for alarm in changed):
        raise Refuse(Refusal.TOO_LARGE, f"an alarm has at most {policy.tags_most} tags")
    return Carried([AlarmChanged(alarm) for alarm in changed])


def _set_duty(room: Room, command: Command, body: SetDuty, now: datetime, _policy: AlarmPolicy) -> Carried:
    held = room.duties.get(body.role)
    if held is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"there is no role {body.role}")
    until = body.until or held.ends_at
    if not now < until <= now + ON_DUTY_MOST:
        raise Refuse(Refusal.NOT_ALLOWED, f"somebody is put on duty for {ON_DUTY_MOST.days} days at the most")
    officers = tuple(dict.fromkeys(name.strip() for name in body.officers if name.strip()))
    shift = held.shift if until == held.ends_at else ""
    duty = Duty(
        role=body.role, officers=officers, begins_at=now, ends_at=until, at=now, by=command.officer, shift=shift
    )
    return Carried([DutyChanged(duty)])


_CARRIED_OUT: dict[type, Callable[[Room, Command, Any, datetime, AlarmPolicy], Carried]] = {
    SilenceMatching: _silence,
    EndSilence: _end_silence,
    TagAlarms: _tag,
    SetDuty: _set_duty,
}
