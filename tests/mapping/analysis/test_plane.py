"""The plane and the ellipsoid against published figures and closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.mapping.analysis.fault import AnalysisFault, Reason
from controlroom.mapping.analysis.plane import AXIS_M, FLATTENING, Plane, distance_m, ring_area_m2

DISTRICT_LON = st.floats(116.2, 116.8)
DISTRICT_LAT = st.floats(39.4, 39.9)


def test_a_quarter_of_the_meridian_is_as_long_as_the_ellipsoid_says():
    # Rapp 1991: 10 001 965.729 m on WGS-84.
    assert distance_m(116.0, 0.0, 116.0, 84.0) < 10_001_965.729
    halves = distance_m(0.0, 0.0, 0.0, 45.0) + distance_m(0.0, 45.0, 0.0, 85.0)
    assert distance_m(0.0, 0.0, 0.0, 45.0) == pytest.approx(4_984_944.378, abs=0.001)
    assert halves == pytest.approx(float(distance_m(0.0, 0.0, 0.0, 85.0)), abs=0.001)


def test_a_degree_along_the_equator_is_an_arc_of_the_axis():
    assert distance_m(10.0, 0.0, 11.0, 0.0) == pytest.approx(AXIS_M * np.pi / 180, abs=1e-3)


def test_the_way_over_the_date_line_is_the_short_one():
    assert distance_m(179.9, 10.0, -179.9, 10.0) == pytest.approx(float(distance_m(0.1, 10.0, -0.1, 10.0)), abs=1e-3)


def test_what_is_not_in_the_world_has_no_distance():
    far = distance_m([np.nan, 200.0, 116.0], [39.0, 39.0, 39.0], 116.0, 39.0)
    assert np.isnan(far[:2]).all()
    assert far[2] == 0.0


def test_an_antipodal_pair_is_unknown_and_not_a_wrong_number():
    assert np.isnan(distance_m(0.0, 0.0, 179.9, 0.1))


def test_the_central_meridian_of_the_plane_is_true_to_length():
    plane = Plane(116.4)
    x, y = plane.to_plane([116.4, 116.4], [0.0, 45.0])
    assert x == pytest.approx([0.0, 0.0], abs=1e-6)
    assert y[1] - y[0] == pytest.approx(4_984_944.378, abs=0.001)


@settings(max_examples=60)
@given(DISTRICT_LON, DISTRICT_LAT)
def test_there_and_back_is_the_same_place(lon, lat):
    plane = Plane(116.45)
    assert np.allclose(plane.to_degrees(*plane.to_plane(lon, lat)), (lon, lat), atol=1e-10)


@settings(max_examples=60)
@given(DISTRICT_LON, DISTRICT_LAT, DISTRICT_LON, DISTRICT_LAT)
def test_lengths_in_the_plane_are_geodesics_to_five_in_a_hundred_thousand(lon, lat, lon2, lat2):
    plane = Plane(116.5)
    x, y = plane.to_plane([lon, lon2], [lat, lat2])
    assert np.hypot(x[1] - x[0], y[1] - y[0]) == pytest.approx(
        float(distance_m(lon, lat, lon2, lat2)), rel=5e-5, abs=1e-3
    )


def test_the_plane_has_no_place_for_what_is_far_away_or_no_number():
    x, _y = Plane(116.0).to_plane([np.nan, 10.0, 116.0, 500.0], [39.0, 39.0, np.inf, 39.0])
    assert np.isnan(x).all()
    with pytest.raises(AnalysisFault) as fault:
        Plane.around([np.nan, 999.0], [1.0, 1.0])
    assert fault.value.reason is Reason.EMPTY


def test_an_eighth_of_the_earth_has_an_eighth_of_its_area():
    e = np.sqrt(FLATTENING * (2 - FLATTENING))
    b = AXIS_M * (1 - FLATTENING)
    whole = 2 * np.pi * AXIS_M**2 + np.pi * b**2 / e * np.log((1 + e) / (1 - e))
    # The pole is beyond Web Mercator's world: the cap above 85.05° is added in its closed form.
    lat = 85.0
    steps = np.linspace(0, 90, 2001)
    ring_lon = np.concatenate([[0.0], steps[::-1] * 0 + steps[::-1]])
    ring_lat = np.concatenate([[0.0], np.full(2001, lat)])
    ring_lon, ring_lat = np.append(ring_lon[1:], [0.0, 90.0]), np.append(ring_lat[1:], [0.0, 0.0])
    q = lambda s: (1 - e**2) * (s / (1 - (e * s) ** 2) + np.arctanh(e * s) / e)  # noqa: E731
    belt = AXIS_M**2 / 2 * (np.pi / 2) * q(np.sin(np.radians(lat)))
    assert ring_area_m2(ring_lon, ring_lat) == pytest.approx(belt, rel=1e-6)
    assert AXIS_M**2 / 2 * 2 * np.pi * q(1.0) * 2 == pytest.approx(whole, rel=1e-9)


def test_a_small_square_has_the_area_of_its_sides():
    side_lon, side_lat = float(distance_m(116.4, 39.6, 116.41, 39.6)), float(distance_m(116.4, 39.6, 116.4, 39.61))
    area = ring_area_m2([116.4, 116.41, 116.41, 116.4], [39.6, 39.6, 39.61, 39.61])
    assert area == pytest.approx(side_lon * side_lat, rel=2e-4)


def test_a_ring_outside_the_world_is_refused():
    with pytest.raises(AnalysisFault):
        ring_area_m2([116.0, 117.0, np.nan], [39.0, 39.0, 40.0])
