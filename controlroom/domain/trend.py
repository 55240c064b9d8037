"""The trend of many sensors at once: a straight line through readings that count less the older they are."""

import numpy as np
from numpy.typing import NDArray

LEAST_READINGS = 6

LEAST_SHARE = 0.5
"""A line is drawn when readings were followed for this share of the time that they count: a few seconds of noise
tell nothing about the next twenty minutes."""

Columns = NDArray[np.float64]


class Trends:
    """Weighted sums of n sensors, from which a line is drawn. Not thread-safe: one thread owns an instance.

    Times count from the newest reading, so that the sums stay small however long it runs.
    """

    def __init__(self) -> None:
        self.size = 0
        self._sums: Columns = np.zeros((6, 0))
        self._from: Columns = np.zeros(0)
        self._time: NDArray[np.int64] = np.zeros(0, np.int64)
        self._begun: NDArray[np.int64] = np.zeros(0, np.int64)
        self._over_s: Columns = np.zeros(0)
        self._finest: Columns = np.zeros(0)
        self._count: NDArray[np.int64] = np.zeros(0, np.int64)

    @property
    def time_ms(self) -> NDArray[np.int64]:
        """When the newest reading of each sensor was, 0 where none came."""
        return self._time[: self.size]

    def add(self, over_s: float, finest: float) -> int:
        """A further sensor: `over_s` is how long a reading counts, `finest` what its values are rounded to."""
        place = self.size
        if place == len(self._from):
            more = max(1024, place)
            self._sums = np.pad(self._sums, ((0, 0), (0, more)))
            self._from, self._over_s, self._finest = (
                np.pad(column, (0, more), constant_values=1.0) for column in (self._from, self._over_s, self._finest)
            )
            self._time, self._begun, self._count = (
                np.pad(column, (0, more)) for column in (self._time, self._begun, self._count)
            )
        self.size += 1
        self.forget(place, over_s, finest)
        return place

    def forget(self, place: int, over_s: float, finest: float) -> None:
        """The sensor at this place begins anew."""
        self._sums[:, place] = 0.0
        self._time[place] = self._begun[place] = self._count[place] = 0
        self._over_s[place], self._finest[place] = over_s, finest

    def take(self, told: NDArray[np.bool_], value: Columns, time_ms: NDArray[np.int64]) -> None:
        """A newer reading of each sensor that `told` something; all columns have a row for every sensor."""
        count = self.size
        over_s, newest_ms = self._over_s[:count], self._time[:count]
        gone_s = np.where(told, (time_ms - newest_ms) / 1000.0, 0.0)
        anew = told & ((newest_ms == 0) | (gone_s > 3.0 * over_s))
        gone_s[anew] = 0.0
        np.copyto(self._from[:count], value, where=anew)
        np.copyto(self._begun[:count], time_ms, where=anew)
        self._count[:count][anew] = 0
        keeps = np.exp(gone_s / -over_s)
        keeps[anew] = 0.0
        y = np.where(told, value - self._from[:count], 0.0)
        weight, x, xx, sum_y, xy, yy = self._sums[:, :count]
        xx[:] = keeps * (xx - gone_s * (2.0 * x - gone_s * weight))
        x[:] = keeps * (x - gone_s * weight)
        xy[:] = keeps * (xy - gone_s * sum_y)
        weight[:] = keeps * weight + told
        sum_y[:] = keeps * sum_y + y
        yy[:] = keeps * yy + y * y
        np.copyto(newest_ms, time_ms, where=told)
        self._count[:count] += told

    def lines(self) -> tuple[Columns, Columns, Columns, Columns]:
        """Level at the newest reading, slope per second, and the standard error of each; NaN where too little came."""
        weight, x, xx, y, xy, yy = self._sums[:, : self.size]
        spread = weight * xx - x**2
        followed_s = (self._time[: self.size] - self._begun[: self.size]) / 1000.0
        enough = (self._count[: self.size] >= LEAST_READINGS) & (followed_s >= LEAST_SHARE * self._over_s[: self.size])
        enough &= spread > 1e-9
        with np.errstate(invalid="ignore", divide="ignore"):
            slope = np.where(enough, (weight * xy - x * y) / spread, np.nan)
            level = (y - slope * x) / weight
            rest = np.maximum(yy - level * y - slope * xy, 0.0) / np.maximum(weight - 2.0, 1.0)
            # Rounded readings on a line have no rest; they are no better known than what they are rounded to.
            rest = np.maximum(rest, self._finest[: self.size] ** 2 / 12.0)
            slope_error = np.sqrt(rest * weight / spread)
            level_error = np.sqrt(rest * xx / spread)
        return level + self._from[: self.size], slope, level_error, slope_error
