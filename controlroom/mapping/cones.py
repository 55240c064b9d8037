"""View cones as shapes on the ground."""

import math

from msgspec import Struct

from controlroom.domain.camera import Camera

_M_PER_DEGREE = 111_195.0
_STEP_DEG = 12.0


class Cone(Struct, frozen=True, array_like=True):
    """The outline of what one camera sees, as (lon, lat) pairs in degrees WGS-84; `state` is its CameraState."""

    outline: tuple[tuple[float, float], ...]
    state: int
    chosen: bool = False


def cone_outline(camera: Camera) -> tuple[tuple[float, float], ...]:
    """The corners of a camera's view cone: its foot and an arc, or a whole circle; empty without a place."""
    if camera.point is None or camera.range_m <= 0.0 or camera.view_deg <= 0.0:
        return ()
    lon, lat = camera.point.lon, camera.point.lat
    east = camera.range_m / (_M_PER_DEGREE * max(math.cos(math.radians(lat)), 1e-6))
    north = camera.range_m / _M_PER_DEGREE
    steps = max(2, math.ceil(camera.view_deg / _STEP_DEG))
    first = camera.heading_deg - camera.view_deg / 2
    bearings = [math.radians(first + camera.view_deg * k / steps) for k in range(steps + 1)]
    arc = [(round(lon + east * math.sin(b), 6), round(lat + north * math.cos(b), 6)) for b in bearings]
    return tuple(arc) if camera.view_deg >= 360.0 else ((lon, lat), *arc)
