import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from widgets.plot_series import BLOCK, SeriesRing

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


def grown(steps: list[int], capacity: int) -> SeriesRing:
    """A ring that took so many readings in turns, some of them bad."""
    ring, at = SeriesRing(capacity), 0
    for count in steps:
        time_s = np.arange(at, at + count, dtype=float)
        ring.add(time_s, np.sin(time_s).astype(np.float32), (time_s % 7 == 0).astype(np.uint8))
        ring.blocks()
        at += count
    return ring


@given(st.lists(st.integers(0, 700), max_size=8), st.integers(3 * BLOCK, 12 * BLOCK))
def test_blocks_that_follow_a_ring_are_those_of_all_it_holds(steps: list[int], capacity: int) -> None:
    ring = grown(steps, capacity)
    blocks = ring.blocks()
    assert 0 <= blocks.first < BLOCK or not len(blocks.begins)
    for number in range(len(blocks.begins)):
        part = slice(blocks.first + number * BLOCK, blocks.first + (number + 1) * BLOCK)
        assert (blocks.begins[number], blocks.ends[number]) == (ring.time_s[part][0], ring.time_s[part][-1])
        assert blocks.low[number] == np.nanmin(ring.curve[part])
        assert blocks.high[number] == np.nanmax(ring.curve[part])
        assert blocks.good[number] == np.isfinite(ring.curve[part]).sum()
    assert len(ring) - blocks.first - len(blocks.begins) * BLOCK < BLOCK


@given(st.lists(st.integers(0, 700), min_size=1, max_size=8), st.integers(0, 3000), st.integers(0, 3000))
def test_the_extremes_of_a_stretch_are_those_of_its_readings(steps: list[int], one: int, other: int) -> None:
    ring = grown(steps, 20 * BLOCK)
    first, last = sorted((min(one, len(ring)), min(other, len(ring))))
    good = ring.curve[first:last][np.isfinite(ring.curve[first:last])]
    expected = (good.min(), good.max()) if len(good) else (np.nan, np.nan)
    np.testing.assert_equal(ring.extremes(first, last), expected)


def test_readings_that_come_late_make_the_blocks_anew() -> None:
    ring = grown([5 * BLOCK], 20 * BLOCK)
    ring.add(np.array([0.5]), np.array([99.0], np.float32), np.zeros(1, np.uint8))
    assert ring.blocks().high[0] == 99.0
    ring.clear()
    assert not len(ring.blocks().begins)
