from collections import deque

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlroom.hub.readings_history import BYTES_PER_READING, RecentReadings
from controlroom.wire.frames import Readings

Row = tuple[int, float, int, int]


def batch(rows: list[Row]) -> Readings:
    return Readings(
        np.array([row[0] for row in rows], np.uint32),
        np.array([row[1] for row in rows], np.float32),
        np.array([row[2] for row in rows], np.int64),
        np.array([row[3] for row in rows], np.uint8),
    )


def rows_of(readings: Readings) -> list[Row]:
    columns = (readings.index, readings.value, readings.time, readings.quality)
    return list(zip(*(column.tolist() for column in columns), strict=True))


row = st.tuples(st.integers(0, 6), st.integers(0, 99).map(float), st.integers(1, 50), st.integers(0, 2))


@given(
    st.lists(st.lists(row, max_size=15), max_size=10),
    st.lists(st.integers(-1, 7), max_size=4),
    st.integers(0, 60),
)
def test_what_is_held_equals_a_queue_of_the_newest(batches: list[list[Row]], indices: list[int], since: int) -> None:
    segment, segments = 8, 4
    history = RecentReadings(segment * segments * BYTES_PER_READING, segment)
    model: deque[Row] = deque()
    for rows in batches:
        history.append(batch(rows))
        model.extend(rows)
    while len(model) > len(history):
        model.popleft()
    told = sum(len(rows) for rows in batches)
    assert min(told, segment * (segments - 1)) <= len(history) <= segment * segments
    expected = [row for row in model if row[0] in indices and row[2] >= since]
    assert rows_of(history.read(indices, since)) == sorted(expected, key=lambda row: (row[0], row[2]))


def test_a_batch_larger_than_all_that_is_kept_leaves_its_end() -> None:
    history = RecentReadings(3 * 100 * BYTES_PER_READING, 100)
    history.append(batch([(1, float(n), n, 0) for n in range(1, 1051)]))
    assert history.read([1], 0).value[-1] == 1050.0
    assert len(history) == 250


def test_the_memory_of_the_history_is_bounded_by_what_it_was_given() -> None:
    with pytest.raises(ValueError, match="two segments"):
        RecentReadings(max_bytes=1000)


def test_the_read_columns_do_not_change_when_more_is_appended() -> None:
    history = RecentReadings()
    history.append(batch([(1, 1.0, 1, 0)]))
    before = history.read([1], 0)
    history.append(batch([(1, 2.0, 2, 0)]))
    assert before.value.tolist() == [1.0]


@pytest.mark.parametrize("sensors", [500, 130_000])
def test_the_whole_fleet_and_a_small_one_are_held_alike(sensors: int) -> None:
    history = RecentReadings()
    rounds = 4 * 1024 * 1024 // sensors
    index = np.arange(sensors, dtype=np.uint32)
    for minute in range(rounds):
        time = np.full(sensors, 60_000 * minute, np.int64)
        history.append(Readings(index, index.astype(np.float32), time, np.zeros(sensors, np.uint8)))
    assert len(history) * BYTES_PER_READING <= 64 * 1024 * 1024
    held = history.read([0, sensors - 1], 0)
    assert set(held.index.tolist()) == {0, sensors - 1}
    assert len(held.index) >= 2 * (len(history) // sensors)
