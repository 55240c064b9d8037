"""The limits that hold for a sensor at a time: by standard, edition, zone, day and night."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from controlroom.domain.kinds import SensorKind
from controlroom.domain.sensor import Limit, Sensor
from controlroom.domain.severity import Severity
from controlroom.domain.standards import air, dated, flood, gas, hydrant, noise, water, weather
from controlroom.domain.standards.water import WaterClass
from resources import data

ZONE = ZoneInfo("Asia/Shanghai")
"""The district's time, by which days and nights are told."""

JURISDICTION = "110115"

STANDARDS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "air": air.parse,
    "water": water.parse,
    "noise": noise.parse,
    "flood": flood.parse,
    "hydrant": hydrant.parse,
    "gas": gas.parse,
    "weather": weather.parse,
}
"""What reads the table of each standard. Raises msgspec.ValidationError."""

_AIR = {"pm25": "24h", "pm10": "24h", "o3": "1h", "no2": "1h", "so2": "1h", "co": "1h"}
_AIR_INDEX = {Severity.BLUE: 100, Severity.YELLOW: 150, Severity.ORANGE: 200, Severity.RED: 300}
_WATER = {
    "dissolved_oxygen": "do",
    "ammonia_nitrogen": "nh3n",
    "total_phosphorus": "tp",
    "permanganate": "codmn",
    "ph": "ph",
}
_WATER_ZONES = {"Ⅰ": 1, "Ⅱ": 2, "Ⅲ": 3, "Ⅳ": 4, "Ⅴ": 5}
_LOUDER = 10.0
"""dB(A) over the limit of its zone from which noise is yellow and not blue: a house figure."""

Limits = tuple[Limit, ...]


