"""Alarm table and alarm detail, connected."""

import math
from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QObject

from controlroom.bridge.camera_catalogue import is_playable
from controlroom.bridge.models.alarm_family import ALONE, family_of
from controlroom.bridge.models.alarm_model import AlarmModel
from controlroom.bridge.models.alarm_story import NearCamera, SensorNow
from controlroom.bridge.reading_wording import limits_origin
from controlroom.bridge.room_time import TimeFollower
from controlroom.domain.alarm import Alarm
from controlroom.domain.camera import Camera
from controlroom.domain.place import distance_m
from controlroom.domain.readings import Latest
from controlroom.domain.room import Room
from controlroom.domain.silence import silencing
from controlroom.domain.times import from_ms
from controlroom.seat.status import LinkStatus
from controlroom.wiring.alarm_load import AlarmLoadWiring
from controlroom.wiring.alarm_orders import obey
from controlroom.wiring.calls import CallWiring
from controlroom.wiring.corroboration import CorroborateButton, corroborate_action
from controlroom.wiring.guidance import GuidanceWiring
from controlroom.wiring.seat import ZONE, Seat
from controlroom.wiring.sight import cameras_at
from controlroom.wiring.suppressions import SuppressionCount
from widgets.alarm_detail import AlarmDetail
from widgets.alarm_family import AlarmFamily
from widgets.alarm_nesting import NestingAction
from widgets.alarm_table import AlarmTable

NEAREST = 6
UNWATCHABLE = 2
FAR_M = 30_000.0
"""What is further away is not near; a district is some forty kilometres across. House figure."""
"""Cameras offered for an alarm."""


class AlarmTableWiring(QObject):
    """Feeds one alarm table and carries out what the officer does there."""

    def __init__(self, seat: Seat) -> None:
        self.model = AlarmModel(seat.clock.now(), ZONE, names=seat.names, untaken_s=seat.policy.untaken_s)
        self.table = AlarmTable(self.model, seat.officer.past_alarms, seat.tasks.spawn, zone=ZONE)
        super().__init__(self.table)
        self.model.setParent(self.table)
        self._was_past = False
        self._seat = seat
        self.follower = TimeFollower(seat.room_time, self.table)
        pump, table = seat.pump, self.table
        pump.room_reset.connect(self._reset)
        pump.alarms_changed.connect(self._change)
        pump.ticked.connect(self._tick)
        self.follower.changed.connect(self._look)
        seat.past.changed.connect(self._reset)
        pump.link_changed.connect(self._link)
        seat.selection.changed.connect(self._selected)
        table.acknowledged.connect(seat.acknowledge)
        table.incident_wanted.connect(seat.open_incident)
        obey(table.orders, seat)
        table.map_wanted.connect(self._to_map)
        table.wall_wanted.connect(self._to_wall)
        table.chosen.connect(self._chosen)
        table.then_chosen.connect(seat.requests.alarm_then_wanted)
        table.suppressions_wanted.connect(seat.requests.suppressions_wanted)
        table.more_actions += [corroborate_action(table, self._corroborate), NestingAction(self.model, table)]
        self._held_back = SuppressionCount(seat, self)
        self._held_back.counted.connect(table.set_held_back)
        table.set_held_back(self._held_back.count)
        pump.silences_changed.connect(self._silences)
        pump.room_reset.connect(self._silences)
        self._silences()
        self.calls = CallWiring(seat, self)
        table.add_header(self.calls.bar)
        self._reset()
        self._link(pump.status)
        if seat.plain_table:
            table.set_plain(True)
        self.load = None if seat.governor is None else AlarmLoadWiring(seat, seat.governor, table)

    def _reset(self) -> None:
        """All of them: those of now, or those that stood at the room's time."""
        if not self.follower.past:
            self.model.reset(self._seat.pump.room.alarms.values())
            return
        past = self._seat.past
        self.model.reset([] if past.room is None else past.room.alarms.values())
        self.table.tick(past.at or self._seat.room_time.at)

    def _silences(self) -> None:
        self.model.set_silences(self._seat.pump.room.silences.values())

    def _change(self, alarms: list[Alarm]) -> None:
        if not self.follower.past:
            self.model.change(alarms)

    def _tick(self, now: datetime) -> None:
        self.table.tick(now if not self.follower.past else self._seat.past.at or self._seat.room_time.at)

    def _look(self) -> None:
        """The room's time, or how this panel stands to it, has changed."""
        if self.follower.past != self._was_past:
            self._was_past = self.follower.past
            self.table.set_past(self.follower.past)
            self._reset()
            self._tick(self._seat.clock.now())

    def _link(self, status: LinkStatus) -> None:
        self.table.set_stale(self._seat.stale, status.since)

    def _chosen(self, alarm: Alarm | None) -> None:
        self._seat.requests.alarm_then_wanted.emit(None)
        if alarm is not None:
            self._seat.selection.select("alarm", alarm.id)

    def _selected(self, kind: str, identity: str) -> None:
        if kind == "alarm":
            self.table.select(identity)

    def _corroborate(self) -> None:
        alarm = self.model.of(next(iter(self.table.keys()), ""))
        if alarm is not None and alarm.sensor:
            self._seat.requests.corroboration_wanted.emit(alarm.sensor)

    def _to_map(self, identity: str) -> None:
        self._seat.requests.map_wanted.emit("alarm", identity)

    def _to_wall(self, identity: str) -> None:
        alarm = self.model.of(identity)
        if alarm is not None:
            near = nearest_cameras(self._seat, alarm)
            self._seat.requests.cameras_wanted.emit([camera.camera.id for camera in near])


