"""Which cameras can see a point or an area: by their view cones, as columns over all cameras of the platform.

The ground is taken as flat and bare: what stands between a camera and the point is not known here. What is found is
what may be looked at, not what is proved to be seen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from controlroom.domain.camera import Camera, CameraHealth
from controlroom.domain.place import Point

FOOT_M = 2.0
"""A point this near stands at the camera's own foot and has no direction; house figure."""

OFF_AXIS_WEIGHT = 0.5
"""How much the edge of the cone counts beside the end of the range; house figure."""

_M_PER_DEGREE = 111_195.0
ONLINE, UNKNOWN, FAULTY, OFFLINE = range(4)

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]
_DEFAULTS = {
    field.name: field.default
    for field in msgspec.structs.fields(Camera)
    if field.name in ("heading_deg", "view_deg", "range_m")
}


@dataclass(frozen=True, slots=True)
class CameraColumns:
    """Cameras as columns of length n.

    `lon`, `lat` in degrees WGS-84, NaN without a place; `heading_deg` clockwise from north, `view_deg` the opening,
    `range_m` how far it sees; `aimed` whether its source told where it looks (else any direction may be seen);
    `ailing` 0 online, 1 not known, 2 with a faulty picture, 3 offline; `steered` whether it has a head that turns.
    """

    ids: tuple[str, ...]
    lon: Floats
    lat: Floats
    heading_deg: Floats
    view_deg: Floats
    range_m: Floats
    aimed: Marks
    ailing: NDArray[np.uint8]
    steered: Marks

    @classmethod
    def of(cls, cameras: Iterable[Camera]) -> "CameraColumns":
        """The columns of these cameras, in their order."""
        every = list(cameras)
        nan = float("nan")
        told = np.array([(c.heading_deg, c.view_deg, c.range_m) for c in every], np.float64).reshape(-1, 3)
        aimed = (told != np.array([_DEFAULTS["heading_deg"], _DEFAULTS["view_deg"], _DEFAULTS["range_m"]])).any(axis=1)
        place = np.array([(nan, nan) if c.point is None else (c.point.lon, c.point.lat) for c in every], np.float64)
        place = place.reshape(-1, 2)
        ailing = np.array([_ailing(c) for c in every], np.uint8)
        steered = np.array([bool(c.ptz) for c in every], np.bool_)
        ids = tuple(c.id for c in every)
        return cls(ids, place[:, 0], place[:, 1], told[:, 0], told[:, 1], told[:, 2], aimed, ailing, steered)

    def turned(self, cameras: Mapping[str, Camera]) -> "CameraColumns":
        """The columns with the heading and view of these cameras; one whose direction was never told keeps none."""
        if not cameras:
            return self
        heading, view = self.heading_deg.copy(), self.view_deg.copy()
        for k, identity in enumerate(self.ids):
            if identity in cameras and self.aimed[k]:
                heading[k], view[k] = cameras[identity].heading_deg, cameras[identity].view_deg
        return replace(self, heading_deg=heading, view_deg=view)

    def reach(self) -> "CameraColumns":
        """Those with a head that turns, as if each looked everywhere: what they could be turned to."""
        held = np.flatnonzero(self.steered)
        return CameraColumns(
            tuple(self.ids[k] for k in held.tolist()),
            self.lon[held],
            self.lat[held],
            self.heading_deg[held],
            self.view_deg[held],
            self.range_m[held],
            np.zeros(len(held), np.bool_),
            self.ailing[held],
            self.steered[held],
        )


def changed_between(then: CameraColumns, now: CameraColumns) -> int:
    """How many cameras see otherwise now than then: they came, went, look elsewhere, or their health is another."""
    if then is now:
        return 0
    place = {name: index for index, name in enumerate(then.ids)}
    known = np.array([place.get(name, -1) for name in now.ids], np.int64)
    both = np.flatnonzero(known >= 0)
    old = known[both]
    differs = np.zeros(len(both), np.bool_)
    for name in ("lon", "lat", "heading_deg", "view_deg", "range_m", "aimed"):
        before, after = getattr(then, name)[old].astype(np.float64), getattr(now, name)[both].astype(np.float64)
        differs |= ~((before == after) | (np.isnan(before) & np.isnan(after)))
    differs |= (then.ailing[old] >= FAULTY) != (now.ailing[both] >= FAULTY)
    return int(np.count_nonzero(differs)) + len(now.ids) + len(then.ids) - 2 * len(both)


