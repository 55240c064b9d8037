"""DBSCAN against its definition, breaks against every possibility, roads against a network drawn by hand."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from controlroom.mapping.analysis.breaks import Breaks, class_of, edges, spread_within
from controlroom.mapping.analysis.clusters import NOISE, _most_pairs, counted, dbscan
from controlroom.mapping.analysis.fault import AnalysisFault, Reason
from controlroom.mapping.analysis.roads import Network, nearest_by_line

# ------------------------------------------------------------------ DBSCAN


def naive(x, y, reach, least):
    """The definition, point by point: the cores' clusters, and which points are noise."""
    near = np.hypot(x[:, None] - x, y[:, None] - y) <= reach
    core = near.sum(1) >= least
    label, current = np.full(len(x), -1), -1
    for i in np.flatnonzero(core):
        if label[i] >= 0:
            continue
        current += 1
        todo = [i]
        while todo:
            k = todo.pop()
            if label[k] >= 0:
                continue
            label[k] = current
            todo.extend(j for j in np.flatnonzero(near[k] & core) if label[j] < 0)
    noise = ~core & ~(near & core[None, :]).any(1)
    return label, core, noise


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=60),
    st.sampled_from([1.0, 3.0, 5.0]),
    st.integers(1, 6),
)
def test_clusters_are_those_of_the_definition(points, reach, least):
    x, y = np.array(points, np.float64).T
    got = dbscan(x, y, reach, least)
    label, core, noise = naive(x, y, reach, least)
    assert (got[noise] == NOISE).all()
    assert (got[~noise] >= 0).all()
    pairs = {(a, b) for a, b in zip(got[core].tolist(), label[core].tolist(), strict=True)}
    assert len(pairs) == len({a for a, _b in pairs}) == len({b for _a, b in pairs})


def test_a_point_without_a_place_belongs_to_no_cluster():
    assert dbscan(np.array([0.0, 1.0, np.nan]), np.array([0.0, 0.0, 0.0]), 2.0, 2).tolist() == [0, 0, NOISE]


def test_a_hundred_thousand_devices_at_one_pole_are_one_cluster_at_once():
    assert (dbscan(np.zeros(100_000), np.zeros(100_000), 50.0, 5) == 0).all()


def test_a_reach_that_takes_everything_is_refused_and_not_begun():
    x, y = np.random.default_rng(0).uniform(0, 100, (2, 9000))
    with pytest.raises(AnalysisFault) as fault:
        dbscan(x, y, 500.0, 5)
    assert fault.value.reason is Reason.TOO_DENSE


@pytest.mark.parametrize(("reach", "least"), [(0.0, 3), (np.nan, 3), (10.0, 0)])
def test_numbers_that_make_no_sense_are_refused(reach, least):
    with pytest.raises(AnalysisFault) as fault:
        dbscan(np.zeros(3), np.zeros(3), reach, least)
    assert fault.value.reason is Reason.BAD_PARAMETER


def test_cells_count_every_placed_point_once():
    cells = counted(np.array([1.0, 9.0, 11.0, -1.0, np.nan]), np.array([1.0, 9.0, 1.0, 1.0, 1.0]), 10.0)
    assert dict(zip(zip(cells.x, cells.y, strict=True), cells.count.tolist(), strict=True)) == {
        (0.0, 0.0): 2,
        (10.0, 0.0): 1,
        (-10.0, 0.0): 1,
    }


# ------------------------------------------------------------------ breaks


def test_equal_breaks_have_one_width_and_quantiles_one_count():
    values = np.arange(101.0) ** 2
    assert np.diff(edges(values, Breaks.EQUAL, 4)) == pytest.approx(np.full(4, 2500.0))
    cuts = edges(values, Breaks.QUANTILE, 4)
    assert np.bincount(class_of(values, cuts)).tolist() == [25, 25, 25, 26]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=4, max_size=11), st.integers(2, 4))
def test_natural_breaks_are_the_best_of_all_ways_to_cut(values, classes):
    held = np.array(values, np.float64)
    distinct = np.unique(held)
    if len(distinct) < 2:
        return
    cuts = edges(held, Breaks.NATURAL, classes)
    parts = min(classes, len(distinct))
    best = min(
        spread_within(held, np.array([distinct[0], *inner, distinct[-1]]))
        for inner in itertools.combinations(distinct[1:], parts - 1)
    )
    assert spread_within(held, cuts) == pytest.approx(best, abs=1e-6)


def test_natural_breaks_find_the_gaps_in_130000_values():
    rng = np.random.default_rng(2)
    values = np.concatenate([rng.normal(m, 1.0, 43_000) for m in (0.0, 50.0, 100.0)])
    cuts = edges(values, Breaks.NATURAL, 3)
    assert 10 < cuts[1] <= 50 and 60 < cuts[2] <= 100
    assert np.bincount(class_of(values, cuts)).tolist() == [43_000] * 3


