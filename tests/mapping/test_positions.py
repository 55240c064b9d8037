import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom import i18n
from controlroom.mapping.coordinates import Datum
from controlroom.mapping.grids import GaussZone, gauss_zone, mgrs_of, mgrs_to_degrees, numbered_zone, utm_of
from controlroom.mapping.position_reading import LONGEST, read_positions, reading_words
from controlroom.mapping.position_writing import Form, write, written

HERE = (116.41, 39.5)
"""A place of the district."""
MIDDLE = (116.4, 39.7)
MOST_OFF_DEG = {Form.GCJ02: 2e-6, Form.BD09: 2e-6, Form.MGRS: 1.2e-5, Form.UTM: 2e-6, Form.SECONDS: 2e-6}
china = st.tuples(st.floats(75.0, 134.9), st.floats(18.0, 53.0))
world = st.tuples(st.floats(-180.0, 180.0), st.floats(-85.0, 85.0))


@pytest.fixture(params=["zh_CN", "en"], scope="module")
def either_language(request):
    before = i18n.language()
    i18n.set_language(request.param)
    yield
    i18n.set_language(before)


def test_utm_and_mgrs_agree_with_published_places():
    tower = utm_of(-(79 + 23 / 60 + 13.70 / 3600), 43 + 38 / 60 + 33.24 / 3600)  # CN Tower, 17N 630084 4833438
    assert (tower.zone, tower.north) == (17, True)
    assert tower.east_m == pytest.approx(630_084, abs=1.0)
    assert tower.north_m == pytest.approx(4_833_438, abs=1.0)
    assert mgrs_of(-157.916072, 21.409804, 3) == "4Q FJ 123 678"


def test_the_zone_of_the_district_is_the_thirty_ninth_and_4548():
    zone = gauss_zone(HERE[0])
    assert (zone.meridian_deg, zone.number, zone.epsg) == (117, 39, 4548)
    assert numbered_zone(39) == zone and numbered_zone(20) == GaussZone(117, 6)
    east, north = zone.to_grid(117.0, 0.0)
    assert (east, north) == (500_000.0, 0.0)
    # The length of the meridian from the equator to 45° is 4,984,944.378 m on GRS 80.
    assert zone.to_grid(117.0, 45.0)[1] == pytest.approx(4_984_944.38, abs=0.01)
    assert gauss_zone(10.0) is None


@pytest.mark.parametrize(
    "text",
    [
        "116.41,39.5",
        "39.5 116.41",
        "３９．５，１１６．４１",
        "北纬39度30分 东经116度24分36秒",
        "北纬三十九度三十分东经一百一十六度二十四分三十六秒",
        "幺幺六点四幺，三九点五",
        "东经116.41 北纬39.5",
        "经度：116.41，纬度：39.5",
        "N39°30′ E116°24′36″",
        "39°30'00\"N, 116°24'36\"E",
        "39 30 00 N 116 24 36 E",
        "N393000 E1162436",
        "39°30.0′，116°24.6′",
        "geo:39.5,116.41",
        "GPS 坐标 (116.41, 39.5)",
        "lat=39.5 lon=116.41",
        "4374180.32 449251.91 EPSG:4548",
        "X=4374180.32 Y=39449251.91",
        "50N 449272.2 4372430.6",
    ],
)
def test_a_place_is_read_whatever_way_it_is_told(text):
    first = read_positions(text, MIDDLE)[0]
    assert (first.lon, first.lat) == pytest.approx(HERE, abs=2e-6)
    assert not first.suspected
    assert reading_words(first)


def test_numbers_that_may_be_either_way_round_are_read_both_ways_and_the_nearer_first():
    found = [r for r in read_positions("39.5,40.1", (40.0, 39.0)) if not r.suspected]
    assert [(r.lon, r.lat) for r in found] == [(40.1, 39.5), (39.5, 40.1)]
    assert {r.order for r in found} == {"lat_lon", "lon_lat"}
    assert len({reading_words(r) for r in found}) == 2


def test_metres_without_a_zone_are_read_as_the_national_grid_and_as_utm():
    found = read_positions("4374180.32 449251.91", MIDDLE)
    assert [r.form for r in found] == [Form.GAUSS, Form.UTM]
    assert (found[0].lon, found[0].lat) == pytest.approx(HERE, abs=1e-6)


