"""A thematic layer that was read: its features on the fixed-point Mercator plane, cut into tiles and asked by place.

A tile holds what 512 pixels of the map show, simplified to half a pixel, so that a layer of a million vertices costs a
page no more than what can be seen. Its bytes, little-endian: magic `CRT1`, part count u32, ring count u32, point count
u32, then `first` u32[parts + 1] (the first ring of each part), `begins` u32[rings + 1] (the first point of each ring),
places i16[2 · points] in eighths of a pixel from the tile's corner, kind u8[parts] (0 point, 1 line, 2 area, 3 what
is smaller than a pixel), class u8[parts]; what follows is the words beside features as JSON (labels.py), which are
drawn as text and are never HTML. `resources/map/thematic.js` is the other half.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from controlroom.mapping.coordinates import WORLD, Floats, in_world
from controlroom.mapping.thematic.labels import Labels, placed
from controlroom.mapping.thematic.reading import Read, Row, Step
from controlroom.mapping.thematic.refusal import FileFault, Reason, Refused
from controlroom.mapping.thematic.systems import System, to_degrees

TILE_PX = 512
FINE = 8
"""Steps of a pixel."""

_MARGIN_PX = 24
_SPECK_PX = 2
_SIMPLE_PX = 0.5
_WHOLE_FROM_ZOOM = 17
_MAGIC = b"CRT1"
MOST_VERTICES = 20_000_000
"""House figure: more than this is refused, it would not fit beside everything else."""
_SLICE = 200_000
_MOST_WRITTEN = 24
"""So many zoom levels and attributes are kept placed."""


@dataclass
class Sheet:
    """`part` object[m] are single points, lines and areas on the plane (units of coordinates.WORLD), `owner` i64[m] the
    row of the feature of each, `look` u8[n] the class of each feature."""

    part: NDArray[Any]
    owner: NDArray[np.int64]
    look: NDArray[np.uint8]
    number: NDArray[np.int64]
    attributes: Callable[[int], Row]
    count: int
    vertices: int
    extent: tuple[float, float, float, float]
    fields: tuple[str, ...] = ()
    label: str = ""
    """The attribute that names features, as the sidecar says; empty where it says nothing."""
    _written: dict[tuple[str, int], Labels] = field(default_factory=dict)
    _levels: dict[int, tuple[NDArray[Any], Any]] = field(default_factory=dict)

    def tile(self, zoom: int, x: int, y: int, label: str = "") -> bytes:
        """The bytes of a tile of TILE_PX, with the words of an attribute."""
        return self._drawn(zoom, x, y) + (self.written(label, zoom).tile(x, y, TILE_PX) if label else b"")

    def written(self, label: str, zoom: int) -> Labels:
        """The words of an attribute at a zoom level; placed once."""
        key = (label, zoom)
        if key not in self._written:
            if len(self._written) > _MOST_WRITTEN:
                self._written.clear()
            self._written[key] = placed(self, label, zoom)
        return self._written[key]

    def _drawn(self, zoom: int, x: int, y: int) -> bytes:
        unit = WORLD / (256.0 * 2.0**zoom)
        left, top = x * TILE_PX * unit, y * TILE_PX * unit
        reach, margin = TILE_PX * unit, _MARGIN_PX * unit
        box = (left - margin, top - margin, left + reach + margin, top + reach + margin)
        parts, index = self._level(zoom)
        found = np.sort(index.query(shapely.box(*box)))
        # What was simplified to nothing is a point by now, but it is drawn as what it was.
        dimension = shapely.get_dimensions(self.part[found])
        return _encoded(parts[found], self.look[self.owner[found]], dimension, unit, left, top, box)

    def at(self, x: float, y: float, reach: float) -> list[tuple[int, Row]]:
        """The features within `reach` of a place on the plane, points first, then lines, then areas from the smallest.

        Each with its number in the file and its attributes.
        """
        place = shapely.Point(x, y)
        found = self._whole()[1].query(place.buffer(reach), predicate="intersects")
        if not len(found):
            return []
        parts = self.part[found]
        order = np.lexsort((shapely.distance(parts, place), shapely.area(parts), shapely.get_dimensions(parts)))
        rows = dict.fromkeys(int(self.owner[found[k]]) for k in order)
        return [(int(self.number[row]), self.attributes(row)) for row in list(rows)[:20]]

    def index(self) -> Any:
        """A tree over all parts, each with its number in `part`."""
        return self._whole()[1]

    def _whole(self) -> tuple[NDArray[Any], Any]:
        if -1 not in self._levels:
            self._levels[-1] = (self.part, shapely.STRtree(self.part))
        return self._levels[-1]

    def _level(self, zoom: int) -> tuple[NDArray[Any], Any]:
        """The parts as they look at a zoom level; what has become nothing is left as its own middle."""
        if zoom >= _WHOLE_FROM_ZOOM or self.vertices < 4 * len(self.part):
            return self._whole()
        if zoom not in self._levels:
            unit = WORLD / (256.0 * 2.0**zoom)
            simple = shapely.simplify(self.part, _SIMPLE_PX * unit, preserve_topology=False)
            gone = shapely.is_empty(simple)
            if gone.any():
                simple[gone] = shapely.point_on_surface(self.part[gone])
            self._levels[zoom] = (simple, shapely.STRtree(simple))
        return self._levels[zoom]


def laid_out(read: Read, look: NDArray[np.uint8], system: System, step: Step) -> tuple[Sheet, list[Refused], int]:
    """The sheet of what was read, the features that cannot be drawn, and how many were mended.

    Raises FileFault when nothing is left.
    """
    shapes = read.geometry
    refused = list(read.refused)
    vertices = int(shapely.get_num_coordinates(shapes).sum())
    if vertices > MOST_VERTICES:
        raise FileFault(Reason.TOO_LARGE, f"{vertices:,}")
    keep = np.ones(len(shapes), bool)

    def refuse(rows: NDArray[np.int64], reason: Reason) -> None:
        keep[rows] = False
        refused.extend(Refused(int(read.number[k]), int(read.line[k]), reason) for k in rows)

    refuse(np.flatnonzero(shapely.is_missing(shapes) | shapely.is_empty(shapes)), Reason.NO_GEOMETRY)
    places, owner = shapely.get_coordinates(shapes, return_index=True)
    finite = np.isfinite(places).all(axis=1)
    refuse(np.setdiff1d(np.unique(owner[~finite]), np.flatnonzero(~keep)), Reason.NOT_FINITE)
    step(0.84)
    lon, lat = to_degrees(system, places[:, 0], places[:, 1])
    outside = ~in_world(lon, lat)
    refuse(np.setdiff1d(np.unique(owner[outside]), np.flatnonzero(~keep)), Reason.OUTSIDE)
    if not keep.any():
        raise nothing_left(refused)
    plane = shapely.set_coordinates(shapes.copy(), np.column_stack(_to_plane(lon, lat, outside)))
    step(0.88)
    mended = _mend(plane, keep, refuse, step)
    rows = np.flatnonzero(keep)
    if not len(rows):
        raise nothing_left(refused)
    part, at = _parts(plane[rows])
    good = np.isin(owner, rows)
    extent = (float(lon[good].min()), float(lat[good].min()), float(lon[good].max()), float(lat[good].max()))
    step(0.96)
    sheet = Sheet(
        part,
        at,
        look[rows],
        read.number[rows],
        lambda row: read.attributes(int(rows[row])),
        len(rows),
        int(shapely.get_num_coordinates(part).sum()),
        extent,
        read.fields,
    )
    refused.sort(key=lambda one: one.number)
    return sheet, refused, mended


def nothing_left(refused: list[Refused]) -> FileFault:
    """All features are refused: the first of them speaks for all."""
    first = min(refused, key=lambda one: one.number)
    return FileFault(first.reason, first.detail, first.line, first.number)


def _to_plane(lon: Floats, lat: Floats, outside: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Fractions of fixed-point units: rounding them here would make crossings of its own."""
    sine = np.sin(np.radians(np.where(outside, 0.0, lat)))
    x = (np.where(outside, 0.0, lon) / 360.0 + 0.5) * WORLD
    return x, (0.5 - np.log((1.0 + sine) / (1.0 - sine)) / (4.0 * np.pi)) * WORLD


