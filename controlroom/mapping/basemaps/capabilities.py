"""Capabilities of a WMTS (OGC 07-057r7, version 1.0.0), read without trust: no entities, bounded size and depth."""

import math
import re
from xml.etree.ElementTree import Element, ParseError, TreeBuilder
from xml.parsers import expat

import msgspec
from msgspec import Struct

from controlroom.i18n import _
from controlroom.mapping.basemaps.grid import DEGREE_M, MERCATOR_SIDE_M, PIXEL_M, Grid, Level
from controlroom.mapping.basemaps.tiles import WORLD_BOUNDS, Bounds, checked_bounds, short

MOST_BYTES = 8_000_000
_MOST_ELEMENTS = 200_000
_MOST_DEPTH = 60
_INCH_PIXEL = 0.0254 / 96 / PIXEL_M
_MERCATOR = frozenset({"3857", "900913", "102100", "102113", "3785"})
_DEGREES = frozenset({"4326", "4490", "CRS84", "CRS:84"})
_CODE = re.compile(r"(\d{4,6}|CRS:?84)\s*$", re.IGNORECASE)


class CapabilityFault(ValueError):
    """A document that is not understood; the text says what is wrong with it."""


class MatrixSet(Struct, frozen=True):
    """A tile matrix set; `grid` is None where its coordinate system is none that the map can draw."""

    id: str
    system: str
    grid: Grid | None


class ServedLayer(Struct, frozen=True):
    """A layer that is served as tiles; `template` is its address by REST, empty where there is none."""

    id: str
    title: str
    styles: tuple[str, ...]
    formats: tuple[str, ...]
    matrix_sets: tuple[str, ...]
    bounds: Bounds = WORLD_BOUNDS
    template: str = ""


class Capabilities(Struct, frozen=True):
    """What a service offers; `get_tile` is its address by key and value, empty where it does not say."""

    title: str
    layers: tuple[ServedLayer, ...]
    matrix_sets: tuple[MatrixSet, ...]
    get_tile: str = ""


def read_capabilities(document: bytes) -> Capabilities:
    """What the document offers. Raises CapabilityFault."""
    root = plain_xml(document)
    if _tag(root) != "Capabilities":
        told = short("".join(root.itertext()), 120)
        raise CapabilityFault(_("it answers: {text}").format(text=told) if told else _("it is no WMTS"))
    contents = _child(root, "Contents")
    if contents is None:
        raise CapabilityFault(_("it offers no layers"))
    layers = tuple(found for one in contents if _tag(one) == "Layer" and (found := _layer(one)))
    sets = tuple(held for one in contents if _tag(one) == "TileMatrixSet" and (held := _matrix_set(one)))
    if not layers or not sets:
        raise CapabilityFault(_("it offers no layers"))
    identification = _child(root, "ServiceIdentification")
    title = "" if identification is None else _text(identification, "Title")
    return Capabilities(title, layers, sets, _get_tile(root))