@dataclass(frozen=True, slots=True)
class Seen:
    """One camera that can see: its place among the columns, how far off, and how far beside its axis (NaN unaimed)."""

    index: int
    id: str
    distance_m: float
    off_axis_deg: float
    aimed: bool
    offline: bool


def seeing_point(cameras: CameraColumns, point: Point, most: int | None = None) -> list[Seen]:
    """The cameras whose view cone holds the point, the best first: working, aimed, near and in the middle."""
    east, north = _metres(cameras.lon - point.lon, cameras.lat - point.lat, point.lat)
    distance = np.hypot(east, north)
    with np.errstate(invalid="ignore"):
        off = _off_axis(cameras, np.arange(len(distance)), -east, -north)
        foot = distance <= FOOT_M
        seen = (distance <= np.maximum(cameras.range_m, FOOT_M)) & (
            foot | ~cameras.aimed | (off <= cameras.view_deg / 2)
        )
    index = np.flatnonzero(seen)
    return _ranked(cameras, index, distance[index], np.where(foot[index], 0.0, off[index]), most)


def seeing_area(cameras: CameraColumns, outline: Sequence[Point], most: int | None = None) -> list[Seen]:
    """The cameras whose view cone touches the area within a closed outline, the best first.

    The outline is a simple polygon of three corners or more; the distance is that to its nearest place. Raises
    ValueError for fewer corners.
    """
    if len(outline) < 3:
        raise ValueError(f"an area has three corners or more, not {len(outline)}")
    corners = np.array([(corner.lon, corner.lat) for corner in outline])
    here_lon, here_lat = corners.mean(axis=0)
    edge = np.column_stack(_metres(corners[:, 0] - here_lon, corners[:, 1] - here_lat, here_lat))
    east, north = _metres(cameras.lon - here_lon, cameras.lat - here_lat, here_lat)
    low, high = edge.min(axis=0), edge.max(axis=0)
    with np.errstate(invalid="ignore"):
        gap = np.hypot(
            np.maximum(np.maximum(low[0] - east, east - high[0]), 0.0),
            np.maximum(np.maximum(low[1] - north, north - high[1]), 0.0),
        )
        index = np.flatnonzero(gap <= np.maximum(cameras.range_m, FOOT_M))
    standing = np.column_stack([east[index], north[index]])
    # Everything from the camera: starts and ends of the edges, k x m x 2.
    start = edge[None, :, :] - standing[:, None, :]
    end = np.roll(edge, -1, axis=0)[None, :, :] - standing[:, None, :]
    inside = _inside(start, end)
    nearest = _nearest(start, end)
    distance = np.where(inside, 0.0, np.hypot(nearest[:, 0], nearest[:, 1]))
    touched = inside | (distance <= FOOT_M) | _touched(cameras, index, start, end)
    index, distance, nearest = index[touched], distance[touched], nearest[touched]
    off = _off_axis(cameras, index, nearest[:, 0], nearest[:, 1])
    # The nearest place may lie beside the cone that touches the area elsewhere: then its edge counts.
    off = np.where(distance <= FOOT_M, 0.0, np.minimum(off, cameras.view_deg[index] / 2))
    return _ranked(cameras, index, distance, off, most)


def nearest_camera(
    cameras: CameraColumns, point: Point, among: NDArray[np.bool_] | None = None
) -> tuple[int, float] | None:
    """The place and distance in metres of the camera nearest to a point, wherever it looks; None without any.

    `among` leaves only some in question.
    """
    east, north = _metres(cameras.lon - point.lon, cameras.lat - point.lat, point.lat)
    distance = np.hypot(east, north)
    if among is not None:
        distance = np.where(among, distance, np.nan)
    if not np.isfinite(distance).any():
        return None
    index = int(np.nanargmin(distance))
    return index, float(distance[index])


def _ailing(camera: Camera) -> int:
    if camera.health is CameraHealth.OFFLINE:
        return OFFLINE
    if camera.faults:
        return FAULTY
    return ONLINE if camera.health is CameraHealth.ONLINE else UNKNOWN


