"""Graphics for command as shapes: what their points become on the ground, alike for map, hub, export and exposure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from controlroom.domain.graphic import DangerZone, Drawing, GraphicKind
from controlroom.mapping.analysis.areas import Area, geodesic_area_m2, mended
from controlroom.mapping.analysis.fault import AnalysisFault, Reason
from controlroom.mapping.analysis.plane import Plane, distance_m
from controlroom.mapping.coordinates import Floats

HEAD, TAIL, NECK, BARB = 0.2, 0.075, 0.04, 0.11
"""House figures of arrows as parts of their length: the head's length, half widths of tail, neck and head."""
_FAR = 16
"""An arc is drawn by so many pieces a quarter."""

Role = Literal["line", "area", "head", "hot", "warm", "cold"]
Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a graphic: WGS-84 degrees in order, `area` where it encloses something (not closed)."""

    role: Role
    ring: Ring
    area: bool


def plane_of(drawing: Drawing) -> Plane:
    """The plane around a drawing. Raises AnalysisFault when it has no place in the map's world."""
    return Plane.around([p.lon for p in drawing.points], [p.lat for p in drawing.points])


def parts_of(drawing: Drawing) -> tuple[Part, ...]:
    """The pieces of a drawing, the lowest first; symbols and words have none.

    Raises AnalysisFault for points outside the map's world, an area that encloses nothing, an arrow without a length, a
    zone without a radius, fewer points than its kind has.
    """
    if len(drawing.points) < drawing.kind.fewest:
        raise AnalysisFault(Reason.TOO_FEW)
    plane = plane_of(drawing)
    axis = _placed(drawing, plane)
    kind = drawing.kind
    if kind in (GraphicKind.SYMBOL, GraphicKind.TEXT):
        return ()
    if kind is GraphicKind.LINE:
        return (_part("line", axis, plane, False),)
    if kind is GraphicKind.AREA:
        area = mended(shapely.Polygon(axis))
        if area.mended:
            raise AnalysisFault(Reason.NO_AREA)
        return (_part("area", axis, plane, True),)
    if kind is GraphicKind.ZONE:
        return tuple(_rings(drawing.zone or DangerZone(), axis[0], plane))
    _length(axis)
    if kind is GraphicKind.ARROW:
        return (_part("line", axis, plane, False), _part("head", _head(axis), plane, True))
    return tuple(_part("area", ring, plane, True) for ring in _surfaces(_broad(axis)))


def area_of(drawing: Drawing) -> tuple[Area, Plane] | None:
    """Everything that a drawing encloses, in its plane; None for points and lines. Raises AnalysisFault."""
    plane = plane_of(drawing)
    parts = [part for part in parts_of(drawing) if part.area and part.role != "head"]
    if not parts:
        return None
    shapes = [shapely.Polygon(np.column_stack(plane.to_plane(*zip(*part.ring, strict=True)))) for part in parts]
    return mended(shapely.union_all(shapes)), plane


def area_in(drawing: Drawing, plane: Plane) -> Area | None:
    """Everything that a drawing encloses, in a plane that others share; None for points and lines.

    Raises AnalysisFault, also where the drawing is too far from the plane's meridian.
    """
    parts = [part for part in parts_of(drawing) if part.area and part.role != "head"]
    if not parts:
        return None
    corners = [np.column_stack(plane.to_plane(*zip(*part.ring, strict=True))) for part in parts]
    if not all(np.isfinite(ring).all() for ring in corners):
        raise AnalysisFault(Reason.NO_PLACE)
    return mended(shapely.union_all([shapely.Polygon(ring) for ring in corners]))


@dataclass(frozen=True, slots=True)
class Measured:
    """How long a line is or how far round an area, and how large; metres and square metres on the ellipsoid."""

    length_m: float
    area_m2: float = 0.0


def measured(drawing: Drawing) -> Measured:
    """The figures of a drawing on WGS-84; a symbol has none. Raises AnalysisFault."""
    if drawing.kind in (GraphicKind.LINE, GraphicKind.ARROW):
        return Measured(_path_m([(p.lon, p.lat) for p in drawing.points]))
    found = area_of(drawing)
    if found is None:
        return Measured(0.0)
    area, plane = found
    rings = [ring for part in shapely.get_parts(area.shape) for ring in (part.exterior, *part.interiors)]
    around = sum(_path_m(list(zip(*plane.to_degrees(*np.asarray(ring.coords).T), strict=True))) for ring in rings)
    return Measured(around, geodesic_area_m2(area.shape, plane))


# ---------------------------------------------------------------- shapes in metres


def _placed(drawing: Drawing, plane: Plane) -> Floats:
    x, y = plane.to_plane([p.lon for p in drawing.points], [p.lat for p in drawing.points])
    if not np.isfinite(x).all():
        raise AnalysisFault(Reason.NO_PLACE)
    return np.column_stack([x, y])


def _part(role: Role, xy: Floats, plane: Plane, area: bool) -> Part:
    lon, lat = plane.to_degrees(xy[:, 0], xy[:, 1])
    return Part(role, tuple(zip(np.round(lon, 7).tolist(), np.round(lat, 7).tolist(), strict=True)), area)


