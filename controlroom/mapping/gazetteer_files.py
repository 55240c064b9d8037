"""Files of names that a district drops into its folder `gazetteer`: CSV, TSV and GeoJSON, UTF-8 or GBK.

Columns are known by their headings in Chinese or English, in any order; coordinates are WGS-84 unless the row, the file
(`# crs: gcj02` above the headings, the member `crs`) or the file's name says otherwise. What cannot be read is told
with its line or feature, and the rest is loaded.
"""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from msgspec import Struct
from shapely.errors import ShapelyError
from shapely.geometry import shape

from controlroom.i18n import _
from controlroom.mapping.coordinates import Datum, in_world, to_wgs84
from controlroom.mapping.gazetteer_names import Name, PlaceKinds
from controlroom.mapping.grids import FALSE_EAST_M, GaussZone

SUFFIXES = (".csv", ".tsv", ".txt", ".geojson", ".json")
MOST_BYTES = 256 * 1024 * 1024
"""House figure: a larger file is refused; 180,000 names take about 20 MB."""
MOST_LETTERS = 200
MOST_TROUBLES = 200
"""So many are told one by one; the others are counted."""

_HEADINGS = {
    "title": ("name", "名称", "地名", "标准名称", "地址", "title", "名字"),
    "aliases": ("alias", "aliases", "别名", "曾用名", "简称", "俗称"),
    "english": ("english", "name_en", "name:en", "英文", "英文名", "英文名称", "en"),
    "kind": ("kind", "type", "category", "类别", "类型", "地名类别", "分类"),
    "town": ("town", "乡镇", "街道", "镇街", "所属乡镇", "所属街道", "township"),
    "lon": ("lon", "lng", "longitude", "经度", "x", "东"),
    "lat": ("lat", "latitude", "纬度", "y", "北"),
    "crs": ("crs", "datum", "坐标系", "坐标系统"),
}
_DECLARED = re.compile(r"^#\s*(?:crs|datum|坐标系)\s*[:=：]\s*(\S+)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_GEODETIC = {"wgs84": Datum.WGS84, "cgcs2000": Datum.WGS84, "epsg4326": Datum.WGS84, "epsg4490": Datum.WGS84} | {
    "crs84": Datum.WGS84, "gcj02": Datum.GCJ02, "火星": Datum.GCJ02, "高德": Datum.GCJ02, "腾讯": Datum.GCJ02
} | {"bd09": Datum.BD09, "bd09ll": Datum.BD09, "百度": Datum.BD09}  # fmt: skip

Crs = Datum | GaussZone


class Trouble(Struct, frozen=True):
    """What could not be read: a file, the line or feature (0: all of it) and why."""

    file: str
    line: int
    reason: str


@dataclass
class Gathered:
    """What files hold: names, roads as lines of WGS-84 degrees, areas as WKB, and what could not be read."""

    names: list[Name] = field(default_factory=list)
    roads: list[tuple[str, Any]] = field(default_factory=list)
    areas: list[tuple[str, str, bytes]] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    refused: int = 0
    files: dict[str, int] = field(default_factory=dict)

    def refuse(self, file: str, line: int, reason: str) -> None:
        """Count what cannot be read, and keep the first of it."""
        self.refused += 1
        if len(self.troubles) < MOST_TROUBLES:
            self.troubles.append(Trouble(file, line, reason))


class _Bad(Exception):
    """Why a row is refused."""


def read_file(path: Path, kinds: PlaceKinds, gathered: Gathered) -> None:
    """Everything of one file into `gathered`; never raises for what is in it."""
    before = len(gathered.names)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _Bad(_("The file is larger than {size} MB").format(size=MOST_BYTES >> 20))
        text = _text(path.read_bytes())
        if path.suffix.lower() in (".geojson", ".json"):
            _read_geojson(path.name, text, kinds, gathered)
        else:
            _read_table(path.name, text, kinds, gathered)
    except OSError as error:
        gathered.refuse(path.name, 0, str(error.strerror))
    except _Bad as error:
        gathered.refuse(path.name, 0, str(error))
    gathered.files[path.name] = len(gathered.names) - before