def _mend(
    plane: NDArray[Any], keep: NDArray[np.bool_], refuse: Callable[[NDArray[np.int64], Reason], None], step: Step
) -> int:
    """Areas that cross themselves are taken by what they enclose; where that is nothing they are refused."""
    areas = np.flatnonzero(keep & (shapely.get_dimensions(plane) == 2))
    crossing: list[int] = []
    for begin in range(0, len(areas), _SLICE):
        step(0.88 + 0.04 * begin / len(areas))
        some = areas[begin : begin + _SLICE]
        crossing += some[~shapely.is_valid(plane[some])].tolist()
    if not crossing:
        return 0
    which = np.array(crossing, np.int64)
    whole = shapely.make_valid(plane[which], method="structure", keep_collapsed=False)
    lost = (shapely.get_dimensions(whole) < 2) | shapely.is_empty(whole)
    plane[which[~lost]] = whole[~lost]
    refuse(which[lost], Reason.CROSSES)
    return int(len(which) - np.count_nonzero(lost))


def _parts(shapes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Single points, lines and areas of the shapes, and whose each is; collections in collections are opened too."""
    owner = np.arange(len(shapes))
    for _depth in range(8):
        if not (shapely.get_type_id(shapes) > 3).any():
            break
        shapes, at = shapely.get_parts(shapes, return_index=True)
        owner = owner[at]
    plain = (shapely.get_type_id(shapes) <= 3) & ~shapely.is_empty(shapes)
    return shapes[plain], owner[plain]


def _encoded(
    parts: NDArray[Any],
    look: NDArray[np.uint8],
    dimension: NDArray[Any],
    unit: float,
    left: float,
    top: float,
    box: tuple[float, ...],
) -> bytes:
    bounds = shapely.bounds(parts)
    extent = np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]) if len(parts) else np.empty(0)
    speck = extent < unit
    rows = [_specks(bounds, look, dimension, speck, unit, left, top)]
    large = np.flatnonzero(~speck)
    if len(large):
        rows.append(_shapes(parts[large], look[large], bounds[large], unit, left, top, box))
    kind = np.concatenate([row[0] for row in rows])
    looks = np.concatenate([row[1] for row in rows])
    rings_of = np.concatenate([row[2] for row in rows])
    points_of = np.concatenate([row[3] for row in rows])
    places = np.concatenate([row[4] for row in rows])
    first = np.concatenate([[0], np.cumsum(rings_of)]).astype("<u4")
    begins = np.concatenate([[0], np.cumsum(points_of)]).astype("<u4")
    head = struct.pack("<4sIII", _MAGIC, len(kind), len(points_of), len(places))
    fixed = np.clip(np.rint(places), -32768, 32767).astype("<i2")
    body = (first.tobytes(), begins.tobytes(), fixed.tobytes(), kind.tobytes(), looks.tobytes())
    return b"".join((head, *body))


_Columns = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64], Floats]


def _specks(
    bounds: Floats,
    look: NDArray[np.uint8],
    dimension: NDArray[Any],
    speck: NDArray[np.bool_],
    unit: float,
    left: float,
    top: float,
) -> _Columns:
    """Points, and shapes below a pixel as points of their own kind: at most one of a class on each spot."""
    which = np.flatnonzero(speck)
    x = (bounds[which, 0] + bounds[which, 2]) / 2 - left
    y = (bounds[which, 1] + bounds[which, 3]) / 2 - top
    kind = np.where(dimension[which] == 0, 0, 3).astype(np.uint8)
    spot = np.column_stack((np.floor(x / unit / _SPECK_PX), np.floor(y / unit / _SPECK_PX), look[which], kind))
    _same, one = np.unique(spot, axis=0, return_index=True)
    one.sort()
    places = np.column_stack((x[one], y[one])) / unit * FINE
    ones = np.ones(len(one), np.int64)
    return kind[one], look[which][one], ones, ones, places


def _shapes(
    parts: NDArray[Any],
    look: NDArray[np.uint8],
    bounds: Floats,
    unit: float,
    left: float,
    top: float,
    box: tuple[float, ...],
) -> _Columns:
    """Lines and areas, cut where they reach beyond the tile."""
    beyond = (bounds[:, 0] < box[0]) | (bounds[:, 1] < box[1]) | (bounds[:, 2] > box[2]) | (bounds[:, 3] > box[3])
    parts = parts.copy()
    if beyond.any():
        parts[beyond] = _cut(parts[beyond], box)
    single, at = shapely.get_parts(parts, return_index=True)
    wide = (shapely.get_type_id(single) <= 3) & ~shapely.is_empty(single)
    single, look = single[wide], look[at[wide]]
    rings, of = _rings(single)
    kind = np.where(shapely.get_dimensions(single) == 2, 2, shapely.get_dimensions(single)).astype(np.uint8)
    places, ring = shapely.get_coordinates(rings, return_index=True)
    rings_of = np.bincount(of, minlength=len(single)).astype(np.int64)
    points_of = np.bincount(ring, minlength=len(rings)).astype(np.int64)
    return kind, look, rings_of, points_of, (places - (left, top)) / unit * FINE


def _rings(single: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The lines of each part: itself, or the rings of an area, in the order of the parts."""
    areas = np.flatnonzero(shapely.get_type_id(single) == 3)
    others = np.flatnonzero(shapely.get_type_id(single) != 3)
    rings, at = shapely.get_rings(single[areas], return_index=True)
    lines = np.concatenate([rings, single[others]])
    of = np.concatenate([areas[at], others]).astype(np.int64)
    order = np.argsort(of, kind="stable")
    return lines[order], of[order]


def _cut(parts: NDArray[Any], box: tuple[float, ...]) -> NDArray[Any]:
    try:
        return np.asarray(shapely.clip_by_rect(parts, *box))
    except shapely.errors.GEOSException:
        # Simplified areas may cross themselves; those are mended here, where few are left.
        areas = shapely.get_dimensions(parts) == 2
        parts[areas] = shapely.make_valid(parts[areas])
        return np.asarray(shapely.intersection(parts, shapely.box(*box)))
