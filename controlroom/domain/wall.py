"""What a named video wall shows: screens, their tiles, and what lies over them for a while."""

import enum
from collections.abc import Iterable
from datetime import datetime
from itertools import combinations
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta, Struct

from controlroom.domain.times import Instant

GRID_MOST = 48
TILES_MOST = 64
SCREENS_MOST = 16
PUSHES_MOST = 64
DWELL_S = 10

_Id = Annotated[str, Meta(min_length=1, max_length=200)]
_Cell = Annotated[int, Meta(ge=0, lt=GRID_MOST)]
_Span = Annotated[int, Meta(ge=1, le=GRID_MOST)]
ScreenNumber = Annotated[int, Meta(ge=1, le=SCREENS_MOST)]


class TileKind(enum.StrEnum):
    """What a tile is for."""

    CAMERA = "camera"
    HOTSPOT = "hotspot"
    """The cameras of the alarm that came last; `slot` tells which of them."""
    ALARMS = "alarms"
    """The cameras of the standing alarms, the worst first; `slot` tells which of them."""
    CAROUSEL = "carousel"
    """A tour: one camera after the other, each for its dwell."""
    CLOCK = "clock"
    TEXT = "text"
    IMAGE = "image"
    """A picture file of the wall's machine, by its name."""
    PLOT = "plot"
    MAP = "map"
    WEB = "web"


