import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlroom.mapping.coordinates import NOWHERE, Datum, from_wgs84, in_world, to_degrees, to_fixed, to_wgs84

LON_M, LAT_M = 85_500.0, 111_000.0


@pytest.mark.parametrize("datum", list(Datum))
@given(
    st.lists(st.tuples(st.floats(74, 135), st.floats(4, 53)), min_size=1, max_size=50),
)
def test_a_round_trip_through_a_datum_ends_within_a_millimetre(datum: Datum, places: list[tuple[float, float]]) -> None:
    lon, lat = np.array(places).T
    back_lon, back_lat = to_wgs84(*from_wgs84(lon, lat, datum), datum)
    assert np.abs(back_lon - lon).max() * 111_000 < 1e-3
    assert np.abs(back_lat - lat).max() * 111_000 < 1e-3


def test_gcj02_is_half_a_kilometre_off_in_the_district() -> None:
    lon, lat = np.meshgrid(np.linspace(116.2, 116.7, 20), np.linspace(39.4, 39.85, 20))
    there_lon, there_lat = from_wgs84(lon, lat, Datum.GCJ02)
    assert (there_lon - lon).mean() * LON_M == pytest.approx(519, abs=15)
    assert (there_lat - lat).mean() * LAT_M == pytest.approx(139, abs=15)


def test_a_known_place_is_where_its_published_gcj02_says() -> None:
    lon, lat = from_wgs84(116.391305, 39.905963, Datum.GCJ02)
    assert float(lon) == pytest.approx(116.397546, abs=5e-5)
    assert float(lat) == pytest.approx(39.907365, abs=5e-5)


def test_a_known_place_is_where_its_published_bd09_says() -> None:
    """The pair that the documentation of coordtransform gives for GCJ-02 116.404, 39.915."""
    lon, lat = from_wgs84(*to_wgs84(116.404, 39.915, Datum.GCJ02), Datum.BD09)
    assert (float(lon), float(lat)) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-6)


def test_outside_china_gcj02_is_wgs84() -> None:
    lon, lat = to_wgs84([2.35, -74.0], [48.85, 40.7], Datum.GCJ02)
    assert lon.tolist() == [2.35, -74.0]
    assert lat.tolist() == [48.85, 40.7]


def test_fixed_point_places_are_exact_to_a_centimetre() -> None:
    generator = np.random.default_rng(1)
    lon, lat = generator.uniform(-180, 180, 5000), generator.uniform(-85, 85, 5000)
    back_lon, back_lat = to_degrees(*to_fixed(lon, lat))
    assert np.abs(back_lon - lon).max() * 111_320 < 0.011
    assert np.abs(back_lat - lat).max() * 111_320 < 0.011


@given(st.lists(st.tuples(st.floats(), st.floats()), max_size=30))
def test_whatever_is_no_place_in_the_world_is_nowhere(places: list[tuple[float, float]]) -> None:
    lon = np.array([place[0] for place in places], np.float64)
    lat = np.array([place[1] for place in places], np.float64)
    x, y = to_fixed(lon, lat)
    assert ((x != NOWHERE) == in_world(lon, lat)).all()
    assert ((x == NOWHERE) == (y == NOWHERE)).all()
