"""Plotting for neighbours and from them: what is written is read again, what cannot be read is named."""

import json
from datetime import timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.domain.graphic import DangerZone, Drawing, Graphic, GraphicColour, GraphicKind, GraphicStyle
from controlroom.domain.graphic_symbols import decode_symbols
from controlroom.domain.place import Point
from controlroom.errors import EnvironmentFault
from controlroom.i18n import set_language
from controlroom.mapping.coordinates import Datum
from controlroom.mapping.graphic_files import MOST_BYTES, read_graphics, to_geojson, to_kml
from resources import path
from tests.rooms import NOON

SYMBOLS = decode_symbols(path("data", "graphic_symbols.toml").read_bytes())
HERE, EAST, NORTH = Point(116.40, 39.60), Point(116.42, 39.60), Point(116.41, 39.62)
HOSTILE = "</name><script>alert(1)</script>&amp;]]>\x00\x0b\ud83d\ude92 标绘".encode("utf-16", "surrogatepass").decode(
    "utf-16"
)
KML = "{http://www.opengis.net/kml/2.2}"


@pytest.fixture(autouse=True)
def english() -> None:
    set_language("en")


def every() -> list[Graphic]:
    zone = DangerZone(hot_m=100.0, warm_m=300.0, cold_m=800.0, wind_from_deg=315.0)
    style = GraphicStyle(colour=GraphicColour.GREEN, width=5, dashed=True)
    drawings = [
        Drawing(kind=GraphicKind.SYMBOL, points=(HERE,), symbol="command_post", text=HOSTILE),
        Drawing(kind=GraphicKind.TEXT, points=(HERE,), text="注意"),
        Drawing(kind=GraphicKind.LINE, points=(HERE, EAST, NORTH), style=style),
        Drawing(kind=GraphicKind.ARROW, points=(HERE, NORTH), style=style),
        Drawing(kind=GraphicKind.BROAD_ARROW, points=(HERE, EAST, NORTH)),
        Drawing(kind=GraphicKind.AREA, points=(HERE, EAST, NORTH), incident="20261121-001"),
        Drawing(kind=GraphicKind.ZONE, points=(HERE,), zone=zone),
    ]
    return [Graphic(id=f"graphic-{n}", drawing=d, by="王", seat="one", at=NOON) for n, d in enumerate(drawings)]


def test_geojson_says_author_time_and_age_and_is_read_again_as_it_was() -> None:
    text = to_geojson(every(), SYMBOLS, NOON + timedelta(minutes=5))
    told = json.loads(text)["features"][0]["properties"]
    assert (told["author"], told["seat"], told["age_s"], told["symbol_name"]) == ("王", "one", 300, "现场指挥部")
    taken = read_graphics(text.encode(), "标绘.geojson", "20261121-002")
    assert taken.refused == []
    expected = [g.drawing for g in every()]
    assert [(d.kind, d.points, d.text, d.zone, d.style) for d in taken.drawings] == [
        (d.kind, d.points, d.text, d.zone, d.style) for d in expected
    ]
    assert {(d.incident, d.origin) for d in taken.drawings} == {("20261121-002", "标绘.geojson")}


def test_geometry_of_geojson_means_something_to_others_too() -> None:
    features = json.loads(to_geojson(every(), SYMBOLS, NOON))["features"]
    kinds = [f["geometry"]["type"] for f in features]
    assert kinds == ["Point", "Point", "LineString", "LineString", "Polygon", "Polygon", "Polygon", *["Polygon"] * 3]
    assert [f["properties"].get("zone") for f in features[-3:]] == ["cold", "warm", "hot"]
    for feature in features:
        if feature["geometry"]["type"] == "Polygon":
            (ring,) = feature["geometry"]["coordinates"]
            assert ring[0] == ring[-1]
            assert sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) > 0, "against the clock (RFC 7946)"


def test_kml_is_well_formed_whatever_the_words_are_and_has_time_and_style() -> None:
    root = ElementTree.fromstring(to_kml(every(), SYMBOLS, NOON, HOSTILE))
    marks = root.findall(f".//{KML}Placemark")
    assert len(marks) == 7
    assert marks[0].findtext(f"{KML}name") == HOSTILE.replace("\x00", "").replace("\x0b", "")
    assert root.findall(f".//{KML}script") == []
    assert marks[0].findtext(f"{KML}TimeStamp/{KML}when") == NOON.isoformat()
    assert marks[2].findtext(f"{KML}Style/{KML}LineStyle/{KML}color") == "ff3a7011"
    assert len(marks[6].findall(f".//{KML}Polygon")) == 3
    for ring in root.findall(f".//{KML}LinearRing/{KML}coordinates"):
        places = (ring.text or "").split()
        assert len(places) > 3
        assert places[0] == places[-1]


