"""Graphics for command as files for neighbours: GeoJSON (RFC 7946) and KML (OGC 12-007r2, 2.3), written and read."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import msgspec
import numpy as np

from controlroom.domain.graphic import (
    MOST_VERTICES,
    Drawing,
    Graphic,
    GraphicColour,
    GraphicKind,
    GraphicStyle,
)
from controlroom.domain.graphic_symbols import GraphicSymbol
from controlroom.domain.place import Point
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.mapping.analysis.fault import AnalysisFault
from controlroom.mapping.coordinates import Datum, in_world, to_wgs84
from controlroom.mapping.graphic_marks import SHADES, ZONE_COLOURS
from controlroom.mapping.graphics import Part, parts_of

MOST_BYTES = 8_000_000
MOST_READ = 1000
_KML = "http://www.opengis.net/kml/2.2"
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold."""
_NO_NAME = re.compile(r"[^A-Za-z0-9.-]")


@dataclass(slots=True)
class Taken:
    """What a file held: drawings, and why the others could not be taken, each by its place in the file."""

    drawings: list[Drawing] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


# ---------------------------------------------------------------- writing


def to_geojson(graphics: Sequence[Graphic], symbols: Mapping[str, GraphicSymbol], now: datetime) -> str:
    """A FeatureCollection with author, time and age of each graphic; `drawing` holds all that is needed to draw it."""
    features = []
    for graphic in graphics:
        told = _told(graphic, symbols, now)
        told["drawing"] = msgspec.to_builtins(graphic.drawing)
        features.append(_feature(_geometry(graphic.drawing), told))
        for part in _drawn(graphic.drawing):
            if part.role in ZONE_COLOURS:
                features.append(_feature(_area(part), {"part_of": graphic.id, "zone": part.role}))
    document = {"type": "FeatureCollection", "made_at": now.isoformat(), "features": features}
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)


def to_kml(graphics: Sequence[Graphic], symbols: Mapping[str, GraphicSymbol], now: datetime, title: str) -> bytes:
    """A KML document, UTF-8; every text is escaped, what XML cannot hold is left out."""
    root = ElementTree.Element("kml", xmlns=_KML)
    document = ElementTree.SubElement(root, "Document")
    _say(document, "name", title)
    for graphic in graphics:
        mark = ElementTree.SubElement(document, "Placemark", id=_xml_id(graphic.id))
        told = _told(graphic, symbols, now)
        _say(mark, "name", str(told["name"]))
        _say(mark, "description", f"{told['author']}, {told['touched_at']}")
        stamp = ElementTree.SubElement(mark, "TimeStamp")
        _say(stamp, "when", str(told["touched_at"]))
        _style(mark, graphic.drawing)
        extended = ElementTree.SubElement(mark, "ExtendedData")
        for name, value in told.items():
            if value not in ("", None):
                _say(ElementTree.SubElement(extended, "Data", name=name), "value", str(value))
        _shape(mark, graphic.drawing)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _told(graphic: Graphic, symbols: Mapping[str, GraphicSymbol], now: datetime) -> dict[str, Any]:
    drawing, symbol = graphic.drawing, symbols.get(graphic.drawing.symbol)
    return {
        "id": graphic.id,
        "name": drawing.text or (symbol.name if symbol else str(drawing.kind)),
        "kind": str(drawing.kind),
        "symbol": drawing.symbol,
        "symbol_name": symbol.name if symbol else "",
        "author": graphic.changed_by or graphic.by,
        "seat": graphic.changed_seat or graphic.seat,
        "drawn_by": graphic.by,
        "drawn_at": graphic.at.isoformat(),
        "touched_at": graphic.touched_at.isoformat(),
        "age_s": max(0, round((now - graphic.touched_at).total_seconds())),
        "incident": drawing.incident,
        "archived_at": graphic.archived_at.isoformat() if graphic.archived_at else None,
        "stroke": SHADES[False][drawing.style.colour],
        "stroke-width": drawing.style.width,
    }


