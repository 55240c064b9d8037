"""GeoJSON as departments hand it in: real, broken and cut off."""

import json
from pathlib import Path
from typing import Any

import pytest

from controlroom.mapping.coordinates import to_fixed
from controlroom.mapping.thematic import systems
from controlroom.mapping.thematic.refusal import FileFault, Reason
from tests.mapping.thematic.handed_in import HERE, collection, feature, opened, point, written


def test_a_plain_geojson_is_read_with_its_attributes(tmp_path: Path) -> None:
    path = written(tmp_path / "学校.geojson", collection(point(*HERE, 名称="一小"), point(116.4, 39.7), name="学校"))
    sheet, told = opened(path)
    assert (told.title, told.count, told.refused_count) == ("学校", 2, 0)
    assert told.system.told is systems.Told.STANDARD
    x, y = (float(part) for part in to_fixed(*HERE))
    assert sheet.at(x, y, 1000.0) == [(1, {"名称": "一小"})]


def test_bad_features_are_named_and_never_lose_the_good_ones(tmp_path: Path) -> None:
    bow = [[116.3, 39.6], [116.4, 39.7], [116.4, 39.6], [116.3, 39.7], [116.3, 39.6]]
    flat = [[116.3, 39.6], [116.4, 39.6], [116.35, 39.6], [116.3, 39.6]]
    path = written(
        tmp_path / "layer.geojson",
        collection(
            point(*HERE),
            point(400.0, 39.6),
            feature({"type": "Polygon", "coordinates": [bow]}),
            feature({"type": "Polygon", "coordinates": [flat]}),
            feature(None),
            feature({"type": "Circle", "coordinates": [1]}),
            feature({"type": "LineString", "coordinates": [[116.3, float("nan")], [116.4, 39.6]]}),
            point(116.5, 39.7),
        ),
    )
    _sheet, told = opened(path)
    assert (told.count, told.mended) == (3, 1)
    assert [(one.number, one.line, one.reason) for one in told.refused] == [
        (2, 3, Reason.OUTSIDE),
        (4, 5, Reason.CROSSES),
        (5, 6, Reason.NO_GEOMETRY),
        (6, 7, Reason.BAD_GEOMETRY),
        (7, 8, Reason.BAD_GEOMETRY),
    ]


def test_a_comma_too_few_costs_one_feature_and_names_its_line(tmp_path: Path) -> None:
    path = written(tmp_path / "layer.geojson", collection(*(point(*HERE, n=k) for k in range(40))))
    text = path.read_text("utf-8").split("\n")
    text[17] = text[17].replace('"n": 16', '"n" 16')
    path.write_text("\n".join(text), "utf-8")
    _sheet, told = opened(path)
    assert told.count == 39
    assert [(one.number, one.line, one.reason) for one in told.refused] == [(17, 18, Reason.SYNTAX)]


def test_a_file_that_was_cut_off_keeps_what_came_before(tmp_path: Path) -> None:
    path = written(tmp_path / "layer.geojson", collection(*(point(*HERE, n="长" * 50) for _k in range(40))))
    path.write_bytes(path.read_bytes()[:-900])
    _sheet, told = opened(path)
    assert told.count >= 30
    assert told.refused_count == 1


def test_lines_of_features_without_a_collection_are_read(tmp_path: Path) -> None:
    path = tmp_path / "layer.json"
    path.write_text("\n".join(json.dumps(point(*HERE, n=k)) for k in range(5)), "utf-8")
    assert opened(path)[1].count == 5


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", Reason.EMPTY),
        (b"   \n", Reason.EMPTY),
        (b"{}", Reason.BAD_FILE),
        (b"[1, 2]", Reason.SYNTAX),
        (b"\xff\xfe\x00junk", Reason.SYNTAX),
        (b'{"type": "FeatureCollection", "features": []}', Reason.EMPTY),
        (b'{"type": "FeatureCollection",\n "features": [{]}', Reason.SYNTAX),
        (b"[" * 100_000, Reason.SYNTAX),
    ],
)
def test_what_is_no_geojson_is_refused_with_its_reason(tmp_path: Path, body: bytes, reason: Reason) -> None:
    path = tmp_path / "layer.geojson"
    path.write_bytes(body)
    with pytest.raises(FileFault) as told:
        opened(path)
    assert told.value.reason is reason


def test_collections_in_collections_are_opened(tmp_path: Path) -> None:
    inner: dict[str, Any] = {"type": "MultiPoint", "coordinates": [[116.3, 39.6], [116.4, 39.7]]}
    for _depth in range(4):
        inner = {"type": "GeometryCollection", "geometries": [inner]}
    sheet, told = opened(written(tmp_path / "a.geojson", collection(feature(inner))))
    assert (told.count, len(sheet.part)) == (1, 2)
