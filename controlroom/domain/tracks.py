"""What a value was a while ago and how long it has not moved, of all sensors as columns."""

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.sensor_rules import RateRule, StuckRule

GAP = 10.0
"""A change over more than so many windows says nothing about the rate."""

LEAST_SAME = 5
"""Readings without a change, below which a sensor is slow and not stuck."""

Rows = NDArray[np.int64] | slice


class Tracks:
    """Judges rate and standstill as readings come. Not thread-safe: one thread owns an instance.

    The window of the rate moves on in halves: a value is compared with one that is between half a window and a
    window older, or with the one before where readings come more seldom; the change that is allowed then grows with
    the time between the two.
    """

    def __init__(self) -> None:
        floats, times = np.empty(0, np.float32), np.empty(0, np.int64)
        self.fast: NDArray[np.bool_] = np.empty(0, np.bool_)
        self.still: NDArray[np.bool_] = np.empty(0, np.bool_)
        self.time_ms: NDArray[np.int64] = times
        self._over_ms, self._rise, self._fall = times, floats, floats
        self._old, self._old_ms, self._new, self._new_ms = floats, times, floats, times
        self._span_ms = times
        self._after_ms, self._within, self._rest_low, self._rest_high = times, floats, floats, floats
        self._stood, self._stood_ms, self._same = floats, times, np.empty(0, np.int32)

    def grow(self, size: int) -> None:
        """Make room for `size` sensors."""
        more = (0, size - len(self.fast))
        for name in ("fast", "still", "time_ms", "_old", "_old_ms", "_new", "_new_ms", "_stood", "_stood_ms", "_same"):
            setattr(self, name, np.pad(getattr(self, name), more))
        self._span_ms = np.pad(self._span_ms, more)
        self._over_ms = np.pad(self._over_ms, more, constant_values=1)
        self._after_ms = np.pad(self._after_ms, more, constant_values=np.int64(2**62))
        self._rise, self._fall = (np.pad(c, more, constant_values=np.inf) for c in (self._rise, self._fall))
        self._within = np.pad(self._within, more)
        self._rest_low = np.pad(self._rest_low, more, constant_values=np.inf)
        self._rest_high = np.pad(self._rest_high, more, constant_values=-np.inf)

    def set_figures(self, at: NDArray[np.int64], rate: RateRule | None, stuck: StuckRule | None) -> None:
        """The figures of these sensors; None is off."""
        self._over_ms[at] = 1 if rate is None else round(rate.over_s * 1000)
        self._rise[at] = np.inf if rate is None or rate.rise is None else rate.rise
        self._fall[at] = np.inf if rate is None or rate.fall is None else rate.fall
        self._after_ms[at] = 2**62 if stuck is None else round(stuck.after_s * 1000)
        self._within[at] = 0.0 if stuck is None else stuck.within
        low, high = (np.inf, -np.inf) if stuck is None or stuck.rest is None else stuck.rest
        self._rest_low[at], self._rest_high[at] = low, high

    def take(self, at: Rows, value: NDArray[np.float32], time_ms: NDArray[np.int64], fresh: NDArray[np.bool_]) -> None:
        """Readings of the rows `at`; only those that are `fresh` count."""
        first = fresh & (self.time_ms[at] == 0)
        self._take_rate(at, value, time_ms, fresh, first)
        self._take_standstill(at, value, time_ms, fresh, first)
        self.time_ms[at] = np.where(fresh, time_ms, self.time_ms[at])

    def before(self, index: int) -> tuple[float, float]:
        """The value that the newest one was compared with, and the seconds between them."""
        return float(self._old[index]), float(self._span_ms[index]) / 1000.0

    def rest(self, index: int) -> tuple[float, float]:
        """The value near which a sensor stands still, and for how many seconds."""
        return float(self._stood[index]), float(self.time_ms[index] - self._stood_ms[index]) / 1000.0

    def _take_rate(
        self,
        at: Rows,
        value: NDArray[np.float32],
        time_ms: NDArray[np.int64],
        fresh: NDArray[np.bool_],
        first: NDArray[np.bool_],
    ) -> None:
        over_ms = self._over_ms[at]
        turns = fresh & (2 * (time_ms - self._new_ms[at]) >= over_ms)
        old, old_ms = np.where(turns, self._new[at], self._old[at]), np.where(turns, self._new_ms[at], self._old_ms[at])
        np.copyto(old, value, where=first)
        np.copyto(old_ms, time_ms, where=first)
        self._old[at], self._old_ms[at] = old, old_ms
        self._new[at] = np.where(turns, value, self._new[at])
        self._new_ms[at] = np.where(turns, time_ms, self._new_ms[at])
        span_ms = time_ms - old_ms
        windows = np.maximum(span_ms.astype(np.float32) / over_ms.astype(np.float32), np.float32(1.0))
        change = value - old
        with np.errstate(invalid="ignore"):
            fast = (change >= self._rise[at] * windows) | (-change >= self._fall[at] * windows)
        fast &= windows <= GAP
        self.fast[at] = np.where(fresh, fast, self.fast[at])
        self._span_ms[at] = np.where(fresh, span_ms, self._span_ms[at])

    def _take_standstill(
        self,
        at: Rows,
        value: NDArray[np.float32],
        time_ms: NDArray[np.int64],
        fresh: NDArray[np.bool_],
        first: NDArray[np.bool_],
    ) -> None:
        with np.errstate(invalid="ignore"):
            moved = fresh & (np.abs(value - self._stood[at]) > self._within[at])
        moved |= first
        stood_ms = np.where(moved, time_ms, self._stood_ms[at])
        self._stood[at] = np.where(moved, value, self._stood[at])
        self._stood_ms[at] = stood_ms
        same = np.where(moved, 0, self._same[at] + fresh)
        self._same[at] = same
        still = (time_ms - stood_ms >= self._after_ms[at]) & (same >= LEAST_SAME)
        still &= (value < self._rest_low[at]) | (value > self._rest_high[at])
        self.still[at] = np.where(fresh, still, self.still[at])
