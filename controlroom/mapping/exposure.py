"""Who and what is inside an area: data layers of the district with their source and date, counted; unknown is unknown.

A data layer is a GeoJSON FeatureCollection of points (WGS-84, RFC 7946) with the members `layer` (one of KINDS),
`source`, `date` (ISO 8601), `schematic` (true where it is invented) and, where it does not cover the whole district,
`coverage` (a Polygon or MultiPolygon). A feature's property `count` says how many it stands for (1 without it).
"""

import enum
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.mapping.analysis.areas import Area, inside, read_area
from controlroom.mapping.analysis.fault import AnalysisFault
from controlroom.mapping.analysis.plane import Plane
from controlroom.mapping.coordinates import Floats


class Exposed(enum.StrEnum):
    """What is counted inside an area, in the order it is shown."""

    PEOPLE = "people"
    ENTERPRISES = "enterprises"
    SCHOOLS = "schools"
    HOSPITALS = "hospitals"
    HAZARDS = "hazards"
    CAMERAS = "cameras"
    TEAMS = "teams"


FILED = (Exposed.PEOPLE, Exposed.ENTERPRISES, Exposed.SCHOOLS, Exposed.HOSPITALS, Exposed.HAZARDS)
"""What comes from files; cameras and teams are the room's own and live."""


@dataclass(frozen=True, slots=True)
class DataLayer:
    """Points f64[n] in WGS-84 degrees, how many each stands for, and where that is from."""

    kind: Exposed
    lon: Floats
    lat: Floats
    count: Floats
    names: tuple[str, ...]
    source: str
    dated: str
    schematic: bool
    coverage: Area | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: None is unknown, never 0. `partly`: at least so many, the area reaches beyond what is known.

    `live`: the room's own, not of a file.
    """

    kind: Exposed
    number: int | None
    source: str = ""
    dated: str = ""
    schematic: bool = False
    partly: bool = False
    live: bool = False


def read_layer(path: Path, plane: Plane) -> DataLayer:
    """A data layer. Raises EnvironmentFault that names the file, and the feature where one is broken."""
    at = 0
    try:
        document = json.loads(path.read_bytes())
        kind, dated = Exposed(document["layer"]), str(document["date"])
        date.fromisoformat(dated)
        if kind not in FILED:
            raise ValueError(kind)
        rows = []
        for number, feature in enumerate(document["features"], 1):
            at = number
            lon, lat = (float(c) for c in feature["geometry"]["coordinates"][:2])
            told = feature.get("properties") or {}
            count = float(told.get("count", 1))
            if feature["geometry"]["type"] != "Point" or not count >= 0 or not np.isfinite([lon, lat, count]).all():
                raise ValueError("no point or count")
            rows.append((lon, lat, count, str(told.get("name", ""))))
        at = 0
        coverage = read_area(document["coverage"], plane, path.name) if "coverage" in document else None
        source, schematic = str(document["source"]), bool(document.get("schematic", False))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, AnalysisFault) as error:
        raise EnvironmentFault(
            _("The data layer {file} cannot be read (feature {number}: {reason}). Correct or remove it.").format(
                file=path.name, number=at or "—", reason=error
            )
        ) from error
    columns = np.array([row[:3] for row in rows], np.float64).reshape(-1, 3).T
    names = tuple(row[3] for row in rows)
    return DataLayer(kind, columns[0], columns[1], columns[2], names, source, dated, schematic, coverage)


def read_layers(folders: Sequence[Path], plane: Plane, refused: Callable[[EnvironmentFault], None]) -> list[DataLayer]:
    """The layers of all folders; of a kind that a later folder has, the earlier one's are not taken."""
    taken: dict[Exposed, list[DataLayer]] = {}
    for folder in folders:
        here: dict[Exposed, list[DataLayer]] = {}
        for path in sorted(folder.glob("*.geojson")) if folder.is_dir() else ():
            try:
                layer = read_layer(path, plane)
            except EnvironmentFault as fault:
                refused(fault)
                continue
            here.setdefault(layer.kind, []).append(layer)
        taken |= here
    return [layer for kind in FILED for layer in taken.get(kind, ())]


class Exposure:
    """Counts what is inside areas of one plane; the layers' places are projected once."""

    def __init__(self, plane: Plane, layers: Sequence[DataLayer]) -> None:
        self.plane = plane
        self._layers = [(layer, *plane.to_plane(layer.lon, layer.lat)) for layer in layers]

    def filed(self, shape: BaseGeometry) -> list[Figure]:
        """What the data layers say of an area, one figure a kind; a kind without a layer is unknown."""
        return [self._figure(kind, shape) for kind in FILED]

    def live(self, shape: BaseGeometry, kind: Exposed, lon: Floats, lat: Floats, dated: str, known: bool) -> Figure:
        """How many of the room's own things are inside; what has no place makes the number a least one."""
        if not known:
            return Figure(kind, None)
        x, y = self.plane.to_plane(lon, lat)
        found = int(np.count_nonzero(inside(shape, x, y)))
        return Figure(kind, found, _("this room"), dated, False, bool(np.isnan(x).any()), live=True)

    def _figure(self, kind: Exposed, shape: BaseGeometry) -> Figure:
        mine = [(layer, x, y) for layer, x, y in self._layers if layer.kind is kind]
        if not mine:
            return Figure(kind, None)
        total, covered, whole = 0.0, [], False
        for layer, x, y in mine:
            total += float(layer.count[inside(shape, x, y)].sum())
            if layer.coverage is None:
                whole = True
            else:
                covered.append(layer.coverage.shape)
        beyond = False
        if not whole:
            held = shapely.union_all(covered)
            if not shapely.intersects(held, shape):
                return Figure(kind, None, mine[0][0].source, mine[0][0].dated, mine[0][0].schematic)
            beyond = not shapely.covers(held, shape)
        sources = " · ".join(dict.fromkeys(layer.source for layer, _x, _y in mine))
        oldest = min(layer.dated for layer, _x, _y in mine)
        return Figure(kind, round(total), sources, oldest, any(layer.schematic for layer, _x, _y in mine), beyond)
