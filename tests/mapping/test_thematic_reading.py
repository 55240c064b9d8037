"""Files of thematic layers as departments hand them in: real ones, broken ones, and nonsense."""

import json
import os
import sqlite3
import struct
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapefile
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.mapping.coordinates import WORLD, Datum, from_wgs84, to_degrees, to_fixed
from controlroom.mapping.thematic import geojson, systems, table
from controlroom.mapping.thematic.messages import Opened
from controlroom.mapping.thematic.opening import Catalogue, files_in, head_of, open_layer
from controlroom.mapping.thematic.reading import Read
from controlroom.mapping.thematic.refusal import FileFault, Reason
from controlroom.mapping.thematic.sheet import Sheet

HERE = (116.35, 39.65)
CGCS_117 = "epsg:4548"


def quiet(_share: float) -> None:
    """Nobody wants to know how far it is."""


def opened(path: Path, table_name: str = "") -> tuple[Sheet, Opened]:
    return open_layer(path, table_name, quiet)


def middle(sheet: Sheet) -> tuple[float, float]:
    west, south, east, north = sheet.extent
    return (west + east) / 2, (south + north) / 2


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def point(lon: float, lat: float, **properties: Any) -> dict[str, Any]:
    return feature({"type": "Point", "coordinates": [lon, lat]}, **properties)


def collection(*features: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", **members, "features": list(features)}


def written(path: Path, document: Any) -> Path:
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in document["features"])
    head = {name: value for name, value in document.items() if name != "features"}
    path.write_text(json.dumps(head, ensure_ascii=False)[:-1] + ', "features": [\n' + lines + "\n]}\n", "utf-8")
    return path


# ------------------------------------------------------------ GeoJSON


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


# ------------------------------------------------------------ coordinate systems


