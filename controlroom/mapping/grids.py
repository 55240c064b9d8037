"""Grids of metres in which places are told: Gauss-Krüger zones of CGCS2000, UTM and the letters of MGRS.

CGCS2000 (GB/T 22021-2008) and WGS-84 agree within centimetres to decimetres and are taken as one here. The projection
is Krüger's series of `analysis.plane`; the zones and codes are those of the EPSG register (4502 to 4554, 326xx, 327xx).
"""

import math

from msgspec import Struct

from controlroom.mapping.analysis.plane import Plane

FALSE_EAST_M = 500_000.0
UTM_SCALE = 0.9996
SOUTH_M = 10_000_000.0
_BANDS = "CDEFGHJKLMNPQRSTUVWX"
_COLUMNS = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")
_ROWS = ("ABCDEFGHJKLMNPQRSTUV", "FGHJKLMNPQRSTUVABCDE")
_SQUARE_M = 100_000.0
_ROWS_M = 2_000_000.0
_MOST_DEG = 84.0
_LEAST_DEG = -80.0


class GaussZone(Struct, frozen=True):
    """A zone of CGCS2000 / Gauss-Krüger, `width_deg` 3 or 6, known by its central meridian."""

    meridian_deg: int
    width_deg: int = 3

    @property
    def number(self) -> int:
        """The number that is written before the eastings: 39 for the 3° zone of 117°."""
        return self.meridian_deg // 3 if self.width_deg == 3 else (self.meridian_deg + 3) // 6

    @property
    def epsg(self) -> int:
        """The code without the number before the eastings; 3° zones from 75° to 135°, 6° zones likewise."""
        step = (self.meridian_deg - 75) // self.width_deg
        return (4534 if self.width_deg == 3 else 4502) + step

    def to_grid(self, lon: float, lat: float) -> tuple[float, float]:
        """East (with 500 km) and north in metres; NaN too far from the meridian."""
        x, y = Plane(float(self.meridian_deg)).to_plane(lon, lat)
        return float(x) + FALSE_EAST_M, float(y)

    def to_degrees(self, east_m: float, north_m: float) -> tuple[float, float]:
        """Longitude and latitude of metres."""
        lon, lat = Plane(float(self.meridian_deg)).to_degrees(east_m - FALSE_EAST_M, north_m)
        return float(lon), float(lat)


def gauss_zone(lon: float) -> GaussZone | None:
    """The 3° zone in which a longitude lies; None outside the register's 75° to 135°."""
    meridian = round(lon / 3.0) * 3
    return GaussZone(meridian) if 75 <= meridian <= 135 else None


def numbered_zone(number: int) -> GaussZone | None:
    """The zone that a number before the eastings means: 25 to 45 are 3° wide, 13 to 23 are 6°."""
    if 25 <= number <= 45:
        return GaussZone(number * 3)
    return GaussZone(number * 6 - 3, 6) if 13 <= number <= 23 else None


class UtmPlace(Struct, frozen=True):
    """Zone 1 to 60, hemisphere, and metres with the false origin."""

    zone: int
    north: bool
    east_m: float
    north_m: float

    def to_degrees(self) -> tuple[float, float]:
        """Longitude and latitude."""
        plane = Plane(float(self.zone * 6 - 183))
        north = self.north_m if self.north else self.north_m - SOUTH_M
        lon, lat = plane.to_degrees((self.east_m - FALSE_EAST_M) / UTM_SCALE, north / UTM_SCALE)
        return float(lon), float(lat)


def utm_of(lon: float, lat: float, zone: int = 0) -> UtmPlace | None:
    """The place in its zone (or in a given one near it); None outside 80° S to 84° N.

    The wider zones of Norway and Svalbard are not kept: nobody reads them out here.
    """
    if not _LEAST_DEG <= lat <= _MOST_DEG or not -180.0 <= lon <= 180.0:
        return None
    zone = zone or int((lon + 180.0) // 6.0) % 60 + 1
    x, y = Plane(float(zone * 6 - 183)).to_plane(lon, lat)
    if math.isnan(float(x)):
        return None
    north_m = float(y) * UTM_SCALE
    return UtmPlace(zone, lat >= 0, float(x) * UTM_SCALE + FALSE_EAST_M, north_m if lat >= 0 else north_m + SOUTH_M)


def band_of(lat: float) -> str:
    """The letter of a latitude band, C to X."""
    return _BANDS[min(19, max(0, int((lat + 80.0) // 8.0)))]


def mgrs_of(lon: float, lat: float, digits: int = 5) -> str | None:
    """Zone, band, square and `digits` of east and north (5 is 1 m; cut off, NGA.STND.0037_2.0.0_GRIDS, 2014)."""
    place = utm_of(lon, lat)
    if place is None:
        return None
    column = _COLUMNS[(place.zone - 1) % 3][int(place.east_m // _SQUARE_M) - 1]
    row = _ROWS[(place.zone - 1) % 2][int(place.north_m // _SQUARE_M) % 20]
    step = 10 ** (5 - digits)
    east, north = (int(metres % _SQUARE_M) // step for metres in (place.east_m, place.north_m))
    return f"{place.zone}{band_of(lat)} {column}{row} {east:0{digits}d} {north:0{digits}d}"


def mgrs_to_degrees(zone: int, band: str, square: str, east: str, north: str) -> tuple[float, float] | None:
    """The middle of a cell of MGRS; None where the letters name no square of that zone and band."""
    columns, rows = _COLUMNS[(zone - 1) % 3], _ROWS[(zone - 1) % 2]
    if not 1 <= zone <= 60 or band not in _BANDS or square[0] not in columns or square[1] not in rows:
        return None
    step = 10.0 ** (5 - len(east))
    east_m = (columns.index(square[0]) + 1) * _SQUARE_M + (int(east or 0) + 0.5) * step
    north_m = rows.index(square[1]) * _SQUARE_M + (int(north or 0) + 0.5) * step
    south_deg = _BANDS.index(band) * 8.0 - 80.0
    top_deg = south_deg + (12.0 if band == "X" else 8.0)
    for turn in range(6):
        lon, lat = UtmPlace(zone, band >= "N", east_m, north_m + turn * _ROWS_M).to_degrees()
        # A cell at the border of a band has its middle a little beyond it.
        if south_deg - 0.01 - step / 111_000 <= lat <= top_deg + 0.01 + step / 111_000 and abs(lon) <= 180.0:
            return lon, lat
    return None
