"""What stands at a place of the map besides points: flags, alarms, plotting, fences and answers, each with its menu."""

import json
import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np
import shapely
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from controlroom.bridge.raw_text import harmless
from controlroom.domain.alarm import AlarmState
from controlroom.i18n import _
from controlroom.mapping.choosing import MOST_CORNERS
from controlroom.mapping.coordinates import WORLD, to_fixed
from controlroom.mapping.layer_tree import LayerGroup
from controlroom.mapping.layers import MapLayer, Selection
from controlroom.mapping.viewpoint import ViewRule
from controlroom.wiring.seat import Seat
from widgets.map_view import MapView
from widgets.menu_heading import add_heading

FENCES = "fences"
_ALARM_PX = 14.0
_FLAG_PX = (26.0, 44.0)
"""How wide and high a flag is over its foot."""
_POINT_PX = 10.0
_MOST_OF_A_KIND = 6
_Ring = Sequence[tuple[float, float]]


class MapThings(QObject):
    """Adds to the menus of one map view. What the tree hides is not offered."""

    def __init__(self, seat: Seat, view: MapView) -> None:
        super().__init__(view)
        self._seat = seat
        self._view = view
        self._areas: dict[str, tuple[str, list[tuple[str, shapely.Geometry]]]] = {}
        view.menu_filled.connect(self._fill)

    def _fill(self, menu: QMenu, lon: float, lat: float, kind: str, identity: str) -> None:
        named = (kind, identity)
        offers: tuple[tuple[MapLayer | str, Callable[[QMenu, float, float, tuple[str, str]], None]], ...] = (
            (MapLayer.INCIDENTS, self._incidents),
            (MapLayer.ALARMS, self._alarms),
            (MapLayer.GRAPHICS, self._graphic),
            (FENCES, self._fences),
        )
        zoom = self._view.scene.centre.zoom
        for layer, offer in offers:
            if self._view.tree.draws(layer, zoom):
                offer(menu, lon, lat, named)
        self._answers(menu, lon, lat)

    # ------------------------------------------------------------ marks

    def _incidents(self, menu: QMenu, lon: float, lat: float, named: tuple[str, str]) -> None:
        for mark in self._view.scene.incidents:
            across, up = self._away(lon, lat, mark.lon, mark.lat)
            if not (-6 <= across <= _FLAG_PX[0] and -6 <= up <= _FLAG_PX[1]) or named == ("incident", mark.id):
                continue
            below = _sub(menu, _("Incident: {title}").format(title=mark.title))
            seat = self._seat
            below.addAction(_("Choose it"), partial(seat.selection.select, "incident", mark.id))
            members = [Selection("incident", mark.id)]
            below.addAction(_("Keep it in sight"), partial(self._view.hold.fit, ViewRule.INCIDENT, members))
            below.addAction(_("Plotting for it…"), partial(seat.requests.plotting_wanted.emit, mark.id))
            below.addAction(_("Fly there"), partial(self._view.show_place, mark.lon, mark.lat))

    def _alarms(self, menu: QMenu, lon: float, lat: float, named: tuple[str, str]) -> None:
        found = [a for a in self._view.scene.alarms if math.hypot(*self._away(lon, lat, a.lon, a.lat)) <= _ALARM_PX]
        for mark in found[:_MOST_OF_A_KIND]:
            if named == ("alarm", mark.id):
                continue
            below = _sub(menu, _("Alarm: {title}").format(title=mark.title))
            below.addAction(_("Choose it"), partial(self._seat.selection.select, "alarm", mark.id))
            held = self._seat.pump.room.alarms.get(mark.id)
            acknowledge = below.addAction(_("Acknowledge"), partial(self._seat.acknowledge, [mark.id]))
            acknowledge.setEnabled(held is not None and held.waiting)
            opened = below.addAction(_("Open an incident from it"), partial(self._seat.open_incident, [mark.id]))
            opened.setEnabled(held is not None and held.state is not AlarmState.NORMAL)

    # ------------------------------------------------------------ areas

    def _graphic(self, menu: QMenu, lon: float, lat: float, _named: tuple[str, str]) -> None:
        identity = self._view.scene.graphic_at(lon, lat)
        mark = next((one for one in self._view.scene.graphics if one.id == identity), None)
        if mark is None:
            return
        below = _sub(menu, _("Plotting: {title}").format(title=mark.label or mark.note or identity))
        below.addAction(_("Choose it"), partial(self._seat.selection.select, "graphic", identity))
        held = self._seat.pump.room.graphics.get(identity)
        board = below.addAction(_("Change it on the board…"), partial(self._edit, identity))
        board.setEnabled(held is not None and held.archived_at is None)
        rings = [part.ring for part in mark.parts if part.area]
        self._area(below, mark.label or _("plotting"), max(rings, key=len, default=()), (mark.lon, mark.lat))

    def _edit(self, identity: str) -> None:
        held = self._seat.pump.room.graphics.get(identity)
        self._seat.requests.plotting_wanted.emit(held.drawing.incident if held is not None else "")
        self._seat.selection.select("graphic", identity)

    def _fences(self, menu: QMenu, lon: float, lat: float, _named: tuple[str, str]) -> None:
        place = shapely.Point(lon, lat)
        held = self._seat.pump.room.fences.values()
        inside = [f for f in held if shapely.Polygon([(p.lon, p.lat) for p in f.ring]).intersects(place)]
        for fence in inside[:_MOST_OF_A_KIND]:
            title = fence.name if fence.enabled else _("{name} (switched off)").format(name=fence.name)
            below = _sub(menu, _("Fence: {name}").format(name=title))
            wanted = partial(self._seat.requests.fence_wanted.emit, fence.id)
            below.addAction(_("Show it on the board of fences…"), wanted)
            ring = [(p.lon, p.lat) for p in fence.ring]
            self._area(below, fence.name, ring, (lon, lat))

    def _answers(self, menu: QMenu, lon: float, lat: float) -> None:
        """Answers that lie there, those that seats show to all among them."""
        scene, zoom = self._view.scene, self._view.scene.centre.zoom
        for layer in self._view.tree.members(LayerGroup.ANSWERS):
            if layer.id not in scene.plugins or not self._view.tree.draws(layer.id, zoom):
                continue
            found = self._at(layer.id, lon, lat)
            if found is None:
                continue
            name, shape = found
            below = _sub(menu, _("Answer: {title}").format(title=layer.title))
            if name:
                add_heading(below, harmless(name[:120]))
            below.addAction(_("How it was made"), partial(self._tell_layer, layer.id))
            below.addAction(_("Hide it on this map"), partial(self._view.tree.show, layer.id, False))
            largest = _largest(shape)
            self._area(below, layer.title, largest, (lon, lat))

    def _at(self, layer_id: str, lon: float, lat: float) -> tuple[str, shapely.Geometry] | None:
        """The smallest area, else a line or point of an answer at a place, and what it says."""
        plugin = self._view.scene.plugins[layer_id]
        if self._areas.get(layer_id, ("", []))[0] != plugin.spec.geojson:
            self._areas[layer_id] = (plugin.spec.geojson, _shapes(plugin.spec.geojson))
        reach = self._degrees(_POINT_PX)
        place = shapely.Point(lon, lat)
        near = [
            (name, shape)
            for name, shape in self._areas[layer_id][1]
            if (shape.intersects(place) if shape.area else shape.distance(place) <= reach)
        ]
        if near:
            return min(near, key=lambda one: float(one[1].area))
        points = plugin.points
        x, y = (float(part) for part in to_fixed(lon, lat))
        far = np.hypot(points.x.astype(np.float64) - x, points.y.astype(np.float64) - y) * self._scale()
        if len(far) and float(far.min()) <= _POINT_PX:
            return plugin.texts[int(far.argmin())], place
        return None

    def _area(self, menu: QMenu, title: str, ring: _Ring, place: tuple[float, float]) -> None:
        """What can be done with any area, and with a place where there is none."""
        corners = [(float(lon), float(lat)) for lon, lat in ring]
        if 2 < len(corners) <= MOST_CORNERS:
            menu.addAction(_("Choose what stands in it"), partial(self._choose, title, corners))
        asked = corners if len(corners) > 2 else [place]
        menu.addAction(_("Who can see it"), partial(self._view.place_asked.emit, title, asked))

    # ------------------------------------------------------------ inside

    def _choose(self, title: str, corners: list[tuple[float, float]]) -> None:
        self._view.choosing.name_next(title)
        self._view.choosing.choose_area(corners)

    def _tell_layer(self, layer_id: str) -> None:
        self._view.toolbar.tree.setChecked(True)
        if self._view.layer_panel is not None:
            self._view.layer_panel.choose(layer_id)

    def _scale(self) -> float:
        return 256.0 * 2.0**self._view.scene.centre.zoom / WORLD

    def _degrees(self, pixels: float) -> float:
        return pixels / self._scale() / WORLD * 360.0

    def _away(self, lon: float, lat: float, mark_lon: float, mark_lat: float) -> tuple[float, float]:
        """How many pixels right of a mark, and above it, a place lies."""
        x, y = (float(part) for part in to_fixed(lon, lat))
        mark_x, mark_y = (float(part) for part in to_fixed(mark_lon, mark_lat))
        return (x - mark_x) * self._scale(), (mark_y - y) * self._scale()


def _sub(menu: QMenu, title: str) -> QMenu:
    return menu.addMenu(harmless(title[:80]).replace("&", "&&"))


def _shapes(document: str) -> list[tuple[str, shapely.Geometry]]:
    """The geometries of a layer's document with their names; what is none is left out."""
    found = []
    for feature in json.loads(document)["features"] if document else ():
        geometry = shapely.from_geojson(json.dumps(feature.get("geometry")), on_invalid="ignore")
        if geometry is not None and not geometry.is_empty:
            found.append((str((feature.get("properties") or {}).get("name", "")), geometry))
    return found


def _largest(shape: shapely.Geometry) -> list[tuple[float, float]]:
    """The outline of the largest area of a geometry, empty where it has none."""
    areas: Iterable[shapely.Polygon] = [one for one in shapely.get_parts(shape) if one.geom_type == "Polygon"]
    largest = max(areas, key=lambda one: float(one.area), default=None)
    return [] if largest is None else [(float(x), float(y)) for x, y, *_z in largest.exterior.coords[:-1]]
