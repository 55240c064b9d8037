"""The other backends of the district on a calm day: hotline, lamp-posts, video platform and so on."""

from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta, Struct

import resources
from controlroom.domain.place import Point
from controlroom.domain.severity import Severity
from controlroom.domain.times import Instant
from controlroom.sources.simulator.district import District
from controlroom.wire.messages import AlarmRecord, ClearRecord

_SLOTS = 6
_LEFTOVERS_S = (300.0, 1500.0)


class Template(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of event (resources/data/simulation/backends.toml, which explains the fields)."""

    key: str
    source: str
    kind: str
    severity: Severity
    title: str
    text: str
    department: str
    weight: Annotated[float, Meta(gt=0.0)]
    lasts_s: tuple[float, float]
    at: Literal["town", "camera"] = "town"


class _Templates(Struct, forbid_unknown_fields=True):
    event: Annotated[tuple[Template, ...], Meta(min_length=1)]


Told = tuple[str, AlarmRecord | ClearRecord]
"""A source and its record."""


def load_templates() -> tuple[Template, ...]:
    """The templates that travel with the program."""
    raw = resources.path("data", "simulation", "backends.toml").read_bytes()
    return msgspec.toml.decode(raw, type=_Templates).event


class Backends:
    """Raises events about every `mean_s` seconds, the first ones when told, and clears them after a while.

    Keys come from a small fixed set, so that a simulator that is started again takes over what an earlier one left:
    leftovers are cleared in their turn.
    """

    def __init__(
        self,
        templates: tuple[Template, ...],
        district: District,
        *,
        seed: int,
        mean_s: float,
        first_s: tuple[float, ...] = (),
    ) -> None:
        self._templates = templates
        self._district = district
        self._random = np.random.default_rng([seed, 5])
        weights = np.array([t.weight for t in templates])
        self._weights = weights / weights.sum()
        self._mean_s = mean_s
        self._planned = sorted(first_s, reverse=True)
        self._next_s = max(first_s, default=0.0) + self._pause()
        self._open: dict[tuple[str, str], float] = {}
        for template in templates:
            for slot in range(_SLOTS):
                self._open[(template.source, f"{template.key}/{slot}")] = float(self._random.uniform(*_LEFTOVERS_S))
        self._leftover = set(self._open)

    def step(self, elapsed_s: float, at: Instant) -> list[Told]:
        """What the backends tell by now."""
        told: list[Told] = []
        while self._planned and self._planned[-1] <= elapsed_s:
            self._planned.pop()
            told += self._raise(elapsed_s, at)
        if elapsed_s >= self._next_s:
            self._next_s = elapsed_s + self._pause()
            told += self._raise(elapsed_s, at)
        over = [key for key, until_s in self._open.items() if elapsed_s >= until_s]
        for source, key in over:
            del self._open[(source, key)]
            self._leftover.discard((source, key))
            told.append((source, ClearRecord(key=key, occurred_at=at)))
        return told

    def _pause(self) -> float:
        """Between half and double the mean, since a room without a word for long looks dead."""
        return self._mean_s * float(self._random.uniform(0.5, 1.5))

    def _raise(self, elapsed_s: float, at: Instant) -> list[Told]:
        template = self._templates[int(self._random.choice(len(self._templates), p=self._weights))]
        busy = self._open.keys() - self._leftover
        free = [s for s in range(_SLOTS) if (template.source, f"{template.key}/{s}") not in busy]
        if not free:
            return []
        slot = free[int(self._random.integers(len(free)))]
        identity = (template.source, f"{template.key}/{slot}")
        self._leftover.discard(identity)
        self._open[identity] = elapsed_s + float(self._random.uniform(*template.lasts_s))
        return [(template.source, self._record(template, identity[1], at))]

    def _record(self, template: Template, key: str, at: Instant) -> AlarmRecord:
        random, district = self._random, self._district
        camera = district.cameras[int(random.integers(len(district.cameras)))] if district.cameras else None
        town = district.towns[int(random.integers(len(district.towns)))]
        point, place = town.point, town.name
        if template.at == "camera" and camera is not None and camera.point is not None:
            point, place = camera.point, camera.town
        sites = np.flatnonzero([sensor.town == place for sensor in district.sensors])
        if template.at == "town" and len(sites):
            # Where a sensor stands, people live.
            lon, lat = district.points[int(sites[int(random.integers(len(sites)))])].tolist()
            point = Point(lon, lat)
        return AlarmRecord(
            key=key,
            severity=template.severity,
            title=template.title.format(
                town=place.partition("(")[0], n=int(random.integers(1, 60)), camera=camera.name if camera else place
            ),
            occurred_at=at,
            kind=template.kind,
            text=template.text,
            place=place,
            point=point,
            camera=camera.id if camera is not None and template.at == "camera" else "",
            department=template.department,
        )
