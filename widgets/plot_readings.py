"""What the curves of a plot panel hold, and how the newest reading of each is judged."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from controlroom.domain.kinds import SensorKind
from controlroom.domain.limits import Freshness, LimitTable
from controlroom.domain.readings import Latest, ReadingColumns
from controlroom.domain.sensor import Sensor
from controlroom.domain.times import to_ms
from widgets.plot_curve import Curve


class Judged(NamedTuple):
    """The newest reading of a curve: its value, its severity (0 normal), whether it is believed, its age if any."""

    value: float
    level: int
    freshness: Freshness
    age_s: float | None


class PlotReadings:
    """Curves in their order, with limits of their own: a panel judges by itself what it shows."""

    def __init__(self, kinds: Mapping[str, SensorKind]) -> None:
        self._kinds = kinds
        self.curves: list[Curve] = []
        self._latest = Latest()
        self._limits = LimitTable()

    @property
    def indices(self) -> list[int]:
        """The telemetry indices of the curves."""
        return [curve.index for curve in self.curves]

    def show(self, sensors: Sequence[Sensor], indices: Sequence[int]) -> list[int]:
        """Hold curves of these sensors instead, with the readings that were held; returns the new indices."""
        held = {curve.index: curve for curve in self.curves}
        self.curves = []
        for number, (index, sensor) in enumerate(zip(indices, sensors, strict=True)):
            curve = Curve(sensor, index, number, self._kinds.get(sensor.kind))
            if index in held:
                curve.take_over(held[index])
            self.curves.append(curve)
        self._latest = Latest(len(self.curves))
        self._limits = LimitTable.from_sensors([c.sensor for c in self.curves], range(len(self.curves)))
        for number, curve in enumerate(self.curves):
            self._hold_newest(number, curve)
        return [index for index in self.indices if index not in held]

    def add(self, readings: ReadingColumns, now: datetime) -> bool:
        """Take a batch that arrived now; returns whether any of it belongs to a curve."""
        touched = False
        for number, curve in enumerate(self.curves):
            at = np.flatnonzero(readings.index == curve.index)
            if len(at):
                time_ms, value, quality = readings.time[at], readings.value[at], readings.quality[at]
                curve.add(time_ms / 1000.0, value, quality)
                local = np.full(len(at), number, np.uint32)
                self._latest.apply(local, value, time_ms, quality, received_ms=to_ms(now))
                touched = True
        return touched

    def forget(self) -> None:
        """Drop all readings, since they belong to another time or another room."""
        for curve in self.curves:
            curve.forget()
        self._latest = Latest(len(self.curves))

    def judge(self, now: datetime) -> list[Judged]:
        """The newest reading of each curve as of now; the curves are told whether it is believed."""
        now_ms = to_ms(now)
        self._limits.evaluate(self._latest, now_ms)
        columns = (
            self._latest.value.tolist(),
            self._limits.level.tolist(),
            self._limits.freshness(self._latest, now_ms).tolist(),
            self._latest.age_ms(now_ms).tolist(),
        )
        judged = []
        for curve, value, level, freshness, age_ms in zip(self.curves, *columns, strict=True):
            curve.freshness = Freshness(freshness)
            judged.append(Judged(value, level, curve.freshness, None if age_ms < 0 else age_ms / 1000.0))
        return judged

    def _hold_newest(self, number: int, curve: Curve) -> None:
        ring = curve.ring
        if len(ring):
            doubtful = (~np.isfinite(ring.curve[-1:])).astype(np.uint8)
            time_ms = np.round(ring.time_s[-1:] * 1000).astype(np.int64)
            self._latest.apply(np.array([number], np.uint32), ring.value[-1:], time_ms, doubtful)
