"""The stations of the bureau: sensors that stand together, and what was read there last."""

import math
from collections.abc import Callable, Iterable
from datetime import datetime

from msgspec import Struct

from controlroom.api import Point, Reading, Sensor

AIR = {"pm25": "pm25_24h", "pm10": "pm10_24h", "so2": "so2_1h", "no2": "no2_1h", "co": "co_1h", "o3": "o3_1h"}
"""Kind of sensor to column of HJ 633 for the hourly report; particles have no column of 1 h, that of 24 h serves."""

WATER = {
    "ph": "ph",
    "dissolved_oxygen": "do",
    "permanganate": "codmn",
    "ammonia_nitrogen": "nh3n",
    "total_phosphorus": "tp",
}
"""Kind of sensor to factor of GB 3838."""

NOISE = "noise"

_SEPARATORS = " ·-_.:/("


class Station(Struct, frozen=True):
    """Sensors of one medium at one place, by kind."""

    id: str
    name: str
    town: str
    point: Point | None
    sensors: dict[str, Sensor]


class Values(Struct, frozen=True):
    """What a station's sensors say now: `fresh` by kind; `stale` and `missing` name the kinds that say nothing.

    `newest` is the time of the newest reading, stale ones included; None when none was ever heard.
    """

    fresh: dict[str, float]
    stale: tuple[str, ...]
    missing: tuple[str, ...]
    newest: datetime | None

    @property
    def dead(self) -> bool:
        """Whether nothing is fresh."""
        return not self.fresh


def stations_of(sensors: Iterable[Sensor], kinds: Iterable[str]) -> list[Station]:
    """Group sensors of these kinds by where they stand; without a place, by their id up to its last separator."""
    wanted = set(kinds)
    places: dict[object, list[Sensor]] = {}
    for sensor in sensors:
        if sensor.kind in wanted:
            where = (sensor.point.lon, sensor.point.lat) if sensor.point is not None else _stem(sensor.id)
            places.setdefault(where, []).append(sensor)
    return sorted((_station(group) for group in places.values()), key=lambda station: (station.name, station.id))


def values_of(station: Station, read: Callable[[str], Reading | None], now: datetime) -> Values:
    """What the station's sensors say now."""
    fresh: dict[str, float] = {}
    stale: list[str] = []
    missing: list[str] = []
    newest: datetime | None = None
    for kind, sensor in station.sensors.items():
        reading = read(sensor.id)
        if reading is None or math.isnan(reading.value) or reading.quality != 0:
            missing.append(kind)
            continue
        newest = reading.at if newest is None else max(newest, reading.at)
        if (now - reading.at).total_seconds() > sensor.stale_after_s:
            stale.append(kind)
        else:
            fresh[kind] = reading.value
    return Values(fresh, tuple(stale), tuple(missing), newest)


def concentration(sensor: Sensor, value: float) -> float:
    """The value in the unit of the standards: CO in mg/m³, other gases and particles in µg/m³."""
    milligrams = sensor.unit.startswith("mg/")
    if sensor.kind == "co":
        return value if milligrams else value / 1000.0
    return value * 1000.0 if milligrams else value


def _station(group: list[Sensor]) -> Station:
    first = min(group, key=lambda sensor: sensor.id)
    name = _common_start([sensor.name for sensor in group])
    return Station(
        id=first.id,
        name=name or first.town or first.name,
        town=first.town,
        point=first.point,
        sensors={sensor.kind: sensor for sensor in sorted(group, key=lambda sensor: sensor.id, reverse=True)},
    )


def _common_start(names: list[str]) -> str:
    """What all names begin with, without what belongs to the substances («PM» of PM2.5 and PM10)."""
    shortest, longest = min(names), max(names)
    same = next((n for n, (a, b) in enumerate(zip(shortest, longest, strict=False)) if a != b), len(shortest))
    start = shortest[:same]
    return start.removesuffix("PM").rstrip(_SEPARATORS) if len(names) > 1 else start


def _stem(sensor: str) -> str:
    ends = [sensor.rfind(separator) for separator in _SEPARATORS]
    return sensor[: max(ends)] if max(ends) > 0 else sensor
