"""What lies inside a box or a drawn polygon, over columns of places: 169,000 points take a few milliseconds.

A polygon that crosses itself holds what its border winds round an odd number of times.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from controlroom.mapping.coordinates import NOWHERE, Fixed, to_fixed
from controlroom.mapping.frames import CHOSEN_FLEET, ChosenFrame, Frame

MOST_CORNERS = 500
"""A drawn polygon has no more corners; further ones are not heard."""

Indices = NDArray[np.int64]
Place = tuple[float, float]
"""Longitude and latitude, degrees WGS-84."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Chosen objects of one kind: its ids, and their positions in the kind's columns, the worst state first."""

    kind: str
    index: Indices
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What an area holds: the area's corners (lon, lat) and the groups that are not empty."""

    corners: tuple[Place, ...]
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        """How many objects there are in all."""
        return sum(len(group.ids) for group in self.groups)


NOTHING = Choice((), ())


def box(one: Place, other: Place) -> tuple[Place, ...]:
    """The corners of the box between two places, from the south-west against the clock."""
    west, east = sorted((one[0], other[0]))
    south, north = sorted((one[1], other[1]))
    return ((west, south), (east, south), (east, north), (west, north))


def inside(x: Fixed, y: Fixed, corners: Sequence[Place]) -> Indices:
    """Which places (fixed-point) lie inside a ring of corners. Raises ValueError for fewer than three."""
    if not 3 <= len(corners) <= MOST_CORNERS:
        raise ValueError(f"a polygon of {len(corners)} corners")
    ring_x, ring_y = to_fixed([c[0] for c in corners], [c[1] for c in corners])
    if np.any(ring_x == NOWHERE):
        raise ValueError("a corner outside the world")
    near = np.flatnonzero(
        (x >= ring_x.min()) & (x <= ring_x.max()) & (y >= ring_y.min()) & (y <= ring_y.max()) & (x != NOWHERE)
    )
    if len(corners) == 4 and np.all((ring_x == np.roll(ring_x, 1)) != (ring_y == np.roll(ring_y, 1))):
        return near
    px, py = x[near].astype(np.float64), y[near].astype(np.float64)
    odd = np.zeros(len(near), np.bool_)
    ax, ay = ring_x.astype(np.float64), ring_y.astype(np.float64)
    bx, by = np.roll(ax, -1), np.roll(ay, -1)
    for x1, y1, x2, y2 in zip(ax.tolist(), ay.tolist(), bx.tolist(), by.tolist(), strict=True):
        if y1 == y2:
            continue
        crosses = (y1 > py) != (y2 > py)
        odd ^= crosses & (px < x1 + (py - y1) * ((x2 - x1) / (y2 - y1)))
    return near[odd]


class ChosenPoints:
    """The objects that a map marks as chosen, and what of that its page has not seen yet."""

    def __init__(self) -> None:
        self.choice = NOTHING
        self._redraw = True
        self._layers: frozenset[int] = frozenset()

    def choose(self, choice: Choice) -> None:
        """Mark these and no others."""
        self.choice = choice
        self._redraw = True

    def invalidate(self) -> None:
        """The page has lost everything, or the columns are others."""
        self._redraw = True

    def remap(self, kind: str, position_of: Callable[[str], int | None]) -> None:
        """The columns of a kind are others: what is chosen of it is found again by its ids; what is gone is not."""
        groups = []
        for group in self.choice.groups:
            if group.kind == kind:
                found = [(at, name) for name in group.ids if (at := position_of(name)) is not None]
                group = Group(kind, np.array([at for at, _name in found], np.int64), tuple(name for _at, name in found))
            if group.ids:
                groups.append(group)
        self.choice = Choice(self.choice.corners, tuple(groups))
        self._redraw = True

    def index_of(self, kind: str) -> Indices:
        """Which of a kind are chosen."""
        return next((group.index for group in self.choice.groups if group.kind == kind), np.zeros(0, np.int64))

    def alarms(self) -> list[str]:
        """The ids of chosen alarms."""
        return [name for group in self.choice.groups if group.kind == "alarm" for name in group.ids]

    def take_frames(self, numbers: Mapping[str, int]) -> list[Frame]:
        """What the page must be told; `numbers` are the layers' numbers by kind."""
        if not self._redraw:
            return []
        self._redraw = False
        frames: list[Frame] = []
        told = {"vehicle": CHOSEN_FLEET, **numbers}
        chosen = {told[group.kind]: group.index for group in self.choice.groups if group.kind in told}
        for layer in sorted(self._layers | chosen.keys()):
            frames.append(ChosenFrame(layer, chosen.get(layer, np.zeros(0, np.int64)).astype(np.uint32)))
        self._layers = frozenset(chosen)
        return frames
