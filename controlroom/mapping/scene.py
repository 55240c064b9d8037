"""Everything that a map shows, held apart from whatever draws it.

A page or a painted map may come and go: the scene keeps the state, and `take_batch` tells a page what it has not
seen, in one batch however much happened since; so a slow page cannot make anything pile up.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np

from controlroom.mapping.choosing import NOTHING, Choice, ChosenPoints, Group, Place, inside
from controlroom.mapping.cones import Cone
from controlroom.mapping.coordinates import NOWHERE, in_world, to_degrees, to_fixed
from controlroom.mapping.fleet import STALE_AFTER_MS, Fleet
from controlroom.mapping.frames import Batch, CommandFrame, Frame, encode_batch
from controlroom.mapping.graphic_marks import GraphicMark, SketchMark, graphic_at, spelled, spelled_sketch
from controlroom.mapping.kinds import CAMERA_KIND, SENSOR_KIND, hidden_points
from controlroom.mapping.layer_tree import Change, Layer, LayerTree, LegendLine
from controlroom.mapping.layers import (
    CAMERA_RANK,
    GROUPS,
    AlarmMark,
    CameraState,
    IncidentMark,
    LayerPoint,
    LayerSpec,
    MapCentre,
    MapLayer,
    Selection,
    SensorState,
)
from controlroom.mapping.plugin_layer import PluginLayer
from controlroom.mapping.points import PointLayer
from controlroom.mapping.sheets import Sheets
from controlroom.mapping.trail_feed import TrailFeed, TrailMode
from controlroom.mapping.trails import Trails

MOST_INCIDENT_MARKS = 300
MOST_ALARM_MARKS = 1000
"""More marks than this are not drawn: every change tells the page all of them. The worst come first."""

_FIRST_PLUGIN_NUMBER = 16
_ZONE_MS = 8 * 3_600_000
"""The district's time is ahead of UTC by this, all year."""

_LAYER_OF = {"camera": MapLayer.CAMERAS, "sensor": MapLayer.SENSORS, "vehicle": MapLayer.VEHICLES}