class WallTile(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One place of a screen, in cells of its grid, and what it is for.

    `cameras` are the one camera, or the stops of a carousel, each shown for `dwell_s`; `text` is a text, the name of a
    picture, or the address of a web page.
    """

    left: _Cell = 0
    top: _Cell = 0
    width: _Span = 1
    height: _Span = 1
    kind: TileKind = TileKind.CAMERA
    cameras: Annotated[tuple[_Id, ...], Meta(max_length=200)] = ()
    sensors: Annotated[tuple[_Id, ...], Meta(max_length=6)] = ()
    text: Annotated[str, Meta(max_length=400)] = ""
    slot: Annotated[int, Meta(ge=0, lt=TILES_MOST)] = 0
    dwell_s: Annotated[int, Meta(ge=3, le=3600)] = DWELL_S
    tour: Annotated[str, Meta(max_length=80)] = ""
    """The guard tour that a carousel shows in place of its own cameras."""

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom in cells; right and bottom are the first that are not its own."""
        return self.left, self.top, self.left + self.width, self.top + self.height

    @property
    def is_empty(self) -> bool:
        """Whether it is for a camera and has none."""
        return self.kind is TileKind.CAMERA and not self.cameras


class WallScreen(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One screen of a wall: a grid, the tiles in it, and where the screen stands in the wall (pixels).

    Raises ValueError for tiles that lie outside the grid or on one another.
    """

    number: ScreenNumber = 1
    columns: _Span = 1
    rows: _Span = 1
    tiles: Annotated[tuple[WallTile, ...], Meta(max_length=TILES_MOST)] = ()
    left_px: Annotated[int, Meta(ge=0, le=100_000)] = 0
    top_px: Annotated[int, Meta(ge=0, le=100_000)] = 0
    width_px: Annotated[int, Meta(ge=1, le=20_000)] = 1920
    height_px: Annotated[int, Meta(ge=1, le=20_000)] = 1080

    def __post_init__(self) -> None:
        taken: set[tuple[int, int]] = set()
        for tile in self.tiles:
            left, top, right, bottom = tile.box
            if right > self.columns or bottom > self.rows:
                raise ValueError(f"a tile ends at {right} x {bottom} of {self.columns} x {self.rows} cells")
            cells = {(column, row) for column in range(left, right) for row in range(top, bottom)}
            if taken & cells:
                raise ValueError("two tiles lie on one another")
            taken |= cells


class Spot(Struct, frozen=True, kw_only=True):
    """One tile that is put over what a screen shows; `columns` and `rows` are of the grid it was made for."""

    screen: ScreenNumber
    columns: _Span
    rows: _Span
    tile: WallTile

    def __post_init__(self) -> None:
        if self.tile.left + self.tile.width > self.columns or self.tile.top + self.tile.height > self.rows:
            raise ValueError("the tile lies outside its grid")


class Push(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Screens or single tiles that lie over what the wall shows, until a time or while a rule holds.

    What lies below comes back by itself. A rule's push (`rule` is its id) lies below those of officers.
    """

    id: str
    seat: str
    by: str
    at: Instant
    until: Instant | None = None
    screens: tuple[WallScreen, ...] = ()
    spots: tuple[Spot, ...] = ()
    rule: str = ""


class Wall(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A named wall. `columns` and `tiles` are the grid of cameras that a plain wall was given last, row by row.

    `screens` are what it shows for good, `pushes` what lies over that, `dismissed` the rules whose push an officer took
    away while they hold. Until `identify_until` every screen shows its number.
    """

    name: str
    columns: Annotated[int, Meta(ge=1, le=8)] = 3
    tiles: tuple[str, ...] = ()
    by: str = ""
    at: Instant | None = None
    screens: Annotated[tuple[WallScreen, ...], Meta(max_length=SCREENS_MOST)] = ()
    pushes: tuple[Push, ...] = ()
    dismissed: tuple[str, ...] = ()
    identify_until: Instant | None = None

    @property
    def base(self) -> tuple[WallScreen, ...]:
        """What it shows for good."""
        return self.screens or (plain_screen(self.tiles, self.columns),)


class Matrix(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a wall, or some of its screens, showed once, saved under a name."""

    id: str
    wall: str
    name: str
    screens: tuple[WallScreen, ...]
    by: str
    at: Instant
    removed: bool = False


class Conflict(NamedTuple):
    """Two seats want the same place of a screen: `above` is seen, `below` is not."""

    screen: int
    above: Push
    below: Push


def plain_screen(cameras: Iterable[str], columns: int, number: int = 1) -> WallScreen:
    """A grid of equal tiles row by row, one for each id; an empty id is an empty tile."""
    ids = tuple(cameras)
    columns = max(1, columns)
    tiles = tuple(
        WallTile(left=k % columns, top=k // columns, cameras=(camera,) if camera else ())
        for k, camera in enumerate(ids[:TILES_MOST])
    )
    return WallScreen(number=number, columns=columns, rows=max(1, -(-len(tiles) // columns)), tiles=tiles)


def in_order(pushes: Iterable[Push]) -> list[Push]:
    """From the lowest to the highest: rules below officers, the newer above the older, else as they were made."""
    return sorted(pushes, key=lambda push: (not push.rule, push.at))


def in_force(wall: Wall, now: datetime) -> Wall:
    """The wall without the pushes whose time is over, for one that does not hear of its hub; itself where none is."""
    pushes = tuple(push for push in wall.pushes if push.until is None or push.until > now)
    return wall if len(pushes) == len(wall.pushes) else msgspec.structs.replace(wall, pushes=pushes)


def shown(wall: Wall) -> tuple[WallScreen, ...]:
    """What the wall's screens show with everything that lies over them."""
    screens = {screen.number: screen for screen in wall.base}
    for push in in_order(wall.pushes):
        for pushed in push.screens:
            if (below := screens.get(pushed.number)) is not None:
                screens[pushed.number] = placed_like(pushed, below)
        for spot in push.spots:
            if (below := screens.get(spot.screen)) is not None:
                screens[spot.screen] = with_spot(below, spot)
    return tuple(screens.values())


def placed_like(screen: WallScreen, place: WallScreen) -> WallScreen:
    """A layout on the screen that stands where `place` stands."""
    return msgspec.structs.replace(
        screen,
        number=place.number,
        left_px=place.left_px,
        top_px=place.top_px,
        width_px=place.width_px,
        height_px=place.height_px,
    )


def with_spot(screen: WallScreen, spot: Spot) -> WallScreen:
    """The screen with the spot in the tile that has the most in common with its place; grids may differ."""
    wanted = unit_box(spot.tile, spot.columns, spot.rows)
    common = [_common(unit_box(tile, screen.columns, screen.rows), wanted) for tile in screen.tiles]
    if not common or max(common) <= 0.0:
        return screen
    index = common.index(max(common))
    return with_tile(screen, index, spot.tile)


def with_tile(screen: WallScreen, index: int, content: WallTile) -> WallScreen:
    """The screen with the content of another tile in one of its places."""
    held = screen.tiles[index]
    tile = msgspec.structs.replace(content, left=held.left, top=held.top, width=held.width, height=held.height)
    return msgspec.structs.replace(screen, tiles=(*screen.tiles[:index], tile, *screen.tiles[index + 1 :]))


def unit_box(tile: WallTile, columns: int, rows: int) -> tuple[float, float, float, float]:
    """Where a tile lies on its screen, as left, top, right and bottom from 0 to 1."""
    left, top, right, bottom = tile.box
    return left / columns, top / rows, right / columns, bottom / rows


def claims(push: Push) -> list[tuple[int, tuple[float, float, float, float]]]:
    """The places that a push takes: screen and box from 0 to 1."""
    whole = [(screen.number, (0.0, 0.0, 1.0, 1.0)) for screen in push.screens]
    return whole + [(spot.screen, unit_box(spot.tile, spot.columns, spot.rows)) for spot in push.spots]


def held_by_others(
    wall: Wall, seat: str, wanted: Iterable[tuple[int, tuple[float, float, float, float]]]
) -> list[Push]:
    """The pushes of other seats' officers that take one of these places."""
    return touching([push for push in wall.pushes if not push.rule and push.seat != seat], wanted)


def touching(pushes: Iterable[Push], places: Iterable[tuple[int, tuple[float, float, float, float]]]) -> list[Push]:
    """Those of the pushes that take one of these places."""
    wanted = list(places)
    return [push for push in pushes if _meet(claims(push), wanted)]


def conflicts(wall: Wall) -> list[Conflict]:
    """Where two seats want the same place of a screen."""
    found = []
    officers = [push for push in in_order(wall.pushes) if not push.rule]
    for below, above in combinations(officers, 2):
        screens = sorted(_meet(claims(below), claims(above)))
        if below.seat != above.seat and screens:
            found.append(Conflict(screens[0], above, below))
    return found


def _meet(
    some: list[tuple[int, tuple[float, float, float, float]]],
    others: list[tuple[int, tuple[float, float, float, float]]],
) -> set[int]:
    """The screens on which two sets of places have something in common."""
    return {screen for screen, box in some for other, place in others if screen == other and _common(box, place) > 1e-9}


def _common(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    """The area that two boxes share."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, width) * max(0.0, height)
