"""One map's share of the thematic layers: files dropped onto it, and the card of what was clicked."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog

from controlroom.mapping.coordinates import WORLD, to_degrees, to_fixed
from controlroom.mapping.layer_tree import MAX_ZOOM, MIN_ZOOM
from controlroom.mapping.thematic.opening import SUFFIXES
from widgets.feature_card import FeatureCard, Thing
from widgets.map_drop import MapDrop
from widgets.map_view import MapView

_MOST_THINGS = 40


def may_be_layer(path: Path) -> bool:
    """Whether a file that was dropped is meant as a thematic layer, going by its name."""
    return path.suffix.lower() in SUFFIXES


class MapSheets(QObject):
    """Listens to one map view."""

    dropped = Signal(list)
    """list[str]: files of layers."""
    refused = Signal(list)
    """list[Path]: files that no map knows."""
    things_wanted = Signal(object, float, float)
    """self, lon, lat: what is there?"""
    view_gone = Signal(object)
    """self: its map view is no more."""

    def __init__(self, view: MapView, parent: QObject) -> None:
        super().__init__(parent)
        self.view = view
        self.card = FeatureCard(view)
        self.dialog: QDialog | None = None
        self.turn = 0
        self._awaited = 0
        self._things: dict[int, list[Thing]] = {}
        self._place: tuple[float, float] | None = None
        drop = MapDrop.of(view)
        drop.accept(may_be_layer, self._take)
        drop.unknown_dropped.connect(self.refused)
        view.place_clicked.connect(self._note_place)
        view.ground_clicked.connect(self._ask)
        view.destroyed.connect(self._tell_gone)

    def _tell_gone(self) -> None:
        self.view_gone.emit(self)

    def await_things(self, count: int) -> None:
        """So many layers are asked what they have at the place that was clicked last."""
        self.turn += 1
        self._awaited = count
        self._things = {}
        if not count:
            self.card.show_things(())

    def take_things(self, turn: int, place: int, things: list[Thing]) -> None:
        """One layer's answer; `place` counts layers from the top of the map. Late ones are dropped."""
        if turn != self.turn:
            return
        self._things[place] = things
        if len(self._things) == self._awaited:
            found = [thing for key in sorted(self._things) for thing in self._things[key]]
            self.card.show_things(tuple(found[:_MOST_THINGS]))

    def fly_to(self, extent: tuple[float, float, float, float]) -> None:
        """Look at all of a layer."""
        west, south, east, north = extent
        x, y = to_fixed([west, east], [south, north])
        middle = to_degrees((float(x[0]) + float(x[1])) / 2, (float(y[0]) + float(y[1])) / 2)
        wide, high = abs(float(x[1]) - float(x[0])) or 1.0, abs(float(y[1]) - float(y[0])) or 1.0
        surface = self.view.surface
        zoom = MAX_ZOOM
        while zoom > MIN_ZOOM:
            scale = 256.0 * 2.0**zoom / WORLD
            if wide * scale <= surface.width() and high * scale <= surface.height():
                break
            zoom -= 1
        self.view.fly_to(float(middle[0]), float(middle[1]), zoom)

    def _take(self, paths: Sequence[Path]) -> None:
        self.dropped.emit([str(path) for path in paths])

    def _note_place(self, lon: float, lat: float) -> None:
        self._place = (lon, lat)

    def _ask(self) -> None:
        """Nothing of the room stands there: perhaps a file knows the place."""
        place, self._place = self._place, None
        if place is not None:
            self.things_wanted.emit(self, *place)
