"""What is here: town, road, crossroads and named things around any point, from the gazetteer and the road network."""

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import shapely
from msgspec import Struct
from scipy.spatial import cKDTree

from controlroom.mapping.analysis.plane import Plane
from controlroom.mapping.coordinates import in_world
from controlroom.mapping.gazetteer import Gazetteer
from controlroom.mapping.gazetteer_crossings import is_named
from controlroom.mapping.gazetteer_names import Name

NEAR = 3
"""So many named things are told."""
REACH_M = 3_000.0
"""House figure: what is farther away does not help to find a place."""
ON_ROAD_M = 8.0
"""House figure: so near to the middle of a road one is on it."""
_LOOKED_AT = 60
_NOT_NEAR = ("crossing", "road", "town", "area")

Ring = Sequence[tuple[float, float]]


class Nearby(Struct, frozen=True):
    """A named thing and where the point lies as seen from it: metres, and degrees from north."""

    name: Name
    distance_m: float
    bearing_deg: float


class RoadNear(Struct, frozen=True):
    """The nearest named road; `bearing_deg` tells on which side of it the point lies."""

    title: str
    distance_m: float
    bearing_deg: float


class Here(Struct, frozen=True, kw_only=True):
    """What is known of a point (WGS-84 degrees). `town` is that of a schematic cell, never a legal border."""

    lon: float
    lat: float
    town: str = ""
    in_district: bool = False
    road: RoadNear | None = None
    crossing: Nearby | None = None
    community: Nearby | None = None
    near: tuple[Nearby, ...] = ()
    inside: tuple[str, ...] = ()


class Surroundings:
    """Trees over one opened gazetteer, made once (a fifth of a second at 180,000 names). Any one thread."""

    def __init__(self, gazetteer: Gazetteer, district: Path) -> None:
        self._gazetteer = gazetteer
        middle = _middle(gazetteer)
        self._plane = Plane(middle)
        self._all = _Tree(gazetteer, self._plane, np.arange(gazetteer.count))
        self._crossings = _Tree(gazetteer, self._plane, gazetteer.of_kind("crossing"))
        self._communities = _Tree(gazetteer, self._plane, gazetteer.of_kind("community"))
        roads = [(t, line) for t, line in gazetteer.roads() if is_named(t) and len(line) > 1]
        self._titles = [title for title, _line in roads]
        self._roads = shapely.STRtree([self._flat(line) for _title, line in roads])
        areas = gazetteer.areas()
        self._area_titles = [title for title, _shape in areas]
        self._areas = shapely.STRtree(shapely.from_wkb([shape for _title, shape in areas]))
        self._towns, self._cells = _cells(district / "cells.geojson")
        self._outline = shapely.STRtree(_cells(district / "outline.geojson")[1].geometries)

    def here(self, lon: float, lat: float, fences: Iterable[tuple[str, Ring]] = ()) -> Here | None:
        """What is known of a point; None for one outside the world. `fences` are names and corners, WGS-84 degrees."""
        if not bool(in_world(lon, lat)):
            return None
        point = shapely.Point(lon, lat)
        towns = self._cells.query(point, predicate="within")
        inside = [self._area_titles[i] for i in self._areas.query(point, predicate="within").tolist()]
        inside += [name for name, ring in fences if _within(point, ring)]
        crossing = self._crossings.nearest(lon, lat, 1)
        community = self._communities.nearest(lon, lat, 1)
        around = self._all.nearest(lon, lat, _LOOKED_AT)
        told = [n for n in around if n.name.kind not in _NOT_NEAR]
        told.sort(key=lambda n: n.distance_m * (1 + 0.25 * self._gazetteer.kinds.rank(n.name.kind)))
        return Here(
            lon=lon,
            lat=lat,
            town=self._towns[int(towns[0])] if len(towns) else "",
            in_district=bool(len(self._outline.query(point, predicate="within"))),
            road=self._road(lon, lat),
            crossing=crossing[0] if crossing else None,
            community=community[0] if community else None,
            near=tuple(told[:NEAR]),
            inside=tuple(dict.fromkeys(inside)),
        )

    def _road(self, lon: float, lat: float) -> RoadNear | None:
        x, y = (float(v) for v in self._plane.to_plane(lon, lat))
        if not self._titles or not math.isfinite(x):
            return None
        point = shapely.Point(x, y)
        index = int(self._roads.nearest(point))
        line = self._roads.geometries[index]
        there = line.interpolate(line.project(point))
        away = float(point.distance(line))
        return RoadNear(self._titles[index], away, _bearing(x - there.x, y - there.y)) if away <= REACH_M else None

    def _flat(self, line: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> shapely.LineString:
        x, y = self._plane.to_plane(line[:, 0], line[:, 1])
        return shapely.LineString(np.column_stack([np.nan_to_num(x, nan=1e9), np.nan_to_num(y, nan=1e9)]))


class _Tree:
    """Some names of a gazetteer by where they are."""

    def __init__(self, gazetteer: Gazetteer, plane: Plane, ids: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> None:
        self._gazetteer, self._plane = gazetteer, plane
        x, y = plane.to_plane(gazetteer.lon[ids], gazetteer.lat[ids])
        good = np.isfinite(x)
        self._ids = ids[good]
        self._at = np.column_stack([x[good], y[good]])
        self._tree = cKDTree(self._at) if len(self._ids) else None

    def nearest(self, lon: float, lat: float, count: int) -> list[Nearby]:
        """The nearest names within reach, the nearest first."""
        x, y = (float(v) for v in self._plane.to_plane(lon, lat))
        if self._tree is None or not math.isfinite(x):
            return []
        away, rows = self._tree.query((x, y), k=min(count, len(self._ids)), distance_upper_bound=REACH_M)
        rows = np.atleast_1d(rows)[np.isfinite(np.atleast_1d(away))]
        names = self._gazetteer.names(self._ids[rows].tolist())
        east, north = x - self._at[rows, 0], y - self._at[rows, 1]
        return [
            Nearby(name, math.hypot(e, n), _bearing(e, n))
            for name, e, n in zip(names, east.tolist(), north.tolist(), strict=True)
        ]


def _bearing(east: float, north: float) -> float:
    return math.degrees(math.atan2(east, north)) % 360.0


def _middle(gazetteer: Gazetteer) -> float:
    return float(np.median(gazetteer.lon)) if gazetteer.count else 117.0


def _within(point: shapely.Point, ring: Ring) -> bool:
    return len(ring) > 2 and bool(shapely.make_valid(shapely.Polygon(ring)).contains(point))


def _cells(path: Path) -> tuple[list[str], shapely.STRtree]:
    """Areas of a GeoJSON file with their names; none where there is no file."""
    features = json.loads(path.read_bytes())["features"] if path.is_file() else []
    shapes = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in features]
    return [str(feature["properties"].get("name", "")) for feature in features], shapely.STRtree(shapes)
