"""What a base map is: a set of tiles of Web Mercator, raster or vector, with its range, source and date."""

import enum
import zlib
from typing import Any, Protocol

from msgspec import Struct

from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.mapping.coordinates import MAX_LATITUDE_DEG

DEEPEST = 22
"""No level of a tile set beyond this one is asked for."""

MOST_TILE_BYTES = 8_000_000
"""A tile larger than this, also after it is unpacked, is not one."""

MOST_TILE_PX = 2048
_GZIP = b"\x1f\x8b"
_STARTS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

WORLD_BOUNDS: Bounds = (-180.0, -MAX_LATITUDE_DEG, 180.0, MAX_LATITUDE_DEG)


class TileFault(EnvironmentFault):
    """A tile set that cannot be used; the sentence names it and says what is wrong."""


class Kind(enum.StrEnum):
    """How the tiles of a base map are drawn."""

    RASTER = "raster"
    VECTOR = "vector"


class BaseMap(Struct, frozen=True, kw_only=True):
    """A tile set as it is offered; with a `fault`, a sentence, it cannot be used.

    `bounds` in degrees WGS-84, `dated` is the day or year of its data as its maker wrote it. `version` is its number in
    addresses: a file that was replaced gets another one.
    """

    id: str
    name: str
    form: str = ""
    """MBTiles, PMTiles, folder or WMTS."""
    kind: Kind = Kind.RASTER
    min_zoom: int = 0
    max_zoom: int = DEEPEST
    bounds: Bounds = WORLD_BOUNDS
    attribution: str = ""
    dated: str = ""
    datum: str = "WGS-84"
    layers: tuple[str, ...] = ()
    """Names of the layers of vector tiles, where the set tells them."""
    version: int = 0
    fault: str = ""


class Reader(Protocol):
    """Tiles by their place in the XYZ scheme of Web Mercator; any thread may read. Raises TileFault."""

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """The picture or the unpacked vector tile, None where the set has none."""

    def close(self) -> None:
        """Lets go of the file; nothing is read after it."""


def picture_format(body: bytes) -> str:
    """png, jpg or webp by its first bytes, empty for anything else."""
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "webp"
    return next((form for start, form in _STARTS.items() if body.startswith(start)), "")


def picture_side(body: bytes) -> int:
    """The longer side in pixels that a PNG or JPEG declares; 0 where it is not told."""
    form = picture_format(body)
    if form == "png" and len(body) >= 24:
        return max(int.from_bytes(body[16:20], "big"), int.from_bytes(body[20:24], "big"))
    at = 2
    while form == "jpg" and at + 9 <= len(body) and body[at] == 0xFF:
        marker, length = body[at + 1], int.from_bytes(body[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return max(int.from_bytes(body[at + 5 : at + 7], "big"), int.from_bytes(body[at + 7 : at + 9], "big"))
        at += 2 + max(length, 2)
    return 0


def checked_picture(body: bytes) -> bytes | None:
    """The picture, or None where it is none or a bomb: the page would have to unpack it."""
    if len(body) > MOST_TILE_BYTES or not picture_format(body) or picture_side(body) > MOST_TILE_PX:
        return None
    return body


def unpacked(body: bytes, most: int = MOST_TILE_BYTES) -> bytes:
    """A body without its gzip, as it is where it has none. Raises ValueError where it is broken or grows too large."""
    if not body.startswith(_GZIP):
        if len(body) > most:
            raise ValueError("too large")
        return body
    engine = zlib.decompressobj(wbits=31)
    try:
        found = engine.decompress(body, most + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if len(found) > most or not engine.eof:
        raise ValueError("cut off or too large")
    return found


def is_vector_tile(body: bytes) -> bool:
    """Whether a body can be a Mapbox Vector Tile 2.1: fields of layers (number 3, with a length) end to end."""
    at = 0
    while at < len(body):
        if body[at] != 0x1A:
            return False
        at, shift, length = at + 1, 0, 0
        while at < len(body) and shift < 35:
            length |= (body[at] & 0x7F) << shift
            shift += 7
            at += 1
            if not body[at - 1] & 0x80:
                break
        at += length
    return at == len(body)


def checked_bounds(words: Any) -> Bounds:
    """Bounds from four numbers or a text with commas; the whole world where they make no sense."""
    parts = words.split(",") if isinstance(words, str) else words
    try:
        west, south, east, north = (float(part) for part in parts)
    except (TypeError, ValueError):
        return WORLD_BOUNDS
    whole_w, whole_s, whole_e, whole_n = WORLD_BOUNDS
    found = (max(west, whole_w), max(south, whole_s), min(east, whole_e), min(north, whole_n))
    return found if found[0] < found[2] and found[1] < found[3] else WORLD_BOUNDS


def checked_zooms(name: str, low: object, high: object) -> tuple[int, int]:
    """The range of levels. Raises TileFault where it is none."""
    try:
        first, last = int(str(low)), int(str(high))
    except ValueError as error:
        raise TileFault(_("{name}: its zoom levels cannot be read. Make the file again.").format(name=name)) from error
    if not 0 <= first <= last <= 30:
        raise TileFault(_("{name}: its zoom levels make no sense. Make the file again.").format(name=name))
    return first, min(last, DEEPEST)


def layer_names(described: object) -> tuple[str, ...]:
    """The names in `vector_layers` of TileJSON, at most 60 of them."""
    listed = described.get("vector_layers") if isinstance(described, dict) else None
    names = [one.get("id") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return tuple(name[:80] for name in names[:60] if isinstance(name, str) and name)


def short(text: object, most: int = 300) -> str:
    """A text of a file as one bounded line."""
    return " ".join(str(text or "").split())[:most]


def checked_tile(kind: Kind, body: bytes) -> bytes | None:
    """The picture, or the vector tile unpacked; None for what is neither."""
    if kind is Kind.RASTER:
        return checked_picture(body)
    try:
        found = unpacked(body)
    except ValueError:
        return None
    return found if is_vector_tile(found) else None
