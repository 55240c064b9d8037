"""Graphics for command as a map draws them: shapes, sign, words and age; and what is being drawn just now."""

import math
from collections.abc import Sequence

import msgspec
import numpy as np
import shapely
from msgspec import Struct

from controlroom.domain.graphic import GraphicColour, GraphicKind
from controlroom.mapping.coordinates import WORLD, to_fixed
from controlroom.mapping.graphics import Part, Ring

SHADES: dict[bool, dict[GraphicColour, str]] = {
    True: {
        GraphicColour.RED: "#ff5a6e",
        GraphicColour.ORANGE: "#ff9248",
        GraphicColour.YELLOW: "#f2d16b",
        GraphicColour.GREEN: "#5fd38d",
        GraphicColour.BLUE: "#6fb2f2",
        GraphicColour.PURPLE: "#c79bf2",
        GraphicColour.INK: "#f0f4f7",
    },
    False: {
        GraphicColour.RED: "#b5152c",
        GraphicColour.ORANGE: "#b34708",
        GraphicColour.YELLOW: "#836400",
        GraphicColour.GREEN: "#11703a",
        GraphicColour.BLUE: "#1a5fa3",
        GraphicColour.PURPLE: "#6f35a8",
        GraphicColour.INK: "#1c242b",
    },
}
"""By whether the map is dark; each stands out from the ground at 4.5 : 1 or better."""

ZONE_COLOURS = {"hot": GraphicColour.RED, "warm": GraphicColour.ORANGE, "cold": GraphicColour.YELLOW}
FILL = 0.16
"""How much of an area's colour covers the ground."""
REACH_PX = 10.0
"""So near a click must be to a line or a symbol."""
_SIGN_PX = 16.0


class GraphicMark(Struct, frozen=True, kw_only=True):
    """One graphic: `lon`, `lat` (WGS-84 degrees) is where sign and words stand, `note` says who and how long ago."""

    id: str
    kind: GraphicKind
    lon: float
    lat: float
    parts: tuple[Part, ...] = ()
    label: str = ""
    note: str = ""
    glyph: str = ""
    shape: str = ""
    colour: GraphicColour = GraphicColour.RED
    width: int = 3
    dashed: bool = False
    filled: bool = True
    archived: bool = False


class SketchMark(Struct, frozen=True, kw_only=True):
    """What is drawn just now: its corners, what it would become, and whether further corners are awaited."""

    points: Ring
    parts: tuple[Part, ...] = ()
    colour: GraphicColour = GraphicColour.RED
    closed: bool = False
    """Whether the last corner is joined to the first."""
    more: bool = True
    """Whether a click adds a corner."""
    single: bool = False
    """Whether one point is all."""
    chosen: int = -1
    """The corner that keys act on."""
    hint: str = ""


def part_colour(mark: GraphicMark, part: Part) -> GraphicColour:
    """The colour of a piece: zones have their own."""
    return ZONE_COLOURS.get(part.role, mark.colour)


def spelled(marks: Sequence[GraphicMark], dark: bool, chosen: str) -> list[dict[str, object]]:
    """The marks as the page takes them."""
    shades = SHADES[dark]
    return [
        {
            "id": mark.id,
            "kind": mark.kind,
            "at": [mark.lon, mark.lat],
            "parts": [[p.area, shades[part_colour(mark, p)], p.role == "head", p.ring] for p in mark.parts],
            "label": mark.label,
            "note": mark.note,
            "glyph": mark.glyph,
            "shape": mark.shape,
            "colour": shades[mark.colour],
            "width": mark.width,
            "dashed": mark.dashed,
            "fill": FILL if mark.filled else 0.0,
            "archived": mark.archived,
            "chosen": mark.id == chosen,
        }
        for mark in marks
    ]


def spelled_sketch(sketch: SketchMark | None, dark: bool) -> dict[str, object] | None:
    """What is drawn just now as the page takes it."""
    if sketch is None:
        return None
    told: dict[str, object] = msgspec.structs.asdict(sketch)
    return told | {
        "parts": [[p.area, p.ring] for p in sketch.parts],
        "colour": SHADES[dark][sketch.colour],
    }


def graphic_at(marks: Sequence[GraphicMark], lon: float, lat: float, zoom: int) -> str:
    """The id of the graphic at a place on a map of this zoom: signs and lines before areas, the smallest area first."""
    scale = 256.0 * 2.0**zoom / WORLD
    x, y = (float(v) * scale for v in to_fixed(lon, lat))
    best, found = math.inf, ""
    for mark in marks:
        at_x, at_y = (float(v) * scale for v in to_fixed(mark.lon, mark.lat))
        if mark.kind in (GraphicKind.SYMBOL, GraphicKind.TEXT):
            far = math.hypot(at_x - x, at_y - y) - _SIGN_PX
            if far <= REACH_PX and far - 1e9 < best:
                best, found = far - 1e9, mark.id
            continue
        for part in mark.parts:
            far = _far_px(part, x, y, scale)
            if far < best:
                best, found = far, mark.id
    return found


def _far_px(part: Part, x: float, y: float, scale: float) -> float:
    """How well a place hits a piece: negative on its border, the piece's size inside it, infinite beside it."""
    ring = np.column_stack(to_fixed(*np.asarray(part.ring, np.float64).T)).astype(np.float64) * scale
    place = shapely.Point(x, y)
    line = shapely.LineString(np.vstack([ring, ring[:1]]) if part.area else ring) if len(ring) > 1 else place
    if shapely.distance(line, place) <= REACH_PX:
        return float(shapely.distance(line, place)) - 1e6
    if part.area and len(ring) > 2:
        area = shapely.Polygon(ring)
        if shapely.intersects_xy(area, x, y):
            return float(area.area)
    return math.inf