def square(x: float, y: float, side: float) -> dict[str, Any]:
    ring = [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
    return feature({"type": "Polygon", "coordinates": [ring]})


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


# ------------------------------------------------------------ CSV


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


# ------------------------------------------------------------ Shapefile


def shapes(path: Path, encoding: str = "gbk", projection: str = "", declares: bool = True) -> Path:
    with shapefile.Writer(str(path), shapeType=shapefile.POLYGON, encoding=encoding) as writer:
        writer.field("名称", "C", 40)
        writer.field("PEOPLE", "N", 10)
        for k in range(3):
            x = HERE[0] + k * 0.01
            outer = [[x, 39.6], [x, 39.61], [x + 0.005, 39.61], [x + 0.005, 39.6], [x, 39.6]]
            hole = [[x + 0.001, 39.602], [x + 0.002, 39.602], [x + 0.002, 39.604], [x + 0.001, 39.602]]
            writer.poly([outer, hole])
            writer.record(f"小区{k}", k * 100)
        writer.null()
        writer.record("无", 0)
    if projection:
        path.with_suffix(".prj").write_text(projection)
    if declares:
        path.with_suffix(".cpg").write_text("GBK" if encoding == "gbk" else encoding)
    return path


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


# ------------------------------------------------------------ GeoPackage


def package(path: Path, geometries: list[bytes | None], code: int = 4326) -> Path:
    with sqlite3.connect(path) as base:
        base.executescript(
            "CREATE TABLE gpkg_contents(table_name, data_type, identifier, srs_id);"
            "CREATE TABLE gpkg_geometry_columns(table_name, column_name, geometry_type_name, srs_id);"
            "CREATE TABLE gpkg_spatial_ref_sys(srs_name, srs_id, organization, organization_coordsys_id, definition);"
            'CREATE TABLE "危险""源"(fid INTEGER PRIMARY KEY, geom BLOB, 名称 TEXT);'
        )
        base.execute("INSERT INTO gpkg_contents VALUES('危险\"源', 'features', '危险源', ?)", (code,))
        base.execute("INSERT INTO gpkg_geometry_columns VALUES('危险\"源', 'geom', 'POINT', ?)", (code,))
        base.execute("INSERT INTO gpkg_spatial_ref_sys VALUES('x', ?, 'EPSG', ?, '')", (code, code))
        base.executemany(
            'INSERT INTO "危险""源"(geom, 名称) VALUES(?, ?)', [(g, f"源{k}") for k, g in enumerate(geometries)]
        )
    base.close()
    return path


def packed(geometry: Any, envelope: bool = False) -> bytes:
    head = b"GP\0" + (b"\x03" if envelope else b"\x01") + struct.pack("<i", 4326)
    return head + (struct.pack("<4d", 0, 1, 0, 1) if envelope else b"") + bytes(shapely.to_wkb(geometry))


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


# ------------------------------------------------------------ folders, sidecars, hostile files


def test_a_folder_with_loops_is_walked_once(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    written(tmp_path / "deep" / "a.geojson", collection(point(*HERE)))
    (tmp_path / "deep" / "again").symlink_to(tmp_path)
    (tmp_path / "self.csv").symlink_to(tmp_path / "self.csv")
    (tmp_path / "fifo.csv").parent.joinpath("gone.shp").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.geojson")
    assert [path.name for path in files_in(tmp_path)] == ["a.geojson", "gone.shp", "pipe.geojson", "self.csv"]
    found = {Path(entry.path).name: entry.fault for entry in Catalogue().entries([str(tmp_path)])}
    assert found["a.geojson"] is None
    assert found["self.csv"] is Reason.UNREADABLE
    assert found["gone.shp"] is Reason.UNREADABLE
    assert found["pipe.geojson"] is Reason.NOT_A_FILE


def test_251_layers_are_listed_from_their_heads_and_once(tmp_path: Path) -> None:
    body = json.dumps(collection(*(point(*HERE, n=k) for k in range(200))))
    for k in range(251):
        (tmp_path / f"{k}.geojson").write_text(body)
    catalogue = Catalogue()
    began = time.perf_counter()
    assert len(catalogue.entries([str(tmp_path)])) == 251
    first = time.perf_counter() - began
    again = catalogue.entries([str(tmp_path)])
    assert first < 2.0
    (tmp_path / "7.geojson").write_text(json.dumps(collection(point(*HERE), name="改")))
    changed = catalogue.entries([str(tmp_path)])
    assert [b.title for a, b in zip(again, changed, strict=True) if a.stamp != b.stamp] == ["改"]


def test_a_file_that_is_written_meanwhile_is_read_again(tmp_path: Path) -> None:
    path = written(tmp_path / "a.geojson", collection(point(*HERE)))
    turns: list[float] = []

    def write(share: float) -> None:
        turns.append(share)
        if share == 0.96 and turns.count(0.96) == 1:
            written(path, collection(point(*HERE), point(116.4, 39.7)))

    assert open_layer(path, "", write)[1].count == 2

    def write_on(_share: float) -> None:
        turns.append(0.0)
        written(path, collection(*[point(*HERE)] * (len(turns) % 9 + 1)))

    with pytest.raises(FileFault) as told:
        open_layer(path, "", write_on)
    assert told.value.reason is Reason.CHANGING


@pytest.mark.parametrize(
    "text",
    ['crs = "nowhere"', "colour = 1", "[style]\ncolour = 'red;}</style>'", "x = [", "title = '" + "x" * 300 + "'"],
)
def test_a_sidecar_that_makes_no_sense_is_told(tmp_path: Path, text: str) -> None:
    path = written(tmp_path / "a.geojson", collection(point(*HERE)))
    (tmp_path / "a.layer.toml").write_text(text, "utf-8")
    with pytest.raises(FileFault) as told:
        opened(path)
    assert told.value.reason in (Reason.BAD_SIDECAR, Reason.UNKNOWN_SYSTEM)


def test_classes_come_from_the_sidecar(tmp_path: Path) -> None:
    path = written(tmp_path / "a.geojson", collection(*(point(*HERE, 等级=k, 类=f"{k % 3}类") for k in range(30))))
    side = tmp_path / "a.layer.toml"
    side.write_text('[style]\nby = "类"\n', "utf-8")
    assert [one.label for one in opened(path)[1].classes] == ["0类", "1类", "2类", "—"]
    side.write_text('[style]\nby = "等级"\nbreaks = "quantile"\nclasses = 3\n', "utf-8")
    sheet, told = opened(path)
    assert len(told.classes) == 4
    assert np.bincount(sheet.look).tolist() == [10, 10, 10]
    side.write_text('[style]\nby = "等级"\n[[style.class]]\nat_least = 20\ncolour = "#123456"\nlabel = "多"\n', "utf-8")
    sheet, told = opened(path)
    assert [one.label for one in told.classes] == ["多", "—"]
    assert np.bincount(sheet.look).tolist() == [10, 20]


junk = st.binary(max_size=200)
texts = st.text(max_size=60)
numbers = st.floats() | st.integers(-200, 200) | st.none() | texts
places = st.recursive(numbers, lambda inner: st.lists(inner, max_size=4), max_leaves=10)
kinds = st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "GeometryCollection", "Nonsense", 7])
geometries = st.fixed_dictionaries({"type": kinds, "coordinates": places})


