"""The history on the disk gives what a plain list would, whatever happens to its process and its files."""

import itertools
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlroom.store import history_block as blocks
from controlroom.store.history import History
from controlroom.store.history_block import DAY_MS, HOUR_MS, Columns, DamagedBlock
from controlroom.store.history_day import READINGS, day_of, file_of
from controlroom.store.history_segment import CHUNK
from controlroom.store.history_shelf import Bounds, held_in
from controlroom.store.history_summary import TEN

Row = tuple[int, float, int, int]
DAY = 20_000
NOON = DAY * DAY_MS + 12 * HOUR_MS


def columns(rows: list[Row]) -> Columns:
    return Columns(
        np.array([row[0] for row in rows], np.uint32),
        np.array([row[1] for row in rows], np.float32),
        np.array([row[2] for row in rows], np.int64),
        np.array([row[3] for row in rows], np.uint8),
    )


def rows_of(found: Columns) -> list[Row]:
    return list(zip(*(c.tolist() for c in (found.index, found.value, found.time, found.quality)), strict=True))


def series(index: int, first_ms: int, count: int, step_ms: int = 60_000) -> Columns:
    at = first_ms + step_ms * np.arange(count, dtype=np.int64)
    value = np.arange(count, dtype=np.float32)
    return Columns(np.full(count, index, np.uint32), value, at, np.zeros(count, np.uint8))


def finish(history: History, now_ms: int) -> None:
    while history.work(now_ms):
        pass


row = st.tuples(
    st.sampled_from([0, 1, 15, 16, 40, 4000]),
    st.integers(0, 99).map(float),
    st.integers(NOON - 30 * HOUR_MS, NOON + HOUR_MS) | st.integers(NOON - 40, NOON),
    st.integers(0, 2),
)
action = st.lists(row, max_size=12) | st.sampled_from(["seal", "restart", "hour", "step"])


@given(
    st.lists(action, max_size=14),
    st.lists(st.sampled_from([-1, 0, 1, 15, 16, 40, 4000]), max_size=5),
    st.integers(NOON - 31 * HOUR_MS, NOON + HOUR_MS),
    st.integers(0, 33 * HOUR_MS),
)
def test_what_is_read_is_what_a_plain_list_would_give(
    tmp_path_factory: pytest.TempPathFactory, actions: list[object], indices: list[int], since: int, length: int
) -> None:
    folder, now, model = tmp_path_factory.mktemp("history"), NOON, list[Row]()
    history = History(folder, now_ms=now)
    for act in actions:
        if isinstance(act, list):
            history.append(columns(act), now)
            model += act
        elif act == "seal":
            history.seal(now)
        elif act == "step":
            history.work(now)
        elif act == "hour":
            now += HOUR_MS
        else:
            history.close()
            history = History(folder, now_ms=now)
    expected = [r for r in model if r[0] in indices and since <= r[2] < since + length]
    expected = [r for r, _again in itertools.groupby(sorted(expected, key=lambda r: (r[0], r[2])))]
    assert rows_of(history.read(indices, since, since + length)) == expected
    assert (history.condition, history.dropped, history.damaged) == ("ok", 0, 0)
    history.close()


