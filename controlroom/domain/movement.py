"""How one value moved through a stretch of time: steadily, in one jump, or not at all. Figures are house figures."""

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

LEAST_READINGS = 9
"""Below this many readings nothing is said of a movement: three for each third of the stretch."""

LEAST_S = 180.0
"""Nor of a shorter stretch."""

OUT_OF_SCATTER = 4.0
"""The thirds of a stretch must lie so many times the scatter apart to be a movement and no noise."""

JUMP_SHARE = 0.6
"""A single step that makes up so much of all that was between least and greatest, and stays, is a jump."""

STILL_SHARE = 0.5
"""A value that has not changed at all for so much of the stretch is still."""


class Movement(Struct, frozen=True, kw_only=True):
    """What a value did over `span_s` seconds.

    `direction` is 1 or -1 for a steady movement and 0 for none, `change` how far it went from the first third to the
    last, `pace_per_h` at which pace (units of the value). `jump` is the one step that made the difference (0 without),
    `jump_ago_s` how long before the last reading. `still_s`: it has been exactly the same for so long at the end.
    """

    span_s: float
    readings: int
    middle: float
    direction: int = 0
    change: float = 0.0
    pace_per_h: float = 0.0
    jump: float = 0.0
    jump_ago_s: float = 0.0
    still_s: float = 0.0

    @property
    def still(self) -> bool:
        """Whether it has not changed at all for a good part of the stretch."""
        return self.span_s >= LEAST_S and self.still_s >= STILL_SHARE * self.span_s


def movement(time_ms: NDArray[np.int64], value: NDArray[np.float32], finest: float) -> Movement | None:
    """How values moved over ascending times (both of length n); those that are not finite are passed over.

    `finest` is the least difference that counts in the unit of the value. None where too little is known.
    """
    good = np.isfinite(value)
    at, told = time_ms[good] / 1000.0, value[good].astype(np.float64)
    if len(told) < LEAST_READINGS or at[-1] - at[0] < LEAST_S:
        return None
    span = float(at[-1] - at[0])
    same = np.flatnonzero(told != told[-1])
    still_s = span if not len(same) else float(at[-1] - at[same[-1] + 1])
    part = np.clip(((at - at[0]) / span * 3.0).astype(np.int64), 0, 2)
    thirds = [told[part == number] for number in range(3)]
    known = Movement(span_s=span, readings=len(told), middle=float(np.median(told)), still_s=still_s)
    if any(not len(third) for third in thirds):
        return known
    step = np.diff(told)
    largest = int(np.argmax(np.abs(step)))
    jump, usual = float(step[largest]), float(np.median(np.abs(step)))
    width = float(told.max() - told.min())
    after, before = told[largest + 1 : largest + 6], told[max(largest - 4, 0) : largest + 1]
    stays = abs(float(np.median(after) - np.median(before)))
    if min(abs(jump), stays) > max(finest, OUT_OF_SCATTER * usual, JUMP_SHARE * width):
        return msgspec.structs.replace(known, jump=jump, jump_ago_s=float(at[-1] - at[largest + 1]))
    first, middle, last = (float(np.median(third)) for third in thirds)
    change = last - first
    # The scatter is what is left beside the line through the thirds: a movement is no scatter of itself.
    line = first + (at - at[0] - span / 6.0) * change / (span * 2.0 / 3.0)
    scatter = 1.4826 * float(np.median(np.abs(told - line)))
    on_the_way = min(first, last) <= middle <= max(first, last)
    if abs(change) > max(finest, OUT_OF_SCATTER * scatter) and on_the_way:
        pace = change / (span * 2.0 / 3.0) * 3600.0
        return msgspec.structs.replace(known, direction=1 if change > 0 else -1, change=change, pace_per_h=pace)
    return known
