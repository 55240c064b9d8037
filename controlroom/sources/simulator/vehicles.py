"""Vehicles on the move: they wander over the network, and go where they are sent."""

from dataclasses import dataclass, field

import numpy as np

from controlroom.domain.vehicle import Vehicle
from controlroom.sources.simulator.geography import bearing_deg
from controlroom.sources.simulator.network import Network
from controlroom.wire.messages import Position


@dataclass(slots=True)
class _Unit:
    vehicle: Vehicle
    pace_kmh: float
    node: int
    following: int
    along_km: float = 0.0
    heading_deg: float = 0.0
    speed_kmh: float = 0.0
    way: list[int] = field(default_factory=list)
    bound: bool = False
    hurry: float = 1.0
    waits_s: float = 0.0


class Fleet:
    """Moves every vehicle along the network. One thread owns an instance; the same seed moves them the same way."""

    def __init__(
        self, vehicles: list[Vehicle], paces_kmh: list[float], network: Network, random: np.random.Generator
    ) -> None:
        self._network = network
        self._random = random
        starts = random.integers(0, len(network.nodes), len(vehicles)).tolist()
        self._units = [
            _Unit(vehicle, pace, node, self._onward(node, -1))
            for vehicle, pace, node in zip(vehicles, paces_kmh, starts, strict=True)
        ]
        for unit in self._units:
            self._turn(unit, unit.following)

    def step(self, seconds: float, time_ms: int) -> list[Position]:
        """Move for so long; where everybody is then."""
        for unit in self._units:
            self._move(unit, seconds)
        return [self._position(unit, time_ms) for unit in self._units]

    def dispatch(self, kind: str, count: int, lon: float, lat: float, hurry: float = 1.5) -> list[Vehicle]:
        """Send the nearest free vehicles of a kind to a point, where they stay until they are recalled.

        They go `hurry` times as fast as usual; the speed they report is at most twice the usual, so that an
        exercise that is shorter than the way shows no speeds that cannot be.
        """
        free = [unit for unit in self._units if unit.vehicle.kind == kind and not unit.bound]
        goal = self._network.nearest(lon, lat)
        nodes = self._network.nodes
        free.sort(key=lambda unit: float(np.hypot(*(nodes[unit.node] - nodes[goal]))))
        sent = free[:count]
        for unit in sent:
            unit.bound = True
            unit.hurry = hurry
            unit.waits_s = 0.0
            unit.way = self._network.route(unit.following, goal)[1:]
        return [unit.vehicle for unit in sent]

    def recall(self) -> list[Vehicle]:
        """Let everybody wander again who was sent somewhere."""
        recalled = [unit for unit in self._units if unit.bound]
        for unit in recalled:
            unit.bound = False
            unit.hurry = 1.0
            unit.way = []
        return [unit.vehicle for unit in recalled]

    def arrived(self) -> list[Vehicle]:
        """The vehicles that stand where they were sent."""
        return [u.vehicle for u in self._units if u.bound and not u.way and u.speed_kmh == 0.0]

    def _move(self, unit: _Unit, seconds: float) -> None:
        left_s = seconds
        if unit.waits_s > 0.0:
            waited = min(left_s, unit.waits_s)
            unit.waits_s -= waited
            left_s -= waited
            unit.speed_kmh = 0.0
        pace = unit.pace_kmh * unit.hurry
        left_km = pace * left_s / 3600.0
        while left_km > 0.0:
            length = self._length(unit)
            room = length - unit.along_km
            if left_km < room:
                unit.along_km += left_km
                unit.speed_kmh = min(pace, 2.0 * unit.pace_kmh)
                return
            left_km -= room
            if not self._arrive(unit):
                return

    def _arrive(self, unit: _Unit) -> bool:
        """At the end of a stretch: choose the next; False when the vehicle stands now."""
        if unit.bound and not unit.way:
            unit.along_km = self._length(unit)
            unit.speed_kmh = 0.0
            return False
        came, here = unit.node, unit.following
        unit.node = here
        self._turn(unit, unit.way.pop(0) if unit.way else self._onward(here, came))
        # Buses at stops, cars at red lights: a vehicle that never stops looks like none.
        if not unit.bound and self._random.random() < 0.04:
            unit.waits_s = float(self._random.uniform(4.0, 25.0))
            unit.speed_kmh = 0.0
            return False
        return True

    def _turn(self, unit: _Unit, following: int) -> None:
        unit.following = following
        unit.along_km = 0.0
        here, there = self._network.nodes[unit.node], self._network.nodes[following]
        if following != unit.node:
            unit.heading_deg = bearing_deg(here[0], here[1], there[0], there[1])

    def _onward(self, here: int, came: int) -> int:
        choices = [node for node, _km in self._network.neighbours[here] if node != came]
        if not choices:
            return came if came >= 0 else here
        return int(choices[self._random.integers(0, len(choices))])

    def _length(self, unit: _Unit) -> float:
        for node, km in self._network.neighbours[unit.node]:
            if node == unit.following:
                return km
        return 0.01

    def _position(self, unit: _Unit, time_ms: int) -> Position:
        here, there = self._network.nodes[unit.node], self._network.nodes[unit.following]
        part = min(1.0, unit.along_km / max(self._length(unit), 1e-9))
        lon, lat = (here + (there - here) * part).tolist()
        speed = 0.0 if unit.speed_kmh == 0.0 else unit.speed_kmh * float(self._random.uniform(0.9, 1.1))
        return Position(
            unit.vehicle.id, round(lon, 6), round(lat, 6), round(unit.heading_deg, 1), round(speed, 1), time_ms
        )
