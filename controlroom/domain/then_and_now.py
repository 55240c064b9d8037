"""One curve beside the same curve of another day: where they part, and by how much."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ThenAndNow:
    """`delta` [n] is now less then (NaN where either is missing), in `pairs` cells both have a value.

    `mean` is the mean difference, `at` the cell of the greatest one (whatever its sign), None without pairs.
    """

    now: Floats
    then: Floats
    delta: Floats
    pairs: int
    mean: float
    at: int | None


def then_and_now(course: Floats, ago: int) -> ThenAndNow:
    """Compare the end of a course [m cells] with what it was `ago` cells before; n = m - ago cells are compared.

    Raises ValueError when the course does not reach so far back.
    """
    if not 0 < ago < len(course):
        raise ValueError("the course does not reach so far back")
    count = min(len(course) - ago, ago)
    now, then = course[-count:], course[-count - ago : len(course) - ago]
    delta = now - then
    known = np.isfinite(delta)
    if not known.any():
        return ThenAndNow(now, then, delta, 0, math.nan, None)
    return ThenAndNow(now, then, delta, int(known.sum()), float(delta[known].mean()), int(np.nanargmax(np.abs(delta))))
