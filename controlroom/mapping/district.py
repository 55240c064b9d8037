"""The demo district that the map draws under everything: outline, towns, roads."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from controlroom.mapping.coordinates import Floats, to_fixed
from controlroom.mapping.layers import MapCentre

MAIN_ROADS = frozenset({"motorway", "trunk", "primary", "secondary"})


@dataclass(frozen=True, slots=True)
class Line:
    """A line or ring of n points as fixed-point Web Mercator x f64[n] and y f64[n]; `rank` 0 is the most important."""

    x: Floats
    y: Floats
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Town:
    """A town's name and where it is written (WGS-84 degrees)."""

    code: str
    name: str
    lon: float
    lat: float


class District:
    """GeoJSON files of a folder: `outline`, `towns`, `cells` (schematic) and `roads`, each `NAME.geojson`, WGS-84.

    Files are read when first asked for; a missing file raises FileNotFoundError, a broken one ValueError.
    """

    FILES = ("outline", "towns", "cells", "roads")

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def document(self, name: str) -> bytes:
        """The bytes of one of FILES. Raises KeyError for any other name."""
        if name not in self.FILES:
            raise KeyError(name)
        return (self._folder / f"{name}.geojson").read_bytes()

    @cached_property
    def towns(self) -> tuple[Town, ...]:
        """All towns with their names."""
        return tuple(
            Town(str(f["properties"]["code"]), str(f["properties"]["name"]), *map(float, f["geometry"]["coordinates"]))
            for f in self._features("towns")
        )

    @cached_property
    def outline(self) -> tuple[Line, ...]:
        """The rings of the district."""
        return self._lines("outline")

    @cached_property
    def cells(self) -> tuple[Line, ...]:
        """The rings of the schematic cells of towns."""
        return self._lines("cells")

    @cached_property
    def roads(self) -> tuple[Line, ...]:
        """Roads; rank 0 are the main ones."""
        return self._lines("roads")

    @cached_property
    def centre(self) -> MapCentre:
        """Where a map first looks: the middle of the towns."""
        lon = np.array([town.lon for town in self.towns])
        lat = np.array([town.lat for town in self.towns])
        return MapCentre(float((lon.min() + lon.max()) / 2), float((lat.min() + lat.max()) / 2), 11)

    def _features(self, name: str) -> list[dict[str, Any]]:
        document = json.loads(self.document(name))
        features: list[dict[str, Any]] = document["features"]
        return features

    def _lines(self, name: str) -> tuple[Line, ...]:
        lines = []
        for feature in self._features(name):
            road = feature["properties"].get("highway", "trunk")
            rank = 0 if str(road).removesuffix("_link") in MAIN_ROADS else 1
            for part in parts(feature["geometry"]):
                points = np.asarray(part, np.float64)
                x, y = to_fixed(points[:, 0], points[:, 1])
                lines.append(Line(x.astype(np.float64), y.astype(np.float64), rank))
        return tuple(lines)


def parts(geometry: dict[str, Any]) -> list[list[list[float]]]:
    """The lines or rings of a GeoJSON geometry (RFC 7946); points have none."""
    coordinates = geometry["coordinates"]
    match geometry["type"]:
        case "LineString":
            return [coordinates]
        case "MultiLineString" | "Polygon":
            return list(coordinates)
        case "MultiPolygon":
            return [ring for polygon in coordinates for ring in polygon]
    return []