def test_the_limits_of_a_standard_are_the_inner_edges_and_all_values_have_a_class():
    cuts = edges([3.0, 20.0, 90.0], Breaks.STANDARD, 5, [15.0, 27.0, 40.0, 60.0])
    assert cuts[1:-1].tolist() == [15.0, 27.0, 40.0, 60.0]
    assert class_of([3.0, 15.0, 20.0, 90.0, np.nan], cuts).tolist() == [0, 1, 1, 4, -1]


def test_values_that_are_alike_or_absent_have_no_classes():
    for values, reason in (([5.0, 5.0], Reason.ALL_ALIKE), ([np.nan], Reason.NO_VALUES), ([], Reason.NO_VALUES)):
        with pytest.raises(AnalysisFault) as fault:
            edges(values, Breaks.NATURAL, 3)
        assert fault.value.reason is reason
    with pytest.raises(AnalysisFault):
        edges([1.0, 2.0], Breaks.EQUAL, 99)


# ------------------------------------------------------------------ roads

#   (0,1000) ─── (1000,1000)
#      │              │
#   (0,0)          (1000,0)      no road between the lower corners
BRIDGE = [np.array([[0.0, 0.0], [0.0, 1000.0], [1000.0, 1000.0], [1000.0, 0.0]])]


def test_what_lies_across_the_river_is_three_sides_away_by_road():
    (reached,) = Network(BRIDGE).nearest(0.0, 0.0, np.array([[1000.0, 0.0]]))
    assert (reached.by_road, reached.metres) == (True, pytest.approx(3000.0))
    length = np.linalg.norm(np.diff(reached.path, axis=0), axis=1).sum()
    assert length == pytest.approx(3000.0)


def test_the_nearest_by_road_is_not_the_nearest_by_line():
    things = np.array([[1000.0, 0.0], [0.0, 1000.0], [500.0, 1010.0]])
    assert [r.index for r in Network(BRIDGE).nearest(0.0, 0.0, things)] == [1, 2, 0]
    assert [r.index for r in nearest_by_line(10.0, 0.0, things)] == [0, 1, 2]


def test_the_way_to_the_road_and_from_it_is_counted():
    (reached,) = Network(BRIDGE).nearest(-100.0, 0.0, np.array([[-50.0, 1000.0]]))
    assert reached.metres == pytest.approx(100 + 1000 + 50)


def test_where_there_is_no_network_the_line_is_told_as_a_line():
    far = np.array([[10_000.0, 0.0], [0.0, 900.0]])
    near, away = Network(BRIDGE).nearest(0.0, 0.0, far)
    assert (near.index, near.by_road) == (1, True)
    assert (away.index, away.by_road, away.metres) == (0, False, pytest.approx(10_000.0))
    assert not Network(BRIDGE).nearest(0.0, -5000.0, far)[0].by_road


def test_a_road_that_is_cut_off_is_not_driven_over():
    network = Network([*BRIDGE, np.array([[3000.0, 0.0], [3000.0, 100.0]])])
    (reached,) = network.nearest(0.0, 0.0, np.array([[3000.0, 50.0]]))
    assert (reached.by_road, reached.metres) == (False, pytest.approx(np.hypot(3000, 50)))


def test_the_shorter_of_two_roads_between_two_places_counts():
    detour = np.array([[0.0, 0.0], [0.0, 200.0]])
    twice = Network([detour, detour[::-1]])
    (reached,) = twice.nearest(0.0, 0.0, np.array([[0.0, 200.0]]))
    assert reached.metres == pytest.approx(200.0)


def test_things_without_a_place_are_left_out_and_none_at_all_is_said():
    (reached,) = Network(BRIDGE).nearest(0.0, 0.0, np.array([[np.nan, 0.0], [0.0, 100.0]]))
    assert reached.index == 1
    for nothing in (np.empty((0, 2)), np.array([[np.nan, 1.0]])):
        with pytest.raises(AnalysisFault) as fault:
            Network(BRIDGE).nearest(0.0, 0.0, nothing)
        assert fault.value.reason is Reason.EMPTY
    with pytest.raises(AnalysisFault):
        Network([np.array([[np.nan, np.nan]])])


def test_more_pairs_are_never_there_than_the_bound_says() -> None:
    rng = np.random.default_rng(3)
    for reach_m in (3.0, 40.0, 900.0):
        places = rng.normal(0, 300, (500, 2))
        tree = cKDTree(places)
        assert _most_pairs(places, reach_m) >= tree.count_neighbors(tree, reach_m)
