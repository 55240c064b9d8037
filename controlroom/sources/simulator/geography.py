"""The district's outline, towns and roads, and where in them things can be. All coordinates are degrees, WGS-84."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from controlroom.domain.place import Point
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _

Line = NDArray[np.float64]
"""Vertices, n x 2: longitude, latitude."""

KM_PER_LAT = 111.19
_AIRPORT_CODE = "110115406000"
_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Town:
    """A town or street: `cells` are its (schematic) polygons, empty for the airport."""

    code: str
    name: str
    point: Point
    cells: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Road:
    """A road line of OpenStreetMap: `kind` is its highway tag."""

    kind: str
    name: str
    line: Line


@dataclass(frozen=True, slots=True)
class Geography:
    """What the simulated district stands on. `airport` lies outside the outline, by some 400 m, and stays there."""

    outline: tuple[Line, ...]
    towns: tuple[Town, ...]
    airport: Point
    roads: tuple[Road, ...]

    def inside(self, points: Line) -> NDArray[np.bool_]:
        """Which of n x 2 points lie in the outline."""
        return _inside(points, self.outline)

    def scatter(self, town: Town, count: int, random: np.random.Generator) -> Line:
        """`count` points of a town, n x 2, denser around its own point and all inside the outline."""
        low, high = town.cells[0].min(axis=0), town.cells[0].max(axis=0)
        centre = np.array([town.point.lon, town.point.lat])
        found: list[Line] = []
        missing = count
        while missing > 0:
            wide = random.uniform(low, high, (missing * 2 + 8, 2))
            near = centre + random.normal(0.0, 0.012, (missing + 4, 2))
            tried = random.permutation(np.concatenate([wide, near]))
            kept = tried[_inside(tried, town.cells) & self.inside(tried)][:missing]
            found.append(kept)
            missing -= len(kept)
        return np.concatenate(found) if found else np.empty((0, 2))


def load(folder: Path) -> Geography:
    """Read outline.geojson, towns.geojson, cells.geojson and roads.geojson. Raises EnvironmentFault."""
    try:
        outline = _features(folder / "outline.geojson")
        cells = {f["properties"]["code"]: _rings(f["geometry"]) for f in _features(folder / "cells.geojson")}
        points = _features(folder / "towns.geojson")
        roads = _features(folder / "roads.geojson")
        airport = next(f for f in points if f["properties"]["code"] == _AIRPORT_CODE)
        towns = [
            Town(f["properties"]["code"], f["properties"]["name"], Point(*f["geometry"]["coordinates"]), rings)
            for f in points
            if (rings := cells.get(f["properties"]["code"], ()))
        ]
        return Geography(
            outline=tuple(ring for f in outline for ring in _rings(f["geometry"])),
            towns=tuple(towns),
            airport=Point(*airport["geometry"]["coordinates"]),
            roads=tuple(
                Road(
                    f["properties"].get("highway", ""),
                    f["properties"].get("name", ""),
                    np.array(f["geometry"]["coordinates"], np.float64),
                )
                for f in roads
            ),
        )
    except (OSError, msgspec.MsgspecError, LookupError, TypeError, StopIteration) as error:
        sentence = _("The map data of the district in {folder} cannot be read: {reason}. Install the program again.")
        raise EnvironmentFault(sentence.format(folder=folder, reason=error)) from error


def distance_km(a: Line, b: Line) -> NDArray[np.float64]:
    """Distances between points (… x 2), good to a thousandth over a district."""
    scale = np.array([KM_PER_LAT * np.cos(np.radians(39.65)), KM_PER_LAT])
    difference = (np.asarray(a) - np.asarray(b)) * scale
    result: NDArray[np.float64] = np.hypot(difference[..., 0], difference[..., 1])
    return result


def bearing_deg(lon: float, lat: float, to_lon: float, to_lat: float) -> float:
    """The direction from one point to another, clockwise from north."""
    east = (to_lon - lon) * np.cos(np.radians(lat))
    return float(np.degrees(np.arctan2(east, to_lat - lat)) % 360.0)


def _features(path: Path) -> list[dict[str, Any]]:
    collection = msgspec.json.decode(path.read_bytes())
    features: list[dict[str, Any]] = collection["features"]
    return features


def _rings(geometry: dict[str, Any]) -> tuple[Line, ...]:
    """The rings of a polygon or multi-polygon, holes included: crossing parity needs no more."""
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return tuple(np.array(ring, np.float64) for polygon in polygons for ring in polygon)


def _inside(points: Line, rings: tuple[Line, ...]) -> NDArray[np.bool_]:
    """Crossing parity of each point against all rings."""
    odd = np.zeros(len(points), bool)
    for ring in rings:
        x, y = ring[:-1, 0], ring[:-1, 1]
        x2, y2 = ring[1:, 0], ring[1:, 1]
        slope = np.divide(x2 - x, y2 - y, out=np.zeros_like(x), where=y2 != y)
        for start in range(0, len(points), _CHUNK):
            lon, lat = points[start : start + _CHUNK, 0, None], points[start : start + _CHUNK, 1, None]
            crosses = ((y > lat) != (y2 > lat)) & (lon < x + (lat - y) * slope)
            odd[start : start + _CHUNK] ^= crosses.sum(axis=1) % 2 == 1
    return odd