class Scene:
    """The state of one map; one thread owns it. `changed` is called when there is something to draw."""

    def __init__(self, centre: MapCentre, changed: Callable[[], None], trails: Trails | None = None) -> None:
        """`trails` are those of the seat, which somebody else feeds; without them the scene keeps its own."""
        self.centre = centre
        self.trails = TrailFeed(Trails() if trails is None else trails)
        self.chosen = ChosenPoints()
        self._feeds_trails = trails is None
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
        self._changed = changed
        self._commands: dict[str, Any] = {}
        self._rejected = 0
        self._next_number = _FIRST_PLUGIN_NUMBER
        self._dirty = True
        for layer, group in GROUPS.items():
            self.tree.register(Layer(id=str(layer), title=str(layer), group=group))
        self.tree.watch(self._tree_changed)
        self.sheets = Sheets(lambda: self._touch("sheets", "tree"))
        """Layers of files."""

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

    def replace_points(self, kind: str, *columns: Any) -> None:
        """All points of `camera` or `sensor` anew: ids, names, lon, lat, state, and of what kinds, if any."""
        layer = self.point_layer(kind)
        if layer is None:
            raise KeyError(kind)
        layer.replace(*columns)
        self.chosen.remap(kind, layer.position_of)
        self._touch("selection", "kinds", "tree")

    def set_states(self, kind: str, indices: Any, states: Any) -> None:
        """New states of some points of `camera` or `sensor`."""
        layer = self.point_layer(kind)
        if layer is None:
            raise KeyError(kind)
        self._rejected += layer.set_states(indices, states)
        self._touch()

    def replace_vehicles(self, ids: Sequence[str], names: Sequence[str], kinds: Sequence[str]) -> None:
        """The vehicles anew."""
        self.fleet.replace(ids, names, kinds)
        if self._feeds_trails:
            self.trails.trails.replace(ids)
        self.trails.invalidate()
        self.chosen.remap("vehicle", self.fleet.position_of)
        self._touch()

    def move_vehicles(self, *columns: Any) -> None:
        """New positions: index, lon, lat, heading, time in ms."""
        self.fleet.move(*columns)
        if self._feeds_trails:
            index, lon, lat, _heading, time_ms = columns
            self.trails.trails.add(index, lon, lat, time_ms)
        self.clock_ms = max(self.clock_ms, self.fleet.newest_ms)
        self._touch(*(["selection"] if self.selection and self.selection.kind == "vehicle" else []))

    def set_alarms(self, alarms: Sequence[AlarmMark]) -> None:
        """The marks anew; those without a place are counted, beyond MOST_ALARM_MARKS the least severe are left out."""
        placed = [alarm for alarm in alarms if in_world(alarm.lon, alarm.lat)]
        self._rejected += len(alarms) - len(placed)
        placed.sort(key=lambda alarm: (alarm.severity, not alarm.waiting))
        self.alarms = tuple(placed[:MOST_ALARM_MARKS])
        self.undrawn_alarms = len(placed) - len(self.alarms)
        self._touch("alarms", "selection")

    def set_incidents(self, incidents: Sequence[IncidentMark]) -> None:
        """The flags anew, the gravest MOST_INCIDENT_MARKS of them; those without a place in the world are counted."""
        placed = [mark for mark in incidents if in_world(mark.lon, mark.lat)]
        self._rejected += len(incidents) - len(placed)
        self.incidents = tuple(sorted(placed, key=lambda mark: mark.grade)[:MOST_INCIDENT_MARKS])
        self._touch("incidents", "selection")

    def set_cones(self, cones: Sequence[Cone]) -> None:
        """The view cones that are drawn, anew."""
        self.cones = tuple(cones)
        self._touch("cones")

    def set_graphics(self, marks: Sequence[GraphicMark]) -> None:
        """What was drawn for command, anew."""
        self.graphics = tuple(marks)
        self._touch("graphics")

    def set_sketch(self, sketch: SketchMark | None) -> None:
        """What is drawn just now, or nothing."""
        self.sketch = sketch
        self._touch("sketch")

    def graphic_at(self, lon: float, lat: float) -> str:
        """The id of the graphic that a click at a place means; empty where there is none."""
        return graphic_at(self.graphics, lon, lat, self.centre.zoom) if self.visible[MapLayer.GRAPHICS] else ""

    def add_layer(self, spec: LayerSpec) -> None:
        """A department's layer. Raises ValueError when its id is taken."""
        if spec.id in self.plugins or spec.id in (
            "camera",
            "sensor",
            "vehicle",
            "alarm",
            "incident",
            "graphic",
            *MapLayer,
        ):
            raise ValueError(f"there is a layer {spec.id} already")
        self.plugins[spec.id] = PluginLayer(self._next_number, spec)
        self._next_number += 1
        legend = tuple(
            LegendLine("area" if spec.geojson else c.shape, c.colour, c.label or spec.title) for c in spec.classes
        )
        self.tree.register(
            Layer(
                id=spec.id,
                title=spec.title,
                group=spec.group,
                legend=legend,
                source=spec.source,
                stale_after_s=spec.stale_after_s,
            )
        )
        self.tree.tell(spec.id, data_at=spec.data_at, count=None, note=spec.note)
        self._touch("layers", "tree")

    def remove_layer(self, layer_id: str) -> None:
        """Takes a department's layer away. Raises KeyError when there is none of this id."""
        del self.plugins[layer_id]
        self.tree.withdraw(layer_id)
        self.chosen.remap(layer_id, lambda _name: None)
        self._touch("layers", "selection")

    def update_layer(self, layer_id: str, points: Sequence[LayerPoint]) -> None:
        """All points of a department's layer anew. Raises KeyError."""
        self.plugins[layer_id].replace(points)
        self.tree.tell(layer_id, count=len(points))
        self.chosen.remap(layer_id, self.plugins[layer_id].points.position_of)
        self._touch("layers", "selection")

    def set_visible(self, layer_id: str, shown: bool) -> None:
        """Shows or hides a layer. Raises KeyError."""
        self.tree.show(layer_id, shown)

    def set_look(self, *, dark: bool | None = None, stale: bool | None = None) -> None:
        """Theme, and the veil that says that no new data comes."""
        self.dark = self.dark if dark is None else dark
        self.stale = self.stale if stale is None else stale
        self._touch("look", "graphics", "sketch")

    def set_texts(self, texts: dict[str, str]) -> None:
        """The page's words in the officer's language."""
        self.texts = texts
        self._touch("texts")

    def set_base(self, spec: dict[str, Any] | None, source: str, note: str) -> None:
        """Another base map, or other words about it."""
        if (spec, (source, note)) != (self.base, self.base_words):
            self.base, self.base_words = spec, (source, note)
            self._touch("base")

    def set_clock(self, time_ms: int) -> None:
        """The data's clock, which tells whose last position is old."""
        self.clock_ms = time_ms
        self._touch(*(["selection"] if self.selection and self.selection.kind == "vehicle" else []))

    def select(self, selection: Selection | None) -> None:
        """Marks one object, or none."""
        graphics = "graphic" in (selection.kind if selection else "", self.selection.kind if self.selection else "")
        self.selection = selection
        self._touch("selection", *(["graphics"] if graphics else []))

    def set_trails(self, mode: TrailMode, minutes: int) -> None:
        """Whose trails are drawn and how long they are. Raises ValueError for a length that cannot be chosen."""
        self.trails.set(mode, minutes)
        self._touch("trails")

    def mark_trails(self, vehicles: Sequence[str]) -> None:
        """Whose trails are drawn with their times."""
        known = (self.fleet.position_of(name) for name in vehicles)
        if self.trails.mark(tuple(sorted({index for index in known if index is not None}))):
            self._touch("trails")

    def show_trails_until(self, until_ms: int | None) -> None:
        """Trails as they were at a moment of the past, or (None) as they are."""
        self.trails.show_until(until_ms)
        self._touch()

    def inside(self, corners: Sequence[Place]) -> Choice:
        """Everything that is shown inside a ring of corners, the worst first. Raises ValueError for no polygon."""
        groups = []
        visible = self.visible
        for kind, layer in self._holders():
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
        holder = dict(self._holders()).get(kind)
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

    def choose(self, choice: Choice = NOTHING) -> None:
        """Mark many objects, or none."""
        self.chosen.choose(choice)
        self._touch("area")

    def fly_to(self, centre: MapCentre) -> None:
        """Looks elsewhere. Raises ValueError for a place outside the world."""
        if not in_world(centre.lon, centre.lat):
            raise ValueError(f"there is no place {centre.lon}, {centre.lat}")
        self.centre = centre
        self._commands["fly"] = [centre.lon, centre.lat, centre.zoom]
        self._touch()

    def order(self, name: str, value: Any = True) -> None:
        """One command to the page alone (`ping`, `canary`); it is not part of the state."""
        self._commands[name] = value
        self._touch()

    def invalidate(self) -> None:
        """A page starts anew: the next batch carries everything."""
        for layer in (self.cameras, self.sensors, *(plugin.points for plugin in self.plugins.values())):
            layer.invalidate()
        self.fleet.invalidate()
        self.trails.invalidate()
        self.chosen.invalidate()
        self._commands.pop("fly", None)
        self._touch(
            "look",
            "texts",
            "layers",
            "kinds",
            "tree",
            "alarms",
            "incidents",
            "cones",
            "graphics",
            "sketch",
            "selection",
        )
        self._touch("trails", "area", "base", "sheets", "tree")

    def take_batch(self) -> bytes | None:
        """All that the page has not seen, or None."""
        if not self._dirty:
            return None
        self._dirty = False
        frames: list[Frame] = []
        if self._commands:
            frames.append(CommandFrame(msgspec.json.encode(self._spelled())))
            self._commands.clear()
        for layer in (self.cameras, self.sensors, *(plugin.points for plugin in self.plugins.values())):
            frames.extend(layer.take_frames())
        frames.extend(self.fleet.take_frames())
        frames.extend(self.trails.take_frames(self.clock_ms))
        frames.extend(self.chosen.take_frames(self._numbers()))
        if not frames:
            return None
        self.sequence += 1
        return encode_batch(Batch(self.sequence, float(self.clock_ms), tuple(frames)))

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

    def _tree_changed(self, change: Change) -> None:
        if change is not Change.NEWS:
            self._touch("tree")

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

    def _holders(self) -> list[tuple[str, PointLayer | Fleet]]:
        """Everything with columns of places, by kind."""
        plugins = [(name, plugin.points) for name, plugin in self.plugins.items()]
        return [("camera", self.cameras), ("sensor", self.sensors), ("vehicle", self.fleet), *plugins]

    def _numbers(self) -> dict[str, int]:
        return {kind: layer.number for kind, layer in self._holders() if isinstance(layer, PointLayer)}

    def _touch(self, *commands: str) -> None:
        for command in commands:
            self._commands[command] = None
        self._dirty = True
        self._changed()

    def _spelled(self) -> dict[str, Any]:
        """The commands with their values as of now."""
        spell: dict[str, Callable[[], Any]] = {
            "look": lambda: {"dark": self.dark, "stale": self.stale, "staleAfterMs": STALE_AFTER_MS},
            "texts": lambda: self.texts,
            "kinds": lambda: [
                [self.sensors.number, SENSOR_KIND, self.sensors.kinds],
                [self.cameras.number, CAMERA_KIND, self.cameras.kinds],
            ],
            "sheets": self.sheets.spelled,
            "tree": lambda: [[d.id, d.shown, d.opacity, d.min_zoom, d.max_zoom, d.rank] for d in self.tree.drawn()],
            "alarms": self._spell_alarms,
            "incidents": lambda: [[i.id, int(i.grade), i.grade.numeral, i.lon, i.lat, i.title] for i in self.incidents],
            "cones": lambda: self.cones,
            "base": lambda: [self.base, *self.base_words],
            "graphics": self._spell_graphics,
            "sketch": lambda: spelled_sketch(self.sketch, self.dark),
            "selection": self._spell_selection,
            "layers": self._spell_layers,
            "trails": lambda: self.trails.spelled(_ZONE_MS),
            "area": lambda: {"ring": self.chosen.choice.corners, "alarms": self.chosen.alarms()},
        }
        return {name: spell[name]() if name in spell else value for name, value in self._commands.items()}

    def _spell_alarms(self) -> list[list[Any]]:
        return [[a.id, int(a.severity), a.severity.numeral, a.lon, a.lat, a.title, a.waiting] for a in self.alarms]

    def _spell_graphics(self) -> list[dict[str, object]]:
        chosen = self.selection.id if self.selection is not None and self.selection.kind == "graphic" else ""
        return spelled(self.graphics, self.dark, chosen)

    def _spell_selection(self) -> list[Any] | None:
        place = self.place_of(self.selection) if self.selection else None
        if place is None or self.selection is None:
            return None
        x, y = to_fixed(*place)
        return [int(x), int(y), self.label_of(self.selection)]

    def _spell_layers(self) -> list[dict[str, Any]]:
        return [
            {
                "id": plugin.spec.id,
                "number": plugin.points.number,
                "title": plugin.spec.title,
                "classes": [[c.label, c.colour, c.shape] for c in plugin.spec.classes],
                "textZoom": plugin.spec.text_zoom,
                "alerts": plugin.spec.alerts,
                "bordered": plugin.spec.bordered,
                "texts": plugin.texts,
                "shapes": bool(plugin.spec.geojson),
                "opacity": plugin.spec.opacity,
            }
            for plugin in self.plugins.values()
        ]
