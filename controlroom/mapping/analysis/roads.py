"""The road network as a graph: what is nearest by road, and by line where there is no road."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, spatial

from controlroom.mapping.analysis.fault import AnalysisFault, Reason
from controlroom.mapping.coordinates import Floats

REACH_M = 500.0
"""How far from the network a place may lie to be reached by it; further away there is no network there."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How far one thing is: `by_road` or by line."""

    index: int
    metres: float
    by_road: bool
    path: Floats
    """The way f64[n, 2] in the plane, from the place to the thing."""


class Network:
    """Lines of the plane joined where they share a point (to a metre). Lengths are metres, either way."""

    def __init__(self, lines: Sequence[Floats], longest_m: float = 250.0) -> None:
        """`lines` are f64[n, 2]; long stretches are cut so that a place finds the road beside it."""
        pieces = [_cut(line[np.isfinite(line).all(1)], longest_m) for line in lines]
        pieces = [piece for piece in pieces if len(piece) > 1]
        if not pieces:
            raise AnalysisFault(Reason.EMPTY)
        points = np.concatenate(pieces)
        keys, inverse = np.unique(np.rint(points).astype(np.int64), axis=0, return_inverse=True)
        inverse = inverse.ravel()
        self.nodes: Floats = np.zeros((len(keys), 2))
        self.nodes[inverse] = points
        ends = np.cumsum([len(piece) for piece in pieces])
        start = np.ones(len(points), np.bool_)
        start[ends - 1] = False
        a = inverse[np.flatnonzero(start)]
        b = inverse[np.flatnonzero(start) + 1]
        real = a != b
        a, b = a[real], b[real]
        length = np.linalg.norm(self.nodes[a] - self.nodes[b], axis=1)
        # Two roads between the same nodes: the shorter counts, a sparse matrix would add them.
        order = np.lexsort((length, np.maximum(a, b), np.minimum(a, b)))
        low, high = np.minimum(a, b)[order], np.maximum(a, b)[order]
        first = np.concatenate([[True], (low[1:] != low[:-1]) | (high[1:] != high[:-1])])
        self.graph = sparse.csr_matrix((length[order][first], (low[first], high[first])), (len(keys),) * 2)
        self._tree = spatial.cKDTree(self.nodes)

    def nearest(self, x: float, y: float, things: Floats, count: int = 5) -> list[Reached]:
        """The `count` nearest of `things` f64[n, 2], those by road first measured to the road, over it and from it.

        A thing is told by line when it or the place is further than REACH_M from the network, or no road leads there.
        """
        if not np.isfinite([x, y]).all():
            raise AnalysisFault(Reason.NO_PLACE)
        good = np.isfinite(things).all(1) if len(things) else np.zeros(0, np.bool_)
        if not good.any():
            raise AnalysisFault(Reason.EMPTY)
        which, places = np.flatnonzero(good), things[good]
        line = np.hypot(places[:, 0] - x, places[:, 1] - y)
        off, node = self._tree.query((x, y))
        thing_off, thing_node = self._tree.query(places)
        road = np.full(len(places), np.inf)
        before = np.empty(0, np.int32)
        if off <= REACH_M:
            along, before = sparse.csgraph.dijkstra(
                self.graph, directed=False, indices=int(node), return_predecessors=True
            )
            near = thing_off <= REACH_M
            road[near] = off + along[thing_node[near]] + thing_off[near]
            # Both beside the same stretch: nobody drives a detour to a node of ours.
            road[near] = np.where(thing_node[near] == node, np.maximum(line[near], 0.0), road[near])
        metres = np.where(np.isfinite(road), road, line)
        found = []
        # What a road leads to comes first: a line says nothing of how long one drives.
        for k in np.lexsort((metres, ~np.isfinite(road)))[:count]:
            by_road = bool(np.isfinite(road[k]))
            way = self._way(before, int(node), int(thing_node[k])) if by_road else np.empty((0, 2))
            path = np.concatenate([[[x, y]], way, places[k : k + 1]])
            found.append(Reached(int(which[k]), float(metres[k]), by_road, path))
        return found

    def _way(self, before: NDArray[np.int32], start: int, end: int) -> Floats:
        nodes = [end]
        while nodes[-1] != start and before[nodes[-1]] >= 0:
            nodes.append(int(before[nodes[-1]]))
        way: Floats = self.nodes[nodes[::-1]] if start != end else np.empty((0, 2))
        return way


def nearest_by_line(x: float, y: float, things: Floats, count: int = 5) -> list[Reached]:
    """The nearest as the crow flies, where there is no network at all."""
    if not np.isfinite([x, y]).all():
        raise AnalysisFault(Reason.NO_PLACE)
    metres = np.hypot(things[:, 0] - x, things[:, 1] - y) if len(things) else np.zeros(0)
    good = np.flatnonzero(np.isfinite(metres))
    if not len(good):
        raise AnalysisFault(Reason.EMPTY)
    order = good[np.argsort(metres[good], kind="stable")][:count]
    return [Reached(int(k), float(metres[k]), False, np.array([[x, y], things[k]])) for k in order]


def _cut(line: Floats, longest_m: float) -> Floats:
    if len(line) < 2:
        return line
    length = np.linalg.norm(np.diff(line, axis=0), axis=1)
    parts = np.maximum(np.ceil(length / longest_m).astype(np.int64), 1)
    pieces = [
        a + (b - a) * np.linspace(0, 1, k, endpoint=False)[:, None]
        for a, b, k in zip(line, line[1:], parts, strict=False)
    ]
    return np.concatenate([*pieces, line[-1:]])
