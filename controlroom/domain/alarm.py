"""The alarm and its state machine as a pure function of events.

The states are those of ISA-18.2-2016 clause 7. Whether an alarm is abnormal and seen is one thing (`AlarmState`),
whether it was set aside (shelved, suppressed by design, out of service) another: it goes on underneath, unheard.
"""

import enum
from collections.abc import Iterable
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
    """The condition is over and nobody took note of it; of a latching alarm this is "latched unacknowledged"."""
    LATCHED = "latched"
    """The condition is over and was seen, but the alarm stands until an officer resets it."""
    NORMAL = "normal"


class AsideKind(enum.StrEnum):
    """In which of the three ways of ISA-18.2 an alarm was set aside."""

    SHELVED = "shelved"
    """For a while, by an officer; it comes back by itself."""
    SUPPRESSED = "suppressed"
    """By design: it means nothing in the state the plant is in."""
    OUT_OF_SERVICE = "out_of_service"
    """Its device is being maintained or is broken."""


# gc=False here and for the other things a room holds by the hundred thousand: frozen, they can form no cycle, and a
# collector that walks all of them again and again takes more than half of a flood's time and stops the screen for it.


class Aside(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Why, since when and by whom an alarm is set aside; only a shelved one has an end, `until`.

    `severity` is what the alarm had then: told worse, a shelved one comes back.
    """

    kind: AsideKind
    by: str
    at: Instant
    reason: str
    severity: Severity
    until: Instant | None = None


class Owner(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Who said "I have it", at which seat, and until when that holds unless it is said again."""

    by: str
    seat: str
    at: Instant
    until: Instant


class Note(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What an officer wrote about an alarm; it is never changed, a correction is a new note."""

    at: Instant
    by: str
    seat: str
    text: str


class Flapping(Struct, frozen=True, gc=False, kw_only=True):
    """Since when a condition comes and goes too often, and how many times it changed sides meanwhile.

    `at` is the hub's time of the last change: after a quiet time from then on it no longer flaps.
    """

    since: Instant
    transitions: int
    at: Instant


class Escalation(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Whom an alarm that nobody took was brought to: the step of its chain, the turn through it, both from 1.

    `officers` are those of the role who were called; empty when nobody was on duty in it.
    """

    step: int
    turn: int
    role: str
    officers: tuple[str, ...]
    at: Instant


class Alarm(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One condition that an officer must know of.

    `id` is `source/key`: the same condition of the same source is the same alarm, however often it is told.
    `occurred_at` is the source's time of the first raising, `received_at` the hub's; `changed_at` is the hub's
    time of the last transition; `count` tells how often the condition was raised since it was last normal, and
    `last_told_at` when it was told again (hub's time). A latching one stays until it was acknowledged and reset.

    `cause` groups alarms of one origin, `first_out` marks the one that began the group. `parent` is the id of the
    alarm that mutes this one since `muted_at`: it stands and is counted there, but calls nobody. `also_from` names
    the other sources that told the same condition. `told_severity` is the source's, where the context made another
    of it.
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
    latching: bool = False
    reset_by: str = ""
    cause: str = ""
    first_out: bool = False
    parent: str = ""
    muted_at: Instant | None = None
    flapping: Flapping | None = None
    last_told_at: Instant | None = None
    also_from: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    escalation: Escalation | None = None
    told_severity: Severity | None = None

    @property
    def active(self) -> bool:
        """Whether the condition still holds."""
        return self.state in (AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED)

    @property
    def waiting(self) -> bool:
        """Whether it calls for an officer: nobody has acknowledged it, it is not set aside, and no other mutes it."""
        return self.unseen and not self.parent

    @property
    def unseen(self) -> bool:
        """Whether it can be acknowledged: nobody did yet, and it is not set aside; it may be muted."""
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
    aside = None if comes_back(held.aside, new.severity) else held.aside
    if held.state is AlarmState.NORMAL:
        return msgspec.structs.replace(
            new,
            aside=aside,
            owner=held.owner,
            notes=held.notes,
            parent=held.parent,
            muted_at=held.muted_at,
            tags=held.tags,
        )
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
        cause=new.cause or held.cause,
        first_out=held.first_out,
        parent=held.parent,
        muted_at=held.muted_at,
        flapping=held.flapping,
        last_told_at=new.received_at,
        also_from=held.also_from,
        tags=held.tags,
        escalation=None if worse else held.escalation,
    )


def joined(held: Alarm, source: str, severity: Severity, at: datetime) -> Alarm:
    """The alarm after another source told the same condition: counted here, the worse of both severities.

    Worse than before, it waits for an officer again.
    """
    also_from = held.also_from if source in held.also_from else (*held.also_from, source)
    more = msgspec.structs.replace(held, count=held.count + 1, last_told_at=at, also_from=also_from, changed_at=at)
    return regraded(more, min(severity, held.severity), at)


def regraded(held: Alarm, severity: Severity, at: datetime) -> Alarm:
    """The alarm with another severity; one that got worse waits for an officer again, also out of a shelf."""
    if severity is held.severity:
        return held
    told = held.told_severity or held.severity
    aside = None if comes_back(held.aside, severity) else held.aside
    changed = msgspec.structs.replace(
        held, severity=severity, told_severity=None if told is severity else told, changed_at=at, aside=aside
    )
    if severity > held.severity or held.state is not AlarmState.ACKNOWLEDGED:
        return changed
    return msgspec.structs.replace(
        changed, state=AlarmState.UNACKNOWLEDGED, acknowledged_by="", acknowledged_at=None, escalation=None
    )


def comes_back(aside: Aside | None, severity: Severity) -> bool:
    """Whether an alarm that was set aside comes back because it is worse than it was then: only a shelved one."""
    return aside is not None and aside.kind is AsideKind.SHELVED and severity < aside.severity


def cleared(held: Alarm, at: datetime) -> Alarm:
    """The alarm after its condition went away: if it was acknowledged normal or latched, else it still waits."""
    if not held.active:
        return held
    if held.state is AlarmState.ACKNOWLEDGED:
        return msgspec.structs.replace(held, state=_over(held), changed_at=at, returned_at=at, escalation=None)
    return msgspec.structs.replace(held, state=AlarmState.RETURNED, changed_at=at, returned_at=at)


def acknowledged(held: Alarm, by: str, at: datetime) -> Alarm:
    """The alarm after an officer took note: a returned one becomes normal or latched, an active one acknowledged."""
    if not held.unseen:
        return held
    state = AlarmState.ACKNOWLEDGED if held.active else _over(held)
    return msgspec.structs.replace(
        held, state=state, changed_at=at, acknowledged_by=by, acknowledged_at=at, escalation=None
    )


def unacknowledged(held: Alarm, at: datetime) -> Alarm:
    """The alarm after an officer took the acknowledgement back: it waits again while it stands."""
    if held.state not in (AlarmState.ACKNOWLEDGED, AlarmState.LATCHED) or held.aside is not None:
        return held
    state = AlarmState.UNACKNOWLEDGED if held.active else AlarmState.RETURNED
    return msgspec.structs.replace(
        held, state=state, changed_at=at, acknowledged_by="", acknowledged_at=None, escalation=None
    )


def reset(held: Alarm, by: str, at: datetime) -> Alarm:
    """The alarm after an officer reset it: normal, if it was latched, that is seen and over."""
    if held.state is not AlarmState.LATCHED or held.aside is not None:
        return held
    return msgspec.structs.replace(held, state=AlarmState.NORMAL, changed_at=at, reset_by=by)


def _over(held: Alarm) -> AlarmState:
    """Where an alarm stands that was seen and whose condition is over."""
    return AlarmState.LATCHED if held.latching else AlarmState.NORMAL


def set_aside(held: Alarm, aside: Aside) -> Alarm:
    """The alarm after it was shelved, suppressed or taken out of service; it goes on underneath, unheard."""
    return msgspec.structs.replace(held, aside=aside, changed_at=aside.at, escalation=None)


def brought_back(held: Alarm, at: datetime) -> Alarm:
    """The alarm after its setting aside is over: it waits if its condition holds, else it is normal or latched.

    What is over was seen by whoever set it aside.
    """
    if held.aside is None:
        return held
    over = AlarmState.NORMAL if held.state is AlarmState.NORMAL else _over(held)
    return msgspec.structs.replace(
        held,
        aside=None,
        state=AlarmState.UNACKNOWLEDGED if held.active else over,
        changed_at=at,
        acknowledged_by="",
        acknowledged_at=None,
        escalation=None,
    )


def muted(held: Alarm, parent: str, at: datetime) -> Alarm:
    """The alarm after another one was found to be its cause: it stands on, unheard."""
    if held.parent == parent:
        return held
    return msgspec.structs.replace(held, parent=parent, muted_at=at, changed_at=at, escalation=None)


def come_forward(held: Alarm, at: datetime) -> Alarm:
    """The alarm after the one that muted it ended: it waits if it stands, unless it was seen before it was muted."""
    if not held.parent:
        return held
    since, seen_at = held.muted_at, held.acknowledged_at
    seen_before = since is not None and seen_at is not None and seen_at < since
    free = msgspec.structs.replace(held, parent="", muted_at=None, changed_at=at)
    if held.state is not AlarmState.ACKNOWLEDGED or seen_before:
        return free
    return msgspec.structs.replace(free, state=AlarmState.UNACKNOWLEDGED, acknowledged_by="", acknowledged_at=None)


def taken(held: Alarm, owner: Owner) -> Alarm:
    """The alarm after an officer said "I have it", also instead of another one."""
    return msgspec.structs.replace(held, owner=owner, changed_at=owner.at, escalation=None)


def released(held: Alarm, at: datetime) -> Alarm:
    """The alarm after its owner gave it back or the time of owning it was over."""
    return held if held.owner is None else msgspec.structs.replace(held, owner=None, changed_at=at)


def noted(held: Alarm, note: Note) -> Alarm:
    """The alarm with one more note at the end."""
    return msgspec.structs.replace(held, notes=(*held.notes, note))


def tagged(held: Alarm, added: Iterable[str], removed: Iterable[str]) -> Alarm:
    """The alarm with these tags and without those; the same when nothing changes."""
    gone = set(removed)
    tags = tuple(dict.fromkeys(tag for tag in (*held.tags, *added) if tag not in gone))
    return held if tags == held.tags else msgspec.structs.replace(held, tags=tags)
