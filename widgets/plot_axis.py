"""The axes of plots: round times of the district's clock, and round values."""

import math
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

DISTRICT = ZoneInfo("Asia/Shanghai")

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_STEPS = (1, 2, 5, 10, 15, 30)
_SPACINGS_S = (
    *_STEPS,
    *(_MINUTE * step for step in _STEPS),
    *(_HOUR * step for step in (1, 2, 3, 6, 12)),
    *(_DAY * step for step in (1, 2, 5, 10, 30, 90, 365)),
)
_LABEL_PX = 90
_VALUE_PX = 26.0
_MOST_DECIMALS = 8


def spacing_s(span_s: float, width_px: float) -> int:
    """The least round distance between labels at which they do not touch."""
    wanted = span_s * _LABEL_PX / max(width_px, 1.0)
    return next((spacing for spacing in _SPACINGS_S if spacing >= wanted), _SPACINGS_S[-1])


def round_times(start_s: float, end_s: float, spacing: int, zone: tzinfo = DISTRICT) -> list[float]:
    """The times between two instants (seconds since 1970 UTC) that are round in the zone."""
    shift = datetime.fromtimestamp(end_s, zone).utcoffset()
    shift_s = shift.total_seconds() if shift else 0.0
    first = -(-(start_s + shift_s) // spacing) * spacing - shift_s
    count = max(0, int((end_s - first) // spacing) + 1)
    return [first + spacing * step for step in range(count)]


def time_label(at_s: float, spacing: int, zone: tzinfo = DISTRICT) -> str:
    """The time of a label: to the second where labels are close, the date at midnight, the year where days are far."""
    at = datetime.fromtimestamp(at_s, zone)
    if spacing >= 90 * _DAY:
        return f"{at:%Y-%m-%d}"
    if spacing >= _DAY or (at.hour, at.minute, at.second) == (0, 0, 0):
        return f"{at:%m-%d}"
    return f"{at:%H:%M:%S}" if spacing < _MINUTE else f"{at:%H:%M}"


def round_range(low: float, high: float) -> tuple[float, float]:
    """The least range of round numbers that holds these with a little air; 0 to 1 where there is nothing."""
    if not math.isfinite(low) or not math.isfinite(high) or low > high:
        return 0.0, 1.0
    width = high - low if high > low else max(abs(high) * 0.1, 1.0)
    middle = (high + low) / 2
    low, high = min(low, middle - width / 2), max(high, middle + width / 2)
    step = _round_step(width / 8)
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step


def round_values(low: float, high: float, height_px: float) -> list[float]:
    """Round values of an axis at a distance that can be read."""
    if not high > low:
        return []
    step = _round_step((high - low) / max(height_px / _VALUE_PX, 1.0))
    first = math.ceil(low / step - 1e-9)
    return [step * number for number in range(first, math.floor(high / step + 1e-9) + 1)]


def value_label(value: float, step: float) -> str:
    """A value of an axis with the decimals that its neighbours need."""
    if abs(value) >= 1e6 or (0 < step < 1e-4 and abs(value) < 1e-3):
        return f"{value:.3g}"
    decimals = min(max(0, -math.floor(math.log10(step) + 1e-9)), _MOST_DECIMALS) if step > 0 else 0
    return f"{value + 0.0:.{decimals}f}"


def _round_step(least: float) -> float:
    magnitude = 10.0 ** math.floor(math.log10(least))
    return next(magnitude * factor for factor in (1, 2, 5, 10) if magnitude * factor >= least * (1 - 1e-9))
