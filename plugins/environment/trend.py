"""The trend of one sensor of a station: the last day from the hub, then what comes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from controlroom.api import LOCAL, Context, Reading, Sensor, Series, SmallTrend, Standards, Subscription, _
from plugins.environment.board import WATER_TARGET
from plugins.environment.stations import AIR, NOISE, WATER, concentration
from plugins.environment.wording import colour_of, level_word

SPAN = timedelta(hours=24)
_LIMIT_ROWS = (2, 3, 4)  # IAQI 100, 150, 200 in the columns of HJ 633


class StationTrend:
    """Feeds a SmallTrend with the chosen sensor. `close` when the panel goes."""

    def __init__(self, context: Context, plot: SmallTrend, tables: Standards) -> None:
        self._context = context
        self._plot = plot
        self._tables = tables
        self._sensor: Sensor | None = None
        self._heard: Subscription | None = None
        self._time_ms: NDArray[np.int64] = np.empty(0, np.int64)
        self._value: NDArray[np.float32] = np.empty(0, np.float32)

    @property
    def sensor(self) -> str:
        """The id of the sensor that is shown, empty when none is."""
        return self._sensor.id if self._sensor is not None else ""

    def choose(self, sensor: Sensor | None) -> None:
        """Show this sensor; None shows nothing."""
        self.close()
        self._sensor = sensor
        self._time_ms, self._value = np.empty(0, np.int64), np.empty(0, np.float32)
        if sensor is not None:
            self._heard = self._context.on_readings([sensor.id], self._hear)
            since = self._context.now() - SPAN
            self._context.history([sensor.id], since, lambda series: self._answer(sensor, series))
        self._draw()

    def close(self) -> None:
        """Hear no more."""
        if self._heard is not None:
            self._heard.close()
            self._heard = None

    def _answer(self, sensor: Sensor, series: Sequence[Series]) -> None:
        if sensor is self._sensor and series:
            newer = self._time_ms > (series[0].time_ms[-1] if len(series[0].time_ms) else 0)
            self._time_ms = np.concatenate([series[0].time_ms, self._time_ms[newer]])
            self._value = np.concatenate([series[0].value, self._value[newer]])
            self._draw()

    def _hear(self, readings: list[Reading]) -> None:
        for reading in readings:
            time_ms = _to_ms(reading.at)
            if not len(self._time_ms) or time_ms > self._time_ms[-1]:
                value = reading.value if reading.quality == 0 else float("nan")
                self._time_ms = np.append(self._time_ms, time_ms)
                self._value = np.append(self._value, np.float32(value))
        since = _to_ms(self._context.now() - SPAN)
        if len(self._time_ms) and self._time_ms[0] < since:
            kept = self._time_ms >= since
            self._time_ms, self._value = self._time_ms[kept], self._value[kept]
        self._draw()

    def _draw(self) -> None:
        if self._sensor is None:
            title, limits = "", []
        else:
            title = _("{name}, {unit}").format(name=self._sensor.name, unit=self._sensor.unit or _("no unit"))
            limits = self._limits(self._sensor)
        empty = _("No readings in the last 24 hours.") if self._sensor is not None else _("Choose a station.")
        self._plot.show_series(title, self._time_ms, self._value, limits, empty)

    def _limits(self, sensor: Sensor) -> list[tuple[float, str, str]]:
        """The limits that matter for what is shown, in the unit of the sensor."""
        if sensor.kind in AIR:
            return self._air_limits(sensor)
        if sensor.kind == NOISE:
            limits = self._tables.noise.limits["2"]
            return [(limits.day, _("day limit"), "#e9c46a"), (limits.night, _("night limit"), "#3f88c5")]
        factor = WATER.get(sensor.kind, "")
        water = self._tables.water
        column = water.at_least.get(factor) or water.at_most.get(factor)
        return [(column[WATER_TARGET - 1], _("limit of class Ⅲ"), "#e9c46a")] if column is not None else []

    def _air_limits(self, sensor: Sensor) -> list[tuple[float, str, str]]:
        air = self._tables.air
        column = air.edition_on(self._context.now().astimezone(LOCAL).date()).breakpoints[AIR[sensor.kind]]
        per_unit = concentration(sensor, 1.0)
        top = float(np.nanmax(self._value)) * 1.2 if np.isfinite(self._value).any() else 0.0
        limits = []
        for row in _LIMIT_ROWS:
            level = air.level_of(air.iaqi[row] + 1)
            limit = column[row] / per_unit
            if limit <= max(top, column[2] / per_unit):
                limits.append((limit, level_word(level.key), colour_of(level.rgb)))
        return limits


def _to_ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
