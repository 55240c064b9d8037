"""Who and what is around the incident that is shown, connected: files once, cameras and teams as they are now."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

import numpy as np
from PySide6.QtCore import QObject
from shapely.geometry.base import BaseGeometry

from controlroom.domain.asset import Asset, AssetKind
from controlroom.domain.graphic import Drawing
from controlroom.domain.place import Point
from controlroom.domain.times import to_ms
from controlroom.errors import EnvironmentFault
from controlroom.mapping.analysis.areas import Area, circle
from controlroom.mapping.analysis.fault import AnalysisFault
from controlroom.mapping.analysis.plane import Plane
from controlroom.mapping.coordinates import Floats
from controlroom.mapping.district import District
from controlroom.mapping.exposure import Exposed, Exposure, Figure, read_layers
from controlroom.mapping.fleet import is_service
from controlroom.mapping.graphics import area_in
from controlroom.wiring.seat import ZONE, Seat
from resources import path
from widgets.exposure_strip import ExposureStrip

HEARD_MS = 600_000
"""A vehicle that was silent for longer may be anywhere; teams have their own time."""


_EXPOSED = {AssetKind.TEAM: Exposed.TEAMS, AssetKind.HAZARD: Exposed.HAZARDS}


@dataclasses.dataclass(frozen=True, slots=True)
class Live:
    """What the room itself knows `at` a time: cameras' places in degrees (NaN without one), assets, and vehicles.

    `known`: whether it can be counted; with a link that is down nothing live is.
    """

    at: datetime
    known: bool
    cameras: tuple[Floats, Floats]
    assets: Sequence[Asset]
    vehicles: Sequence[Point | None]


def figures_of(exposure: Exposure, shape: BaseGeometry, filed: Sequence[Figure], live: Live) -> list[Figure]:
    """Who and what is inside an area of the exposure's plane, one figure a kind; of no room's state but what is given.

    Teams and hazard sources of the room, where it has any, are newer than any file.
    """
    dated = live.at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
    told = {figure.kind: figure for figure in filed}
    told[Exposed.CAMERAS] = exposure.live(shape, Exposed.CAMERAS, *live.cameras, dated, live.known)
    held: dict[Exposed, list[Asset]] = {}
    for asset in live.assets:
        kind = _EXPOSED.get(asset.kind)
        if kind is not None:
            held.setdefault(kind, []).append(asset)
    for kind, assets in held.items():
        columns = _places([_place_now(asset, live.at) for asset in assets])
        figure = exposure.live(shape, kind, *columns, dated, live.known)
        invented = any(asset.schematic for asset in assets)
        told[kind] = dataclasses.replace(figure, schematic=invented and figure.number is not None)
    if Exposed.TEAMS not in told:
        # Nobody declares teams here: the vehicles that an officer directs stand for them.
        told[Exposed.TEAMS] = exposure.live(shape, Exposed.TEAMS, *_places(live.vehicles), dated, live.known)
    return [told[kind] for kind in Exposed if kind in told]


class ExposureWiring(QObject):
    """Feeds one strip; figures of files are counted when incident or radius change, live ones once a second."""

    def __init__(self, seat: Seat, parent: QObject) -> None:
        super().__init__(parent)
        self.strip = ExposureStrip()
        self._seat = seat
        self._incident: str | None = None
        self._area: Area | None = None
        self._drawn = False
        self._at: tuple[Point, int] | None = None
        self._filed: list[Figure] = []
        self._cameras: tuple[Floats, Floats] | None = None
        self.strip.radius_chosen.connect(self._refresh)
        seat.pump.cameras_changed.connect(self._forget_cameras)
        seat.pump.room_reset.connect(self._forget_cameras)
        seat.pump.incidents_changed.connect(self._refresh)
        seat.pump.ticked.connect(self._tick)

    @cached_property
    def exposure(self) -> Exposure:
        """The data layers of the district and of this seat; broken files are told once."""
        plane = Plane(District(path("district")).centre.lon)
        folders = (path("district", "exposure"), *self._seat.exposure_folders)
        return Exposure(plane, read_layers(folders, plane, self._refused))

    def _refused(self, fault: EnvironmentFault) -> None:
        self._seat.requests.told.emit(fault.sentence)

    def show(self, incident: str | None) -> None:
        """Show what is around an incident."""
        self._incident = incident
        self._refresh()

    def show_drawing(self, drawing: Drawing | None) -> bool:
        """Show who and what is inside a drawing instead of around an incident; False where it encloses nothing."""
        self._drawn = True
        try:
            self._area = None if drawing is None else area_in(drawing, self.exposure.plane)
        except AnalysisFault:
            self._area = None
        self._filed = [] if self._area is None else self.exposure.filed(self._area.shape)
        self._tell(self._seat.clock.now())
        return self._area is not None

    def _refresh(self, _changed: object = None) -> None:
        if self._drawn:
            return
        point = self._point()
        at = None if point is None else (point, self.strip.radius_m)
        if at != self._at:
            self._at, self._area, self._filed = at, None, []
            if at is not None:
                try:
                    self._area = circle(self.exposure.plane, at[0].lon, at[0].lat, float(at[1]))
                    self._filed = self.exposure.filed(self._area.shape)
                except AnalysisFault:
                    self._area = None
        self._tell(self._seat.clock.now())

    def _tick(self, now: datetime) -> None:
        if self.strip.isVisible():
            self._tell(now)

    def _tell(self, now: datetime) -> None:
        if self._area is None:
            self.strip.show_figures([])
            return
        self.strip.show_figures(self._figures(self._area, self._filed, now))

    def _figures(self, area: Area, filed: Sequence[Figure], now: datetime) -> list[Figure]:
        live = Live(
            now,
            not self._seat.stale,
            self._camera_columns(),
            tuple(self._seat.pump.room.assets.values()),
            self._vehicles(now),
        )
        return figures_of(self.exposure, area.shape, filed, live)

    def _point(self) -> Point | None:
        """Where the incident is: its own place, else that of its first alarm that has one."""
        room = self._seat.pump.room
        incident = room.incidents.get(self._incident or "")
        if incident is None:
            return None
        if incident.point is not None:
            return incident.point
        for alarm in (room.alarms[a] for a in incident.alarms if a in room.alarms):
            sensor, camera = room.sensors.get(alarm.sensor), room.cameras.get(alarm.camera)
            point = alarm.point or (sensor.point if sensor else None) or (camera.point if camera else None)
            if point is not None:
                return point
        return None

    def _forget_cameras(self, _changed: object = None) -> None:
        self._cameras = None

    def _camera_columns(self) -> tuple[Floats, Floats]:
        if self._cameras is None:
            self._cameras = _places([camera.point for camera in self._seat.pump.room.cameras.values()])
        return self._cameras

    def _vehicles(self, now: datetime) -> list[Point | None]:
        """Where the vehicles are that an officer directs; None for those that were silent for too long."""
        room, held = self._seat.pump.room, self._seat.pump.positions
        oldest, found = to_ms(now) - HEARD_MS, list[Point | None]()
        for index in (room.vehicle_index[v.id] for v in room.vehicles.values() if is_service(v.kind)):
            is_known = index < len(held.time_ms) and held.time_ms[index] > oldest
            found.append(Point(float(held.lon[index]), float(held.lat[index])) if is_known else None)
        return found


def _places(points: Sequence[Point | None]) -> tuple[Floats, Floats]:
    """Longitudes and latitudes, NaN where a place is unknown."""
    return (
        np.array([p.lon if p else np.nan for p in points], np.float64),
        np.array([p.lat if p else np.nan for p in points], np.float64),
    )


def _place_now(asset: Asset, now: datetime) -> Point | None:
    """Where it is; a team that was silent for too long may be anywhere, what does not move is where it was."""
    return None if asset.kind is AssetKind.TEAM and asset.stale(now) else asset.point
