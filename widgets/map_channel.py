"""What the page tells the program: clicks, where it looks, and that it is alive."""

from PySide6.QtCore import QObject, Signal, Slot

from controlroom.mapping.choosing import MOST_CORNERS
from controlroom.mapping.coordinates import in_world
from controlroom.mapping.layers import MapCentre, Selection
from controlroom.mapping.scene import Scene

FLEET = -1
"""The number under which the page speaks of vehicles; other numbers are those of point layers."""


class RoomChannel(QObject):
    """The object `room` of the page's QWebChannel. Its methods are called by `resources/map/room.js`."""

    picked = Signal(str, str)
    several_picked = Signal(list)
    """list[str]: alarms whose marks lie at one place."""
    added = Signal(str, str)
    """kind, id: the object joins what is chosen, or leaves it."""
    area_chosen = Signal(list)
    """Corners (lon, lat) of what a hand has drawn; empty when it gave up."""
    touched = Signal(bool)
    """A hand moves the map; False: it only zooms round the middle."""
    escaped = Signal()
    pointed = Signal(float, float, str, str)
    """lon, lat, and the kind and id of what stands there; both empty for the ground."""
    home_asked = Signal()
    place_clicked = Signal(float, float)
    """Longitude and latitude (WGS-84 degrees) of a click, whatever stands there."""
    sketched_by_hand = Signal(str, int, float, float)
    centre_changed = Signal()
    batch_applied = Signal(int)
    policy_violated = Signal(str)
    pong_received = Signal(int)
    drawn = Signal(int, float, float, int, float)
    """Which order of a proof; lon, lat, zoom of what is drawn, and the data's clock (ms UTC)."""

    def __init__(self, scene: Scene, parent: QObject) -> None:
        super().__init__(parent)
        self._scene = scene
        self._clicked: tuple[float, float] | None = None

    @Slot(int, int)
    def clickedPoint(self, layer: int, index: int) -> None:  # the page's names
        """A point, or a vehicle, was clicked."""
        self._clicked = None
        found = self._find(layer, index)
        if found is not None:
            self.picked.emit(found.kind, found.id)

    @Slot(str)
    def clickedAlarm(self, alarm_id: str) -> None:
        """The mark of an alarm was clicked."""
        if any(alarm.id == alarm_id for alarm in self._scene.alarms):
            self.picked.emit("alarm", alarm_id)

    @Slot(str)
    def clickedIncident(self, incident_id: str) -> None:
        """The flag of an incident was clicked."""
        if any(incident.id == incident_id for incident in self._scene.incidents):
            self.picked.emit("incident", incident_id)

    @Slot("QVariantList")
    def clickedAlarms(self, ids: list[object]) -> None:
        """Marks that lie over each other were clicked; ids that are none are not heard."""
        held = {alarm.id for alarm in self._scene.alarms}
        known = [name for name in ids if isinstance(name, str) and name in held]
        if known:
            self.several_picked.emit(known)

    @Slot(int, int)
    def addedPoint(self, layer: int, index: int) -> None:
        """A point was clicked with Ctrl."""
        found = self._find(layer, index)
        if found is not None:
            self.added.emit(found.kind, found.id)

    @Slot("QVariantList")
    def choseArea(self, corners: list[object]) -> None:
        """An area was drawn; one with a corner outside the world, or with too many, is given up."""
        self.area_chosen.emit(_places(corners))

    @Slot(bool)
    def handMoved(self, moved: bool) -> None:
        """A hand moves the map, or (not `moved`) zooms it round its middle."""
        self.touched.emit(moved)

    @Slot()
    def gaveUp(self) -> None:
        """The Escape key."""
        self.escaped.emit()

    @Slot(float, float, int, int)
    def pointedAt(self, lon: float, lat: float, layer: int, index: int) -> None:
        """The menu of a place was asked for; places outside the world are not heard."""
        found = self._find(layer, index)
        if in_world(lon, lat):
            self.pointed.emit(lon, lat, *((found.kind, found.id) if found is not None else ("", "")))

    @Slot(float, float)
    def clickedPlace(self, lon: float, lat: float) -> None:
        """The map was clicked at a place; places outside the world are not heard."""
        if in_world(lon, lat):
            self._clicked = (lon, lat)
            self.place_clicked.emit(lon, lat)

    @Slot()
    def clickedNothing(self) -> None:
        """The ground was clicked, or what was drawn on it; or nothing is to be marked any more."""
        at, self._clicked = self._clicked, None
        graphic = self._scene.graphic_at(*at) if at is not None else ""
        self.picked.emit("graphic" if graphic else "", graphic)

    @Slot(str, int, float, float)
    def sketched(self, action: str, index: int, lon: float, lat: float) -> None:
        """The hand draws; places outside the world are not heard."""
        if self._scene.sketch is not None and in_world(lon, lat):
            self.sketched_by_hand.emit(action, index, lon, lat)

    @Slot()
    def askedHome(self) -> None:
        """The Home key."""
        self.home_asked.emit()

    @Slot(float, float, int)
    def lookedAt(self, lon: float, lat: float, zoom: int) -> None:
        """The map was moved."""
        self._clicked = None
        self._scene.centre = MapCentre(lon, lat, zoom)
        self.centre_changed.emit()

    @Slot(int, int, result=str)
    def describe(self, layer: int, index: int) -> str:
        """The text beside a point or vehicle that is pointed at; the page shows it as text, never as HTML."""
        found = self._find(layer, index)
        return "" if found is None else self._scene.card_of(found)

    @Slot(int)
    def applied(self, sequence: int) -> None:
        """A batch is in the page."""
        self.batch_applied.emit(sequence)

    @Slot(int, float, float, int, float)
    def drew(self, number: int, lon: float, lat: float, zoom: int, clock_ms: float) -> None:
        """All that is in sight is drawn, and a patch in the frame says so."""
        if in_world(lon, lat):
            self.drawn.emit(number, lon, lat, zoom, clock_ms)

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


def _places(corners: list[object]) -> list[tuple[float, float]]:
    """The corners as numbers; none at all when one of them is no place in the world."""
    found = []
    for corner in corners:
        if (
            not isinstance(corner, list)
            or len(corner) != 2
            or not all(isinstance(part, (int, float)) for part in corner)
        ):
            return []
        lon, lat = float(corner[0]), float(corner[1])
        if not in_world(lon, lat):
            return []
        found.append((lon, lat))
    return found if 3 <= len(found) <= MOST_CORNERS else []
