"""Limits of environmental noise by GB 3096-2008."""

from collections.abc import Mapping
from datetime import time

import msgspec
from msgspec import Struct


class NoiseLimit(Struct, frozen=True, kw_only=True):
    """Equivalent levels of one zone class, dB(A)."""

    day: float
    night: float


class NoiseStandard(Struct, frozen=True, kw_only=True):
    """GB 3096-2008 table 1 by zone class: 0, 1, 2, 3, 4a, 4b."""

    edition: str
    day_from: time
    night_from: time
    night_peak_allowance: float
    limits: dict[str, NoiseLimit]


def parse(table: Mapping[str, object]) -> NoiseStandard:
    """The standard from the decoded TOML. Raises msgspec.ValidationError where the table is not of its form."""
    return msgspec.convert(table, NoiseStandard)


def is_night(standard: NoiseStandard, local: time) -> bool:
    """Whether a local time of day is night: GB 3096-2008 clause 3.4, 22:00 to 06:00."""
    return not standard.day_from <= local < standard.night_from


def noise_limit(standard: NoiseStandard, zone: str, local: time) -> float:
    """The limit of a zone at a local time of day, dB(A): GB 3096-2008 table 1. Raises KeyError for an unknown zone."""
    limit = standard.limits[zone]
    return limit.night if is_night(standard, local) else limit.day


def excess(standard: NoiseStandard, zone: str, local: time, level: float, *, peak: bool = False) -> float:
    """By how many dB(A) a level exceeds its limit, 0 when it does not: GB 3096-2008 table 1.

    `peak` judges a sudden noise, which at night may go 15 dB(A) higher (clause 5.4). Raises KeyError.
    """
    limit = noise_limit(standard, zone, local)
    if peak and is_night(standard, local):
        limit += standard.night_peak_allowance
    return max(0.0, round(level, 2) - limit)
