"""The weather over the simulated district: a rain field that drifts, its sums, and the course of the day."""

import math
from collections import deque
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from controlroom.sources.simulator.geography import KM_PER_LAT, distance_km

_STEP_S = 60.0
_MINUTES = 12 * 60
_EVEN = 0.25


class Sky(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where it rains most (lon, lat, WGS-84), how far that reaches, and where it drifts (east, north)."""

    cloud: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.3
    centre: tuple[float, float] = (116.38, 39.70)
    radius_km: Annotated[float, Meta(gt=0.0)] = 15.0
    drift_kmh: tuple[float, float] = (0.0, 0.0)


class Weather:
    """Rain in mm/h anywhere, and how much fell. Time runs `speed` times as fast as the clock on the wall.

    The sums are those of the place where it rains most. One thread owns an instance.
    """

    def __init__(self, sky: Sky, speed: float = 1.0) -> None:
        self.speed = speed
        self.rain_mm_h = 0.0
        self._sky = sky
        self._centre = np.array(sky.centre)
        self._target = 0.0
        self._slope = 0.0
        self._minutes: deque[float] = deque(maxlen=_MINUTES)
        self._minute_mm = 0.0
        self._minute_s = 0.0

    def head_for(self, mm_h: float, over_s: float) -> None:
        """Let the heaviest rain become `mm_h` within so many seconds of the clock on the wall."""
        self._target = max(0.0, mm_h)
        self._slope = abs(self._target - self.rain_mm_h) / over_s if over_s > 0 else math.inf

    def step(self, seconds: float) -> float:
        """Let so many seconds of the clock on the wall pass; returns how many hours of weather that were."""
        change = self._target - self.rain_mm_h
        self.rain_mm_h += math.copysign(min(abs(change), self._slope * seconds), change) if change else 0.0
        hours = seconds * self.speed / 3600.0
        if self.rain_mm_h > 0.0:
            drift = np.array(self._sky.drift_kmh) * hours
            self._centre = self._centre + drift / (KM_PER_LAT * np.array([0.77, 1.0]))
        self._fall(seconds * self.speed)
        return hours

    def rain_at(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rain at n x 2 points, mm/h."""
        if self.rain_mm_h <= 0.0:
            return np.zeros(len(points))
        away = distance_km(points, self._centre) / self._sky.radius_km
        result: NDArray[np.float64] = self.rain_mm_h * (_EVEN + (1.0 - _EVEN) * np.exp(-0.5 * away**2))
        return result

    def fallen_mm(self, hours: float) -> float:
        """What fell in the last hours of weather where it rains most, at most twelve."""
        wanted = min(_MINUTES, round(hours * 60))
        recent = list(self._minutes)[-wanted:] if wanted else []
        return sum(recent) + self._minute_mm

    @property
    def cloud(self) -> float:
        """How much of the course of the day the clouds take away, 0 to 1."""
        return max(self._sky.cloud, min(1.0, self.rain_mm_h / 10.0))

    def _fall(self, seconds: float) -> None:
        while seconds > 0.0:
            step = min(seconds, _STEP_S - self._minute_s)
            self._minute_mm += self.rain_mm_h * step / 3600.0
            self._minute_s += step
            seconds -= step
            if self._minute_s >= _STEP_S:
                self._minutes.append(self._minute_mm)
                self._minute_mm = self._minute_s = 0.0


def daily_course(hour: float, peak_h: NDArray[np.float64]) -> NDArray[np.float64]:
    """The course of the day at a local hour: 1 at `peak_h`, -1 twelve hours away."""
    result: NDArray[np.float64] = np.cos((hour - peak_h) * math.tau / 24.0)
    return result
