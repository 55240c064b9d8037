"""What a map shows, as it stands, and what may be asked of it: where a thing is, what it is called, what is inside."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from controlroom.mapping.choosing import Choice, ChosenPoints, Group, Place, inside
from controlroom.mapping.cones import Cone
from controlroom.mapping.coordinates import NOWHERE, to_degrees, to_fixed
from controlroom.mapping.fleet import STALE_AFTER_MS, Fleet
from controlroom.mapping.graphic_marks import GraphicMark, SketchMark, graphic_at
from controlroom.mapping.kinds import hidden_points
from controlroom.mapping.layer_tree import Layer, LayerTree
from controlroom.mapping.layers import (
    CAMERA_RANK,
    GROUPS,
    AlarmMark,
    CameraState,
    IncidentMark,
    MapCentre,
    MapLayer,
    Selection,
    SensorState,
)
from controlroom.mapping.plugin_layer import PluginLayer
from controlroom.mapping.points import PointLayer
from controlroom.mapping.sheets import Sheets
from controlroom.mapping.trail_feed import TrailFeed

_LAYER_OF = {"camera": MapLayer.CAMERAS, "sensor": MapLayer.SENSORS, "vehicle": MapLayer.VEHICLES}


class Stage:
    """The state of one map; one thread owns it. Who changes it is the scene."""

    def __init__(self, centre: MapCentre, trails: TrailFeed, sheets: Sheets) -> None:
        """`sheets` are the layers of files."""
        self.centre = centre
        self.trails = trails
        self.sheets = sheets
        self.chosen = ChosenPoints()
        self.cameras = PointLayer(0, len(CameraState))
        self.sensors = PointLayer(1, len(SensorState))
        self.fleet = Fleet()
        self.plugins: dict[str, PluginLayer] = {}
        self.alarms: tuple[AlarmMark, ...] = ()
        self.undrawn_alarms = 0
        self.incidents: tuple[IncidentMark, ...] = ()
        self.cones: tuple[Cone, ...] = ()
        self.base: dict[str, Any] | None = None
        """The base map as resources/map/basemap.js takes it, None where the district's drawing stands alone."""
        self.base_words = ("", "")
        """Whose base map it is and from when, and what the officer must know of it."""
        self.tree = LayerTree()
        """What is shown of all that; see there how a layer comes into it."""
        for layer, group in GROUPS.items():
            self.tree.register(Layer(id=str(layer), title=str(layer), group=group))
        self.graphics: tuple[GraphicMark, ...] = ()
        self.sketch: SketchMark | None = None
        self.selection: Selection | None = None
        self.dark = True
        self.stale = False
        self.texts: dict[str, str] = {}
        self.told_of: dict[str, Callable[[str], str]] = {}
        """What the room tells of a thing by its id, for things of a kind."""
        self.clock_ms = 0
        self.sequence = 0
        self._rejected = 0

    @property
    def visible(self) -> dict[str, bool]:
        """Which layers are drawn where the map looks now."""
        return {drawn.id: self.tree.draws(drawn.id, self.centre.zoom) for drawn in self.tree.drawn()}

    def hidden_points(self, kind: str) -> np.ndarray[Any, np.dtype[np.bool_]] | None:
        """Which points of `sensor` or `camera` are not drawn for their kind; None where all of them are."""
        layer = self.point_layer(kind)
        return None if layer is None else hidden_points(self.tree, layer, kind, self.centre.zoom)

    @property
    def rejected(self) -> int:
        """How many points, positions, states and alarms could not be placed since the start, or are without a place."""
        layers = [self.cameras, self.sensors, *(plugin.points for plugin in self.plugins.values())]
        return self._rejected + self.fleet.rejected + sum(layer.rejected for layer in layers)

    def point_layer(self, kind: str) -> PointLayer | None:
        """The point layer of a kind of object: `camera`, `sensor` or the id of a department's layer."""
        if kind == "camera":
            return self.cameras
        if kind == "sensor":
            return self.sensors
        plugin = self.plugins.get(kind)
        return plugin.points if plugin else None

    def graphic_at(self, lon: float, lat: float) -> str:
        """The id of the graphic that a click at a place means; empty where there is none."""
        return graphic_at(self.graphics, lon, lat, self.centre.zoom) if self.visible[MapLayer.GRAPHICS] else ""

    def inside(self, corners: Sequence[Place]) -> Choice:
        """Everything that is shown inside a ring of corners, the worst first. Raises ValueError for no polygon."""
        groups = []
        visible = self.visible
        for kind, layer in self.holders():
            if not visible.get(_LAYER_OF.get(kind, kind), False):
                continue
            index = inside(layer.x, layer.y, corners)
            hidden = self.hidden_points(kind)
            if hidden is not None:
                index = index[~hidden[index]]
            if isinstance(layer, PointLayer):
                states = layer.state[index]
                worse = CAMERA_RANK[states] if layer is self.cameras else states
                index = index[np.argsort(-worse.astype(np.int16), kind="stable")]
            if len(index):
                groups.append(Group(kind, index, tuple(layer.ids[n] for n in index.tolist())))
        if visible[MapLayer.ALARMS] and self.alarms:
            x, y = to_fixed([a.lon for a in self.alarms], [a.lat for a in self.alarms])
            index = inside(x, y, corners)
            if len(index):
                groups.insert(0, Group("alarm", index, tuple(self.alarms[n].id for n in index.tolist())))
        return Choice(tuple(corners), tuple(groups))

    def with_toggled(self, kind: str, object_id: str) -> Choice:
        """What is chosen, with one object more, or less when it was chosen."""
        holder = dict(self.holders()).get(kind)
        at = holder.position_of(object_id) if holder is not None else None
        if at is None:
            return self.chosen.choice
        held = {
            group.kind: dict(zip(group.ids, group.index.tolist(), strict=True)) for group in self.chosen.choice.groups
        }
        mine = held.setdefault(kind, {})
        if mine.pop(object_id, None) is None:
            mine[object_id] = at
        made = (Group(k, np.array([*ids.values()], np.int64), tuple(ids)) for k, ids in held.items() if ids)
        return Choice((), tuple(made))

    def place_of(self, selection: Selection) -> tuple[float, float] | None:
        """Where an object is (WGS-84 degrees), if it is on the map."""
        if selection.kind == "alarm":
            return next(((a.lon, a.lat) for a in self.alarms if a.id == selection.id), None)
        if selection.kind == "incident":
            return next(((i.lon, i.lat) for i in self.incidents if i.id == selection.id), None)
        feature = self.sheets.feature(selection.kind, selection.id)
        if feature is not None:
            return feature[1:]
        holder = self.fleet if selection.kind == "vehicle" else self.point_layer(selection.kind)
        index = holder.position_of(selection.id) if holder else None
        if holder is None or index is None or holder.x[index] == NOWHERE:
            return None
        lon, lat = to_degrees(holder.x[index], holder.y[index])
        return float(lon), float(lat)

    def name_of(self, selection: Selection) -> str:
        """What stands beside an object when it is pointed at; its id when it has no name."""
        if selection.kind == "alarm":
            return next((a.title for a in self.alarms if a.id == selection.id), "")
        if selection.kind == "incident":
            return next((i.title for i in self.incidents if i.id == selection.id), "")
        feature = self.sheets.feature(selection.kind, selection.id)
        if feature is not None:
            return feature[0]
        plugin = self.plugins.get(selection.kind)
        holder = self.fleet if selection.kind == "vehicle" else self.point_layer(selection.kind)
        index = holder.position_of(selection.id) if holder else None
        if holder is None or index is None:
            return ""
        return (plugin.texts[index] if plugin else holder.names[index]) or selection.id

    def card_of(self, selection: Selection) -> str:
        """Its label and what the room tells of it as of now."""
        told = self.told_of.get(selection.kind)
        parts = (self.label_of(selection), told(selection.id) if told is not None else "")
        return " · ".join(part for part in parts if part)

    def label_of(self, selection: Selection) -> str:
        """Name and, of a vehicle that has been silent for long, how old its place is."""
        name = self.name_of(selection)
        index = self.fleet.position_of(selection.id) if selection.kind == "vehicle" else None
        if index is None or not self.fleet.time_ms[index]:
            return name
        age_ms = self.clock_ms - int(self.fleet.time_ms[index])
        words = self.texts.get("heard", "")
        return f"{name} · {words.format(age=age_ms // 1000)}" if age_ms > STALE_AFTER_MS and words else name

    def holders(self) -> list[tuple[str, PointLayer | Fleet]]:
        """Everything with columns of places, by kind."""
        plugins = [(name, plugin.points) for name, plugin in self.plugins.items()]
        return [("camera", self.cameras), ("sensor", self.sensors), ("vehicle", self.fleet), *plugins]

    def numbers(self) -> dict[str, int]:
        """The numbers of the layers of points, by kind."""
        return {kind: layer.number for kind, layer in self.holders() if isinstance(layer, PointLayer)}
