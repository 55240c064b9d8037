"""Datums of Chinese maps and the Web Mercator plane, vectorised over numpy arrays.

GCJ-02 shifts WGS-84 by up to several hundred metres (519 m east, 139 m north in Daxing); BD-09 adds a second shift.
The forward series is the one that is publicly known; the inverse is found by iteration, below 0.1 mm.
"""

import enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Fixed = NDArray[np.uint32]

WORLD = 2.0**32
"""The side of the fixed-point Web Mercator world (EPSG:3857): 0 is its west or north edge, one unit is 9 mm."""

NOWHERE = 0xFFFFFFFF
"""Both coordinates of a point that has no place on the map."""

MAX_LATITUDE_DEG = 85.0511287798
_AXIS_M = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BD_PI = np.pi * 3000.0 / 180.0


class Datum(enum.StrEnum):
    """The datum that a source declares for its coordinates."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[Floats, Floats]:
    """Longitude and latitude in degrees, WGS-84; NaN stays NaN."""
    lon_deg, lat_deg = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    if datum is Datum.BD09:
        lon_deg, lat_deg = _bd09_to_gcj02(lon_deg, lat_deg)
    if datum is not Datum.WGS84:
        lon_deg, lat_deg = _inverse(lon_deg, lat_deg)
    return lon_deg, lat_deg


def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[Floats, Floats]:
    """Longitude and latitude in degrees of the given datum; NaN stays NaN."""
    lon_deg, lat_deg = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    if datum is not Datum.WGS84:
        lon_deg, lat_deg = _forward(lon_deg, lat_deg)
    if datum is Datum.BD09:
        lon_deg, lat_deg = _gcj02_to_bd09(lon_deg, lat_deg)
    return lon_deg, lat_deg


def in_world(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Which points can stand on the map: finite, within ±180° and within the latitudes of Web Mercator."""
    lon_deg, lat_deg = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    with np.errstate(invalid="ignore"):
        return (np.abs(lon_deg) <= 180.0) & (np.abs(lat_deg) <= MAX_LATITUDE_DEG)


def to_fixed(lon: ArrayLike, lat: ArrayLike) -> tuple[Fixed, Fixed]:
    """Fixed-point Web Mercator x and y of WGS-84 degrees; points outside the world become NOWHERE."""
    lon_deg, lat_deg = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    inside = in_world(lon_deg, lat_deg)
    sine = np.sin(np.radians(np.where(inside, lat_deg, 0.0)))
    x = (np.where(inside, lon_deg, 0.0) / 360.0 + 0.5) * WORLD
    y = (0.5 - np.log((1.0 + sine) / (1.0 - sine)) / (4.0 * np.pi)) * WORLD
    edge = WORLD - 2.0
    fixed_x = np.clip(x, 0.0, edge).astype(np.uint32)
    fixed_y = np.clip(y, 0.0, edge).astype(np.uint32)
    return np.where(inside, fixed_x, np.uint32(NOWHERE)), np.where(inside, fixed_y, np.uint32(NOWHERE))


def to_degrees(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """WGS-84 longitude and latitude of fixed-point Web Mercator x and y."""
    lon_deg = (np.asarray(x, np.float64) / WORLD - 0.5) * 360.0
    lat_deg = np.degrees(np.arctan(np.sinh(np.pi * (1.0 - 2.0 * np.asarray(y, np.float64) / WORLD))))
    return lon_deg, lat_deg


def _inside_china(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    """The rectangle in which GCJ-02 is defined."""
    with np.errstate(invalid="ignore"):
        return (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)


def _offset(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """The shift from WGS-84 to GCJ-02 in degrees."""
    x, y = lon - 105.0, lat - 35.0
    ripple = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    root = np.sqrt(np.abs(x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    meridian_m = _AXIS_M * (1.0 - _ECCENTRICITY_SQUARED) / (magic * np.sqrt(magic))
    parallel_m = _AXIS_M / np.sqrt(magic) * np.cos(phi)
    return np.degrees(east / parallel_m), np.degrees(north / meridian_m)


def _forward(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    inside = _inside_china(lon, lat)
    east, north = _offset(np.where(inside, lon, 105.0), np.where(inside, lat, 35.0))
    return lon + np.where(inside, east, 0.0), lat + np.where(inside, north, 0.0)


def _inverse(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Four rounds leave 0.1 µm (measured over the district), one would leave 2.5 m."""
    guess_lon, guess_lat = lon, lat
    for _round in range(4):
        there_lon, there_lat = _forward(guess_lon, guess_lat)
        guess_lon, guess_lat = guess_lon + (lon - there_lon), guess_lat + (lat - there_lat)
    return guess_lon, guess_lat


def _gcj02_to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    radius = np.hypot(lon, lat) + 2e-5 * np.sin(lat * _BD_PI)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * _BD_PI)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _bd09_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """By iteration, since the usual closed inverse is off by up to half a metre."""
    guess_lon, guess_lat = lon - 0.0065, lat - 0.006
    for _round in range(4):
        there_lon, there_lat = _gcj02_to_bd09(guess_lon, guess_lat)
        guess_lon, guess_lat = guess_lon + (lon - there_lon), guess_lat + (lat - there_lat)
    return guess_lon, guess_lat
