"""Pressure of municipal hydrants by GB 50974-2014."""

import enum
import math
from collections.abc import Mapping
from datetime import date

import msgspec
from msgspec import Struct

_DECIMALS = 4


class HydrantState(enum.StrEnum):
    """What a pressure says of a hydrant."""

    NORMAL = "normal"
    LOW = "low"
    """Below what it must have at rest."""
    UNUSABLE = "unusable"
    """Below what it must have while water is taken for a fire."""
    HIGH = "high"


class HydrantStandard(Struct, frozen=True, kw_only=True):
    """GB 50974-2014 clause 7.2.8 in MPa and L/s; `high_mpa` is a house figure."""

    edition: str
    in_force: date
    rest_mpa: float
    fire_mpa: float
    fire_flow_l_s: float
    high_mpa: float
    high_source: str


def parse(table: Mapping[str, object]) -> HydrantStandard:
    """The standard from the decoded TOML. Raises msgspec.ValidationError where the table is not of its form."""
    return msgspec.convert(table, HydrantStandard)


def hydrant_state(standard: HydrantStandard, pressure_mpa: float) -> HydrantState | None:
    """The state by static pressure: GB 50974-2014 clause 7.2.8, at least 0.14 MPa at rest and 0.10 MPa at a fire.

    None for what is no pressure. The upper figure is a house figure.
    """
    if not math.isfinite(pressure_mpa) or pressure_mpa < 0:
        return None
    exact = round(pressure_mpa, _DECIMALS)
    if exact < standard.fire_mpa:
        return HydrantState.UNUSABLE
    if exact < standard.rest_mpa:
        return HydrantState.LOW
    return HydrantState.HIGH if exact > standard.high_mpa else HydrantState.NORMAL


def serves_a_fire(standard: HydrantStandard, pressure_mpa: float, flow_l_s: float) -> bool:
    """Whether a hydrant serves while water is taken: GB 50974-2014 clause 7.2.8, 0.10 MPa and 15 L/s at least."""
    return round(pressure_mpa, _DECIMALS) >= standard.fire_mpa and flow_l_s >= standard.fire_flow_l_s
