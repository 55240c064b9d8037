"""A regular grid over an area of the plane, and the bands of equal value through it."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import contourpy
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from controlroom.mapping.analysis.fault import AnalysisFault, Reason
from controlroom.mapping.coordinates import Floats

MOST_CELLS = 1_000_000


@dataclass(frozen=True, slots=True)
class Grid:
    """Nodes `x` f64[columns] and `y` f64[rows] of the plane, `side_m` apart."""

    x: Floats
    y: Floats
    side_m: float

    @classmethod
    def over(cls, bounds: tuple[float, float, float, float], side_m: float) -> "Grid":
        """The grid that covers west, south, east, north. Raises AnalysisFault for one of too many nodes, or none."""
        west, south, east, north = bounds
        if not (np.isfinite(bounds).all() and east >= west and north >= south):
            raise AnalysisFault(Reason.EMPTY)
        if not side_m > 0:
            raise AnalysisFault(Reason.BAD_PARAMETER, f"side_m = {side_m:g}")
        columns, rows = int((east - west) // side_m) + 2, int((north - south) // side_m) + 2
        if columns * rows > MOST_CELLS:
            raise AnalysisFault(Reason.TOO_FAR_APART, str(columns * rows))
        return cls(
            west + side_m * np.arange(columns, dtype=np.float64),
            south + side_m * np.arange(rows, dtype=np.float64),
            side_m,
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.y), len(self.x)

    def nodes(self) -> tuple[Floats, Floats]:
        """x and y of every node, row by row."""
        x, y = np.meshgrid(self.x, self.y)
        return x.ravel(), y.ravel()


def bands(grid: Grid, values: Floats, edges: Sequence[float], clip: BaseGeometry | None = None) -> list[BaseGeometry]:
    """The area between each two neighbouring edges; NaN nodes belong to none. `clip` cuts them to an area."""
    generator = contourpy.contour_generator(grid.x, grid.y, np.ma.masked_invalid(values), fill_type="OuterOffset")
    found: list[BaseGeometry] = []
    # A little beyond the extremes, so that the highest and lowest node are inside.
    margin = 1e-9 * max(abs(float(edges[-1])), abs(float(edges[0])), 1e-6)
    cuts = [float(edges[0]) - margin, *(float(edge) for edge in edges[1:-1]), float(edges[-1]) + margin]
    for low, high in itertools.pairwise(cuts):
        filled = generator.filled(low, high)
        polygons = []
        for xy, turns in zip(filled[0], filled[1], strict=True):
            if xy is None or turns is None:
                continue
            rings = [xy[a:b] for a, b in itertools.pairwise(turns.tolist()) if b - a >= 4]
            if rings:
                polygons.append(shapely.Polygon(rings[0], rings[1:]))
        whole = (
            shapely.union_all(shapely.make_valid(np.array(polygons, object))) if polygons else shapely.MultiPolygon()
        )
        found.append(whole if clip is None or whole.is_empty else shapely.intersection(whole, clip))
    return found