class AlarmDetailWiring(QObject):
    """Shows the selected alarm with its sensor and the cameras near it."""

    def __init__(self, seat: Seat) -> None:
        self.detail = AlarmDetail(seat.clock.now(), ZONE, seat.names, untaken_s=seat.policy.untaken_s)
        super().__init__(self.detail)
        self._seat = seat
        self.follower = TimeFollower(seat.room_time, self.detail)
        self.follower.changed.connect(self._look)
        seat.past.changed.connect(self._reset)
        self._was_past = self._then = False
        pump, detail = seat.pump, self.detail
        pump.room_reset.connect(self._reset)
        pump.alarms_changed.connect(self._change)
        pump.ticked.connect(self._tick)
        pump.link_changed.connect(self._link)
        seat.selection.changed.connect(self._selected)
        seat.requests.alarm_then_wanted.connect(self._show_then)
        detail.acknowledged.connect(seat.acknowledge)
        detail.reset.connect(lambda alarms: seat.tasks.spawn(seat.officer.reset(alarms), "reset alarms"))
        self.family = AlarmFamily(seat.clock.now(), seat.names, ZONE)
        self.family.chosen.connect(lambda identity: seat.selection.select("alarm", identity))
        detail.add_section(self.family)
        detail.incident_wanted.connect(seat.open_incident)
        detail.map_wanted.connect(lambda identity: seat.requests.map_wanted.emit("alarm", identity))
        detail.wall_wanted.connect(seat.requests.cameras_wanted)
        detail.noted.connect(lambda alarm, text: seat.tasks.spawn(self._note(alarm, text), "note on an alarm"))
        self.corroborate = CorroborateButton(seat, detail)
        detail.add_section(self.corroborate)
        self._guidance = GuidanceWiring(seat, self)
        detail.add_section(self._guidance.view)
        detail.camera_chosen.connect(lambda identity: seat.selection.select("camera", identity))
        seat.places.opened.connect(self._name_places)
        self._name_places()
        self._link(pump.status)
        self._selected(seat.selection.kind, seat.selection.id)

    def _name_places(self) -> None:
        self.detail.set_place_line(self._seat.places.line)

    async def _note(self, alarm: str, text: str) -> None:
        await self._seat.officer.note_alarm(alarm, text)
        self.detail.forget_draft(alarm, text)

    @property
    def _room(self) -> Room:
        """The room of now, or that of the room's time; an empty one until the hub has told it."""
        return (self._seat.past.room or Room()) if self.follower.past else self._seat.pump.room

    def _change(self, alarms: list[Alarm]) -> None:
        if not self.follower.past and not self._then:
            self.detail.change(alarms)

    def _reset(self) -> None:
        """The alarm as it is, or as it was at the room's time, also one that no longer stands; or none."""
        shown = self.detail.alarm
        if self.follower.past:
            self._show(self._wanted())
        elif not self._then and shown is not None and shown.id in self._room.alarms:
            self.detail.change([self._room.alarms[shown.id]])

    def _look(self) -> None:
        """The room's time, or how this panel stands to it, has changed."""
        if self.follower.past == self._was_past:
            return
        self._was_past = self.follower.past
        self._show(self._wanted())
        self._tick(self._seat.clock.now())

    def _wanted(self) -> Alarm | None:
        shown, selection = self.detail.alarm, self._seat.selection
        return self._room.alarms.get(selection.id if selection.kind == "alarm" else shown.id if shown else "")

    def _link(self, status: LinkStatus) -> None:
        self.detail.set_stale(self._seat.stale, status.since)

    def _silence(self) -> None:
        # The silences of the past are not asked for.
        alarm = None if self.follower.past or self._then else self.detail.alarm
        self.detail.set_silence(None if alarm is None else silencing(self._seat.pump.room.silences.values(), alarm))

    def _tick(self, now: datetime) -> None:
        if self.follower.past:
            now = self._seat.past.at or self._seat.room_time.at
        self._silence()
        self.detail.set_sensor(self._sensor(self.detail.alarm))
        self.detail.tick(now)
        if self.detail.isVisible():
            self.family.tick(now)
            self._show_family()

    def _show_family(self) -> None:
        alarm = self.detail.alarm
        self.family.show_alarm(alarm, ALONE if alarm is None else family_of(alarm, self._room.alarms))

    def _selected(self, kind: str, identity: str) -> None:
        if kind != "alarm":
            return
        alarm = self._room.alarms.get(identity)
        if alarm is not None or self.follower.past:
            self._show(alarm)

    def _show_then(self, alarm: Alarm | None) -> None:
        """An alarm out of the journal: as it was after that transition, whether it still stands or not."""
        if alarm is not None:
            self._show(alarm, then=True)
        elif self._then:
            self._show(self._wanted())

    def _show(self, alarm: Alarm | None, then: bool = False) -> None:
        self._then = then
        self.detail.set_past(then or self.follower.past, alarm.changed_at if then and alarm is not None else None)
        self.detail.show_alarm(alarm)
        if alarm is None:
            return
        self._silence()
        self._show_family()
        self.detail.set_sensor(self._sensor(alarm))
        self.corroborate.show_sensor(alarm.sensor)
        near = nearest_cameras(self._seat, alarm)
        self.detail.set_cameras(near, nearer_without_stream(self._seat, alarm, near))
        self._guidance.show(alarm, [found.camera.id for found in near])

    def _sensor(self, alarm: Alarm | None) -> SensorNow | None:
        room = self._seat.pump.room  # of what sensors there are; what they told is of the room's time
        latest = (self._seat.past.latest or Latest()) if self.follower.past else self._seat.pump.latest
        sensor = room.sensors.get(alarm.sensor) if alarm is not None else None
        if sensor is None:
            return None
        index, at, book = room.sensor_index[sensor.id], self._seat.room_time.at, self._seat.limit_book
        judged, origin = book.judged(sensor, at), limits_origin(book, sensor, at)
        if index >= latest.size or not latest.time_ms[index]:
            return SensorNow(sensor=judged, origin=origin)
        value = float(latest.value[index])
        return SensorNow(
            sensor=judged,
            value=None if math.isnan(value) else value,
            at=from_ms(int(latest.time_ms[index])),
            origin=origin,
        )


