"""GeoJSON (RFC 7946 and the older `crs` member), one feature after the other, so that a broken one is known by line."""

import json
import re
from bisect import bisect_right
from typing import Any

import msgspec
import numpy as np
import shapely
from msgspec import Raw, Struct

from controlroom.mapping.thematic.reading import EVERY, MOST_FEATURES, Read, Row, Step, objects
from controlroom.mapping.thematic.refusal import FileFault, Reason, Refused

_TYPES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")
_BYTE = re.compile(r"\(byte (\d+)\)")


class _Feature(Struct):
    geometry: Raw = Raw(b"null")
    properties: Raw = Raw(b"null")


class _Collection(Struct):
    type: str = ""
    features: list[Raw] = []
    name: Any = ""
    title: Any = ""
    crs: Any = None


def read(data: bytes, step: Step) -> Read:
    """All features of a document. Raises FileFault when there is not one."""
    if not data.strip():
        raise FileFault(Reason.EMPTY)
    head = _Collection()
    refused: list[Refused] = []
    try:
        head = msgspec.json.decode(data, type=_Collection)
        if head.type in _TYPES:
            pieces = [b'{"type":"Feature","geometry":' + data + b"}"]
            starts = [0]
        elif head.type == "Feature":
            pieces, starts = [data], [0]
        elif head.type == "FeatureCollection":
            pieces, starts = _located(data, [bytes(raw) for raw in head.features], step)
        else:
            raise FileFault(Reason.BAD_FILE, f"type {head.type[:40]!r}", 1)
    except (msgspec.DecodeError, RecursionError) as error:
        pieces, starts, refused = _salvaged(data, error, step)
    if not pieces and not refused:
        raise FileFault(Reason.EMPTY)
    if len(pieces) > MOST_FEATURES:
        raise FileFault(Reason.TOO_LARGE, len(pieces))
    return _parsed(data, head, pieces, starts, refused, step)


def _parsed(
    data: bytes, head: _Collection, pieces: list[bytes], starts: list[int], refused: list[Refused], step: Step
) -> Read:
    breaks = [found.start() for found in re.finditer(rb"\n", data)]
    taken = {one.number for one in refused}
    numbers = [number for number in range(1, len(pieces) + len(refused) + 1) if number not in taken]
    geometry: list[bytes | None] = []
    properties: list[bytes] = []
    kept: list[int] = []
    for k, piece in enumerate(pieces):
        if k % EVERY == 0:
            step(0.3 + 0.4 * k / len(pieces))
        try:
            feature = msgspec.json.decode(piece, type=_Feature)
        except (msgspec.DecodeError, RecursionError):
            feature = _lenient(piece)
        shape = bytes(feature.geometry)
        geometry.append(None if shape == b"null" else shape)
        properties.append(bytes(feature.properties))
        kept.append(k)
    step(0.7)
    shapes = shapely.from_geojson(objects(geometry), on_invalid="ignore")
    lines = np.array([bisect_right(breaks, starts[k] - 1) + 1 for k in kept], np.int64)
    for k, shape in enumerate(shapes):
        if shape is not None or geometry[k] is None:
            continue
        refused.append(Refused(numbers[kept[k]], int(lines[k]), Reason.BAD_GEOMETRY, _why(geometry[k])))
        shapes[k] = shapely.Point()
    step(0.8)

    def attributes(at: int) -> Row:
        try:
            found = msgspec.json.decode(properties[at])
        except (msgspec.DecodeError, RecursionError):
            found = None
        return found if isinstance(found, dict) else {}

    declared = _system(head.crs)
    numbered = np.array([numbers[k] for k in kept], np.int64)
    bad = {one.number for one in refused}
    good = np.array([number not in bad for number in numbered.tolist()], bool)
    where = np.flatnonzero(good)
    title = head.title or head.name
    return Read(
        shapes[where],
        numbered[where],
        lines[where],
        lambda at: attributes(int(where[at])),
        _fields(attributes, len(properties)),
        declared,
        "crs" if declared else "",
        title if isinstance(title, str) else "",
        refused,
    )


