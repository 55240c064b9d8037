"""Small real tile sets, made by the tests: pictures of one colour, a vector tile with a lake, a road and a name."""

import gzip
import json
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

Place = tuple[int, int, int]

CLUBROOM = (116.45, 39.62)
"""A place of the district: longitude, latitude."""


def tile_of(lon: float, lat: float, z: int) -> Place:
    """The tile of Web Mercator that holds a place."""
    sine = np.sin(np.radians(lat))
    y = 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)
    return z, int((lon / 360 + 0.5) * 2**z), int(y * 2**z)


def around(lon: float, lat: float, zooms: Iterable[int], reach: int = 2) -> list[Place]:
    """The tiles near a place on some levels."""
    found = set()
    for zoom in zooms:
        z, x, y = tile_of(lon, lat, zoom)
        found |= {
            (z, min(max(x + i, 0), 2**z - 1), min(max(y + j, 0), 2**z - 1))
            for i in range(-reach, reach + 1)
            for j in range(-reach, reach + 1)
        }
    return sorted(found)


def picture(colour: tuple[int, int, int], form: str = ".png", side: int = 256) -> bytes:
    """A tile of one colour (red, green, blue)."""
    done, packed = cv2.imencode(form, np.full((side, side, 3), colour[::-1], np.uint8))
    assert done
    return packed.tobytes()


GREEN = (40, 160, 60)


def green(_place: Place) -> bytes:
    return picture(GREEN)


def make_mbtiles(path: Path, places: Iterable[Place], body: Callable[[Place], bytes], **metadata: str) -> Path:
    """An MBTiles file of its own kind: rows from the south, as the specification has them."""
    store = sqlite3.connect(path)
    store.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
    store.execute("CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB)")
    store.execute("CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row)")
    store.executemany("INSERT INTO metadata VALUES (?, ?)", metadata.items())
    for place in places:
        z, x, y = place
        store.execute("INSERT INTO tiles VALUES (?, ?, ?, ?)", (z, x, 2**z - 1 - y, body(place)))
    store.commit()
    store.close()
    return path


def make_pmtiles(
    path: Path, places: Iterable[Place], body: Callable[[Place], bytes], kind: TileType = TileType.PNG, **metadata: str
) -> Path:
    """A PMTiles file, written by the library of the format's authors."""
    with path.open("wb") as sink:
        writer = Writer(sink)
        for place in sorted(places, key=lambda one: zxy_to_tileid(*one)):
            writer.write_tile(zxy_to_tileid(*place), body(place))
        packed = Compression.GZIP if kind is TileType.MVT else Compression.NONE
        writer.finalize({"tile_type": kind, "tile_compression": packed}, metadata)
    return path


def make_folder(path: Path, places: Iterable[Place], body: Callable[[Place], bytes], **metadata: str) -> Path:
    """A folder of z/x/y.png with its description."""
    for place in places:
        z, x, y = place
        file = path / str(z) / str(x) / f"{y}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body(place))
    if metadata:
        (path / "metadata.json").write_text(json.dumps(metadata))
    return path


# ------------------------------------------------------------ vector tiles (Mapbox Vector Tile 2.1)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _field(number: int, body: bytes | int) -> bytes:
    if isinstance(body, int):
        return _varint(number << 3) + _varint(body)
    return _varint(number << 3 | 2) + _varint(len(body)) + body


def _path(corners: list[tuple[int, int]], closed: bool) -> bytes:
    """Commands of a line, ring or point: move, line, close, with zigzag steps."""
    steps, at = [], (0, 0)
    for x, y in corners:
        steps.append((x - at[0], y - at[1]))
        at = (x, y)
    zigzag = [n << 1 if n >= 0 else (-n << 1) - 1 for step in steps for n in step]
    words = [1 | 1 << 3, *zigzag[:2]]
    if len(corners) > 1:
        words += [2 | (len(corners) - 1) << 3, *zigzag[2:]]
    return b"".join(map(_varint, [*words, *([7 | 1 << 3] if closed else [])]))


def _layer(name: str, kind: int, corners: list[tuple[int, int]], properties: dict[str, str]) -> bytes:
    tags = b"".join(_varint(n) for k in range(len(properties)) for n in (k, k))
    feature = _field(2, tags) + _field(3, kind) + _field(4, _path(corners, kind == 3))
    body = _field(15, 2) + _field(1, name.encode()) + _field(2, feature)
    body += b"".join(_field(3, key.encode()) for key in properties)
    body += b"".join(_field(4, _field(1, value.encode())) for value in properties.values())
    return _field(3, body + _field(5, 4096))


WHOLE = [(0, 0), (4096, 0), (4096, 4096), (0, 4096)]


def lake(_place: Place = (0, 0, 0)) -> bytes:
    """A vector tile that is water throughout, with a road across and a name in the middle, packed by gzip."""
    body = _layer("water", 3, WHOLE, {"class": "lake"})
    body += _layer("transportation", 2, [(0, 2048), (4096, 2048)], {"class": "motorway"})
    body += _layer("place", 1, [(2048, 1024)], {"class": "town", "name": "Huangcun", "name:zh": "黄村镇"})
    return gzip.compress(body)
