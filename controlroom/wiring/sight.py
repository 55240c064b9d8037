"""Who can see this: for what is chosen, or a place on the map, the cameras that can see it."""

import math

import numpy as np
from PySide6.QtCore import QObject

from controlroom.bridge.camera_sight import Sight, for_wall, looking_now, witnesses
from controlroom.bridge.models.alarm_story import NearCamera
from controlroom.domain.place import Point
from controlroom.domain.room import Room
from controlroom.i18n import _
from controlroom.mapping.sight import seeing_point
from controlroom.shell.actions import Actions
from controlroom.wiring.seat import Seat

M_PER_DEGREE = 111_195.0


class SightDesk(QObject):
    """Answers for the chosen alarm, incident, sensor, vehicle or camera: as a list, or on the wall at once."""

    def __init__(self, seat: Seat, actions: Actions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._seat = seat
        self._awaited: Sight | None = None
        seat.directory.changed.connect(self._go_on)
        seat.requests.sight_on_wall_wanted.connect(self._put)
        group = _("Cameras")
        actions.add(
            "who_sees",
            _("Who can see what is chosen"),
            self.show,
            group=group,
            shortcuts=("Ctrl+E",),
            help=_("The cameras whose view cone holds the chosen alarm, incident or sensor, the best first"),
        )
        actions.add(
            "who_sees_on_wall",
            _("Put the cameras that can see what is chosen on the wall"),
            self.to_wall,
            group=group,
            shortcuts=("Ctrl+Shift+E",),
        )

    def show(self) -> None:
        """List the cameras."""
        sight = self._chosen()
        if sight is not None:
            ask(self._seat, sight)

    def to_wall(self) -> None:
        """Put the best cameras on the wall."""
        sight = self._chosen()
        if sight is not None:
            self._put(sight)

    def _chosen(self) -> Sight | None:
        selection = self._seat.selection
        sight = sight_of(self._seat, selection.kind, selection.id)
        if sight is None:
            self._seat.requests.told.emit(_("Nothing with a known place is chosen."))
        return sight

    def _put(self, sight: Sight) -> None:
        directory, room = self._seat.directory, self._seat.pump.room
        directory.open()
        if not directory.catalogue.ids and directory.busy:
            self._awaited = sight
            return
        found = witnesses(directory.catalogue, sight, room.ptz, self._seat.name)
        best = for_wall(found, room.cameras, self._seat.wall_tiles)
        turning = next((directory.catalogue.cameras[each.camera] for each in found if each.must_turn), None)
        if best:
            self._seat.requests.cameras_wanted.emit(best)
        elif turning is not None:
            words = _("No camera with a stream looks at {place}; {camera} can be turned there (Ctrl+Alt+E).")
            self._seat.requests.told.emit(words.format(place=sight.title, camera=turning.name))
        else:
            self._seat.requests.told.emit(_("No camera with a stream can see {place}.").format(place=sight.title))

    def _go_on(self) -> None:
        """The directory is there now."""
        sight, self._awaited = self._awaited, None
        if sight is not None:
            self._put(sight)


def ask(seat: Seat, sight: Sight) -> None:
    """List who can see a place; where no panel lists cameras the best go to the wall."""
    if seat.reveal("cameras"):
        seat.requests.sight_wanted.emit(sight)
    else:
        seat.requests.sight_on_wall_wanted.emit(sight)


def sight_of(seat: Seat, kind: str, identity: str) -> Sight | None:
    """Where an object is and what it is called."""
    room = seat.pump.room
    if kind == "alarm" and identity in room.alarms:
        return _sight(room.alarms[identity].title, _of_alarm(room, identity))
    if kind == "incident" and identity in room.incidents:
        incident = room.incidents[identity]
        first = next((point for a in incident.alarms if (point := _of_alarm(room, a)) is not None), None)
        return _sight(incident.title, incident.point or first)
    if kind == "sensor" and identity in room.sensors:
        return _sight(room.sensors[identity].name, room.sensors[identity].point)
    if kind == "camera" and identity in room.cameras:
        return _sight(room.cameras[identity].name, room.cameras[identity].point)
    if kind == "vehicle" and identity in room.vehicles:
        held, index = seat.pump.positions, room.vehicle_index[identity]
        known = index < len(held.time_ms) and held.time_ms[index]
        point = Point(float(held.lon[index]), float(held.lat[index])) if known else None
        return _sight(room.vehicles[identity].name, point)
    return None


def cameras_at(seat: Seat, point: Point, most: int, but: str = "") -> list[NearCamera] | None:
    """Cameras with a stream for a point: those that can see it and are not offline, the best first, then the nearest.

    None while the directory has not been made yet.
    """
    catalogue, cameras = seat.directory.catalogue, seat.pump.room.cameras
    if not catalogue.ids:
        return None
    columns = looking_now(catalogue, seat.pump.room.ptz.units)
    here = math.cos(math.radians(point.lat))
    far = np.hypot((columns.lon - point.lon) * here, columns.lat - point.lat) * M_PER_DEGREE
    ready = np.array(catalogue.ready)
    far = np.where(ready & np.isfinite(far), far, np.inf)
    seen = [found.index for found in seeing_point(columns, point) if ready[found.index]]
    sees = frozenset(seen)
    nearest = np.argpartition(far, min(2 * most, len(far) - 1))[: 2 * most]
    places = dict.fromkeys([*seen, *sorted((int(k) for k in nearest if np.isfinite(far[k])), key=lambda k: far[k])])
    found = [
        NearCamera(cameras[catalogue.ids[k]], float(far[k]), sees_it=k in sees)
        for k in places
        if catalogue.ids[k] in cameras and catalogue.ids[k] != but
    ]
    return found[:most]


def _of_alarm(room: Room, identity: str) -> Point | None:
    """An alarm's own place, else its sensor's or camera's."""
    alarm = room.alarms.get(identity)
    if alarm is None:
        return None
    sensor, camera = room.sensors.get(alarm.sensor), room.cameras.get(alarm.camera)
    return alarm.point or (sensor.point if sensor else None) or (camera.point if camera else None)


def _sight(title: str, point: Point | None) -> Sight | None:
    return None if point is None else Sight(title, (point,))
