"""Water on roads: levels by depth."""

import math
from collections.abc import Mapping
from datetime import date

import msgspec
from msgspec import Struct

from controlroom.domain.severity import Severity
from controlroom.domain.standards.dated import in_force


class FloodLevel(Struct, frozen=True, kw_only=True):
    """A depth from which a severity holds, cm; `source` names standard and clause, or says that it is ours."""

    severity: Severity
    depth_cm: float
    source: str


class FloodEdition(Struct, frozen=True, kw_only=True):
    """The levels of a jurisdiction since a day."""

    name: str
    jurisdiction: str
    in_force: date
    levels: list[FloodLevel]


class FloodStandard(Struct, frozen=True, kw_only=True):
    """All editions."""

    editions: list[FloodEdition]


def parse(table: Mapping[str, object]) -> FloodStandard:
    """The levels from the decoded TOML. Raises msgspec.ValidationError where the table is not of its form."""
    return msgspec.convert(table, FloodStandard)


def flood_level(standard: FloodStandard, depth_cm: float, day: date, jurisdiction: str = "110115") -> FloodLevel | None:
    """The worst level that a depth of water reaches, None below all of them and for what is no depth.

    Source: 15 cm GB 50014-2021 and GB 51222-2017 (depth on one lane), 27 cm the red line of Beijing's underpasses
    (traffic police, 2013); the higher ones are house figures, as the data say of each.
    """
    if not math.isfinite(depth_cm):
        return None
    levels = in_force(standard.editions, day, jurisdiction).levels
    reached = [level for level in levels if round(depth_cm, 3) >= level.depth_cm]
    return min(reached, key=lambda level: level.severity, default=None)
