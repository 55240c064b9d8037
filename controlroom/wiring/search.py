"""What the command bar finds in the room."""

from collections.abc import Iterator

from PySide6.QtCore import QObject

from controlroom.bridge.wording import severity_word
from controlroom.i18n import _
from controlroom.shell.palette import Index, Provider
from controlroom.wiring.seat import Seat
from widgets.palette import Item


class RoomSearch(QObject):
    """Gives alarms, incidents, cameras, sensors and vehicles to the command bar and keeps them fresh."""

    def __init__(self, seat: Seat, index: Index, parent: QObject) -> None:
        super().__init__(parent)
        self._seat = seat
        self._index = index
        index.add(Provider("alarm", _("Alarm"), self._alarms, self._choose))
        index.add(Provider("incident", _("Incident"), self._incidents, self._choose))
        index.add(Provider("camera", _("Camera"), self._cameras, self._choose))
        index.add(Provider("sensor", _("Sensor"), self._sensors, self._choose))
        index.add(Provider("vehicle", _("Vehicle"), self._vehicles, self._choose))
        pump = seat.pump
        pump.room_reset.connect(lambda: index.invalidate("alarm", "incident", "camera", "sensor", "vehicle"))
        pump.alarms_changed.connect(lambda _alarms: index.invalidate("alarm"))
        pump.incidents_changed.connect(lambda _incidents: index.invalidate("incident"))
        pump.sensors_changed.connect(lambda: index.invalidate("sensor"))
        pump.cameras_changed.connect(lambda _cameras: index.invalidate("camera"))
        pump.vehicles_changed.connect(lambda: index.invalidate("vehicle"))

    def _choose(self, item: Item) -> None:
        self._seat.selection.select(item.kind, item.id)
        if item.kind in ("sensor", "camera", "vehicle"):
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

    def _vehicles(self) -> Iterator[Item]:
        for vehicle in self._seat.pump.room.vehicles.values():
            yield Item("vehicle", vehicle.id, vehicle.name, self._seat.names.kind(vehicle.kind), vehicle.id)
