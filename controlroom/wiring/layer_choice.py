"""Features of thematic layers on one map: chosen by area with everything else, told by a card, offered in the menu."""

import json
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import shapely
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu
from shiboken6 import isValid

from controlroom.bridge.layer_features import FeatureLayer, FeatureZone, feature_title, zone_of
from controlroom.bridge.raw_text import harmless
from controlroom.bridge.thematic_run import ThematicRun
from controlroom.bridge.wording import age_text
from controlroom.i18n import _
from controlroom.mapping.choosing import MOST_CORNERS, NOTHING, Choice, Group
from controlroom.mapping.coordinates import WORLD, to_degrees, to_fixed
from controlroom.mapping.sheets import FeatureColumns
from controlroom.mapping.thematic.features import Feature
from controlroom.mapping.thematic.messages import Features
from controlroom.wiring.seat import ZONE, Seat
from controlroom.wiring.thematic_maps import MapSheets
from widgets.feature_card import Thing
from widgets.menu_heading import add_heading

MOST_LISTED = 2000
"""So many features of a layer are listed when an area is chosen; the rest are counted."""

_REACH_PX = 6.0
_MOST_IN_MENU = 8
_SIMPLE_M = (0.0, 1.0, 5.0, 20.0, 100.0, 500.0)
_M_PER_DEGREE = 111_195.0


class LayerChoice(QObject):
    """Listens to one map view. `shown` tells the layers that it shows and that are read, from the topmost down."""

    def __init__(
        self, seat: Seat, sheets: MapSheets, run: ThematicRun, shown: Callable[[], Sequence[FeatureLayer]]
    ) -> None:
        super().__init__(sheets)
        self._seat = seat
        self._sheets = sheets
        self._view = sheets.view
        self._run = run
        self._shown = shown
        self._joined: Choice = NOTHING
        self._view.choosing.changed.connect(self._choose)
        self._view.object_selected.connect(self._selected)
        self._view.menu_filled.connect(self._fill)

    # ------------------------------------------------------------ by box and polygon

    def _choose(self) -> None:
        choice = self._view.choosing.choice
        if choice is self._joined or len(choice.corners) < 3 or self._view.choosing.is_limited:
            return
        self._view.scene.sheets.chosen.clear()
        layers = self._shown()
        found: dict[str, Group] = {}
        waiting = {layer.id for layer in layers}
        for layer in layers:
            took = partial(self._take, choice, layer, found, waiting)
            label = self._view.tree.label(layer.id)
            self._run.features(layer.id, took, ring=[*choice.corners], label=label, most=MOST_LISTED)

    def _take(
        self, choice: Choice, layer: FeatureLayer, found: dict[str, Group], waiting: set[str], told: Features | None
    ) -> None:
        waiting.discard(layer.id)
        if told is not None and told.count and isValid(self._view) and self._view.choosing.choice is choice:
            ids = tuple(str(one.number) for one in told.features)
            self._view.scene.sheets.chosen[layer.id] = FeatureColumns(
                layer.title,
                ids,
                tuple(feature_title(one.name, one.number) for one in told.features),
                np.array([one.lon for one in told.features]),
                np.array([one.lat for one in told.features]),
                told.count,
            )
            found[layer.id] = Group(layer.id, np.arange(len(ids)), ids)
        if not waiting and found and isValid(self._view) and self._view.choosing.choice is choice:
            groups = tuple(found[one.id] for one in self._shown() if one.id in found)
            self._joined = Choice(choice.corners, (*choice.groups, *groups))
            self._view.choosing.join(self._joined)

    # ------------------------------------------------------------ one of them

    def _selected(self, kind: str, identity: str) -> None:
        """A line of the panel was gone to."""
        layer = next((one for one in self._shown() if one.id == kind), None)
        if layer is not None and identity.isdecimal():
            self._run.features(kind, partial(self._tell, layer), numbers=[int(identity)], whole=True)

    def _tell(self, layer: FeatureLayer, told: Features | None) -> None:
        if told is not None and told.features:
            self.show_card(layer, told.features[0])

    def show_card(self, layer: FeatureLayer, feature: Feature) -> None:
        """Attributes of a feature, where they are from, of what time and how old."""
        facts, old = facts_of(self._seat, layer)
        thing = Thing(layer.title, feature.number, tuple(feature.attributes), feature.name, facts, old)
        self._sheets.card.show_things((thing,))

    # ------------------------------------------------------------ the menu of a place

    def _fill(self, menu: QMenu, lon: float, lat: float, _kind: str, _identity: str) -> None:
        layers = self._shown()
        if not layers:
            return
        below = menu.addMenu(_("Thematic layers here"))
        asking = below.addAction(_("The layers are being asked…"))
        asking.setEnabled(False)
        waiting = {layer.id for layer in layers}
        ring = _around(lon, lat, self._view.scene.centre.zoom)
        for layer in layers:
            took = partial(self._offer, below, layer, waiting)
            label = self._view.tree.label(layer.id)
            self._run.features(layer.id, took, ring=ring, label=label, most=_MOST_IN_MENU, whole=True)

    def _offer(self, below: QMenu, layer: FeatureLayer, waiting: set[str], told: Features | None) -> None:
        waiting.discard(layer.id)
        if not isValid(below):
            return
        for feature in told.features if told is not None else ():
            if not feature.geojson:
                continue
            zone = zone_of(layer, feature)
            self._fill_feature(below.addMenu(harmless(f"{zone.title} · {layer.title}"[:80]).replace("&", "&&")), zone)
        if told is not None and told.count > len(told.features):
            more = below.addAction(
                _("{count} more of “{layer}”").format(
                    count=f"{told.count - len(told.features):,}", layer=harmless(layer.title[:60])
                )
            )
            more.setEnabled(False)
        first = below.actions()[0]
        if not waiting:
            first.setText(_("Nothing of a thematic layer is here"))
            first.setVisible(len(below.actions()) == 1)

    def _fill_feature(self, menu: QMenu, zone: FeatureZone) -> None:
        """What can be done with one feature; `Requests.feature_menu_filled` lets others add to it."""
        add_heading(menu, zone.title)
        menu.addAction(_("What its layer says of it"), partial(self._show_zone, zone))
        menu.addAction(_("Show all of it"), partial(self._fly, zone))
        ring = ring_of(zone)
        if len(ring) > 2:
            menu.addAction(_("Choose what stands in it"), partial(self._choose_inside, zone.title, ring))
        corners = ring if len(ring) > 2 else [(zone.lon, zone.lat)]
        menu.addAction(_("Who can see it"), partial(self._view.place_asked.emit, zone.title, corners))
        menu.addAction(_("Copy its attributes"), partial(_copy, zone))
        self._seat.requests.feature_menu_filled.emit(menu, zone)

    def _show_zone(self, zone: FeatureZone) -> None:
        facts, old = facts_of(self._seat, zone.layer)
        self._sheets.card.show_things((Thing(zone.layer.title, zone.number, zone.attributes, zone.title, facts, old),))

    def _fly(self, zone: FeatureZone) -> None:
        west, south, east, north = shapely.from_geojson(json.dumps(dict(zone.geometry))).bounds
        self._view.hold.touch()
        self._sheets.fly_to((west, south, east, north))

    def _choose_inside(self, title: str, ring: list[tuple[float, float]]) -> None:
        self._view.choosing.name_next(title)
        self._view.choosing.choose_area(ring)


