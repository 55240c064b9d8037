"""The sensors of one kind nearest to a point, over all that a room has declared."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.place import Point
from controlroom.domain.sensor import Sensor

CHUNK = 10_000
"""Sensors that are sorted into columns between two yields: a few milliseconds of work."""

_M_PER_DEGREE = 111_195.0


class Places:
    """Where the sensors of each kind stand, as columns; it is filled once and asked often. One thread owns it."""

    def __init__(self) -> None:
        self._kinds: dict[str, tuple[tuple[str, ...], NDArray[np.float64]]] = {}

    def fill(self, sensors: Mapping[str, Sensor]) -> Iterator[None]:
        """Take in these sensors; yields now and then, so that its owner can do other things between."""
        held: dict[str, tuple[list[str], list[tuple[float, float]]]] = {}
        for number, sensor in enumerate(list(sensors.values())):
            if sensor.point is not None:
                ids, points = held.setdefault(sensor.kind, ([], []))
                ids.append(sensor.id)
                points.append((sensor.point.lon, sensor.point.lat))
            if number % CHUNK == CHUNK - 1:
                yield
        for kind, (ids, points) in held.items():
            self._kinds[kind] = tuple(ids), np.array(points, np.float64)
            if len(ids) >= CHUNK:
                yield

    def nearest(
        self, kind: str, point: Point, within_m: float, most: int, without: Iterable[str] = ()
    ) -> list[tuple[str, float]]:
        """Ids and distances in metres of the nearest of a kind, the nearest first."""
        ids, points = self._kinds.get(kind, ((), np.empty((0, 2))))
        if not ids:
            return []
        gap = points - (point.lon, point.lat)
        gap[:, 0] *= np.cos(np.radians(point.lat))
        distance = np.hypot(gap[:, 0], gap[:, 1]) * _M_PER_DEGREE
        left_out = frozenset(without)
        wanted = min(most + len(left_out), len(ids))
        near = np.argpartition(distance, wanted - 1)[:wanted]
        near = near[np.lexsort((near, distance[near]))]
        found = [(ids[n], float(distance[n])) for n in near.tolist() if distance[n] <= within_m]
        return [(identity, metres) for identity, metres in found if identity not in left_out][:most]
