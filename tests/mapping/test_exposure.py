"""Who is inside an area: counted from layers with source and date; unknown is unknown and never 0."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.errors import EnvironmentFault
from controlroom.mapping.analysis.areas import circle
from controlroom.mapping.analysis.plane import Plane
from controlroom.mapping.exposure import FILED, Exposed, Exposure, read_layer, read_layers
from resources import path

PLANE = Plane(116.4)


def square(west: float, south: float, east: float, north: float) -> dict:
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [corners]}


def layer(folder: Path, kind: str = "people", name: str = "", **more) -> Path:
    points = [(116.40, 39.70, 120), (116.401, 39.70, 30), (116.5, 39.6, 999)]
    features = [
        {"type": "Feature", "properties": {"count": n}, "geometry": {"type": "Point", "coordinates": [x, y]}}
        for x, y, n in points
    ]
    told = {
        "type": "FeatureCollection",
        "layer": kind,
        "source": "公安分局",
        "date": "2026-10-01",
        "features": features,
    }
    file = folder / f"{name or kind}.geojson"
    file.write_text(json.dumps(told | more), "utf-8")
    return file


def around(exposure: Exposure, metres: float, lon: float = 116.40):
    shape = circle(PLANE, lon, 39.70, metres).shape
    return {figure.kind: figure for figure in exposure.filed(shape)}


def test_people_inside_are_counted_with_source_and_date_and_the_rest_is_unknown(tmp_path: Path) -> None:
    figures = around(Exposure(PLANE, [read_layer(layer(tmp_path), PLANE)]), 50.0)
    people = figures[Exposed.PEOPLE]
    assert (people.number, people.source, people.dated, people.schematic) == (120, "公安分局", "2026-10-01", False)
    assert figures[Exposed.SCHOOLS].number is None
    assert around(Exposure(PLANE, [read_layer(layer(tmp_path), PLANE)]), 200.0)[Exposed.PEOPLE].number == 150


def test_nobody_inside_a_covered_area_is_a_known_zero(tmp_path: Path) -> None:
    figures = around(Exposure(PLANE, [read_layer(layer(tmp_path), PLANE)]), 100.0, lon=116.45)
    assert figures[Exposed.PEOPLE].number == 0


def test_outside_of_what_the_data_covers_is_unknown_and_at_its_edge_at_least(tmp_path: Path) -> None:
    held = read_layer(layer(tmp_path, coverage=square(116.39, 39.69, 116.41, 39.71)), PLANE)
    exposure = Exposure(PLANE, [held])
    assert around(exposure, 100.0, lon=116.45)[Exposed.PEOPLE].number is None
    edge = around(exposure, 2000.0)[Exposed.PEOPLE]
    assert (edge.number, edge.partly) == (150, True)
    assert not around(exposure, 100.0)[Exposed.PEOPLE].partly


def test_two_layers_of_a_kind_are_added_and_the_older_date_is_told(tmp_path: Path) -> None:
    files = [layer(tmp_path, name="a"), layer(tmp_path, name="b", date="2024-01-01", source="统计局")]
    people = around(Exposure(PLANE, [read_layer(file, PLANE) for file in files]), 50.0)[Exposed.PEOPLE]
    assert (people.number, people.dated, people.source) == (240, "2024-01-01", "公安分局 · 统计局")


def test_layers_of_the_seat_take_the_place_of_the_demo(tmp_path: Path) -> None:
    layer(tmp_path)
    told: list[EnvironmentFault] = []
    layers = read_layers([path("district", "exposure"), tmp_path], PLANE, told.append)
    assert told == []
    assert [held.kind for held in layers if not held.schematic] == [Exposed.PEOPLE]
    assert {held.kind for held in layers} == set(FILED)


def test_the_demo_says_in_every_file_that_it_is_invented() -> None:
    for file in path("district", "exposure").glob("*"):
        assert "SCHEMATIC" in file.name
        assert read_layer(file, PLANE).schematic


def test_a_broken_layer_is_named_with_its_feature_and_the_others_are_read(tmp_path: Path) -> None:
    whole = layer(tmp_path, "schools")
    document = json.loads(whole.read_text("utf-8"))
    document["features"][1]["geometry"]["coordinates"] = ["x", 1]
    (tmp_path / "hospitals.geojson").write_text(json.dumps(document | {"layer": "hospitals"}), "utf-8")
    told: list[EnvironmentFault] = []
    assert [held.kind for held in read_layers([tmp_path, tmp_path / "nowhere"], PLANE, told.append)] == [
        Exposed.SCHOOLS
    ]
    (fault,) = told
    assert "hospitals.geojson" in fault.sentence
    assert "2" in fault.sentence


@settings(max_examples=60)
@given(
    st.recursive(st.none() | st.floats() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)), st.data()
)
def test_no_file_makes_more_than_a_fault(tmp_path_factory, value, data) -> None:
    folder = tmp_path_factory.mktemp("layers")
    member = data.draw(st.sampled_from(["layer", "date", "source", "features", "coverage", "type"]))
    file = layer(folder, **{member: value})
    try:
        read_layer(file, PLANE)
    except EnvironmentFault as fault:
        assert file.name in fault.sentence


def test_the_rooms_own_things_are_counted_and_those_without_a_place_make_it_a_least_number() -> None:
    exposure, shape = Exposure(PLANE, []), circle(PLANE, 116.4, 39.7, 100.0).shape
    lon, lat = np.array([116.4, 116.5]), np.array([39.7, 39.7])
    known = exposure.live(shape, Exposed.CAMERAS, lon, lat, "now", True)
    assert (known.number, known.partly) == (1, False)
    assert exposure.live(shape, Exposed.TEAMS, np.array([116.4, math.nan]), lat, "now", True).partly
    assert exposure.live(shape, Exposed.TEAMS, lon, lat, "now", False).number is None


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"null", b'{"layer": "cameras", "date": "2026-01-01"}'])
def test_what_is_no_layer_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.geojson"
    file.write_bytes(content)
    with pytest.raises(EnvironmentFault):
        read_layer(file, PLANE)
