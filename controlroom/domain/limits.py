"""Judges the newest readings of all sensors against their limits, as columns."""

import enum
from collections.abc import Sequence
from typing import Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from controlroom.domain.readings import GOOD, Latest
from controlroom.domain.sensor import Sensor
from controlroom.domain.severity import Severity


class Freshness(enum.IntEnum):
    """Whether the newest reading of a sensor may be believed now."""

    LIVE = 0
    DOUBTFUL = 1
    """Missing, infinite or of bad quality."""
    STALE = 2
    NEVER = 3
    """Nothing was ever heard of the sensor."""


class Transition(Struct, frozen=True):
    """A sensor went to another severity, or to the other side of its limits.

    `severity` None: no limit is crossed any more, and `limit` is the one that was left. `previous` None: none was
    crossed before. `limit` and `value` are in the unit of the sensor, `above` tells on which side of the limit the
    abnormal values lie, `time_ms` is the source's time of the reading.
    """

    index: int
    severity: Severity | None
    previous: Severity | None
    limit: float
    above: bool
    value: float
    time_ms: int


class LimitTable:
    """The limits of all sensors and which of them are crossed. Not thread-safe: one thread owns an instance.

    A limit is crossed at its threshold and left at the deadband on its safe side. A value that is missing,
    infinite, of bad quality, stale or never heard proves nothing: it neither raises nor clears.
    """

    def __init__(self) -> None:
        # Planes [k][telemetry index], one per side of a limit, the worst first, so that the first crossed plane is
        # the severity. Low limits are mirrored by their sign; an absent limit lies at infinity and has code 0.
        self.size = 0
        self._sign = np.empty((0, 0), np.float32)
        self._enter = np.empty((0, 0), np.float32)
        self._leave = np.empty((0, 0), np.float32)
        self._code = np.empty((0, 0), np.int8)
        self._crossed = np.empty((0, 0), np.bool_)
        self._stale_ms = np.empty(0, np.int64)
        # How long a worse severity must last before it is told, and since when it is there (0: it is not).
        self._delay_ms = np.empty(0, np.int64)
        self._since_ms = np.empty(0, np.int64)
        self._waiting = np.empty(0, np.int64)
        # What was last told: severity times sign, and the limit.
        self._told = np.empty(0, np.int8)
        self._told_limit = np.empty(0, np.float32)

    @classmethod
    def from_sensors(cls, sensors: Sequence[Sensor], indices: Sequence[int]) -> Self:
        """A table of these sensors, nothing crossed; `indices[i]` is the telemetry index of `sensors[i]`."""
        table = cls()
        table.declare(sensors, indices)
        return table

    @property
    def level(self) -> NDArray[np.int8]:
        """Severity by telemetry index as last evaluated: 1 the worst … 4, 0 normal."""
        return np.abs(self._told[: self.size])

    def declare(self, sensors: Sequence[Sensor], indices: Sequence[int]) -> None:
        """Sensors joined or changed; a limit that keeps its severity and side stays crossed if it was."""
        if not sensors:
            return
        sides = [_sides(sensor) for sensor in sensors]
        self._grow(max(indices) + 1, max(len(row) for row in sides))
        planes, count = len(self._code), len(sensors)
        sign = np.ones((planes, count), np.float32)
        enter = np.full((planes, count), np.inf)
        code = np.zeros((planes, count), np.int8)
        for column, row in enumerate(sides):
            for plane, (severity, side, threshold) in enumerate(row):
                sign[plane, column] = side
                enter[plane, column] = threshold * side
                code[plane, column] = severity * side
        rows = np.asarray(indices, np.int64)
        held, held_code = self._crossed[:, rows], self._code[:, rows]
        crossed = np.zeros((planes, count), np.bool_)
        for old in range(planes):
            crossed |= held[old] & (held_code[old] == code) & (code != 0)
        self._sign[:, rows] = sign
        self._enter[:, rows] = enter
        self._leave[:, rows] = enter - np.array([sensor.deadband for sensor in sensors])
        self._code[:, rows] = code
        self._crossed[:, rows] = crossed
        self._stale_ms[rows] = [round(sensor.stale_after_s * 1000) for sensor in sensors]
        self._delay_ms[rows] = [round(sensor.delay_s * 1000) for sensor in sensors]

    def restore(self, severities: dict[int, Severity]) -> None:
        """After a restart: these sensors (by telemetry index) are known to be at these severities.

        The next usable reading of each says whether that still holds.
        """
        for index, severity in severities.items():
            if not 0 <= index < self.size:
                continue
            level = np.abs(self._code[:, index])
            held = np.flatnonzero((level >= severity) & (level > 0))
            self._crossed[held, index] = True
            if len(held):
                plane = held[0]
                self._told[index] = self._code[plane, index]
                self._told_limit[index] = self._enter[plane, index] * self._sign[plane, index]

    def freshness(self, latest: Latest, now_ms: int) -> NDArray[np.uint8]:
        """The Freshness by telemetry index, length `size`."""
        count = min(self.size, latest.size)
        age_ms = latest.age_ms(now_ms)[:count]
        usable = np.isfinite(latest.value[:count]) & (latest.quality[:count] == GOOD)
        fresh = np.full(self.size, Freshness.NEVER, np.uint8)
        fresh[:count] = np.where(usable, np.uint8(Freshness.LIVE), np.uint8(Freshness.DOUBTFUL))
        fresh[:count][age_ms > self._stale_ms[:count]] = Freshness.STALE
        fresh[:count][age_ms < 0] = Freshness.NEVER
        return fresh

    def evaluate(self, latest: Latest, now_ms: int, only: NDArray[np.int64] | None = None) -> list[Transition]:
        """What changed since the last evaluation, in the order of the indices.

        `only` limits the work to those indices, which is faster below about half of the fleet; whether old values
        became stale needs no evaluation, since staleness changes nothing.
        """
        count = min(self.size, latest.size)
        chosen = None if only is None else np.sort(only[only < count])
        rows = slice(0, count) if chosen is None else chosen
        value, time_ms = latest.value[rows], latest.time_ms[rows]
        heard_ms = np.minimum(time_ms, latest.received_ms[rows])
        usable = np.isfinite(value) & (latest.quality[rows] == GOOD)
        usable &= (heard_ms > 0) & (now_ms - heard_ms <= self._stale_ms[rows])
        code = np.zeros(len(value), np.int8)
        plane_of = np.zeros(len(value), np.intp)
        for plane in reversed(range(len(self._code))):
            mirrored = value * self._sign[plane, rows]
            held = self._crossed[plane, rows]
            crossed = (mirrored >= self._enter[plane, rows]) | (held & (mirrored > self._leave[plane, rows]))
            crossed = np.where(usable, crossed, held)
            self._crossed[plane, rows] = crossed
            np.copyto(code, self._code[plane, rows], where=crossed)
            np.copyto(plane_of, plane, where=crossed)
        changed = np.flatnonzero(code != self._told[rows])
        at = changed if chosen is None else chosen[changed]
        due = self._due(at, code[changed], now_ms, everything=only is None)
        changed, at = changed[due], at[due]
        return self._tell(at, code[changed], plane_of[changed], value[changed], time_ms[changed])

    def ahead(
        self, rows: NDArray[np.int64], level: NDArray[np.float64], slope: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The next limit of each of these sensors on its way from `level` at `slope` per second, and the seconds left.

        NaN and infinity where no limit lies ahead.
        """
        limit, left_s = np.full(len(rows), np.nan), np.full(len(rows), np.inf)
        for plane in range(len(self._code)):
            sign = self._sign[plane, rows].astype(np.float64)
            gap = self._enter[plane, rows] - level * sign
            pace = slope * sign
            with np.errstate(invalid="ignore", divide="ignore"):
                seconds = np.where((pace > 0.0) & (gap > 0.0), gap / pace, np.inf)
            nearer = seconds < left_s
            left_s = np.where(nearer, seconds, left_s)
            limit = np.where(nearer, self._enter[plane, rows] * sign, limit)
        return limit, left_s

    def _due(
        self, at: NDArray[np.int64], code: NDArray[np.int8], now_ms: int, *, everything: bool
    ) -> NDArray[np.bool_]:
        """Which changes are told now: what became worse must last as long as the sensor's delay says."""
        if everything and len(self._waiting):
            gone = self._waiting[~np.isin(self._waiting, at)]
            self._since_ms[gone] = 0
        level, told = np.abs(code), np.abs(self._told[at])
        worse = (level > 0) & ((told == 0) | (level < told)) & (self._delay_ms[at] > 0)
        since = self._since_ms[at]
        since = np.where((since == 0) | (since > now_ms), now_ms, since)
        due: NDArray[np.bool_] = ~worse | (now_ms - since >= self._delay_ms[at])
        self._since_ms[at] = np.where(due, 0, since)
        waiting = at[~due]
        self._waiting = waiting if everything else np.union1d(self._waiting, waiting)
        return due

    def _tell(
        self,
        at: NDArray[np.int64],
        code: NDArray[np.int8],
        plane: NDArray[np.intp],
        value: NDArray[np.float32],
        time_ms: NDArray[np.int64],
    ) -> list[Transition]:
        if not len(at):
            return []
        before = self._told[at]
        limit = np.where(code == 0, self._told_limit[at], self._enter[plane, at] * self._sign[plane, at])
        self._told[at] = code
        self._told_limit[at] = limit
        above = np.where(code == 0, before, code) > 0
        columns = (at, np.abs(code), np.abs(before), limit, above, value, time_ms)
        return [
            Transition(index, _SEVERITY[new], _SEVERITY[old], threshold, side, reading, time)
            for index, new, old, threshold, side, reading, time in zip(*(c.tolist() for c in columns), strict=True)
        ]

    def _grow(self, size: int, planes: int) -> None:
        held_planes, held = self._code.shape
        room = held if size <= held else max(size, 2 * held)
        more = ((0, max(planes - held_planes, 0)), (0, room - held))
        if more != ((0, 0), (0, 0)):
            self._sign = np.pad(self._sign, more, constant_values=1.0)
            self._enter = np.pad(self._enter, more, constant_values=np.inf)
            self._leave = np.pad(self._leave, more, constant_values=np.inf)
            self._code = np.pad(self._code, more)
            self._crossed = np.pad(self._crossed, more)
            self._stale_ms = np.pad(self._stale_ms, more[1])
            self._delay_ms = np.pad(self._delay_ms, more[1])
            self._since_ms = np.pad(self._since_ms, more[1])
            self._told = np.pad(self._told, more[1])
            self._told_limit = np.pad(self._told_limit, more[1])
        self.size = max(self.size, size)


_SEVERITY = (None, *Severity)


def _sides(sensor: Sensor) -> list[tuple[int, int, float]]:
    """Severity, side (1 above, -1 below) and threshold of each side of a sensor's limits, the worst first."""
    sides = [(int(limit.severity), 1, limit.above) for limit in sensor.limits if limit.above is not None]
    sides += [(int(limit.severity), -1, limit.below) for limit in sensor.limits if limit.below is not None]
    return sorted(sides, key=lambda side: side[0])
