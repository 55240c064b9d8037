"""The rules by which readings are judged beside their limits: data per kind of sensor."""

import enum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from controlroom.domain.severity import Severity

Seconds = Annotated[float, Meta(ge=0.0, le=1e7)]
Positive = Annotated[float, Meta(gt=0.0, le=1e12)]


class Rule(enum.StrEnum):
    """What a sensor can do wrong beside crossing a limit."""

    RATE = "rate"
    STUCK = "stuck"
    DEVIATION = "deviation"
    RANGE = "range"
    STALE = "stale"
    FORECAST = "forecast"


class _Figures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every rule has: a condition is told after `delay_s` and over when it was absent for `hold_s`."""

    severity: Severity = Severity.BLUE
    delay_s: Seconds = 0.0
    hold_s: Seconds = 300.0


class RateRule(_Figures, frozen=True, kw_only=True):
    """The value moves by `rise` up or `fall` down (unit of the kind) within `over_s`."""

    over_s: Positive
    rise: Positive | None = None
    fall: Positive | None = None


class StuckRule(_Figures, frozen=True, kw_only=True):
    """Readings come and for `after_s` none lies further than `within` from the first; `rest` may stand still."""

    after_s: Positive
    within: Annotated[float, Meta(ge=0.0)] = 0.0
    rest: tuple[float, float] | None = None


class DeviationRule(_Figures, frozen=True, kw_only=True):
    """The value is further from the median of its neighbours than `least` and than `factor` robust deviations.

    Neighbours are the nearest sensors of the kind within `within_km`. The robust deviation is 1.4826 times the
    median absolute deviation.
    """

    least: Positive
    factor: Positive = 6.0
    within_km: Positive = 15.0


class RangeRule(_Figures, frozen=True, kw_only=True):
    """The value lies outside what an instrument of the kind can tell (`low` … `high` of the kind)."""


class StaleRule(_Figures, frozen=True, kw_only=True):
    """Nothing more is heard. `each`: a sensor alone is an alarm; an area that fell silent always is one.

    A kind has fallen silent in an area when `area_share` of its sensors there, and at least `area_least`, have.
    """

    each: bool = False
    area_share: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.5
    area_least: Annotated[int, Meta(ge=2)] = 5


class ForecastRule(_Figures, frozen=True, kw_only=True):
    """By the trend of the last `over_s` a limit is crossed within `horizon_s`.

    Only a trend that is `sureness` times its standard error is believed, and only when it goes on being so.
    """

    delay_s: Seconds = 120.0
    horizon_s: Positive = 1200.0
    over_s: Positive = 600.0
    sureness: Positive = 4.0


class KindRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rules that are on for a kind; None is off."""

    rate: RateRule | None = None
    stuck: StuckRule | None = None
    deviation: DeviationRule | None = None
    range: RangeRule | None = None
    stale: StaleRule | None = None
    forecast: ForecastRule | None = None

    def of(self, rule: Rule) -> _Figures | None:
        """The figures of one rule."""
        found: _Figures | None = getattr(self, rule.value)
        return found


class RuleBook(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rules of all kinds. `defaults` hold where a kind says nothing; `off` names what a kind does not want."""

    edition: str
    source: str
    defaults: KindRules
    kinds: dict[str, KindRules]
    off: dict[str, tuple[Rule, ...]] = {}

    def of(self, kind: str) -> KindRules:
        """The rules of a kind, the defaults filled in."""
        own = self.kinds.get(kind, KindRules())
        off = self.off.get(kind, ())
        filled = {rule.value: None if rule in off else own.of(rule) or self.defaults.of(rule) for rule in Rule}
        return msgspec.convert(filled, KindRules)


def decode_rules(text: bytes) -> RuleBook:
    """The book of a `sensor_rules.toml`. Raises msgspec.ValidationError."""
    return msgspec.toml.decode(text, type=RuleBook)