def _located(data: bytes, pieces: list[bytes], step: Step) -> tuple[list[bytes], list[int]]:
    """Where each feature begins: they stand in their order, so each is found right behind the one before."""
    starts, at = [], 0
    for k, piece in enumerate(pieces):
        if k % EVERY == 0:
            step(0.3 * k / len(pieces))
        at = max(at, data.find(piece, at))
        starts.append(at)
        at += len(piece)
    return pieces, starts


def _salvaged(data: bytes, error: Exception, step: Step) -> tuple[list[bytes], list[int], list[Refused]]:
    """The features of a document that is broken somewhere, and those that are broken. Raises FileFault without any."""
    text = data.decode("utf-8", "replace")
    sizes_differ = len(text) != len(data)
    decoder = json.JSONDecoder()
    pieces: list[bytes] = []
    starts: list[int] = []
    refused: list[Refused] = []
    at, number = _first(data), 0
    while at is not None and number <= MOST_FEATURES:
        number += 1
        if number % EVERY == 0:
            step(0.3 * at / len(data))
        here = len(data[:at].decode("utf-8", "replace")) if sizes_differ else at
        try:
            _found, end = decoder.raw_decode(text, here)
        except (json.JSONDecodeError, RecursionError) as broken:
            place = broken.pos if isinstance(broken, json.JSONDecodeError) else here
            reason = broken.msg if isinstance(broken, json.JSONDecodeError) else "nested too deeply"
            refused.append(Refused(number, text.count("\n", 0, place) + 1, Reason.SYNTAX, reason))
            at = _next(data, at + 1)
            continue
        piece = text[here:end].encode()
        pieces.append(piece)
        starts.append(at)
        at = _next(data, at + len(piece))
    if not pieces:
        found = _BYTE.search(str(error))
        # A file that was cut off ends nowhere in particular: its last line is where to look.
        line = data.count(b"\n", 0, int(found.group(1)) if found else len(data)) + 1
        raise FileFault(Reason.SYNTAX, str(error), line) from error
    return pieces, starts, refused


def _first(data: bytes) -> int | None:
    begun = re.search(rb'"features"\s*:\s*\[', data)
    return _next(data, begun.end() if begun else 0)


def _next(data: bytes, at: int) -> int | None:
    found = re.compile(rb'\{\s*"type"\s*:\s*"Feature"').search(data, at)
    return found.start() if found else None


def _lenient(piece: bytes) -> _Feature:
    """A feature that Python's reader takes (NaN, Infinity) though it is not JSON."""
    try:
        found = json.loads(piece)
    except (ValueError, RecursionError):
        return _Feature(geometry=Raw(b"0"))
    if not isinstance(found, dict):
        return _Feature(geometry=Raw(b"0"))
    return _Feature(Raw(json.dumps(found.get("geometry")).encode()), Raw(json.dumps(found.get("properties")).encode()))


def _why(text: bytes | None) -> str:
    if text and re.search(rb"\b(?:NaN|Infinity)\b", text):
        return "NaN"
    try:
        found = msgspec.json.decode(text or b"null")
    except (msgspec.DecodeError, RecursionError):
        return ""
    kind = found.get("type") if isinstance(found, dict) else None
    return "" if kind in _TYPES else str(kind)[:40]


def _system(crs: Any) -> str:
    """The name in the `crs` member of 2008, which RFC 7946 dropped and everybody still writes."""
    if not isinstance(crs, dict):
        return ""
    inside = crs.get("properties")
    if not isinstance(inside, dict):
        return ""
    name = inside.get("name", inside.get("code", ""))
    return str(name)[:400] if isinstance(name, str | int) else ""


def _fields(attributes: Any, count: int) -> tuple[str, ...]:
    """The names of the first features' attributes."""
    names: dict[str, None] = {}
    for at in range(min(count, 50)):
        names.update(dict.fromkeys(str(name) for name in attributes(at)))
    return tuple(names)[:400]
