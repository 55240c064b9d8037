"""What an analysis was asked and what came of it: a layer that says how and from what it was made."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controlroom.mapping.analysis.areas import Area
from controlroom.mapping.analysis.plane import Plane
from controlroom.mapping.coordinates import Floats
from controlroom.mapping.layers import ColourClass, LayerPoint, LayerSpec
from controlroom.mapping.sight import CameraColumns

RAMP = ("#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#8bd646", "#c8e020", "#fde725", "#fdfa9a")
"""From little to much; none of them is the colour of a severity."""
PLAIN = "#2ba6a6"
OPACITY = 0.45


@dataclass(frozen=True, slots=True)
class Things:
    """Points as columns f64[n]: WGS-84 degrees (NaN without a place) and a value (NaN without one)."""

    title: str
    ids: Sequence[str]
    names: Sequence[str]
    lon: Floats
    lat: Floats
    value: Floats
    unit: str = ""
    data_at: datetime | None = None
    limits: tuple[float, ...] = ()
    schematic: bool = False
    doubtful: int = 0
    """How many values were left out of `value` because they are stale or marked as wrong."""


@dataclass(frozen=True, slots=True)
class Zone:
    """Areas to reckon with: GeoJSON geometries by name; `schematic` where their borders are none."""

    title: str
    geometries: Sequence[tuple[str, Mapping[str, Any]]]
    schematic: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: a method's parameters by name, the things, the area that limits it, and a second set of areas."""

    method: str
    numbers: Mapping[str, float]
    choices: Mapping[str, str]
    things: Things | None
    zone: Zone | None
    other: Zone | None
    roads: Sequence[Floats]
    corners: tuple[tuple[float, float], ...]
    author: str
    made_at: datetime
    cameras: CameraColumns | None = None
    """What cameras see, where that is asked."""
    towns: Zone | None = None
    important: tuple[Things, ...] = ()


@dataclass(slots=True)
class Found:
    """What a method hands in: areas and lines as GeoJSON features, points, the legend, and what must be said."""

    features: list[dict[str, Any]] = field(default_factory=list)
    points: list[LayerPoint] = field(default_factory=list)
    classes: tuple[ColourClass, ...] = (ColourClass("", PLAIN),)
    unit: str = ""
    lines: list[str] = field(default_factory=list)
    bordered: bool = True
    """Whether areas have a line around them: those that are cut into blocks have none."""
    """What the officer reads, one line each."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A layer with its origin; `how` are parameters and their values in words, `said` what the officer reads."""

    spec: LayerSpec
    points: tuple[LayerPoint, ...]
    features: tuple[dict[str, Any], ...]
    how: tuple[tuple[str, str], ...]
    said: tuple[str, ...]
    made_at: datetime
    author: str
    data_at: datetime | None

    def geojson(self) -> str:
        """A FeatureCollection (RFC 7946) whose member `made` says how, from what, when and by whom."""
        features = [*self.features, *(self._point(p) for p in self.points)]
        document = {
            "type": "FeatureCollection",
            "name": self.spec.title,
            "made": {
                **dict(self.how),
                "author": self.author,
                "made_at": self.made_at.isoformat(),
                "data_at": self.data_at.isoformat() if self.data_at else None,
                "remarks": list(self.said),
            },
            "features": features,
        }
        return json.dumps(document, ensure_ascii=False, allow_nan=False)

    def csv(self) -> str:
        """One line a feature, under lines that begin with # and say how it was made."""
        text = io.StringIO()
        writer = csv.writer(text)
        at = self.data_at.isoformat() if self.data_at else "unknown"
        origin = (*self.how, ("author", self.author), ("made_at", self.made_at.isoformat()), ("data_at", at))
        for name, value in origin:
            writer.writerow([f"# {name}: {value}"])
        writer.writerow(("geometry", "id", "name", "class", "value", "unit", "lon", "lat"))
        for feature in self.features:
            told = feature["properties"]
            label = self.spec.classes[int(told.get("class", 0))].label
            kind = feature["geometry"]["type"]
            writer.writerow(
                (kind, "", _plain(told.get("name", "")), label, told.get("value", ""), self.spec.unit, "", "")
            )
        for point in self.points:
            label = self.spec.classes[point.colour_class].label
            value = "" if point.value is None else f"{point.value:.7g}"
            place = (f"{point.lon:.7f}", f"{point.lat:.7f}")
            writer.writerow(("Point", _plain(point.id), _plain(point.label), label, value, self.spec.unit, *place))
        return text.getvalue()

    def _point(self, point: LayerPoint) -> dict[str, Any]:
        told = {"id": point.id, "name": point.label, "value": point.value, "class": point.colour_class}
        geometry = {"type": "Point", "coordinates": [point.lon, point.lat]}
        return {"type": "Feature", "properties": told, "geometry": geometry}


def _plain(text: object) -> str:
    """No cell may be taken for a formula by a spreadsheet."""
    said = str(text)
    return f"'{said}" if said[:1] in ("=", "+", "-", "@", "\t", "\r") else said


@dataclass(frozen=True, slots=True)
class Ground:
    """A question in its plane: places in metres, areas mended."""

    plane: Plane
    x: Floats
    y: Floats
    zone: tuple[Area, ...]
    other: tuple[Area, ...]
    mended: int
    within: NDArray[np.bool_]
    """Which things have a place and lie in the area that limits the question."""


Method = Callable[[Asked, Ground, Callable[[float], None]], Found]
