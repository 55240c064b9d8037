"""The seat's copy of the hub: applies what the link delivers and tells what changed, batch by batch."""

from dataclasses import dataclass, field
from datetime import datetime

from controlroom.domain.alarm import Alarm
from controlroom.domain.drill import Drill
from controlroom.domain.events import (
    AlarmChanged,
    AnnotationChanged,
    CamerasDeclared,
    DrillChanged,
    EntryAdded,
    Event,
    IncidentChanged,
    PresetPictured,
    PtzActed,
    PtzLeaseChanged,
    PtzUnitChanged,
    SourceChanged,
    TaskChanged,
    WallChanged,
)
from controlroom.domain.positions import LatestPositions
from controlroom.domain.ptz import PtzLease
from controlroom.domain.readings import Latest
from controlroom.domain.room import Room
from controlroom.domain.times import to_ms
from controlroom.seat.delivery import Change, Delivery, Reset
from controlroom.wire.frames import Positions, Readings


@dataclass(slots=True)
class Changes:
    """What a batch of deliveries changed; of each alarm only the newest state.

    `kinds` are the types of events that came and of which nothing else is noted.
    """

    reset: bool = False
    alarms: dict[str, Alarm] = field(default_factory=dict)
    incidents: dict[str, None] = field(default_factory=dict)
    cameras: dict[str, None] = field(default_factory=dict)
    walls: dict[str, None] = field(default_factory=dict)
    sources: dict[str, None] = field(default_factory=dict)
    annotations: dict[str, None] = field(default_factory=dict)
    drill: Drill | None = None
    kinds: set[type[Event]] = field(default_factory=set)
    ptz: dict[str, None] = field(default_factory=dict)
    ptz_ended: list[PtzLease] = field(default_factory=list)
    readings: list[Readings] = field(default_factory=list)
    positions: list[Positions] = field(default_factory=list)
    count: int = 0


class Mirror:
    """Room, readings and positions as the hub told them. One thread owns an instance."""

    def __init__(self) -> None:
        self.room = Room()
        self.latest = Latest()
        self.positions = LatestPositions()

    def apply(self, delivery: Delivery, now: datetime, changes: Changes) -> None:
        """Apply one delivery and note in `changes` what it changed."""
        changes.count += 1
        if type(delivery) is Change:
            event = delivery.event
            self.room.apply(delivery.sequence, event)
            if type(event) is AlarmChanged:  # nearly all of a flood
                changes.alarms[event.alarm.id] = event.alarm
            else:
                self._note(event, changes)
        elif isinstance(delivery, Readings):
            d = delivery
            self.latest.apply(d.index, d.value, d.time, d.quality, to_ms(now))
            changes.readings.append(d)
        elif isinstance(delivery, Positions):
            p = delivery
            self.positions.apply(p.index, p.lon, p.lat, p.heading, p.speed, p.time)
            changes.positions.append(p)
        elif isinstance(delivery, Reset):
            self.room.restore(delivery.sequence, iter(delivery.events))
            # What was noted before the snapshot may be older than it.
            held = (changes.alarms, changes.incidents, changes.cameras, changes.walls, changes.sources)
            for noted in (*held, changes.annotations):
                noted.clear()
            changes.reset = True

    def _note(self, event: Event, changes: Changes) -> None:
        match event:
            case IncidentChanged(incident=incident):
                changes.incidents[incident.id] = None
            case EntryAdded(entry=entry):
                changes.incidents[entry.incident] = None
            case TaskChanged(task=task):
                changes.incidents[task.incident] = None
            case CamerasDeclared(cameras=cameras):
                changes.cameras.update(dict.fromkeys(c.id for c in cameras))
            case WallChanged(wall=wall):
                changes.walls[wall.name] = None
            case SourceChanged(source=source):
                changes.sources[source.id] = None
            case AnnotationChanged(annotation=annotation):
                changes.annotations[annotation.id] = None
            case PtzLeaseChanged(lease=lease):
                changes.ptz[lease.camera] = None
                if lease.ended is not None:
                    changes.ptz_ended.append(lease)
            case PtzUnitChanged(unit=unit):
                changes.ptz[unit.camera] = None
            case PtzActed(act=act):
                changes.ptz[act.camera] = None
            case PresetPictured(picture=picture):
                changes.ptz[picture.camera] = None
            case DrillChanged(drill=drill):
                changes.drill = drill
            case _:
                changes.kinds.add(type(event))