def plain_xml(document: bytes) -> Element:
    """A document as elements. Raises CapabilityFault, also where it declares a type: entities live there."""
    if len(document) > MOST_BYTES:
        raise CapabilityFault(_("its description is too long"))
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    count = depth = 0

    def begin(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count, depth
        count, depth = count + 1, depth + 1
        if count > _MOST_ELEMENTS or depth > _MOST_DEPTH:
            raise CapabilityFault(_("its description is too long"))
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def refuse(*_declared: object) -> None:
        raise CapabilityFault(_("its description declares entities, which are refused"))

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(document, True)
        return builder.close()
    except (expat.ExpatError, ParseError, AssertionError, UnicodeError, LookupError, ValueError) as error:
        if isinstance(error, CapabilityFault):
            raise
        raise CapabilityFault(_("its description is no XML")) from error


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _child(element: Element, *path: str) -> Element | None:
    found: Element | None = element
    for name in path:
        found = None if found is None else next((one for one in found if _tag(one) == name), None)
    return found


def _text(element: Element, *path: str) -> str:
    found = _child(element, *path)
    return "" if found is None or found.text is None else found.text.strip()[:300]


def _attribute(element: Element, name: str) -> str:
    return next((v.strip()[:2000] for k, v in element.attrib.items() if k.rpartition("}")[2] == name), "")


def _layer(element: Element) -> ServedLayer | None:
    name = _text(element, "Identifier")
    if not name:
        return None
    styles = [one for one in element if _tag(one) == "Style"]
    styles.sort(key=lambda one: _attribute(one, "isDefault") != "true")
    templates = [one for one in element if _tag(one) == "ResourceURL" and _attribute(one, "resourceType") == "tile"]
    box = _child(element, "WGS84BoundingBox")
    corners = [] if box is None else f"{_text(box, 'LowerCorner')} {_text(box, 'UpperCorner')}".split()
    return ServedLayer(
        name,
        _text(element, "Title") or name,
        tuple(_text(one, "Identifier") for one in styles) or ("default",),
        tuple((one.text or "").strip()[:100] for one in element if _tag(one) == "Format"),
        tuple(_text(one, "TileMatrixSet") for one in element if _tag(one) == "TileMatrixSetLink"),
        checked_bounds(corners),
        _attribute(templates[0], "template") if templates else "",
    )


def _matrix_set(element: Element) -> MatrixSet | None:
    name, system = _text(element, "Identifier"), _text(element, "SupportedCRS")
    if not name:
        return None
    code = _CODE.search(system)
    plain = code.group(1).upper() if code else ""
    if plain not in _MERCATOR and plain not in _DEGREES:
        return MatrixSet(name, short(system, 80), None)
    in_degrees = plain in _DEGREES
    levels = [found for one in element if _tag(one) == "TileMatrix" and (found := _level(one, in_degrees))]
    levels = _by_matrix(sorted(levels, key=lambda level: -level.pixel), in_degrees)
    return MatrixSet(name, f"EPSG:{plain}", Grid(tuple(levels), in_degrees) if levels else None)


def _by_matrix(levels: list[Level], in_degrees: bool) -> list[Level]:
    """The levels with pixels that fit their matrix.

    Some services (天地图) count scales by 96 pixels to the inch, where the standard has 0.28 mm; where a matrix spans
    the world with those, they are meant.
    """
    whole = 360.0 if in_degrees else MERCATOR_SIDE_M
    is_by_inch = any(
        abs(level.pixel * _INCH_PIXEL * level.columns * level.width_px / whole - 1.0) < 1e-3
        and abs(level.left + whole / 2) < level.pixel
        for level in levels
    )
    return [msgspec.structs.replace(one, pixel=one.pixel * _INCH_PIXEL) for one in levels] if is_by_inch else levels


def _level(element: Element, in_degrees: bool) -> Level | None:
    try:
        scale = float(_text(element, "ScaleDenominator"))
        first, second = (float(part) for part in _text(element, "TopLeftCorner").split())
        wide, high = int(_text(element, "TileWidth")), int(_text(element, "TileHeight"))
        columns, rows = int(_text(element, "MatrixWidth")), int(_text(element, "MatrixHeight"))
    except ValueError:
        return None
    name = _text(element, "Identifier")
    is_sound = name and all(map(math.isfinite, (scale, first, second))) and scale > 0
    if not is_sound or not (16 <= wide <= 1024 and 16 <= high <= 1024 and 0 < columns < 2**31 and 0 < rows < 2**31):
        return None
    # Latitude stands first in EPSG:4326 and 4490, but not every service keeps to it; beyond 90° it is no latitude.
    is_swapped = abs(first) <= 90 if in_degrees else first == -second > 0
    left, top = (second, first) if is_swapped else (first, second)
    pixel = scale * PIXEL_M / (DEGREE_M if in_degrees else 1.0)
    return Level(name, pixel, left, top, columns, rows, wide, high)


def _get_tile(root: Element) -> str:
    operations = _child(root, "OperationsMetadata")
    for one in operations if operations is not None else ():
        if _tag(one) == "Operation" and _attribute(one, "name") == "GetTile":
            for get in one.iter():
                if _tag(get) == "Get" and "REST" not in " ".join(t.strip() for t in get.itertext()).upper():
                    return _attribute(get, "href")
    return ""
