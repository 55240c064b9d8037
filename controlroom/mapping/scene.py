"""Everything that a map shows, held apart from whatever draws it.

A page or a painted map may come and go: the scene keeps the state, and `take_batch` tells a page what it has not
seen, in one batch however much happened since; so a slow page cannot make anything pile up.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from controlroom.mapping.choosing import NOTHING, Choice
from controlroom.mapping.cones import Cone
from controlroom.mapping.coordinates import in_world
from controlroom.mapping.frames import Batch, CommandFrame, Frame, encode_batch
from controlroom.mapping.graphic_marks import GraphicMark, SketchMark
from controlroom.mapping.layer_tree import Change, Layer, LegendLine
from controlroom.mapping.layers import (
    AlarmMark,
    IncidentMark,
    LayerPoint,
    LayerSpec,
    MapCentre,
    MapLayer,
    Selection,
)
from controlroom.mapping.plugin_layer import PluginLayer
from controlroom.mapping.sheets import Sheets
from controlroom.mapping.stage import Stage
from controlroom.mapping.stage_spelling import spelled_commands
from controlroom.mapping.trail_feed import TrailFeed, TrailMode
from controlroom.mapping.trails import Trails

MOST_INCIDENT_MARKS = 300
MOST_ALARM_MARKS = 1000
"""More marks than this are not drawn: every change tells the page all of them. The worst come first."""

_FIRST_PLUGIN_NUMBER = 16


class Scene(Stage):
    """The state of one map; one thread owns it. `changed` is called when there is something to draw."""

    def __init__(self, centre: MapCentre, changed: Callable[[], None], trails: Trails | None = None) -> None:
        """`trails` are those of the seat, which somebody else feeds; without them the scene keeps its own."""
        sheets = Sheets(lambda: self._touch("sheets", "tree"))
        super().__init__(centre, TrailFeed(Trails() if trails is None else trails), sheets)
        self._feeds_trails = trails is None
        self._changed = changed
        self._commands: dict[str, Any] = {}
        self._next_number = _FIRST_PLUGIN_NUMBER
        self._dirty = True
        self.tree.watch(self._tree_changed)

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
        self.tree.tell(layer_id, count=len(points) + self.plugins[layer_id].shapes)
        self.chosen.remap(layer_id, self.plugins[layer_id].points.position_of)
        self._touch("layers", "selection")

    def set_visible(self, layer_id: str, shown: bool) -> None:
        """Shows or hides a layer. Raises KeyError."""
        self.tree.show(layer_id, shown)

    def set_look(self, *, dark: bool | None = None, stale: bool | None = None) -> None:
        """Theme, and the veil that says that no new data comes."""
        self.dark = self.dark if dark is None else dark
        self.stale = self.stale if stale is None else stale
        # Graphics have colours of the theme; the veil alone has nothing drawn anew.
        self._touch("look", *(["graphics", "sketch"] if dark is not None else []))

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
            frames.append(CommandFrame(msgspec.json.encode(spelled_commands(self, self._commands))))
            self._commands.clear()
        for layer in (self.cameras, self.sensors, *(plugin.points for plugin in self.plugins.values())):
            frames.extend(layer.take_frames())
        frames.extend(self.fleet.take_frames())
        frames.extend(self.trails.take_frames(self.clock_ms))
        frames.extend(self.chosen.take_frames(self.numbers()))
        if not frames:
            return None
        self.sequence += 1
        return encode_batch(Batch(self.sequence, float(self.clock_ms), tuple(frames)))

    def _tree_changed(self, change: Change) -> None:
        if change is not Change.NEWS:
            self._touch("tree")

    def _touch(self, *commands: str) -> None:
        for command in commands:
            self._commands[command] = None
        self._dirty = True
        self._changed()
