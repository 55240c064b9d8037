"""One sensor by hour of the day and day: where its course repeats, and where it breaks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from controlroom.domain.past_readings import Series
from controlroom.domain.series_grid import Cells, Grid, on_grid

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class HeatStrip:
    """`days` x 24 hours from local midnight of `first` on; `cells` in the order of time, NaN where nothing came."""

    first: date
    days: int
    cells: Cells

    def day(self, row: int) -> date:
        """The local day of a row."""
        return self.first + timedelta(days=row)


def day_grid(first: date, days: int, ahead_ms: int) -> Grid:
    """The hours of some local days, in a zone that is `ahead_ms` ahead of UTC and has no summer time."""
    return Grid((first - _EPOCH).days * DAY_MS - ahead_ms, HOUR_MS, 24 * days)


def heat_strip(parts: Iterable[Series], first: date, days: int, ahead_ms: int) -> HeatStrip:
    """The hourly means of one sensor's past in the local days from `first` on. Bins must not be wider than an hour."""
    return HeatStrip(first, days, on_grid(parts, day_grid(first, days, ahead_ms)))
