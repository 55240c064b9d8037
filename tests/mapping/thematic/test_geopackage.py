"""GeoPackages, whole and damaged."""

import os
from pathlib import Path

import shapely

from controlroom.mapping.thematic.opening import head_of
from controlroom.mapping.thematic.refusal import FileFault, Reason
from tests.mapping.thematic.handed_in import HERE, opened, package, packed


def test_a_geopackage_is_read_and_its_tables_are_layers(tmp_path: Path) -> None:
    good = shapely.Point(*HERE)
    path = package(
        tmp_path / "a.gpkg", [packed(good), packed(good, True), b"GP junk", None, b"\x00\x01", b"GP\0\1aaaaJUNK"]
    )
    entry = head_of(path)[0]
    assert (entry.table, entry.title) == ('危险"源', "危险源")
    sheet, told = opened(path, entry.table)
    assert told.count == 2
    assert sheet.attributes(1) == {"fid": 2, "名称": "源1"}
    assert {one.number: one.reason for one in told.refused} == {
        3: Reason.BAD_GEOMETRY,
        4: Reason.NO_GEOMETRY,
        5: Reason.BAD_GEOMETRY,
        6: Reason.BAD_GEOMETRY,
    }


def test_a_geopackage_with_broken_pages_is_told(tmp_path: Path) -> None:
    path = package(tmp_path / "a.gpkg", [packed(shapely.Point(*HERE)) for _k in range(3000)])
    body = bytearray(path.read_bytes())
    body[len(body) // 2 : len(body) // 2 + 40_000] = os.urandom(40_000)
    path.write_bytes(bytes(body))
    try:
        _sheet, told = opened(path, '危险"源')
    except FileFault as fault:
        assert fault.reason is Reason.BAD_FILE
    else:
        assert told.refused_count >= 1
