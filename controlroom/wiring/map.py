"""The map, connected: what stands on it, what is chosen on it, and the departments' layers."""

from collections.abc import Callable
from datetime import datetime

import numpy as np
from PySide6.QtCore import QObject

from controlroom.bridge.camera_sight import Sight
from controlroom.bridge.room_time import TimeFollower
from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.incident import Incident, IncidentStatus
from controlroom.domain.limits import Freshness, LimitTable
from controlroom.domain.place import Point
from controlroom.domain.readings import Latest
from controlroom.domain.sensor import Sensor
from controlroom.domain.times import to_ms
from controlroom.i18n import _
from controlroom.mapping.coordinates import to_degrees
from controlroom.mapping.layers import AlarmMark, IncidentMark, SensorState
from controlroom.mapping.layers import Selection as Chosen
from controlroom.mapping.viewpoint import ViewRule
from controlroom.seat.status import LinkState, LinkStatus
from controlroom.wire.frames import Positions
from controlroom.wiring.assets import LAYERS, AssetCards, tell_layers
from controlroom.wiring.basemaps import BaseMapWiring
from controlroom.wiring.camera_points import CameraPoints
from controlroom.wiring.cones import ConeWiring
from controlroom.wiring.corroboration import chosen_sensor, corroborate_action
from controlroom.wiring.graphics import GraphicWiring, point_of
from controlroom.wiring.layers import LayerWiring
from controlroom.wiring.map_choice import MapChoiceWiring
from controlroom.wiring.map_menu import MapMenuWiring
from controlroom.wiring.map_things import MapThings
from controlroom.wiring.places import PlaceFinder
from controlroom.wiring.room_layers import RoomLayers
from controlroom.wiring.seat import ZONE, Seat
from controlroom.wiring.sight import ask
from widgets.camera_words import state_line
from widgets.map_view import MapView

_ZOOM = 14
_PAST_MS = 60_000
"""A vehicle that was not heard of for so long before a moment of the past is not shown then."""


