"""Where things are: WGS-84 points."""

import math
from typing import Annotated

from msgspec import Meta, Struct

Longitude = Annotated[float, Meta(ge=-180.0, le=180.0)]
Latitude = Annotated[float, Meta(ge=-90.0, le=90.0)]


class Point(Struct, frozen=True, gc=False, array_like=True):
    """A position in degrees, WGS-84. The bounds also refuse NaN and infinity when decoded."""

    lon: Longitude
    lat: Latitude


def distance_m(here: Point, there: Point) -> float:
    """Metres between two points of one district (equirectangular, within 0.1 % here)."""
    east = math.radians(there.lon - here.lon) * math.cos(math.radians(here.lat))
    return 6_371_000.0 * math.hypot(east, math.radians(there.lat - here.lat))
