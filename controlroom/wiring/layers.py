"""The tree of a map's layers, connected: kinds of sensors and cameras by name, how many of what, of what time."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from controlroom.domain.times import from_ms
from controlroom.i18n import language
from controlroom.mapping.kinds import PREFIXES
from controlroom.mapping.layer_tree import Layer, LayerGroup
from controlroom.mapping.layers import MapLayer
from controlroom.wiring.seat import Seat
from widgets.camera_words import kind_word
from widgets.layer_words import LIVE_STALE_S
from widgets.map_view import MapView


class KindRows:
    """The rows of one layer's kinds: each has its count and the time of its newest data."""

    def __init__(
        self,
        view: MapView,
        kind: str,
        whole: MapLayer,
        group: LayerGroup,
        title: Callable[[str], str],
        stale_after_s: float | None,
    ) -> None:
        self._view = view
        self._prefix = PREFIXES[kind]
        self._whole = whole
        self._group = group
        self._title = title
        self._stale_after_s = stale_after_s
        self._names: list[str] = []
        self._order: NDArray[np.int64] = np.zeros(0, np.int64)
        self._starts: NDArray[np.int64] = np.zeros(0, np.int64)

    def tell(self, kinds: Sequence[str]) -> None:
        """The kind of every thing, in the order of the layer's columns: the most common kind first."""
        counted = Counter(kinds)
        tree = self._view.tree
        for gone in set(self._names) - counted.keys():
            tree.withdraw(self._prefix + gone)
        whole = tree.layer(self._whole)
        for name, count in counted.most_common():
            layer = Layer(
                id=self._prefix + name,
                title=self._title(name),
                group=self._group,
                legend=whole.legend if whole is not None else (),
                source=whole.source if whole is not None else "",
                whole=self._whole,
                stale_after_s=self._stale_after_s,
            )
            tree.register(layer)
            tree.tell(layer.id, count=count)
        self._names = [*counted]
        number = {name: k for k, name in enumerate(self._names)}
        column = np.fromiter((number[name] for name in kinds), np.int64, len(kinds))
        self._order = np.argsort(column, kind="stable")
        self._starts = np.searchsorted(column[self._order], np.arange(len(self._names)))

    def tell_times(self, time_ms: NDArray[np.int64]) -> None:
        """When each thing was heard of last, ms since 1970 UTC, 0 for never; a column may end early."""
        if not self._names:
            return
        held = np.zeros(len(self._order), np.int64)
        some = min(len(held), len(time_ms))
        held[:some] = time_ms[:some]
        newest = np.maximum.reduceat(held[self._order], self._starts)
        for name, at in zip(self._names, newest.tolist(), strict=True):
            self._view.tree.tell(self._prefix + name, data_at=from_ms(at) if at else None)


class LayerWiring(QObject):
    """Feeds the tree of one map view with what only the room knows."""

    def __init__(self, seat: Seat, view: MapView) -> None:
        super().__init__(view)
        self._seat = seat
        self._view = view
        self.sensors = KindRows(view, "sensor", MapLayer.SENSORS, LayerGroup.SENSORS, self._title, LIVE_STALE_S)
        self.cameras = KindRows(view, "camera", MapLayer.CAMERAS, LayerGroup.CAMERAS, kind_word, None)
        self.camera_times: NDArray[np.int64] = np.zeros(0, np.int64)
        """When each camera's health was last told, by the layer's columns."""

    def tell(self, now: datetime) -> None:
        """Counts and times as they are now."""
        room, tree = self._seat.pump.room, self._view.tree
        latest, held = self._seat.pump.latest, self._seat.pump.positions
        newest = int(latest.time_ms.max()) if len(latest.time_ms) else 0
        moved = int(held.time_ms.max()) if len(held.time_ms) else 0
        looked = int(self.camera_times.max()) if len(self.camera_times) else 0
        tree.tell(MapLayer.SENSORS, count=len(room.sensors), data_at=from_ms(newest) if newest else None)
        tree.tell(MapLayer.CAMERAS, count=len(room.cameras), data_at=from_ms(looked) if looked else None)
        self.sensors.tell_times(latest.time_ms)
        self.cameras.tell_times(self.camera_times)
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
