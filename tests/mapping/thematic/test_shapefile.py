"""Shapefiles in the encodings and systems they come in."""

import struct
from pathlib import Path

import pyproj
import pytest
import shapefile
import shapely

from controlroom.mapping.thematic import systems
from controlroom.mapping.thematic.opening import head_of
from controlroom.mapping.thematic.refusal import Reason
from tests.mapping.thematic.handed_in import HERE, middle, opened, shapes


@pytest.mark.parametrize(("encoding", "declares"), [("gbk", True), ("gbk", False), ("utf-8", True), ("utf-8", False)])
def test_a_shapefile_is_read_in_the_encoding_it_has(tmp_path: Path, encoding: str, declares: bool) -> None:
    path = shapes(tmp_path / "小区.shp", encoding, pyproj.CRS(4490).to_wkt("WKT1_ESRI"), declares)
    sheet, told = opened(path)
    assert told.count == 3
    assert sheet.attributes(1) == {"名称": "小区1", "PEOPLE": 100}
    assert [(one.number, one.reason) for one in told.refused] == [(4, Reason.NO_GEOMETRY)]
    assert told.system.told is systems.Told.DECLARED
    assert shapely.get_num_interior_rings(sheet.part[0]) == 1
    entry = head_of(path)[0]
    assert (entry.kind, entry.count, entry.fault) == ("area", 4, None)


def test_a_shapefile_of_a_gauss_krueger_zone_comes_to_its_place(tmp_path: Path) -> None:
    x, y = pyproj.Transformer.from_crs(4326, 4527, always_xy=True).transform(*HERE)
    with shapefile.Writer(str(tmp_path / "a.shp"), shapeType=shapefile.POINT) as writer:
        writer.field("N", "N")
        writer.point(x, y)
        writer.record(1)
    (tmp_path / "a.PRJ").write_text(pyproj.CRS(4527).to_wkt("WKT1_ESRI"))
    assert middle(opened(tmp_path / "a.shp")[0]) == pytest.approx(HERE, abs=1e-6)


def test_a_broken_record_costs_one_feature(tmp_path: Path) -> None:
    path = shapes(tmp_path / "a.shp", "utf-8")
    body = bytearray(path.read_bytes())
    second = 2 * struct.unpack_from(">i", path.with_suffix(".shx").read_bytes(), 108)[0]
    struct.pack_into("<i", body, second + 8 + 4 + 32, 99_999_999)
    path.write_bytes(bytes(body))
    _sheet, told = opened(path)
    assert told.count == 2
    assert (told.refused[0].number, told.refused[0].reason) == (2, Reason.BAD_RECORD)
