import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.errors import EnvironmentFault
from controlroom.mapping.coordinates import Datum, from_wgs84
from controlroom.mapping.gazetteer import Gazetteer
from controlroom.mapping.gazetteer_book import build, fingerprint, read_meta
from controlroom.mapping.gazetteer_crossings import crossings
from controlroom.mapping.gazetteer_files import Gathered, read_file
from controlroom.mapping.gazetteer_names import decode_place_kinds, numbered, readings
from controlroom.mapping.gazetteer_search import Match
from resources import path

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
MIDDLE = (116.34, 39.73)
KINDS = decode_place_kinds(path("data", "gazetteer.toml").read_bytes())
TABLE = """名称,别名,英文,类别,乡镇,经度,纬度
兴华大街,,Xinghua Avenue,道路,黄村镇,116.3400,39.7300
兴华大街三段11号,,,门牌,,116.3410,39.7310
兴华大街三段19号,,,门牌,,116.3415,39.7312
兴华医院,大兴医院,Xinghua Hospital,医院,,116.3500,39.7400
东兴华村,,,村,,116.3600,39.7400
重庆路,,,道路,,116.3300,39.7200
朝阳里,,,社区,,116.3300,39.7100
金星公园,,,公园,,116.5000,39.5000
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("names")
    (folder / "gazetteer").mkdir()
    (folder / "gazetteer" / "district.csv").write_text(TABLE, encoding="utf-8")
    build(folder / "book.sqlite", folder / "gazetteer", path("district"), KINDS, NOW)
    return folder


@pytest.fixture(scope="module")
def book(home):
    opened = Gazetteer(home / "book.sqlite", KINDS)
    yield opened
    opened.close()


def titles(book, text, middle=MIDDLE):
    return [found.name.title for found in book.search(text, middle)]


@pytest.mark.parametrize(
    ("text", "title", "match"),
    [
        ("兴华大街", "兴华大街", Match.EXACT),
        ("大兴医院", "兴华医院", Match.EXACT),
        ("xinghua hospital", "兴华医院", Match.EXACT),
        ("ＸＩＮＧＨＵＡ　hosp", "兴华医院", Match.PREFIX),
        ("chongqinglu", "重庆路", Match.EXACT),
        ("cql", "重庆路", Match.INITIALS),
        ("chaoyangli", "朝阳里", Match.EXACT),
        ("zhaoyangli", "朝阳里", Match.EXACT),
        ("xhdj", "兴华大街", Match.INITIALS),
        ("兴华大街三段十九号", "兴华大街三段19号", Match.EXACT),
        ("兴华大街 三段 19 号", "兴华大街三段19号", Match.EXACT),
        ("兴华大街三段15号", "兴华大街三段11号", Match.NUMBER),
        ("医院 兴华", "兴华医院", Match.INSIDE),
        ("兴花大界", "兴华大街", Match.SOUND),
        ("兴大华街", "兴华大街", Match.MISTAKE),
        ("兴华六大街", "兴华大街", Match.MISTAKE),
        ("xinhgua", "兴华大街", Match.MISTAKE),
        ("大兴机场", "大兴国际机场 ARP (ZBAD/PKX)", Match.EXACT),
        ("PKX", "大兴国际机场 ARP (ZBAD/PKX)", Match.EXACT),
    ],
)
def test_a_name_is_found_however_it_is_typed(book, text, title, match):
    found = {f.name.title: f.match for f in book.search(text, MIDDLE)}
    assert found.get(title) == match, found


def test_better_matches_come_first_then_important_and_near_ones(book):
    found = book.search("兴华", MIDDLE)
    assert [f.match for f in found] == sorted(f.match for f in found)
    assert [f.name.title for f in found][:2] == ["兴华医院", "兴华大街"], "a hospital is more important than a road"
    assert found[-1].name.title == "东兴华村", "only the inside of its name matches"
    roads = [f for f in book.search("路", (116.33, 39.72)) if f.name.kind == "road"]
    assert roads[0].name.title == "重庆路", "the nearest road"


def test_nothing_is_found_where_nothing_is_like_it(book):
    assert book.search("乌鲁木齐", MIDDLE) == []
    assert book.search("  ！？ ", MIDDLE) == []


def test_a_result_says_where_it_is_and_what_matched(book):
    found = book.search("大兴医院", MIDDLE)[0]
    assert found.matched == "大兴医院"
    assert found.distance_m == pytest.approx(1400, abs=100)
    assert (found.name.kind, found.name.source) == ("hospital", "district.csv")
    assert found.name.town_by_cell and found.name.town, (
        "no town was told, so that of the schematic cell is given as such"
    )
    assert not book.search("兴华大街", MIDDLE)[0].name.town_by_cell


def test_crossroads_of_the_shipped_network_are_names_in_either_order(book):
    crossing = next(f.name for f in book.search("德贤路", MIDDLE) if f.name.kind == "crossing")
    one, other = crossing.title.removesuffix("路口").split("与")
    for text in (f"{other}与{one}路口", f"{one} {other}", f"{other}和{one}交叉口", f"{one}/{other}"):
        assert crossing.title in titles(book, text), text


def test_only_shared_points_are_crossroads_and_both_lanes_are_one():
    roads = [
        ("甲路", [[116.0, 39.0], [116.001, 39.0], [116.0012, 39.0], [116.01, 39.0]]),
        ("乙街", [[116.001, 39.1], [116.001, 39.0], [116.001, 38.9]]),
        ("乙街", [[116.0012, 39.1], [116.0012, 39.0]]),
        ("丙桥", [[116.005, 39.1], [116.005, 38.9]]),
        ("No Name", [[116.0, 39.0], [116.0, 39.2]]),
    ]
    assert [name.title for name in crossings(roads, "test")] == ["乙街与甲路路口"]


def test_words_keep_their_reading_and_other_characters_have_several():
    assert list(readings("重庆路", KINDS.settled)) == [("chong", "qing", "lu")]
    assert {way[0] for way in readings("朝阳里", KINDS.settled)} == {"zhao", "chao"}
    assert list(readings("15号", KINDS.settled)) == [("15", "hao")]
    assert numbered("三段一百零五号二〇一室") == "3段105号二〇一室"


def test_the_gazetteer_is_as_old_as_its_files_and_made_anew_when_they_change(home, tmp_path):
    meta = read_meta(home / "book.sqlite")
    assert meta.made_at == NOW and meta.files == {"district.csv": 8} and meta.newest_at is not None
    mark = fingerprint(home / "gazetteer", path("district"))
    assert meta.fingerprint == mark
    more = home / "gazetteer" / "more.tsv"
    more.write_text("name\tlon\tlat\nX\t116\t39\n")
    assert fingerprint(home / "gazetteer", path("district")) != mark
    more.unlink()
    assert fingerprint(home / "gazetteer", path("district")) == mark


def test_a_file_that_is_no_gazetteer_is_refused(tmp_path):
    broken = tmp_path / "book.sqlite"
    broken.write_bytes(b"no database at all, but long enough to look like one" * 10)
    assert read_meta(broken) is None
    with pytest.raises(EnvironmentFault):
        Gazetteer(broken, KINDS)


def test_a_book_that_cannot_be_written_is_told_and_work_can_be_ended(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFault):
        build(tmp_path / "file" / "book.sqlite", tmp_path / "none", tmp_path, KINDS, NOW)

    class Ended(Exception):
        pass

    def end(_share):
        raise Ended

    with pytest.raises(Ended):
        build(tmp_path / "b.sqlite", tmp_path / "none", path("district"), KINDS, NOW, end)
    assert not (tmp_path / "b.sqlite").exists()


# -------------------------------------------------------------------- files


def read(tmp_path, name, data):
    file = tmp_path / name
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    gathered = Gathered()
    read_file(file, KINDS, gathered)
    return gathered


def test_a_bad_line_is_named_with_its_number_and_the_rest_loads(tmp_path):
    rows = ["A,116.1,39.1", "B,west,39", '"C', 'D",116.2,39.2', "E,39.5,116.4", "F,1", ",116,39", "G,500,39"]
    text = "\n".join(["# crs: WGS-84", "name,lon,lat", *rows])
    gathered = read(tmp_path, "a.csv", text)
    assert [n.title for n in gathered.names] == ["A", "C D"]
    assert [t.line for t in gathered.troubles] == [4, 7, 8, 9, 10]
    assert gathered.refused == 5 and gathered.files == {"a.csv": 2}
    assert len({t.reason for t in gathered.troubles}) == 5


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_files_of_every_office_are_read(tmp_path, encoding):
    gathered = read(tmp_path, "a.tsv", "名称\t纬度\t经度\t类别\n兴华大街\t39.73\t116.34\t乡镇\n".encode(encoding))
    assert [(n.title, n.lon, n.lat, n.kind) for n in gathered.names] == [("兴华大街", 116.34, 39.73, "town")]


@pytest.mark.parametrize(
    ("name", "head", "columns", "crs"),
    [
        ("a_gcj02.csv", "", "", Datum.GCJ02),
        ("a.csv", "# 坐标系：BD-09\n", "", Datum.BD09),
        ("a.csv", "", "火星坐标", Datum.GCJ02),
        ("a.csv", "", "CGCS2000", Datum.WGS84),
    ],
)
def test_shifted_coordinates_are_converted(tmp_path, name, head, columns, crs):
    lon, lat = (float(v) for v in from_wgs84(116.34, 39.73, crs))
    text = f"{head}name,lon,lat,crs\nA,{lon:.8f},{lat:.8f},{columns}\n"
    found = read(tmp_path, name, text).names[0]
    assert (found.lon, found.lat) == pytest.approx((116.34, 39.73), abs=1e-6)


def test_metres_of_the_national_grid_are_converted_and_an_unknown_system_is_told(tmp_path):
    gathered = read(tmp_path, "a.csv", "name,x,y,crs\nA,449251.91,4374180.32,EPSG:4548\nB,1,2,EPSG:9999\n")
    assert (gathered.names[0].lon, gathered.names[0].lat) == pytest.approx((116.41, 39.5), abs=1e-6)
    assert gathered.troubles[0].line == 3 and "9999" in gathered.troubles[0].reason


def test_lines_are_roads_and_areas_are_kept_with_their_shape(tmp_path):
    bow = [[116, 39], [116.1, 39.1], [116.1, 39], [116, 39.1], [116, 39]]
    corner = [[116, 39], [116.1, 39], [116, 39.1], [116, 39]]
    features = [
        {"properties": {"name": title} | more, "geometry": {"type": kind, "coordinates": coordinates}}
        for title, more, kind, coordinates in (
            ("甲路", {}, "LineString", corner[:2]),
            ("园区", {"别名": ["A", "B"]}, "Polygon", [corner]),
            ("bad", {}, "Point", ["x", 1]),
            ("", {}, "Point", [116, 39]),
            ("结", {}, "Polygon", [bow]),
        )
    ]
    gathered = read(tmp_path, "a.geojson", json.dumps({"type": "FeatureCollection", "features": features}))
    assert [(n.title, n.kind) for n in gathered.names] == [("甲路", "road"), ("园区", "area"), ("结", "area")]
    assert gathered.names[1].aliases == ("A", "B")
    assert len(gathered.roads) == 1 and len(gathered.areas) == 2
    assert [t.line for t in gathered.troubles] == [3, 4]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [("a.geojson", '{"features": [\n{"a"}]}', 2), ("a.json", "[1]", 0), ("a.csv", "", 0), ("a.csv", "foo,bar\n1,2", 0)],
)
def test_a_broken_file_is_told_with_its_line(tmp_path, name, text, line):
    gathered = read(tmp_path, name, text)
    assert [(t.file, t.line) for t in gathered.troubles] == [(name, line)] and gathered.troubles[0].reason


def test_hostile_names_stay_text_of_one_line(tmp_path):
    gathered = read(tmp_path, "a.csv", 'name,lon,lat\n"<script>\u202ex\n</script>",116,39\n' + "长" * 500 + ",116,39\n")
    assert [n.title for n in gathered.names] == ["<script> x </script>", "长" * 200]


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(["a.csv", "a.tsv", "a.geojson"]),
    st.binary(max_size=200)
    | st.text(alphabet="name,lonlat\n\t\"'1.6-#NaN{}[]:经度", max_size=200).map(str.encode)
    | st.recursive(
        st.none() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["features", "geometry", "properties", "type", "coordinates", "name"]), inner
            )
        ),
        max_leaves=12,
    ).map(lambda value: json.dumps({"features": [value, {"properties": {"name": "x"}, "geometry": value}]}).encode()),
)
def test_no_file_breaks_the_reading(tmp_path_factory, name, data):
    read(tmp_path_factory.getbasetemp(), name, data)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=12) | st.text(alphabet="兴华大街xhdj 与路15号", max_size=12))
def test_no_text_breaks_a_search(book, text):
    for found in book.search(text, MIDDLE):
        assert found.name.title
