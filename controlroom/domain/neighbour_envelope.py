"""Is it this one sensor or the district: one curve against the band of its nearest neighbours of the kind."""

import enum
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.neighbours import COUNT, LEAST
from controlroom.domain.sensor import Sensor

Floats = NDArray[np.float64]

FACTOR = 3.0
"""So many robust deviations of the neighbours from their median are still like them: a house figure."""

_RECENT = 0.25
_LEAST_CELLS = 4
_TO_SIGMA = 1.4826
_KM_PER_DEGREE = 111.195


class Verdict(enum.StrEnum):
    """What the band says of the newest part of a curve."""

    SENSOR = "sensor"
    """It leaves its neighbours, which stay together: it is this one sensor, or what stands beside it."""
    DISTRICT = "district"
    """Its neighbours moved with it: it is the district."""
    ALIKE = "alike"
    """It is as its neighbours are, and they are as they were."""
    UNKNOWN = "unknown"
    """Too few neighbours or readings to say anything."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """`least`, `median` and `greatest` of the neighbours [n cells], NaN where fewer than LEAST have a value.

    `usable` [n] tells how many neighbours had one. Of the newest quarter of the cells: `cells` in which both could be
    compared, `apart` the share in which the sensor is further from their median than FACTOR robust deviations
    (so that a few neighbours that are wrong themselves do not hide it); `offset` the median distance from the
    neighbours' median; `moved` by how much that median differs from the time before (all in the sensor's unit).
    """

    least: Floats
    median: Floats
    greatest: Floats
    usable: NDArray[np.int64]
    cells: int
    apart: float
    offset: float
    moved: float
    verdict: Verdict


def nearest_of_kind(sensor: Sensor, sensors: Mapping[str, Sensor], most: int = COUNT) -> list[tuple[Sensor, float]]:
    """The nearest other sensors of its kind with their distance in km, nearest first; none without a place."""
    point = sensor.point
    if point is None:
        return []
    scale = math.cos(math.radians(point.lat))
    found = []
    for other in sensors.values():
        if other.kind == sensor.kind and other.id != sensor.id and other.point is not None:
            east, north = (other.point.lon - point.lon) * scale, other.point.lat - point.lat
            found.append((other, _KM_PER_DEGREE * math.hypot(east, north)))
    return sorted(found, key=lambda each: (each[1], each[0].id))[:most]


def envelope(own: Floats, others: Sequence[Floats], least_gap: float) -> Envelope:
    """The band of the neighbours on the grid of `own` (NaN where missing), and what it says of the newest quarter.

    `least_gap` is how far from the neighbours' median a sensor may always be (unit of the sensor), so that neighbours
    that read exactly the same do not make a difference out of nothing.
    """
    count = len(own)
    band = np.array(others, np.float64).reshape(len(others), count)
    usable = np.isfinite(band).sum(axis=0)
    enough = usable >= LEAST
    least, median, greatest, spread = (np.full(count, np.nan) for _ in range(4))
    if enough.any():
        part = band[:, enough]
        least[enough], greatest[enough] = np.nanmin(part, axis=0), np.nanmax(part, axis=0)
        median[enough] = np.nanmedian(part, axis=0)
        spread[enough] = np.nanmedian(np.abs(part - median[enough]), axis=0) * _TO_SIGMA
    newest = max(int(count * (1 - _RECENT)), 0)
    both = np.isfinite(own) & enough
    recent = both & (np.arange(count) >= newest)
    cells = int(recent.sum())
    if cells < _LEAST_CELLS:
        return Envelope(least, median, greatest, usable, cells, 0.0, math.nan, math.nan, Verdict.UNKNOWN)
    gap, bound = own - median, np.maximum(least_gap, FACTOR * spread)
    out = recent & (np.abs(gap) > bound)
    apart, offset = float(out.sum() / cells), float(np.median(gap[recent]))
    before = median[:newest][np.isfinite(median[:newest])]
    moved = float(np.median(median[recent]) - np.median(before)) if len(before) >= _LEAST_CELLS else math.nan
    if apart >= 0.5:
        verdict = Verdict.SENSOR
    elif math.isfinite(moved) and abs(moved) > max(least_gap, FACTOR * _wander(before)):
        verdict = Verdict.DISTRICT
    else:
        verdict = Verdict.ALIKE
    return Envelope(least, median, greatest, usable, cells, apart, offset, moved, verdict)


def _wander(before: Floats) -> float:
    """How far the neighbours' median itself went to and fro in the time before."""
    return float(np.median(np.abs(before - np.median(before)))) * _TO_SIGMA