def nearest_cameras(seat: Seat, alarm: Alarm) -> list[NearCamera]:
    """The cameras with a stream for an alarm: its own, those that see its place as they look now, the best first, then
    the nearest others."""
    cameras = seat.pump.room.cameras
    own = [NearCamera(cameras[alarm.camera], 0.0, sees_it=True)] if alarm.camera in cameras else []
    if alarm.point is None:
        return own
    seeing = cameras_at(seat, alarm.point, NEAREST, alarm.camera)
    if seeing is None:
        seeing = _by_distance(seat, alarm, lambda camera: bool(camera.url) and camera.id != alarm.camera)
    return [*own, *seeing][:NEAREST]


def nearer_without_stream(seat: Seat, alarm: Alarm, near: Sequence[NearCamera]) -> list[NearCamera]:
    """The cameras that stand nearer than the nearest of `near` besides the alarm's own, but that nobody can watch."""
    others = [found.distance_m for found in near if found.camera.id != alarm.camera]
    found = _by_distance(seat, alarm, lambda camera: not is_playable(camera) and camera.id != alarm.camera)
    return [each for each in found if each.distance_m < min(others, default=FAR_M)][:UNWATCHABLE]


def _by_distance(seat: Seat, alarm: Alarm, wanted: Callable[[Camera], bool]) -> list[NearCamera]:
    here = alarm.point
    if here is None:
        return []
    # A box first: of 39,000 cameras only those nearby are measured.
    north = FAR_M / 111_000.0
    east = north / max(math.cos(math.radians(here.lat)), 0.01)
    found = [
        NearCamera(camera, distance_m(here, camera.point))
        for camera in seat.pump.room.cameras.values()
        if camera.point is not None
        and abs(camera.point.lat - here.lat) <= north
        and abs(camera.point.lon - here.lon) <= east
        and wanted(camera)
    ]
    return sorted(found, key=lambda each: each.distance_m)
