"""What every store of readings promises, whatever it keeps them in; a new one is added to `STORES` and nothing else."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controlroom.domain.readings import ReadingColumns
from controlroom.hub.readings_history import RecentReadings
from controlroom.store.history import History
from controlroom.store.history_block import DAY_MS, HOUR_MS, Columns
from controlroom.store.readings_store import Forsaken, ReadingsKeeper, ReadingsStore
from controlroom.wire.frames import Readings

NOW = 20_000 * DAY_MS + 12 * HOUR_MS
Row = tuple[int, float, int, int]
Filled = Callable[[list[Row]], ReadingsStore]


def columns(rows: list[Row]) -> Columns:
    return Columns(
        np.array([row[0] for row in rows], np.uint32),
        np.array([row[1] for row in rows], np.float32),
        np.array([row[2] for row in rows], np.int64),
        np.array([row[3] for row in rows], np.uint8),
    )


def rows_of(found: ReadingColumns) -> list[Row]:
    return list(zip(*(c.tolist() for c in (found.index, found.value, found.time, found.quality)), strict=True))


class OnDisk:
    """SQLite files: a part sealed, a part in the log, opened again between the two."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._made = folder, list[History]()

    def __call__(self, rows: list[Row]) -> ReadingsStore:
        folder = self._folder / str(len(self._made))
        half = len(rows) // 2
        first = History(folder, now_ms=NOW)
        first.append(columns(rows[:half]), NOW)
        first.seal(NOW)
        first.append(columns(rows[half:]), NOW)
        first.close()
        keeper: ReadingsKeeper = History(folder, now_ms=NOW)
        self._made.append(keeper)
        return keeper

    def close(self) -> None:
        for history in self._made:
            history.close()


def in_memory(rows: list[Row]) -> ReadingsStore:
    """The newest readings of a drill's hub."""
    made = RecentReadings()
    held = columns(rows)
    made.append(Readings(held.index, held.value, held.time, held.quality))
    return made


STORES = ("disk", "memory")


@pytest.fixture(params=STORES)
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Filled]:
    if request.param == "memory":
        yield in_memory
        return
    disk = OnDisk(tmp_path)
    yield disk
    disk.close()


row = st.tuples(
    st.sampled_from([0, 1, 15, 16, 400]),
    st.integers(0, 99).map(float),
    st.integers(NOW - 30 * HOUR_MS, NOW),
    st.integers(0, 2),
)
rows = st.lists(row, max_size=30, unique_by=lambda one: (one[0], one[2]))
several = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@several
@given(rows, st.lists(st.sampled_from([-1, 0, 15, 16, 400]), max_size=4), st.integers(0, 31), st.integers(0, 33))
def test_readings_are_given_once_in_their_order(
    filled: Filled, told: list[Row], indices: list[int], ago_h: int, length_h: int
) -> None:
    store, since = filled(told), NOW - ago_h * HOUR_MS
    until = since + length_h * HOUR_MS
    expected = sorted((r for r in told if r[0] in indices and since <= r[2] < until), key=lambda r: (r[0], r[2]))
    assert rows_of(store.read(indices, since, until)) == expected
    assert store.gaps(since, until, indices) == ()


@several
@given(rows, st.integers(1, 50))
def test_bins_hold_the_good_readings_and_the_worst_quality(filled: Filled, told: list[Row], count: int) -> None:
    since, until = NOW - 30 * HOUR_MS, NOW + 1
    bins = filled(told).bins([0, 400], since, until, count)
    assert bins.index.tolist() == [0, 400]
    for place, index in enumerate((0, 400)):
        for number in range(count):
            begin = since + number * bins.width_ms
            here = [r for r in told if r[0] == index and begin <= r[2] < begin + bins.width_ms]
            good = [r[1] for r in here if r[3] == 0]
            assert bins.count[place, number] == len(good)
            assert bins.quality[place, number] == max((r[3] for r in here), default=0)
            if good:
                assert (bins.least[place, number], bins.greatest[place, number]) == (min(good), max(good))
                assert bins.mean[place, number] == pytest.approx(np.mean(good), rel=1e-6)
            else:
                assert np.isnan(bins.mean[place, number])


@several
@given(rows, st.integers(0, 30 * 60), st.integers(1, 30 * 60))
def test_the_last_reading_at_a_time_is_that_of_then(filled: Filled, told: list[Row], ago_min: int, reach: int) -> None:
    at, reach_ms = NOW - ago_min * 60_000, reach * 60_000
    last: dict[int, Row] = {}
    for r in sorted(told, key=lambda r: r[2]):
        if at - reach_ms <= r[2] <= at:
            last[r[0]] = r
    found = filled(told).at([0, 1, 15, 16, 400], at, reach_ms)
    assert rows_of(found) == [last[index] for index in sorted(last)]


def test_how_far_back_it_reaches_and_how_much_there_is(filled: Filled) -> None:
    told = [(3, float(n), NOW - n * 60_000, 0) for n in range(100)]
    store = filled(told)
    assert store.oldest_ms <= NOW - 99 * 60_000
    assert store.full_ms <= NOW - 99 * 60_000
    assert store.finest_ms(NOW - HOUR_MS, NOW) == 0
    assert 0 < store.estimate([3], NOW - HOUR_MS, NOW + 1) <= 100


def test_a_time_without_length_and_no_bins_are_refused(filled: Filled) -> None:
    store = filled([])
    for until, count in ((NOW, 4), (NOW + 1, 0)):
        with pytest.raises(ValueError, match="bins"):
            store.bins([0], NOW, until, count)


def test_whoever_does_not_want_the_answer_ends_the_reading(filled: Filled) -> None:
    def gone() -> None:
        raise Forsaken

    told = [(3, 1.0, NOW - n, 0) for n in range(40_000)]
    with pytest.raises(Forsaken):
        filled(told).read([3], 0, NOW + 1, gone)
