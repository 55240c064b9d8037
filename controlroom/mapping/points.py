"""A layer of points as columns, which knows what of it the page has not seen yet."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from controlroom.mapping.coordinates import NOWHERE, Fixed, to_fixed
from controlroom.mapping.frames import AllStatesFrame, Frame, KindsFrame, PointsFrame, StatesFrame
from controlroom.mapping.layers import Bytes

_MANY = 4
"""From a quarter of all states on, sending all of them is shorter than sending indices."""


class PointLayer:
    """Points with ids, names, places and states, all by one index. `rejected` counts points without a usable place."""

    def __init__(self, number: int, state_count: int) -> None:
        self.number = number
        self.ids: tuple[str, ...] = ()
        self.names: tuple[str, ...] = ()
        self.x: Fixed = np.empty(0, np.uint32)
        self.y: Fixed = np.empty(0, np.uint32)
        self.state: Bytes = np.empty(0, np.uint8)
        self.kinds: tuple[str, ...] = ()
        """The names of the kinds that the points are of; `kind` u16[n] are positions in it."""
        self.kind: NDArray[np.uint16] = np.empty(0, np.uint16)
        self.rejected = 0
        self._state_count = state_count
        self._positions: dict[str, int] | None = None
        self._redraw = True
        self._changed: NDArray[np.bool_] = np.empty(0, np.bool_)

    def __len__(self) -> int:
        return len(self.ids)

    def replace(
        self,
        ids: Sequence[str],
        names: Sequence[str],
        lon: ArrayLike,
        lat: ArrayLike,
        state: ArrayLike,
        kinds: Sequence[str] = (),
    ) -> None:
        """All points anew, of several kinds or of none. Raises ValueError when the columns differ in length."""
        x, y = to_fixed(lon, lat)
        states = np.asarray(state)
        if not len(ids) == len(names) == len(x) == len(states):
            raise ValueError(f"columns of {len(ids)}, {len(names)}, {len(x)} and {len(states)} points")
        self.ids, self.names, self.x, self.y = tuple(ids), tuple(names), x, y
        if kinds and len(kinds) != len(x):
            raise ValueError(f"{len(kinds)} kinds of {len(x)} points")
        self.kinds = tuple(dict.fromkeys(kinds))
        number = {name: k for k, name in enumerate(self.kinds)}
        self.kind = np.fromiter((number[name] for name in kinds), np.uint16, len(kinds))
        self.state = self._known(states)
        self.rejected = int(np.count_nonzero(x == NOWHERE))
        self._positions = None
        self._redraw = True
        self._changed = np.zeros(len(x), np.bool_)

    def set_states(self, indices: ArrayLike, states: ArrayLike) -> int:
        """New states of some points; returns how many indices are not of this layer and were dropped."""
        index, state = np.asarray(indices, np.int64), self._known(np.asarray(states))
        if index.shape != state.shape:
            raise ValueError(f"{len(index)} indices with {len(state)} states")
        inside = (index >= 0) & (index < len(self.ids))
        dropped = len(index) - int(np.count_nonzero(inside))
        if dropped:
            index, state = index[inside], state[inside]
        moved = self.state[index] != state
        self._changed[index[moved]] = True
        self.state[index] = state
        return dropped

    def position_of(self, point_id: str) -> int | None:
        """The index of an id."""
        if self._positions is None:
            self._positions = {name: index for index, name in enumerate(self.ids)}
        return self._positions.get(point_id)

    def invalidate(self) -> None:
        """The page has lost everything."""
        self._redraw = True

    def take_frames(self) -> list[Frame]:
        """What the page must be told, and remembers that it was."""
        if self._redraw:
            self._redraw = False
            self._changed[:] = False
            points = PointsFrame(self.number, self.x, self.y, self.state.copy())
            return [points, KindsFrame(self.number, self.kind)] if len(self.kind) else [points]
        index = np.flatnonzero(self._changed)
        if not len(index):
            return []
        self._changed[index] = False
        if len(index) * _MANY > len(self.ids):
            return [AllStatesFrame(self.number, self.state.copy())]
        return [StatesFrame(self.number, index.astype(np.uint32), self.state[index])]

    def _known(self, states: NDArray[np.generic]) -> Bytes:
        """States that have a look; any other becomes 0, the unknown one."""
        wide = states.astype(np.int64)
        return np.where((wide >= 0) & (wide < self._state_count), wide, 0).astype(np.uint8)
