"""Single features of a thematic layer: found by number, name and area, named harmlessly, with their geometry."""

import json
from pathlib import Path

import pytest
import shapely

from controlroom.mapping.thematic.features import (
    LONGEST_NAME,
    label_field,
    name_of,
    rows_named,
    rows_numbered,
    rows_within,
    told,
)
from controlroom.mapping.thematic.sheet import Sheet
from tests.mapping.thematic.handed_in import HERE, collection, feature, opened, point, square, written

LON, LAT = HERE
HOSTILE = "<script>window.hit=1</script>\u202e\n\t" + "长" * 10_000


@pytest.fixture
def sheet(tmp_path: Path) -> Sheet:
    area = square(LON, LAT, 0.01)
    area["properties"] = {"名称": "一号库区", "容量": 12}
    islands = {
        "type": "MultiPolygon",
        "coordinates": [square(LON + at, LAT, 0.002)["geometry"]["coordinates"] for at in (0.05, 0.06)],
    }
    line = feature({"type": "LineString", "coordinates": [[LON - 0.1, LAT], [LON + 0.1, LAT]]}, 名称="输气管线")
    broken = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": "no"}}
    things = collection(area, broken, line, point(LON + 1, LAT, 名称=HOSTILE), feature(islands, 名称="两个岛"))
    return opened(written(tmp_path / "库.geojson", things))[0]


def box(west: float, south: float, side: float) -> list[tuple[float, float]]:
    return [(west, south), (west + side, south), (west + side, south + side), (west, south + side)]


def test_what_any_part_of_lies_in_an_area_is_found_once(sheet: Sheet) -> None:
    inside = rows_within(sheet, box(LON - 0.001, LAT - 0.001, 0.005))
    assert [one.name for one in told(sheet, inside, "名称", 10, whole=False)] == ["一号库区", "输气管线"]
    both = rows_within(sheet, box(LON + 0.04, LAT + 0.0005, 0.03))
    assert [one.name for one in told(sheet, both, "名称", 10, whole=False)] == ["两个岛"]
    assert not len(rows_within(sheet, box(LON - 3, LAT, 0.5)))


def test_an_area_that_crosses_itself_holds_what_it_winds_round_once(sheet: Sheet) -> None:
    bow = [(LON + 0.9, LAT - 0.1), (LON + 1.1, LAT + 0.1), (LON + 1.1, LAT - 0.1), (LON + 0.9, LAT + 0.1)]
    assert not len(rows_within(sheet, [(x, y + 0.05) for x, y in bow]))
    assert len(rows_within(sheet, [(x + 0.05, y) for x, y in bow])) == 1


def test_a_feature_is_given_whole_by_its_number_in_the_file(sheet: Sheet) -> None:
    [area] = told(sheet, rows_numbered(sheet, [1]), "名称", 1, whole=True)
    assert (area.name, area.kind, area.number) == ("一号库区", "area", 1)
    assert area.attributes == [("名称", "一号库区"), ("容量", "12")]
    shape = shapely.from_geojson(area.geojson)
    assert shape.symmetric_difference(shapely.box(LON, LAT, LON + 0.01, LAT + 0.01)).area < 1e-9
    assert shape.contains(shapely.Point(area.lon, area.lat))
    assert not len(rows_numbered(sheet, [2])), "a feature that was refused is none"
    [islands] = told(sheet, rows_numbered(sheet, [5]), "名称", 1, whole=True)
    assert json.loads(islands.geojson)["type"] == "MultiPolygon"


def test_features_are_found_by_a_part_of_their_name(sheet: Sheet) -> None:
    assert [one.number for one in told(sheet, rows_named(sheet, "名称", "管线"), "名称", 9, whole=False)] == [3]
    assert len(rows_named(sheet, "名称", "")) == 4
    assert len(told(sheet, rows_named(sheet, "名称", ""), "名称", 2, whole=False)) == 2


def test_a_hostile_name_is_one_short_line_without_anything_invisible() -> None:
    named = name_of({"名称": HOSTILE}, "名称")
    assert named.startswith("<script>window.hit=1</script>")
    assert len(named) == LONGEST_NAME
    assert named.isprintable()
    assert name_of({"名称": None, "n": b"\0"}, "名称") == name_of({"n": b"\0"}, "n") == ""


@pytest.mark.parametrize(
    ("fields", "wanted", "found"),
    [
        (("OBJECTID", "学校名称", "等级"), "", "学校名称"),
        (("OBJECTID", "NAME"), "", "NAME"),
        (("OBJECTID", "NAME"), "OBJECTID", "OBJECTID"),
        (("OBJECTID", "NAME"), "没有", "NAME"),
        (("area", "length"), "", ""),
    ],
)
def test_the_attribute_that_names_features_is_the_wanted_one_or_one_called_like_a_name(
    fields: tuple[str, ...], wanted: str, found: str
) -> None:
    assert label_field(fields, wanted) == found
