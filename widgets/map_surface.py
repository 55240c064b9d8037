"""What draws a scene: the web map and the painted map look alike to MapView."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from controlroom.mapping.layers import MapCentre

Ask = Callable[[int, int, int, int, Callable[[bytes | None], None]], object]
"""version, z, x, y and who gets the tile of a base map; the answer may have a `cancel`."""


@dataclass(frozen=True, slots=True)
class MapPicture:
    """A picture of a map, with what it shows."""

    image: QImage
    """In pixels of the display, with its device pixel ratio."""
    centre: MapCentre
    clock_ms: int
    """The time of the data in it, ms UTC; 0 while there is none."""


class MapSurface(QWidget):
    """Draws a Scene. Signals tell what the officer did and how the surface fares."""

    picked = Signal(str, str)
    """kind, id; both empty when the officer clicked on nothing."""
    pointed = Signal(float, float, str, str)
    """lon, lat, kind, id: the officer asked what can be done there; kind and id are empty for the ground."""
    several_picked = Signal(list)
    """list[str]: alarms whose marks lie at one place."""
    added = Signal(str, str)
    """kind, id: the object joins what is chosen, or leaves it."""
    area_chosen = Signal(list)
    """Corners (lon, lat) of what a hand has drawn; empty when it gave up."""
    touched = Signal(bool)
    """A hand moves the map; False: it only zooms round the middle."""
    escaped = Signal()
    """The Escape key, while nothing is being drawn."""
    home_asked = Signal()
    place_clicked = Signal(float, float)
    """lon, lat (WGS-84 degrees) of a click, whatever stands there."""
    sketched = Signal(str, int, float, float)
    """What the hand does to what is drawn: an action, a corner (-1: none), lon, lat (0 where there is no place)."""
    centre_changed = Signal()
    ready = Signal()
    lost = Signal()
    """The surface's process died or hung; it comes back by itself."""
    failed = Signal(str)
    """It will not come back; the sentence is for the officer."""

    def scene_changed(self) -> None:
        """The scene has something new to draw."""
        raise NotImplementedError

    def set_tiles(self, ask: Ask | None) -> None:
        """Whom it asks for tiles of the base map."""

    def show_legend(self, shown: bool) -> None:
        """Shows or hides the legend."""
        raise NotImplementedError

    def draw_area(self, wanted: bool) -> None:
        """Let the officer draw a polygon, or end it."""
        raise NotImplementedError

    def take_picture(self, then: Callable[[MapPicture | None], None]) -> None:
        """Gives a picture of the view that the scene asks for now, once it is drawn; None when it was not in time."""
        raise NotImplementedError
