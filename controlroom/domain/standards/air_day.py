"""The air quality index of a day from its hourly concentrations, with hours missing."""

import math
from collections.abc import Mapping, Sequence
from datetime import date

from controlroom.domain.standards.air import AirIndex, AirStandard, air_index

HOURS = 24
ENOUGH_HOURS = 20
"""Hours with a value that a daily mean needs: a house figure; with fewer the day has a gap and no index."""

ENOUGH_OF_8 = 6
"""Hours with a value that a mean over eight hours needs: a house figure."""


def mean_24h(hours: Sequence[float]) -> float | None:
    """The mean of a day's hours (NaN where missing), None with fewer than ENOUGH_HOURS."""
    known = [value for value in hours if math.isfinite(value)]
    return sum(known) / len(known) if len(known) >= ENOUGH_HOURS else None


def greatest_8h(hours: Sequence[float]) -> float | None:
    """The greatest mean over eight hours that end within the day, None where none has ENOUGH_OF_8 values.

    The windows lie within the day: the first ends with its eighth hour.
    """
    means = []
    for end in range(8, len(hours) + 1):
        known = [value for value in hours[end - 8 : end] if math.isfinite(value)]
        if len(known) >= ENOUGH_OF_8:
            means.append(sum(known) / len(known))
    return max(means, default=None)


def day_index(standard: AirStandard, hourly: Mapping[str, Sequence[float]], day: date) -> AirIndex | None:
    """The index of a day by the edition in force on `day`: HJ 633 formulas (1) and (2) over daily means.

    `hourly` holds the day's values by pollutant (`pm25`, `pm10`, `so2`, `no2`, `co`, `o3`), NaN where missing, in
    µg/m³, CO in mg/m³; ozone counts by its greatest mean over eight hours. A pollutant with too few hours is left
    out; None when all are.
    """
    concentrations = {}
    for pollutant, hours in hourly.items():
        value = greatest_8h(hours) if pollutant == "o3" else mean_24h(hours)
        if value is not None:
            concentrations["o3_8h" if pollutant == "o3" else f"{pollutant}_24h"] = value
    return air_index(standard, concentrations, day)
