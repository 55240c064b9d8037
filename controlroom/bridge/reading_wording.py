"""The words of readings, for models and widgets alike: a value with its unit, and whether it may be believed."""

import math
from datetime import datetime

from controlroom.bridge.wording import severity_word, span_text
from controlroom.domain.kinds import SensorKind
from controlroom.domain.limits import Freshness
from controlroom.domain.limits_in_force import Limiting
from controlroom.domain.sensor import Sensor
from controlroom.domain.severity import Severity
from controlroom.i18n import _


def limits_origin(book: Limiting, sensor: Sensor, at: datetime) -> str:
    """Whose limits a sensor has at a time: of the alarm rules, of a standard, or its own."""
    if book.in_force(sensor, at) is not None:
        return _("Limits of the alarm rules: what they are tied to, such as a rain warning, is so now")
    basis = book.basis_at(sensor, at)
    if basis:
        return _("Limits by {standard}").format(standard=basis)
    return _("Limits as its source declared them") if sensor.limits else ""


def value_text(value: float, unit: str, kind: SensorKind | None = None) -> str:
    """A value as people write it down: with the decimals of its kind, else four digits; a dash where missing."""
    if not math.isfinite(value):
        return "—"
    number = f"{value:.{kind.decimals}f}" if kind else f"{value:.4g}"
    return f"{number} {unit}".rstrip()


def freshness_text(freshness: Freshness, age_s: float) -> str:
    """What is wrong with a reading; empty while it is live."""
    match freshness:
        case Freshness.STALE:
            return _("Data stale for {span}").format(span=span_text(age_s))
        case Freshness.DOUBTFUL:
            return _("Quality doubtful")
        case Freshness.NEVER:
            return _("Never heard")
    return ""


def level_text(level: int) -> str:
    """The severity of a sensor in words, 0 is normal."""
    return severity_word(Severity(level)) if level else _("Normal")
