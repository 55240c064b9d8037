"""Which camera each tile of a screen shows at a moment: tours, the last alarm, the standing alarms."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from controlroom.domain.alarm import Alarm
from controlroom.domain.tour import Tour, TourAt
from controlroom.domain.wall import TileKind, WallScreen, WallTile
from controlroom.domain.wall_alarms import AlarmPlaces, Collected, SeeingCameras

DYNAMIC = frozenset({TileKind.HOTSPOT, TileKind.ALARMS, TileKind.CAROUSEL})
"""Kinds whose camera changes by itself."""


class Played(NamedTuple):
    """What one tile shows: a camera, or none, and why. `stop` of `stops` on a tour goes on in `left_s`."""

    camera: str = ""
    kind: TileKind = TileKind.CAMERA
    alarm: Alarm | None = None
    stop: int = 0
    stops: int = 0
    left_s: int = 0
    is_over: bool = False
    """Whether its alarm has gone and the place is kept for a moment only."""
    is_toured: bool = False
    """Whether it shows a guard tour; one that is no more has no `tour`."""
    tour: Tour | None = None
    skipped: tuple[str, ...] = ()
    """Cameras of the tour that are passed over, since they cannot be watched."""


Touring = Callable[[str], tuple[Tour, TourAt] | None]
"""A tour by its id and where it is now; None where there is none of that id."""


def standing(alarms: Iterable[Alarm]) -> list[Alarm]:
    """The alarms in front of officers, the worst first, the newer before the older."""
    held = [alarm for alarm in alarms if alarm.active and alarm.aside is None]
    return sorted(held, key=lambda alarm: (alarm.severity, -alarm.received_at.timestamp(), alarm.id))


def played(
    screen: WallScreen,
    ordered: Sequence[Alarm],
    cameras_of: SeeingCameras,
    now_s: float,
    touring: Touring = lambda _tour: None,
    places: AlarmPlaces | None = None,
) -> tuple[Played, ...]:
    """What the tiles show at `now_s` (seconds since 1970 UTC); `ordered` is as `standing` gives it.

    A tour depends on the time only: every display of a wall is at the same stop, also one that has just been started.
    `places` keeps what alarm tiles show in its place from one look to the next.
    """
    places = places or AlarmPlaces()
    kinds = {tile.kind for tile in screen.tiles}
    wanted = 1 + max((tile.slot for tile in screen.tiles if tile.kind is TileKind.ALARMS), default=-1)
    found = places.look(ordered, cameras_of, wanted, now_s) if TileKind.ALARMS in kinds else []
    last = places.hot_spot(ordered, now_s) if TileKind.HOTSPOT in kinds else None
    seen = tuple(cameras_of(last)) if last is not None else ()
    return tuple(_toured(tile, touring) if tile.tour else _one(tile, found, last, seen, now_s) for tile in screen.tiles)


def _toured(tile: WallTile, touring: Touring) -> Played:
    found = touring(tile.tour)
    if found is None:
        return Played("", TileKind.CAROUSEL, is_toured=True)
    tour, now = found
    left_s = max(1, int(now.left_s))
    return Played(
        now.camera, TileKind.CAROUSEL, None, now.stop, now.stops, left_s, is_toured=True, tour=tour, skipped=now.skipped
    )


def _one(
    tile: WallTile, found: Sequence[Collected | None], last: Alarm | None, seen: Sequence[str], now_s: float
) -> Played:
    if tile.kind is TileKind.CAROUSEL and tile.cameras:
        turn = int(now_s // tile.dwell_s)
        stop = turn % len(tile.cameras)
        left_s = int((turn + 1) * tile.dwell_s - now_s)
        return Played(tile.cameras[stop], tile.kind, None, stop + 1, len(tile.cameras), max(1, left_s))
    if tile.kind is TileKind.HOTSPOT:
        return Played(seen[tile.slot] if tile.slot < len(seen) else "", tile.kind, last)
    if tile.kind is TileKind.ALARMS:
        held = found[tile.slot] if tile.slot < len(found) else None
        return (
            Played("", tile.kind) if held is None else Played(held.camera, tile.kind, held.alarm, is_over=held.is_over)
        )
    camera = tile.cameras[0] if tile.kind is TileKind.CAMERA and tile.cameras else ""
    return Played(camera, tile.kind)
