"""The district on one map: cameras, sensors, vehicles, alarms and the layers of departments.

Values go in, signals come out. The state is kept in a Scene; what draws it is a web page, or a painted map where
there is no web engine. All methods are for the GUI thread. What cannot be placed is dropped and counted (`rejected`).
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from numpy.typing import ArrayLike
from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QCursor, QPalette, QResizeEvent
from PySide6.QtWidgets import QMenu, QSplitter, QVBoxLayout, QWidget

from controlroom.domain.times import from_ms
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.mapping.choosing import box
from controlroom.mapping.cones import Cone
from controlroom.mapping.district import District
from controlroom.mapping.layer_tree import LayerTree
from controlroom.mapping.layers import AlarmMark, IncidentMark, LayerPoint, LayerSpec, MapCentre, Selection
from controlroom.mapping.scene import Scene
from controlroom.mapping.trail_feed import TrailMode
from controlroom.mapping.trails import Trails
from controlroom.mapping.viewpoint import leaves
from resources import path
from widgets.layer_panel import LayerPanel
from widgets.map_badge import MapBadge
from widgets.map_base import MapBase
from widgets.map_choosing import MapChoosing
from widgets.map_chosen import MapChosenPanel
from widgets.map_engine import web_surface
from widgets.map_hold import MapHold
from widgets.map_keys import MapKeys
from widgets.map_layers import MapLayers
from widgets.map_menu import place_actions, place_menu, shown_outline
from widgets.map_painted import PaintedSurface
from widgets.map_state import CLOSEST, FARTHEST, map_state, restore_map
from widgets.map_surface import MapSurface
from widgets.map_texts import page_texts
from widgets.map_toolbar import MapToolbar

log = logging.getLogger(__name__)

_NEAR_PX = 40


class MapView(QWidget):
    """A map with its toolbar. Kinds of objects: `camera`, `sensor`, `vehicle`, `alarm`, or the id of a layer."""

    object_selected = Signal(str, str)
    """kind, id: the officer clicked on it."""
    window_asked = Signal()
    """The officer wants one more map window."""
    place_clicked = Signal(float, float)
    """lon, lat (WGS-84 degrees) of a click on the map, whatever stands there."""
    ready = Signal()
    """The map can be seen, with everything that it was given."""
    looked = Signal()
    """The map looks elsewhere, or is larger or smaller."""
    place_asked = Signal(str, list)
    """title, [(lon, lat), …]: who can see this point, or this area within its corners?"""
    touched = Signal()
    """A hand has moved the map, clicked on it or chosen on it."""
    incident_wanted = Signal()
    """The map is to fit the incident that is chosen."""
    menu_filled = Signal(QMenu, float, float, str, str)
    """menu, lon, lat, kind, id: the menu of a place is about to open; who knows more of it adds to it."""
    ground_clicked = Signal()
    """Nothing stood at the place that was clicked last."""
    layer_menu_filled = Signal(QMenu, str)
    """menu, id: the menu of a layer is about to open; who knows more of it adds to it."""
    state_changed = Signal()
    """Something that `state` tells has changed by the officer's will."""
    sketched = Signal(str, int, float, float)
    """action, corner, lon, lat: what the hand does to what is drawn just now."""
    renderer_lost = Signal()
    """The map's process died or hung; the map comes back by itself, with the same view and layers."""

    def __init__(self, parent: QWidget | None = None, *, painted: bool = False, trails: Trails | None = None) -> None:
        """`trails` are those that all maps of a seat share and somebody feeds; without them the map keeps its own."""
        super().__init__(parent)
        self._district = District(path("district"))
        self._scene = Scene(self._district.centre, self._scene_changed, trails)
        self._scene.dark = self._palette_is_dark()
        self._theme_is_fixed = False
        self._data_at: datetime | None = None
        self._past = False
        self._surface: MapSurface | None = None
        self.toolbar = MapToolbar(self)
        self.toolbar.layer_toggled.connect(self._scene.set_visible)
        self.toolbar.zoom_asked.connect(self._zoom)
        self.toolbar.home_asked.connect(self._home)
        self.toolbar.legend_toggled.connect(self._show_legend)
        self.hold = MapHold(self._scene, self._size, self)
        self.hold.changed.connect(self._held)
        self.badge = MapBadge(self)
        self.badge.lock_asked.connect(self.hold.toggle_lock)
        self.badge.end_asked.connect(self.hold.free)
        self.choosing = MapChoosing(self._scene, lambda: self.surface, self)
        self.choosing.hinted.connect(self.toolbar.set_hint)
        self.choosing.changed.connect(self.touched)
        self.choosing.given_up.connect(self._let_go)
        self.panel = MapChosenPanel(self)
        self.panel.closed.connect(self.choose_nothing)
        self.panel.shown.connect(self._went)
        self._sight_actions = place_actions(self, self.ask_middle, self.ask_shown)
        self.addActions(self._sight_actions)
        self.keys = MapKeys(self, self)
        self.toolbar.add_view_button(self.keys.button(self.toolbar))
        self.base = MapBase(self._scene, self.toolbar, self)
        self.base.pictures_only = lambda: isinstance(self._surface, PaintedSurface)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addWidget(self.toolbar)
        self._layout.addWidget(self.badge)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._layout.addWidget(self._split, 1)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.panel)
        self.layers = MapLayers(self._scene, self.toolbar, self._split, self)
        self.layers.changed.connect(self.state_changed)
        self.layers.closed.connect(self.setFocus)
        self.layers.menu_filled.connect(self.layer_menu_filled)
        self.looked.connect(self.layers.looked)
        self._scene.set_texts(page_texts(None))
        if painted:
            self._adopt(PaintedSurface(self._scene, self._district, self))
        else:
            self._adopt(self._web_or_painted())

    @property
    def scene(self) -> Scene:
        """The state of the map; others set no more of it than what is drawn for command."""
        return self._scene

    @property
    def tree(self) -> LayerTree:
        """The layers of this map: see there how one comes into it."""
        return self._scene.tree

    @property
    def surface(self) -> MapSurface:
        """What draws now."""
        assert self._surface is not None
        return self._surface

    def drawn_area(self) -> QRect:
        """Where in this widget the map itself is, without the bar and the panels beside it."""
        return QRect(self.surface.mapTo(self, QPoint()), self.surface.size())

    @property
    def rejected(self) -> int:
        """How many points, positions, states and alarms could not be placed."""
        return self._scene.rejected

    def set_cameras(
        self,
        ids: Sequence[str],
        names: Sequence[str],
        lon: ArrayLike,
        lat: ArrayLike,
        state: ArrayLike,
        kinds: Sequence[str] = (),
    ) -> None:
        """All cameras anew, by index: WGS-84 degrees (NaN where unknown), CameraState u8, and of what kind each is.

        A kind has the layer `CAMERA_KIND + kind` in the tree.
        """
        self._scene.replace_points("camera", ids, names, lon, lat, state, kinds)

    def set_sensors(
        self,
        ids: Sequence[str],
        names: Sequence[str],
        lon: ArrayLike,
        lat: ArrayLike,
        state: ArrayLike,
        kinds: Sequence[str] = (),
    ) -> None:
        """All sensors anew, by index: WGS-84 degrees (NaN where unknown), SensorState u8, and of what kind each is.

        A kind has the layer `SENSOR_KIND + kind` in the tree.
        """
        self._scene.replace_points("sensor", ids, names, lon, lat, state, kinds)

    def update_camera_states(self, indices: ArrayLike, states: ArrayLike) -> None:
        """New CameraState of some cameras, by their index in set_cameras."""
        self._scene.set_states("camera", indices, states)

    def update_sensor_states(self, indices: ArrayLike, states: ArrayLike) -> None:
        """New SensorState of some sensors, by their index in set_sensors."""
        self._scene.set_states("sensor", indices, states)

    def set_vehicles(self, ids: Sequence[str], names: Sequence[str], kinds: Sequence[str]) -> None:
        """All vehicles anew, by index; those known before keep their positions."""
        self._scene.replace_vehicles(ids, names, kinds)

    def update_positions(
        self, index: ArrayLike, lon: ArrayLike, lat: ArrayLike, heading: ArrayLike, time_ms: ArrayLike
    ) -> None:
        """New positions by index in set_vehicles: WGS-84 degrees, degrees from north, ms UTC."""
        self._scene.move_vehicles(index, lon, lat, heading, time_ms)
        self.hold.look()
        newest = self._scene.fleet.newest_ms
        if newest and (self._data_at is None or from_ms(newest) > self._data_at):
            self.set_data_time(from_ms(newest))

    def set_alarms(self, alarms: Sequence[AlarmMark]) -> None:
        """All alarms that have a place, anew."""
        self._scene.set_alarms(alarms)
        self.toolbar.set_undrawn(self._scene.undrawn_alarms)
        self.hold.look()
        self._retell()

    def set_incidents(self, incidents: Sequence[IncidentMark]) -> None:
        """All open incidents that have a place, anew."""
        self._scene.set_incidents(incidents)

    def add_layer(self, spec: LayerSpec) -> None:
        """A department's layer. Raises ValueError when its id is taken."""
        self._scene.add_layer(spec)

    def update_layer(self, layer_id: str, points: Sequence[LayerPoint]) -> None:
        """All points of a department's layer anew. Raises KeyError."""
        self._scene.update_layer(layer_id, points)

    def remove_layer(self, layer_id: str) -> None:
        """Takes a department's layer away. Raises KeyError."""
        self._scene.remove_layer(layer_id)

    def fly_to(self, lon: float, lat: float, zoom: int = 15) -> None:
        """Looks at a place (WGS-84 degrees). Raises ValueError for a place outside the world."""
        self._scene.fly_to(MapCentre(lon, lat, zoom))

    def go_home(self) -> None:
        """Looks at the whole district."""
        self._scene.fly_to(self._district.centre)

    def select(self, kind: str, object_id: str) -> None:
        """Marks one object, by ring and name; an empty kind marks none. The mark follows a vehicle."""
        self._scene.select(Selection(kind, object_id) if kind else None)
        self._mark_trails()

    # ------------------------------------------------------------ the view and who keeps it

    def show_place(self, lon: float, lat: float, zoom: int = 15) -> None:
        """Looks at a place because the officer asked for it: nothing else keeps the view then. Raises ValueError."""
        self.hold.touch()
        self.fly_to(lon, lat, zoom)

    def follow_selected(self) -> None:
        """Keep what is selected in the middle; without a place nothing happens."""
        selected = self._scene.selection
        if selected is not None:
            self.hold.follow(selected.kind, selected.id)

    def ask_window(self) -> None:
        """Whoever opens windows is asked for one more map."""
        self.window_asked.emit()

    def fit_incident(self) -> None:
        """Whoever knows the incidents of the room is asked for the chosen one."""
        self.incident_wanted.emit()

    @property
    def trail_mode(self) -> TrailMode:
        """Whose trails are drawn."""
        return self._scene.trails.mode

    @property
    def trail_minutes(self) -> int:
        """How long trails are."""
        return self._scene.trails.minutes

    def set_trails(self, mode: TrailMode, minutes: int) -> None:
        """Whose trails are drawn and how long they are. Raises ValueError for a length that cannot be chosen."""
        self._scene.set_trails(mode, minutes)
        self.state_changed.emit()

    def state(self) -> dict[str, Any]:
        """What this map should find again after a restart."""
        return {**map_state(self._scene, self.hold, self.toolbar), "base": self.base.state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what `state` gave; what does not fit is left out. A layer that comes later finds its wishes."""
        restore_map(state, self._scene, self.hold, self.toolbar)
        self.base.restore(state.get("base"))
        self._held()

    def choose_shown(self) -> None:
        """Chooses everything that the map shows."""
        south_west, _south_east, north_east, _north_west = self.shown_outline()
        self.choosing.choose_area(box(south_west, north_east))

    def draw_polygon(self) -> None:
        """Lets the officer draw what is to be chosen."""
        self.choosing.draw_polygon()

    def choose_nothing(self) -> None:
        """Nothing is chosen any more; the keyboard goes back to the map."""
        self.choosing.choose()
        self.setFocus()

    def set_stale(self, stale: bool, *, past: bool = False) -> None:
        """Draws the veil that says that no new data comes, and since when; or that the `past` is shown, and which."""
        self._past = past
        self._scene.set_look(stale=stale or past)
        self._scene.set_texts(page_texts(self._data_at, past=past))
        self.toolbar.set_stale(stale or past, past=past)

    def set_data_time(self, at: datetime) -> None:
        """The (aware) time of the newest data; vehicles that were silent for long before it are dimmed."""
        moved, self._data_at = at != self._data_at, at
        if moved and self._past:
            self._scene.set_texts(page_texts(at, past=True))
        self._scene.set_clock(int(at.timestamp() * 1000))
        self.toolbar.set_data_time(at)
        if self.hold.keeps:
            self._retell()

    @property
    def layer_panel(self) -> LayerPanel | None:
        """The panel of layers, once it was wanted."""
        return self.layers.panel

    def set_now(self, now: datetime, stale: bool) -> None:
        """The time of the room, by which the ages of layers are told, and whether no new data comes."""
        self.layers.set_now(now, stale)

    def set_theme(self, dark: bool) -> None:
        """Dark or light; without this call the map follows the palette."""
        self._theme_is_fixed = True
        self._scene.set_look(dark=dark)

    def changeEvent(self, event: QEvent) -> None:
        """Follows the palette and the language."""
        if event.type() is QEvent.Type.PaletteChange and not self._theme_is_fixed:
            if self._scene.dark != self._palette_is_dark():
                self._scene.set_look(dark=self._palette_is_dark())
        elif event.type() is QEvent.Type.LanguageChange:
            self._scene.set_texts(page_texts(self._data_at, past=self._past))
            self.layers.register()
        super().changeEvent(event)

    def _web_or_painted(self) -> MapSurface:
        try:
            surface = web_surface(self._scene, self._district, self)
        except EnvironmentFault as fault:
            surface = fault.sentence
        if isinstance(surface, str):
            log.info("painted map: %s", surface)
            self.toolbar.set_notice(surface)
            return PaintedSurface(self._scene, self._district, self)
        return surface

    def _adopt(self, surface: MapSurface) -> None:
        self._surface = surface
        self._split.insertWidget(self._split.indexOf(self.panel), surface)
        self._split.setStretchFactor(self._split.indexOf(surface), 1)
        surface.touched.connect(self._touched)
        self.choosing.bind(surface)
        surface.set_tiles(self.base.tiles)
        surface.picked.connect(self._picked)
        surface.home_asked.connect(self._home)
        surface.pointed.connect(self._pointed)
        surface.centre_changed.connect(self._looked)
        surface.sketched.connect(self.sketched)
        surface.place_clicked.connect(self.place_clicked)
        surface.ready.connect(self.ready)
        surface.lost.connect(self.renderer_lost)
        surface.failed.connect(self._fall_back)
        surface.show_legend(self.toolbar.legend.isChecked())
        self.setFocusProxy(surface)

    def _fall_back(self, sentence: str) -> None:
        old = self._surface
        self.toolbar.set_notice(sentence)
        self._adopt(PaintedSurface(self._scene, self._district, self))
        if old is not None:
            old.hide()
            old.deleteLater()

    def _picked(self, kind: str, object_id: str) -> None:
        self.touched.emit()
        self.select(kind, object_id)
        if kind:
            self.object_selected.emit(kind, object_id)
        else:
            self.ground_clicked.emit()

    def set_cones(self, cones: Sequence[Cone]) -> None:
        """The view cones that are drawn, anew."""
        self._scene.set_cones(cones)

    def shown_outline(self) -> list[tuple[float, float]]:
        """The corners of the ground that is shown, from the south-west against the clock: WGS-84 degrees."""
        return shown_outline(self._scene.centre, self.surface.width(), self.surface.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or less of the ground is shown."""
        super().resizeEvent(event)
        self.hold.resized()
        self.looked.emit()

    def _pointed(self, lon: float, lat: float, kind: str, object_id: str) -> None:
        self.touched.emit()
        self.menu(lon, lat, kind, object_id).popup(QCursor.pos())

    def open_menu(self) -> None:
        """The menu of the middle of the map, for the keyboard; of what is selected when that stands there."""
        centre, selected = self._scene.centre, self._scene.selection
        there = self._scene.place_of(selected) if selected is not None else None
        near = there is not None and not leaves(there, centre, _NEAR_PX, _NEAR_PX)
        kind, object_id = (selected.kind, selected.id) if near and selected is not None else ("", "")
        middle = self.surface.mapToGlobal(self.surface.rect().center())
        self.menu(centre.lon, centre.lat, kind, object_id).popup(middle)

    def menu(self, lon: float, lat: float, kind: str = "", object_id: str = "") -> QMenu:
        """What can be done at a place, and with what stands there; it goes when it closes."""
        menu = place_menu(self, (lon, lat), self.place_asked.emit, self._sight_actions)
        self.menu_filled.emit(menu, lon, lat, kind, object_id)
        menu.addSeparator()
        view = menu.addMenu(_("View"))
        self.keys.fill(view)
        return menu

    def ask_middle(self) -> None:
        """Who can see the middle of the map?"""
        self.place_asked.emit(_("middle of the map"), [(self._scene.centre.lon, self._scene.centre.lat)])

    def ask_shown(self) -> None:
        """Who can see anything of what the map shows?"""
        self.place_asked.emit(_("what the map shows"), self.shown_outline())

    def _zoom(self, step: int) -> None:
        self._touched(False)
        held = self._scene.centre
        self.fly_to(held.lon, held.lat, max(FARTHEST, min(CLOSEST, held.zoom + step)))

    def _home(self) -> None:
        self._touched(True)
        self.go_home()

    def _touched(self, moved: bool) -> None:
        self.touched.emit()
        self.hold.touch(moved)

    def _held(self) -> None:
        self._retell()
        self._mark_trails()
        self.state_changed.emit()

    def _retell(self) -> None:
        """What keeps the view, in the badge."""
        point = self.hold.viewpoint
        self.badge.tell(self.hold.words(), locked=point.held.locked, lockable=point.fits, urgent=point.missed)

    def _mark_trails(self) -> None:
        """The trail of the selected and of the followed vehicle stands out."""
        marked = [one for one in (self._scene.selection, self.hold.viewpoint.followed) if one is not None]
        self._scene.mark_trails([one.id for one in marked if one.kind == "vehicle"])

    def _looked(self) -> None:
        self.looked.emit()
        if self.hold.viewpoint.followed is None:
            self.state_changed.emit()

    def _let_go(self) -> None:
        self._picked("", "")

    def _went(self, kind: str, object_id: str) -> None:
        """A line of the panel was gone to: it is marked, and the map looks there if it does not show it."""
        place = self._scene.place_of(Selection(kind, object_id))
        if place is not None and leaves(place, self._scene.centre, *self._size()):
            self.hold.touch()
            self.fly_to(*place, self._scene.centre.zoom)
        self._picked(kind, object_id)

    def _size(self) -> tuple[int, int]:
        return (self._surface.width(), self._surface.height()) if self._surface is not None else (640, 480)

    def _show_legend(self, shown: bool) -> None:
        self.surface.show_legend(shown)
        self.state_changed.emit()

    def _scene_changed(self) -> None:
        if self._surface is not None:
            self._surface.scene_changed()

    def _palette_is_dark(self) -> bool:
        return self.palette().color(QPalette.ColorRole.Window).lightness() < 128