class LimitBook:
    """Answers which limits hold for a sensor at a time; immutable.

    A sensor that declares limits of its own has those, at any time. Others have the limits of the standard of their
    kind as it was in force on the local day, and where no standard speaks those of the table of kinds. Which severity
    belongs to which limit of a standard is a choice of this house.
    """

    def __init__(self, kinds: Mapping[str, SensorKind], table: Callable[[str], Mapping[str, Any]]) -> None:
        """`table` gives the decoded TOML below `standards/` by its name. Raises msgspec.ValidationError."""
        self._kinds = kinds
        self._air = air.parse(table("air"))
        self._water = water.parse(table("water"))
        self._noise = noise.parse(table("noise"))
        self._flood = flood.parse(table("flood"))
        self._hydrant = hydrant.parse(table("hydrant"))
        self._gas = gas.parse(table("gas"))
        self._weather = weather.parse(table("weather"))
        self._by_kind: dict[str, Callable[[Sensor, datetime], Limits]] = {
            **dict.fromkeys(_AIR, self._of_air),
            **dict.fromkeys(_WATER, self._of_water),
            "noise": self._of_noise,
            "flood_depth": self._of_flood,
            "rain": self._of_rain,
            "hydrant_pressure": self._of_hydrant,
            "combustible_gas": self._of_gas,
            "methane": self._of_gas,
            "hydrogen_sulfide": self._of_gas,
            "oxygen": self._of_gas,
        }

    def in_force(self, _sensor: Sensor, _at: datetime) -> None:
        """The book knows nothing of what else is so: no context puts anything in force here."""

    def limits_at(self, sensor: Sensor, at: datetime) -> Limits:
        """The limits that hold for a sensor at a time, for example to draw the band of a past day."""
        kind = self._kinds.get(sensor.kind)
        declared = sensor.limits
        if declared and (kind is None or declared != kind.limits):
            return declared
        of_kind = self._by_kind.get(sensor.kind)
        if of_kind is not None:
            return of_kind(sensor, at.astimezone(ZONE))
        return declared or (kind.limits if kind is not None else ())

    def basis_at(self, sensor: Sensor, at: datetime) -> str:
        """Standard and edition of these limits; empty for limits that the sensor declared itself."""
        kind, day = self._kinds.get(sensor.kind), at.astimezone(ZONE).date()
        if kind is None or (sensor.limits and sensor.limits != kind.limits):
            return ""
        if sensor.kind in _AIR:
            return self._air.edition_on(day).name
        if sensor.kind in _WATER:
            return self._water.edition
        if sensor.kind == "noise" and sensor.zone in self._noise.limits:
            return self._noise.edition
        if sensor.kind == "flood_depth":
            return dated.in_force(self._flood.editions, day, JURISDICTION).name
        if sensor.kind == "rain":
            return weather.rows_of(self._weather, "rainstorm", day, JURISDICTION)[0]
        return kind.source

    def judged(self, sensor: Sensor, at: datetime) -> Sensor:
        """The sensor with the limits that hold for it at a time."""
        limits = self.limits_at(sensor, at)
        return sensor if limits == sensor.limits else msgspec.structs.replace(sensor, limits=limits)

    def dated(self, sensor: Sensor) -> bool:
        """Whether its limits depend on the time."""
        return sensor.kind in self._by_kind

    def validity(self, at: datetime) -> tuple[object, ...]:
        """Changes exactly when the limits of some sensor may: with an edition, and with day and night."""
        local = at.astimezone(ZONE)
        return (
            self._air.edition_on(local.date()).name,
            dated.in_force(self._flood.editions, local.date(), JURISDICTION).name,
            weather.rows_of(self._weather, "rainstorm", local.date(), JURISDICTION)[0],
            noise.is_night(self._noise, local.time()),
        )

    def _of_air(self, sensor: Sensor, local: datetime) -> Limits:
        """HJ 633, the concentrations of IAQI 100, 150, 200, 300; averages of hours, compared as an early sign."""
        column = self._air.edition_on(local.date()).breakpoints[f"{sensor.kind}_{_AIR[sensor.kind]}"]
        rows = ((severity, self._air.iaqi.index(index)) for severity, index in _AIR_INDEX.items())
        return tuple(Limit(severity=severity, above=float(column[row])) for severity, row in rows if row < len(column))

    def _of_water(self, sensor: Sensor, local: datetime) -> Limits:
        """GB 3838-2002 table 1: worse than the target class (Ⅲ where none is declared) is blue, each class a colour."""
        factor, target = _WATER[sensor.kind], _WATER_ZONES.get(sensor.zone, int(WaterClass.III))
        standard = self._water
        if factor == "ph":
            low, high = standard.ph
            return (Limit(severity=Severity.YELLOW, above=high), Limit(severity=Severity.YELLOW, below=low))
        good = factor in standard.at_least
        column = standard.at_least[factor] if good else standard.at_most[factor]
        limits = []
        for severity, row in zip((Severity.BLUE, Severity.YELLOW, Severity.ORANGE), range(target - 1, 5), strict=False):
            at = column[row]
            limits.append(Limit(severity=severity, below=at) if good else Limit(severity=severity, above=at))
        return tuple(limits)

    def _of_noise(self, sensor: Sensor, local: datetime) -> Limits:
        """GB 3096-2008 table 1 by zone, day and night; a sensor that declares no zone has the limits of its kind."""
        if sensor.zone not in self._noise.limits:
            kind = self._kinds.get("noise")
            return sensor.limits or (kind.limits if kind is not None else ())
        limit = noise.noise_limit(self._noise, sensor.zone, local.time())
        return (Limit(severity=Severity.BLUE, above=limit), Limit(severity=Severity.YELLOW, above=limit + _LOUDER))

    def _of_flood(self, _sensor: Sensor, local: datetime) -> Limits:
        levels = dated.in_force(self._flood.editions, local.date(), JURISDICTION).levels
        return tuple(Limit(severity=level.severity, above=level.depth_cm) for level in levels)

    def _of_rain(self, _sensor: Sensor, local: datetime) -> Limits:
        """The one-hour figures of Beijing's rainstorm signals."""
        _name, rows = weather.rows_of(self._weather, "rainstorm", local.date(), JURISDICTION)
        found = []
        for row in sorted(rows, key=lambda row: -row.severity):
            for alternative in row.any:
                bound = alternative.get("rain_1h_mm")
                if bound is not None and len(alternative) == 1:
                    found.append(Limit(severity=row.severity, above=bound.above or bound.at_least))
        return tuple(found)

    def _of_hydrant(self, _sensor: Sensor, _local: datetime) -> Limits:
        """GB 50974-2014 clause 7.2.8; the upper limit is a house figure."""
        standard = self._hydrant
        return (
            Limit(severity=Severity.YELLOW, below=standard.rest_mpa),
            Limit(severity=Severity.ORANGE, below=standard.fire_mpa),
            Limit(severity=Severity.YELLOW, above=standard.high_mpa),
        )

    def _of_gas(self, sensor: Sensor, _local: datetime) -> Limits:
        """GB/T 50493-2019 and GBZ 2.1-2019; oxygen by the practice of confined spaces."""
        standard = self._gas
        if sensor.kind == "oxygen":
            span = standard.oxygen_vol
            return (Limit(severity=Severity.ORANGE, below=span.low), Limit(severity=Severity.ORANGE, above=span.high))
        first, second = {
            "combustible_gas": (standard.combustible_lel.first, standard.combustible_lel.second),
            "methane": (standard.methane_vol.first, standard.methane_vol.second),
            "hydrogen_sulfide": tuple(
                share * standard.exposure_mg_m3["h2s"]
                for share in (standard.toxic_share.first, standard.toxic_share.second)
            ),
        }[sensor.kind]
        return (Limit(severity=Severity.ORANGE, above=first), Limit(severity=Severity.RED, above=second))


def district_limits(kinds: Mapping[str, SensorKind]) -> LimitBook:
    """The book of the standards that travel with the program."""
    return LimitBook(kinds, lambda name: data.table(f"standards/{name}.toml"))
