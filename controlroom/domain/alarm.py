"""The alarm and its state machine as a pure function of events.

The states are those of ISA-18.2-2016 clause 7. Whether an alarm is abnormal and seen is one thing (`AlarmState`),
whether it was set aside (shelved, suppressed by design, out of service) another: it goes on underneath, unheard.
"""

import enum
from datetime import datetime

import msgspec
from msgspec import Struct

from controlroom.domain.place import Point
from controlroom.domain.severity import Severity
from controlroom.domain.times import Instant


class AlarmState(enum.StrEnum):
    """Where an alarm stands between the plant and the officer (ISA-18.2)."""

    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned"
    NORMAL = "normal"


class AsideKind(enum.StrEnum):
    """In which of the three ways of ISA-18.2 an alarm was set aside."""

    SHELVED = "shelved"
    """For a while, by an officer; it comes back by itself."""
    SUPPRESSED = "suppressed"
    """By design: it means nothing in the state the plant is in."""
    OUT_OF_SERVICE = "out_of_service"
    """Its device is being maintained or is broken."""


class Aside(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why, since when and by whom an alarm is set aside; only a shelved one has an end, `until`.

    `severity` is what the alarm had then: told worse, a shelved one comes back.
    """

    kind: AsideKind
    by: str
    at: Instant
    reason: str
    severity: Severity
    until: Instant | None = None


class Owner(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who said "I have it", at which seat, and until when that holds unless it is said again."""

    by: str
    seat: str
    at: Instant
    until: Instant


class Note(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an officer wrote about an alarm; it is never changed, a correction is a new note."""

    at: Instant
    by: str
    seat: str
    text: str


class Alarm(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One condition that an officer must know of.

    `id` is `source/key`: the same condition of the same source is the same alarm, however often it is told.
    `occurred_at` is the source's time of the first raising, `received_at` the hub's; `changed_at` is the hub's
    time of the last transition; `count` tells how often the condition was raised since it was last normal.
    """

    id: str
    source: str
    key: str
    severity: Severity
    title: str
    state: AlarmState
    occurred_at: Instant
    received_at: Instant
    changed_at: Instant
    kind: str = ""
    text: str = ""
    place: str = ""
    point: Point | None = None
    sensor: str = ""
    camera: str = ""
    department: str = ""
    acknowledged_by: str = ""
    acknowledged_at: Instant | None = None
    returned_at: Instant | None = None
    count: int = 1
    aside: Aside | None = None
    owner: Owner | None = None
    notes: tuple[Note, ...] = ()

    @property
    def active(self) -> bool:
        """Whether the condition still holds."""
        return self.state in (AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED)

    @property
    def waiting(self) -> bool:
        """Whether it calls for an officer: nobody has acknowledged it yet, and it is not set aside."""
        return self.aside is None and self.state in (AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED)

    @property
    def kept(self) -> bool:
        """Whether the room keeps it: it is not normal, or is set aside and will be again when it is raised."""
        return self.aside is not None or self.state is not AlarmState.NORMAL


def raised(held: Alarm | None, new: Alarm) -> Alarm:
    """The alarm after its condition was told (again).

    A condition that was already acknowledged stays so while it holds, unless its severity got worse;
    one that had returned, or is worse than before, waits for an officer again. What is set aside stays so, but a
    shelved one that is worse than when it was shelved comes back.
    """
    if held is None:
        return new
    aside = held.aside
    if aside is not None and aside.kind is AsideKind.SHELVED and new.severity < aside.severity:
        aside = None
    if held.state is AlarmState.NORMAL:
        return msgspec.structs.replace(new, aside=aside, owner=held.owner, notes=held.notes)
    worse = new.severity < held.severity or (held.aside is not None and aside is None)
    keeps_acknowledgement = held.state is AlarmState.ACKNOWLEDGED and not worse
    return msgspec.structs.replace(
        new,
        state=AlarmState.ACKNOWLEDGED if keeps_acknowledgement else AlarmState.UNACKNOWLEDGED,
        occurred_at=held.occurred_at if held.active else new.occurred_at,
        received_at=held.received_at if held.active else new.received_at,
        acknowledged_by=held.acknowledged_by if keeps_acknowledgement else "",
        acknowledged_at=held.acknowledged_at if keeps_acknowledgement else None,
        count=held.count + 1,
        aside=aside,
        owner=held.owner,
        notes=held.notes,
    )


def cleared(held: Alarm, at: datetime) -> Alarm:
    """The alarm after its condition went away: normal if it was acknowledged, else it still waits."""
    if not held.active:
        return held
    state = AlarmState.NORMAL if held.state is AlarmState.ACKNOWLEDGED else AlarmState.RETURNED
    return msgspec.structs.replace(held, state=state, changed_at=at, returned_at=at)


def acknowledged(held: Alarm, by: str, at: datetime) -> Alarm:
    """The alarm after an officer took note: a returned one becomes normal, an active one acknowledged."""
    if not held.waiting:
        return held
    state = AlarmState.ACKNOWLEDGED if held.active else AlarmState.NORMAL
    return msgspec.structs.replace(held, state=state, changed_at=at, acknowledged_by=by, acknowledged_at=at)


def unacknowledged(held: Alarm, at: datetime) -> Alarm:
    """The alarm after an officer took the acknowledgement back: it waits again while its condition holds."""
    if held.state is not AlarmState.ACKNOWLEDGED or held.aside is not None:
        return held
    state = AlarmState.UNACKNOWLEDGED
    return msgspec.structs.replace(held, state=state, changed_at=at, acknowledged_by="", acknowledged_at=None)


def set_aside(held: Alarm, aside: Aside) -> Alarm:
    """The alarm after it was shelved, suppressed or taken out of service; it goes on underneath, unheard."""
    return msgspec.structs.replace(held, aside=aside, changed_at=aside.at)


def brought_back(held: Alarm, at: datetime) -> Alarm:
    """The alarm after its setting aside is over: it waits if its condition holds, else it is normal."""
    if held.aside is None:
        return held
    return msgspec.structs.replace(
        held,
        aside=None,
        state=AlarmState.UNACKNOWLEDGED if held.active else AlarmState.NORMAL,
        changed_at=at,
        acknowledged_by="",
        acknowledged_at=None,
    )


def taken(held: Alarm, owner: Owner) -> Alarm:
    """The alarm after an officer said "I have it", also instead of another one."""
    return msgspec.structs.replace(held, owner=owner, changed_at=owner.at)


def released(held: Alarm, at: datetime) -> Alarm:
    """The alarm after its owner gave it back or the time of owning it was over."""
    return held if held.owner is None else msgspec.structs.replace(held, owner=None, changed_at=at)


def noted(held: Alarm, note: Note) -> Alarm:
    """The alarm with one more note at the end."""
    return msgspec.structs.replace(held, notes=(*held.notes, note))
