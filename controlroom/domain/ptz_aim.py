"""Where a head must look so that something stands in the middle of its picture.

The picture is that of a pinhole: a ray through the point (x, y), each -1…1 from the left and the lower edge, is
(x·tan(h/2), y·tan(v/2), 1) before the head is tilted and panned. Angles in degrees.
"""

import math

import msgspec

from controlroom.domain.camera import Camera
from controlroom.domain.place import Point
from controlroom.domain.ptz import Pose, Preset, PtzUnit

MOUNT_M = 6.0
"""How high a camera hangs where nothing says so (house figure: street poles are 5 to 8 m)."""
WIDTH_M = 40.0
"""How much ground a camera that is turned to a place shows across (house figure: a junction)."""
_M_PER_DEGREE = 111_195.0


def view_deg(wide_deg: float, zoom: float) -> float:
    """The opening of the picture when it is `zoom` times nearer than at its widest."""
    half = math.radians(min(max(wide_deg, 0.5), 170.0) / 2)
    return 2 * math.degrees(math.atan(math.tan(half) / max(1.0, zoom)))


def centred(pose: Pose, x: float, y: float, wide_deg: float, aspect: float = 16 / 9) -> Pose:
    """The pose with the picture's point (x, y) in the middle; `aspect` is width by height, y counts upwards."""
    across = math.tan(math.radians(view_deg(wide_deg, pose.zoom) / 2))
    side, up = x * across, y * across / aspect
    tilt = math.radians(pose.tilt_deg)
    ahead = math.cos(tilt) - up * math.sin(tilt)
    rises = math.sin(tilt) + up * math.cos(tilt)
    pan = pose.pan_deg + math.degrees(math.atan2(side, ahead))
    raised = math.degrees(math.atan2(rises, math.hypot(side, ahead)))
    return Pose(_turned(pan), raised, pose.zoom)


def seen_at(
    pose: Pose, pan_deg: float, tilt_deg: float, wide_deg: float, aspect: float = 16 / 9
) -> tuple[float, float]:
    """Where in the picture a direction is seen, as (x, y); infinite for what lies behind."""
    pan, raised, tilt = math.radians(pan_deg - pose.pan_deg), math.radians(tilt_deg), math.radians(pose.tilt_deg)
    side, ahead, rises = math.sin(pan) * math.cos(raised), math.cos(pan) * math.cos(raised), math.sin(raised)
    depth = ahead * math.cos(tilt) + rises * math.sin(tilt)
    if depth <= 1e-9:
        return math.inf, math.inf
    height = rises * math.cos(tilt) - ahead * math.sin(tilt)
    across = math.tan(math.radians(view_deg(wide_deg, pose.zoom) / 2))
    return side / depth / across, height / depth / across * aspect


def boxed(pose: Pose, box: tuple[float, float, float, float], wide_deg: float, most: float, aspect: float) -> Pose:
    """The pose that fills the picture with a box (left, bottom, right, top; each -1…1)."""
    left, bottom, right, top = box
    aimed = centred(pose, (left + right) / 2, (bottom + top) / 2, wide_deg, aspect)
    nearer = 2.0 / max(abs(right - left), abs(top - bottom), 0.02)
    return msgspec.structs.replace(aimed, zoom=min(max(1.0, pose.zoom * nearer), max(1.0, most)))


def looking(camera: Camera, unit: PtzUnit | None) -> Camera:
    """The camera with the view that it has now: its declared heading is that of pan 0, its view that of zoom 1."""
    if unit is None or unit.pose is None:
        return camera
    heading = (camera.heading_deg + unit.pose.pan_deg) % 360.0
    return msgspec.structs.replace(camera, heading_deg=heading, view_deg=view_deg(camera.view_deg, unit.pose.zoom))


def facing(camera: Camera, point: Point, zoom_most: float) -> Pose | None:
    """The pose that looks at a place on the ground; None for a camera without a place."""
    if camera.point is None:
        return None
    east, north = _metres(camera.point, point)
    distance = math.hypot(east, north)
    bearing = math.degrees(math.atan2(east, north))
    tilt = -math.degrees(math.atan2(MOUNT_M, max(distance, 1.0)))
    wanted = 2 * math.degrees(math.atan2(WIDTH_M / 2, max(distance, 1.0)))
    zoom = math.tan(math.radians(view_deg(camera.view_deg, 1.0) / 2)) / math.tan(math.radians(wanted / 2))
    return Pose(_turned(bearing - camera.heading_deg), tilt, min(max(1.0, zoom), max(1.0, zoom_most)))


def covering(camera: Camera, presets: tuple[Preset, ...], point: Point) -> Preset | None:
    """The preset that has a place nearest to the middle of its picture; None where none shows it."""
    aim = facing(camera, point, 1.0)
    if aim is None:
        return None
    best: tuple[float, Preset] | None = None
    for preset in presets:
        if preset.pose is None:
            continue
        x, _y = seen_at(msgspec.structs.replace(preset.pose, tilt_deg=0.0), aim.pan_deg, 0.0, camera.view_deg)
        if abs(x) <= 1.0 and (best is None or abs(x) < best[0]):
            best = (abs(x), preset)
    return None if best is None else best[1]


def reaches(camera: Camera, point: Point) -> float | None:
    """How far a place is from a camera that could turn to it, in metres; None beyond its range."""
    if camera.point is None:
        return None
    distance = math.hypot(*_metres(camera.point, point))
    return distance if distance <= camera.range_m else None


def _metres(here: Point, there: Point) -> tuple[float, float]:
    east = (there.lon - here.lon) * _M_PER_DEGREE * math.cos(math.radians(here.lat))
    return east, (there.lat - here.lat) * _M_PER_DEGREE


def _turned(deg: float) -> float:
    """The same direction within ±180°."""
    return (deg + 180.0) % 360.0 - 180.0
