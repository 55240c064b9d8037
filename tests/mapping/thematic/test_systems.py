"""In which system coordinates are, and what is said of those that are in none."""

from pathlib import Path

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.mapping.coordinates import Datum, from_wgs84
from controlroom.mapping.thematic import systems
from controlroom.mapping.thematic.refusal import FileFault, Reason
from tests.mapping.thematic.handed_in import CGCS_117, HERE, collection, middle, opened, point, square, written


# The numbers of UTM zone 50 and of Beijing 1954 are those of CGCS2000 zone 117: only a declaration can tell.
@pytest.mark.parametrize(
    ("code", "declares"),
    [(code, True) for code in ("EPSG:4548", "EPSG:4527", "EPSG:4498", "EPSG:32650", "EPSG:3857", "EPSG:2436")]
    + [(code, False) for code in ("EPSG:4548", "EPSG:4527", "EPSG:4498", "EPSG:3857")],
)
def test_projected_coordinates_come_to_their_place(tmp_path: Path, code: str, declares: bool) -> None:
    x, y = pyproj.Transformer.from_crs(4326, code, always_xy=True).transform(*HERE)
    members = {"crs": {"type": "name", "properties": {"name": code}}} if declares else {}
    sheet, told = opened(written(tmp_path / "a.geojson", collection(square(x, y, 1.0), **members)))
    assert middle(sheet) == pytest.approx(HERE, abs=2e-5)
    assert told.system.told is (systems.Told.DECLARED if declares else systems.Told.GUESSED)
    assert told.system.exact is (code != "EPSG:2436")


def test_surveyors_columns_with_north_first_are_noticed(tmp_path: Path) -> None:
    east, north = pyproj.Transformer.from_crs(4326, CGCS_117, always_xy=True).transform(*HERE)
    path = tmp_path / "survey.csv"
    path.write_text(f"点号,X坐标,Y坐标\n1,{north},{east}\n2,{north + 5},{east}\n", "utf-8")
    sheet, told = opened(path)
    assert told.system.swapped
    assert middle(sheet) == pytest.approx(HERE, abs=1e-4)


@pytest.mark.parametrize(("name", "datum"), [("医院_gcj02", Datum.GCJ02), ("百度_网点", Datum.BD09)])
def test_a_shifted_datum_is_known_by_the_files_name(tmp_path: Path, name: str, datum: Datum) -> None:
    lon, lat = (float(part) for part in from_wgs84(*HERE, datum))
    sheet, told = opened(written(tmp_path / f"{name}.geojson", collection(point(lon, lat))))
    assert middle(sheet) == pytest.approx(HERE, abs=1e-7)
    assert (told.system.code, told.system.told) == (datum.value, systems.Told.NAMED)


def test_a_column_that_names_its_datum_is_believed(tmp_path: Path) -> None:
    lon, lat = (float(part) for part in from_wgs84(*HERE, Datum.GCJ02))
    path = tmp_path / "a.csv"
    path.write_text(f"名称,经度_gcj02,纬度_gcj02\nA,{lon:.9f},{lat:.9f}\n", "utf-8")
    assert middle(opened(path)[0]) == pytest.approx(HERE, abs=1e-7)


def test_the_sidecar_has_the_last_word(tmp_path: Path) -> None:
    lon, lat = (float(part) for part in from_wgs84(*HERE, Datum.BD09))
    path = written(tmp_path / "a_gcj02.geojson", collection(point(lon, lat), crs={"properties": {"name": "EPSG:4326"}}))
    (tmp_path / "a_gcj02.layer.toml").write_text('crs = "BD-09"\ntitle = "网点"\ndate = 2020-01-02\n', "utf-8")
    sheet, told = opened(path)
    assert middle(sheet) == pytest.approx(HERE, abs=1e-7)
    assert (told.title, told.data_at_ms) == ("网点", 1_577_894_400_000)


def test_coordinates_of_no_known_system_are_refused_with_their_numbers(tmp_path: Path) -> None:
    with pytest.raises(FileFault) as told:
        opened(written(tmp_path / "a.geojson", collection(point(123_456_789.0, -99_999_999.0))))
    assert told.value.reason is Reason.UNKNOWN_SYSTEM
    with pytest.raises(FileFault) as told:
        opened(written(tmp_path / "b.geojson", collection(point(*HERE), crs={"properties": {"name": "EPSG:1"}})))
    assert told.value.reason is Reason.UNKNOWN_SYSTEM


@settings(max_examples=15)
@given(st.text(max_size=60) | st.sampled_from(["EPSG:", "urn:ogc:def:crs:EPSG::", "+proj=", "PROJCS[", '{"type":']))
def test_no_declaration_breaks_the_reader(text: str) -> None:
    try:
        found = systems.declared(text)
    except FileFault:
        return
    systems.to_degrees(found, np.array([116.0, np.nan, 1e300]), np.array([39.0, 0.0, -1e300]))