def test_kml_of_a_neighbour_is_read_and_its_colour_comes_nearest() -> None:
    taken = read_graphics(to_kml(every(), SYMBOLS, NOON, "x"), "邻区.kml")
    assert [d.kind for d in taken.drawings[:3]] == ["symbol", "symbol", "line"]
    assert taken.drawings[0].symbol == "command_post"
    assert taken.drawings[2].style.colour is GraphicColour.GREEN
    assert taken.drawings[2].points == (HERE, EAST, NORTH)
    assert not taken.refused


def test_a_file_in_another_datum_is_put_where_it_belongs() -> None:
    text = json.dumps({"type": "Point", "coordinates": [116.40, 39.60]}).encode()
    (plain,) = read_graphics(text, "a.json").drawings
    (moved,) = read_graphics(text, "a.json", datum=Datum.GCJ02).drawings
    assert plain.points == (HERE,)
    assert 300 < abs(moved.points[0].lon - HERE.lon) * 85_000 < 700


def refusals(*features: object) -> list[str]:
    return read_graphics(json.dumps({"type": "FeatureCollection", "features": features}).encode(), "a").refused


def feature(kind: str, coordinates: object) -> dict:
    return {"type": "Feature", "properties": None, "geometry": {"type": kind, "coordinates": coordinates}}


def test_what_cannot_be_drawn_is_named_by_its_place_and_the_rest_is_taken() -> None:
    told = refusals(
        feature("Point", [116.4, 39.6]),
        feature("Point", [516.4, 39.6]),
        feature("LineString", [[116.4, 39.6], ["x", 1]]),
        feature("Polygon", [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]),
        feature("LineString", [[116 + k / 1e4, 39] for k in range(501)]),
        feature("Blob", []),
        7,
        feature("Polygon", [[[0, 0], [1, 0], [1, 1], [0, 0]], [[0.5, 0.2], [0.6, 0.2], [0.6, 0.3], [0.5, 0.2]]]),
    )
    assert [line.partition(":")[0] for line in told] == [f"feature {n}" for n in range(2, 9)]
    assert "501" in told[3]
    assert "holes" in told[6]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xfe\x00", "UTF-8"),
        (b"{", "1:2"),
        (b"[" * 100_000, "neither"),
        (b"[]", "no GeoJSON"),
        (b'{"type": "FeatureCollection", "features": 7}', "no GeoJSON"),
        (b'{"type": "FeatureCollection", "features": [], "crs": {"properties": {"name": "EPSG:32650"}}}', "WGS-84"),
        (b"<kml><Document></kml>", "well-formed"),
        (b"<kml/>", "no placemark"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><kml>&b;</kml>', "document type"),
        (b" " * (MOST_BYTES + 1), "MB"),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(EnvironmentFault) as told:
        read_graphics(data, "a.kml")
    assert words in told.value.sentence


NAMES = ["type", "features", "geometry", "coordinates", "properties", "drawing"]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["Point", "Polygon"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "features", "geometry", "coordinates", "properties", "drawing"]), inner
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_no_json_ends_in_anything_but_drawings_and_refusals(document: object) -> None:
    try:
        taken = read_graphics(json.dumps({"type": "FeatureCollection", "features": [document]}).encode(), "a")
    except EnvironmentFault:
        return
    assert taken.drawings or taken.refused
    assert all(d.kind.fewest <= len(d.points) <= d.kind.most for d in taken.drawings)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=40), st.text(alphabet="0123456789., -e\n", max_size=30))
def test_no_kml_ends_in_anything_but_drawings_and_refusals(name: str, places: str) -> None:
    node = ElementTree.Element("kml")
    mark = ElementTree.SubElement(node, "Placemark")
    ElementTree.SubElement(mark, "name").text = name
    shape = ElementTree.SubElement(ElementTree.SubElement(mark, "Polygon"), "LinearRing")
    ElementTree.SubElement(shape, "coordinates").text = places
    ElementTree.SubElement(ElementTree.SubElement(mark, "Point"), "coordinates").text = places
    try:
        taken = read_graphics(ElementTree.tostring(node, encoding="utf-8"), "a")
    except EnvironmentFault:
        return
    assert len(taken.drawings) + len(taken.refused) >= 2
