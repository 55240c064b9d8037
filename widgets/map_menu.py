"""What can be asked about a place on the map: who can see it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from controlroom.i18n import _
from controlroom.mapping.coordinates import WORLD, to_degrees, to_fixed
from controlroom.mapping.layers import MapCentre
from widgets.menu_heading import add_heading

Place = tuple[float, float]
"""Longitude and latitude, degrees WGS-84."""


def shown_outline(centre: MapCentre, width: int, height: int) -> list[Place]:
    """The corners of what a map of so many pixels shows, from the south-west against the clock."""
    scale = 256.0 * 2.0**centre.zoom / WORLD
    x, y = (float(part) for part in to_fixed(centre.lon, centre.lat))
    east, south = width / 2 / scale, height / 2 / scale
    corners = []
    for dx, dy in ((-east, south), (east, south), (east, -south), (-east, -south)):
        lon, lat = to_degrees(x + dx, y + dy)
        corners.append((float(lon), float(lat)))
    return corners


def place_menu(
    view: QWidget, place: Place, ask: Callable[[str, list[Place]], object], asked: Sequence[QAction]
) -> QMenu:
    """The menu of a place; it goes when it closes. `ask` is called with a title and the place."""
    menu = QMenu(view)
    menu.setObjectName("placeMenu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    title = place_words(place)
    add_heading(menu, title)
    menu.addAction(_("Who can see this point"), lambda: ask(title, [place]))
    menu.addActions(asked)
    return menu


def place_words(place: Place) -> str:
    """A place that has no other name."""
    return _("point {lat}, {lon}").format(lon=f"{place[0]:.5f}", lat=f"{place[1]:.5f}")


def place_actions(view: QWidget, middle: Callable[[], object], shown: Callable[[], object]) -> Sequence[QAction]:
    """The questions that have keys while the map has the keyboard."""
    found = []
    for words, key, ask in (
        (_("Who can see the middle of the map"), "V", middle),
        (_("Who can see what the map shows"), "Shift+V", shown),
    ):
        action = QAction(words, view)
        action.setShortcut(key)
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setShortcutVisibleInContextMenu(True)
        action.triggered.connect(ask)
        found.append(action)
    return found


def tree_action(view: QWidget, toggle: Callable[[], object]) -> QAction:
    """The key of the tree of layers while the map has the keyboard."""
    action = QAction(_("Layers of the map"), view)
    action.setShortcut("L")
    action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    action.setShortcutVisibleInContextMenu(True)
    action.triggered.connect(toggle)
    return action
