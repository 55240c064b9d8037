"""The newest position of every vehicle, as columns by telemetry index."""

import numpy as np
from numpy.typing import NDArray

MAX_VEHICLES = 1_000_000
"""A hub that is broken may number anything; no seat sets memory aside for it."""


class LatestPositions:
    """Newest position per telemetry index. Not thread-safe.

    `lon`, `lat` f64 degrees WGS-84, `heading` f32 degrees clockwise from north, `speed` f32 km/h, `time_ms` i64
    (ms since 1970 UTC, 0 while never heard); all of one length.
    """

    def __init__(self) -> None:
        self.lon: NDArray[np.float64] = np.zeros(0)
        self.lat: NDArray[np.float64] = np.zeros(0)
        self.heading: NDArray[np.float32] = np.zeros(0, np.float32)
        self.speed: NDArray[np.float32] = np.zeros(0, np.float32)
        self.time_ms: NDArray[np.int64] = np.zeros(0, np.int64)

    def apply(
        self,
        index: NDArray[np.uint32],
        lon: NDArray[np.float64],
        lat: NDArray[np.float64],
        heading: NDArray[np.float32],
        speed: NDArray[np.float32],
        time_ms: NDArray[np.int64],
    ) -> None:
        """Take a batch of positions; one that is older than what is held, or cannot be one, is passed over."""
        known = (index < MAX_VEHICLES) & np.isfinite(lon) & np.isfinite(lat)
        if not known.all():
            index, lon, lat = index[known], lon[known], lat[known]
            heading, speed, time_ms = heading[known], speed[known], time_ms[known]
        if not len(index):
            return
        size = int(index.max()) + 1
        if size > len(self.lon):
            self._grow(size)
        newer = time_ms >= self.time_ms[index]
        at = index[newer]
        self.lon[at] = lon[newer]
        self.lat[at] = lat[newer]
        self.heading[at] = heading[newer]
        self.speed[at] = speed[newer]
        self.time_ms[at] = time_ms[newer]

    def _grow(self, size: int) -> None:
        more = max(size - len(self.lon), 64)
        self.lon = np.concatenate([self.lon, np.zeros(more)])
        self.lat = np.concatenate([self.lat, np.zeros(more)])
        self.heading = np.concatenate([self.heading, np.zeros(more, np.float32)])
        self.speed = np.concatenate([self.speed, np.zeros(more, np.float32)])
        self.time_ms = np.concatenate([self.time_ms, np.zeros(more, np.int64)])
