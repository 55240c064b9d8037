"""What the simulated sensors measure: one model per kind, with noise, silence, stuck devices and skewed clocks."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

import resources
from controlroom.domain.kinds import SensorKind
from controlroom.domain.readings import GOOD
from controlroom.sources.outbox import Values
from controlroom.sources.simulator.district import District, Share
from controlroom.sources.simulator.weather import Weather, daily_course

Columns = NDArray[np.float64]
Model = Literal["plain", "rain", "flood", "river", "lamp", "crowd", "direction"]

_RETURN_S = 90.0
_MARGIN_DEADBANDS = 2.0
_DRAIN_MM_H = 14.0
_CM_PER_MM = 3.4
_RECEDE_PER_H = 1.1
_NIGHT = (6.5, 17.5)


class Signal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one kind moves (resources/data/simulation/signals.toml, which explains the fields)."""

    base: tuple[float, float]
    noise: float
    period_s: Annotated[float, Meta(gt=0.0)]
    model: Model = "plain"
    daily: float = 0.0
    peak_h: float = 14.0
    rain: float = 0.0
    soak: float = 0.0


class Troubles(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which part of the sensors is silent, stuck, noisy or has a clock that is off."""

    silent_share: Share = 0.0
    stuck_share: Share = 0.0
    noisy_share: Share = 0.0
    clock_skew_share: Share = 0.0
    clock_skew_s: float = 0.0


class SignalTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The signals of all kinds."""

    kinds: dict[str, Signal]
    defaults: Troubles = Troubles()


def load_signals() -> SignalTable:
    """The table that travels with the program."""
    return msgspec.toml.decode(resources.path("data", "simulation", "signals.toml").read_bytes(), type=SignalTable)


class Signals:
    """The values of every sensor as columns of length n. One thread owns an instance; the seed decides the course.

    A calm value keeps clear of the limits; rain, soaking, floods and `push` may cross them.
    """

    def __init__(
        self,
        district: District,
        kinds: Mapping[str, SensorKind],
        table: SignalTable,
        *,
        seed: int,
        slowdown: float = 1.0,
    ) -> None:
        self._random = np.random.default_rng([seed, 4])
        random, sensors = self._random, district.sensors
        signals = [table.kinds[s.kind] for s in sensors]
        self.kind: NDArray[np.str_] = np.array([s.kind for s in sensors])
        self._points = district.points
        self._model = np.array([s.model for s in signals])
        low = np.array([s.base[0] for s in signals], float)
        high = np.array([s.base[1] for s in signals], float)
        self._base: Columns = random.uniform(low, high)
        self._noise = np.array([s.noise for s in signals], float)
        self._daily = np.array([s.daily for s in signals], float)
        self._peak_h = np.array([s.peak_h for s in signals], float)
        self._rain = np.array([s.rain for s in signals], float)
        self._soak = np.array([s.soak for s in signals], float)
        self._period_s = np.array([s.period_s for s in signals], float) * slowdown
        self._phase = random.uniform(0.0, 1.0, len(sensors))
        self._turn = np.full(len(sensors), -1, np.int64)
        self._heard_s: Columns = np.zeros(len(sensors))
        self._range = np.array([(kinds[s.kind].low, kinds[s.kind].high) for s in sensors], float)
        self._calm = np.array([_calm_range(kinds[s.kind]) for s in sensors], float)
        self._walk: Columns = np.zeros(len(sensors))
        self._soaked: Columns = np.zeros(len(sensors))
        self._lowness: Columns = random.beta(1.3, 2.6, len(sensors))
        self.depth_cm: Columns = np.zeros(len(sensors))
        self._pushed: Columns = np.full(len(sensors), np.nan)
        self._value: Columns = self._base.copy()
        self._trouble(table.defaults)

    def _trouble(self, troubles: Troubles) -> None:
        count = len(self._base)
        chance = self._random.uniform(0.0, 1.0, (4, count))
        # What a scenario is about must work; its troubles are scripted.
        spared = np.isin(self._model, ("flood", "rain", "river"))
        self.silent = (chance[0] < troubles.silent_share) & ~spared
        self.stuck = (chance[1] < troubles.stuck_share) & ~spared
        self._noise = np.where(chance[2] < troubles.noisy_share, self._noise * 2.5, self._noise)
        off = (chance[3] < troubles.clock_skew_share) & ~spared
        self.skew_ms = np.where(off, self._random.normal(0.0, troubles.clock_skew_s * 1000.0, count), 0.0).astype(
            np.int64
        )

    def push(self, rows: NDArray[np.int64], values: NDArray[np.float64] | float) -> None:
        """Let sensors measure about these values, whatever the weather; NaN lets go of them."""
        self._pushed[rows] = values

    def pushed(self) -> NDArray[np.bool_]:
        """Which sensors are pushed."""
        return ~np.isnan(self._pushed)

    def step(self, weather: Weather, hours: float) -> None:
        """Let so many hours of weather pass: water soaks, gathers and recedes."""
        rain = weather.rain_at(self._points)
        self._soaked = self._soaked * np.exp(-hours) + rain * hours
        inflow = np.maximum(0.0, rain * (0.25 + self._lowness) - _DRAIN_MM_H) * _CM_PER_MM * self._lowness
        self.depth_cm = np.maximum(0.0, self.depth_cm * np.exp(-_RECEDE_PER_H * hours) + inflow * hours)

    def report_all(self) -> None:
        """Every reading is due."""
        self._turn[:] = -1

    def due(self, elapsed_s: float, time_ms: int, hour: float, weather: Weather) -> Values:
        """The readings that are due by now; each sensor has a period and a phase of its own. `hour` is local."""
        turn = np.floor(elapsed_s / self._period_s + self._phase).astype(np.int64)
        rows = np.flatnonzero((turn > self._turn) & ~self.silent)
        self._turn[rows] = turn[rows]
        moving = rows[~self.stuck[rows]]
        self._value[moving] = self._measure(moving, elapsed_s, hour, weather)
        self._heard_s[rows] = elapsed_s
        return Values(
            rows,
            self._value[rows].astype(np.float32),
            time_ms + self.skew_ms[rows],
            np.full(len(rows), GOOD, np.uint8),
        )

    def _measure(self, rows: NDArray[np.int64], elapsed_s: float, hour: float, weather: Weather) -> Columns:
        keeps = np.exp(-np.maximum(elapsed_s - self._heard_s[rows], 0.0) / _RETURN_S)
        shock = self._random.normal(0.0, 1.0, len(rows)) * np.sqrt(1.0 - keeps**2)
        self._walk[rows] = self._walk[rows] * keeps + shock
        noise = self._walk[rows] * self._noise[rows]
        course = daily_course(hour, self._peak_h[rows]) * self._daily[rows] * (1.0 - 0.6 * weather.cloud)
        model = self._model[rows]
        course = np.where(model == "lamp", _lamp(hour, self._base[rows]) - self._base[rows], course)
        course = np.where(model == "crowd", (_crowd(hour) - 1.0) * self._base[rows], course)
        calm = np.clip(self._base[rows] + course + noise, self._calm[rows, 0], self._calm[rows, 1])
        rain = weather.rain_at(self._points[rows])
        value = calm + self._rain[rows] * rain + self._soak[rows] * self._soaked[rows]
        value = np.where(model == "rain", rain * (1.0 + 0.05 * self._walk[rows]), value)
        value = np.where(model == "flood", np.maximum(0.0, calm + self.depth_cm[rows]), value)
        value = np.where(model == "direction", (self._base[rows] + course + noise) % 360.0, value)
        pushed = self._pushed[rows]
        value = np.where(np.isnan(pushed), value, pushed + 0.5 * noise)
        return np.clip(value, self._range[rows, 0], self._range[rows, 1])


def _calm_range(kind: SensorKind) -> tuple[float, float]:
    """The range that crosses no limit, with a margin."""
    margin = _MARGIN_DEADBANDS * kind.deadband
    above = [limit.above for limit in kind.limits if limit.above is not None]
    below = [limit.below for limit in kind.limits if limit.below is not None]
    return (max([kind.low, *(b + margin for b in below)]), min([kind.high, *(a - margin for a in above)]))


def _lamp(hour: float, base: Columns) -> Columns:
    return base if hour < _NIGHT[0] or hour > _NIGHT[1] else np.full_like(base, 2.0)


def _crowd(hour: float) -> float:
    return 0.05 + 0.95 * float(np.exp(-0.5 * ((hour - 14.0) / 4.0) ** 2))
