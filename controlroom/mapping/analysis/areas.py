"""Areas as they come from files and hands: mended, in the metric plane; buffers, overlays and what lies inside."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from controlroom.mapping.analysis.discs import united_discs
from controlroom.mapping.analysis.fault import AnalysisFault, Reason, Step, alone
from controlroom.mapping.analysis.plane import Plane, ring_area_m2
from controlroom.mapping.analysis.rims import Undecided
from controlroom.mapping.coordinates import Floats, in_world

LONGEST_BUFFER_M = 50_000.0
MOST_VERTICES = 2_000_000
_PART = 5000
"""Geometries that are worked on between two looks at whether anybody still waits."""

Operation = Literal["intersection", "union", "difference"]


@dataclass(frozen=True, slots=True)
class Area:
    """A polygon or several in the plane; `mended` when it crossed itself and was taken by what lies inside."""

    shape: BaseGeometry
    name: str = ""
    mended: bool = False


def read_area(geometry: Mapping[str, Any], plane: Plane, name: str = "") -> Area:
    """An area of a GeoJSON Polygon or MultiPolygon (RFC 7946, WGS-84). Raises AnalysisFault for anything else."""
    try:
        kind, coordinates = geometry["type"], geometry["coordinates"]
        polygons = {"Polygon": lambda: [coordinates], "MultiPolygon": lambda: list(coordinates)}[kind]()
        rings = [[np.asarray([p[:2] for p in ring], np.float64) for ring in polygon] for polygon in polygons]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise AnalysisFault(Reason.NO_AREA, name) from error
    shapes = []
    for polygon in rings:
        placed = [_placed(ring, plane, name) for ring in polygon]
        if placed:
            shapes.append(shapely.Polygon(placed[0], placed[1:]))
    return mended(shapely.MultiPolygon(shapes) if len(shapes) != 1 else shapes[0], name)


def _placed(ring: Floats, plane: Plane, name: str) -> Floats:
    if ring.ndim != 2 or len(ring) < 3:
        raise AnalysisFault(Reason.NO_AREA, name)
    if not in_world(ring[:, 0], ring[:, 1]).all():
        raise AnalysisFault(Reason.NO_PLACE, name)
    x, y = plane.to_plane(ring[:, 0], ring[:, 1])
    if not np.isfinite(x).all():
        raise AnalysisFault(Reason.NO_PLACE, name)
    return np.column_stack([x, y])


def mended(shape: BaseGeometry, name: str = "") -> Area:
    """A valid area: of one that crosses itself the inside by the even-odd rule. Raises AnalysisFault for none."""
    valid = bool(shapely.is_valid(shape))
    taken = shape if valid else _surfaces(shapely.make_valid(shape))
    if taken.is_empty or not taken.area > 0:
        raise AnalysisFault(Reason.NO_AREA, name)
    return Area(taken, name, not valid)


def circle(plane: Plane, lon: float, lat: float, radius_m: float) -> Area:
    """All that lies within a distance of a place. Raises AnalysisFault."""
    _in_range("radius_m", radius_m, 0.0, LONGEST_BUFFER_M)
    x, y = plane.to_plane(lon, lat)
    if not np.isfinite(x):
        raise AnalysisFault(Reason.NO_PLACE)
    return Area(shapely.buffer(shapely.Point(float(x), float(y)), radius_m, quad_segs=32))


def buffer(
    shapes: Sequence[BaseGeometry] | NDArray[Any], distance_m: float, dissolve: bool, step: Step = alone
) -> list[BaseGeometry]:
    """What lies within `distance_m` of each shape of the plane, or of any of them when dissolved."""
    _in_range("distance_m", distance_m, 0.0, LONGEST_BUFFER_M)
    array = np.asarray(shapes, object)
    array = array[~shapely.is_empty(array)] if len(array) else array
    if not len(array):
        raise AnalysisFault(Reason.EMPTY)
    if dissolve and (shapely.get_type_id(array) == shapely.GeometryType.POINT).all():
        with contextlib.suppress(Undecided):
            return united_discs(shapely.get_x(array), shapely.get_y(array), distance_m, step=step)
    parts: list[BaseGeometry] = []
    groups = _neighbours(array, 2 * distance_m) if dissolve else _slices(array)
    done = 0
    for group in groups:
        step(0.7 * done / len(array))
        done += len(group)
        around = shapely.buffer(group, distance_m, quad_segs=8)
        parts.extend([shapely.union_all(around)] if dissolve else around.tolist())
    if not dissolve:
        return parts
    step(0.8)
    whole = shapely.union_all(parts)
    step(1.0)
    return list(shapely.get_parts(whole))


def _slices(array: NDArray[Any]) -> list[NDArray[Any]]:
    return [array[start : start + _PART] for start in range(0, len(array), _PART)]


def _neighbours(array: NDArray[Any], side_m: float) -> list[NDArray[Any]]:
    """Shapes by the cell of a grid they lie in: what overlaps is united first, so that every union is small."""
    corner = shapely.bounds(array)[:, :2]
    cell = np.floor(corner / side_m)
    order = np.lexsort((cell[:, 0], cell[:, 1]))
    turns = np.flatnonzero((np.diff(cell[order], axis=0) != 0).any(1)) + 1
    return np.split(array[order], turns)


def points_of(x_m: Floats, y_m: Floats) -> NDArray[Any]:
    """Geometries of places; those without a place are left out."""
    good = np.isfinite(x_m) & np.isfinite(y_m)
    points: NDArray[Any] = shapely.points(x_m[good], y_m[good])
    return points


def overlay(first: Sequence[Area], second: Sequence[Area], operation: Operation, step: Step = alone) -> list[Area]:
    """Each area of the first set with those of the second: what is common, what is not, or all of both.

    Common parts carry both names. Raises AnalysisFault when nothing is left.
    """
    if not first or not second:
        raise AnalysisFault(Reason.EMPTY)
    if operation == "union":
        whole = shapely.union_all([a.shape for a in (*first, *second)])
        return [Area(part) for part in shapely.get_parts(whole)]
    left: list[Area] = []
    tree = shapely.STRtree([a.shape for a in second])
    for at, area in enumerate(first):
        if at % 50 == 0:
            step(at / len(first))
        hits = [second[int(k)] for k in sorted(tree.query(area.shape, predicate="intersects"))]
        if operation == "difference":
            rest = (
                area.shape if not hits else shapely.difference(area.shape, shapely.union_all([h.shape for h in hits]))
            )
            left.extend(_kept(_surfaces(rest), area.name))
        else:
            for hit in hits:
                common = shapely.intersection(area.shape, hit.shape)
                left.extend(_kept(_surfaces(common), " ∩ ".join(n for n in (area.name, hit.name) if n)))
    if not left:
        raise AnalysisFault(Reason.NOTHING_LEFT)
    return left


def inside(shape: BaseGeometry, x_m: Floats, y_m: Floats) -> NDArray[np.bool_]:
    """Which places lie inside; those without a place do not."""
    found = np.zeros(len(x_m), np.bool_)
    if shape.is_empty or not len(x_m):
        return found
    west, south, east, north = shape.bounds
    with np.errstate(invalid="ignore"):
        near = np.flatnonzero((x_m >= west) & (x_m <= east) & (y_m >= south) & (y_m <= north))
    if len(near):
        shapely.prepare(shape)
        found[near] = shapely.intersects_xy(shape, x_m[near], y_m[near])
    return found


def counts(areas: Sequence[Area], x_m: Floats, y_m: Floats, step: Step = alone) -> NDArray[np.int64]:
    """How many places lie in each area."""
    numbers = np.zeros(len(areas), np.int64)
    for at, area in enumerate(areas):
        step(at / len(areas))
        numbers[at] = np.count_nonzero(inside(area.shape, x_m, y_m))
    return numbers


def geodesic_area_m2(shape: BaseGeometry, plane: Plane) -> float:
    """The area on the ellipsoid, m², holes left out."""
    total = 0.0
    for polygon in shapely.get_parts(shape):
        if polygon.geom_type != "Polygon":
            continue
        for sign, ring in ((1, polygon.exterior), *((-1, hole) for hole in polygon.interiors)):
            lon, lat = plane.to_degrees(*np.asarray(ring.coords)[:-1].T)
            total += sign * ring_area_m2(lon, lat)
    return total


def to_geojson(shape: BaseGeometry, plane: Plane) -> dict[str, Any]:
    """The GeoJSON geometry (RFC 7946) of a shape of the plane, to 7 decimals (1 cm)."""
    if shapely.get_num_coordinates(shape) > MOST_VERTICES:
        raise AnalysisFault(Reason.TOO_DENSE, str(shapely.get_num_coordinates(shape)))

    def turned(xy: Floats) -> Floats:
        lon, lat = plane.to_degrees(xy[:, 0], xy[:, 1])
        rounded: Floats = np.round(np.column_stack([lon, lat]), 7).astype(np.float64)
        return rounded

    oriented = shapely.orient_polygons(shape) if shape.geom_type in ("Polygon", "MultiPolygon") else shape
    geometry: dict[str, Any] = shapely.geometry.mapping(shapely.transform(oriented, turned))
    return geometry


def _surfaces(shape: BaseGeometry) -> BaseGeometry:
    """Only what has a surface of a mixed geometry."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = [part for part in shapely.get_parts(shape) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else shapely.MultiPolygon()


def _kept(shape: BaseGeometry, name: str) -> Iterable[Area]:
    return () if shape.is_empty or not shape.area > 0 else (Area(shape, name),)


def _in_range(name: str, value: float, above: float, most: float) -> None:
    if not above < value <= most:
        raise AnalysisFault(Reason.BAD_PARAMETER, f"{name} = {value:g}")


def vertices(lon: ArrayLike, lat: ArrayLike) -> dict[str, Any]:
    """A GeoJSON Polygon of one ring of degrees, closed."""
    ring = [[float(a), float(b)] for a, b in zip(np.asarray(lon), np.asarray(lat), strict=True)]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