def _text(data: bytes) -> str:
    """UTF-8, UTF-16 with its mark, else GB 18030, which holds GBK and GB 2312."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def crs_of(words: str) -> Crs | None:
    """The system that words declare: a datum, or a 3° or 6° zone by its EPSG code; None for one that is unknown."""
    word = re.sub(r"[\s_:：/-]+", "", words.casefold())
    found = re.search(r"epsg.*?(\d{4,5})$", word)
    code = int(found[1]) if found else 0
    if 4534 <= code <= 4554:
        return GaussZone(75 + (code - 4534) * 3)
    if 4513 <= code <= 4533:
        return GaussZone((code - 4513 + 25) * 3)
    for key, datum in _GEODETIC.items():
        if key in word:
            return datum
    return Datum.WGS84 if code in (4326, 4490) else None


def _declared(words: str) -> Crs:
    found = crs_of(words)
    if found is None:
        raise _Bad(_("unknown coordinate system “{name}”").format(name=words[:40]))
    return found


def _name_crs(file: str) -> Crs:
    """What the name of a file says: 地名_gcj02.csv."""
    lower = file.lower().replace("-", "")
    return Datum.GCJ02 if "gcj02" in lower else Datum.BD09 if "bd09" in lower else Datum.WGS84


# -------------------------------------------------------------------- tables


def _read_table(file: str, text: str, kinds: PlaceKinds, gathered: Gathered) -> None:
    lines = text.splitlines()
    crs, skipped = _name_crs(file), 0
    while skipped < len(lines) and (lines[skipped].startswith("#") or not lines[skipped].strip()):
        declared = _DECLARED.match(lines[skipped])
        crs = _declared(declared[1]) if declared else crs
        skipped += 1
    if skipped >= len(lines):
        raise _Bad(_("The file is empty"))
    head = lines[skipped]
    separator = max("\t,;", key=head.count)
    reader = csv.reader(io.StringIO("\n".join(lines[skipped:])), delimiter=separator)
    columns = _columns(next(reader))
    for row in _rows(reader, file, skipped, gathered):
        line = skipped + reader.line_num
        if any(cell.strip() for cell in row):
            try:
                gathered.names.append(_row_name(row, columns, crs, kinds, file))
            except _Bad as error:
                gathered.refuse(file, line, str(error))


def _rows(reader: Any, file: str, skipped: int, gathered: Gathered) -> Iterator[list[str]]:
    """The rows of a table; one that the format itself forbids is told and left out."""
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            gathered.refuse(file, skipped + reader.line_num, str(error))


def _columns(headings: list[str]) -> dict[str, int]:
    """Which column holds what. Raises _Bad where name or place is missing."""
    told = [heading.strip().strip("\ufeff").casefold() for heading in headings]
    found = {
        key: next(told.index(word) for word in words if word in told)
        for key, words in _HEADINGS.items()
        if any(word in told for word in words)
    }
    missing = [key for key in ("title", "lon", "lat") if key not in found]
    if missing:
        wanted = "; ".join(" / ".join(_HEADINGS[key][:4]) for key in missing)
        raise _Bad(_("The first line names no column of {wanted}").format(wanted=wanted))
    return found


def _row_name(row: list[str], columns: dict[str, int], crs: Crs, kinds: PlaceKinds, file: str) -> Name:
    if len(row) <= max(columns["title"], columns["lon"], columns["lat"]):
        raise _Bad(_("too few columns"))
    told = {key: row[at].strip() for key, at in columns.items() if at < len(row)}
    if told.get("crs"):
        crs = _declared(told["crs"])
    try:
        lon, lat = _placed(float(told["lon"]), float(told["lat"]), crs)
    except ValueError:
        raise _Bad(_("no number: “{text}”").format(text=f"{told['lon']}, {told['lat']}"[:60])) from None
    return _name(told, lon, lat, kinds, file)


def _name(told: dict[str, str], lon: float, lat: float, kinds: PlaceKinds, file: str) -> Name:
    title = _clean(told.get("title", ""))
    if not title:
        raise _Bad(_("no name"))
    aliases = tuple(word for a in re.split(r"[|;；、/]", told.get("aliases", "")) if (word := _clean(a)))
    return Name(
        title=title,
        kind=kinds.key(_clean(told.get("kind", ""))),
        lon=lon,
        lat=lat,
        english=_clean(told.get("english", "")),
        aliases=aliases[:8],
        town=_clean(told.get("town", "")),
        source=file,
    )


def _clean(text: str) -> str:
    """One line without signs that steer a screen."""
    return _CONTROL.sub(" ", text).strip()[:MOST_LETTERS]


def _placed(x: float, y: float, crs: Crs) -> tuple[float, float]:
    """WGS-84 degrees. Raises _Bad for what is not on the map; swapped columns are told as such."""
    if isinstance(crs, GaussZone):
        if x > 10 * FALSE_EAST_M:
            # The number of the zone is written before the eastings.
            x %= 1_000_000.0
        lon, lat = crs.to_degrees(x, y) if 0 <= y < 10_002_000 and abs(x) < 1_000_000 else (np.nan, np.nan)
    else:
        columns = to_wgs84(x, y, crs) if bool(in_world(x, y)) else (np.nan, np.nan)
        lon, lat = float(columns[0]), float(columns[1])
    if not bool(in_world(lon, lat)):
        swapped = abs(x) <= 90 < abs(y) <= 180
        raise _Bad(
            _("longitude and latitude are swapped: {x}, {y}").format(x=x, y=y)
            if swapped
            else _("outside the world: {x}, {y}").format(x=x, y=y)
        )
    return lon, lat


# -------------------------------------------------------------------- GeoJSON


def _read_geojson(file: str, text: str, kinds: PlaceKinds, gathered: Gathered) -> None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
        gathered.refuse(file, line, _("no JSON: {error}").format(error=str(error)[:80]))
        return
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise _Bad(_("no FeatureCollection"))
    crs = _name_crs(file)
    named = document.get("crs")
    if isinstance(named, dict) and isinstance(named.get("properties"), dict):
        named = named["properties"].get("name")
    if isinstance(named, str):
        crs = _declared(named)
    for number, feature in enumerate(features, 1):
        try:
            _feature(feature, crs, kinds, file, gathered)
        except _Bad as error:
            gathered.refuse(file, number, str(error))


def _feature(feature: Any, crs: Crs, kinds: PlaceKinds, file: str, gathered: Gathered) -> None:
    told = _told(feature)
    try:
        geometry = shape(feature["geometry"])
        geometry = shapely.transform(shapely.force_2d(geometry), lambda points: _turned(points, crs))
        if not geometry.is_valid:
            geometry = shapely.make_valid(geometry)
        where = geometry.representative_point()
        lon, lat = float(where.x), float(where.y)
    except _Bad:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, ShapelyError) as error:
        raise _Bad(_("no geometry: {error}").format(error=str(error)[:80])) from error
    if geometry.geom_type.endswith("LineString"):
        told.setdefault("kind", "road")
        name = _name(told, lon, lat, kinds, file)
        gathered.roads += [(name.title, np.asarray(part.coords)) for part in shapely.get_parts(geometry)]
        gathered.names.append(name)
        return
    if geometry.geom_type.endswith("Polygon"):
        told.setdefault("kind", "area")
        gathered.areas.append((_name(told, lon, lat, kinds, file).title, file, shapely.to_wkb(geometry)))
    gathered.names.append(_name(told, lon, lat, kinds, file))


def _told(feature: Any) -> dict[str, str]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        raise _Bad(_("no properties"))
    lower = {str(key).casefold(): value for key, value in properties.items()}
    found = {}
    for key, words in _HEADINGS.items():
        value = next((lower[word] for word in words if lower.get(word) is not None), None)
        if isinstance(value, list):
            value = "|".join(str(part) for part in value)
        if isinstance(value, str | int | float) and str(value).strip():
            found[key] = str(value)
    return found


def _turned(points: Any, crs: Crs) -> Any:
    """Columns of degrees, WGS-84. Raises _Bad when any is outside the world."""
    if isinstance(crs, GaussZone):
        return np.array([_placed(float(x), float(y), crs) for x, y in points]).reshape(-1, 2)
    lon, lat = to_wgs84(points[:, 0], points[:, 1], crs)
    if not in_world(lon, lat).all():
        x, y = points[~in_world(lon, lat)][0]
        _placed(float(x), float(y), crs)
    return np.column_stack([lon, lat])
