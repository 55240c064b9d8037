"""What is said to the reader of thematic files, and what it answers: msgpack behind a length of four bytes."""

import struct
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

from controlroom.mapping.thematic.features import MOST_FEATURES, Feature
from controlroom.mapping.thematic.refusal import Reason, Refused
from controlroom.mapping.thematic.sidecar import Shape
from controlroom.mapping.thematic.styling import LookClass
from controlroom.mapping.thematic.systems import System

LENGTH = struct.Struct("<I")
MOST_BYTES = 256 * 1024 * 1024


class Ask(Struct, frozen=True, tag=True):
    """A question; its answer has the same number."""

    number: int


class AskList(Ask, frozen=True, tag=True):
    """What layers are in these files, and in the files of these folders, from their heads alone."""

    paths: list[str]


class AskOpen(Ask, frozen=True, tag=True):
    """Read a layer; what was read under this key before is dropped."""

    key: str
    path: str
    table: str = ""


class AskTile(Ask, frozen=True, tag=True):
    """A tile of a layer that was read."""

    key: str
    zoom: int
    x: int
    y: int
    label: str = ""
    """The attribute whose words are written; empty for none."""


class AskPlace(Ask, frozen=True, tag=True):
    """What of a layer is within `reach_px` of a place (WGS-84 degrees) at a zoom level."""

    key: str
    lon: float
    lat: float
    zoom: int
    reach_px: float = 6.0


class AskFeatures(Ask, frozen=True, tag=True):
    """Features of a layer that was read: those with these numbers, or with a part inside a ring of corners (lon, lat),
    or with this text in their name. `label` is the attribute that names them; `whole` asks for geometry too."""

    key: str
    numbers: list[int] = []
    ring: list[tuple[float, float]] = []
    text: str = ""
    label: str = ""
    most: int = MOST_FEATURES
    whole: bool = False


class Drop(Ask, frozen=True, tag=True):
    """Forget a layer, and cancel its reading."""

    key: str


class Entry(Struct, frozen=True):
    """A layer as its file's head shows it. `kind` is `point`, `line`, `area` or empty; a `fault` ends it."""

    path: str
    table: str
    title: str
    kind: str = ""
    colour: str = ""
    shape: str = "circle"
    count: int | None = None
    source: str = ""
    data_at_ms: int = 0
    stale_after_s: float | None = None
    zoom: tuple[int, int] = (8, 18)
    opacity: float = 1.0
    fault: Reason | None = None
    detail: str = ""
    line: int = 0
    stamp: str = ""
    """Changes when any of the layer's files is written."""


class Opened(Struct, frozen=True):
    """A layer that was read: what is drawn of it, what is not and why, and what its coordinates were taken for."""

    title: str
    count: int
    vertices: int
    kinds: tuple[str, ...]
    classes: tuple[LookClass, ...]
    by: str
    shape: Shape
    width: float
    fill: float
    system: System
    extent: tuple[float, float, float, float]
    refused: tuple[Refused, ...]
    refused_count: int
    mended: int
    fields: tuple[str, ...]
    source: str
    data_at_ms: int
    stale_after_s: float | None
    label: str = ""
    """The attribute whose words are written beside features, as the sidecar says; from `label_zoom` on."""
    label_zoom: int = 13


class Told(Struct, frozen=True, tag=True):
    """An answer."""

    number: int


class Listed(Told, frozen=True, tag=True):
    """The layers of the files that were asked about."""

    entries: list[Entry]


class Progress(Told, frozen=True, tag=True):
    """So much of a layer is read; the answer is still to come."""

    share: float


class Done(Told, frozen=True, tag=True):
    """A layer was read."""

    opened: Opened


class Cut(Told, frozen=True, tag=True):
    """The bytes of a tile."""

    body: bytes


class Found(Told, frozen=True, tag=True):
    """Features at a place: number in the file, and attributes as words."""

    features: list[tuple[int, list[tuple[str, str]]]]


class Features(Told, frozen=True, tag=True):
    """The first of the features that were asked about, and how many there are."""

    features: list[Feature]
    count: int


class Failed(Told, frozen=True, tag=True):
    """It cannot be done, and why."""

    reason: Reason
    detail: str = ""
    line: int = 0
    feature: int = 0


Question = AskList | AskOpen | AskTile | AskPlace | AskFeatures | Drop
Answer = Listed | Progress | Done | Cut | Found | Features | Failed


def pack(message: Question | Answer) -> bytes:
    """The bytes of a message with its length before it."""
    body = msgspec.msgpack.encode(message)
    return LENGTH.pack(len(body)) + body


def unpack(read: Callable[[int], bytes], kind: Any) -> Any:
    """The next message of a stream, None at its end. Raises ValueError for what is none."""
    head = _exactly(read, LENGTH.size)
    if head is None:
        return None
    (length,) = LENGTH.unpack(head)
    if length > MOST_BYTES:
        raise ValueError(f"a message of {length} bytes")
    body = _exactly(read, length)
    return None if body is None else msgspec.msgpack.decode(body, type=kind)


def _exactly(read: Callable[[int], bytes], count: int) -> bytes | None:
    parts = []
    while count:
        part = read(count)
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
