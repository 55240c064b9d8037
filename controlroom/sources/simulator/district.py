"""Generates the simulated district: the same seed and sizes give the same district, byte for byte."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

import resources
from controlroom.domain.camera import Camera, CameraHealth
from controlroom.domain.kinds import SensorKind, decode_kinds
from controlroom.domain.place import Point
from controlroom.domain.sensor import Sensor
from controlroom.domain.vehicle import Vehicle
from controlroom.sources.simulator.geography import KM_PER_LAT, Geography, Town
from controlroom.sources.simulator.network import Network

_AREA_CODE = "11011500"
_CAMERA_TYPE = "132"
_ON_ROADS = 0.6
_FALL = np.array([1.0, -1.0])
"""Where water runs in a course of one town: the plain falls to the south-east."""

Share = Annotated[float, Meta(ge=0.0, le=1.0)]


class Site(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of place with sensors (resources/data/simulation/district.toml)."""

    name: str
    kinds: Annotated[tuple[str, ...], Meta(min_length=1)]
    share: Share
    at_most: int
    department: str
    towns: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    zone: str = ""
    shared_with: tuple[str, ...] = ()


class Course(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A river, pipe or gallery: what measures it, and the towns that it passes, in the order of the flow."""

    name: str
    kinds: Annotated[tuple[str, ...], Meta(min_length=1)]
    towns: Annotated[tuple[str, ...], Meta(min_length=1)]


class Squad(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of vehicle and how fast it goes."""

    kind: str
    name: str
    share: Share
    speed_kmh: tuple[float, float]
    department: str


class CameraNames(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How cameras are called, whom they belong to, and which kinds of sensors every second one looks at."""

    names: Annotated[tuple[str, ...], Meta(min_length=1)]
    departments: Annotated[tuple[str, ...], Meta(min_length=1)]
    kinds: Annotated[tuple[str, ...], Meta(min_length=1)]
    airport: str
    offline_share: Share
    watches: tuple[str, ...] = ()


class Blueprint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the district consists of; the last site takes what the others leave."""

    site: Annotated[tuple[Site, ...], Meta(min_length=1)]
    vehicle: Annotated[tuple[Squad, ...], Meta(min_length=1)]
    cameras: CameraNames
    course: tuple[Course, ...] = ()


@dataclasses.dataclass(frozen=True)
class District:
    """The simulated district. `points` is n x 2 (lon, lat), one row per sensor; `paces_kmh` one per vehicle."""

    sensors: tuple[Sensor, ...]
    points: NDArray[np.float64]
    cameras: tuple[Camera, ...]
    vehicles: tuple[Vehicle, ...]
    paces_kmh: tuple[float, ...]
    towns: tuple[Town, ...]


def load_kinds() -> dict[str, SensorKind]:
    """The kinds of sensors."""
    return decode_kinds(resources.path("data", "sensor_kinds.toml").read_bytes())


def load_blueprint() -> Blueprint:
    """The blueprint that travels with the program."""
    return msgspec.toml.decode(resources.path("data", "simulation", "district.toml").read_bytes(), type=Blueprint)


def generate(
    geography: Geography,
    network: Network,
    kinds: Mapping[str, SensorKind],
    blueprint: Blueprint,
    *,
    seed: int = 1,
    sensors: int = 600,
    cameras: int = 60,
    vehicles: int = 90,
) -> District:
    """A district of about so many sensors and exactly so many cameras and vehicles."""
    made, points = _sensors(geography, kinds, blueprint, np.random.default_rng([seed, 1]), sensors)
    units, paces = _vehicles(blueprint, np.random.default_rng([seed, 3]), vehicles)
    return District(
        sensors=tuple(_chained(made, blueprint.course, geography.towns)),
        points=points,
        cameras=tuple(
            _watching(
                _cameras(geography, network, blueprint.cameras, np.random.default_rng([seed, 2]), cameras),
                [sensor for sensor in made if sensor.kind in blueprint.cameras.watches],
                geography,
                np.random.default_rng([seed, 5]),
            )
        ),
        vehicles=tuple(units),
        paces_kmh=tuple(paces),
        towns=geography.towns,
    )


def _sites_per_kind(blueprint: Blueprint, sensors: int) -> list[int]:
    counts = [min(site.at_most, max(1, round(site.share * sensors / len(site.kinds)))) for site in blueprint.site[:-1]]
    taken = sum(count * len(site.kinds) for count, site in zip(counts, blueprint.site, strict=False))
    return [*counts, max(1, (sensors - taken) // len(blueprint.site[-1].kinds))]


def _sensors(
    geography: Geography,
    kinds: Mapping[str, SensorKind],
    blueprint: Blueprint,
    random: np.random.Generator,
    sensors: int,
) -> tuple[list[Sensor], NDArray[np.float64]]:
    made: list[Sensor] = []
    points: list[NDArray[np.float64]] = []
    for site, count in zip(blueprint.site, _sites_per_kind(blueprint, sensors), strict=True):
        towns = [t for t in geography.towns if not site.towns or t.name in site.towns] or list(geography.towns)
        order = random.permutation(len(towns)).tolist()
        for turn, k in enumerate(order):
            here = count // len(towns) + (turn < count % len(towns))
            for n, point in enumerate(geography.scatter(towns[k], here, random).round(6).tolist(), 1):
                made += _of_site(site, towns[k], n, Point(*point), kinds)
                points.append(np.repeat([point], len(site.kinds), axis=0))
    return made, np.concatenate(points)


def _of_site(site: Site, town: Town, n: int, point: Point, kinds: Mapping[str, SensorKind]) -> list[Sensor]:
    several = len(site.kinds) > 1
    return [
        Sensor(
            id=f"{kind}-{town.code[6:9]}-{n:04}",
            name=f"{_short(town.name)}{site.name}{n:02}{' ' + kinds[kind].name if several else ''}",
            kind=kind,
            unit=kinds[kind].unit,
            point=point,
            town=town.name,
            department=site.department,
            departments=site.shared_with,
            zone=site.zone,
            model=site.models[n % len(site.models)] if site.models else "",
            limits=kinds[kind].limits,
            deadband=kinds[kind].deadband,
            stale_after_s=kinds[kind].stale_after_s,
            delay_s=kinds[kind].delay_s,
        )
        for kind in site.kinds
    ]


def _chained(sensors: list[Sensor], courses: tuple[Course, ...], towns: tuple[Town, ...]) -> list[Sensor]:
    """The sensors with those next to them against the flow; a town's own follow each other downstream."""
    places = {town.name: np.array([town.point.lon, town.point.lat]) for town in towns}
    made = list(sensors)
    for course in courses:
        passed = [name for name in course.towns if name in places]
        for kind in course.kinds:
            before = ""
            for number, name in enumerate(passed):
                ends = [places[passed[max(number - 1, 0)]], places[passed[min(number + 1, len(passed) - 1)]]]
                flow = ends[1] - ends[0] if len(passed) > 1 else _FALL
                here = [n for n, s in enumerate(made) if s.kind == kind and s.town == name and s.point is not None]
                for n in sorted(here, key=lambda k: _along(made[k].point, flow)):
                    made[n] = msgspec.structs.replace(made[n], upstream=(before,) if before else ())
                    before = made[n].id
    return made


def _along(point: Point | None, flow: NDArray[np.float64]) -> float:
    return 0.0 if point is None else float(point.lon * flow[0] + point.lat * flow[1])


def _cameras(
    geography: Geography, network: Network, names: CameraNames, random: np.random.Generator, count: int
) -> list[Camera]:
    """The first camera is the airport's; of the others more than half stand on known roads, the rest in the towns."""
    places = [geography.airport]
    on_roads = min(round((count - 1) * _ON_ROADS), network.on_roads) if count > 1 else 0
    places += [Point(*network.nodes[n].tolist()) for n in random.permutation(network.on_roads)[:on_roads].tolist()]
    towns = geography.towns
    for k in range(count - len(places)):
        town = towns[k % len(towns)]
        places.append(Point(*geography.scatter(town, 1, random)[0].round(6).tolist()))
    # Streams go to the first cameras; mixed, they are not all in the same part of the district.
    order = [0, *(1 + random.permutation(max(0, len(places) - 1))).tolist()]
    per_town: dict[str, int] = {}
    made = []
    for number, place in enumerate([places[k] for k in order][:count], 1):
        town = _nearest_town(place, towns)
        per_town[town.code] = n = per_town.get(town.code, 0) + 1
        template = names.names[int(random.integers(len(names.names)))]
        offline = random.random() < names.offline_share
        made.append(
            Camera(
                id=f"{_AREA_CODE}00{_CAMERA_TYPE}0{number:06}",
                name=names.airport if number == 1 else template.format(town=_short(town.name), n=n),
                point=place,
                heading_deg=float(random.integers(0, 72)) * 5.0,
                view_deg=float(random.choice([45.0, 60.0, 90.0])),
                range_m=float(random.choice([80.0, 120.0, 200.0])),
                town=town.name,
                department=names.departments[int(random.integers(len(names.departments)))],
                kind=names.kinds[number % len(names.kinds)],
                health=CameraHealth.OFFLINE if offline and number > 1 else CameraHealth.ONLINE,
            )
        )
    return made


def _watching(
    cameras: list[Camera], sensors: list[Sensor], geography: Geography, random: np.random.Generator
) -> list[Camera]:
    """Every second camera stands near a measuring point and looks at it, as those at underpasses and rivers do."""
    made = list(cameras)
    chosen = random.permutation(len(sensors))[: len(made) // 2].tolist()
    for number, sensor in zip(range(1, len(made), 2), (sensors[k] for k in chosen), strict=False):
        there, away_m, bearing = sensor.point, float(random.uniform(30.0, 70.0)), float(random.integers(0, 72)) * 5.0
        if there is None:
            continue
        degrees = away_m / (1000.0 * KM_PER_LAT)
        lat = there.lat - degrees * math.cos(math.radians(bearing))
        lon = there.lon - degrees * math.sin(math.radians(bearing)) / math.cos(math.radians(there.lat))
        place = Point(round(lon, 6), round(lat, 6))
        if geography.inside(np.array([[place.lon, place.lat]]))[0]:
            name, town = f"{sensor.name}监控", sensor.town
            made[number] = msgspec.structs.replace(made[number], name=name, point=place, heading_deg=bearing, town=town)
    return made


def _vehicles(blueprint: Blueprint, random: np.random.Generator, count: int) -> tuple[list[Vehicle], list[float]]:
    counts = [max(1, round(squad.share * count)) for squad in blueprint.vehicle]
    counts[0] = max(0, counts[0] + count - sum(counts))
    made: list[Vehicle] = []
    paces: list[float] = []
    for squad, size in zip(blueprint.vehicle, counts, strict=True):
        for n in range(1, size + 1):
            name = squad.name.format(n=n)
            made.append(Vehicle(id=f"{squad.kind}-{n:03}", name=name, kind=squad.kind, department=squad.department))
            paces.append(float(random.uniform(*squad.speed_kmh)))
    return made[:count], paces[:count]


def _nearest_town(place: Point, towns: tuple[Town, ...]) -> Town:
    return min(towns, key=lambda t: ((t.point.lon - place.lon) * 0.77) ** 2 + (t.point.lat - place.lat) ** 2)


def _short(name: str) -> str:
    """A town's name without its second name in brackets."""
    return name.partition("(")[0]
