"""Which layers a map has, and which of them the officer wants, how clearly, from which zoom, and above what.

To put a layer into every map's tree: `view.tree.register(Layer(id=…, title=…, group=LayerGroup.…, legend=…))`, then
`view.tree.tell(id, count=…, data_at=…, note=…)` whenever that changes, and `view.tree.withdraw(id)` at its end. Layers
made by `MapView.add_layer` (a LayerSpec with its `group`) are registered there. The page's half: in
`resources/map/room.js` the layer is put into `this.stack` with `this.place(id, {show, panes, fade})`; a painted map
asks `scene.tree.drawn(zoom)`, which is in the order of drawing. What an officer chose is remembered by id, also for
layers that come later or are away for a while.
"""

import enum
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

MIN_ZOOM, MAX_ZOOM = 8, 18
"""The zoom levels of the map."""

MOST_LABEL = 400
MOST_REMEMBERED = 4096
"""So many layers' wishes are remembered; of more, those that are not there are forgotten first."""


class LayerGroup(enum.StrEnum):
    """The groups of the tree in their first order, from the top of the map to its ground."""

    ALARMS = "alarms"
    INCIDENTS = "incidents"
    PLOTTING = "plotting"
    TEAMS = "teams"
    VEHICLES = "vehicles"
    CAMERAS = "cameras"
    PLUGINS = "plugins"
    SENSORS = "sensors"
    FENCES = "fences"
    ANSWERS = "answers"
    PLACES = "places"
    THEMATIC = "thematic"
    DISTRICT = "district"
    BASEMAP = "basemap"


PINNED = (LayerGroup.ALARMS, LayerGroup.INCIDENTS, LayerGroup.BASEMAP)
"""Groups that stay where they are: nothing may lie above an alarm, and nothing below the ground."""


class LegendLine(Struct, frozen=True):
    """One line of a legend: a shape (`circle`, `ring`, `square`, `frame`, `triangle`, `diamond`, `camera`, `arrow`,
    `line`, `dashes`, `area`, and, also with `open`, `struck` or `dotted` before
    it, `pentagon`, `hexagon` or `house`), its colour as #rrggbb, and a word, since a colour alone says nothing."""

    shape: str
    colour: str
    label: str


class Layer(Struct, frozen=True, kw_only=True):
    """What a layer is. `whole` names the layer that it is a part of, a kind of its points: it is hidden, faded and
    limited for itself within what holds for the whole, and moved among its like. After `stale_after_s` its data counts
    as old."""

    id: str
    title: str
    group: LayerGroup
    legend: tuple[LegendLine, ...] = ()
    source: str = ""
    shown: bool = True
    opacity: float = 1.0
    min_zoom: int = MIN_ZOOM
    max_zoom: int = MAX_ZOOM
    whole: str = ""
    stale_after_s: float | None = None
    fields: tuple[str, ...] = ()
    """Attributes of its features, of which one may be written beside them: `label`, where nobody wants another."""
    label: str = ""


class News(Struct, frozen=True, kw_only=True):
    """What is known of a layer now: how many features, of what time, what must be said, and the share that is read."""

    count: int | None = None
    data_at: datetime | None = None
    note: str = ""
    is_fault: bool = False
    progress: float | None = None


class Wish(Struct, frozen=True):
    """What the officer wants of a layer; `opacity` from 0 to 1."""

    shown: bool
    opacity: float
    min_zoom: int
    max_zoom: int


class Hidden(enum.Enum):
    """Why a layer is not drawn."""

    OFF = enum.auto()
    GROUP_OFF = enum.auto()
    WHOLE_OFF = enum.auto()
    TOO_FAR = enum.auto()
    """The map must be zoomed in."""
    TOO_NEAR = enum.auto()


class Change(enum.Enum):
    """What a listener is told: layers came or went, wishes changed, or only news."""

    LAYERS = enum.auto()
    WISHES = enum.auto()
    NEWS = enum.auto()


