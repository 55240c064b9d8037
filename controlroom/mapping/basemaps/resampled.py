"""Tiles of another grid or datum, drawn anew as tiles of Web Mercator in WGS-84."""

import functools
import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from controlroom.mapping.basemaps.grid import DEGREE_M, MERCATOR_SIDE_M, Grid, Level
from controlroom.mapping.basemaps.tiles import BaseMap, Kind, Reader
from controlroom.mapping.coordinates import Datum, Floats, from_wgs84, to_degrees

SIDE_PX = 256
_KNOTS = 17
"""The shift between datums is so smooth that it is computed on a lattice of so many points a side."""
_MOST_TILES = 24

Fetch = Callable[[Level, int, int], bytes | None]
"""The picture of a level's tile by column and row, from the north-west."""

_Picture = NDArray[np.uint8]


class Resampled:
    """Tiles of a grid through `fetch`, resampled; any thread may read. The datum is WGS-84 (or CGCS2000) or GCJ-02."""

    def __init__(self, described: BaseMap, fetch: Fetch, grid: Grid, datum: Datum, close: Callable[[], None]) -> None:
        self.described = described
        self._fetch = fetch
        self._grid = grid
        self._datum = datum
        self._close = close
        self._decoded = functools.lru_cache(maxsize=64)(self._decode)

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """The picture as PNG, None where none of the tiles below it is there."""
        across, down = self._places(z, x, y)
        level = self._level(z)
        column, row = (across - level.left) / level.pixel, (level.top - down) / level.pixel
        left = max(0, math.floor(column.min() / level.width_px))
        top = max(0, math.floor(row.min() / level.height_px))
        right = min(level.columns - 1, math.floor(column.max() / level.width_px))
        bottom = min(level.rows - 1, math.floor(row.max() / level.height_px))
        wide, high = right - left + 1, bottom - top + 1
        if wide <= 0 or high <= 0 or wide * high > _MOST_TILES:
            return None
        ground = np.zeros((high * level.height_px, wide * level.width_px, 4), np.uint8)
        some = False
        for r in range(high):
            for c in range(wide):
                piece = self._decoded(level, left + c, top + r)
                if piece is None:
                    continue
                some = True
                at = (
                    slice(r * level.height_px, (r + 1) * level.height_px),
                    slice(c * level.width_px, (c + 1) * level.width_px),
                )
                ground[at] = piece
        if not some:
            return None
        # A pixel's colour is that of its middle, half a pixel from its corner.
        map_x = (column - left * level.width_px - 0.5).astype(np.float32)
        map_y = (row - top * level.height_px - 0.5).astype(np.float32)
        drawn = cv2.remap(ground, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        done, packed = cv2.imencode(".png", drawn, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        return packed.tobytes() if done else None

    def close(self) -> None:
        """Lets go of what is below."""
        self._decoded.cache_clear()
        self._close()

    def _places(self, z: int, x: int, y: int) -> tuple[Floats, Floats]:
        """Where the middles of the tile's pixels lie in the plane of the grid, f64[256, 256] each."""
        unit = 2.0 ** (32 - z) / SIDE_PX
        knots = np.linspace(0.5, SIDE_PX - 0.5, _KNOTS)
        world_x, world_y = np.meshgrid((x * SIDE_PX + knots) * unit, (y * SIDE_PX + knots) * unit)
        lon, lat = to_degrees(world_x, world_y)
        if self._datum is not Datum.WGS84:
            lon, lat = from_wgs84(lon, lat, self._datum)
        if self._grid.in_degrees:
            across, down = lon, lat
        else:
            fixed_x, fixed_y = _mercator(lon, lat)
            across, down = fixed_x, fixed_y
        return _spread(across), _spread(down)

    def _level(self, z: int) -> Level:
        """The coarsest level that is at least as fine as a pixel of the tile, else the finest there is."""
        wanted = MERCATOR_SIDE_M / SIDE_PX / 2**z
        if self._grid.in_degrees:
            wanted /= DEGREE_M
        return next((level for level in self._grid.levels if level.pixel <= wanted * 1.01), self._grid.levels[-1])

    def _decode(self, level: Level, column: int, row: int) -> _Picture | None:
        body = self._fetch(level, column, row)
        return None if body is None else decoded(body, level.width_px, level.height_px)


def decoded(body: bytes, width: int, height: int) -> _Picture | None:
    """A picture as blue, green, red and opacity u8[height, width, 4]; None where it is none or of another size."""
    try:
        found = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    if found is None or found.shape[:2] != (height, width) or found.dtype != np.uint8:
        return None
    if found.ndim == 2:
        return np.asarray(cv2.cvtColor(found, cv2.COLOR_GRAY2BGRA), np.uint8)
    if found.shape[2] == 3:
        return np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2BGRA), np.uint8)
    return np.asarray(found, np.uint8) if found.shape[2] == 4 else None


def tiles_as(reader: Reader, described: BaseMap, grid: Grid, datum: Datum) -> Resampled:
    """The tiles of a file whose numbers count in `grid`, resampled. `described` is raster."""
    assert described.kind is Kind.RASTER

    def fetch(level: Level, column: int, row: int) -> bytes | None:
        return reader.tile(int(level.name), column, row)

    return Resampled(described, fetch, grid, datum, reader.close)


def _mercator(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Metres of Web Mercator."""
    sine = np.sin(np.radians(lat))
    half = MERCATOR_SIDE_M / 2
    return lon / 180.0 * half, np.log((1.0 + sine) / (1.0 - sine)) / (2.0 * np.pi) * half


def _spread(lattice: Floats) -> Floats:
    """A lattice as wide as the tile, f64[256, 256], linear between its points."""
    at = np.linspace(0.0, _KNOTS - 1.0, SIDE_PX)
    low = np.minimum(at.astype(np.intp), _KNOTS - 2)
    share = at - low
    rows = lattice[low] * (1.0 - share)[:, None] + lattice[low + 1] * share[:, None]
    return np.asarray(rows[:, low] * (1.0 - share) + rows[:, low + 1] * share)
