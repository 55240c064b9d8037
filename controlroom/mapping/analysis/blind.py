"""What no camera sees: the ground as a raster, every view cone pressed into it, and what is left.

The ground is taken as flat and bare, as in `mapping/sight.py`: what counts as seen may be hidden by a house, what
counts as blind is blind. A cell is seen when its middle lies in a cone.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from controlroom.mapping.analysis.areas import inside
from controlroom.mapping.analysis.fault import AnalysisFault, Reason, Step, alone
from controlroom.mapping.analysis.plane import Plane
from controlroom.mapping.coordinates import Floats
from controlroom.mapping.sight import FAULTY, FOOT_M, CameraColumns

MOST_CELLS = 8_000_000
_AT_ONCE = 1_500_000
"""Cells that are looked at in one step: some ten milliseconds."""
_BLOCK = 30
"""Drawn cells along the side of one feature, so that a tile draws only what it shows."""
_JOINED = 3
"""Cells along the side of a drawn one."""

Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Cells of `side_m` from `west`, `south` of the plane on, bool[rows, columns] each.

    `zone`: belongs to the area; `working`: seen by a camera that works; `any`: seen by any that was counted.
    """

    west: float
    south: float
    side_m: float
    zone: Marks
    working: Marks
    any: Marks
    cameras: int
    """How many cameras were counted."""

    @property
    def blind(self) -> Marks:
        """Where no counted camera that works looks."""
        return self.zone & ~self.working

    @property
    def lost(self) -> Marks:
        """Where only cameras look that do not work."""
        return self.zone & self.any & ~self.working

    def km2(self, cells: Marks) -> float:
        """How large these cells are together."""
        return int(np.count_nonzero(cells)) * self.side_m**2 / 1e6

    def share(self, zone: Marks) -> float:
        """Which share of a part of the area is seen, 0 to 1; NaN for no part of it."""
        count = int(np.count_nonzero(zone & self.zone))
        return int(np.count_nonzero(zone & self.zone & self.working)) / count if count else float("nan")

    def cells_in(self, shape: BaseGeometry) -> Marks:
        """The cells whose middles lie in a shape."""
        return _within(self.west, self.south, self.side_m, self.zone.shape, shape, alone)


