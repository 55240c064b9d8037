"""How often the wind came from where, and how strong: 16 directions x classes of speed, and the share of calms."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.past_readings import Series
from controlroom.domain.readings import GOOD

DIRECTIONS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")

CLASSES_M_S = (0.3, 1.6, 3.4, 5.5, 8.0, 10.8)
"""Where the forces 1 to 6 of the wind scale begin (GB/T 28591-2012); the last class holds all that is stronger.

Below the first one the wind is calm (force 0) and has no direction.
"""

_SECTOR_DEG = 360.0 / len(DIRECTIONS)


@dataclass(frozen=True, slots=True)
class WindRose:
    """`counts` [16 directions, classes] of readings with both speed and direction; `calm` those of force 0.

    `unpaired` readings of speed (not calm) had no usable direction beside them, `variable` had one that turned through
    more than half of the circle within its bin. `mean_m_s` is the mean of all speeds that count.
    """

    counts: NDArray[np.int64]
    calm: int
    unpaired: int
    variable: int
    mean_m_s: float

    @property
    def total(self) -> int:
        """Readings that count, calms included."""
        return int(self.counts.sum()) + self.calm

    @property
    def shares(self) -> NDArray[np.float64]:
        """The counts as shares of all that count, calms included."""
        return self.counts / max(self.total, 1)

    @property
    def calm_share(self) -> float:
        """The share of calms."""
        return self.calm / max(self.total, 1)

    @property
    def leading(self) -> int | None:
        """The direction from which it blew most often, None without any."""
        by_direction = self.counts.sum(axis=1)
        return int(by_direction.argmax()) if by_direction.any() else None


def sector_of(direction_deg: NDArray[np.float64]) -> NDArray[np.int64]:
    """The place in DIRECTIONS of directions in degrees from north over east, from which the wind comes."""
    sector: NDArray[np.int64] = np.floor((direction_deg % 360.0 + _SECTOR_DEG / 2) / _SECTOR_DEG).astype(np.int64)
    return sector % len(DIRECTIONS)


def wind_rose(speed: Series, direction: Series, within_ms: int) -> WindRose:
    """The rose of a station's two series; each speed goes with the nearest direction at most `within_ms` away."""
    counts = np.zeros((len(DIRECTIONS), len(CLASSES_M_S)), np.int64)
    usable, steady = _usable(speed), _usable(direction)
    time, value, weight = speed.time[usable], speed.value[usable].astype(np.float64), speed.count[usable]
    if not len(time):
        return WindRose(counts, 0, 0, 0, float("nan"))
    # A 32-bit 0.3 is a little more or less than 0.3.
    kind = np.searchsorted(np.array(CLASSES_M_S), np.round(value, 3), side="right") - 1
    blows = kind >= 0
    place, near = _nearest(direction.time[steady], time, within_ms)
    degrees = np.where(near, direction.value[steady][place] if steady.any() else np.nan, np.nan).astype(np.float64)
    turned = np.zeros(len(time), np.bool_)
    if direction.binned and steady.any():
        spread = direction.greatest[steady].astype(np.float64) - direction.least[steady]
        turned = near & (spread[place] > 180.0)
    known = blows & np.isfinite(degrees) & ~turned
    np.add.at(counts, (sector_of(degrees[known]), kind[known]), weight[known])
    mean = float((value * weight).sum() / weight.sum())
    return WindRose(
        counts,
        int(weight[~blows].sum()),
        int(weight[blows & ~known & ~turned].sum()),
        int(weight[blows & turned].sum()),
        mean,
    )


def together(roses: Iterable[WindRose]) -> WindRose:
    """The roses of several stretches of time as one."""
    counts = np.zeros((len(DIRECTIONS), len(CLASSES_M_S)), np.int64)
    calm = unpaired = variable = 0
    speeds = weights = 0.0
    for rose in roses:
        counts = counts + rose.counts
        calm, unpaired, variable = calm + rose.calm, unpaired + rose.unpaired, variable + rose.variable
        weight = rose.total + rose.unpaired + rose.variable
        if weight:
            speeds, weights = speeds + rose.mean_m_s * weight, weights + weight
    return WindRose(counts, calm, unpaired, variable, speeds / weights if weights else float("nan"))


def _usable(series: Series) -> NDArray[np.bool_]:
    usable = np.isfinite(series.value) & (series.count > 0)
    return usable if series.binned else usable & (series.quality == GOOD)


def _nearest(
    held: NDArray[np.int64], asked: NDArray[np.int64], within_ms: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """For each asked time the place of the nearest held one, and whether it is near enough."""
    if not len(held):
        return np.zeros(len(asked), np.int64), np.zeros(len(asked), np.bool_)
    after = np.minimum(np.searchsorted(held, asked), len(held) - 1)
    before = np.maximum(after - 1, 0)
    place = np.where(np.abs(held[before] - asked) <= np.abs(held[after] - asked), before, after)
    return place, np.abs(held[place] - asked) <= within_ms
