"""The union of equal discs along its rim, against the union of the polygons themselves."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from controlroom.mapping.analysis import areas, discs, rims
from controlroom.mapping.analysis.discs import united_discs
from controlroom.mapping.analysis.rims import Undecided, shown_arcs

CORNERS = 64


def united(xy: np.ndarray, radius_m: float) -> list[BaseGeometry]:
    return united_discs(xy[:, 0], xy[:, 1], radius_m, CORNERS)


def by_polygons(xy: np.ndarray, radius_m: float) -> BaseGeometry:
    return shapely.union_all(shapely.buffer(shapely.points(xy), radius_m, quad_segs=CORNERS // 4))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(4, 150), radius_m=st.floats(5.0, 400.0))
def test_the_rim_is_that_of_the_united_polygons(seed: int, count: int, radius_m: float) -> None:
    xy = np.random.default_rng(seed).uniform(0, 1000, (count, 2))
    found = united(xy, radius_m)
    whole = by_polygons(xy, radius_m)
    assert shapely.is_valid(np.array(found, object)).all()
    # The corners of the two lie elsewhere on the circles, and chords of 64 cut off a 600th of a disc.
    assert sum(part.area for part in found) == pytest.approx(whole.area, rel=4e-3)
    assert shapely.symmetric_difference(shapely.union_all(found), whole).area < 8e-3 * whole.area


def test_a_ring_of_discs_keeps_its_hole() -> None:
    turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    [found] = united(np.column_stack([1000 * np.cos(turns), 1000 * np.sin(turns)]), 150.0)
    assert len(found.interiors) == 1
    assert not found.covers(shapely.Point(0, 0))
    assert found.covers(shapely.Point(1000, 0))


@pytest.mark.parametrize("radius_m", [30.0, 51.0, 70.7, 71.0, 120.0])
def test_a_regular_grid_is_no_worse_than_any_other(radius_m: float) -> None:
    xy = np.stack(np.meshgrid(np.arange(12) * 100.0, np.arange(12) * 100.0), -1).reshape(-1, 2)
    found = united(np.concatenate([xy, xy[:20]]), radius_m)
    assert shapely.is_valid(np.array(found, object)).all()
    assert sum(part.area for part in found) == pytest.approx(by_polygons(xy, radius_m).area, rel=4e-3)


def test_a_disc_that_touches_no_other_is_whole_and_apart() -> None:
    near = np.random.default_rng(1).uniform(0, 100, (10, 2))
    found = united(np.vstack([near, [[5000.0, 5000.0]]]), 60.0)
    alone = [part for part in found if part.covers(shapely.Point(5000, 5000))]
    assert len(found) == 2
    assert len(alone) == 1
    assert alone[0].area == pytest.approx(np.pi * 60.0**2, rel=3e-3)


def test_one_place_and_two_that_meet_are_discs_too() -> None:
    [one] = united(np.array([[3.0, 4.0]]), 50.0)
    assert one.area == pytest.approx(np.pi * 2500, rel=3e-3)
    [found] = areas.buffer(areas.points_of(np.array([0.0, 10.0]), np.zeros(2)), 50.0, True)
    assert found.covers(shapely.LineString([(0, 0), (10, 0)]))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(4, 300), radius_m=st.floats(5.0, 900.0))
def test_neighbours_and_triangles_find_the_same_rim(seed: int, count: int, radius_m: float) -> None:
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 1000, (count, 2)) if seed % 2 else rng.normal(0, 150, (count, 2))
    near, lonely = shown_arcs(xy, radius_m)
    meshed, apart = discs._triangulated(xy, radius_m)
    assert np.array_equal(lonely, apart)
    one, two = (np.lexsort((arcs.start, arcs.disc)) for arcs in (near, meshed))
    assert np.array_equal(near.disc[one], meshed.disc[two])
    assert near.start[one] == pytest.approx(meshed.start[two], abs=1e-6)
    assert near.span[one] == pytest.approx(meshed.span[two], abs=1e-6)


def test_discs_that_lie_in_one_another_by_hundreds_are_united_by_triangles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rims, "_MOST_ASKED", 20_000)
    line = np.column_stack([np.arange(2000) * 1.0, np.sin(np.arange(2000))])
    with pytest.raises(Undecided):
        shown_arcs(line, 500.0)
    [found] = united(line, 500.0)
    assert found.area == pytest.approx(by_polygons(np.vstack([line[::20], line[-1:]]), 500.0).area, rel=4e-3)


def test_places_in_a_line_or_all_at_one_place_are_united_too() -> None:
    line = np.column_stack([np.arange(50) * 40.0, np.zeros(50)])
    [found] = areas.buffer(areas.points_of(*line.T), 50.0, True)
    assert found.area == pytest.approx(by_polygons(line, 50.0).area, rel=2e-2)
    [one] = areas.buffer(areas.points_of(np.full(9, 7.0), np.full(9, 7.0)), 50.0, True)
    assert one.area == pytest.approx(np.pi * 2500, rel=2e-2)
