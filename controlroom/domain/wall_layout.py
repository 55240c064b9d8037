"""The layouts of a screen: equal tiles, a large one with small ones round it, merged and split as an officer likes."""

from collections.abc import Sequence

import msgspec

from controlroom.domain.wall import GRID_MOST, TILES_MOST, TileKind, WallScreen, WallTile

EQUAL = (1, 4, 9, 16, 25, 36)
LARGE = ("1+5", "1+7")
LAYOUTS = (*(str(count) for count in EQUAL), *LARGE)
"""The names of the layouts that are always offered."""


def places(name: str) -> tuple[int, tuple[WallTile, ...]]:
    """Cells on a side and the empty tiles of a layout by name. Raises ValueError for a name that is none."""
    if name in LARGE:
        small = int(name.removeprefix("1+"))
        side = (small + 1) // 2
        large = WallTile(width=side - 1, height=side - 1)
        right = tuple(WallTile(left=side - 1, top=row) for row in range(side - 1))
        return side, (large, *right, *(WallTile(left=column, top=side - 1) for column in range(side)))
    if name not in LAYOUTS:
        raise ValueError(f"there is no layout {name}")
    side = round(int(name) ** 0.5)
    return side, tuple(WallTile(left=k % side, top=k // side) for k in range(side * side))


def laid_out(screen: WallScreen, name: str) -> WallScreen:
    """The screen in another layout; what its tiles show goes over in their order as far as there is room."""
    side, empty = places(name)
    kept = [tile for tile in screen.tiles if not tile.is_empty]
    tiles = tuple(_moved(kept[k], place) if k < len(kept) else place for k, place in enumerate(empty))
    return msgspec.structs.replace(screen, columns=side, rows=side, tiles=tiles)


def alarm_screen(number: int, layout: str = "9") -> WallScreen:
    """A screen that collects the cameras of the standing alarms, the worst in its first tile."""
    side, empty = places(layout)
    tiles = tuple(msgspec.structs.replace(tile, kind=TileKind.ALARMS, slot=slot) for slot, tile in enumerate(empty))
    return WallScreen(number=number, columns=side, rows=side, tiles=tiles)


def merged(screen: WallScreen, first: int, second: int) -> WallScreen:
    """The two tiles and all between them as one, which shows what the first shows.

    Raises ValueError when a tile would be cut in two, or the indices are of no tiles.
    """
    return joined(screen, (first, second))


def joined(screen: WallScreen, indices: Sequence[int]) -> WallScreen:
    """These tiles and all between them as one, which shows what the first of them shows that is not empty.

    Raises ValueError when a tile would be cut in two, or there are none, or the indices are of no tiles.
    """
    chosen = sorted((screen.tiles[index] for index in indices), key=lambda tile: tile.is_empty)
    if not chosen:
        raise ValueError("nothing is to be merged")
    left, top = min(tile.left for tile in chosen), min(tile.top for tile in chosen)
    right, bottom = max(tile.box[2] for tile in chosen), max(tile.box[3] for tile in chosen)
    inside = []
    for tile in screen.tiles:
        x0, y0, x1, y1 = tile.box
        if x0 >= right or x1 <= left or y0 >= bottom or y1 <= top:
            continue
        if x0 < left or x1 > right or y0 < top or y1 > bottom:
            raise ValueError("a tile between the two reaches beyond them")
        inside.append(tile)
    place = WallTile(left=left, top=top, width=right - left, height=bottom - top)
    whole = _moved(chosen[0], place)
    rest = [tile for tile in screen.tiles if tile not in inside]
    return msgspec.structs.replace(screen, tiles=_in_reading_order([*rest, whole]))


def split(screen: WallScreen, index: int) -> WallScreen:
    """The tile in four; the first part shows what it showed.

    Where its cells cannot be divided the whole grid is made finer. Raises ValueError when that would be too fine, or
    the screen would have too many tiles.
    """
    held = screen.tiles[index]
    if held.width % 2 or held.height % 2:
        screen, held = _finer(screen, index)
    half_width, half_height = held.width // 2, held.height // 2
    parts = [
        WallTile(left=held.left + dx, top=held.top + dy, width=half_width, height=half_height)
        for dy in (0, half_height)
        for dx in (0, half_width)
    ]
    tiles = [*screen.tiles[:index], _moved(held, parts[0]), *parts[1:], *screen.tiles[index + 1 :]]
    if len(tiles) > TILES_MOST:
        raise ValueError(f"a screen has at most {TILES_MOST} tiles")
    return msgspec.structs.replace(screen, tiles=_in_reading_order(tiles))


def emptied(screen: WallScreen) -> WallScreen:
    """The screen with its tiles, but nothing in them."""
    empty = tuple(WallTile(left=tile.left, top=tile.top, width=tile.width, height=tile.height) for tile in screen.tiles)
    return msgspec.structs.replace(screen, tiles=empty or (WallTile(width=screen.columns, height=screen.rows),))


def _moved(content: WallTile, place: WallTile) -> WallTile:
    return msgspec.structs.replace(content, left=place.left, top=place.top, width=place.width, height=place.height)


def _finer(screen: WallScreen, index: int) -> tuple[WallScreen, WallTile]:
    """The same picture on a grid of half the cell size."""
    if max(screen.columns, screen.rows) * 2 > GRID_MOST:
        raise ValueError("the tiles cannot be made smaller")
    tiles = tuple(
        _moved(tile, WallTile(left=tile.left * 2, top=tile.top * 2, width=tile.width * 2, height=tile.height * 2))
        for tile in screen.tiles
    )
    finer = msgspec.structs.replace(screen, columns=screen.columns * 2, rows=screen.rows * 2, tiles=tiles)
    return finer, finer.tiles[index]


def _in_reading_order(tiles: list[WallTile]) -> tuple[WallTile, ...]:
    return tuple(sorted(tiles, key=lambda tile: (tile.top, tile.left)))
