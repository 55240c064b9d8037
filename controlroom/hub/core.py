"""The hub's state and what changes it, without sockets, files or threads.

Every change is an event: `record` and `command` give back the events they led to, already folded into the room.
The server commits them and tells the seats afterwards, so the room here may be ahead of what was published.
"""

from collections.abc import Callable
from datetime import datetime
from typing import overload

import msgspec

from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.alarm_bands import AlarmBands
from controlroom.domain.alarm_conditioning import Conditioning
from controlroom.domain.alarm_names import alarm_id
from controlroom.domain.alarm_policy import DEFAULT_POLICY, AlarmPolicy
from controlroom.domain.alarm_rules import NO_RULES, AlarmRules
from controlroom.domain.alarm_surroundings import ReadValue, nothing_read
from controlroom.domain.camera import Camera
from controlroom.domain.drill import Drill, Transport
from controlroom.domain.events import (
    AlarmChanged,
    AlarmHeld,
    CamerasDeclared,
    DrillChanged,
    DutyChanged,
    Event,
    HandoverChanged,
    SeatChanged,
    SensorsDeclared,
    SilenceChanged,
    VehiclesDeclared,
)
from controlroom.domain.place import Point
from controlroom.domain.room import Room
from controlroom.domain.sensor import Sensor
from controlroom.hub import asset_watch, roster, silences
from controlroom.hub.deadlines import Deadlines
from controlroom.hub.escalation_watch import EscalationWatch
from controlroom.hub.load_watch import LoadWatch
from controlroom.hub.plans import NO_PLANS, WatchPlans
from controlroom.hub.ptz_watch import PtzWatch
from controlroom.hub.refusal import Refuse
from controlroom.hub.seat_commands import DEFAULT_SEATS
from controlroom.hub.seat_watch import SeatWatch
from controlroom.hub.wall_watch import WallWatch
from controlroom.mapping.coordinates import Datum, to_wgs84
from controlroom.wire.messages import (
    AlarmRecord,
    AssetsRecord,
    CamerasRecord,
    ClearRecord,
    Crs,
    HealthRecord,
    MovesRecord,
    PlaybackRecord,
    Record,
    Refusal,
    SensorsRecord,
    StandingRecord,
    VehiclesRecord,
)

DATUM: dict[Crs, Datum] = {"WGS-84": Datum.WGS84, "GCJ-02": Datum.GCJ02, "BD-09": Datum.BD09}
"""What the wire calls a datum, as the geometry knows it."""

DECLARED = 2000
"""Devices in one event at the most, so that no event is longer than a socket takes."""

DECLARERS = 8
"""Of how many sources that declare one sensor the hub keeps the names."""

YEARS = range(1970, 2100)
"""Years a source may speak of: what lies beyond cannot be shown in every time zone and is a broken clock's."""

MAX_INDEX = 4_000_000
"""How many sensors or vehicles a hub numbers at the most."""


