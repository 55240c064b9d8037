import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from widgets.plot_columns import Columns, Samples, by_block, by_column, joined, of_ring, one_by_one, plain
from widgets.plot_series import SeriesRing


def ring_of(time_s: np.ndarray, value: np.ndarray) -> SeriesRing:
    ring = SeriesRing(len(time_s))
    ring.add(time_s, value.astype(np.float32), np.zeros(len(time_s), np.uint8))
    return ring


@given(
    st.sets(st.integers(0, 1000), min_size=1, max_size=300),
    st.sampled_from([1, 2, 4, 5, 8, 10, 20]),
    st.integers(0, 2**32 - 1),
)
def test_each_column_keeps_its_least_its_greatest_and_its_mean(times, columns: int, seed: int) -> None:
    time_s = np.sort(np.array(list(times), float))
    chance = np.random.default_rng(seed)
    value = np.where(chance.random(len(time_s)) < 0.2, np.nan, chance.normal(size=len(time_s))).astype(np.float32)
    width_s = 1000.0 / columns
    made = by_column(plain(time_s, value), width_s, gap_s=1e9)
    own = np.floor(time_s / width_s)
    assert made.x.tolist() == (np.unique(own) + 0.5).tolist()
    for place, number in enumerate(np.unique(own)):
        good = value[(own == number) & np.isfinite(value)]
        told = (made.low[place], made.high[place], made.mean[place])
        expected = (good.min(), good.max(), good.mean()) if len(good) else (np.nan,) * 3
        np.testing.assert_allclose(told, expected, rtol=1e-4, atol=1e-6)


def test_missing_readings_leave_a_gap_and_are_not_bridged() -> None:
    made = one_by_one(plain(np.array([0.0, 1.0, 2.0, 300.0, 301.0]), np.arange(5, dtype=np.float32)), 1.0, 180.0)
    assert made.broken.tolist() == [True, False, False, True, False]


def test_a_gap_between_columns_is_not_bridged_either() -> None:
    time_s = np.concatenate([np.linspace(0, 400, 5000), np.linspace(600, 1000, 5000)])
    made = by_column(plain(time_s, np.ones(10_000, np.float32)), 5.0, 60.0)
    (gap,) = np.flatnonzero(made.broken[1:]) + 1
    assert (made.last_s[gap - 1], made.first_s[gap]) == (400.0, 600.0)


def test_a_doubtful_stretch_is_a_gap_even_where_columns_hold_many_readings() -> None:
    value = np.ones(10_000, np.float32)
    value[3000:5000] = np.nan
    made = by_column(plain(np.linspace(0, 1000, 10_000), value), 10.0, 60.0)
    missing = made.x[np.isnan(made.mean)]
    assert missing.min() >= 30 and missing.max() <= 50
    assert len(missing) >= 18


def test_a_peak_of_one_reading_in_a_million_is_drawn() -> None:
    time_s, value = np.linspace(0.0, 1000.0, 1_000_000), np.zeros(1_000_000)
    value[543_210] = 99.0
    ring = ring_of(time_s, value)
    made = of_ring(ring, 0, len(ring), 1.0, 60.0, False)
    assert made.high.max() == 99.0
    assert len(made.x) <= 1002
    assert abs(made.x[made.high.argmax()] - 543.7) < 1.2


@given(st.integers(0, 2**32 - 1), st.integers(0, 4000), st.integers(20_000, 40_000))
def test_blocks_draw_what_the_readings_would(seed: int, first: int, last: int) -> None:
    chance = np.random.default_rng(seed)
    time_s = np.cumsum(chance.uniform(0.5, 1.5, 40_000))
    ring = ring_of(time_s, np.cumsum(chance.normal(size=40_000)))
    rough, exact = (
        by_block(ring, first, last, 2000.0, 60.0),
        by_column(plain(ring.time_s[first:last], ring.curve[first:last]), 2000.0, 60.0),
    )
    assert (rough.low.min(), rough.high.max()) == (
        min(exact.low.min(), rough.low.min()),
        max(exact.high.max(), rough.high.max()),
    )
    spread = exact.high.max() - exact.low.min()
    inner = exact.mean[1:-1]
    near = np.interp(exact.x[1:-1], rough.x, rough.mean)
    assert np.abs(near - inner).max() < 0.35 * spread


def test_a_pause_within_a_block_is_a_gap() -> None:
    time_s = np.concatenate([np.arange(0.0, 10_050.0), np.arange(30_000.0, 40_000.0)])
    ring = ring_of(time_s, np.ones(len(time_s)))
    made = by_block(ring, 0, len(ring), 1000.0, 60.0)
    (gap,) = np.flatnonzero(made.broken[1:]) + 1
    assert made.last_s[gap - 1] == 10_049.0
    assert made.first_s[gap] >= 30_000.0


def bins(begin: float, end: float) -> Samples:
    time_s = np.arange(begin + 5.0, end, 10.0)
    level = np.ones(len(time_s), np.float32)
    return Samples(time_s, level - 1, level + 1, level)


def test_bins_and_readings_are_joined_without_a_seam() -> None:
    earlier = one_by_one(bins(0.0, 100.0), 1.0, 20.0)
    later = one_by_one(plain(np.arange(100.0, 110.0), np.ones(10, np.float32)), 1.0, 20.0)
    whole = joined(earlier, later, 20.0)
    assert whole.broken.tolist() == [True] + [False] * 19
    assert (np.diff(whole.x) > 0).all()
    assert whole.wide
    assert not joined(later, Columns(*(column[:0] for column in later)), 20.0).wide


def test_where_readings_are_missing_at_the_seam_it_stays_open() -> None:
    earlier = one_by_one(bins(0.0, 100.0), 1.0, 20.0)
    later = one_by_one(plain(np.arange(150.0, 160.0), np.ones(10, np.float32)), 1.0, 20.0)
    assert joined(earlier, later, 20.0).broken[10]


def test_nothing_is_drawn_of_nothing() -> None:
    assert not len(by_column(plain(np.empty(0), np.empty(0, np.float32)), 1.0, 60.0).x)
