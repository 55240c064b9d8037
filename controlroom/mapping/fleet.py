"""The vehicles of a map as columns: where each was last heard of, and what of it the page has not seen yet."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from controlroom.mapping.coordinates import NOWHERE, Fixed, to_fixed
from controlroom.mapping.frames import FleetFrame, Frame, MovesFrame

_EVERYDAY = frozenset({"", "bus", "taxi", "truck", "coach", "公交", "出租", "货车", "客车"})
"""Kinds that are drawn small; every other kind is a service that an officer directs."""


def is_service(kind: str) -> bool:
    """Whether a vehicle of this kind is one that an officer directs."""
    return kind.lower() not in _EVERYDAY


STALE_AFTER_MS = 30_000
"""A vehicle that was silent for so long is drawn dimmed."""


class Fleet:
    """Vehicles by index. `rejected` counts positions that were dropped: unknown index, or no place in the world."""

    def __init__(self) -> None:
        self.ids: tuple[str, ...] = ()
        self.names: tuple[str, ...] = ()
        self.kinds: tuple[str, ...] = ()
        self.rejected = 0
        self.newest_ms = 0
        self.vehicle_class: NDArray[np.uint8] = np.empty(0, np.uint8)
        self._allocate(0)
        self._redraw = True

    def __len__(self) -> int:
        return len(self.ids)

    def replace(self, ids: Sequence[str], names: Sequence[str], kinds: Sequence[str]) -> None:
        """The vehicles anew; those that were known keep their place. Raises ValueError when lengths differ."""
        if not len(ids) == len(names) == len(kinds):
            raise ValueError(f"columns of {len(ids)}, {len(names)} and {len(kinds)} vehicles")
        held = {name: index for index, name in enumerate(self.ids)}
        x, y, heading, time_ms = self.x, self.y, self.heading, self.time_ms
        self.ids, self.names, self.kinds = tuple(ids), tuple(names), tuple(kinds)
        self.vehicle_class = np.array([is_service(kind) for kind in kinds], np.uint8)
        self._allocate(len(ids))
        kept = [(new, held[name]) for new, name in enumerate(ids) if name in held]
        if kept:
            new, old = np.array(kept).T
            self.x[new], self.y[new], self.heading[new], self.time_ms[new] = x[old], y[old], heading[old], time_ms[old]
        self.newest_ms = int(self.time_ms.max(initial=0))
        self._redraw = True

    def move(self, index: ArrayLike, lon: ArrayLike, lat: ArrayLike, heading: ArrayLike, time_ms: ArrayLike) -> None:
        """New positions (WGS-84 degrees, degrees clockwise from north, ms UTC); what cannot be drawn is dropped."""
        which = np.asarray(index, np.int64)
        x, y = to_fixed(lon, lat)
        good = (which >= 0) & (which < len(self.ids)) & (x != NOWHERE)
        self.rejected += len(which) - int(np.count_nonzero(good))
        which = which[good]
        if not len(which):
            return
        self.x[which], self.y[which] = x[good], y[good]
        self.heading[which] = np.nan_to_num(np.asarray(heading, np.float32)[good])
        times = np.asarray(time_ms, np.int64)[good]
        self.time_ms[which] = times
        self.newest_ms = max(self.newest_ms, int(times.max()))
        self._changed[which] = True

    def position_of(self, vehicle_id: str) -> int | None:
        """The index of an id."""
        try:
            return self.ids.index(vehicle_id)
        except ValueError:
            return None

    def invalidate(self) -> None:
        """The page has lost everything."""
        self._redraw = True

    def take_frames(self) -> list[Frame]:
        """What the page must be told, and remembers that it was."""
        frames: list[Frame] = []
        if self._redraw:
            self._redraw = False
            frames.append(FleetFrame(self.vehicle_class))
            self._changed[:] = self.x != NOWHERE
        which = np.flatnonzero(self._changed)
        if len(which):
            self._changed[which] = False
            frames.append(
                MovesFrame(
                    self.time_ms[which].astype(np.float64),
                    which.astype(np.uint32),
                    self.x[which],
                    self.y[which],
                    self.heading[which],
                )
            )
        return frames

    def _allocate(self, count: int) -> None:
        self.x: Fixed = np.full(count, NOWHERE, np.uint32)
        self.y: Fixed = np.full(count, NOWHERE, np.uint32)
        self.heading: NDArray[np.float32] = np.zeros(count, np.float32)
        self.time_ms: NDArray[np.int64] = np.zeros(count, np.int64)
        self._changed: NDArray[np.bool_] = np.zeros(count, np.bool_)
