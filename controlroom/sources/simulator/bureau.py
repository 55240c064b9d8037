"""The simulated weather bureau: issues the rainstorm warning signal when the thresholds of an edition are reached."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

import resources
from controlroom.domain.severity import Severity
from controlroom.domain.times import Instant
from controlroom.sources.simulator.weather import Weather
from controlroom.wire.messages import AlarmRecord, ClearRecord

SOURCE = "sim-weather"
KEY = "warning/rainstorm"

_EASED = 0.75
_DRY_MM_H = 1.0
_WET_MM_H = 5.0


class Threshold(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many mm within so many hours."""

    hours: Annotated[float, Meta(gt=0.0, le=12.0)]
    mm: Annotated[float, Meta(gt=0.0)]


class Level(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A colour of the signal and the thresholds of which any one is enough."""

    severity: Severity
    colour: str
    any: Annotated[tuple[Threshold, ...], Meta(min_length=1)]


class Edition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The thresholds of one jurisdiction and edition (resources/data/simulation/warnings.toml)."""

    jurisdiction: str
    name: str
    issuer: str
    code: str
    source: str
    place: str
    issued: str
    raised: str
    text: str
    levels: Annotated[tuple[Level, ...], Meta(min_length=1)]


class _Editions(Struct, forbid_unknown_fields=True):
    editions: dict[str, Edition]


def load_editions() -> dict[str, Edition]:
    """The editions that travel with the program."""
    raw = resources.path("data", "simulation", "warnings.toml").read_bytes()
    return msgspec.toml.decode(raw, type=_Editions).editions


class Bureau:
    """Follows the rain; `look` gives a record when the signal is issued, raised or lifted."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._level: Level | None = None

    def look(self, weather: Weather, at: Instant) -> AlarmRecord | ClearRecord | None:
        """What the bureau tells now, if anything. A signal is lifted when the rain has all but ended."""
        reached = self._reached(weather)
        held = self._level
        if reached is not None and (held is None or reached.severity < held.severity):
            self._level = reached
            return self._issued(reached, weather, at, raised=held is not None)
        if held is not None and weather.rain_mm_h < _DRY_MM_H and not self._still(held, weather):
            self._level = None
            return ClearRecord(key=KEY, occurred_at=at)
        return None

    def _reached(self, weather: Weather) -> Level | None:
        if weather.rain_mm_h < _WET_MM_H:
            return None
        reached = [
            level for level in self._edition.levels if any(weather.fallen_mm(t.hours) >= t.mm for t in level.any)
        ]
        return min(reached, key=lambda level: level.severity, default=None)

    def _still(self, level: Level, weather: Weather) -> bool:
        shortest = min(level.any, key=lambda t: t.hours)
        return weather.fallen_mm(shortest.hours) >= shortest.mm * _EASED

    def _issued(self, level: Level, weather: Weather, at: Instant, *, raised: bool) -> AlarmRecord:
        edition = self._edition
        told = max(level.any, key=lambda t: weather.fallen_mm(t.hours) / t.mm)
        words = {
            "issuer": edition.issuer,
            "name": edition.name,
            "colour": level.colour,
            "hours": f"{told.hours:g}",
            "fallen": f"{weather.fallen_mm(told.hours):.0f}",
            "mm": f"{told.mm:g}",
        }
        return AlarmRecord(
            key=KEY,
            severity=level.severity,
            title=(edition.raised if raised else edition.issued).format_map(words),
            occurred_at=at,
            kind=edition.code,
            text=edition.text.format_map(words),
            place=edition.place,
            department=edition.issuer,
        )