@given(st.lists(row, max_size=40), st.integers(1, 400))
def test_bins_hold_the_least_greatest_and_mean_of_the_good_readings(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row], count: int
) -> None:
    history = History(tmp_path_factory.mktemp("history"), now_ms=NOON)
    history.append(columns(rows[::2]), NOON)
    history.seal(NOON)
    history.append(columns(rows[1::2]), NOON)
    since, until = NOON - 20 * HOUR_MS, NOON + HOUR_MS
    told = sorted([*rows[::2], *rows[1::2]], key=lambda r: (r[0], r[2]))
    rows = [r for r, _again in itertools.groupby(told)]
    got = history.bins([0, 15, 16], since, until, count)
    width = -(-(until - since) // count)
    for at, index in enumerate([0, 15, 16]):
        for number in range(count):
            inside = [
                r[1]
                for r in rows
                if r[0] == index and r[3] == 0 and since <= r[2] < until and (r[2] - since) // width == number
            ]
            assert got.count[at, number] == len(inside)
            if inside:
                assert (got.least[at, number], got.greatest[at, number]) == (min(inside), max(inside))
                assert got.mean[at, number] == pytest.approx(sum(inside) / len(inside))
    history.close()


def test_bins_come_from_the_summary_when_the_readings_are_gone(tmp_path: Path) -> None:
    history = History(tmp_path, Bounds(days=2, minute_days=2, summary_days=20, hour_days=20), NOON)
    history.append(series(7, NOON - 60 * 60_000, 120), NOON)
    history.seal(NOON)
    before = history.bins([7, 8], NOON - DAY_MS, NOON + DAY_MS, 288)
    later = NOON + 2 * DAY_MS
    finish(history, NOON + DAY_MS)
    assert file_of(tmp_path, TEN.kind, DAY).exists()
    finish(history, later)
    assert not file_of(tmp_path, READINGS, DAY).exists()
    assert len(history.read([7], 0, later)) == 0
    after = history.bins([7, 8], NOON - DAY_MS, NOON + DAY_MS, 288)
    for one, other in zip(
        (before.least, before.mean, before.count), (after.least, after.mean, after.count), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    finish(history, NOON + 30 * DAY_MS)
    assert held_in(tmp_path).size == 0
    history.close()


def test_readings_that_come_after_the_summary_are_in_it_all_the_same(tmp_path: Path) -> None:
    history = History(tmp_path, now_ms=NOON)
    history.append(series(7, NOON, 60), NOON)
    now = NOON + DAY_MS
    history.seal(now)
    finish(history, now)
    history.append(series(7, NOON + 2 * HOUR_MS, 60), now)
    history.seal(now)
    for _again in range(2):
        assert history.bins([7], DAY * DAY_MS, (DAY + 1) * DAY_MS, 24).count.sum() == 120
        now += HOUR_MS
        finish(history, now)
    history.close()


def test_what_was_written_survives_kill_9(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", _KILLED, str(tmp_path)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    told = [int(child.stdout.readline()) for _n in range(150)]
    os.kill(child.pid, signal.SIGKILL)
    told += [int(word) for word in child.stdout.read().split(b"\n")[:-1]]
    child.wait()
    child.stdout.close()
    history = History(tmp_path, now_ms=NOON)
    for _look in range(2):
        found = history.read([3], 0, NOON + DAY_MS)
        assert found.value.tolist() == list(range(len(found)))
        assert len(found) > max(told)
        history.seal(NOON)
    assert history.damaged == 0
    history.close()


def test_readings_told_again_after_kill_9_count_once_in_bins_and_summaries(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", _KILLED, str(tmp_path)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    for _batch in range(150):
        child.stdout.readline()
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    history = History(tmp_path, now_ms=NOON)
    before = history.read([3], 0, NOON + DAY_MS)
    day = DAY * DAY_MS, (DAY + 1) * DAY_MS
    # The hub died before it said that it has them: the source tells the last ones again.
    history.append(blocks.taken(before, slice(len(before) - 300, len(before))), NOON)
    for _turn in range(2):
        assert history.bins([3], *day, 24).count.sum() == len(before)
        assert len(history.at([3], NOON + HOUR_MS, DAY_MS)) == 1
        history.seal(NOON)
    finish(history, NOON + DAY_MS)
    assert file_of(tmp_path, TEN.kind, DAY).exists()
    file_of(tmp_path, READINGS, DAY).rename(tmp_path / "elsewhere")
    history.close()
    history = History(tmp_path, now_ms=NOON + DAY_MS)
    assert history.bins([3], *day, 24).count.sum() == len(before)
    history.close()


def test_a_segment_that_was_half_committed_is_not_committed_twice(tmp_path: Path) -> None:
    history = History(tmp_path, now_ms=NOON)
    history.append(series(3, NOON - DAY_MS, 1500), NOON)
    history.close()
    (log,) = tmp_path.glob("open-*.log")
    kept = log.read_bytes()
    again = History(tmp_path, now_ms=NOON)
    finish(again, NOON)
    again.close()
    file_of(tmp_path, READINGS, DAY).unlink()
    log.write_bytes(kept)
    third = History(tmp_path, now_ms=NOON)
    finish(third, NOON)
    assert third.read([3], 0, NOON + DAY_MS).value.tolist() == list(range(1500))
    third.close()


def test_a_torn_log_gives_what_is_whole(tmp_path: Path) -> None:
    history = History(tmp_path, now_ms=NOON)
    for start in range(3):
        history.append(series(3, NOON + start * HOUR_MS, 10), NOON)
    history.close()
    (log,) = tmp_path.glob("open-*.log")
    with log.open("r+b") as file:
        file.truncate(log.stat().st_size - 5)
    again = History(tmp_path, now_ms=NOON)
    assert len(again.read([3], 0, NOON + DAY_MS)) == 20
    again.close()


@given(st.binary(max_size=200), st.integers(0, 60))
def test_no_bytes_at_all_upset_the_reader_of_blocks(body: bytes, count: int) -> None:
    with pytest.raises(DamagedBlock):
        blocks.unpack(body, count, 0, DAY * 24)


def test_a_damaged_block_is_told_and_passed_over(tmp_path: Path, allow_log) -> None:
    allow_log("controlroom.store", "damaged and passed over")
    history = History(tmp_path, now_ms=NOON)
    history.append(series(3, NOON, 120), NOON)
    history.seal(NOON)
    with sqlite3.connect(file_of(tmp_path, READINGS, DAY)) as raw:
        raw.execute("UPDATE block SET body = zeroblob(40) WHERE id = 1")
    raw.close()
    for _look in range(2):
        assert history.read([3], 0, NOON + DAY_MS).value.tolist() == list(range(60, 120))
    assert history.damaged == 1
    history.close()


def test_a_damaged_file_is_told_passed_over_and_made_anew(tmp_path: Path, allow_log) -> None:
    allow_log("controlroom.store", "passed over|moved aside")
    file = file_of(tmp_path, READINGS, DAY)
    file.write_bytes(b"this is no database at all, but long enough to be one" * 400)
    history = History(tmp_path, now_ms=NOON)
    assert len(history.read([3], 0, NOON + DAY_MS)) == 0
    history.append(series(3, NOON, 120), NOON)
    history.seal(NOON)
    assert len(history.read([3], 0, NOON + DAY_MS)) == 120
    assert file.with_name(f"{file.name}.1.damaged").exists()
    assert held_in(tmp_path).aside == (f"{file.name}.1.damaged",)
    ((since, until),) = history.gaps(0, 2**50, [3])
    assert since == DAY * DAY_MS < until
    history.close()


def test_a_full_disk_is_told_and_nothing_is_lost_when_there_is_room_again(
    tmp_path: Path, small_disk: Callable[[str], Path], allow_log
) -> None:
    allow_log("controlroom.store", "not kept on the disk|passed over")
    disk = small_disk("1m")
    history = History(disk / "history", now_ms=NOON)
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(900_000))
    now, count = NOON, 0
    while history.condition == "ok":
        history.append(series(3, NOON - 20 * HOUR_MS + count, 500, 1), now)
        count += 500
    assert history.condition == "full"
    history.seal(now)
    assert history.condition == "full"
    assert len(history.read([3], 0, NOON)) == count
    ballast.unlink()
    now += 10_000
    history.append(series(3, NOON - 20 * HOUR_MS + count, 500, 1), now)
    finish(history, now)
    assert history.condition == "ok"
    history.close()
    again = History(disk / "history", now_ms=now)
    assert again.read([3], 0, NOON).value.tolist() == [n % 500 for n in range(count + 500)]
    again.close()


def test_what_the_disk_never_takes_is_let_go_the_oldest_first_and_counted(tmp_path: Path, allow_log) -> None:
    allow_log("controlroom.store", "not kept on the disk")
    blocked = tmp_path / "no-folder"
    blocked.write_bytes(b"")
    history = History(blocked, now_ms=NOON, held_most=2 * CHUNK)
    history.append(series(3, NOON, 3 * CHUNK, 1), NOON)
    history.append(series(3, NOON + 3 * CHUNK, CHUNK, 1), NOON)
    assert history.condition != "ok"
    assert history.dropped == 3 * CHUNK
    assert history.read([3], 0, NOON + DAY_MS).time[0] == NOON + 3 * CHUNK
    history.close()


def test_the_folder_stays_within_its_bound_by_deleting_the_oldest_day(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    bound = 2_000_000
    history = History(tmp_path, Bounds(max_bytes=bound), NOON)
    now = NOON
    for _day in range(8):
        at = now + np.sort(chance.integers(0, HOUR_MS, 60_000))
        noise = chance.random(60_000).astype(np.float32)
        history.append(Columns(np.full(60_000, 3, np.uint32), noise, at, np.zeros(60_000, np.uint8)), now)
        history.seal(now)
        now += DAY_MS
        finish(history, now)
    aside = file_of(tmp_path, READINGS, DAY).with_suffix(".db.damaged")
    aside.write_bytes(bytes(bound))
    finish(history, now + 120_000)
    assert not aside.exists()
    held = held_in(tmp_path)
    assert held.size <= bound
    assert DAY < held.first_day <= held.last_day == DAY + 7
    history.close()


def test_a_day_is_one_file_named_after_it(tmp_path: Path) -> None:
    file = file_of(tmp_path, READINGS, DAY)
    assert file.name == "telemetry-20241004.db"
    assert day_of(file) == DAY
    assert day_of(tmp_path / "telemetry-20241399.db") is None
    history = History(tmp_path, now_ms=NOON)
    history.append(series(3, (DAY + 1) * DAY_MS - 600_000, 20), NOON + DAY_MS)
    history.seal(NOON + DAY_MS)
    assert [f.name for f in sorted(tmp_path.glob("telemetry-*.db"))] == [
        "telemetry-20241004.db",
        "telemetry-20241005.db",
    ]
    assert len(history.read([3], 0, NOON + 2 * DAY_MS)) == 20
    history.close()


def test_readings_older_than_what_is_kept_or_from_days_to_come_are_counted_and_dropped(tmp_path: Path) -> None:
    history = History(tmp_path, Bounds(days=2), NOON)
    history.append(columns([(1, 1.0, 5, 0), (1, 1.0, NOON, 0), (1, 1.0, 2**62, 0), (2**32 - 1, 1.0, NOON, 0)]), NOON)
    assert (history.dropped, len(history.read([1], 0, 2**62))) == (3, 1)
    history.close()


_KILLED = """
import sys
from pathlib import Path
import numpy as np
from controlroom.store.history import History
from controlroom.store.history_block import Columns
noon = 20_000 * 86_400_000 + 43_200_000
history = History(Path(sys.argv[1]), now_ms=noon, seal_at=700)
number = 0
while True:
    at = np.arange(number, number + 10)
    readings = Columns(np.full(10, 3, np.uint32), at.astype(np.float32), noon + at, np.zeros(10, np.uint8))
    history.append(readings, noon)
    number += 10
    print(number - 1, flush=True)
    history.work(noon)
"""
