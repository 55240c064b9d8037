"""The time axis of plots: round times of the district's clock under a window that ends now."""

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

import pyqtgraph as pg

DISTRICT = ZoneInfo("Asia/Shanghai")

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_STEPS = (1, 2, 5, 10, 15, 30)
_SPACINGS_S = (
    *_STEPS,
    *(_MINUTE * step for step in _STEPS),
    *(_HOUR * step for step in (1, 2, 3, 6, 12)),
    *(_DAY * step for step in (1, 2, 5, 10, 30)),
)
_LABEL_PX = 90


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
    """The time of a label: to the second where labels are close, the date at midnight."""
    at = datetime.fromtimestamp(at_s, zone)
    if spacing >= _DAY or (at.hour, at.minute, at.second) == (0, 0, 0):
        return f"{at:%m-%d}"
    return f"{at:%H:%M:%S}" if spacing < _MINUTE else f"{at:%H:%M}"


class TimeAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph is untyped
    """Labels for x in seconds before `now_s`, so that the range of the plot never changes while time goes by."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.now_s = 0.0
        self.enableAutoSIPrefix(False)

    def set_now(self, now_s: float) -> None:
        """The time at x = 0, seconds since 1970 UTC."""
        if now_s != self.now_s:
            self.now_s = now_s
            self.picture = None
            self.update()

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """Positions of the labels, as pyqtgraph asks for them."""
        spacing = spacing_s(maxVal - minVal, size)
        times = round_times(self.now_s + minVal, self.now_s + maxVal, spacing)
        return [(float(spacing), [at - self.now_s for at in times])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Texts of the labels, as pyqtgraph asks for them."""
        return [time_label(round(self.now_s + value), int(spacing)) for value in values]
