"""Coordinate systems of files: as declared, or told from names and numbers; all lead to WGS-84 degrees.

CGCS2000 and WGS-84 differ by less than the width of a line on this map (both are realisations of ITRS), and are taken
as the same. GCJ-02 and BD-09 are undone by `coordinates`. Everything else goes through PROJ by its EPSG code or WKT.
Gauss-Krüger zones: 3° zones 25–45 (central meridian 3·n), 6° zones 13–23 (6·n − 3), with the zone's number before the
easting or without (GB/T 17798-2007 writes it before).
"""

import enum
import re
from functools import lru_cache

import numpy as np
import pyproj
from msgspec import Struct
from numpy.typing import NDArray

from controlroom.mapping.coordinates import Datum, Floats, to_wgs84
from controlroom.mapping.thematic.refusal import FileFault, Reason

HOME_LON, HOME_LAT = 116.35, 39.65
"""Where the district is: of several readings of the same numbers the one that leads there is likelier."""

_NEAR_DEG = 3.0
_EXACT = ("World Geodetic System 1984", "WGS 84", "WGS_1984", "China 2000", "China_2000")


class Told(enum.StrEnum):
    """How a coordinate system became known."""

    DECLARED = "declared"
    """The file, its .prj, or its sidecar says so."""
    NAMED = "named"
    """Its file or column name says so."""
    STANDARD = "standard"
    """The format knows no other (RFC 7946)."""
    GUESSED = "guessed"
    """By its numbers: the officer should look, and may choose another."""


class System(Struct, frozen=True):
    """A coordinate system: `code` is `gcj02`, `bd09`, or what PROJ understands; `swapped`: north stands first."""

    code: str
    title: str
    told: Told
    swapped: bool = False
    exact: bool = True
    """Whether its datum's shift to WGS-84 is known: Beijing 1954 and Xian 1980 may lie a hundred metres off."""


CHOICES = ("wgs84", "gcj02", "bd09", "epsg:4490", "epsg:4548", "epsg:4527", "epsg:32650", "epsg:3857")
"""What an officer is offered for a file that does not say: the systems in use in this district."""


def declared(text: str, told: Told = Told.DECLARED) -> System:
    """The system of a declaration: a name, an EPSG code, a URN, WKT or a PROJ string. Raises FileFault."""
    plain = re.sub(r"[\s_\-]", "", text.strip().lower())
    if plain in ("wgs84", "epsg:4326", "crs84", "urn:ogc:def:crs:ogc:1.3:crs84", "urn:ogc:def:crs:ogc::crs84"):
        return System("epsg:4326", "WGS-84", told)
    if "gcj02" in plain:
        return System("gcj02", "GCJ-02", told)
    if "bd09" in plain:
        return System("bd09", "BD-09", told)
    if plain in ("cgcs2000", "epsg:4490"):
        return System("epsg:4490", "CGCS2000", told)
    found = re.search(r"epsg(?::[\d.]*)?:{1,2}(\d{3,6})$", plain)
    code = f"epsg:{found.group(1)}" if found else text.strip()[:8000]
    try:
        system = _system(code)
    except pyproj.exceptions.ProjError as error:
        raise FileFault(Reason.UNKNOWN_SYSTEM, text[:80]) from error
    return System(code, system.name[:120], told, exact=_is_exact(system))


def by_name(*names: str) -> System | None:
    """The datum that a file's or column's name tells: 高德, gcj02, 百度, bd09, wgs84, cgcs2000."""
    said = re.sub(r"[\s_\-]", "", " ".join(names).lower())
    for words, code, title in (
        (("gcj02", "火星", "高德", "gaode", "amap"), "gcj02", "GCJ-02"),
        (("bd09", "百度", "baidu"), "bd09", "BD-09"),
        (("wgs84",), "epsg:4326", "WGS-84"),
        (("cgcs2000",), "epsg:4490", "CGCS2000"),
    ):
        if any(word in said for word in words):
            return System(code, title, Told.NAMED)
    return None


def by_numbers(x: Floats, y: Floats) -> System:
    """The likeliest system of coordinates that nobody declared. Raises FileFault when none fits."""
    fine = np.isfinite(x) & np.isfinite(y)
    if not fine.any():
        raise FileFault(Reason.NO_COORDINATES)
    east, north = float(np.median(x[fine])), float(np.median(y[fine]))
    if abs(east) <= 180.0 and abs(north) <= 90.0:
        return System("epsg:4326", "WGS-84", Told.GUESSED)
    if abs(north) <= 180.0 and abs(east) <= 90.0:
        return System("epsg:4326", "WGS-84", Told.GUESSED, swapped=True)
    for swapped, (e, n) in ((False, (east, north)), (True, (north, east))):
        for code in _candidates(e, n):
            system = _system(code)
            lon, lat = _transformer(code).transform(e, n)
            if abs(lon - HOME_LON) < _NEAR_DEG and abs(lat - HOME_LAT) < _NEAR_DEG:
                return System(code, system.name, Told.GUESSED, swapped)
    raise FileFault(Reason.UNKNOWN_SYSTEM, f"{east:.1f}, {north:.1f}")


def to_degrees(system: System, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """WGS-84 longitude and latitude in degrees; what has none becomes NaN."""
    if system.swapped:
        x, y = y, x
    if system.code in (Datum.GCJ02, Datum.BD09):
        with np.errstate(invalid="ignore", over="ignore"):
            near = (np.abs(x) <= 180.0) & (np.abs(y) <= 90.0)
            lon, lat = to_wgs84(np.where(near, x, np.nan), np.where(near, y, np.nan), Datum(system.code))
        return lon, lat
    if system.code in ("epsg:4326", "epsg:4490"):
        return x, y
    lon, lat = _transformer(system.code).transform(x, y)
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    return np.where(np.isfinite(lon), lon, np.nan), np.where(np.isfinite(lat), lat, np.nan)


def _candidates(east: float, north: float) -> list[str]:
    """Projected systems of China whose eastings look like this, the usual ones first."""
    if not 1_500_000.0 < north < 6_500_000.0:
        return []
    zone = int(east // 1_000_000)
    if 25 <= zone <= 45:
        return [f"epsg:{4513 + zone - 25}"]
    if 13 <= zone <= 23:
        return [f"epsg:{4491 + zone - 13}"]
    found = [f"epsg:{4534 + third - 25}" for third in (39, 38, 40)] if 0.0 < east < 1_000_000.0 else []
    return [*found, "epsg:3857"]


@lru_cache(maxsize=256)
def _system(code: str) -> pyproj.CRS:
    return pyproj.CRS.from_user_input(code)


@lru_cache(maxsize=256)
def _transformer(code: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(_system(code), "EPSG:4326", always_xy=True, only_best=False)


def _is_exact(system: pyproj.CRS) -> bool:
    ground = system.geodetic_crs
    if ground is None or ground.datum is None:
        return False
    return any(known in str(ground.datum.name) for known in _EXACT)


def extent(lon: Floats, lat: Floats) -> tuple[float, float, float, float] | None:
    """West, south, east, north of what is finite."""
    fine: NDArray[np.bool_] = np.isfinite(lon) & np.isfinite(lat)
    if not fine.any():
        return None
    return (
        float(lon[fine].min()),
        float(lat[fine].min()),
        float(lon[fine].max()),
        float(lat[fine].max()),
    )
