"""Areas of thematic layers as what a question is limited to: chosen by name, or where a map was clicked."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QWidget

from controlroom.bridge.layer_features import FeatureZone
from controlroom.domain.place import Point
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.mapping.analysis.answer import Zone
from controlroom.mapping.analysis.areas import read_area
from controlroom.wiring.round_reckoning import Round
from controlroom.wiring.seat import Seat
from widgets.feature_picker import FeaturePicker

FEATURE = "feature/"
_LISTED = 200
_HALF_DEG = 1e-6
"""Half a side of the ring that is asked for at a place: a tenth of a metre."""


class FeatureZones(QObject):
    """Keeps the areas that were chosen since the seat was opened. GUI thread; the reader of files answers beside it."""

    taken = Signal(str)
    """The key of an area that was chosen by name."""
    asked = Signal(str, str)
    """A method and the key of an area: it is to be asked there."""
    round_wanted = Signal(object)
    """A Round: all about an area."""

    def __init__(self, seat: Seat, parent: QObject) -> None:
        super().__init__(parent)
        self._seat = seat
        self._held: dict[str, FeatureZone] = {}
        seat.requests.map_menu_filled.connect(self._fill)

    def choices(self) -> Sequence[tuple[str, str]]:
        """Keys and titles of the areas that were chosen."""
        return [(key, _title(zone)) for key, zone in self._held.items()]

    def zone(self, key: str) -> Callable[[], Zone] | None:
        """What makes the area of a key; None for one that was not chosen."""
        held = self._held.get(key)
        return None if held is None else partial(Zone, _title(held), [(held.title, held.geometry)])

    def open(self, parent: QWidget | None) -> FeaturePicker | None:
        """Let the officer choose an area by name."""
        layers = self._layers()
        if not layers:
            self._seat.requests.told.emit(_("No layer with areas is read. Show one on a map first."))
            return None
        picker = FeaturePicker([(layer, title) for layer, title in layers], parent)
        picker.searched.connect(partial(self._search, picker))
        picker.picked.connect(self._pick)
        picker.begin()
        picker.open()
        return picker

    # ---------------------------------------------------------------- inside

    def _layers(self) -> list[tuple[str, str]]:
        features = self._seat.features
        return [(layer.id, layer.title) for layer in features.layers() if layer.has_areas] if features else []

    def _fill(self, menu: QMenu, lon: float, lat: float, _kind: str, _identity: str) -> None:
        if not self._layers():
            return
        here = menu.addMenu(_("The layer's area here"))
        here.addAction(_("Who and what is inside, near and looking"), partial(self._at, lon, lat, ""))
        here.addAction(_("Overlay with it…"), partial(self._at, lon, lat, "overlay"))
        here.addAction(_("Nearest to it…"), partial(self._at, lon, lat, "nearest"))
        here.addAction(_("Points per area, in it…"), partial(self._at, lon, lat, "choropleth"))

    def _at(self, lon: float, lat: float, method: str) -> None:
        self._seat.tasks.spawn(self._find(lon, lat, method), "an area of a layer")

    async def _find(self, lon: float, lat: float, method: str) -> None:
        """The area at a place, of the first layer that has one there."""
        features = self._seat.features
        if features is None:
            return
        corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
        ring = [(lon + _HALF_DEG * x, lat + _HALF_DEG * y) for x, y in corners]
        try:
            for layer in (layer for layer, _layer_title in self._layers()):
                found, _count = await features.found(layer, ring=ring, most=20)
                area = next((feature for feature in found if feature.kind == "area"), None)
                if area is not None:
                    self._use(await features.zone(layer, area.number), method)
                    return
            self._seat.requests.told.emit(_("No area of a layer that is read lies here."))
        except EnvironmentFault as fault:
            self._seat.requests.told.emit(fault.sentence)

    def _use(self, zone: FeatureZone, method: str) -> str:
        key = f"{FEATURE}{zone.layer.id}/{zone.number}"
        self._held[key] = zone
        if method:
            self.asked.emit(method, key)
        else:
            self.round_wanted.emit(round_of(zone))
        return key

    def place(self, key: str) -> tuple[float, float] | None:
        """A place in an area: what is nearest to it is measured from there."""
        held = self._held.get(key)
        return None if held is None else (held.lon, held.lat)

    def _search(self, picker: FeaturePicker, layer: str, text: str) -> None:
        self._seat.tasks.spawn(self._look_up(picker, layer, text), "areas of a layer")

    async def _look_up(self, picker: FeaturePicker, layer: str, text: str) -> None:
        features = self._seat.features
        if features is None:
            return
        try:
            found, count = await features.found(layer, text=text, most=_LISTED)
        except EnvironmentFault as fault:
            picker.say(fault.sentence)
            return
        named = [(f.number, f.name or _("No. {number}").format(number=f.number)) for f in found if f.kind == "area"]
        picker.set_features(layer, text, named, count - len(found) + len(named))

    def _pick(self, layer: str, number: int) -> None:
        self._seat.tasks.spawn(self._take(layer, number), "an area of a layer")

    async def _take(self, layer: str, number: int) -> None:
        features = self._seat.features
        if features is None:
            return
        try:
            zone = await features.zone(layer, number)
        except EnvironmentFault as fault:
            self._seat.requests.told.emit(fault.sentence)
            return
        key = f"{FEATURE}{layer}/{number}"
        self._held[key] = zone
        self.taken.emit(key)


def round_of(zone: FeatureZone) -> Round:
    """All about an area, with all of its parts and holes; of what is none, about its place."""
    place = (Point(zone.lon, zone.lat),)
    if zone.kind != "area":
        return Round(zone.title, place)
    return Round(zone.title, place, area=partial(read_area, zone.geometry, name=zone.title))


def _title(zone: FeatureZone) -> str:
    return f"{zone.layer.title}: {zone.title}"
