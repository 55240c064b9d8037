"""A metric plane around one district, and measuring on the ellipsoid.

The plane is a transverse Mercator projection of WGS-84 (within centimetres CGCS2000, GB/T 22021-2008) about a meridian
of its own, by Krüger's series to the fourth order: within 60 km of the meridian lengths are true to 5 in 100,000.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from controlroom.mapping.analysis.fault import AnalysisFault, Reason
from controlroom.mapping.coordinates import Floats, in_world

AXIS_M = 6378137.0
FLATTENING = 1 / 298.257223563
REACH_DEG = 3.0
"""So far from its meridian the plane is used: the zones of the national grid are no wider."""

_N = FLATTENING / (2 - FLATTENING)
_RADIUS_M = AXIS_M / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_ECCENTRICITY = float(np.sqrt(FLATTENING * (2 - FLATTENING)))
_ALPHA = (
    _N / 2 - 2 * _N**2 / 3 + 5 * _N**3 / 16 + 41 * _N**4 / 180,
    13 * _N**2 / 48 - 3 * _N**3 / 5 + 557 * _N**4 / 1440,
    61 * _N**3 / 240 - 103 * _N**4 / 140,
    49561 * _N**4 / 161280,
)
_BETA = (
    _N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96 - _N**4 / 360,
    _N**2 / 48 + _N**3 / 15 - 437 * _N**4 / 1440,
    17 * _N**3 / 480 - 37 * _N**4 / 840,
    4397 * _N**4 / 161280,
)
_DELTA = (
    2 * _N - 2 * _N**2 / 3 - 2 * _N**3 + 116 * _N**4 / 45,
    7 * _N**2 / 3 - 8 * _N**3 / 5 - 227 * _N**4 / 45,
    56 * _N**3 / 15 - 136 * _N**4 / 35,
    4279 * _N**4 / 630,
)


@dataclass(frozen=True, slots=True)
class Plane:
    """East and north in metres from the equator and the meridian `meridian_deg`."""

    meridian_deg: float

    @classmethod
    def around(cls, lon: ArrayLike, lat: ArrayLike) -> "Plane":
        """The plane whose meridian runs through the middle of places in the world. Raises AnalysisFault without any."""
        lon_deg = np.asarray(lon, np.float64)
        good = lon_deg[in_world(lon_deg, lat)]
        if not len(good):
            raise AnalysisFault(Reason.EMPTY)
        return cls(float((good.min() + good.max()) / 2))

    def to_plane(self, lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
        """Metres of WGS-84 degrees; NaN for what is not in the world or too far from the meridian."""
        lon_deg, lat_deg = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
        with np.errstate(invalid="ignore"):
            good = in_world(lon_deg, lat_deg) & (np.abs(lon_deg - self.meridian_deg) <= REACH_DEG)
        phi = np.radians(np.where(good, lat_deg, 0.0))
        away = np.radians(np.where(good, lon_deg - self.meridian_deg, 0.0))
        sine = np.sin(phi)
        conformal = np.sinh(np.arctanh(sine) - _ECCENTRICITY * np.arctanh(_ECCENTRICITY * sine))
        xi, eta = np.arctan2(conformal, np.cos(away)), np.arcsinh(np.sin(away) / np.hypot(conformal, np.cos(away)))
        x, y = eta.copy(), xi.copy()
        for order, factor in enumerate(_ALPHA, 1):
            x += factor * np.cos(2 * order * xi) * np.sinh(2 * order * eta)
            y += factor * np.sin(2 * order * xi) * np.cosh(2 * order * eta)
        return np.where(good, _RADIUS_M * x, np.nan), np.where(good, _RADIUS_M * y, np.nan)

    def to_degrees(self, x_m: ArrayLike, y_m: ArrayLike) -> tuple[Floats, Floats]:
        """WGS-84 longitude and latitude of metres."""
        eta, xi = np.asarray(x_m, np.float64) / _RADIUS_M, np.asarray(y_m, np.float64) / _RADIUS_M
        eta_, xi_ = eta.copy(), xi.copy()
        for order, factor in enumerate(_BETA, 1):
            eta_ -= factor * np.cos(2 * order * xi) * np.sinh(2 * order * eta)
            xi_ -= factor * np.sin(2 * order * xi) * np.cosh(2 * order * eta)
        chi = np.arcsin(np.sin(xi_) / np.cosh(eta_))
        phi = chi.copy()
        for order, factor in enumerate(_DELTA, 1):
            phi += factor * np.sin(2 * order * chi)
        lon = self.meridian_deg + np.degrees(np.arctan2(np.sinh(eta_), np.cos(xi_)))
        return lon, np.degrees(phi)


def distance_m(lon: ArrayLike, lat: ArrayLike, lon2: ArrayLike, lat2: ArrayLike) -> Floats:
    """Metres along the geodesic of WGS-84 between places in degrees (Vincenty 1975, to 0.5 mm).

    NaN for places outside the world, and for the nearly antipodal ones, where the iteration has no end.
    """
    lon_a, lat_a, lon_b, lat_b = np.broadcast_arrays(*(np.asarray(v, np.float64) for v in (lon, lat, lon2, lat2)))
    good = in_world(lon_a, lat_a) & in_world(lon_b, lat_b)
    away = np.radians(np.where(good, lon_b - lon_a, 0.0))
    away = (away + np.pi) % (2 * np.pi) - np.pi
    u1 = np.arctan((1 - FLATTENING) * np.tan(np.radians(np.where(good, lat_a, 0.0))))
    u2 = np.arctan((1 - FLATTENING) * np.tan(np.radians(np.where(good, lat_b, 0.0))))
    sines, cosines = np.sin(u1) * np.sin(u2), np.cos(u1) * np.cos(u2)
    lam, last = away.copy(), np.full(away.shape, np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        for _round in range(100):
            sin_sigma = np.hypot(
                np.cos(u2) * np.sin(lam), np.cos(u1) * np.sin(u2) - np.sin(u1) * np.cos(u2) * np.cos(lam)
            )
            cos_sigma = sines + cosines * np.cos(lam)
            sigma = np.arctan2(sin_sigma, cos_sigma)
            sin_alpha = np.where(sin_sigma > 0, cosines * np.sin(lam) / sin_sigma, 0.0)
            cos2_alpha = 1 - sin_alpha**2
            cos_2m = np.where(cos2_alpha > 1e-15, cos_sigma - 2 * sines / cos2_alpha, 0.0)
            c = FLATTENING / 16 * cos2_alpha * (4 + FLATTENING * (4 - 3 * cos2_alpha))
            inner = cos_2m + c * cos_sigma * (-1 + 2 * cos_2m**2)
            following = away + (1 - c) * FLATTENING * sin_alpha * (sigma + c * sin_sigma * inner)
            last, lam = np.abs(following - lam), following
            if not np.any(last > 1e-12):
                break
    ratio = cos2_alpha * (1 / (1 - FLATTENING) ** 2 - 1)
    big_a = 1 + ratio / 16384 * (4096 + ratio * (-768 + ratio * (320 - 175 * ratio)))
    big_b = ratio / 1024 * (256 + ratio * (-128 + ratio * (74 - 47 * ratio)))
    third = big_b / 6 * cos_2m * (-3 + 4 * sin_sigma**2) * (-3 + 4 * cos_2m**2)
    shift = big_b * sin_sigma * (cos_2m + big_b / 4 * (cos_sigma * (-1 + 2 * cos_2m**2) - third))
    metres: Floats = AXIS_M * (1 - FLATTENING) * big_a * (sigma - shift)
    return np.where(good & (last <= 1e-11) & (np.abs(lam) <= np.pi), metres, np.nan)


def ring_area_m2(lon: ArrayLike, lat: ArrayLike) -> float:
    """The area of a ring of WGS-84 degrees, m², on the sphere of equal area (Snyder 1987, 3-11 to 3-13).

    Its sides are great circles of that sphere: over a district this differs from geodesics by less than 1 in 10⁶.
    Raises AnalysisFault for a ring with a place outside the world.
    """
    lon_deg, lat_deg = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    if len(lon_deg) < 3 or not in_world(lon_deg, lat_deg).all():
        raise AnalysisFault(Reason.NO_PLACE)
    beta = np.arcsin(np.clip(_q(np.sin(np.radians(lat_deg))) / float(_q(np.asarray(1.0))), -1.0, 1.0))
    turn = np.radians(np.roll(lon_deg, -1) - lon_deg)
    turn = (turn + np.pi) % (2 * np.pi) - np.pi
    here, there = np.tan(beta / 2), np.tan(np.roll(beta, -1) / 2)
    excess = 2 * np.arctan2(np.tan(turn / 2) * (here + there), 1 + here * there)
    return float(abs(excess.sum()) * AXIS_M**2 * float(_q(np.asarray(1.0))) / 2)


def _q(sine: Floats) -> Floats:
    """Snyder's q of an authalic latitude."""
    e = _ECCENTRICITY
    q: Floats = (1 - e**2) * (sine / (1 - (e * sine) ** 2) + np.arctanh(e * sine) / e)
    return q