def facts_of(seat: Seat, layer: FeatureLayer) -> tuple[str, bool]:
    """Where a layer is from, of what time its data are and how old, and whether they are too old."""
    lines = [_("Source: {source}").format(source=harmless(layer.source))]
    if layer.data_at is None:
        return "\n".join((*lines, _("The time of its data is not known"))), True
    age_s = (seat.clock.now() - layer.data_at).total_seconds()
    when = f"{layer.data_at.astimezone(ZONE):%Y-%m-%d %H:%M}"
    lines.append(_("Data as of {time}, {age}").format(time=when, age=age_text(max(0.0, age_s))))
    old = layer.stale_after_s is not None and age_s > layer.stale_after_s
    return "\n".join((*lines, _("older than it may be")) if old else lines), old


def ring_of(zone: FeatureZone) -> list[tuple[float, float]]:
    """The outline of the largest part of an area, of no more corners than can be chosen with; empty for no area."""
    shape = shapely.from_geojson(json.dumps(dict(zone.geometry)))
    areas = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    if not areas:
        return []
    largest = max(areas, key=lambda part: part.area)
    for step_m in _SIMPLE_M:
        outline = shapely.simplify(largest, step_m / _M_PER_DEGREE).exterior.coords[:-1] if step_m else None
        corners = largest.exterior.coords[:-1] if outline is None else outline
        if len(corners) <= MOST_CORNERS:
            return [(float(x), float(y)) for x, y in corners]
    return []


def _around(lon: float, lat: float, zoom: int) -> list[tuple[float, float]]:
    """A box of _REACH_PX round a place."""
    x, y = (float(part) for part in to_fixed(lon, lat))
    reach = _REACH_PX * WORLD / (256.0 * 2.0**zoom)
    corners = []
    for dx, dy in ((-reach, reach), (reach, reach), (reach, -reach), (-reach, -reach)):
        at_lon, at_lat = to_degrees(x + dx, y + dy)
        corners.append((float(at_lon), float(at_lat)))
    return corners


def _copy(zone: FeatureZone) -> None:
    lines = [zone.title, *(f"{name}: {value}" for name, value in zone.attributes)]
    QGuiApplication.clipboard().setText("\n".join(harmless(line) for line in lines))