@given(
    st.lists(st.fixed_dictionaries({"type": st.just("Feature"), "geometry": geometries | st.none()}), max_size=6), junk
)
@settings(max_examples=80)
def test_no_geojson_breaks_the_reader(features: list[Any], tail: bytes) -> None:
    body = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    for data in (body, body[: len(body) // 2] + tail, tail):
        check(lambda data=data: geojson.read(data, quiet))


@given(st.lists(st.lists(texts | st.floats().map(str), max_size=4), max_size=6), junk)
@settings(max_examples=80)
def test_no_table_breaks_the_reader(rows: list[list[str]], tail: bytes) -> None:
    text = "lon,lat,name\n" + "\n".join(",".join(row) for row in rows)
    for data in (text.encode("utf-8", "replace"), text.encode("gb18030", "replace") + tail, tail):
        check(lambda data=data: table.read(data, quiet))


@given(st.data())
@settings(max_examples=25)
def test_no_shapefile_or_geopackage_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    folder = tmp_path_factory.getbasetemp() / "fuzzed"
    if not folder.exists():
        folder.mkdir()
        shapes(folder / "good.shp")
        package(folder / "good.gpkg", [packed(shapely.Point(*HERE))] * 20)
    name = data.draw(st.sampled_from([".shp", ".dbf", ".shx", ".gpkg"]))
    bad = folder / f"bad{name}"
    for suffix in (".shp", ".dbf", ".shx"):
        (folder / f"bad{suffix}").write_bytes((folder / f"good{suffix}").read_bytes())
    body = bytearray((folder / f"good{name}").read_bytes())
    for _change in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    bad.write_bytes(bytes(body[: data.draw(st.integers(0, len(body)))] if data.draw(st.booleans()) else body))
    target = bad if name == ".gpkg" else folder / "bad.shp"
    for entry in head_of(target):
        if entry.fault is None:
            check(lambda entry=entry: opened(target, entry.table))


def check(work: Any) -> None:
    """Whatever comes of it: a layer, or a reason."""
    try:
        found = work()
    except FileFault as fault:
        assert isinstance(fault.reason, Reason)
        return
    if isinstance(found, Read):
        assert len(found.geometry) == len(found.number) == len(found.line)
        for at in range(len(found.geometry)):
            found.attributes(at)
    else:
        found[0].tile(11, 843, 388)


# ------------------------------------------------------------ tiles


def decoded(body: bytes) -> dict[str, Any]:
    magic, parts, rings, points = struct.unpack_from("<4sIII", body)
    assert magic == b"CRT1"
    first = np.frombuffer(body, "<u4", parts + 1, 16)
    begins = np.frombuffer(body, "<u4", rings + 1, 16 + first.nbytes)
    at = 16 + first.nbytes + begins.nbytes
    assert len(body) == at + 4 * points + 2 * parts
    kind = np.frombuffer(body, np.uint8, parts, at + 4 * points)
    return {"parts": parts, "points": points, "kind": kind, "first": first, "begins": begins}


def tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int, int]:
    x, y = (float(part) for part in to_fixed(lon, lat))
    side = 512 * WORLD / (256.0 * 2.0**zoom)
    return zoom, int(x // side), int(y // side)


def test_a_layer_of_a_million_vertices_costs_a_tile_what_can_be_seen(tmp_path: Path) -> None:
    angle = np.linspace(0.0, 2 * np.pi, 20_001)
    rings = [
        np.column_stack(
            (HERE[0] + (k % 10) * 0.03 + 0.01 * np.cos(angle), 39.5 + k // 10 * 0.03 + 0.01 * np.sin(angle))
        )
        for k in range(50)
    ]
    path = tmp_path / "large.geojson"
    polygons = [{"type": "Polygon", "coordinates": [ring.round(7).tolist()]} for ring in rings]
    written(path, collection(*(feature(polygon) for polygon in polygons)))
    sheet, told = opened(path)
    assert told.vertices > 1_000_000 - 50
    for zoom in (9, 11, 13, 18):
        found = decoded(sheet.tile(*tile_of(HERE[0] + 0.01, 39.5, zoom)))
        assert 0 < found["points"] < 40_000, zoom


def test_things_below_a_pixel_are_thinned_to_what_can_be_told_apart(tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    path = tmp_path / "houses.csv"
    lon, lat = generator.uniform(116.2, 116.5, 50_000), generator.uniform(39.5, 39.8, 50_000)
    path.write_text("lon,lat\n" + "\n".join(f"{x:.6f},{y:.6f}" for x, y in zip(lon, lat, strict=True)))
    sheet, told = opened(path)
    assert told.count == 50_000
    assert decoded(sheet.tile(*tile_of(*HERE, 8)))["parts"] < 10_000
    assert decoded(sheet.tile(*tile_of(*HERE, 18)))["parts"] < 100


def test_an_empty_tile_is_empty(tmp_path: Path) -> None:
    sheet, _told = opened(written(tmp_path / "a.geojson", collection(point(*HERE))))
    assert decoded(sheet.tile(11, 0, 0))["parts"] == 0
