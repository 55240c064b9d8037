"""What the command bar finds in the room."""

from collections.abc import Iterator

from PySide6.QtCore import QObject

from controlroom.bridge.asset_wording import short_line
from controlroom.bridge.places import RecentPlace
from controlroom.bridge.wording import severity_word
from controlroom.i18n import _
from controlroom.mapping.district import District
from controlroom.mapping.gazetteer_search import Match
from controlroom.mapping.position_reading import reading_words
from controlroom.mapping.position_writing import Form, write
from controlroom.shell.palette import Index, Provider, Ranked
from controlroom.wiring.places import WantedPlace
from controlroom.wiring.seat import Seat
from resources import path
from widgets.palette import Item

MOST_PLACES = 10
"""Of 180,000 names so many are listed beside the things of the room."""
_CLOSENESS = {Match.EXACT: 0, Match.PREFIX: 0, Match.INITIALS: 1, Match.INSIDE: 2}


class RoomSearch(QObject):
    """Gives alarms, incidents, cameras, sensors and vehicles to the command bar and keeps them fresh."""

    def __init__(self, seat: Seat, index: Index, parent: QObject) -> None:
        super().__init__(parent)
        self._seat = seat
        self._index = index
        centre = District(path("district")).centre
        self._middle = (centre.lon, centre.lat)
        index.add(Provider("alarm", _("Alarm"), self._alarms, self._choose))
        index.add(Provider("incident", _("Incident"), self._incidents, self._choose))
        index.add(Provider("camera", _("Camera"), self._cameras, self._choose))
        index.add(Provider("sensor", _("Sensor"), self._sensors, self._choose))
        index.add(Provider("vehicle", _("Vehicle"), self._vehicles, self._choose))
        index.add(Provider("asset", _("Team, hazard source or space"), self._assets, self._choose))
        index.add(Provider("place", _("Place"), list, self._go, self._places))
        seat.find = self._find
        pump = seat.pump
        pump.room_reset.connect(self._all_changed)
        pump.alarms_changed.connect(self._alarms_changed)
        pump.incidents_changed.connect(self._incidents_changed)
        pump.sensors_changed.connect(self._sensors_changed)
        pump.cameras_changed.connect(self._cameras_changed)
        pump.assets_changed.connect(self._assets_changed)
        pump.vehicles_changed.connect(self._vehicles_changed)

    def _all_changed(self) -> None:
        self._index.invalidate("alarm", "incident", "camera", "sensor", "vehicle", "asset")

    def _assets_changed(self) -> None:
        self._index.invalidate("asset")

    def _alarms_changed(self, _alarms: object) -> None:
        self._index.invalidate("alarm")

    def _incidents_changed(self, _incidents: object) -> None:
        self._index.invalidate("incident")

    def _sensors_changed(self) -> None:
        self._index.invalidate("sensor")

    def _cameras_changed(self, _cameras: object) -> None:
        self._index.invalidate("camera")

    def _vehicles_changed(self) -> None:
        self._index.invalidate("vehicle")

    def _find(self, text: str) -> list[Item]:
        return [item for item in self._index.search(text) if item.kind != "place"]

    def _places(self, text: str) -> Iterator[Ranked]:
        """Coordinates however they are written, then names; the box of the map shows more of each."""
        places, here = self._seat.places, self._middle
        for reading in places.positions(text, here):
            title = write(reading.lon, reading.lat, Form.SECONDS)
            item = Item("place", f"{reading.lon!r} {reading.lat!r} position", title, reading_words(reading))
            yield Ranked(1 if reading.suspected else 0, item)
        for found in places.search(text, here, MOST_PLACES):
            name = found.name
            detail = " · ".join(word for word in (name.town, places.kind_word(name.kind)) if word)
            item = Item("place", f"{name.lon!r} {name.lat!r} {name.kind}", name.title, detail)
            yield Ranked(_CLOSENESS.get(found.match, 3), item)

    def _go(self, item: Item) -> None:
        lon, lat, kind = item.id.split(" ", 2)
        place = WantedPlace(item.title, kind, float(lon), float(lat))
        self._seat.places.remember(RecentPlace(item.title, kind, place.lon, place.lat))
        self._seat.reveal("map")
        self._seat.requests.place_wanted.emit(place)

    def _choose(self, item: Item) -> None:
        self._seat.selection.select(item.kind, item.id)
        if item.kind in ("sensor", "camera", "vehicle", "asset"):
            self._seat.requests.map_wanted.emit(item.kind, item.id)
        panel = {"alarm": "alarms", "incident": "incidents"}.get(item.kind, "map")
        self._seat.reveal(panel)

    def _alarms(self) -> Iterator[Item]:
        for alarm in self._seat.pump.room.alarms.values():
            yield Item("alarm", alarm.id, alarm.title, f"{severity_word(alarm.severity)} {alarm.place}")

    def _incidents(self) -> Iterator[Item]:
        for incident in self._seat.pump.room.incidents.values():
            yield Item("incident", incident.id, incident.title, incident.id)

    def _cameras(self) -> Iterator[Item]:
        for camera in self._seat.pump.room.cameras.values():
            yield Item("camera", camera.id, camera.name, camera.town, camera.id)

    def _sensors(self) -> Iterator[Item]:
        for sensor in self._seat.pump.room.sensors.values():
            kind = self._seat.names.kind(sensor.kind)
            detail = " · ".join(word for word in (kind, sensor.town) if word)
            yield Item("sensor", sensor.id, sensor.name, detail, f"{sensor.id} {sensor.kind}")

    def _assets(self) -> Iterator[Item]:
        for asset in self._seat.pump.room.assets.values():
            detail = " · ".join(word for word in (short_line(asset), asset.department) if word)
            yield Item("asset", asset.id, asset.name, detail, f"{asset.id} {asset.sort}")

    def _vehicles(self) -> Iterator[Item]:
        for vehicle in self._seat.pump.room.vehicles.values():
            yield Item("vehicle", vehicle.id, vehicle.name, self._seat.names.kind(vehicle.kind), vehicle.id)
