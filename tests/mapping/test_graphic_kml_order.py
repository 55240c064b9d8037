"""KML that is written keeps to OGC KML 2.2 (OGC 07-147r2, ogckml22.xsd): its elements, their order and their values."""

import re
from datetime import timedelta
from xml.etree import ElementTree

import msgspec
import pytest

from controlroom.mapping.graphic_files import to_kml
from tests.mapping.test_graphic_files import HOSTILE, KML, SYMBOLS, every
from tests.rooms import NOON

ORDER = {
    "kml": ("NetworkLinkControl", "Document"),
    "Document": (
        "name",
        "visibility",
        "open",
        "description",
        "TimeStamp",
        "Style",
        "ExtendedData",
        "Schema",
        "Placemark",
    ),
    "Placemark": [
        "name",
        "visibility",
        "open",
        "address",
        "phoneNumber",
        "Snippet",
        "description",
        "LookAt",
        "TimeStamp",
        "styleUrl",
        "Style",
        "StyleMap",
        "Region",
        "Metadata",
        "ExtendedData",
        "Point",
        "LineString",
        "LinearRing",
        "Polygon",
        "MultiGeometry",
        "Model",
    ],
    "TimeStamp": ("when",),
    "Style": ("IconStyle", "LabelStyle", "LineStyle", "PolyStyle", "BalloonStyle", "ListStyle"),
    "LineStyle": ("color", "colorMode", "width"),
    "PolyStyle": ("color", "colorMode", "fill", "outline"),
    "ExtendedData": ("Data", "SchemaData"),
    "Data": ("displayName", "value"),
    "Point": ("extrude", "altitudeMode", "coordinates"),
    "LineString": ("extrude", "tessellate", "altitudeMode", "coordinates"),
    "LinearRing": ("extrude", "tessellate", "altitudeMode", "coordinates"),
    "Polygon": ("extrude", "tessellate", "altitudeMode", "outerBoundaryIs", "innerBoundaryIs"),
    "outerBoundaryIs": ("LinearRing",),
    "MultiGeometry": ("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry"),
}
"""The sequences of the schema, as far as anything of ours stands in them."""

MANY = {"Placemark", "Data", "Point", "LineString", "Polygon", "innerBoundaryIs"}
FREE_ORDER = {"MultiGeometry"}
VALUES = {
    "color": r"[0-9a-fA-F]{8}",
    "fill": r"[01]",
    "width": r"\d+(\.\d+)?",
    "when": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)",
    "coordinates": r"(-?\d+(\.\d+)?(e-?\d+)?,-?\d+(\.\d+)?(e-?\d+)?)( -?\d+(\.\d+)?(e-?\d+)?,-?\d+(\.\d+)?(e-?\d+)?)*",
}
NC_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*\Z")


def wrong_in(node: ElementTree.Element) -> list[str]:
    """What is against the schema in an element and below it."""
    name = node.tag.removeprefix(KML)
    if name not in ORDER:
        pattern = VALUES.get(name)
        told = [f"{name} holds elements"] if len(node) else []
        bad = pattern is not None and not re.fullmatch(pattern, node.text or "")
        return [*told, f"{name}: {node.text!r}"] if bad else told
    inside = [child.tag.removeprefix(KML) for child in node]
    wrong = [f"{one} in {name}" for one in inside if one not in ORDER[name]]
    places = [ORDER[name].index(one) for one in inside if one in ORDER[name]]
    if places != sorted(places) and name not in FREE_ORDER:
        wrong.append(f"order in {name}: {inside}")
    wrong += [f"{one} twice in {name}" for one in set(inside) - MANY if inside.count(one) > 1]
    return [*wrong, *(found for child in node for found in wrong_in(child))]


def document(**changed: object) -> ElementTree.Element:
    graphics = [msgspec.structs.replace(graphic, **changed) for graphic in every()]
    return ElementTree.fromstring(to_kml(graphics, SYMBOLS, NOON + timedelta(minutes=3), HOSTILE))


def test_every_element_stands_where_the_schema_has_it_and_has_a_value_of_its_type() -> None:
    root = document()
    assert root.tag == f"{KML}kml"
    assert wrong_in(root) == []
    for ring in root.iter(f"{KML}LinearRing"):
        places = (ring.findtext(f"{KML}coordinates") or "").split()
        assert len(places) >= 4 and places[0] == places[-1]


@pytest.mark.parametrize("identity", ["20261121-001", "图形 1", "a:b/c<d>", "", "ok"])
def test_the_ids_of_placemarks_are_names_of_xml_and_stay_different(identity: str) -> None:
    root = document(id=identity)
    assert NC_NAME.match(root.findall(f".//{KML}Placemark")[0].get("id") or "")
    ids = {
        document(id=one).findall(f".//{KML}Placemark")[0].get("id")
        for one in (identity, identity + "_", identity + "-")
    }
    assert len(ids) == 3


def test_the_rule_sees_what_is_out_of_order() -> None:
    root = document()
    mark = root.findall(f".//{KML}Placemark")[0]
    name = mark.find(f"{KML}name")
    assert name is not None
    mark.remove(name)
    mark.append(name)
    assert any("order in Placemark" in one for one in wrong_in(root))