def _length(axis: Floats) -> float:
    length = float(np.hypot(*np.diff(axis, axis=0).T).sum())
    if length < 1.0:
        raise AnalysisFault(Reason.NO_AREA)
    return length


def _cut(axis: Floats, at_m: float) -> tuple[Floats, Floats]:
    """The axis up to a distance from its beginning, with that point as its last; and the direction there."""
    steps = np.hypot(*np.diff(axis, axis=0).T)
    so_far = np.concatenate([[0.0], np.cumsum(steps)])
    k = int(np.clip(np.searchsorted(so_far, at_m, "right") - 1, 0, len(steps) - 1))
    while steps[k] == 0 and k:
        k -= 1
    way = (axis[k + 1] - axis[k]) / max(steps[k], 1e-9)
    return np.vstack([axis[: k + 1], axis[k] + way * (at_m - so_far[k])]), way


def _barbs(axis: Floats, barb: float) -> tuple[Floats, Floats, Floats, Floats]:
    """The shaft without the head, the two barbs, and the tip."""
    length = _length(axis)
    shaft, _way = _cut(axis, length * (1 - HEAD))
    tip = axis[-1]
    way = tip - shaft[-1]
    way = way / max(float(np.hypot(*way)), 1e-9)
    side = np.array([-way[1], way[0]]) * length * barb
    return shaft, shaft[-1] + side, shaft[-1] - side, tip


def _head(axis: Floats) -> Floats:
    _shaft, left, right, tip = _barbs(axis, HEAD / 2)
    return np.vstack([left, tip, right])


def _broad(axis: Floats) -> BaseGeometry:
    """An arrow with a body that narrows towards its head."""
    smooth = _smooth(axis)
    length = _length(smooth)
    shaft, left, right, tip = _barbs(smooth, BARB)
    way = np.gradient(shaft, axis=0)
    way /= np.maximum(np.hypot(*way.T), 1e-9)[:, None]
    share = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(shaft, axis=0).T))])
    share /= max(share[-1], 1e-9)
    half = length * (TAIL + (NECK - TAIL) * share)
    normal = np.column_stack([-way[:, 1], way[:, 0]]) * half[:, None]
    border = np.vstack([shaft + normal, left, tip, right, (shaft - normal)[::-1]])
    return shapely.make_valid(shapely.Polygon(border)).buffer(0)


def _smooth(axis: Floats) -> Floats:
    """Corners cut twice (Chaikin 1974), the ends kept; a long line is smooth enough as it is."""
    for _turn in range(2 if 2 < len(axis) <= 100 else 0):
        near, far = 0.75 * axis[:-1] + 0.25 * axis[1:], 0.25 * axis[:-1] + 0.75 * axis[1:]
        inner = np.empty((2 * len(near), 2))
        inner[0::2], inner[1::2] = near, far
        axis = np.vstack([axis[0], inner, axis[-1]])
    return axis


def _rings(zone: DangerZone, middle: Floats, plane: Plane) -> Sequence[Part]:
    """The zones from the widest to the hot one."""
    radii = zone.radii_m
    if not radii or list(radii) != sorted(set(radii)):
        raise AnalysisFault(Reason.BAD_PARAMETER)
    found: list[Part] = []
    rings: tuple[tuple[Role, float], ...] = (("cold", zone.cold_m), ("warm", zone.warm_m), ("hot", zone.hot_m))
    core = shapely.Point(*middle).buffer(radii[0], quad_segs=_FAR)
    for role, radius in rings:
        if radius <= 0:
            continue
        shape = shapely.Point(*middle).buffer(radius, quad_segs=_FAR)
        if zone.wind_from_deg is not None and radius > radii[0]:
            shape = core.union(_sector(middle, radius, zone.wind_from_deg + 180.0, zone.spread_deg))
        found.extend(_part(role, ring, plane, True) for ring in _surfaces(shape))
    return found


def _sector(middle: Floats, radius_m: float, towards_deg: float, spread_deg: float) -> BaseGeometry:
    if spread_deg >= 359.0:
        return shapely.Point(*middle).buffer(radius_m, quad_segs=_FAR)
    count = max(3, math.ceil(spread_deg / 90 * _FAR) + 1)
    bearing = np.radians(towards_deg + np.linspace(-spread_deg / 2, spread_deg / 2, count))
    arc = middle + radius_m * np.column_stack([np.sin(bearing), np.cos(bearing)])
    return shapely.Polygon(np.vstack([middle, arc]))


def _surfaces(shape: BaseGeometry) -> list[Floats]:
    polygons = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and part.area > 0]
    if not polygons:
        raise AnalysisFault(Reason.NO_AREA)
    return [np.asarray(polygon.exterior.coords)[:-1] for polygon in polygons]


def _path_m(points: Sequence[tuple[float, float]]) -> float:
    lon, lat = np.asarray(points, np.float64).T
    return float(distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:]).sum())
