"""The whole state of a room: what hub and seats hold alike, and can prove to hold alike."""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.alarm_hold import Hold
from controlroom.domain.annotation import Annotation
from controlroom.domain.asset_book import AssetBook
from controlroom.domain.camera import Camera
from controlroom.domain.camera_group import CameraGroup
from controlroom.domain.drill import Drill
from controlroom.domain.duty import Duty
from controlroom.domain.events import (
    AlarmChanged,
    AlarmHeld,
    AnnotationChanged,
    CameraGroupChanged,
    CamerasDeclared,
    DrillChanged,
    DutyChanged,
    EntryAdded,
    Event,
    FenceChanged,
    FloodChanged,
    GraphicChanged,
    HandoverChanged,
    HoldEnded,
    IncidentChanged,
    LimitsInForceChanged,
    MatrixChanged,
    PicturesLooked,
    PublishedAnswerChanged,
    SeatChanged,
    SensorsDeclared,
    SilenceChanged,
    SourceChanged,
    TaskChanged,
    TourChanged,
    ValueSnapshotChanged,
    VehiclesDeclared,
    WallChanged,
    WallRuleChanged,
)
from controlroom.domain.fence import Fence
from controlroom.domain.flood import Flood
from controlroom.domain.graphic import Graphic
from controlroom.domain.incident import Entry, Incident, Task
from controlroom.domain.limits_in_force import LimitsInForce
from controlroom.domain.picture_look import PictureLook
from controlroom.domain.ptz_state import PtzState
from controlroom.domain.published_answer import PublishedAnswer
from controlroom.domain.seating import AreaHandover, SeatPresence
from controlroom.domain.sensor import Sensor
from controlroom.domain.silence import Silence
from controlroom.domain.source import Source
from controlroom.domain.tour import Tour
from controlroom.domain.value_snapshot import ValueSnapshot
from controlroom.domain.vehicle import Vehicle
from controlroom.domain.wall import Matrix, Wall
from controlroom.domain.wall_rules import WallRule

_CHUNK = 2000
_NORMAL = AlarmState.NORMAL
"""Looked up once: before Python 3.12 a member of an enumeration is found slowly, and every event asks."""


