"""What the page tells the program: clicks, where it looks, and that it is alive."""

from PySide6.QtCore import QObject, Signal, Slot

from controlroom.mapping.coordinates import in_world
from controlroom.mapping.layers import MapCentre, Selection
from controlroom.mapping.scene import Scene

FLEET = -1
"""The number under which the page speaks of vehicles; other numbers are those of point layers."""


class RoomChannel(QObject):
    """The object `room` of the page's QWebChannel. Its methods are called by `resources/map/room.js`."""

    picked = Signal(str, str)
    pointed = Signal(float, float)
    home_asked = Signal()
    place_clicked = Signal(float, float)
    """Longitude and latitude (WGS-84 degrees) of a click, whatever stands there."""
    centre_changed = Signal()
    batch_applied = Signal(int)
    policy_violated = Signal(str)
    pong_received = Signal(int)

    def __init__(self, scene: Scene, parent: QObject) -> None:
        super().__init__(parent)
        self._scene = scene

    @Slot(int, int)
    def clickedPoint(self, layer: int, index: int) -> None:  # the page's names
        """A point, or a vehicle, was clicked."""
        found = self._find(layer, index)
        if found is not None:
            self.picked.emit(found.kind, found.id)

    @Slot(str)
    def clickedAlarm(self, alarm_id: str) -> None:
        """The mark of an alarm was clicked."""
        if any(alarm.id == alarm_id for alarm in self._scene.alarms):
            self.picked.emit("alarm", alarm_id)

    @Slot(float, float)
    def pointedAt(self, lon: float, lat: float) -> None:
        """The menu of a place was asked for; places outside the world are not heard."""
        if in_world(lon, lat):
            self.pointed.emit(lon, lat)

    @Slot(float, float)
    def clickedPlace(self, lon: float, lat: float) -> None:
        """The map was clicked at a place; places outside the world are not heard."""
        if in_world(lon, lat):
            self.place_clicked.emit(lon, lat)

    @Slot()
    def clickedNothing(self) -> None:
        """The ground was clicked."""
        self.picked.emit("", "")

    @Slot()
    def askedHome(self) -> None:
        """The Home key."""
        self.home_asked.emit()

    @Slot(float, float, int)
    def lookedAt(self, lon: float, lat: float, zoom: int) -> None:
        """The map was moved."""
        self._scene.centre = MapCentre(lon, lat, zoom)
        self.centre_changed.emit()

    @Slot(int, int, result=str)
    def describe(self, layer: int, index: int) -> str:
        """The text beside a point or vehicle that is pointed at; the page shows it as text, never as HTML."""
        found = self._find(layer, index)
        return "" if found is None else self._scene.name_of(found)

    @Slot(int)
    def applied(self, sequence: int) -> None:
        """A batch is in the page."""
        self.batch_applied.emit(sequence)

    @Slot(int)
    def ponged(self, number: int) -> None:
        """The page answers a ping."""
        self.pong_received.emit(number)

    @Slot(str)
    def violated(self, uri: str) -> None:
        """The page's own policy refused something."""
        self.policy_violated.emit(uri)

    def _find(self, layer: int, index: int) -> Selection | None:
        scene = self._scene
        holders = {
            FLEET: ("vehicle", scene.fleet.ids),
            scene.cameras.number: ("camera", scene.cameras.ids),
            scene.sensors.number: ("sensor", scene.sensors.ids),
            **{plugin.points.number: (name, plugin.points.ids) for name, plugin in scene.plugins.items()},
        }
        if layer not in holders:
            return None
        kind, ids = holders[layer]
        return Selection(kind, ids[index]) if 0 <= index < len(ids) else None