def _metres(lon: Floats, lat: Floats, at_lat: float) -> tuple[Floats, Floats]:
    """Degrees of difference as metres east and north (equirectangular, within 0.1 % in a district)."""
    return lon * _M_PER_DEGREE * np.cos(np.radians(at_lat)), lat * _M_PER_DEGREE


def _off_axis(cameras: CameraColumns, index: NDArray[np.int64], east: Floats, north: Floats) -> Floats:
    """Degrees between a camera's axis and the direction from it; `east` and `north` may be k or k x m."""
    heading = cameras.heading_deg[index].reshape((-1,) + (1,) * (east.ndim - 1))
    bearing = np.degrees(np.arctan2(east, north))
    return np.abs((bearing - heading + 180.0) % 360.0 - 180.0)


def _ranked(
    cameras: CameraColumns, index: NDArray[np.int64], distance: Floats, off: Floats, most: int | None
) -> list[Seen]:
    aimed = cameras.aimed[index]
    off = np.where(aimed, off, np.nan)
    half = np.maximum(cameras.view_deg[index] / 2, 1.0)
    reach = np.maximum(cameras.range_m[index], FOOT_M)
    badness = distance / reach + OFF_AXIS_WEIGHT * np.where(aimed, off / half, 1.0)
    order = np.lexsort((distance, badness, ~aimed, cameras.ailing[index]))[:most]
    return [
        Seen(
            int(index[k]),
            cameras.ids[index[k]],
            float(distance[k]),
            float(off[k]),
            bool(aimed[k]),
            bool(cameras.ailing[index[k]] == OFFLINE),
        )
        for k in order.tolist()
    ]


def _inside(start: Floats, end: Floats) -> Marks:
    """Whether the origin lies within the outline: an odd number of edges cross the way to the east."""
    y0, y1 = start[..., 1], end[..., 1]
    crosses = (y0 > 0.0) != (y1 > 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = start[..., 0] - y0 * (end[..., 0] - start[..., 0]) / (y1 - y0)
        odd: Marks = ((crosses & (x > 0.0)).sum(axis=1) % 2).astype(np.bool_)
    return odd


def _nearest(start: Floats, end: Floats) -> Floats:
    """The place of the outline that is nearest to the origin, k x 2."""
    way = end - start
    length = np.maximum((way**2).sum(axis=2), 1e-12)
    along = np.clip(-(start * way).sum(axis=2) / length, 0.0, 1.0)
    place = start + along[..., None] * way
    best = np.argmin((place**2).sum(axis=2), axis=1)
    chosen: Floats = place[np.arange(len(place)), best]
    return chosen


def _touched(cameras: CameraColumns, index: NDArray[np.int64], start: Floats, end: Floats) -> Marks:
    """Whether an edge reaches into the cone: by its corner, through the arc, or through one of the two sides."""
    reach = cameras.range_m[index][:, None]
    half = np.where(cameras.aimed[index], cameras.view_deg[index] / 2, 180.0)[:, None]

    def within(place: Floats) -> Marks:
        held: Marks = (np.hypot(place[..., 0], place[..., 1]) <= reach * (1.0 + 1e-9)) & (
            _off_axis(cameras, index, place[..., 0], place[..., 1]) <= half + 1e-9
        )
        return held

    way = end - start
    found: Marks = within(start)
    a = np.maximum((way**2).sum(axis=2), 1e-12)
    b = (start * way).sum(axis=2)
    root = np.sqrt(np.maximum(b**2 - a * ((start**2).sum(axis=2) - reach**2), 0.0))
    for along in ((-b - root) / a, (-b + root) / a):
        found = np.logical_or(found, (along >= 0.0) & (along <= 1.0) & within(start + along[..., None] * way))
    for side in (-1.0, 1.0):
        angle = np.radians(cameras.heading_deg[index][:, None] + side * half)
        ray = np.stack([np.sin(angle), np.cos(angle)], axis=-1)
        cross = way[..., 0] * ray[..., 1] - way[..., 1] * ray[..., 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            along = -(start[..., 0] * ray[..., 1] - start[..., 1] * ray[..., 0]) / cross
        place = start + np.nan_to_num(along, nan=-1.0, posinf=-1.0, neginf=-1.0)[..., None] * way
        found = np.logical_or(found, (along >= 0.0) & (along <= 1.0) & within(place))
    touched: Marks = np.logical_or.reduce(found, axis=1)
    return touched
