"""CSV tables with coordinates or WKT in their columns."""

from pathlib import Path

import pytest
import shapely

from controlroom.mapping.coordinates import to_degrees
from controlroom.mapping.thematic import systems
from controlroom.mapping.thematic.refusal import FileFault, Reason
from tests.mapping.thematic.handed_in import HERE, opened


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
@pytest.mark.parametrize("head", ["名称,经度,纬度", "name,lng,lat", "Name,Longitude,Latitude", "id,X,Y"])
def test_a_table_with_usual_columns_is_read(tmp_path: Path, encoding: str, head: str) -> None:
    path = tmp_path / "井盖.csv"
    path.write_bytes(f"{head}\n一号井,{HERE[0]},{HERE[1]}\n".encode(encoding))
    sheet, told = opened(path)
    assert told.count == 1
    assert next(iter(sheet.attributes(0).values())) == "一号井"
    assert told.system.told is systems.Told.GUESSED


def test_rows_that_make_no_sense_are_named_by_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        'name;lon;lat\n"two\nlines";116.3;39.6\nb;x;39.6\n\nc;116.4\nd;nan;39.6\ne;116.4;95\nf;116°24′;39°36′36″\n',
        "utf-8",
    )
    sheet, told = opened(path)
    assert [(one.number, one.line, one.reason) for one in told.refused] == [
        (2, 4, Reason.BAD_NUMBER),
        (3, 6, Reason.NO_GEOMETRY),
        (4, 7, Reason.NOT_FINITE),
        (5, 8, Reason.OUTSIDE),
    ]
    assert [float(part) for part in to_degrees(*shapely.get_coordinates(sheet.part)[1])] == pytest.approx(
        [116.4, 39.61]
    )


def test_a_column_of_wkt_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        '名称,wkt\nA,"POLYGON((116 39,117 39,117 40,116 39))"\nB,"POINT(nonsense"\nC,SRID=4326;POINT(116 39)\n'
    )
    _sheet, told = opened(path)
    assert told.count == 2
    assert [(one.number, one.line, one.reason) for one in told.refused] == [(2, 3, Reason.BAD_GEOMETRY)]


def test_a_table_without_coordinates_says_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("名称,电话\nA,1\n", "utf-8")
    with pytest.raises(FileFault) as told:
        opened(path)
    assert told.value.reason is Reason.NO_COORDINATES
    (tmp_path / "a.layer.toml").write_text('columns = ["名称", "电话"]\n', "utf-8")
    with pytest.raises(FileFault) as told:
        opened(path)
    assert told.value.reason is Reason.BAD_NUMBER
