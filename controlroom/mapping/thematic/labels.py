"""Words beside the features of a layer: for each zoom level those that do not lie over each other, the largest first.

Placed for a whole layer at once, so that the tiles on both sides of a border write the same words.
"""

import json
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from controlroom.mapping.coordinates import WORLD
from controlroom.mapping.thematic.features import name_of

MOST_LABELS = 200_000
"""House figure: of more features than this only the first are written beside."""

TEXT_PX = 12
_HIGH_PX = 16
_BESIDE_PX = 9
"""From a point to its words."""
_GAP_PX = 3
_LONGEST = 24
_GRID_PX = 128
_WIDE = frozenset("WFA")
_Taken = dict[tuple[int, int], list[tuple[float, float, float]]]
"""What is written, by cells of _GRID_PX: left edge, middle, width."""


@dataclass
class Labels:
    """Words at one zoom level, by pixels of the world at that level: left edge and middle f64[n], width f64[n]."""

    left: NDArray[np.float64]
    middle: NDArray[np.float64]
    width: NDArray[np.float64]
    words: list[str]

    def tile(self, x: int, y: int, side: int) -> bytes:
        """Those that reach into a tile, as JSON rows of left edge, middle (pixels from the tile's corner) and words;
        nothing where there are none."""
        west, north = x * side, y * side
        inside = (self.left < west + side) & (self.left + self.width > west)
        inside &= (self.middle < north + side + _HIGH_PX) & (self.middle > north - _HIGH_PX)
        rows = [
            [round(float(self.left[k] - west), 1), round(float(self.middle[k] - north), 1), self.words[k]]
            for k in np.flatnonzero(inside).tolist()
        ]
        return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode() if rows else b""


def width_px(words: str) -> float:
    """How wide words are at most, in pixels of a text of TEXT_PX."""
    return sum(TEXT_PX + 0.5 if unicodedata.east_asian_width(each) in _WIDE else _narrow(each) for each in words)


def _narrow(letter: str) -> float:
    return 11.0 if letter in "MW@%" else 9.0 if letter.isupper() else 7.5


def placed(sheet: Any, field: str, zoom: int) -> Labels:
    """The words of an attribute at a zoom level. `sheet` is a Sheet."""
    scale = 256.0 * 2.0**zoom / WORLD
    rows, anchors, dimension = _anchors(sheet)
    left: list[float] = []
    middle: list[float] = []
    width: list[float] = []
    words: list[str] = []
    taken: _Taken = {}
    for row, (at_x, at_y), kind in zip(rows.tolist(), (anchors * scale).tolist(), dimension.tolist(), strict=True):
        told = name_of(sheet.attributes(row), field)
        if not told:
            continue
        told = told if len(told) <= _LONGEST else told[: _LONGEST - 1] + "…"
        wide = width_px(told)
        begin = at_x + _BESIDE_PX if kind == 0 else at_x - wide / 2
        if _free(taken, begin, at_y, wide):
            left.append(begin)
            middle.append(at_y)
            width.append(wide)
            words.append(told)
    return Labels(np.array(left), np.array(middle), np.array(width), words)


def _anchors(sheet: Any) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """The rows with the largest first, a place on the largest part of each, and what that part is."""
    parts = sheet.part
    dimension = shapely.get_dimensions(parts)
    size = np.where(dimension == 2, shapely.area(parts), shapely.length(parts))
    order = np.lexsort((sheet.owner, -size, -dimension))
    rows, first = np.unique(sheet.owner[order], return_index=True)
    best = order[first]
    by_size = np.argsort(first, kind="stable")[:MOST_LABELS]
    rows, best = rows[by_size], best[by_size]
    spots = shapely.point_on_surface(parts[best])
    lines = dimension[best] == 1
    spots[lines] = shapely.line_interpolate_point(parts[best][lines], 0.5, normalized=True)
    return rows, shapely.get_coordinates(spots), dimension[best]


def _free(taken: _Taken, left: float, middle: float, wide: float) -> bool:
    """Whether nothing is written there yet; it is, from now on."""
    columns = range(int((left - _GAP_PX) // _GRID_PX), int((left + wide + _GAP_PX) // _GRID_PX) + 1)
    lines = range(int((middle - _HIGH_PX) // _GRID_PX), int((middle + _HIGH_PX) // _GRID_PX) + 1)
    cells = [(column, line) for column in columns for line in lines]
    for cell in cells:
        for other, at, reach in taken.get(cell, ()):
            if abs(at - middle) < _HIGH_PX and left - _GAP_PX < other + reach and other - _GAP_PX < left + wide:
                return False
    for cell in cells:
        taken.setdefault(cell, []).append((left, middle, wide))
    return True
