"""Judges where vehicles are against the fences, and tells it as alarms of the hub's own.

The first position of a vehicle says on which side it is and is told of nobody: only who crosses is. Outside of the
hours of a fence its vehicles are followed, but nobody is told of: who is inside when the hours begin has not crossed.
When the hours end what stands is over. Titles are data of the district and stand in Chinese, whatever the language of
the seats.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from controlroom.domain.alarm_names import FENCES, crossing_key
from controlroom.domain.events import Event
from controlroom.domain.fence import Fence
from controlroom.domain.limit_book import ZONE
from controlroom.domain.place import Point
from controlroom.domain.times import from_ms
from controlroom.hub.alarm_context import still_told
from controlroom.hub.core import Core
from controlroom.mapping.analysis.areas import Area, inside, read_area, vertices
from controlroom.mapping.analysis.plane import Plane
from controlroom.mapping.coordinates import Floats
from controlroom.wire.frames import Positions
from controlroom.wire.messages import AlarmRecord, ClearRecord

KIND = "fence"
TOLD_A_TURN = 300
"""Alarms begun or ended in one turn; when a whole fleet crosses at once the others come in the next ones."""

_UNKNOWN, _OUT, _IN = 0, 1, 2


def fenced(fence: Fence) -> Area:
    """The area of a fence in the plane around it. Raises AnalysisFault when the corners enclose none."""
    lon, lat = [p.lon for p in fence.ring], [p.lat for p in fence.ring]
    return read_area(vertices(lon, lat), Plane.around(lon, lat), fence.name)


@dataclass(slots=True)
class _Watched:
    """One fence and on which side of it every vehicle was last."""

    fence: Fence
    plane: Plane
    shape: BaseGeometry
    beyond: BaseGeometry
    side: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    since_ms: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """Since when the other side is told, 0 while it is not."""

    def grow(self, count: int) -> None:
        """Room for so many vehicles."""
        more = count - len(self.side)
        if more > 0:
            self.side = np.concatenate([self.side, np.zeros(more, np.uint8)])
            self.since_ms = np.concatenate([self.since_ms, np.zeros(more, np.int64)])

    def crossed(self, index: NDArray[np.int64], lon: Floats, lat: Floats, time_ms: NDArray[np.int64]) -> list[int]:
        """Which rows have come to be on the other side for good; each vehicle stands in the columns once."""
        x, y = self.plane.to_plane(lon, lat)
        known = np.isfinite(x)
        within, near = inside(self.shape, x, y), inside(self.beyond, x, y)
        held = self.side[index]
        # Between the border and the margin a vehicle stays what it was.
        want = np.where(within, _IN, np.where(near & (held != _UNKNOWN), held, _OUT)).astype(np.uint8)
        want = np.where(known, want, held)
        first = held == _UNKNOWN
        moved = ~first & (want != held)
        since = np.where(moved, np.where(self.since_ms[index] > 0, self.since_ms[index], time_ms), 0)
        over = moved & (time_ms - since >= 1000.0 * self.fence.dwell_s)
        self.since_ms[index] = np.where(over, 0, since)
        self.side[index] = np.where(first | over, want, held)
        return [int(row) for row in np.flatnonzero(over)]


class FenceWatch:
    """Follows the fences of a room and the positions that come. One thread owns an instance."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._watched: dict[str, _Watched] = {}
        self._last_ms: NDArray[np.int64] = np.zeros(0, np.int64)
        self._vehicles: list[str] = []
        self._stand: set[str] = set()
        """The keys of alarms that stand or are owed."""
        self._owed: deque[AlarmRecord | ClearRecord] = deque()
        self._orphans: list[str] = []
        """Keys of alarms whose fence is gone: the hub ended before they could be."""
        self._changed: dict[str, Fence] = {}
        for fence in core.room.fences.values():
            if fence.enabled:
                self._watch(fence)
        self._restore()

    def declare(self, fence: Fence) -> None:
        """A fence was drawn, changed or removed; what its alarms become is told by the next look."""
        self._changed[fence.id] = fence

    def take(self, positions: Positions) -> None:
        """Vehicles told where they are."""
        self._follow()
        if not self._watched or not len(positions.index):
            return
        self._know_vehicles()
        index, lon, lat, time_ms = self._newest(positions)
        if not len(index):
            return
        for watched in self._watched.values():
            watched.grow(len(self._vehicles))
            mine = self._concerned(watched.fence, index)
            rows = np.flatnonzero(mine)
            for row in watched.crossed(index[rows], lon[rows], lat[rows], time_ms[rows]):
                at = int(rows[row])
                place = Point(float(lon[at]), float(lat[at]))
                self._tell(watched, int(index[at]), place, from_ms(int(time_ms[at])))

    def look(self, now: datetime) -> list[Event]:
        """The alarms that were begun or ended since the last call, folded; call about once a second."""
        self._follow()
        self._owed.extend(ClearRecord(key=key, occurred_at=now) for key in self._orphans)
        self._orphans.clear()
        self._end_hours(now)
        events: list[Event] = []
        for _turn in range(min(TOLD_A_TURN, len(self._owed))):
            events.extend(self._core.record(FENCES, self._owed.popleft(), "WGS-84", now))
        return events

    # ---------------------------------------------------------------- inside

    def _tell(self, watched: _Watched, index: int, place: Point, at: datetime) -> None:
        fence, vehicle = watched.fence, self._core.room.vehicles[self._vehicles[index]]
        came_in = watched.side[index] == _IN
        begun, ended = ("enter", "exit") if came_in else ("exit", "enter")
        over = crossing_key(fence.id, ended, vehicle.id)
        if over in self._stand:
            self._stand.discard(over)
            self._owed.append(ClearRecord(key=over, occurred_at=at))
        if not (fence.trigger.enters if came_in else fence.trigger.exits) or not fence.holds(at.astimezone(ZONE)):
            return
        key = crossing_key(fence.id, begun, vehicle.id)
        name, what = vehicle.name or vehicle.id, "驶入" if came_in else "驶出"
        self._stand.add(key)
        record = AlarmRecord(
            key=key,
            severity=fence.severity,
            title=f"电子围栏：{name} {what} {fence.name}"[:400],
            occurred_at=at,
            kind=KIND,
            text=(
                f"{name}（{vehicle.kind}）{what}围栏“{fence.name}”。判定：越界 {fence.margin_m:g} m、"
                f"持续 {fence.dwell_s:g} s。围栏由 {fence.changed_by or fence.by} 设置。"
            )[:4000],
            place=fence.name,
            point=place,
            department=vehicle.department,
        )
        self._owed.append(record)

    def _end_hours(self, now: datetime) -> None:
        """What stands of fences whose hours are over is over."""
        local = now.astimezone(ZONE)
        over = [w.fence.id for w in self._watched.values() if w.fence.hours is not None and not w.fence.holds(local)]
        for key in [key for key in self._stand if key.partition("/")[0] in over]:
            self._stand.discard(key)
            self._owed.append(ClearRecord(key=key, occurred_at=now))

    def _concerned(self, fence: Fence, index: NDArray[np.int64]) -> NDArray[np.bool_]:
        if not fence.kinds:
            return np.ones(len(index), np.bool_)
        vehicles = self._core.room.vehicles
        return np.array([vehicles[self._vehicles[i]].kind in fence.kinds for i in index.tolist()], np.bool_)

    def _newest(self, p: Positions) -> tuple[NDArray[np.int64], Floats, Floats, NDArray[np.int64]]:
        """The last row of each known vehicle that is newer than what was judged."""
        index = np.asarray(p.index, np.int64)
        rows = np.flatnonzero(index < len(self._vehicles))
        rows = rows[np.argsort(p.time[rows], kind="stable")]
        _vehicle, last = np.unique(index[rows][::-1], return_index=True)
        rows = rows[::-1][last]
        rows = rows[p.time[rows] > self._last_ms[index[rows]]]
        self._last_ms[index[rows]] = p.time[rows]
        return index[rows], np.asarray(p.lon)[rows], np.asarray(p.lat)[rows], np.asarray(p.time, np.int64)[rows]

    def _know_vehicles(self) -> None:
        held = self._core.room.vehicle_index
        if len(held) != len(self._vehicles):
            self._vehicles = sorted(held, key=held.__getitem__)
            more = np.zeros(len(self._vehicles) - len(self._last_ms), np.int64)
            self._last_ms = np.concatenate([self._last_ms, more])

    def _follow(self) -> None:
        """Take changed fences: whose border or trigger is another begins anew, and its alarms are over."""
        for identity, fence in self._changed.items():
            held = self._watched.pop(identity, None)
            for key in [key for key in self._stand if key.startswith(f"{identity}/")]:
                self._stand.discard(key)
                self._owed.append(ClearRecord(key=key, occurred_at=fence.changed_at or fence.at))
            if not fence.removed and fence.enabled:
                self._watch(fence)
                if held is not None and held.fence.ring == fence.ring and held.fence.kinds == fence.kinds:
                    kept = self._watched[identity]
                    kept.side, kept.since_ms = held.side, held.since_ms
        self._changed.clear()

    def _watch(self, fence: Fence) -> None:
        area = fenced(fence)
        plane = Plane.around([p.lon for p in fence.ring], [p.lat for p in fence.ring])
        beyond = shapely.buffer(area.shape, fence.margin_m) if fence.margin_m > 0 else area.shape
        self._watched[fence.id] = _Watched(fence, plane, area.shape, beyond)

    def _restore(self) -> None:
        """Know again who was on which side by what stood before the restart."""
        self._know_vehicles()
        index = self._core.room.vehicle_index
        self._stand = set(still_told(self._core.room, FENCES))
        for key in self._stand:
            identity, way, vehicle = key.split("/", 2)
            watched = self._watched.get(identity)
            if watched is None:
                self._orphans.append(key)
            elif vehicle in index:
                watched.grow(len(self._vehicles))
                watched.side[index[vehicle]] = _IN if way == "enter" else _OUT
