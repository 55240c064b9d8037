"""The tree of a map's layers, connected: kinds of sensors by name, and how many of what there are, of what time."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QObject

from controlroom.domain.times import from_ms
from controlroom.i18n import language
from controlroom.mapping.layer_tree import Layer, LayerGroup
from controlroom.mapping.layers import MapLayer
from controlroom.mapping.scene import KIND
from controlroom.wiring.seat import Seat
from widgets.layer_words import LIVE_STALE_S
from widgets.map_view import MapView


class LayerWiring(QObject):
    """Feeds the tree of one map view with what only the room knows."""

    def __init__(self, seat: Seat, view: MapView) -> None:
        super().__init__(view)
        self._seat = seat
        self._view = view
        self._kinds: Counter[str] = Counter()

    def tell_kinds(self, kinds: Sequence[str]) -> None:
        """The kinds of all sensors, one entry each: every kind has a row of its own, the most common first."""
        counted = Counter(kinds)
        tree = self._view.tree
        for gone in self._kinds.keys() - counted.keys():
            tree.withdraw(KIND + gone)
        whole = tree.layer(MapLayer.SENSORS)
        for name, count in counted.most_common():
            layer = Layer(
                id=KIND + name,
                title=self._title(name),
                group=LayerGroup.SENSORS,
                legend=whole.legend if whole is not None else (),
                whole=MapLayer.SENSORS,
                stale_after_s=LIVE_STALE_S,
            )
            tree.register(layer)
            tree.tell(layer.id, count=count)
        self._kinds = counted

    def tell(self, now: datetime) -> None:
        """Counts and times as they are now."""
        room, tree = self._seat.pump.room, self._view.tree
        latest, held = self._seat.pump.latest, self._seat.pump.positions
        newest = int(latest.time_ms.max()) if len(latest.time_ms) else 0
        moved = int(held.time_ms.max()) if len(held.time_ms) else 0
        tree.tell(MapLayer.SENSORS, count=len(room.sensors), data_at=from_ms(newest) if newest else None)
        tree.tell(MapLayer.CAMERAS, count=len(room.cameras))
        tree.tell(MapLayer.VEHICLES, count=len(room.vehicles), data_at=from_ms(moved) if moved else None)
        tree.tell(MapLayer.ALARMS, count=len(self._view.scene.alarms) + self._view.scene.undrawn_alarms)
        tree.tell(MapLayer.INCIDENTS, count=len(self._view.scene.incidents))
        tree.tell(MapLayer.CONES, count=len(self._view.scene.cones))
        drawn = [graphic.touched_at for graphic in room.graphics.values() if graphic.archived_at is None]
        tree.tell(MapLayer.GRAPHICS, count=len(self._view.scene.graphics), data_at=max(drawn, default=None))
        self._view.set_now(now, self._seat.stale)

    def _title(self, key: str) -> str:
        kind = self._seat.kinds.get(key)
        return key if kind is None else kind.name if language() == "zh_CN" else kind.name_en
