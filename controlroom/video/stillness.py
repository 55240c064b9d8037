"""Whether the pictures of a stream still change: a stuck encoder goes on sending the same one."""

import av
import numpy as np
from numpy.typing import NDArray

LOOK_S = 1.0
"""How often a picture is compared."""

_STEP = 2
_NOISE = 24
"""Steps of luma. An encoder's own noise on one and the same picture stays below, any motion or burnt-in clock does not:
in the real recordings of the tests the quietest second differs by 35."""


class Stillness:
    """Compares the luma of every second pixel, once a second (about 1 ms at 1080p); used by one thread."""

    def __init__(self) -> None:
        self._held: NDArray[np.uint8] | None = None
        self._looked_s = 0.0

    def changed(self, frame: av.VideoFrame, now_s: float) -> bool:
        """Whether this picture differs from the last one that did; False between two looks."""
        if self._held is not None and now_s - self._looked_s < LOOK_S:
            return False
        self._looked_s = now_s
        plane = frame.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        seen = rows[: frame.height : _STEP, : frame.width : _STEP].copy()
        held = self._held
        if held is not None and held.shape == seen.shape:
            difference = np.maximum(held, seen) - np.minimum(held, seen)
            if int(difference.max(initial=0)) <= _NOISE:
                return False
        self._held = seen
        return True