class Drawn(Struct, frozen=True):
    """A layer as it is to be drawn; `rank` counts from the ground up. `shown` leaves the zoom out."""

    id: str
    shown: bool
    opacity: float
    min_zoom: int
    max_zoom: int
    rank: int


class _Kept(Struct):
    """The remembered form."""

    groups: list[str] = []
    off: list[str] = []
    order: dict[str, list[str]] = {}
    layers: dict[str, tuple[bool, float, int, int]] = {}
    labels: dict[str, str] = {}


class LayerTree:
    """The layers of one map; one thread owns it. `watch` hears of every change."""

    def __init__(self) -> None:
        self._layers: dict[str, Layer] = {}
        self._news: dict[str, News] = {}
        self._wishes: dict[str, Wish] = {}
        self._groups: list[LayerGroup] = list(LayerGroup)
        self._off: set[LayerGroup] = set()
        self._order: dict[LayerGroup, list[str]] = {group: [] for group in LayerGroup}
        self._labels: dict[str, str] = {}
        self._watchers: list[Callable[[Change], None]] = []

    def watch(self, told: Callable[[Change], None]) -> None:
        """Call `told` after every change for as long as the tree lives."""
        self._watchers.append(told)

    # ------------------------------------------------------------ what there is

    def register(self, layer: Layer) -> None:
        """A layer, or a known one anew (another title, another legend); what was wished of its id holds."""
        known = self._layers.get(layer.id)
        if known == layer:
            return
        if known is not None and known.group is not layer.group:
            self._order[known.group].remove(layer.id)
        self._layers[layer.id] = layer
        self._news.setdefault(layer.id, News())
        order = self._order[layer.group]
        if layer.id not in order:
            order.append(layer.id)
        self._tell(Change.LAYERS)

    def withdraw(self, layer_id: str) -> None:
        """The layer is gone; its place and wishes are kept for when it comes back. Unknown ids are passed over."""
        if self._layers.pop(layer_id, None) is None:
            return
        self._news.pop(layer_id, None)
        self._tell(Change.LAYERS)

    def tell(self, layer_id: str, **changed: Any) -> None:
        """News of a layer: any of the fields of News. Unknown ids are passed over: they may have gone meanwhile."""
        held = self._news.get(layer_id)
        if held is None:
            return
        news = msgspec.structs.replace(held, **changed)
        if news != held:
            self._news[layer_id] = news
            self._tell(Change.NEWS)

    def layer(self, layer_id: str) -> Layer | None:
        """What a layer is."""
        return self._layers.get(layer_id)

    def news(self, layer_id: str) -> News:
        """What is known of a layer now."""
        return self._news.get(layer_id, News())

    def wish(self, layer_id: str) -> Wish:
        """What the officer wants of a layer. Raises KeyError."""
        layer = self._layers[layer_id]
        return self._wishes.get(
            layer_id, Wish(layer.shown, layer.opacity, layer.min_zoom, max(layer.min_zoom, layer.max_zoom))
        )

    @property
    def groups(self) -> tuple[LayerGroup, ...]:
        """All groups from the top down, the empty ones too."""
        return tuple(self._groups)

    def members(self, group: LayerGroup) -> tuple[Layer, ...]:
        """The layers of a group from the top down."""
        here = (self._layers[name] for name in self._order[group] if name in self._layers)
        return tuple(layer for layer in here if layer.group is group)

    # ------------------------------------------------------------ what is wanted

    def show(self, layer_id: str, shown: bool) -> None:
        """Show or hide a layer. Raises KeyError."""
        self._wish(layer_id, shown=shown)

    def fade(self, layer_id: str, opacity: float) -> None:
        """How clearly a layer is drawn, 0 to 1; what is outside is taken for the nearer end. Raises KeyError."""
        self._wish(layer_id, opacity=min(1.0, max(0.0, opacity)) if opacity == opacity else 1.0)

    def limit(self, layer_id: str, min_zoom: int, max_zoom: int) -> None:
        """Draw a layer only from one zoom level to another, both included. Raises KeyError."""
        low = min(MAX_ZOOM, max(MIN_ZOOM, min_zoom))
        self._wish(layer_id, min_zoom=low, max_zoom=min(MAX_ZOOM, max(low, max_zoom)))

    def write(self, layer_id: str, field: str) -> None:
        """Which attribute is written beside a layer's features; empty for none. Raises KeyError."""
        if self.label(layer_id) != field:
            self._labels[layer_id] = field[:MOST_LABEL]
            self._tell(Change.WISHES)

    def label(self, layer_id: str) -> str:
        """The attribute that is written beside a layer's features; one that it lacks is none. Raises KeyError."""
        layer = self._layers[layer_id]
        wanted = self._labels.get(layer_id, layer.label)
        return wanted if wanted in layer.fields else ""

    def is_shown(self, group: LayerGroup) -> bool:
        """Whether a group is shown at all."""
        return group not in self._off

    def show_group(self, group: LayerGroup, shown: bool) -> None:
        """Show or hide a whole group; what is wished of its layers stays."""
        if shown == self.is_shown(group):
            return
        self._off ^= {group}
        self._tell(Change.WISHES)

    def move(self, layer_id: str, steps: int) -> bool:
        """Move a layer within its group, up for negative steps; whether it moved. Raises KeyError."""
        layer = self._layers[layer_id]
        here = [one.id for one in self.members(layer.group) if one.whole == layer.whole]
        at = here.index(layer_id)
        to = min(len(here) - 1, max(0, at + steps))
        return to != at and self.put(layer_id, here[to], after=to > at)

    def put(self, layer_id: str, other_id: str, *, after: bool) -> bool:
        """Move a layer above or below another of its group; whether it moved. Raises KeyError."""
        layer, other = self._layers[layer_id], self._layers[other_id]
        if layer_id == other_id or layer.group is not other.group or layer.whole != other.whole:
            return False
        order = self._order[layer.group]
        before = list(order)
        order.remove(layer_id)
        order.insert(order.index(other_id) + after, layer_id)
        if order == before:
            return False
        self._tell(Change.WISHES)
        return True

    def move_group(self, group: LayerGroup, steps: int) -> bool:
        """Move a group among those that have layers, up for negative steps; pinned ones stay. Whether it moved."""
        here = [g for g in self._groups if g not in PINNED and (g is group or self.members(g))]
        if group not in here:
            return False
        at = here.index(group)
        to = min(len(here) - 1, max(0, at + steps))
        return self.put_group(group, here[to], after=to > at)

    def put_group(self, group: LayerGroup, other: LayerGroup, *, after: bool) -> bool:
        """Move a group above or below another; pinned ones stay. Whether it moved."""
        if group is other or group in PINNED or other in PINNED:
            return False
        before = list(self._groups)
        self._groups.remove(group)
        self._groups.insert(self._groups.index(other) + after, group)
        if self._groups == before:
            return False
        self._tell(Change.WISHES)
        return True

    # ------------------------------------------------------------ what follows from both

    def why_hidden(self, layer_id: str, zoom: int) -> Hidden | None:
        """Why a layer is not drawn at a zoom level, or None when it is. Raises KeyError."""
        layer, wish = self._layers[layer_id], self.wish(layer_id)
        if not wish.shown:
            return Hidden.OFF
        if not self.is_shown(layer.group):
            return Hidden.GROUP_OFF
        whole = self._layers.get(layer.whole)
        if whole is not None:
            why = self.why_hidden(whole.id, zoom)
            if why is not None:
                return Hidden.WHOLE_OFF if why is Hidden.OFF else why
        if zoom < wish.min_zoom:
            return Hidden.TOO_FAR
        return Hidden.TOO_NEAR if zoom > wish.max_zoom else None

    def draws(self, layer_id: str, zoom: int) -> bool:
        """Whether a layer is drawn at a zoom level; one that is not in the tree is not."""
        return layer_id in self._layers and self.why_hidden(layer_id, zoom) is None

    def drawn(self) -> tuple[Drawn, ...]:
        """Every layer from the ground up, with what the page needs to decide by itself while it zooms."""
        found: list[Drawn] = []
        for group in reversed(self._groups):
            for layer in reversed(self.members(group)):
                wish = self.wish(layer.id)
                whole = self._layers.get(layer.whole)
                shown = wish.shown and self.is_shown(group) and (whole is None or self.wish(whole.id).shown)
                found.append(Drawn(layer.id, shown, wish.opacity, wish.min_zoom, wish.max_zoom, len(found)))
        return tuple(found)

    # ------------------------------------------------------------ what is remembered

    def state(self) -> dict[str, Any]:
        """What should be found again, as plain JSON values."""
        kept = _Kept(
            groups=[str(group) for group in self._groups],
            off=sorted(str(group) for group in self._off),
            order={str(group): list(order) for group, order in self._order.items() if order},
            labels=dict(list(self._labels.items())[-MOST_REMEMBERED:]),
            layers={name: (w.shown, w.opacity, w.min_zoom, w.max_zoom) for name, w in self._wishes.items()},
        )
        plain: dict[str, Any] = msgspec.to_builtins(kept)
        return plain

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what `state` gave, perhaps of an older edition; what does not fit is left out."""
        try:
            kept = msgspec.convert(state, _Kept)
        except (msgspec.ValidationError, RecursionError):
            return
        known = {str(group): group for group in LayerGroup}
        self._groups = _ordered([known[g] for g in dict.fromkeys(kept.groups) if g in known])
        self._off = {known[g] for g in kept.off if g in known}
        for name, (shown, opacity, low, high) in list(kept.layers.items())[-MOST_REMEMBERED:]:
            if 0.0 <= opacity <= 1.0 and MIN_ZOOM <= low <= high <= MAX_ZOOM:
                self._wishes[name] = Wish(shown, opacity, low, high)
        self._labels |= {name: field[:MOST_LABEL] for name, field in list(kept.labels.items())[-MOST_REMEMBERED:]}
        homes = {layer.id: layer.group for layer in self._layers.values()}
        for group in LayerGroup:
            wanted = list(dict.fromkeys(kept.order.get(group, [])))[:MOST_REMEMBERED]
            mine = [name for name in wanted if homes.get(name, group) is group]
            self._order[group] = mine + [name for name in self._order[group] if name not in set(mine)]
        self._tell(Change.LAYERS)

    # ------------------------------------------------------------ inside

    def _wish(self, layer_id: str, **changed: Any) -> None:
        held = self.wish(layer_id)
        wish = msgspec.structs.replace(held, **changed)
        if wish == held:
            return
        self._wishes[layer_id] = wish
        if len(self._wishes) > MOST_REMEMBERED:
            away = next((name for name in self._wishes if name not in self._layers), None)
            if away is not None:
                del self._wishes[away]
        self._tell(Change.WISHES)

    def _tell(self, change: Change) -> None:
        for told in self._watchers:
            told(change)


def _ordered(wanted: Sequence[LayerGroup]) -> list[LayerGroup]:
    """All groups: the wanted order for those that may move, the rest behind the group they first stood behind."""
    order = [group for group in wanted if group not in PINNED]
    for at, group in enumerate(LayerGroup):
        if group in PINNED or group in order:
            continue
        above = [g for g in list(LayerGroup)[:at] if g in order]
        order.insert(order.index(above[-1]) + 1 if above else 0, group)
    return [LayerGroup.ALARMS, LayerGroup.INCIDENTS, *order, LayerGroup.BASEMAP]