class Core:
    """Folds records of sources into the room of one realm. One thread owns an instance."""

    def __init__(
        self,
        realm: str,
        room: Room,
        policy: AlarmPolicy = DEFAULT_POLICY,
        watch: WatchPlans = NO_PLANS,
        bands: AlarmBands | None = None,
        rules: AlarmRules = NO_RULES,
        value: ReadValue = nothing_read,
    ) -> None:
        self.realm = realm
        self.room = room
        self.policy = policy
        self.conditioning = Conditioning(room, rules, value)
        self._deadlines = Deadlines(room.alarms.values())
        self._plans = watch
        self._escalations = EscalationWatch(watch.escalation, room.alarms.values())
        self.seat_figures = DEFAULT_SEATS if bands is None else bands.seats
        self.seats = SeatWatch(self.seat_figures, room)
        self.walls = WallWatch(room, watch.walls)
        self.pictures = watch.pictures
        self.ptz = PtzWatch(room, watch.ptz)
        self.load = None if bands is None else LoadWatch(bands, room)
        """How much each seat has to bear; without bands nobody measures it."""
        self._record: dict[type, Callable[..., list[Event]]] = {
            AlarmRecord: self._alarm,
            ClearRecord: self._clear,
            SensorsRecord: self._sensors,
            CamerasRecord: self._cameras,
            VehiclesRecord: self._vehicles,
            HealthRecord: self._health,
            PlaybackRecord: self._playback,
            StandingRecord: self._standing,
            AssetsRecord: self._assets,
        }

    @property
    def window_s(self) -> int:
        """The window in which new alarms are counted; 0 where nobody counts them."""
        return 0 if self.load is None else self.load.window_s

    @property
    def drilling(self) -> bool:
        """Whether this hub serves a drill."""
        return self.realm.startswith("drill/")

    def fold(self, events: list[Event]) -> list[Event]:
        """Number the events and fold them into the room; the last has the room's sequence."""
        for event in events:
            if isinstance(event, AlarmChanged):
                before = self.room.alarms.get(event.alarm.id)
                self.room.apply(self.room.sequence + 1, event)
                self._deadlines.watch(event.alarm)
                self._escalations.watch(event.alarm)
                self.conditioning.follow(event)
                if self.load is not None:
                    self.load.changed(before, event.alarm)
                continue
            self.room.apply(self.room.sequence + 1, event)
            if isinstance(event, SilenceChanged) and event.silence.ended_at is not None:
                self._escalations.heard(event.silence.ended_at)
            elif self.load is not None and isinstance(event, SeatChanged | HandoverChanged):
                self.load.reroute()
            self.conditioning.follow(event)
        return events

    def look(self, now: datetime) -> list[Event]:
        """What changes by itself because its time has come, folded; call about once a second."""
        room = self.room
        events = self.fold(self.seats.look(now))
        events += self.fold([SilenceChanged(silence) for silence in silences.due(room.silences, now)])
        events += self.fold([DutyChanged(duty) for duty in roster.due(self._plans.duty, room, now)])
        events += self.fold([AlarmChanged(alarm) for alarm in self._deadlines.due(room, now)])
        events += self.conditioning.look(now, self.fold)
        brought = self._escalations.look(room.alarms, room.duties, room.silences.values(), now)
        events += self.fold([AlarmChanged(alarm) for alarm in brought])
        events += self.fold(self.walls.look(now))
        events += self.fold(self.ptz.look(now))
        return events if self.load is None else events + self.fold(self.load.look(now))

    def record(self, source: str, record: Record, crs: Crs, now: datetime) -> list[Event]:
        """Take one journaled record. Raises Refuse."""
        return self.fold(self.judged(source, record, crs, now))

    def judged(self, source: str, record: Record, crs: Crs, now: datetime) -> list[Event]:
        """The events that a journaled record leads to; the room is not touched. Raises Refuse."""
        return self._record[type(record)](source, record, crs, now)

    def _alarm(self, source: str, record: AlarmRecord, crs: Crs, now: datetime) -> list[Event]:
        identity = alarm_id(source, record.key)
        timely(record.occurred_at)
        new = Alarm(
            id=identity,
            source=source,
            key=record.key,
            severity=record.severity,
            title=record.title,
            state=AlarmState.UNACKNOWLEDGED,
            occurred_at=record.occurred_at,
            received_at=now,
            changed_at=now,
            kind=record.kind,
            text=record.text,
            place=record.place,
            point=wgs84(record.point, crs),
            sensor=record.sensor,
            camera=record.camera,
            department=record.department,
        )
        return self.conditioning.told(new, now)

    def _clear(self, source: str, record: ClearRecord, _crs: Crs, now: datetime) -> list[Event]:
        timely(record.occurred_at)
        return self.conditioning.cleared(alarm_id(source, record.key), now)

    def _sensors(self, source: str, record: SensorsRecord, crs: Crs, _now: datetime) -> list[Event]:
        changed = [
            sensor
            for sensor in (
                msgspec.structs.replace(s, point=wgs84(s.point, crs), sources=self._declarers(s, source))
                for s in record.sensors
            )
            if self.room.sensors.get(sensor.id) != sensor
        ]
        if not changed:
            return []
        indices = _numbered([s.id for s in changed], self.room.sensor_index)
        return [SensorsDeclared(indices[part], tuple(changed[part])) for part in _parts(len(changed))]

    def _declarers(self, sensor: Sensor, source: str) -> tuple[str, ...]:
        """Who declared a sensor, this source included; two who are heard of are a duplicate.

        In a drill a player declares what the recorded hub knew: then they are those of the recording.
        """
        if self.drilling and sensor.sources:
            return sensor.sources[-DECLARERS:]
        held = self.room.sensors.get(sensor.id)
        known = () if held is None else held.sources
        return known if source in known else (*known, source)[-DECLARERS:]

    def _cameras(self, _source: str, record: CamerasRecord, crs: Crs, _now: datetime) -> list[Event]:
        changed = tuple(
            camera
            for camera in (self._diagnosed(c, wgs84(c.point, crs)) for c in record.cameras)
            if self.room.cameras.get(camera.id) != camera
        )
        for camera in changed:
            timely(camera.health_at)
        return [CamerasDeclared(changed[part]) for part in _parts(len(changed))]

    def _diagnosed(self, camera: Camera, point: Point | None) -> Camera:
        """A declared camera with what was found wrong with its picture, which its source knows nothing of."""
        held = self.room.cameras.get(camera.id)
        if held is None or camera.faults or camera.faults_at:
            return msgspec.structs.replace(camera, point=point)
        return msgspec.structs.replace(camera, point=point, faults=held.faults, faults_at=held.faults_at)

    def _vehicles(self, _source: str, record: VehiclesRecord, _crs: Crs, _now: datetime) -> list[Event]:
        changed = [v for v in record.vehicles if self.room.vehicles.get(v.id) != v]
        if not changed:
            return []
        indices = _numbered([v.id for v in changed], self.room.vehicle_index)
        return [VehiclesDeclared(indices[part], tuple(changed[part])) for part in _parts(len(changed))]

    def _assets(self, source: str, record: AssetsRecord, crs: Crs, now: datetime) -> list[Event]:
        for asset in record.assets:
            timely(asset.state_at)
            timely(asset.seen_at)
        placed = [msgspec.structs.replace(asset, point=wgs84(asset.point, crs)) for asset in record.assets]
        return [*asset_watch.declared(source, placed, self.room.assets, now, keeps_source=self.drilling)]

    def moves(self, record: MovesRecord, crs: Crs, now: datetime) -> tuple[list[Event], tuple[str, ...]]:
        """The events of teams that are elsewhere, not folded yet, and the ids that nobody declared. Raises Refuse."""
        placed = [(move, wgs84(Point(move.lon, move.lat), crs)) for move in record.moves]
        events, unknown = asset_watch.moved(placed, self.room.assets, now)
        return [*events], unknown

    def _health(self, _source: str, record: HealthRecord, _crs: Crs, _now: datetime) -> list[Event]:
        timely(record.occurred_at)
        camera = self.room.cameras.get(record.camera)
        if camera is None:
            raise Refuse(Refusal.UNKNOWN_OBJECT, f"no camera {record.camera} was declared")
        if camera.health is record.health:
            return []
        return [CamerasDeclared((msgspec.structs.replace(camera, health=record.health, health_at=record.occurred_at),))]

    def _standing(self, source: str, record: StandingRecord, _crs: Crs, _now: datetime) -> list[Event]:
        """What stood in a recording stands here as it did: its rules have judged it then."""
        if not self.drilling:
            raise Refuse(Refusal.WRONG_REALM, "a live hub takes no recorded states")
        alarm, hold = record.alarm, record.hold
        if (alarm is None) is (hold is None):
            raise Refuse(Refusal.MALFORMED, "either an alarm or what is held back of one")
        told = alarm if hold is None else hold.alarm
        if told is not None and (
            told.id != alarm_id(source, told.key) or told.source != source or told.parent == told.id
        ):
            raise Refuse(Refusal.MALFORMED, f"{told.id} is no alarm of {source}")
        for at in () if told is None else (told.occurred_at, told.received_at, told.changed_at):
            timely(at)
        if alarm is not None:
            return [AlarmChanged(alarm)]
        if hold is None or not hold.id.startswith(alarm_id(source, "")):
            raise Refuse(Refusal.MALFORMED, f"nothing of {source} is held back")
        timely(hold.at)
        timely(hold.until)
        return [AlarmHeld(hold)]

    def _playback(self, _source: str, record: PlaybackRecord, _crs: Crs, _now: datetime) -> list[Event]:
        if not self.drilling:
            raise Refuse(Refusal.WRONG_REALM, "a live hub takes no playback")
        for at in (record.begins_at, record.ends_at, record.clock):
            timely(at)
        held = self.room.drill
        # The officer paces a playback that goes on, so what the player last heard must not undo a newer command.
        obeys = held is not None and held.id == record.drill and record.transport is not Transport.ENDED
        return [
            DrillChanged(
                Drill(
                    id=record.drill,
                    title=record.title,
                    transport=held.transport if obeys and held else record.transport,
                    speed=held.speed if obeys and held else record.speed,
                    begins_at=record.begins_at,
                    ends_at=record.ends_at,
                    clock=record.clock,
                )
            )
        ]


