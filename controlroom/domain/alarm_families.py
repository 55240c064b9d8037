"""Which alarms belong together: one cause, first-out, parents that mute children, and the same told twice."""

import math
from collections.abc import Iterator
from datetime import datetime

import msgspec

from controlroom.domain import alarm as machine
from controlroom.domain.alarm import Alarm
from controlroom.domain.alarm_rules import AlarmRules, Correlation
from controlroom.domain.alarm_treatment import RuleTable, Treatment, filled
from controlroom.domain.place import Point
from controlroom.domain.room import Room

_Alike = tuple[str, ...] | None
_Group = tuple[str, object]
_DEPTH = 8
"""Causes of causes that are followed; a longer chain is a mistake in the rules."""


class Families:
    """Follows the standing alarms that rules group. Not thread-safe: one thread owns an instance."""

    def __init__(self, room: Room, table: RuleTable) -> None:
        self._room = room
        self._rules: AlarmRules = table.rules
        self._groups: dict[_Group, dict[str, None]] = {}
        self._known: dict[str, list[_Group]] = {}

    # ---------------------------------------------------------------- following

    def follow(self, alarm: Alarm, treatment: Treatment) -> None:
        """An alarm changed: remember where it belongs, while it stands."""
        identity = alarm.id
        for group in self._known.pop(identity, ()):
            members = self._groups[group]
            members.pop(identity, None)
            if not members:
                del self._groups[group]
        groups = list(self._belongs(alarm, treatment)) if alarm.kept else []
        for group in groups:
            self._groups.setdefault(group, {})[identity] = None
        if groups:
            self._known[identity] = groups

    def _belongs(self, alarm: Alarm, treatment: Treatment) -> Iterator[_Group]:
        if alarm.cause:
            yield "cause", alarm.cause
        if alarm.parent:
            yield "muted", alarm.parent
        if not alarm.active:
            return
        if treatment.same is not None:
            yield "same", _alike(alarm, treatment.same.fields)
        for number in treatment.parent_of:
            yield "parent", (number, _alike(alarm, self._rules.correlation[number].same))
        for number in treatment.child_of:
            yield "child", (number, _alike(alarm, self._rules.correlation[number].same))

    def _members(self, group: _Group) -> list[Alarm]:
        return [self._room.alarms[identity] for identity in self._groups.get(group, ())]

    def muted_by(self, parent: str) -> list[str]:
        """The ids of the alarms under this one."""
        return list(self._groups.get(("muted", parent), ()))

    # ---------------------------------------------------------------- the same told twice

    def told_before(self, new: Alarm, treatment: Treatment, now: datetime) -> Alarm | None:
        """The standing alarm by which another source told the same condition just before."""
        if treatment.same is None:
            return None
        alike = _alike(new, treatment.same.fields)
        if alike is None:
            return None
        for held in self._members(("same", alike)):
            heard_at = held.last_told_at or held.received_at
            if held.source != new.source and abs((now - heard_at).total_seconds()) <= treatment.same.within_s:
                return held
        return None

    # ---------------------------------------------------------------- families

    def placed(self, alarm: Alarm, treatment: Treatment, now: datetime, begins: bool) -> list[Alarm]:
        """The alarm with its family, and the others that this changes; `begins`: it did not stand before."""
        if not begins:
            return [self._freed_if_worse(alarm, now)]
        parent = self._parent(alarm, treatment)
        if parent is not None:
            cause = parent.cause or parent.id
            alarm = machine.muted(alarm, parent.id, now)
        else:
            cause = self._cause(alarm, treatment)
            alarm = self._freed_if_worse(alarm, now)
        if cause != alarm.cause or alarm.id not in self._room.alarms:
            first_out = bool(cause) and parent is None and ("cause", cause) not in self._groups
            alarm = msgspec.structs.replace(alarm, cause=cause, first_out=first_out)
        children = [child for number in treatment.parent_of for child in self._born_before(alarm, number, now)]
        return [alarm, *children]

    def _cause(self, alarm: Alarm, treatment: Treatment) -> str:
        """What groups an alarm that no other mutes: what its correlation or its rule says; a parent is one itself."""
        named = (filled(self._rules.correlation[number].cause, alarm) for number in treatment.parent_of)
        said = next((name for name in named if name), "") or treatment.cause_of(alarm)
        return said or (alarm.id if treatment.parent_of else alarm.cause)

    def _freed_if_worse(self, alarm: Alarm, now: datetime) -> Alarm:
        parent = self._room.alarms.get(alarm.parent) if alarm.parent else None
        return machine.come_forward(alarm, now) if parent is not None and alarm.severity < parent.severity else alarm

    def parent_of(self, alarm: Alarm, treatment: Treatment) -> Alarm | None:
        """The alarm that mutes this one now: its own parent while that stands, else another that would."""
        held = self._room.alarms.get(alarm.parent)
        stays = held is not None and _mutes(held) and held.severity <= alarm.severity
        return held if stays else self._parent(alarm, treatment)

    def release_s(self, treatment: Treatment) -> float:
        """How long after the parent's end a child comes forward."""
        return max((self._rules.correlation[number].release_s for number in treatment.child_of), default=0.0)

    def _parent(self, alarm: Alarm, treatment: Treatment) -> Alarm | None:
        for number in treatment.child_of:
            one = self._rules.correlation[number]
            alike = _alike(alarm, one.same)
            if alike is None:
                continue
            for parent in self._members(("parent", (number, alike))):
                if self._may_mute(parent, alarm, one):
                    return parent
        return None

    def _born_before(self, parent: Alarm, number: int, now: datetime) -> Iterator[Alarm]:
        """The standing alarms that turn out to be children of this one, muted."""
        one = self._rules.correlation[number]
        alike = _alike(parent, one.same)
        if alike is None or parent.aside is not None:
            return
        for child in self._members(("child", (number, alike))):
            age_s = (now - child.received_at).total_seconds()
            if not child.parent and age_s <= one.before_s and self._may_mute(parent, child, one):
                yield msgspec.structs.replace(machine.muted(child, parent.id, now), cause=parent.cause, first_out=False)

    def _may_mute(self, parent: Alarm, child: Alarm, one: Correlation) -> bool:
        if parent.id == child.id or child.severity < parent.severity or not _mutes(parent):
            return False
        if one.near_m and not _near(parent.point, child.point, one.near_m):
            return False
        above: Alarm | None = parent
        for _step in range(_DEPTH):
            if above is None or not above.parent:
                return True
            if above.parent == child.id:
                return False
            above = self._room.alarms.get(above.parent)
        return False


def _mutes(parent: Alarm) -> bool:
    """Whether an alarm speaks for those under it: it stands, and is itself not set aside."""
    return parent.active and parent.aside is None


def _alike(alarm: Alarm, fields: tuple[str, ...]) -> _Alike:
    """The values of these fields; None when one is empty, for nothing is not alike."""
    values = tuple([getattr(alarm, field) for field in fields])
    return values if all(values) else None


def _near(one: Point | None, other: Point | None, near_m: float) -> bool:
    if one is None or other is None:
        return False
    east = math.radians(other.lon - one.lon) * math.cos(math.radians(one.lat))
    return 6_371_000.0 * math.hypot(east, math.radians(other.lat - one.lat)) <= near_m
