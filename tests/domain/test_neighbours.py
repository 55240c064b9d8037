import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.domain import neighbours


def built(lon: np.ndarray, lat: np.ndarray, within_km: float = 50.0) -> np.ndarray:
    return list(neighbours.nearest(lon, lat, within_km))[-1]


@settings(max_examples=25)
@given(st.integers(0, 2**32), st.integers(1, 400), st.booleans())
def test_the_nearest_are_those_that_comparing_every_pair_finds(seed: int, count: int, clumped: bool) -> None:
    chance = np.random.default_rng(seed)
    lon, lat = chance.uniform(116.2, 116.7, count), chance.uniform(39.45, 39.83, count)
    if clumped:
        lon[: count // 2] = 116.3 + chance.normal(0, 1e-4, count // 2)
    scale = 111.195 * np.cos(np.radians(lat.mean()))
    gap = np.hypot((lon[:, None] - lon) * scale, (lat[:, None] - lat) * 111.195)
    np.fill_diagonal(gap, np.inf)
    table = built(lon, lat, 10.0)
    for row in range(count):
        right = np.sort(gap[row])[: neighbours.COUNT]
        right = right[right <= 10.0]
        found = np.sort(gap[row][table[row][table[row] >= 0]])
        assert np.allclose(found, right, atol=1e-6)


def test_points_without_a_place_have_no_neighbours_and_are_nobody_s() -> None:
    lon, lat = np.array([116.3, np.nan, 116.31]), np.array([39.7, np.nan, 39.7])
    assert [sorted(row[row >= 0].tolist()) for row in built(lon, lat)] == [[2], [], [0]]


@given(
    st.lists(
        st.lists(st.floats(-1e6, 1e6, width=32) | st.just(float("inf")), min_size=7, max_size=7),
        min_size=1,
        max_size=20,
    )
)
def test_the_centre_is_the_median_and_its_deviation_of_what_is_usable(rows: list[list[float]]) -> None:
    values = np.array(rows, np.float32).T.copy()
    median, spread, usable = neighbours.centre(values)
    for column, row in enumerate(rows):
        known = np.array([v for v in row if np.isfinite(v)], np.float32)
        assert usable[column] == len(known)
        if len(known) < neighbours.LEAST:
            assert np.isnan(median[column])
        else:
            assert median[column] == np.float32(np.median(known))
            assert np.isclose(spread[column], np.median(np.abs(known - median[column])), rtol=1e-5, atol=1e-6)


def test_three_wrong_neighbours_of_seven_do_not_move_the_centre_out_of_the_others() -> None:
    median, _spread, _usable = neighbours.centre(np.array([[20], [21], [19], [20], [999], [999], [999]], np.float32))
    assert 19 <= median[0] <= 21
