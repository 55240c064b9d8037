"""Air quality index by HJ 633, in the edition that was in force on the day."""

import math
from collections.abc import Mapping
from datetime import date
from fractions import Fraction

import msgspec
from msgspec import Struct

_DECIMALS = 3  # finer than any instrument, coarser than the noise of a 32-bit column


class AirLevel(Struct, frozen=True, kw_only=True):
    """A class of the index (HJ 633 table 2): `upto` is its last index, `rgb` its colour, 0–255 each."""

    key: str
    upto: int
    rgb: tuple[int, int, int]


class AirEdition(Struct, frozen=True, kw_only=True):
    """One edition: concentrations by column (`pm25_24h`, `so2_1h` …), in µg/m³, CO in mg/m³.

    `beyond` holds the index of a concentration above the end of a column that ends early.
    """

    name: str
    in_force: date
    breakpoints: dict[str, list[int]]
    beyond: dict[str, int] = {}


class AirStandard(Struct, frozen=True, kw_only=True):
    """HJ 633 in all its editions; `iaqi[i]` belongs to row i of every column."""

    iaqi: list[int]
    levels: list[AirLevel]
    editions: list[AirEdition]

    def __post_init__(self) -> None:
        for edition in self.editions:
            for name, column in edition.breakpoints.items():
                if not 2 <= len(column) <= len(self.iaqi) or column != sorted(set(column)):
                    raise ValueError(f"{edition.name}: column {name} does not rise along the index")

    def edition_on(self, day: date) -> AirEdition:
        """The edition in force on a local day; days before the oldest edition are judged by the oldest."""
        ordered = sorted(self.editions, key=lambda edition: edition.in_force)
        known = [edition for edition in ordered if edition.in_force <= day]
        return known[-1] if known else ordered[0]

    def level_of(self, index: int) -> AirLevel:
        """The class of an index (HJ 633 table 2); above the last one the last class."""
        return next((level for level in self.levels if index <= level.upto), self.levels[-1])


class AirIndex(Struct, frozen=True, kw_only=True):
    """The index of one place and hour.

    `items` are the individual indices by column; `primary` the pollutants that lead when the index is above 50,
    all of them on a tie; `off_scale` tells that a concentration lies above the table, where the index stays at 500.
    """

    value: int
    level: AirLevel
    primary: tuple[str, ...]
    items: dict[str, int]
    edition: str
    off_scale: bool = False


def parse(table: Mapping[str, object]) -> AirStandard:
    """The standard from the decoded TOML. Raises msgspec.ValidationError where the table is not of its form."""
    return msgspec.convert(table, AirStandard)


def pollutant_of(column: str) -> str:
    """The pollutant of a column: `pm25` of `pm25_24h`."""
    return column.rpartition("_")[0]


def individual_index(standard: AirStandard, edition: AirEdition, column: str, concentration: float) -> int | None:
    """The individual index (IAQI) of one concentration, rounded up: HJ 633 formula (1) with table 1.

    None where the edition gives no index: a concentration that is negative or not a number, or (edition 2012)
    SO2 of 1 h above 800 and O3 of 8 h above 800. Above a full column the index stays at 500.
    Raises KeyError for a column that the edition does not have.
    """
    column_values = edition.breakpoints[column]
    if not math.isfinite(concentration) or concentration < 0:
        return None
    value = Fraction(str(round(concentration, _DECIMALS)))
    for row in range(1, len(column_values)):
        low, high = column_values[row - 1], column_values[row]
        if value <= high:
            index_low, index_high = standard.iaqi[row - 1], standard.iaqi[row]
            return math.ceil((value - low) * (index_high - index_low) / (high - low) + index_low)
    if len(column_values) == len(standard.iaqi):
        return standard.iaqi[-1]
    return edition.beyond.get(column)


def air_index(standard: AirStandard, concentrations: Mapping[str, float], day: date) -> AirIndex | None:
    """The index of a place from concentrations by column: HJ 633 formulas (1) and (2), edition by the local day.

    None when nothing that was measured has an index. Columns that the edition does not know are left out.
    """
    edition = standard.edition_on(day)
    items: dict[str, int] = {}
    off_scale = False
    for column, concentration in concentrations.items():
        if column not in edition.breakpoints:
            continue
        index = individual_index(standard, edition, column, concentration)
        if index is not None:
            items[column] = index
            off_scale = off_scale or (index == standard.iaqi[-1] and concentration > edition.breakpoints[column][-1])
    if not items:
        return None
    worst = max(items.values())
    leading = [pollutant_of(column) for column, index in items.items() if index == worst] if worst > 50 else []
    return AirIndex(
        value=worst,
        level=standard.level_of(worst),
        primary=tuple(dict.fromkeys(leading)),
        items=items,
        edition=edition.name,
        off_scale=off_scale,
    )