def timely(at: datetime | None) -> None:
    """Raise Refuse for a time that cannot be."""
    if at is not None and at.year not in YEARS:
        raise Refuse(Refusal.MALFORMED, f"{at.isoformat()} is no time of this century or the last")


def _parts(count: int) -> list[slice]:
    return [slice(start, start + DECLARED) for start in range(0, count, DECLARED)]


@overload
def wgs84(point: Point, crs: Crs) -> Point: ...


@overload
def wgs84(point: Point | None, crs: Crs) -> Point | None: ...


def wgs84(point: Point | None, crs: Crs) -> Point | None:
    """A point of a declared CRS as WGS-84, what everything inside uses."""
    if point is None or crs == "WGS-84":
        return point
    lon, lat = to_wgs84(point.lon, point.lat, DATUM[crs])
    return Point(float(lon), float(lat))


def _numbered(ids: list[str], index: dict[str, int]) -> tuple[int, ...]:
    """The telemetry indices of ids, new ones counted on. Raises Refuse when there are too many."""
    following = len(index)
    numbers, fresh = [], dict[str, int]()
    for identity in ids:
        number = index.get(identity, fresh.get(identity))
        if number is None:
            number = following + len(fresh)
            fresh[identity] = number
        numbers.append(number)
    if following + len(fresh) > MAX_INDEX:
        raise Refuse(Refusal.TOO_LARGE, f"more than {MAX_INDEX} devices were declared")
    return tuple(numbers)
