"""Single features of a thematic layer: found by number, by name or within an area, each with its name and place.

Runs in the reader's process; geometries leave it as GeoJSON in WGS-84 degrees.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from msgspec import Struct
from numpy.typing import NDArray

from controlroom.mapping.coordinates import to_degrees, to_fixed
from controlroom.mapping.thematic.reading import Row, words_of

if TYPE_CHECKING:
    from controlroom.mapping.thematic.sheet import Sheet

MOST_FEATURES = 5000
"""So many features of an answer are told one by one; the rest are counted."""

LONGEST_NAME = 80
_NAMES = ("名称", "name", "标题", "title", "label", "全称", "简称", "mc", "名字", "地名", "编号", "code", "id")
_KINDS = ("point", "line", "area")
_SPACES = re.compile(r"\s+")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class Feature(Struct, frozen=True):
    """A feature: its number in the file from 1, its name (empty where it has none), and a place on it (WGS-84).

    `kind` is `point`, `line` or `area`. `geojson` is its geometry where that was asked for, `attributes` likewise.
    """

    number: int
    name: str
    kind: str
    lon: float
    lat: float
    geojson: str = ""
    attributes: list[tuple[str, str]] = []


def label_field(fields: Sequence[str], wanted: str = "") -> str:
    """The attribute that names features: the wanted one, else the first that is called like a name; or empty."""
    if wanted in fields:
        return wanted
    folded = [(field, field.casefold()) for field in fields]
    for name in _NAMES:
        for field, plain in folded:
            if plain == name:
                return field
    return next((field for field, plain in folded if "名称" in plain or plain.endswith("name")), "")


def name_of(row: Row, field: str) -> str:
    """The name of a feature as one short line in which nothing is invisible."""
    value = row.get(field) if field else None
    if value is None or isinstance(value, bytes | list | dict):
        return ""
    words = _SPACES.sub(" ", str(value)[: 4 * LONGEST_NAME])
    words = "".join(each for each in words if unicodedata.category(each) not in _INVISIBLE).strip()
    return words if len(words) <= LONGEST_NAME else words[: LONGEST_NAME - 1] + "…"


def rows_within(sheet: "Sheet", corners: Sequence[tuple[float, float]]) -> NDArray[np.int64]:
    """The rows of the features of which any part lies inside a ring of corners (lon, lat in degrees), in their order.

    A ring that crosses itself holds what its border winds round an odd number of times.
    """
    x, y = to_fixed([corner[0] for corner in corners], [corner[1] for corner in corners])
    area = shapely.make_valid(shapely.Polygon(np.column_stack((x, y)).astype(np.float64)))
    found = sheet.index().query(area, predicate="intersects")
    return np.unique(sheet.owner[found])


def rows_numbered(sheet: "Sheet", numbers: Sequence[int]) -> NDArray[np.int64]:
    """The rows of features by their number in the file; numbers of none are passed over."""
    return np.flatnonzero(np.isin(sheet.number, np.array(numbers, np.int64)))


def rows_named(sheet: "Sheet", field: str, text: str) -> NDArray[np.int64]:
    """The rows whose name has a text in it, whatever its case; all of them for an empty text."""
    wanted = text.casefold().strip()
    if not wanted:
        return np.arange(sheet.count)
    rows = [row for row in range(sheet.count) if wanted in name_of(sheet.attributes(row), field).casefold()]
    return np.array(rows, np.int64)


def told(sheet: "Sheet", rows: NDArray[np.int64], field: str, most: int, *, whole: bool) -> list[Feature]:
    """The first `most` of these rows; `whole` with geometry and attributes."""
    rows = rows[: max(0, min(most, MOST_FEATURES))]
    if not len(rows):
        return []
    order = np.argsort(sheet.owner, kind="stable")
    first = order[np.searchsorted(sheet.owner[order], rows)]
    spots = shapely.point_on_surface(sheet.part[first])
    lon, lat = to_degrees(shapely.get_x(spots), shapely.get_y(spots))
    dimension = shapely.get_dimensions(sheet.part[first])
    features = []
    for at, row in enumerate(rows.tolist()):
        attributes = sheet.attributes(row)
        features.append(
            Feature(
                int(sheet.number[row]),
                name_of(attributes, field),
                _KINDS[int(dimension[at])],
                float(lon[at]),
                float(lat[at]),
                _geojson(sheet, row) if whole else "",
                words_of(attributes) if whole else [],
            )
        )
    return features


def _geojson(sheet: "Sheet", row: int) -> str:
    parts = sheet.part[sheet.owner == row]
    shape = parts[0] if len(parts) == 1 else shapely.union_all(parts)
    return str(shapely.to_geojson(shapely.transform(shape, _degrees)))


def _degrees(places: NDArray[Any]) -> NDArray[Any]:
    return np.column_stack(to_degrees(places[:, 0], places[:, 1]))
