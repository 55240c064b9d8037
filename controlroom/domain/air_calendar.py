"""The air of a place day by day: the index of each day by the edition that was in force on it, gaps as gaps."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.standards.air import AirIndex, AirLevel, AirStandard
from controlroom.domain.standards.air_day import HOURS, day_index

POLLUTANTS = ("pm25", "pm10", "so2", "no2", "co", "o3")
"""The six of HJ 633 table 1, by which a station is told from other sensors."""


@dataclass(frozen=True, slots=True)
class AirDay:
    """One local day: its index, None where too few hours were measured; `hours` with any value; whether it goes on."""

    day: date
    index: AirIndex | None
    hours: int
    unfinished: bool = False


@dataclass(frozen=True, slots=True)
class AirCalendar:
    """Days one after the other; `pollutants` are those that the place measures."""

    days: tuple[AirDay, ...]
    pollutants: tuple[str, ...]

    def counts(self) -> list[tuple[AirLevel, int]]:
        """How many days each level had, best first; levels that never were are left out."""
        levels = {day.index.level.upto: day.index.level for day in self.days if day.index is not None}
        often = Counter(day.index.level.upto for day in self.days if day.index is not None)
        return [(levels[upto], often[upto]) for upto in sorted(levels)]

    @property
    def gaps(self) -> int:
        """Days that have no index."""
        return sum(day.index is None for day in self.days)

    @property
    def editions(self) -> tuple[str, ...]:
        """The editions by which days were judged, in the order of the days."""
        return tuple(dict.fromkeys(day.index.edition for day in self.days if day.index is not None))


def air_calendar(
    standard: AirStandard,
    hourly: Mapping[str, NDArray[np.float64]],
    first: date,
    today: date,
    pollutants: Sequence[str] = POLLUTANTS,
) -> AirCalendar:
    """The days from `first` on; `hourly` are means by pollutant, 24 a day from local midnight on, NaN where missing.

    Units as HJ 633 has them: µg/m³, CO in mg/m³. Days after `today` are left out; `today` is unfinished.
    Raises ValueError when the columns differ in length or do not fill whole days.
    """
    held = {name: hourly[name] for name in pollutants if name in hourly}
    lengths = {len(column) for column in held.values()}
    if len(lengths) > 1 or any(length % HOURS for length in lengths):
        raise ValueError("the hours of the pollutants do not fill the same whole days")
    count = min(max(lengths, default=0) // HOURS, (today - first).days + 1)
    days = []
    for number in range(max(count, 0)):
        day, part = first + timedelta(days=number), slice(number * HOURS, (number + 1) * HOURS)
        hours = {name: column[part].tolist() for name, column in held.items()}
        known = np.any([np.isfinite(column[part]) for column in held.values()], axis=0)
        days.append(AirDay(day, day_index(standard, hours, day), int(known.sum()), day == today))
    return AirCalendar(tuple(days), tuple(held))
