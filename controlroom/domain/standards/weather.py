"""Weather warning signals, national and of Beijing: which signal measured or forecast figures call for."""

import math
from collections.abc import Mapping
from datetime import date

import msgspec
from msgspec import Struct

from controlroom.domain.severity import Severity
from controlroom.domain.standards.dated import in_force


class Bound(Struct, frozen=True, forbid_unknown_fields=True):
    """A figure is at or above `at_least`, above `above`, at or below `at_most`, below `below`."""

    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None

    def holds(self, value: float) -> bool:
        """Whether a figure is beyond this bound; what is no number never is."""
        if not math.isfinite(value):
            return False
        exact = round(value, 3)
        return (
            (self.at_least is None or exact >= self.at_least)
            and (self.above is None or exact > self.above)
            and (self.at_most is None or exact <= self.at_most)
            and (self.below is None or exact < self.below)
        )


class SignalRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One colour of a signal: it holds when all bounds of any alternative do. Names end in their unit."""

    signal: str
    severity: Severity
    any: list[dict[str, Bound]]
    source: str = ""


class WeatherEdition(Struct, frozen=True, kw_only=True):
    """The signals of a jurisdiction since a day; signals that it does not name are judged by the national edition."""

    name: str
    jurisdiction: str
    in_force: date
    rows: list[SignalRow]


class WeatherStandard(Struct, frozen=True, kw_only=True):
    """All editions."""

    editions: list[WeatherEdition]


class Signal(Struct, frozen=True, kw_only=True):
    """A warning signal that is called for, and by which edition."""

    signal: str
    severity: Severity
    edition: str


def parse(table: Mapping[str, object]) -> WeatherStandard:
    """The standard from the decoded TOML. Raises msgspec.ValidationError where the table is not of its form."""
    return msgspec.convert(table, WeatherStandard)


def rows_of(standard: WeatherStandard, signal: str, day: date, jurisdiction: str) -> tuple[str, list[SignalRow]]:
    """The edition that speaks of a signal on a local day in a jurisdiction, and its rows, the worst first.

    Raises KeyError for a signal that no edition names.
    """
    speaking = [e for e in standard.editions if any(row.signal == signal for row in e.rows)]
    if not speaking:
        raise KeyError(signal)
    edition = in_force(speaking, day, jurisdiction)
    return edition.name, sorted((row for row in edition.rows if row.signal == signal), key=lambda row: row.severity)


def warning_signal(
    standard: WeatherStandard, signal: str, figures: Mapping[str, float], day: date, jurisdiction: str = "110115"
) -> Signal | None:
    """The worst colour of a signal that the figures call for, None when there is none.

    Source: order 16 of the China Meteorological Administration (2007), annex, and for Beijing the city's own figures.
    `figures` by name as the data name them (`rain_1h_mm`, `wind_mean_24h_force`, …); what is not known is left out
    and calls for nothing. Raises KeyError for a signal that no edition names.
    """
    edition, rows = rows_of(standard, signal, day, jurisdiction)
    for row in rows:
        for alternative in row.any:
            if all(name in figures and bound.holds(figures[name]) for name, bound in alternative.items()):
                return Signal(signal=signal, severity=row.severity, edition=edition)
    return None
