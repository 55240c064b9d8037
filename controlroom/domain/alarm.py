"""The alarm and its state machine as a pure function of events.

The states are those of ISA-18.2-2016 clause 7 that the room knows today; shelving, suppression and the
rest of the standard's states join them in later editions of this file.
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

    @property
    def active(self) -> bool:
        """Whether the condition still holds."""
        return self.state in (AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED)

    @property
    def waiting(self) -> bool:
        """Whether nobody has acknowledged it yet."""
        return self.state in (AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED)


def raised(held: Alarm | None, new: Alarm) -> Alarm:
    """The alarm after its condition was told (again).

    A condition that was already acknowledged stays so while it holds, unless its severity got worse;
    one that had returned, or is worse than before, waits for an officer again.
    """
    if held is None or held.state is AlarmState.NORMAL:
        return new
    worse = new.severity < held.severity
    keeps_acknowledgement = held.state is AlarmState.ACKNOWLEDGED and not worse
    return msgspec.structs.replace(
        new,
        state=AlarmState.ACKNOWLEDGED if keeps_acknowledgement else AlarmState.UNACKNOWLEDGED,
        occurred_at=held.occurred_at if held.active else new.occurred_at,
        received_at=held.received_at if held.active else new.received_at,
        acknowledged_by=held.acknowledged_by if keeps_acknowledgement else "",
        acknowledged_at=held.acknowledged_at if keeps_acknowledgement else None,
        count=held.count + 1,
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
