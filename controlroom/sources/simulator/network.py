"""Where vehicles can go: the district's road lines, and straight links between towns where no roads are known."""

import heapq
import math
from collections.abc import Iterator

import numpy as np

from controlroom.sources.simulator.geography import Geography, Line, distance_km

_DRIVABLE = frozenset(
    f"{kind}{suffix}" for kind in ("motorway", "trunk", "primary", "secondary", "tertiary") for suffix in ("", "_link")
) | {"unclassified", "residential"}
_JOIN_KM = 2.5
_LINKS_PER_TOWN = 3
_STEP_KM = 0.5


class Network:
    """A graph of road vertices. `nodes` is n x 2; `neighbours[i]` are (node, km). Built once, then only read.

    The road data covers the north of the district; in the south the links between towns are straight lines,
    a simulation's makeshift and no roads.
    """

    def __init__(self, geography: Geography) -> None:
        self._index: dict[tuple[float, float], int] = {}
        self._points: list[tuple[float, float]] = []
        self.neighbours: list[list[tuple[int, float]]] = []
        for road in geography.roads:
            if road.kind in _DRIVABLE:
                self._add_line(road.line, geography.inside(road.line))
        self.on_roads = len(self._points)
        self._join_parts()
        self.towns = [self._add_town((town.point.lon, town.point.lat)) for town in geography.towns]
        self.airport = self._add_town((geography.airport.lon, geography.airport.lat))
        self._link_towns([*self.towns, self.airport])
        self.nodes: Line = np.array(self._points)

    def nearest(self, lon: float, lat: float) -> int:
        """The node nearest to a point."""
        return int(np.argmin(distance_km(self.nodes, np.array([lon, lat]))))

    def route(self, start: int, goal: int) -> list[int]:
        """The shortest way from node to node, both included (Dijkstra); only the start when there is none."""
        best = {start: 0.0}
        came: dict[int, int] = {}
        queue = [(0.0, start)]
        while queue:
            km, node = heapq.heappop(queue)
            if node == goal:
                break
            if km > best[node]:
                continue
            for neighbour, length in self.neighbours[node]:
                further = km + length
                if further < best.get(neighbour, math.inf):
                    best[neighbour] = further
                    came[neighbour] = node
                    heapq.heappush(queue, (further, neighbour))
        if goal not in best:
            return [start]
        way = [goal]
        while way[-1] != start:
            way.append(came[way[-1]])
        return way[::-1]

    def _add_line(self, line: Line, inside: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> None:
        previous = -1
        for (lon, lat), within in zip(line.tolist(), inside.tolist(), strict=True):
            node = self._node((round(lon, 5), round(lat, 5))) if within else -1
            if previous >= 0 and node >= 0 and node != previous:
                self._join(previous, node)
            previous = node

    def _node(self, point: tuple[float, float]) -> int:
        node = self._index.get(point)
        if node is None:
            node = self._index[point] = len(self._points)
            self._points.append(point)
            self.neighbours.append([])
        return node

    def _join(self, a: int, b: int) -> None:
        km = float(distance_km(np.array(self._points[a]), np.array(self._points[b])))
        self.neighbours[a].append((b, km))
        self.neighbours[b].append((a, km))

    def _join_parts(self) -> None:
        """Link each part of the road graph to the largest, where it is near; bridges over gaps in the data."""
        parts = sorted(self._parts(), key=len, reverse=True)
        if not parts:
            return
        points = np.array(self._points)
        joined = list(parts[0])
        for part in parts[1:]:
            gaps = distance_km(points[part][:, None, :], points[joined][None, :, :])
            here, there = divmod(int(gaps.argmin()), len(joined))
            if gaps[here, there] <= _JOIN_KM:
                self._join(part[here], joined[there])
                joined += part

    def _parts(self) -> Iterator[list[int]]:
        seen: set[int] = set()
        for start in range(len(self._points)):
            if start in seen:
                continue
            part, waiting = [], [start]
            seen.add(start)
            while waiting:
                node = waiting.pop()
                part.append(node)
                fresh = {n for n, _km in self.neighbours[node]} - seen
                seen |= fresh
                waiting += sorted(fresh)
            yield part

    def _add_town(self, point: tuple[float, float]) -> int:
        town = self._node(point)
        roads = np.array(self._points[: self.on_roads])
        if self.on_roads:
            gaps = distance_km(roads, np.array(point))
            if gaps.min() <= _JOIN_KM and int(gaps.argmin()) != town:
                self._join(town, int(gaps.argmin()))
        return town

    def _link_towns(self, towns: list[int]) -> None:
        """Straight links of each town to its nearest ones, and of whatever is still apart to the rest."""
        points = np.array([self._points[town] for town in towns])
        gaps = distance_km(points[:, None, :], points[None, :, :])
        linked = {0}
        while len(linked) < len(towns):
            outside = [k for k in range(len(towns)) if k not in linked]
            inner = sorted(linked)
            a, b = divmod(int(gaps[np.ix_(inner, outside)].argmin()), len(outside))
            self._stretch(towns[inner[a]], towns[outside[b]])
            linked.add(outside[b])
        for k, town in enumerate(towns):
            for other in np.argsort(gaps[k])[1 : 1 + _LINKS_PER_TOWN].tolist():
                if k < other:
                    self._stretch(town, towns[other])

    def _stretch(self, a: int, b: int) -> None:
        start, end = np.array(self._points[a]), np.array(self._points[b])
        steps = max(1, round(float(distance_km(start, end)) / _STEP_KM))
        previous = a
        for n in range(1, steps + 1):
            lon, lat = (start + (end - start) * n / steps).tolist()
            node = b if n == steps else self._node((round(lon, 6), round(lat, 6)))
            if node != previous:
                self._join(previous, node)
            previous = node
