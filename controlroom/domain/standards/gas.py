"""Combustible and toxic gas, oxygen and methane: alarm levels of detectors and of confined spaces."""

import math
from collections.abc import Mapping
from datetime import date

import msgspec
from msgspec import Struct


class GasLevels(Struct, frozen=True, kw_only=True):
    """Two levels, the second the worse; `source` names standard and clause, or says that they are ours."""

    first: float
    second: float
    source: str


class OxygenSpan(Struct, frozen=True, kw_only=True):
    """What may be breathed, % by volume."""

    low: float
    high: float
    source: str


class GasStandard(Struct, frozen=True, kw_only=True):
    """GB/T 50493-2019 and what holds beside it in tunnels; `exposure_mg_m3` are exposure limits by gas."""

    edition: str
    in_force: date
    combustible_lel: GasLevels
    toxic_share: GasLevels
    exposure_mg_m3: dict[str, float]
    exposure_source: str
    methane_vol: GasLevels
    oxygen_vol: OxygenSpan


def parse(table: Mapping[str, object]) -> GasStandard:
    """The standard from the decoded TOML. Raises msgspec.ValidationError where the table is not of its form."""
    return msgspec.convert(table, GasStandard)


def combustible_level(standard: GasStandard, percent_lel: float) -> int | None:
    """Alarm level 0, 1 or 2 of combustible gas in % of the lower explosive limit: GB/T 50493-2019, 25 and 50 % LEL.

    None for what is no concentration.
    """
    return _level(standard.combustible_lel, percent_lel)


def toxic_level(standard: GasStandard, gas: str, mg_m3: float) -> int | None:
    """Alarm level of a toxic gas: GB/T 50493-2019, 100 and 200 % of the exposure limit of GBZ 2.1-2019.

    Raises KeyError for a gas without an exposure limit. None for what is no concentration.
    """
    limit = standard.exposure_mg_m3[gas]
    share = standard.toxic_share
    return _level(GasLevels(first=share.first * limit, second=share.second * limit, source=share.source), mg_m3)


def methane_level(standard: GasStandard, percent_volume: float) -> int | None:
    """Alarm level of methane in tunnels: 0.5 % by volume, and 1.25 % by volume, which is 25 % LEL (GB/T 50493-2019).

    None for what is no concentration.
    """
    return _level(standard.methane_vol, percent_volume)


def oxygen_safe(standard: GasStandard, percent_volume: float) -> bool | None:
    """Whether the air of a confined space or utility tunnel may be breathed: 19.5 to 23.5 % oxygen by volume.

    Practice of work in confined spaces. None for what is no concentration.
    """
    if not math.isfinite(percent_volume) or percent_volume < 0:
        return None
    return standard.oxygen_vol.low <= round(percent_volume, 3) <= standard.oxygen_vol.high


def _level(levels: GasLevels, value: float) -> int | None:
    if not math.isfinite(value) or value < 0:
        return None
    exact = round(value, 4)
    return 2 if exact >= levels.second else 1 if exact >= levels.first else 0
