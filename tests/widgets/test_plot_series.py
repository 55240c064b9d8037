import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from widgets.plot_series import SeriesRing, Thinner, thin

reading = st.tuples(st.integers(0, 60), st.integers(-9, 9), st.integers(0, 1))


@given(st.lists(st.lists(reading, max_size=12), max_size=12), st.integers(1, 20))
def test_a_ring_holds_the_newest_times_as_a_plain_dictionary_would(batches, capacity: int) -> None:
    ring, model = SeriesRing(capacity), {}
    for rows in batches:
        ring.add(
            np.array([r[0] for r in rows], float),
            np.array([r[1] for r in rows], np.float32),
            np.array([r[2] for r in rows], np.uint8),
        )
        model |= {time: (value, quality) for time, value, quality in rows}
        model = dict(sorted(model.items())[-capacity:])
        assert ring.time_s.tolist() == list(model)
        assert ring.value.tolist() == [value for value, _ in model.values()]
        curve = [np.nan if quality else value for value, quality in model.values()]
        np.testing.assert_equal(ring.curve, np.array(curve, np.float32))


def test_a_ring_that_grows_keeps_its_readings_in_one_piece() -> None:
    ring = SeriesRing(10_000)
    for start in range(0, 25_000, 700):
        time_s = np.arange(start, start + 700, dtype=float)
        ring.add(time_s, time_s.astype(np.float32), np.zeros(700, np.uint8))
    assert len(ring) == 10_000
    assert ring.time_s.flags.c_contiguous
    assert (np.diff(ring.time_s) == 1.0).all()
    assert ring.time_s[-1] == 25_199.0


@given(
    st.sets(st.integers(0, 1000), min_size=1, max_size=300),
    st.sampled_from([1, 2, 4, 5, 8, 10, 20]),
    st.integers(0, 2**32 - 1),
)
def test_thinning_keeps_the_least_and_greatest_value_of_every_column(times, columns: int, seed: int) -> None:
    time_s = np.sort(np.array(list(times), float))
    value = np.random.default_rng(seed).normal(size=len(time_s)).astype(np.float32)
    line = thin(time_s, value, 0.0, 1000.0, columns, gap_s=1e9)
    assert (np.diff(line.x) >= 0).all()
    assert len(line.x) <= 3 * columns + 2
    width = 1000.0 / columns
    column, drawn = np.floor(time_s / width), np.floor(line.x / width)
    for each in np.unique(column):
        assert line.y[drawn == each].min() == value[column == each].min()
        assert line.y[drawn == each].max() == value[column == each].max()


def test_a_peak_of_one_reading_in_a_hundred_thousand_is_drawn() -> None:
    time_s = np.linspace(0.0, 1000.0, 100_000)
    value = np.zeros(100_000, np.float32)
    value[54_321] = 99.0
    line = thin(time_s, value, 0.0, 1000.0, 1000, gap_s=60.0)
    assert line.y.max() == 99.0
    assert len(line.x) <= 2002


def test_missing_readings_leave_a_gap_and_are_not_bridged() -> None:
    time_s = np.array([0.0, 1.0, 2.0, 300.0, 301.0])
    line = thin(time_s, np.arange(5, dtype=np.float32), 0.0, 400.0, 100, gap_s=180.0)
    assert line.broken
    assert np.isnan(line.y).tolist() == [False, False, False, True, False, False]


def test_a_gap_in_a_thinned_curve_is_not_bridged_either() -> None:
    time_s = np.concatenate([np.linspace(0, 400, 5000), np.linspace(600, 1000, 5000)])
    line = thin(time_s, np.ones(10_000, np.float32), 0.0, 1000.0, 200, gap_s=60.0)
    (gap,) = np.flatnonzero(np.isnan(line.y))
    assert (line.x[gap - 1], line.x[gap + 1]) == (400.0, 600.0)


def test_a_doubtful_stretch_is_a_gap_even_where_columns_hold_many_readings() -> None:
    value = np.ones(10_000, np.float32)
    value[3000:5000] = np.nan
    line = thin(np.linspace(0, 1000, 10_000), value, 0.0, 1000.0, 100, gap_s=60.0)
    missing = line.x[np.isnan(line.y)]
    assert missing.min() >= 300.0 and missing.max() <= 500.1
    assert missing.max() - missing.min() > 180.0


def test_only_the_asked_part_and_its_neighbours_are_drawn() -> None:
    line = thin(np.arange(100.0), np.zeros(100, np.float32), 10.0, 20.0, 50, gap_s=60.0)
    assert (line.x[0], line.x[-1]) == (10.0, 20.0)


def test_nothing_is_drawn_of_nothing() -> None:
    line = thin(np.empty(0), np.empty(0, np.float32), 0.0, 1.0, 100, gap_s=60.0)
    assert (len(line.x), line.broken) == (0, False)


@given(
    st.lists(st.lists(st.integers(0, 400), max_size=80), min_size=1, max_size=8),
    st.lists(st.integers(0, 60), min_size=8, max_size=8),
    st.sampled_from([1, 2, 4, 8]),
    st.integers(20, 200),
)
def test_following_a_growing_curve_draws_what_thinning_all_of_it_would(batches, steps, columns, capacity) -> None:
    ring, thinner, end_s = SeriesRing(capacity), Thinner(), 100.0
    for batch, step in zip(batches, steps, strict=False):
        times = np.array(batch, float)
        ring.add(times, np.sin(times).astype(np.float32), (times % 7 == 0).astype(np.uint8))
        end_s += step
        followed = thinner.line(ring.time_s, ring.curve, ring.revision, end_s, 128.0, columns, 30.0)
        whole = thin(ring.time_s, ring.curve, end_s - 128.0, end_s, columns, 30.0)
        # Columns that reach beyond the window or have lost readings to the ring's end may hold more than the whole has.
        inside = max(end_s - 128.0 + 128.0 / columns, float(ring.time_s[0]) + 128.0 / columns) if len(ring) else 0.0
        shown, expected = followed.x >= inside, whole.x >= inside
        np.testing.assert_array_equal(followed.x[shown], whole.x[expected])
        np.testing.assert_array_equal(followed.y[shown], whole.y[expected])