class Room:
    """Folds events into state. Not thread-safe: one thread owns an instance.

    `alarms` holds every alarm that is not normal or is set aside; the others live on in the journal only.
    `silences` are those in force, `duties` the last told of each role.
    `holds` are the conditions that rules hold back, by the ids of their alarms.
    """

    def __init__(self) -> None:
        self.sequence = 0
        self.alarms: dict[str, Alarm] = {}
        self.holds: dict[str, Hold] = {}
        self.incidents: dict[str, Incident] = {}
        self.entries: dict[str, list[Entry]] = {}
        self.tasks: dict[str, Task] = {}
        self.sensors: dict[str, Sensor] = {}
        self.sensor_index: dict[str, int] = {}
        self.cameras: dict[str, Camera] = {}
        self.looks: dict[str, PictureLook] = {}
        """The last look at each camera's picture, whoever took it."""
        self.vehicles: dict[str, Vehicle] = {}
        self.vehicle_index: dict[str, int] = {}
        self.walls: dict[str, Wall] = {}
        self.matrices: dict[str, Matrix] = {}
        self.wall_rules: dict[str, WallRule] = {}
        self.tours: dict[str, Tour] = {}
        self.sources: dict[str, Source] = {}
        self.annotations: dict[str, Annotation] = {}
        self.camera_groups: dict[str, CameraGroup] = {}
        self.value_snapshots: dict[str, ValueSnapshot] = {}
        self.drill: Drill | None = None
        self.silences: dict[str, Silence] = {}
        self.duties: dict[str, Duty] = {}
        self.seats: dict[str, SeatPresence] = {}
        self.handovers: dict[str, AreaHandover] = {}
        self.floods: dict[str, Flood] = {}
        """Those that go on, by view: a seat's name, or empty for the whole room."""
        self.fences: dict[str, Fence] = {}
        self.graphics: dict[str, Graphic] = {}
        """What was drawn for command, that of closed incidents among it."""
        self.published: dict[str, PublishedAnswer] = {}
        self.ptz = PtzState()
        self._asset_book = AssetBook()
        self.assets = self._asset_book.held
        self.limits_in_force: dict[str, LimitsInForce] = {}
        """What contexts of the alarm rules have put in force, by context."""
        self._fold = self._folds()

    def _folds(self) -> dict[type, Callable[[Any], None]]:
        return {
            AlarmChanged: self._alarm,
            AlarmHeld: self._hold,
            HoldEnded: self._hold_ended,
            IncidentChanged: self._incident,
            EntryAdded: self._entry,
            TaskChanged: self._task,
            SensorsDeclared: self._sensors,
            CamerasDeclared: self._cameras,
            PicturesLooked: self._looked,
            VehiclesDeclared: self._vehicles,
            WallChanged: self._wall,
            SourceChanged: self._source,
            DrillChanged: self._drill,
            AnnotationChanged: self._annotation,
            CameraGroupChanged: self._camera_group,
            SilenceChanged: self._silence,
            DutyChanged: self._duty,
            SeatChanged: self._seat,
            HandoverChanged: self._handover,
            FloodChanged: self._flood,
            FenceChanged: self._fence,
            GraphicChanged: self._graphic,
            LimitsInForceChanged: self._limits_in_force,
            PublishedAnswerChanged: self._published_answer,
            ValueSnapshotChanged: self._value_snapshot,
            MatrixChanged: self._matrix,
            WallRuleChanged: self._wall_rule,
            **self.ptz.fold,
            **self._asset_book.fold,
            TourChanged: self._tour,
        }

    def apply(self, sequence: int, event: Event) -> None:
        """Fold one event. Raises ValueError when `sequence` is not the next one."""
        if sequence != self.sequence + 1:
            raise ValueError(f"event {sequence} does not follow {self.sequence}")
        self._fold[type(event)](event)
        self.sequence = sequence

    def restore(self, sequence: int, events: Iterator[Event]) -> None:
        """Replace everything by a snapshot that was taken at `sequence`."""
        self.__init__()  # type: ignore[misc]  # the empty room is defined once, above
        for event in events:
            self._fold[type(event)](event)
        self.sequence = sequence

    def snapshot(self) -> Iterator[Event]:
        """The events that rebuild this state, in chunks of bounded size."""
        for alarm in self.alarms.values():
            yield AlarmChanged(alarm)
        for hold in self.holds.values():
            yield AlarmHeld(hold)
        for incident in self.incidents.values():
            yield IncidentChanged(incident)
        for entries in self.entries.values():
            for entry in entries:
                yield EntryAdded(entry)
        for task in self.tasks.values():
            yield TaskChanged(task)
        sensors = list(self.sensors.values())
        for start in range(0, len(sensors), _CHUNK):
            part = tuple(sensors[start : start + _CHUNK])
            yield SensorsDeclared(tuple(self.sensor_index[s.id] for s in part), part)
        cameras = list(self.cameras.values())
        for start in range(0, len(cameras), _CHUNK):
            yield CamerasDeclared(tuple(cameras[start : start + _CHUNK]))
        looks = list(self.looks.values())
        for start in range(0, len(looks), _CHUNK):
            yield PicturesLooked(tuple(looks[start : start + _CHUNK]))
        vehicles = list(self.vehicles.values())
        for start in range(0, len(vehicles), _CHUNK):
            units = tuple(vehicles[start : start + _CHUNK])
            yield VehiclesDeclared(tuple(self.vehicle_index[v.id] for v in units), units)
        if self.drill is not None:
            yield DrillChanged(self.drill)
        tables: tuple[tuple[Callable[[Any], Event], dict[str, Any]], ...] = (
            (WallChanged, self.walls),
            (SourceChanged, self.sources),
            (AnnotationChanged, self.annotations),
            (CameraGroupChanged, self.camera_groups),
            (SilenceChanged, self.silences),
            (DutyChanged, self.duties),
            (SeatChanged, self.seats),
            (HandoverChanged, self.handovers),
            (FloodChanged, self.floods),
            (FenceChanged, self.fences),
            (GraphicChanged, self.graphics),
            (PublishedAnswerChanged, self.published),
            (LimitsInForceChanged, self.limits_in_force),
            (ValueSnapshotChanged, self.value_snapshots),
            (MatrixChanged, self.matrices),
            (WallRuleChanged, self.wall_rules),
            (TourChanged, self.tours),
        )
        for told, table in tables:
            for held in table.values():
                yield told(held)
        yield from self.ptz.snapshot()
        yield from self._asset_book.snapshot()

    def digest(self) -> str:
        """A hash of the state that is equal exactly when two rooms are equal (SHA-256, hex)."""
        encoder = msgspec.msgpack.Encoder()
        total = hashlib.sha256(str(self.sequence).encode())
        tables: tuple[dict[str, Any], ...] = (
            self.alarms,
            self.holds,
            self.incidents,
            self.entries,
            self.tasks,
            self.sensors,
            self.sensor_index,
            self.cameras,
            self.looks,
            self.vehicles,
            self.vehicle_index,
            self.walls,
            self.sources,
            self.annotations,
            self.camera_groups,
            self.silences,
            self.duties,
            self.seats,
            self.handovers,
            self.floods,
            self.value_snapshots,
            self.matrices,
            self.wall_rules,
            self.tours,
            self.fences,
            self.graphics,
            self.published,
            *self.ptz.tables,
            self.limits_in_force,
            self.assets,
        )
        for table in tables:
            for key in sorted(table):
                total.update(encoder.encode((key, table[key])))
            total.update(b"|")
        total.update(encoder.encode(self.drill))
        return total.hexdigest()

    def tasks_of(self, incident: str) -> list[Task]:
        """The tasks of one incident in the order they were assigned."""
        return sorted((t for t in self.tasks.values() if t.incident == incident), key=lambda t: (t.assigned_at, t.id))

    def _alarm(self, event: AlarmChanged) -> None:
        alarm = event.alarm
        if alarm.state is _NORMAL and alarm.aside is None:
            self.alarms.pop(alarm.id, None)
        else:
            self.alarms[alarm.id] = alarm

    def _hold(self, event: AlarmHeld) -> None:
        self.holds[event.hold.id] = event.hold

    def _hold_ended(self, event: HoldEnded) -> None:
        self.holds.pop(event.alarm, None)

    def _incident(self, event: IncidentChanged) -> None:
        self.incidents[event.incident.id] = event.incident

    def _entry(self, event: EntryAdded) -> None:
        self.entries.setdefault(event.entry.incident, []).append(event.entry)

    def _task(self, event: TaskChanged) -> None:
        self.tasks[event.task.id] = event.task

    def _sensors(self, event: SensorsDeclared) -> None:
        for index, sensor in zip(event.indices, event.sensors, strict=True):
            self.sensors[sensor.id] = sensor
            self.sensor_index[sensor.id] = index

    def _cameras(self, event: CamerasDeclared) -> None:
        for camera in event.cameras:
            self.cameras[camera.id] = camera

    def _looked(self, event: PicturesLooked) -> None:
        for look in event.looks:
            self.looks[look.camera] = look

    def _vehicles(self, event: VehiclesDeclared) -> None:
        for index, vehicle in zip(event.indices, event.vehicles, strict=True):
            self.vehicles[vehicle.id] = vehicle
            self.vehicle_index[vehicle.id] = index

    def _wall(self, event: WallChanged) -> None:
        self.walls[event.wall.name] = event.wall

    def _source(self, event: SourceChanged) -> None:
        self.sources[event.source.id] = event.source

    def _drill(self, event: DrillChanged) -> None:
        self.drill = event.drill

    def _annotation(self, event: AnnotationChanged) -> None:
        if event.annotation.removed:
            self.annotations.pop(event.annotation.id, None)
        else:
            self.annotations[event.annotation.id] = event.annotation

    def _camera_group(self, event: CameraGroupChanged) -> None:
        if event.group.removed:
            self.camera_groups.pop(event.group.id, None)
        else:
            self.camera_groups[event.group.id] = event.group

    def _silence(self, event: SilenceChanged) -> None:
        if event.silence.ended_at is None:
            self.silences[event.silence.id] = event.silence
        else:
            self.silences.pop(event.silence.id, None)

    def _duty(self, event: DutyChanged) -> None:
        self.duties[event.duty.role] = event.duty

    def _seat(self, event: SeatChanged) -> None:
        if event.seat.gone_at is None:
            self.seats[event.seat.name] = event.seat
        else:
            self.seats.pop(event.seat.name, None)

    def _handover(self, event: HandoverChanged) -> None:
        if event.handover.live:
            self.handovers[event.handover.id] = event.handover
        else:
            self.handovers.pop(event.handover.id, None)

    def _flood(self, event: FloodChanged) -> None:
        if event.flood.ended_at is None:
            self.floods[event.flood.view] = event.flood
        else:
            self.floods.pop(event.flood.view, None)

    def _limits_in_force(self, event: LimitsInForceChanged) -> None:
        if event.limits.over:
            self.limits_in_force.pop(event.limits.id, None)
        else:
            self.limits_in_force[event.limits.id] = event.limits

    def _value_snapshot(self, event: ValueSnapshotChanged) -> None:
        if event.snapshot.removed:
            self.value_snapshots.pop(event.snapshot.id, None)
        else:
            self.value_snapshots[event.snapshot.id] = event.snapshot

    def _matrix(self, event: MatrixChanged) -> None:
        if event.matrix.removed:
            self.matrices.pop(event.matrix.id, None)
        else:
            self.matrices[event.matrix.id] = event.matrix

    def _wall_rule(self, event: WallRuleChanged) -> None:
        if event.rule.removed:
            self.wall_rules.pop(event.rule.id, None)
        else:
            self.wall_rules[event.rule.id] = event.rule

    def _graphic(self, event: GraphicChanged) -> None:
        if event.graphic.removed:
            self.graphics.pop(event.graphic.id, None)
        else:
            self.graphics[event.graphic.id] = event.graphic

    def _published_answer(self, event: PublishedAnswerChanged) -> None:
        if event.answer.withdrawn_at is not None:
            self.published.pop(event.answer.id, None)
        else:
            self.published[event.answer.id] = event.answer

    def _tour(self, event: TourChanged) -> None:
        if event.tour.removed:
            self.tours.pop(event.tour.id, None)
        else:
            self.tours[event.tour.id] = event.tour

    def _fence(self, event: FenceChanged) -> None:
        if event.fence.removed:
            self.fences.pop(event.fence.id, None)
        else:
            self.fences[event.fence.id] = event.fence
