"""What is here, over a small network of known lengths."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom import i18n
from controlroom.mapping.gazetteer import Gazetteer
from controlroom.mapping.gazetteer_book import build
from controlroom.mapping.gazetteer_names import decode_place_kinds
from controlroom.mapping.surroundings import REACH_M, Surroundings
from controlroom.mapping.surroundings_words import bearing_words, distance_words, place_line, sentence, spoken_position
from resources import path

KINDS = decode_place_kinds(path("data", "gazetteer.toml").read_bytes())
WEST, SOUTH = 116.40, 39.50
"""Two roads cross here; 0.001° are 86 m to the east and 111 m to the north."""


def line(name, *points):
    return {"properties": {"name": name}, "geometry": {"type": "LineString", "coordinates": points}}


def area(name, west, south, east, north):
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"properties": {"name": name}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


@pytest.fixture(scope="module")
def around(tmp_path_factory):
    home = tmp_path_factory.mktemp("here")
    district, dropped = home / "district", home / "gazetteer"
    for folder in (district, dropped):
        folder.mkdir()
    (district / "cells.geojson").write_text(json.dumps({"features": [area("甲镇", 116.3, 39.4, 116.5, 39.6)]}))
    (district / "outline.geojson").write_text(json.dumps({"features": [area("", 116.3, 39.4, 116.6, 39.6)]}))
    features = [
        line("东西大街", [WEST - 0.02, SOUTH], [WEST, SOUTH], [WEST + 0.02, SOUTH]),
        line("南北路", [WEST, SOUTH - 0.02], [WEST, SOUTH], [WEST, SOUTH + 0.02]),
        area("化工园", WEST + 0.001, SOUTH + 0.001, WEST + 0.01, SOUTH + 0.01),
        {"properties": {"name": "县医院", "类别": "医院"}, "geometry": {"type": "Point", "coordinates": [WEST, 39.51]}},
    ]
    (dropped / "a.geojson").write_text(json.dumps({"features": features}))
    build(home / "book.sqlite", dropped, district, KINDS, datetime(2026, 11, 21, tzinfo=UTC))
    gazetteer = Gazetteer(home / "book.sqlite", KINDS)
    yield Surroundings(gazetteer, district)
    gazetteer.close()


@pytest.fixture(params=["zh_CN", "en"], scope="module")
def language(request):
    before = i18n.language()
    i18n.set_language(request.param)
    yield request.param
    i18n.set_language(before)


def test_a_point_is_placed_by_road_side_crossroads_area_and_fence(around):
    ring = [(WEST, SOUTH), (WEST + 0.1, SOUTH), (WEST + 0.1, SOUTH + 0.1)]
    here = around.here(WEST + 0.005, SOUTH + 0.002, [("围栏", ring)])
    assert here.town == "甲镇" and here.in_district
    assert here.road.title == "东西大街" and here.road.distance_m == pytest.approx(222, abs=2)
    assert (here.road.bearing_deg + 180) % 360 == pytest.approx(180, abs=1), "it lies north of that road"
    assert here.crossing.name.title == "东西大街与南北路路口"
    assert here.crossing.distance_m == pytest.approx(484, abs=3)
    assert 60 < here.crossing.bearing_deg < 67
    assert here.inside == ("化工园", "围栏")
    assert [near.name.title for near in here.near] == ["县医院"]
    assert here.community is None


def test_a_point_far_from_everything_says_only_where_it_is(around):
    here = around.here(100.0, 30.0)
    assert (here.town, here.road, here.crossing, here.near, here.inside) == ("", None, None, (), ())
    assert not here.in_district
    assert around.here(float("nan"), 39.0) is None and around.here(200.0, 39.0) is None


def test_the_sentence_can_be_read_out(around, language):
    said = sentence(around.here(WEST + 0.005, SOUTH + 0.002))
    if language == "zh_CN":
        assert said == (
            "位置：甲镇（示意边界）；东西大街北侧220米；东西大街与南北路路口东北方向480米；县医院东南方向990米；"
            "位于化工园内；北纬39度30分7.2秒，东经116度24分18.0秒。"
        )
    else:
        assert said.startswith("Place: 甲镇 (schematic border); 220 m north of 东西大街; 480 m north-east of")
        assert said.endswith("longitude 116 degrees 24 minutes 18.0 seconds east.")
    on_road = place_line(around.here(WEST + 0.005, SOUTH))
    assert on_road.startswith("东西大街上" if language == "zh_CN" else "on 东西大街")


def test_directions_and_distances_are_rounded_as_one_speaks(language):
    words = [bearing_words(degrees) for degrees in (0, 22, 23, 90, 181, 337, 338, 359.9, -45)]
    assert words[0] == words[1] == words[6] == words[7] and words[5] == words[8] and len(set(words)) == 5
    assert distance_words(3.4).startswith("3") and distance_words(324).startswith("320")
    assert distance_words(994).startswith("990") and distance_words(996).startswith("1.0")
    assert "59.9" not in spoken_position(116.0 - 1e-9, 39.0) and "60.0" not in spoken_position(116.0 - 1e-9, 39.0)


@settings(max_examples=60, deadline=None)
@given(st.floats(-180, 180) | st.floats(116.3, 116.5), st.floats(-90, 90) | st.floats(39.4, 39.6))
def test_every_point_of_the_world_has_a_sentence_and_nothing_far_is_called_near(around, lon, lat):
    here = around.here(lon, lat)
    if here is None:
        assert abs(lat) > 85
        return
    assert sentence(here)
    told = [*here.near, *((here.crossing,) if here.crossing else ())]
    assert all(near.distance_m <= REACH_M and 0 <= near.bearing_deg <= 360 for near in told)