def _feature(geometry: dict[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": dict(told), "geometry": geometry}


def _drawn(drawing: Drawing) -> tuple[Part, ...]:
    try:
        return parts_of(drawing)
    except AnalysisFault:
        return ()


def _area(part: Part) -> dict[str, Any]:
    """A polygon with its border against the clock (RFC 7946, 3.1.6)."""
    around = (*part.ring, part.ring[0])
    turned = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(around))
    return {"type": "Polygon", "coordinates": [[list(p) for p in (around if turned >= 0 else around[::-1])]]}


def _geometry(drawing: Drawing) -> dict[str, Any]:
    places = [[p.lon, p.lat] for p in drawing.points]
    if drawing.kind in (GraphicKind.LINE, GraphicKind.ARROW):
        return {"type": "LineString", "coordinates": places}
    areas = [part for part in _drawn(drawing) if part.area]
    if len(areas) == 1 or (drawing.kind is GraphicKind.ZONE and areas):
        return _area(areas[0])
    if areas:
        return {"type": "MultiPolygon", "coordinates": [_area(part)["coordinates"] for part in areas]}
    return {"type": "Point", "coordinates": places[0]}


def _say(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = _clean(text)


def _xml_id(text: str) -> str:
    """An id as XML Schema 1.0 has them (NCName): a letter first, then nothing but letters, digits, `.`, `-` and `_`."""
    return "g-" + _NO_NAME.sub(lambda found: f"_{ord(found.group()):x}_", text)


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("", text)


def _style(mark: ElementTree.Element, drawing: Drawing) -> None:
    """Colours of KML are aabbggrr."""
    red, green, blue = (SHADES[False][drawing.style.colour][k : k + 2] for k in (1, 3, 5))
    style = ElementTree.SubElement(mark, "Style")
    line = ElementTree.SubElement(style, "LineStyle")
    _say(line, "color", f"ff{blue}{green}{red}")
    _say(line, "width", str(drawing.style.width))
    area = ElementTree.SubElement(style, "PolyStyle")
    _say(area, "color", f"40{blue}{green}{red}")
    _say(area, "fill", "1" if drawing.style.filled else "0")


def _shape(mark: ElementTree.Element, drawing: Drawing) -> None:
    parts = _drawn(drawing)
    if not parts:
        place = drawing.points[0]
        _say(ElementTree.SubElement(mark, "Point"), "coordinates", f"{place.lon!r},{place.lat!r}")
        return
    parent = ElementTree.SubElement(mark, "MultiGeometry") if len(parts) > 1 else mark
    for part in parts:
        ring = (*part.ring, part.ring[0]) if part.area else part.ring
        written = " ".join(f"{lon!r},{lat!r}" for lon, lat in ring)
        if part.area:
            border = ElementTree.SubElement(ElementTree.SubElement(parent, "Polygon"), "outerBoundaryIs")
            _say(ElementTree.SubElement(border, "LinearRing"), "coordinates", written)
        else:
            _say(ElementTree.SubElement(parent, "LineString"), "coordinates", written)


# ---------------------------------------------------------------- reading


def read_graphics(data: bytes, name: str, incident: str = "", datum: Datum = Datum.WGS84) -> Taken:
    """The drawings of a GeoJSON or KML file by its first sign. Raises EnvironmentFault for what is neither."""
    if len(data) > MOST_BYTES:
        raise EnvironmentFault(_("{name} has more than {size} MB. Cut it down.").format(name=name, size=8))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise EnvironmentFault(
            _("{name} is not UTF-8 text from byte {byte} on; GeoJSON and KML are read, KMZ is not.").format(
                name=name, byte=error.start
            )
        ) from error
    found = _read_kml(text, name) if text.lstrip()[:1] == "<" else _read_geojson(text, name)
    taken = Taken()
    for where, geometry, told in found:
        if len(taken.drawings) >= MOST_READ:
            taken.refused.append(_("{place}: only the first {most} are read").format(place=where, most=MOST_READ))
            break
        for drawing in _drawings(where, geometry, told, datum, taken.refused):
            taken.drawings.append(msgspec.structs.replace(drawing, incident=incident, origin=name[:200]))
    return taken


_Found = Iterable[tuple[str, Mapping[str, Any] | None, Mapping[str, Any]]]


def _read_geojson(text: str, name: str) -> _Found:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        at = f"{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else "—"
        raise EnvironmentFault(
            _("{name} is neither GeoJSON nor KML: it cannot be read at {place}.").format(name=name, place=at)
        ) from error
    if not isinstance(document, dict):
        raise EnvironmentFault(_("{name} is JSON, but no GeoJSON object.").format(name=name))
    crs = json.dumps(document.get("crs") or "")
    if document.get("crs") and not re.search(r"CRS84|EPSG:{1,2}4326|EPSG:{1,2}4490", crs):
        raise EnvironmentFault(_("{name} is not in WGS-84 degrees. Convert it first.").format(name=name))
    features = document.get("features") if document.get("type") == "FeatureCollection" else [document]
    if not isinstance(features, list):
        raise EnvironmentFault(_("{name} is JSON, but no GeoJSON object.").format(name=name))
    for number, feature in enumerate(features, 1):
        where = _("feature {number}").format(number=number)
        one = feature if isinstance(feature, dict) else {}
        told = one.get("properties") if isinstance(one.get("properties"), dict) else {}
        if told and told.get("part_of"):
            continue
        yield where, one.get("geometry") if one.get("type") == "Feature" else one, told or {}


def _read_kml(text: str, name: str) -> _Found:
    if "<!" in re.sub(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>", "", text, flags=re.DOTALL):
        # Entities of a document type are how small files become large ones.
        raise EnvironmentFault(_("{name} declares a document type, which is not read.").format(name=name))
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        raise EnvironmentFault(
            _("{name} is not well-formed XML: {error}").format(name=name, error=str(error)[:200])
        ) from error
    marks = [node for node in root.iter() if _tag(node) == "Placemark"]
    if not marks:
        raise EnvironmentFault(_("{name} has no placemark.").format(name=name))
    for number, mark in enumerate(marks, 1):
        told: dict[str, Any] = {"name": _text_of(mark, "name")}
        told |= {
            str(node.get("name")): _text_of(node, "value")
            for node in mark.iter()
            if _tag(node) == "Data" and node.get("name")
        }
        colour = next((node for node in mark.iter() if _tag(node) == "LineStyle"), None)
        code = _text_of(colour, "color") if colour is not None else ""
        if re.fullmatch(r"[0-9a-fA-F]{8}", code):
            told["stroke"] = f"#{code[6:8]}{code[4:6]}{code[2:4]}"
        where = _("placemark {number}").format(number=number)
        shapes = [node for node in mark.iter() if _tag(node) in ("Point", "LineString", "LinearRing", "Polygon")]
        rings = {
            id(ring) for node in shapes if _tag(node) == "Polygon" for ring in node.iter() if _tag(ring) == "LinearRing"
        }
        for node in shapes:
            if id(node) not in rings:
                yield where, _kml_geometry(node), told
        if not shapes:
            yield where, None, told


def _tag(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _text_of(node: ElementTree.Element, name: str) -> str:
    return next(((child.text or "").strip() for child in node if _tag(child) == name), "")


def _kml_geometry(node: ElementTree.Element) -> dict[str, Any]:
    written = next((child.text or "" for child in node.iter() if _tag(child) == "coordinates"), "")
    places: list[Any] = []
    for word in written.split():
        try:
            places.append([float(part) for part in word.split(",")[:2]])
        except ValueError:
            places.append([])
    kind = {"Polygon": "Polygon", "LinearRing": "Polygon"}.get(_tag(node), _tag(node))
    return {
        "type": kind,
        "coordinates": [places] if kind == "Polygon" else places[:1][0] if kind == "Point" and places else places,
    }


def _drawings(
    where: str, geometry: Mapping[str, Any] | None, told: Mapping[str, Any], datum: Datum, refused: list[str]
) -> list[Drawing]:
    if isinstance(told.get("drawing"), dict) and datum is Datum.WGS84:
        try:
            whole = msgspec.convert(told["drawing"], Drawing)
            parts_of(whole)
        except (msgspec.ValidationError, AnalysisFault, IndexError):
            whole = None
        if whole is not None and whole.kind.fewest <= len(whole.points) <= whole.kind.most:
            return [whole]
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    given = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind == "GeometryCollection" and isinstance(geometry, dict) and isinstance(geometry.get("geometries"), list):
        several = [g for g in geometry["geometries"][:MOST_READ] if isinstance(g, dict) and g.get("type") != kind]
        return [d for g in several for d in _drawings(where, g, told, datum, refused)]
    if isinstance(kind, str) and kind.startswith("Multi") and isinstance(given, list):
        single = kind.removeprefix("Multi")
        return [
            d
            for part in given[:MOST_READ]
            for d in _drawings(where, {"type": single, "coordinates": part}, told, datum, refused)
        ]
    if kind not in ("Point", "LineString", "Polygon"):
        refused.append(_("{place}: no shape that can be drawn ({kind})").format(place=where, kind=str(kind)[:40]))
        return []
    try:
        ring: Any = [given] if kind == "Point" else given
        ring = ring[0] if kind == "Polygon" else ring
        places = np.array([[float(p[0]), float(p[1])] for p in ring], np.float64).reshape(-1, 2)
    except (TypeError, ValueError, IndexError, KeyError):
        refused.append(_("{place}: its coordinates are no numbers").format(place=where))
        return []
    if kind == "Polygon" and isinstance(given, list) and len(given) > 1:
        refused.append(_("{place}: its holes are left out").format(place=where))
    made = _drawing(where, kind, places, told, datum, refused)
    return [] if made is None else [made]


def _drawing(
    where: str, kind: str, places: Any, told: Mapping[str, Any], datum: Datum, refused: list[str]
) -> Drawing | None:
    if kind == "Polygon" and len(places) > 1 and (places[0] == places[-1]).all():
        places = places[:-1]
    if len(places) > MOST_VERTICES:
        count = len(places)
        refused.append(
            _("{place}: {count} corners, {most} are the most").format(place=where, count=count, most=MOST_VERTICES)
        )
        return None
    if not len(places) or not in_world(places[:, 0], places[:, 1]).all():
        refused.append(_("{place}: a place lies outside the world").format(place=where))
        return None
    lon, lat = to_wgs84(places[:, 0], places[:, 1], datum)
    points = tuple(Point(float(a), float(b)) for a, b in zip(lon, lat, strict=True))
    symbol = str(told.get("symbol") or "")[:60]
    named = str(told.get("name") or told.get("title") or "").strip()[:400]
    drawing = Drawing(
        kind={"Point": GraphicKind.SYMBOL, "LineString": GraphicKind.LINE, "Polygon": GraphicKind.AREA}[kind],
        points=points,
        text=named,
        symbol=symbol if kind == "Point" else "",
        style=GraphicStyle(colour=_nearest(str(told.get("stroke") or told.get("marker-color") or ""))),
    )
    try:
        if len(points) < drawing.kind.fewest:
            raise IndexError
        parts_of(drawing)
    except (AnalysisFault, IndexError):
        refused.append(_("{place}: it crosses itself or encloses nothing").format(place=where))
        return None
    return drawing


def _nearest(code: str) -> GraphicColour:
    """The colour that comes nearest to #rrggbb; blue, the neighbour's, for what is none."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", code):
        return GraphicColour.BLUE
    wanted = np.array([int(code[k : k + 2], 16) for k in (1, 3, 5)])

    def far(colour: GraphicColour) -> float:
        return min(
            float(np.abs(wanted - [int(SHADES[dark][colour][k : k + 2], 16) for k in (1, 3, 5)]).sum())
            for dark in (True, False)
        )

    return min(GraphicColour, key=far)
