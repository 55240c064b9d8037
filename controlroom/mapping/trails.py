"""Where vehicles have been lately: bounded columns that all maps of a seat share.

A vehicle's place is kept once in a while only (`step_ms`), so that half an hour of a district takes a few megabytes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from controlroom.mapping.coordinates import NOWHERE, Fixed, to_fixed

KEPT_MS = 30 * 60_000
"""How far back trails go."""

_STEP_MS = 3_000
_MOST_ROWS = 600_000
_CLOCK_BACK_MS = 60_000
"""A vehicle whose time goes back by more begins anew, as when a recording is played again."""

Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class TrailRows:
    """Rows of trails, vehicle by vehicle and the oldest first: index i64, fixed-point x and y u32, time ms i64."""

    index: NDArray[np.int64]
    x: Fixed
    y: Fixed
    time_ms: Times

    def __len__(self) -> int:
        return len(self.index)


class Trails:
    """The trails of vehicles by index. One thread owns an instance."""

    def __init__(self) -> None:
        self.ids: tuple[str, ...] = ()
        self.step_ms = _STEP_MS
        self._allocate(0)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def nbytes(self) -> int:
        """The memory of the columns."""
        return self._x.nbytes + self._y.nbytes + self._time.nbytes

    def replace(self, ids: Sequence[str]) -> None:
        """The vehicles anew; those that were known keep their trails."""
        if tuple(ids) == self.ids:
            return
        held = {name: index for index, name in enumerate(self.ids)}
        kept = self.rows()
        self.ids = tuple(ids)
        self._allocate(len(self.ids))
        moved = np.full(len(held) + 1, -1, np.int64)
        for new, name in enumerate(self.ids):
            if name in held:
                moved[held[name]] = new
        index = moved[kept.index] if len(kept) else kept.index
        order = np.argsort(kept.time_ms, kind="stable")
        for at in np.split(order, np.flatnonzero(np.diff(kept.time_ms[order])) + 1) if len(order) else ():
            here = at[index[at] >= 0]
            self._store(index[here], kept.x[here], kept.y[here], kept.time_ms[here])

    def clear(self) -> None:
        """Forget all trails: another room, or another time."""
        self._allocate(len(self.ids))

    def add(self, index: ArrayLike, lon: ArrayLike, lat: ArrayLike, time_ms: ArrayLike) -> None:
        """Positions (WGS-84 degrees, ms UTC); what has no place, no vehicle or comes too soon after is passed over."""
        which = np.asarray(index, np.int64)
        if not len(which):
            return
        x, y = to_fixed(lon, lat)
        times = np.asarray(time_ms, np.int64)
        good = (which >= 0) & (which < len(self.ids)) & (x != NOWHERE) & (times > 0)
        which, x, y, times = which[good], x[good], y[good], times[good]
        # Of several reports of a vehicle in one batch the last counts.
        _unique, last = np.unique(which[::-1], return_index=True)
        rows = len(which) - 1 - last
        which, x, y, times = which[rows], x[rows], y[rows], times[rows]
        newest = self.newest_ms[which]
        restarted = which[(newest > 0) & (times < newest - _CLOCK_BACK_MS)]
        if len(restarted):
            self._time[restarted] = 0
            self.newest_ms[restarted] = 0
        due = times - self.newest_ms[which] >= self.step_ms
        self._store(which[due], x[due], y[due], times[due])

    def rows(self, since_ms: int = 0, which: ArrayLike | None = None, until_ms: int | None = None) -> TrailRows:
        """What is kept of some or all vehicles since (and until) a time."""
        return self._taken(self._time >= max(since_ms, 1), which, until_ms)

    def after(self, times_ms: Times, since_ms: int, which: ArrayLike | None = None) -> TrailRows:
        """What is newer than a time per vehicle (ms i64[vehicles]), and not older than `since_ms`."""
        return self._taken(self._time > np.maximum(times_ms, since_ms - 1)[:, None], which, None)

    def at(self, time_ms: int, most_ms: int) -> tuple[TrailRows, NDArray[np.float32]]:
        """The last row of every vehicle at a time, none older than `most_ms`, and its heading in degrees from north."""
        rows = self.rows(time_ms - most_ms, until_ms=time_ms)
        if not len(rows):
            return rows, np.zeros(0, np.float32)
        last = np.flatnonzero(np.diff(rows.index, append=-1))
        first = np.maximum(last - 1, 0)
        same = rows.index[first] == rows.index[last]
        east = (rows.x[last].astype(np.float64) - rows.x[first]) * same
        south = (rows.y[last].astype(np.float64) - rows.y[first]) * same
        heading = (np.degrees(np.arctan2(east, -south)) % 360.0).astype(np.float32)
        return TrailRows(rows.index[last], rows.x[last], rows.y[last], rows.time_ms[last]), heading

    def oldest_ms(self) -> int:
        """Since when anything is kept; 0 when nothing is."""
        known = self._time[self._time > 0]
        return int(known.min()) if len(known) else 0

    def _taken(self, chosen: NDArray[np.bool_], which: ArrayLike | None, until_ms: int | None) -> TrailRows:
        if until_ms is not None:
            chosen &= self._time <= until_ms
        if which is not None:
            wanted = np.zeros(len(self.ids), np.bool_)
            wanted[np.asarray(which, np.int64)] = True
            chosen &= wanted[:, None]
        index, place = np.nonzero(chosen)
        times = self._time[index, place]
        order = np.lexsort((times, index))
        index, place = index[order], place[order]
        return TrailRows(index, self._x[index, place], self._y[index, place], times[order])

    def _store(self, which: NDArray[np.int64], x: Fixed, y: Fixed, times: Times) -> None:
        if not len(which):
            return
        place = self._next[which]
        self._x[which, place], self._y[which, place], self._time[which, place] = x, y, times
        self._next[which] = (place + 1) % self._x.shape[1]
        self.newest_ms[which] = times

    def _allocate(self, count: int) -> None:
        slots = min(KEPT_MS // _STEP_MS, max(2, _MOST_ROWS // max(1, count)))
        self.step_ms = math.ceil(KEPT_MS / slots)
        self._x: Fixed = np.zeros((count, slots), np.uint32)
        self._y: Fixed = np.zeros((count, slots), np.uint32)
        self._time: Times = np.zeros((count, slots), np.int64)
        self._next: NDArray[np.int64] = np.zeros(count, np.int64)
        self.newest_ms: Times = np.zeros(count, np.int64)
        """When each vehicle's trail ends; 0 where there is none."""