class MapWiring(QObject):
    """Feeds one map view. Sensors are coloured by judging the newest readings once a second."""

    def __init__(self, seat: Seat, leads: Callable[["MapWiring"], bool] = lambda _wiring: True) -> None:
        """`leads` tells whether this map is the one that goes where the officer asks."""
        self.view = MapView(trails=seat.trails.trails)
        super().__init__(self.view)
        self._seat = seat
        self._leads = leads
        self._limits = LimitTable()
        self._validity: tuple[object, ...] = ()
        self._states = np.zeros(0, np.uint8)
        pump = seat.pump
        self.follower = TimeFollower(seat.room_time, self.view)
        self.follower.changed.connect(self._look)
        seat.past.changed.connect(self._past)
        self._was_past = False
        self.layers = LayerWiring(seat, self.view)
        self._cameras = CameraPoints(
            self.view, lambda: pump.room.cameras, lambda: self.follower.past, self, self.layers
        )
        pump.room_reset.connect(self._reset)
        pump.sensors_changed.connect(self._sensors)
        pump.cameras_changed.connect(self._cameras.show)
        pump.vehicles_changed.connect(self._vehicles)
        pump.alarms_changed.connect(self._alarms)
        pump.incidents_changed.connect(self._alarms)
        pump.positions_arrived.connect(self._positions)
        pump.ticked.connect(self._tick)
        pump.link_changed.connect(self._link)
        seat.selection.changed.connect(self._selected)
        seat.requests.map_wanted.connect(self._wanted)
        self.view.place_clicked.connect(seat.requests.place_chosen)
        self.view.object_selected.connect(self._clicked)
        self.view.incident_wanted.connect(self._fit_incident)
        self.view.hold.incident_places = self._incident_places
        self.view.hold.name_of = self._name_of
        self.view.scene.told_of["camera"] = self._camera_told
        self.choice = MapChoiceWiring(seat, self.view)
        self.menu = MapMenuWiring(seat, self.view, self.choice)
        self.things = MapThings(seat, self.view)
        self.view.toolbar.sensor.wanted.connect(seat.requests.plot_wanted)
        self.view.place_asked.connect(self._see)
        self.cones = ConeWiring(seat, self.view)
        self.finder = PlaceFinder(seat, self.view, lambda: self._leads(self))
        self.assets = AssetCards(seat, self.view, self.finder)
        self.base = BaseMapWiring(seat, self.view)
        self.graphics = GraphicWiring(seat, self.view, self.follower)
        self.view.toolbar.corroborate.clicked.connect(self._corroborate)
        corroborate_action(self.view, self._corroborate)
        self._reset()
        self.of_room = RoomLayers(seat, self.view, self.follower)
        self._link(pump.status)
        seat.requests.map_opened.emit(self.view)

    # ------------------------------------------------------------ what stands on it

    def _reset(self) -> None:
        self._sensors()
        self._cameras.show_all()
        self._vehicles()
        if not self.follower.past:
            self._known_positions()
        self._alarms()

    def _known_positions(self) -> None:
        held = self._seat.pump.positions
        known = np.flatnonzero(held.time_ms)
        self.view.update_positions(known, held.lon[known], held.lat[known], held.heading[known], held.time_ms[known])

    def _sensors(self) -> None:
        room = self._seat.pump.room
        sensors = sorted(room.sensors.values(), key=lambda sensor: room.sensor_index[sensor.id])
        self._declare_limits(sensors)
        self._states = self._judged(self._seat.clock.now(), len(sensors))
        lon, lat = _columns([sensor.point for sensor in sensors])
        kinds = [s.kind for s in sensors]
        self.view.set_sensors([s.id for s in sensors], [s.name for s in sensors], lon, lat, self._states, kinds)
        self.layers.sensors.tell(kinds)

    def _declare_limits(self, sensors: list[Sensor]) -> None:
        """The limits that hold at the time that is looked at: the hub judges by them too."""
        book, at, index = self._seat.limit_book, self._looked_at(), self._seat.pump.room.sensor_index
        self._validity = book.validity(at)
        self._limits = LimitTable.from_sensors(book.judged_all(sensors, at), [index[s.id] for s in sensors])

    def _follow_limits(self) -> None:
        """Others are in force: by day and night, by an edition, by a warning."""
        book, at = self._seat.limit_book, self._looked_at()
        if book.validity(at) == self._validity:
            return
        self._validity = book.validity(at)
        index = self._seat.pump.room.sensor_index
        dated = [sensor for sensor in self._seat.pump.room.sensors.values() if book.dated(sensor)]
        self._limits.declare(book.judged_all(dated, at), [index[sensor.id] for sensor in dated])

    def _looked_at(self) -> datetime:
        if self.follower.past:
            return self._seat.past.at or self._seat.room_time.at
        return self._seat.clock.now()

    def _judged(self, now: datetime, count: int) -> "np.ndarray[tuple[int], np.dtype[np.uint8]]":
        latest, now_ms = self._seat.pump.latest, to_ms(now)
        if self.follower.past:
            past = self._seat.past
            latest, now_ms = past.latest or Latest(), to_ms(past.at or self._seat.room_time.at)
        self._limits.evaluate(latest, now_ms)
        fresh, level = self._limits.freshness(latest, now_ms)[:count], self._limits.level[:count]
        states = np.full(count, SensorState.NEVER_HEARD, np.uint8)
        # What cannot be believed is shown as stale, whatever its level was.
        states[: len(fresh)] = np.where(level > 0, 7 - level, SensorState.NORMAL)
        states[: len(fresh)][fresh != Freshness.LIVE] = SensorState.STALE
        states[: len(fresh)][fresh == Freshness.NEVER] = SensorState.NEVER_HEARD
        return states

    def _tick(self, now: datetime) -> None:
        if not self.view.isVisible():
            return
        self._follow_limits()
        states = self._judged(now, len(self._states))
        changed = np.flatnonzero(states != self._states)
        if len(changed):
            self.view.update_sensor_states(changed, states[changed])
            self._states = states
        self.layers.tell(now)
        tell_layers(self._seat, self.view)
        for identity, (note, is_fault) in self._seat.layer_notes.items():
            self.view.tree.tell(identity, note=note, is_fault=is_fault)
        if self.follower.past:
            self.view.set_data_time((self._seat.past.at or self._seat.room_time.at).astimezone(ZONE))
        elif not self._seat.stale:
            self.view.set_data_time(now.astimezone(ZONE))

    def _look(self) -> None:
        """The room's time, or how the map stands to it, has changed."""
        if self.follower.past != self._was_past:
            self._was_past = self.follower.past
            self._link(self._seat.pump.status)
            self._reset()
            self._tick(self._seat.clock.now())

    def _past(self) -> None:
        """The past was answered anew."""
        if self.follower.past:
            self._vehicles()
            self._tick(self._seat.clock.now())
            self._alarms()

    def _camera_told(self, identity: str) -> str:
        """Health of a camera and its picture as of now; of the past neither is known."""
        room = self._seat.pump.room
        camera = room.cameras.get(identity)
        if camera is None or self.follower.past:
            return ""
        return state_line(camera, self._seat.clock.now(), room.looks.get(identity))

    def _vehicles(self) -> None:
        room = self._seat.pump.room
        # What was heard of the present has no place on a map of the past.
        vehicles = sorted(room.vehicles.values(), key=lambda vehicle: room.vehicle_index[vehicle.id])
        if self.follower.past:
            self.view.set_vehicles([], [], [])
        self.view.set_vehicles([v.id for v in vehicles], [v.name for v in vehicles], [v.kind for v in vehicles])
        self._past_vehicles()

    def _past_vehicles(self) -> None:
        """No hub keeps where vehicles were: what this seat has heard itself in the last half hour is shown."""
        at = self.follower.at
        self.view.scene.show_trails_until(None if at is None else to_ms(at))
        told = ""
        if at is not None:
            rows, heading = self._seat.trails.trails.at(to_ms(at), _PAST_MS)
            lon, lat = to_degrees(rows.x, rows.y)
            self.view.update_positions(rows.index, lon, lat, heading, rows.time_ms)
            told = "" if len(rows) else _("Where vehicles were then is not kept")
        self.view.toolbar.set_past(told)

    def _positions(self, positions: Positions) -> None:
        p = positions
        if self.follower.past:
            return
        self.view.update_positions(p.index, p.lon, p.lat, p.heading, p.time)

    def _alarms(self, _changed: object = None) -> None:
        marks = [
            AlarmMark(alarm.id, alarm.severity, point.lon, point.lat, alarm.title, alarm.waiting)
            for alarm in self._standing().values()
            if alarm.state is not AlarmState.NORMAL and (point := self._place_of(alarm)) is not None
        ]
        self.view.set_alarms(marks)
        self.view.set_incidents(
            [
                IncidentMark(incident.id, incident.grade, point.lon, point.lat, incident.title)
                for incident in self._incidents().values()
                if incident.status is IncidentStatus.OPEN and (point := self._place_of_incident(incident)) is not None
            ]
        )

    def _standing(self) -> dict[str, Alarm]:
        """The alarms of now, or those of the room's time; none where they are not known."""
        if not self.follower.past:
            return self._seat.pump.room.alarms
        return {} if self._seat.past.room is None else self._seat.past.room.alarms

    def _incidents(self) -> dict[str, Incident]:
        """The incidents of now, or those of the room's time; none where they are not known."""
        if not self.follower.past:
            return self._seat.pump.room.incidents
        return {} if self._seat.past.room is None else self._seat.past.room.incidents

    def _place_of_incident(self, incident: Incident) -> Point | None:
        """Where it was opened, else where the first of its alarms is."""
        if incident.point is not None:
            return incident.point
        standing = self._standing()
        return next((self._place_of(standing[name]) for name in incident.alarms if name in standing), None)

    def _link(self, status: LinkStatus) -> None:
        # A short resynchronisation loses nothing that the map shows; the strip tells it.
        lost = status.state not in (LinkState.LIVE, LinkState.RESYNCING)
        self.view.set_stale(lost, past=self.follower.past)

    # ------------------------------------------------------------ what is chosen

    def _clicked(self, kind: str, identity: str) -> None:
        if kind in self.view.scene.sheets.held:
            return  # its own card tells of it
        if kind in LAYERS:
            self._seat.selection.select("asset", identity)
            self.assets.choose(identity)
            return
        plain = identity if kind not in self.of_room else identity.partition("/")[0]
        if kind in self.of_room and plain not in self._seat.pump.room.sensors:
            return
        self._seat.selection.select(kind if kind not in self.of_room else "sensor", plain)

    def _see(self, title: str, corners: list[tuple[float, float]]) -> None:
        ask(self._seat, Sight(title, tuple(Point(lon, lat) for lon, lat in corners)))

    def _corroborate(self) -> None:
        sensor = chosen_sensor(self._seat)
        if sensor:
            self._seat.requests.corroboration_wanted.emit(sensor)

    def _selected(self, kind: str, identity: str) -> None:
        self.view.toolbar.corroborate.setEnabled(bool(chosen_sensor(self._seat)))
        self.view.toolbar.sensor.set_sensor(identity if kind == "sensor" else "")
        if kind == "asset":
            self.assets.choose(identity)
            return
        self.assets.forget()
        self.view.select(kind, identity)
        if kind == "alarm" and self._leads(self):
            self._fly(kind, identity)

    def _wanted(self, kind: str, identity: str) -> None:
        if self._leads(self):
            self._fly(kind, identity)

    def _fly(self, kind: str, identity: str) -> None:
        point = self._point(kind, identity)
        if point is not None:
            self.view.show_place(point.lon, point.lat, _ZOOM)

    def _fit_incident(self) -> None:
        """The view keeps the chosen incident in sight, or that of the chosen alarm."""
        selection, room = self._seat.selection, self._seat.pump.room
        chosen = selection.id if selection.kind == "incident" else ""
        if selection.kind == "alarm":
            chosen = next((i.id for i in room.incidents.values() if selection.id in i.alarms), "")
        if chosen in room.incidents and self._incident_places(chosen):
            self.view.hold.fit(ViewRule.INCIDENT, [Chosen("incident", chosen)])
        else:
            self._seat.requests.told.emit(_("No incident with a known place is chosen."))

    def _incident_places(self, identity: str) -> dict[str, tuple[float, float]]:
        """The incident's own place and those of its alarms."""
        room = self._seat.pump.room
        incident = room.incidents.get(identity)
        if incident is None:
            return {}
        held = {name: self._place_of(room.alarms[name]) for name in incident.alarms if name in room.alarms}
        places = {"": incident.point, **held}
        return {name: (point.lon, point.lat) for name, point in places.items() if point is not None}

    def _name_of(self, chosen: Chosen) -> str:
        incident = self._seat.pump.room.incidents.get(chosen.id) if chosen.kind == "incident" else None
        return incident.title if incident is not None else self.view.scene.name_of(chosen)

    def _point(self, kind: str, identity: str) -> Point | None:
        room = self._seat.pump.room
        alarm = self._standing().get(identity, room.alarms.get(identity)) if kind == "alarm" else None
        if alarm is not None:
            return self._place_of(alarm)
        if kind == "incident" and identity in room.incidents:
            return self._place_of_incident(room.incidents[identity])
        if kind in ("graphic", "fence"):
            return point_of(room, identity)
        if kind == "sensor" and identity in room.sensors:
            return room.sensors[identity].point
        if kind == "camera" and identity in room.cameras:
            return room.cameras[identity].point
        if kind == "asset" and identity in room.assets:
            return room.assets[identity].point
        index = room.vehicle_index.get(identity, -1) if kind == "vehicle" else -1
        held = self._seat.pump.positions
        if 0 <= index < len(held.time_ms) and held.time_ms[index]:
            return Point(float(held.lon[index]), float(held.lat[index]))
        return None

    def _place_of(self, alarm: Alarm) -> Point | None:
        """Where an alarm is: its own place, else its sensor's or camera's."""
        room = self._seat.pump.room
        sensor, camera = room.sensors.get(alarm.sensor), room.cameras.get(alarm.camera)
        return alarm.point or (sensor.point if sensor else None) or (camera.point if camera else None)


def _columns(points: list[Point | None]) -> tuple[list[float], list[float]]:
    """Longitudes and latitudes, NaN where a place is unknown."""
    nowhere = float("nan")
    return [p.lon if p else nowhere for p in points], [p.lat if p else nowhere for p in points]
