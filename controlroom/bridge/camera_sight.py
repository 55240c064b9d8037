"""What can be seen from where: a place, the cameras that can see it, and why each of them stands where it stands."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from controlroom.bridge.camera_catalogue import Catalogue
from controlroom.domain.camera import Camera
from controlroom.domain.place import Point
from controlroom.domain.ptz import Ability, Preset, PtzUnit
from controlroom.domain.ptz_aim import covering, looking
from controlroom.domain.ptz_state import PtzState
from controlroom.i18n import _
from controlroom.mapping.sight import OFF_AXIS_WEIGHT, CameraColumns, Seen, seeing_area, seeing_point

MOST = 100
"""Cameras that are listed for one place at the most, the best first."""

_BANDS = 10
"""Four kinds of health, each with and without a known direction, and before those that are offline the cameras that
look elsewhere and turn by themselves, or by hand: within a band nearness and angle count."""
_TURNING, _BY_HAND, _OFFLINE = 6, 7, 8


class Sight(Struct, frozen=True):
    """A point (one place) or an area (the corners of its outline), and what it is called."""

    title: str
    outline: tuple[Point, ...]

    @property
    def is_area(self) -> bool:
        """Whether it has an extent."""
        return len(self.outline) > 2

    @property
    def middle(self) -> Point:
        """The point, or the middle of the corners."""
        count = len(self.outline)
        return Point(sum(each.lon for each in self.outline) / count, sum(each.lat for each in self.outline) / count)


class Witness(Struct, frozen=True):
    """A camera that can see a place, how good it is for that (0…100, house figure), and the reasons in words.

    `must_turn`: it looks elsewhere now and could be turned to the place.
    """

    camera: str
    score: int
    reason: str
    distance_m: float
    must_turn: bool = False


def looking_now(catalogue: Catalogue, units: Mapping[str, PtzUnit]) -> CameraColumns:
    """The columns of all cameras, those with a head as it looks now."""
    return turned_now(catalogue.columns, catalogue.cameras, units)


def turned_now(columns: CameraColumns, cameras: Mapping[str, Camera], units: Mapping[str, PtzUnit]) -> CameraColumns:
    """The columns with those cameras that have a head as it looks now."""
    posed = ((cameras[unit.camera], unit) for unit in units.values() if unit.pose and unit.camera in cameras)
    return columns.turned({camera.id: looking(camera, unit) for camera, unit in posed})


def witnesses(catalogue: Catalogue, sight: Sight, ptz: PtzState, seat: str = "", most: int = MOST) -> list[Witness]:
    """The cameras that can see a place, the best first.

    Those that look there now come before those that a head could turn there and that no other than `seat` holds.
    """
    columns = looking_now(catalogue, ptz.units)
    working: list[Witness] = []
    offline: list[Witness] = []
    for each in _seeing(columns, sight, most):
        rated = score(columns, each)
        found = Witness(each.id, rated, _reason(columns, each, rated, _way(each)), each.distance_m)
        (offline if each.offline else working).append(found)
    known = {each.camera for each in (*working, *offline)}
    return [*working, *_turnable(catalogue, sight, ptz, seat, known), *offline][:most]


def score(columns: CameraColumns, seen: Seen) -> int:
    """100 for a working camera with the place in its middle, near; in the same order as the cameras are ranked."""
    return _rated(columns, seen, _OFFLINE + (not seen.aimed) if seen.offline else _band(columns, seen))


def for_wall(found: Sequence[Witness], cameras: dict[str, Camera], most: int) -> list[str]:
    """The best of them that look there and have a stream."""
    looks = (each.camera for each in found if not each.must_turn)
    return [camera for camera in looks if camera in cameras and cameras[camera].url][:most]


def _seeing(columns: CameraColumns, sight: Sight, most: int | None = None) -> list[Seen]:
    return seeing_area(columns, sight.outline, most) if sight.is_area else seeing_point(columns, sight.outline[0], most)


def _turnable(catalogue: Catalogue, sight: Sight, ptz: PtzState, seat: str, known: set[str]) -> list[Witness]:
    """The cameras within whose range the place is, that look elsewhere, and that may be turned."""
    columns = catalogue.columns.reach()
    found: list[tuple[bool, int, Witness]] = []
    for each in _seeing(columns, sight):
        unit, lease = ptz.units.get(each.id), ptz.leases.get(each.id)
        if each.id in known or each.offline or (lease is not None and lease.seat != seat):
            continue
        if unit is not None and unit.trouble:
            continue
        presets = () if unit is None else unit.presets
        preset = covering(catalogue.cameras[each.id], presets, sight.middle)
        is_sure = preset is not None or (unit is not None and unit.can(Ability.ABSOLUTE))
        rated = _rated(columns, each, _TURNING if is_sure else _BY_HAND)
        reason = _reason(columns, each, rated, _turn(unit, preset))
        found.append((not is_sure, -rated, Witness(each.id, rated, reason, each.distance_m, must_turn=True)))
    return [witness for *_rank, witness in sorted(found, key=lambda each: each[:2])]


def _band(columns: CameraColumns, seen: Seen) -> int:
    return 2 * int(columns.ailing[seen.index]) + (not seen.aimed)


def _rated(columns: CameraColumns, seen: Seen, band: int) -> int:
    k = seen.index
    half = max(float(columns.view_deg[k]) / 2, 1.0)
    off = seen.off_axis_deg / half if seen.aimed else 1.0
    badness = min(1.0, (seen.distance_m / max(float(columns.range_m[k]), 2.0) + OFF_AXIS_WEIGHT * off) / 1.5)
    return round(100.0 * (1.0 - (band + badness) / _BANDS))


def _way(seen: Seen) -> str:
    if not seen.aimed:
        return _("direction not told")
    if seen.off_axis_deg < 1.0:
        return _("looks straight at it")
    return _("looks {degrees}° beside it").format(degrees=round(seen.off_axis_deg))


def _turn(unit: PtzUnit | None, preset: Preset | None) -> str:
    if preset is not None:
        return _("can turn to it (preset {preset})").format(preset=preset.name or preset.token)
    if unit is not None and unit.can(Ability.ABSOLUTE):
        return _("can turn to it")
    if unit is None or not unit.abilities:
        return _("has a head, may turn to it")
    return _("can be steered to it by hand")


def _reason(columns: CameraColumns, seen: Seen, rated: int, way: str) -> str:
    health = (_("online"), _("state unknown"), _("faulty picture"), _("offline"))[int(columns.ailing[seen.index])]
    return _("{score} · {distance} m of {range} m · {way} · {health}").format(
        score=rated,
        distance=round(seen.distance_m),
        range=round(float(columns.range_m[seen.index])),
        way=way,
        health=health,
    )