def test_the_letter_s_of_utm_may_be_a_band_or_the_south():
    assert sorted(round(r.lat) for r in read_positions("50S 449272.2 4372430.6")) == [-51, 39]


def test_a_declared_datum_is_converted_and_an_undeclared_one_is_suspected_aloud():
    declared = read_positions("高德 116.416190, 39.501339", MIDDLE)
    assert [(r.datum, r.suspected) for r in declared] == [(Datum.GCJ02, False)]
    assert (declared[0].lon, declared[0].lat) == pytest.approx(HERE, abs=2e-6)
    plain, gcj, bd = read_positions("116.41, 39.5", MIDDLE)
    assert plain.datum is Datum.WGS84 and (gcj.datum, bd.datum) == (Datum.GCJ02, Datum.BD09)
    assert gcj.suspected and bd.suspected and 500 < gcj.shift_m < 600
    assert "553" in reading_words(gcj)
    assert len(read_positions("2.35, 48.85")) == 2, "nobody shifts maps of Paris: only the order is open"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "三里屯",
        "5号",
        "兴华大街三段 15 号",
        "39.5",
        "39°61′N 116°24′E",
        "91 200",
        "N39 N40",
        "1 2 3",
        "nan,nan",
        "39°°5,1",
    ],
)
def test_what_is_no_place_is_read_as_none(text):
    assert read_positions(text, MIDDLE) == ()


@pytest.mark.parametrize("form", list(Form))
@settings(max_examples=40, deadline=None)
@given(place=china)
def test_what_is_written_is_read_back(either_language, form, place):
    lon, lat = place
    text = write(lon, lat, form)
    datum = {Form.GCJ02: "GCJ-02 ", Form.BD09: "BD-09 "}.get(form, "")
    found = read_positions(datum + text, place)
    off = MOST_OFF_DEG.get(form, 1e-6)
    assert any(math.isclose(r.lon, lon, abs_tol=off * 2) and math.isclose(r.lat, lat, abs_tol=off) for r in found), text


@settings(max_examples=60, deadline=None)
@given(world, st.integers(0, 5))
def test_a_cell_of_mgrs_holds_the_place_it_was_made_of(place, digits):
    text = mgrs_of(*place, digits)
    if text is None:
        assert not -80 <= place[1] <= 84
        return
    zone, square, *numbers = text.split()
    east, north = numbers if numbers else ("", "")
    middle = mgrs_to_degrees(int(zone[:-1]), zone[-1], square, east, north)
    assert middle is not None
    side_deg = 10 ** (5 - digits) / 111_000
    assert abs(middle[1] - place[1]) <= side_deg
    away = abs((middle[0] - place[0] + 180) % 360 - 180)
    assert away * math.cos(math.radians(min(85.0, abs(place[1]) + side_deg))) <= side_deg


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=60)
    | st.text(alphabet="0123456789 .,-°′″'\"NSEWnsew北南东西纬经度分秒点三十百XY=:(){}EPSG/MK+", max_size=LONGEST + 5)
)
def test_no_text_breaks_the_reading_and_every_place_is_in_the_world(text):
    for reading in read_positions(text, MIDDLE):
        assert abs(reading.lon) <= 180 and abs(reading.lat) <= 90
        assert reading_words(reading)


def test_every_form_has_a_name_and_only_shifted_numbers_are_foreign(either_language):
    forms = written(*HERE)
    assert [w.form for w in forms] == list(Form)
    assert all(w.name for w in forms)
    assert {w.form for w in forms if w.foreign} == {Form.GCJ02, Form.BD09}
    assert [w.form for w in written(-30.0, -50.0)] == [f for f in Form if f is not Form.GAUSS]
    assert written(float("nan"), 1.0) == ()


def test_seconds_are_carried_and_never_sixty():
    assert "60" not in write(116.0 - 1e-9, 39.0 - 1e-9, Form.SECONDS)
    assert "60" not in write(116.0 - 1e-9, 39.0 - 1e-9, Form.MINUTES)
