"""What stands beside a file about how it is meant: `<name>.layer.toml`, all of it optional.

title = "危险源"              # what the layer is called
crs = "gcj02"                 # wgs84, gcj02, bd09, cgcs2000, EPSG:4527 …
encoding = "gbk"              # of a CSV's or Shapefile's text
columns = ["经度", "纬度"]     # of a CSV: longitude and latitude, or one column of WKT
source = "区应急局"
date = 2026-03-01             # the time of the data
stale_after_days = 400        # from then on it is shown as old
zoom = [12, 18]               # from and to which level it is drawn
opacity = 0.8
label = "名称"                 # the attribute whose words are written beside each feature …
label_zoom = 14               # … from this level on

[style]
colour = "#5f9ea0"
shape = "diamond"             # of points: circle, square, triangle, diamond
width = 1.5                   # of lines, in pixels
fill = 0.25                   # opacity of areas
by = "等级"                   # an attribute that decides the class …
breaks = "natural"            # … of numbers: equal, quantile, natural; without it every value is a class
classes = 5

[[style.class]]               # or classes by hand: a value, or a number from which it holds
value = "一级"
colour = "#8a7fb0"
label = "一级危险源"
"""

import datetime
import re
import tomllib
import zlib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from controlroom.mapping.analysis.breaks import MOST_CLASSES
from controlroom.mapping.layer_tree import MAX_ZOOM, MIN_ZOOM
from controlroom.mapping.thematic.refusal import FileFault, Reason

SUFFIX = ".layer.toml"
_MOST_BYTES = 256 * 1024

Colour = Annotated[str, Meta(pattern=r"^#[0-9a-fA-F]{6}$")]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Level = Annotated[int, Meta(ge=MIN_ZOOM, le=MAX_ZOOM)]
Words = Annotated[str, Meta(max_length=200)]
Shape = Literal["circle", "square", "triangle", "diamond"]

MUTED = (
    "#5f9ea0",
    "#8a7fb0",
    "#7f9f6f",
    "#a48a72",
    "#6f8fa8",
    "#b0879f",
    "#6aa38c",
    "#98986a",
    "#8b93a6",
    "#9c7f8a",
    "#6d9a9a",
    "#a29ab8",
)
"""Colours of layers that say nothing by their colour: greyish, and none near that of a severity."""


class ClassRule(Struct, frozen=True, forbid_unknown_fields=True):
    """One class by hand: of an attribute's value, or of numbers from `at_least` on."""

    colour: Colour
    label: Words = ""
    value: str | int | float | bool | None = None
    at_least: float | None = None


class Style(Struct, frozen=True, forbid_unknown_fields=True, rename={"rules": "class"}):
    """How features are drawn."""

    colour: Colour = ""
    shape: Shape = "circle"
    width: Annotated[float, Meta(gt=0.0, le=12.0)] = 1.6
    fill: Share = 0.22
    by: Words = ""
    breaks: Literal["equal", "quantile", "natural", ""] = ""
    classes: Annotated[int, Meta(ge=2, le=MOST_CLASSES)] = 5
    rules: Annotated[tuple[ClassRule, ...], Meta(max_length=24)] = ()


class Sidecar(Struct, frozen=True, forbid_unknown_fields=True):
    """All that can be said beside a file."""

    title: Words = ""
    crs: Annotated[str, Meta(max_length=8000)] = ""
    encoding: Annotated[str, Meta(max_length=40)] = ""
    columns: Annotated[tuple[Words, ...], Meta(max_length=2)] = ()
    source: Words = ""
    date: Any = None
    """A date or a time of TOML."""
    stale_after_days: Annotated[float, Meta(gt=0.0)] | None = None
    zoom: tuple[Level, Level] = (MIN_ZOOM, MAX_ZOOM)
    opacity: Share = 1.0
    label: Words = ""
    label_zoom: Level = 13
    style: Style = Style()


def sidecar_of(path: Path) -> Path:
    """Where the words about a file would stand."""
    return path.with_name(path.stem + SUFFIX)


def read_sidecar(path: Path) -> Sidecar:
    """What stands beside a file; nothing is the usual. Raises FileFault with the line of what is wrong."""
    beside = sidecar_of(path)
    try:
        if not beside.is_file():
            return Sidecar()
        if beside.stat().st_size > _MOST_BYTES:
            raise FileFault(Reason.BAD_SIDECAR, beside.name)
        found = msgspec.convert(tomllib.loads(beside.read_text("utf-8")), Sidecar)
        if found.date is not None and not isinstance(found.date, datetime.date):
            raise FileFault(Reason.BAD_SIDECAR, f"{beside.name}: date")
        return found
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
        place = re.search(r"line (\d+)", str(error))
        raise FileFault(Reason.BAD_SIDECAR, f"{beside.name}: {error}", int(place.group(1)) if place else 0) from error


def plain_colour(name: str) -> str:
    """The colour of a layer that has none of its own; the same for the same name."""
    return MUTED[zlib.crc32(name.encode("utf-8", "replace")) % len(MUTED)]
