"""Buffers, overlays and what lies inside: squares whose answers are known."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.mapping.analysis import areas
from controlroom.mapping.analysis.areas import Area
from controlroom.mapping.analysis.fault import AnalysisFault, Reason
from controlroom.mapping.analysis.plane import Plane

PLANE = Plane(116.4)


def square(x, y, side, name=""):
    return Area(shapely.box(x, y, x + side, y + side), name)


def ring(*points):
    return {"type": "Polygon", "coordinates": [[list(p) for p in points]]}


def test_a_point_gets_a_circle_of_its_radius():
    (around,) = areas.buffer([shapely.Point(0, 0)], 100.0, False)
    assert around.area == pytest.approx(math.pi * 100**2, rel=0.01)


def test_two_circles_that_touch_become_one_area_when_dissolved():
    points = [shapely.Point(0, 0), shapely.Point(150, 0), shapely.Point(1000, 0)]
    assert len(areas.buffer(points, 100.0, True)) == 2
    assert len(areas.buffer(points, 100.0, False)) == 3


def test_a_line_gets_a_band_with_round_ends():
    (band,) = areas.buffer([shapely.LineString([(0, 0), (1000, 0)])], 10.0, True)
    assert band.area == pytest.approx(1000 * 20 + math.pi * 100, rel=0.001)


@pytest.mark.parametrize("distance", [0.0, -5.0, math.nan, math.inf, 1e9])
def test_a_distance_that_makes_no_sense_is_refused_by_name(distance):
    with pytest.raises(AnalysisFault) as fault:
        areas.buffer([shapely.Point(0, 0)], distance, False)
    assert fault.value.reason is Reason.BAD_PARAMETER
    assert "distance_m" in fault.value.detail


def test_a_buffer_of_nothing_says_so():
    with pytest.raises(AnalysisFault) as fault:
        areas.buffer([], 10.0, True)
    assert fault.value.reason is Reason.EMPTY


def test_common_parts_carry_both_names_and_the_right_size():
    (common,) = areas.overlay([square(0, 0, 10, "a")], [square(5, 5, 10, "b")], "intersection")
    assert (common.shape.area, common.name) == (25.0, "a ∩ b")


def test_union_and_difference_have_the_areas_of_arithmetic():
    first, second = [square(0, 0, 10)], [square(5, 5, 10)]
    assert sum(a.shape.area for a in areas.overlay(first, second, "union")) == 175.0
    assert sum(a.shape.area for a in areas.overlay(first, second, "difference")) == 75.0


def test_areas_that_do_not_touch_leave_nothing_and_say_so():
    with pytest.raises(AnalysisFault) as fault:
        areas.overlay([square(0, 0, 1)], [square(9, 9, 1)], "intersection")
    assert fault.value.reason is Reason.NOTHING_LEFT


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 9)), min_size=1, max_size=5), st.data()
)
def test_what_is_common_and_what_is_not_make_the_whole(first, data):
    boxes = st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 9))
    a = [Area(shapely.union_all([square(*b).shape for b in first]))]
    b = [square(*data.draw(boxes))]
    total = 0.0
    for operation in ("intersection", "difference"):
        try:
            total += sum(part.shape.area for part in areas.overlay(a, b, operation))
        except AnalysisFault as fault:
            assert fault.reason is Reason.NOTHING_LEFT
    assert total == pytest.approx(a[0].shape.area)


def test_an_area_that_crosses_itself_is_mended_and_says_so():
    bow = areas.read_area(ring((116.4, 39.6), (116.41, 39.61), (116.41, 39.6), (116.4, 39.61), (116.4, 39.6)), PLANE)
    assert bow.mended
    assert len(shapely.get_parts(bow.shape)) == 2


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        (ring((116.4, 39.6), (math.nan, 39.6), (116.4, 39.7)), Reason.NO_PLACE),
        (ring((116.4, 39.6), (500.0, 39.6), (116.4, 39.7)), Reason.NO_PLACE),
        (ring((116.4, 39.6), (10.0, 39.6), (116.4, 39.7)), Reason.NO_PLACE),
        (ring((116.4, 39.6), (116.5, 39.6)), Reason.NO_AREA),
        (ring((116.4, 39.6), (116.4, 39.7), (116.4, 39.8)), Reason.NO_AREA),
        ({"type": "Point", "coordinates": [1, 2]}, Reason.NO_AREA),
        ({"type": "Polygon", "coordinates": [[["a", "b"]]]}, Reason.NO_AREA),
        ({"type": "Polygon", "coordinates": []}, Reason.NO_AREA),
        ({"type": "Polygon"}, Reason.NO_AREA),
        ({}, Reason.NO_AREA),
    ],
)
def test_what_is_no_area_is_refused_with_its_reason(geometry, reason):
    with pytest.raises(AnalysisFault) as fault:
        areas.read_area(geometry, PLANE, "north")
    assert (fault.value.reason, fault.value.detail) == (reason, "north")


def test_a_hole_is_not_inside_and_its_area_is_left_out():
    outer, inner = shapely.box(0, 0, 10, 10), shapely.box(4, 4, 6, 6)
    holed = shapely.difference(outer, inner)
    x, y = np.array([1.0, 5.0, np.nan, 11.0]), np.array([1.0, 5.0, 1.0, 1.0])
    assert areas.inside(holed, x, y).tolist() == [True, False, False, False]
    moved = shapely.transform(holed, lambda xy: xy * 100 + [0, 4_390_000])
    assert areas.geodesic_area_m2(moved, PLANE) == pytest.approx(96 * 100**2, rel=1e-4)


def test_points_are_counted_per_area():
    x, y = np.random.default_rng(1).uniform(0, 20, (2, 1000))
    numbers = areas.counts([square(0, 0, 10), square(10, 10, 10)], x, y)
    assert numbers.tolist() == [np.sum((x <= 10) & (y <= 10)), np.sum((x >= 10) & (y >= 10))]


def test_an_area_comes_back_from_geojson_where_it_was():
    there = ring((116.4, 39.6), (116.45, 39.6), (116.45, 39.63), (116.4, 39.6))
    back = areas.to_geojson(areas.read_area(there, PLANE).shape, PLANE)
    assert np.allclose(sorted(map(tuple, back["coordinates"][0])), sorted(map(tuple, there["coordinates"][0])))
    assert areas.to_geojson(shapely.Point(0.0, 4_384_000.0), PLANE)["type"] == "Point"


def test_a_circle_around_no_place_is_refused():
    with pytest.raises(AnalysisFault):
        areas.circle(PLANE, math.nan, 39.0, 100.0)
    assert areas.circle(PLANE, 116.4, 39.6, 100.0).shape.area == pytest.approx(math.pi * 1e4, rel=0.001)


def test_who_no_longer_waits_is_heard():
    def cancelled(_share):
        raise AnalysisFault(Reason.CANCELLED)

    with pytest.raises(AnalysisFault):
        areas.buffer([shapely.Point(0, 0)], 1.0, True, cancelled)
