"""Saved values of a set of sensors, against which later ones are compared: golden values with a threshold."""

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from controlroom.domain.sensor import Finite
from controlroom.domain.times import Instant

SENSORS_MOST = 1000
"""Sensors of one snapshot at the most; every seat holds every snapshot."""


class Threshold(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """From which difference a value counts as another: in the unit of the sensor, or in per cent of the saved value."""

    by: Annotated[float, Meta(gt=0.0, le=1e9)] = 10.0
    percent: bool = True


class ValueSnapshot(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What some sensors (ids) read at a time, under a name; `values[i]` belongs to `sensors[i]`, None: none was known.

    `by` at `seat` saved it `at`; `changed_by` changed its name or threshold last. A removed one is told once and held
    by no room.
    """

    id: str
    name: str
    sensors: tuple[str, ...]
    values: tuple[Finite | None, ...]
    taken_at: Instant
    by: str
    at: Instant
    threshold: Threshold = Threshold()
    seat: str = ""
    changed_by: str = ""
    changed_at: Instant | None = None
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Differences:
    """Columns of n sensors: `delta` is now less then (NaN where either is missing), `percent` of then (NaN at 0).

    `beyond` tells where the threshold is passed, `missing` where nothing can be said.
    """

    delta: NDArray[np.float64]
    percent: NDArray[np.float64]
    beyond: NDArray[np.bool_]
    missing: NDArray[np.bool_]


def differences(then: NDArray[np.float64], now: NDArray[np.float64], threshold: Threshold) -> Differences:
    """What differs, in the order given. Of a saved 0 every other value is more than any per cent away."""
    delta = now - then
    missing = ~np.isfinite(delta)
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = np.where(then != 0.0, 100.0 * delta / np.abs(then), np.nan)
    # 32-bit readings: 10 per cent of 20.0 is 2.0000002 as often as not.
    bound = threshold.by * (1.0 + 1e-6)
    if threshold.percent:
        beyond = np.where(then == 0.0, delta != 0.0, np.abs(percent) > bound)
    else:
        beyond = np.abs(delta) > bound
    return Differences(delta, percent, beyond & ~missing, missing)


def saved(values: NDArray[np.floating]) -> tuple[float | None, ...]:
    """Columns as a snapshot keeps them: None where there is no value."""
    return tuple(float(value) if math.isfinite(value) else None for value in values.tolist())


def columns_of(snapshot: ValueSnapshot) -> NDArray[np.float64]:
    """The saved values as a column, NaN where none was known."""
    return np.array([math.nan if value is None else value for value in snapshot.values], np.float64)
