import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlroom.domain.readings import MAX_INDICES, Latest

Reading = tuple[int, float, int, int]
readings = st.tuples(
    st.integers(0, 12),
    st.floats(-100, 100, width=32) | st.just(float("nan")),
    st.integers(1, 40),
    st.integers(0, 3),
)


def columns(batch: list[Reading]):
    return (
        np.array([r[0] for r in batch], np.uint32),
        np.array([r[1] for r in batch], np.float32),
        np.array([r[2] for r in batch], np.int64),
        np.array([r[3] for r in batch], np.uint8),
    )


@given(st.lists(st.lists(readings, max_size=20), max_size=8))
def test_the_newest_reading_wins_as_in_a_plain_dictionary(batches: list[list[Reading]]) -> None:
    latest, model = Latest(), {}
    for number, batch in enumerate(batches, 1):
        told = set()
        for index, value, time_ms, quality in batch:
            if time_ms >= model.get(index, (0, 0))[1]:
                model[index] = (value, time_ms, quality, number)
                told.add(index)
        changed = latest.apply(*columns(batch), received_ms=number)
        assert sorted(changed.tolist()) == sorted(told)
    assert latest.size == max(model, default=-1) + 1
    for index in range(latest.size):
        value, time_ms, quality, received_ms = model.get(index, (float("nan"), 0, 0, 0))
        np.testing.assert_equal(latest.value[index], np.float32(value))
        assert (latest.time_ms[index], latest.quality[index], latest.received_ms[index]) == (
            time_ms,
            quality,
            received_ms,
        )


def test_a_sensor_that_was_never_heard_has_no_value_no_time_and_no_age() -> None:
    latest = Latest(3)
    assert np.isnan(latest.value).all()
    assert latest.time_ms.tolist() == [0, 0, 0]
    assert latest.age_ms(1_000).tolist() == [-1, -1, -1]


def test_columns_grow_by_doubling_and_keep_what_they_held() -> None:
    latest = Latest()
    latest.apply(*columns([(2, 1.5, 10, 0)]))
    latest.apply(*columns([(130_000, 2.5, 20, 1)]))
    assert latest.size == 130_001
    assert latest.value[[2, 130_000]].tolist() == [1.5, 2.5]


def test_a_source_with_a_fast_clock_cannot_keep_a_dead_value_young() -> None:
    latest = Latest()
    latest.apply(*columns([(0, 1.0, 900_000, 0), (1, 1.0, 100_000, 0)]), received_ms=200_000)
    assert latest.age_ms(260_000).tolist() == [60_000, 160_000]


def test_readings_that_cannot_be_are_dropped_and_counted() -> None:
    latest = Latest()
    changed = latest.apply(*columns([(MAX_INDICES, 1.0, 5, 0), (1, 1.0, 0, 0), (1, 1.0, -5, 0), (1, 7.0, 5, 0)]))
    assert changed.tolist() == [1]
    assert latest.refused == 3
    assert latest.value[1] == 7.0


def test_columns_of_different_lengths_are_refused() -> None:
    index, value, time_ms, quality = columns([(0, 1.0, 5, 0), (1, 1.0, 5, 0)])
    with pytest.raises(ValueError, match="length"):
        Latest().apply(index, value[:1], time_ms, quality)


def test_an_empty_batch_changes_nothing() -> None:
    assert Latest().apply(*columns([])).tolist() == []
