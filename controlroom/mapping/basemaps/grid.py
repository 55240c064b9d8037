"""Tile grids: where the tiles of a set lie, on Web Mercator (EPSG:3857) or on degrees (EPSG:4326, EPSG:4490)."""

import math

from msgspec import Struct

MERCATOR_SIDE_M = 2 * math.pi * 6378137.0
"""The side of the Web Mercator world in its metres."""

DEGREE_M = math.pi * 6378137.0 / 180.0
"""Metres of a degree on the equator, by which scale denominators are defined (OGC 07-057r7, 6.1)."""

PIXEL_M = 0.00028
"""The rendered pixel of OGC 07-057r7."""

_TILE_PX = 256


class Level(Struct, frozen=True):
    """One level: size of a pixel and the corner of its first tile (metres or degrees), and how many tiles it has."""

    name: str
    pixel: float
    left: float
    top: float
    columns: int
    rows: int
    width_px: int = _TILE_PX
    height_px: int = _TILE_PX


class Grid(Struct, frozen=True):
    """Levels from the coarsest to the finest; `in_degrees` where the plane is longitude and latitude."""

    levels: tuple[Level, ...]
    in_degrees: bool = False


def mercator_grid(first: int, last: int) -> Grid:
    """The grid that web maps have in common."""
    return Grid(
        tuple(
            Level(str(z), MERCATOR_SIDE_M / _TILE_PX / 2**z, -MERCATOR_SIDE_M / 2, MERCATOR_SIDE_M / 2, 2**z, 2**z)
            for z in range(first, last + 1)
        )
    )


def degree_grid(first: int, last: int, whole_at: int = 0) -> Grid:
    """The grid over degrees whose level `whole_at` has two tiles: 0 in WorldCRS84Quad, 1 with 天地图."""
    return Grid(
        tuple(
            Level(
                str(z),
                180.0 / _TILE_PX / 2 ** (z - whole_at),
                -180.0,
                90.0,
                2 ** (z - whole_at + 1),
                2 ** (z - whole_at),
            )
            for z in range(max(first, whole_at), last + 1)
        ),
        in_degrees=True,
    )


def web_levels(grid: Grid) -> dict[int, Level]:
    """The levels of a grid that are those of web maps, by their zoom; they need no resampling."""
    found = {}
    for level in grid.levels if not grid.in_degrees else ():
        zoom = round(math.log2(MERCATOR_SIDE_M / _TILE_PX / level.pixel)) if level.pixel > 0 else -1
        if zoom < 0:
            continue
        pixel = MERCATOR_SIDE_M / _TILE_PX / 2**zoom
        is_near = abs(level.left + MERCATOR_SIDE_M / 2) < pixel and abs(level.top - MERCATOR_SIDE_M / 2) < pixel
        # Over the whole world the error of a pixel's size must stay below half a pixel.
        is_same = abs(level.pixel / pixel - 1.0) < 0.5 / (_TILE_PX * 2**zoom) + 1e-7
        if is_near and is_same and (level.width_px, level.height_px) == (_TILE_PX, _TILE_PX):
            found[zoom] = level
    return found