def coverage(
    cameras: CameraColumns,
    plane: Plane,
    zone: BaseGeometry,
    side_m: float,
    *,
    circles: bool = True,
    only_working: bool = True,
    step: Step = alone,
) -> Coverage:
    """What cameras see of an area. Cameras of whose direction nothing was told see all around, or (`circles` off) are
    left out. Raises AnalysisFault when the raster would be too large, and when nobody waits any more."""
    west, south, east, north = zone.bounds
    rows, columns = int((north - south) // side_m) + 1, int((east - west) // side_m) + 1
    if not side_m > 0 or rows * columns > MOST_CELLS:
        raise AnalysisFault(Reason.TOO_FAR_APART, str(rows * columns))
    mask = _within(west, south, side_m, (rows, columns), zone, step)
    x, y = plane.to_plane(cameras.lon, cameras.lat)
    reach = np.maximum(cameras.range_m, FOOT_M)
    counted = np.isfinite(x) & (cameras.aimed | circles)
    counted &= (x > west - reach) & (x < east + reach) & (y > south - reach) & (y < north + reach)
    column, row = (x - west) / side_m - 0.5, (y - south) / side_m - 0.5
    works = cameras.ailing < FAULTY if only_working else np.ones(len(x), np.bool_)
    seen = {True: np.zeros((rows, columns), np.bool_), False: np.zeros((rows, columns), np.bool_)}
    chosen = np.flatnonzero(counted)
    # Cameras that see equally far look at equally many cells, so they are worked on together.
    half = np.ceil(reach[chosen] / side_m).astype(np.int64)
    chosen, half = chosen[np.argsort(half, kind="stable")], np.sort(half, kind="stable")
    at = 0
    while at < len(chosen):
        wide = int(half[min(at + max(1, _AT_ONCE // (2 * int(half[at]) + 1) ** 2), len(chosen)) - 1])
        many = max(1, _AT_ONCE // (2 * wide + 1) ** 2)
        part = chosen[at : at + many]
        part = part[half[at : at + many] <= wide]
        for working, target in seen.items():
            _press(target, part[works[part] == working], wide, column, row, reach, cameras, side_m)
        at += len(part)
        step(0.2 + 0.6 * at / len(chosen))
    return Coverage(west, south, side_m, mask, seen[True], seen[True] | seen[False], len(chosen))


def _press(
    target: Marks,
    part: NDArray[np.int64],
    wide: int,
    column: Floats,
    row: Floats,
    reach: Floats,
    cameras: CameraColumns,
    side_m: float,
) -> None:
    """Mark the cells that these cameras see, all within `wide` cells."""
    if not len(part):
        return
    offset = np.arange(-wide, wide + 1)
    cell_x = np.rint(column[part]).astype(np.int64)[:, None] + offset
    cell_y = np.rint(row[part]).astype(np.int64)[:, None] + offset
    east = ((cell_x - column[part][:, None]) * side_m)[:, None, :]
    north = ((cell_y - row[part][:, None]) * side_m)[:, :, None]
    far = east**2 + north**2
    found = far <= reach[part][:, None, None] ** 2
    bearing = np.degrees(np.arctan2(east, north))
    off = np.abs((bearing - cameras.heading_deg[part][:, None, None] + 180.0) % 360.0 - 180.0)
    found &= (
        (off <= cameras.view_deg[part][:, None, None] / 2) | ~cameras.aimed[part][:, None, None] | (far <= FOOT_M**2)
    )
    camera, up, across = np.nonzero(found)
    to_y, to_x = cell_y[camera, up], cell_x[camera, across]
    held = (to_y >= 0) & (to_y < target.shape[0]) & (to_x >= 0) & (to_x < target.shape[1])
    target[to_y[held], to_x[held]] = True


def _within(west: float, south: float, side_m: float, size: tuple[int, ...], shape: BaseGeometry, step: Step) -> Marks:
    rows, columns = size
    marks = np.zeros((rows, columns), np.bool_)
    x = west + (np.arange(columns) + 0.5) * side_m
    low, high = shape.bounds[1], shape.bounds[3]
    band = max(1, 200_000 // columns)
    shapely.prepare(shape)
    for first in range(max(0, int((low - south) // side_m)), min(rows, int((high - south) // side_m) + 1), band):
        last = min(rows, first + band)
        y = south + (np.arange(first, last) + 0.5) * side_m
        grid_x, grid_y = np.meshgrid(x, y)
        marks[first:last] = inside(shape, grid_x.ravel(), grid_y.ravel()).reshape(len(y), columns)
        step(0.2 * last / rows)
    return marks


def outlines(coverage: Coverage, cells: Marks, step: Step = alone) -> list[BaseGeometry]:
    """Cells as areas to be drawn: nine are one, drawn where most of them are meant, cut into blocks."""
    rows, columns = (size // _JOINED * _JOINED for size in cells.shape)
    joined = cells[:rows, :columns].reshape(rows // _JOINED, _JOINED, columns // _JOINED, _JOINED).sum(axis=(1, 3))
    meant = joined * 2 > _JOINED**2
    side = coverage.side_m * _JOINED
    found = []
    for top in range(0, meant.shape[0], _BLOCK):
        for left in range(0, meant.shape[1], _BLOCK):
            block = meant[top : top + _BLOCK, left : left + _BLOCK]
            if block.any():
                found.append(_outline(block, coverage.west + left * side, coverage.south + top * side, side))
        step(0.8 + 0.2 * top / meant.shape[0])
    return found


def _outline(block: Marks, west: float, south: float, side: float) -> BaseGeometry:
    """One area of the marked cells: runs of a row are boxes, joined."""
    edged = np.diff(np.pad(block.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    row, first = np.nonzero(edged == 1)
    _row, last = np.nonzero(edged == -1)
    boxes = shapely.box(west + first * side, south + row * side, west + last * side, south + (row + 1) * side)
    whole: BaseGeometry = shapely.union_all(boxes)
    return whole


@dataclass(frozen=True, slots=True)
class Blindness:
    """How blind it is around a place: its number, the blind share within the radius, metres to what is seen."""

    index: int
    share: float
    to_seen_m: float


def around(coverage: Coverage, x: Floats, y: Floats, radius_m: float, most: int) -> list[Blindness]:
    """The places around which the most is blind, the worst first; those outside the area are left out."""
    away = (
        ndimage.distance_transform_edt(~coverage.working, sampling=coverage.side_m) if coverage.working.any() else None
    )
    reach = int(np.ceil(radius_m / coverage.side_m))
    blind, found = coverage.blind, []
    for index in range(len(x)):
        if not np.isfinite(x[index]):
            continue
        column = int((x[index] - coverage.west) // coverage.side_m)
        row = int((y[index] - coverage.south) // coverage.side_m)
        if not (0 <= row < blind.shape[0] and 0 <= column < blind.shape[1]) or not coverage.zone[row, column]:
            continue
        bottom, right = min(blind.shape[0], row + reach + 1), min(blind.shape[1], column + reach + 1)
        window = np.s_[max(0, row - reach) : bottom, max(0, column - reach) : right]
        up, across = np.ogrid[window]
        disc = ((up - row) ** 2 + (across - column) ** 2 <= reach**2) & coverage.zone[window]
        share = float(np.count_nonzero(blind[window] & disc) / np.count_nonzero(disc))
        found.append(Blindness(index, share, float(away[row, column]) if away is not None else float("inf")))
    found.sort(key=lambda one: (-one.share, -one.to_seen_m, one.index))
    return found[:most]
