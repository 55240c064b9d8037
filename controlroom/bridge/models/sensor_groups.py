"""Sensors of large kinds as one row for each town and model: how many, how many online, mean, extent and worst."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.limits import Freshness
from controlroom.domain.sensor import Sensor


class SensorGroups:
    """Groups by kind, town and model of the sensors of some kinds. One thread owns an instance.

    The columns have a row for each group: `count`, `online` (live readings), `abnormal` (beyond a limit), `worst`
    (the severity, 0 none), `mean`, `least` and `most` of what is live (NaN where nothing is) and the age of the
    newest reading (-1: never heard).
    """

    def __init__(self, kinds: AbstractSet[str]) -> None:
        self._kinds = kinds
        self.keys: list[tuple[str, str, str]] = []
        self.of_place: NDArray[np.int64] = np.empty(0, np.int64)
        self._members: NDArray[np.int64] = np.empty(0, np.int64)
        self._group: NDArray[np.int64] = np.empty(0, np.int64)
        self._starts: NDArray[np.int64] = np.empty(0, np.int64)
        self.count = self.online = self.abnormal = self.worst = self.age_ms = np.empty(0, np.int64)
        self.mean = self.least = self.most = np.empty(0)

    def declare(self, sensors: Sequence[Sensor]) -> None:
        """Take all sensors; those of other kinds belong to no group."""
        codes: dict[tuple[str, str, str], int] = {}
        self.of_place = np.array(
            [codes.setdefault((s.kind, s.town, s.model), len(codes)) if s.kind in self._kinds else -1 for s in sensors],
            np.int64,
        )
        self.keys = list(codes)
        members = np.flatnonzero(self.of_place >= 0)
        self._members = members[np.argsort(self.of_place[members], kind="stable")]
        self._group = self.of_place[self._members]
        self._starts = np.searchsorted(self._group, np.arange(len(codes)))
        self.count = np.bincount(self._group, minlength=len(codes))

    def look(
        self,
        value: NDArray[np.float32],
        level: NDArray[np.int8],
        freshness: NDArray[np.uint8],
        age_ms: NDArray[np.int64],
    ) -> None:
        """Sum up the columns of all sensors by place."""
        if not len(self.keys):
            return
        members, starts, number = self._members, self._starts, len(self.keys)
        live = freshness[members] == Freshness.LIVE
        values = value[members].astype(np.float64)
        self.online = np.bincount(self._group[live], minlength=number)
        levels = level[members]
        self.abnormal = np.bincount(self._group[levels > 0], minlength=number)
        worst = np.minimum.reduceat(np.where(levels > 0, levels, 5).astype(np.int64), starts)
        self.worst = np.where(worst == 5, 0, worst)
        sums = np.bincount(self._group[live], weights=values[live], minlength=number)
        with np.errstate(invalid="ignore", divide="ignore"):
            self.mean = sums / np.where(self.online > 0, self.online, np.nan)
        least = np.minimum.reduceat(np.where(live, values, np.inf), starts)
        most = np.maximum.reduceat(np.where(live, values, -np.inf), starts)
        self.least, self.most = np.where(np.isfinite(least), least, np.nan), np.where(np.isfinite(most), most, np.nan)
        ages = np.where(age_ms[members] < 0, np.iinfo(np.int64).max, age_ms[members])
        newest = np.minimum.reduceat(ages, starts)
        self.age_ms = np.where(newest == np.iinfo(np.int64).max, -1, newest)
