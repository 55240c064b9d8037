"""What can be seen from where: a place, the cameras that can see it, and why each of them stands where it stands."""

from collections.abc import Sequence

from msgspec import Struct

from controlroom.bridge.camera_catalogue import Catalogue
from controlroom.domain.camera import Camera
from controlroom.domain.place import Point
from controlroom.i18n import _
from controlroom.mapping.sight import OFF_AXIS_WEIGHT, CameraColumns, Seen, seeing_area, seeing_point

MOST = 100
"""Cameras that are listed for one place at the most, the best first."""

_BANDS = 8
"""Four kinds of health, each with and without a known direction: within a band nearness and angle count."""


class Sight(Struct, frozen=True):
    """A point (one place) or an area (the corners of its outline), and what it is called."""

    title: str
    outline: tuple[Point, ...]

    @property
    def is_area(self) -> bool:
        """Whether it has an extent."""
        return len(self.outline) > 2


class Witness(Struct, frozen=True):
    """A camera that can see a place, how good it is for that (0…100, house figure), and the reasons in words."""

    camera: str
    score: int
    reason: str
    distance_m: float


def witnesses(catalogue: Catalogue, sight: Sight, most: int = MOST) -> list[Witness]:
    """The cameras that can see a place, the best first."""
    columns = catalogue.columns
    seen = seeing_area(columns, sight.outline, most) if sight.is_area else seeing_point(columns, sight.outline[0], most)
    found = []
    for each in seen:
        rated = score(columns, each)
        found.append(Witness(each.id, rated, _reason(columns, each, rated), each.distance_m))
    return found


def score(columns: CameraColumns, seen: Seen) -> int:
    """100 for a working camera with the place in its middle, near; in the same order as the cameras are ranked."""
    k = seen.index
    half = max(float(columns.view_deg[k]) / 2, 1.0)
    off = seen.off_axis_deg / half if seen.aimed else 1.0
    badness = min(1.0, (seen.distance_m / max(float(columns.range_m[k]), 2.0) + OFF_AXIS_WEIGHT * off) / 1.5)
    band = 2 * int(columns.ailing[k]) + (not seen.aimed)
    return round(100.0 * (1.0 - (band + badness) / _BANDS))


def _reason(columns: CameraColumns, seen: Seen, rated: int) -> str:
    health = (_("online"), _("state unknown"), _("faulty picture"), _("offline"))[int(columns.ailing[seen.index])]
    way = _("looks {degrees}° beside it").format(degrees=round(seen.off_axis_deg))
    if not seen.aimed:
        way = _("direction not told")
    elif seen.off_axis_deg < 1.0:
        way = _("looks straight at it")
    return _("{score} · {distance} m of {range} m · {way} · {health}").format(
        score=rated,
        distance=round(seen.distance_m),
        range=round(float(columns.range_m[seen.index])),
        way=way,
        health=health,
    )


def for_wall(found: Sequence[Witness], cameras: dict[str, Camera], most: int) -> list[str]:
    """The best of them that have a stream."""
    return [each.camera for each in found if each.camera in cameras and cameras[each.camera].url][:most]
