"""The history on the disk: a day of one sensor, a month of 16, the size, beside DuckDB over Parquet in the same run."""

import importlib
import importlib.util
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from controlroom.hub.past import past_readings
from controlroom.store.history import History
from controlroom.store.history_block import DAY_MS, HOUR_MS, Columns, joined
from controlroom.store.history_shelf import held_in
from controlroom.wire.past import HistoryWanted
from tests.bench.report import Measure
from tests.bench.sensors_past import measure_readings, measure_room

SENSORS = 130_000
FLEET_DAY = 20_000
DAYS = 30
BESIDE = 512
"""Sensors whose whole month is made: 16 of them are read, each from a block of its own."""


def measure(quick: bool) -> list[Measure]:
    """The measures of the history; a day of a quarter of the fleet is kept, `quick` of a sixteenth."""
    with tempfile.TemporaryDirectory(prefix="history-bench-") as folder:
        here = Path(folder)
        return [
            *_day(here / "day", 8192 if quick else 32_768),
            *_month(here / "month", quick),
            *measure_room(here, quick),
            *measure_readings(here / "then", SENSORS // 8 if quick else SENSORS, FLEET_DAY),
        ]


def _hour(chance: np.random.Generator, sensors: int, start_ms: int) -> Columns:
    """An hour of readings of one decimal that wander, in the order of their arrival.

    Each sensor tells once a minute, at its own second, up to 0.4 s late.
    """
    level = chance.uniform(5, 90, sensors)
    second = 97 * np.arange(sensors, dtype=np.int64) % 59_000
    parts = []
    for minute in range(60):
        level += chance.normal(0, 0.05, sensors)
        at = start_ms + 60_000 * minute + second + chance.integers(0, 400, sensors)
        parts.append(
            Columns(
                np.arange(sensors, dtype=np.uint32),
                np.round(level, 1).astype(np.float32),
                at,
                np.zeros(sensors, np.uint8),
            )
        )
    return joined(parts)


def _day(folder: Path, fleet: int) -> list[Measure]:
    """A day of the fleet is kept, then one sensor's day is read while ingest runs; fewer sensors when it is quick."""
    chance = np.random.default_rng(5)
    now = FLEET_DAY * DAY_MS + DAY_MS + HOUR_MS // 2
    history = History(folder, now_ms=now, seal_at=10_000_000, held_most=12_000_000)
    sealed_s, count = 0.0, 0
    for hour in range(24):
        readings = _hour(chance, fleet, FLEET_DAY * DAY_MS + hour * HOUR_MS)
        history.append(readings, now)
        began = time.perf_counter()
        history.seal(now)
        sealed_s += time.perf_counter() - began
        count += len(readings)
    size = held_in(folder).size
    history.append(_hour(chance, fleet, (FLEET_DAY + 1) * DAY_MS), now)
    took_ms = _while_ingest_runs(history, now, fleet, lambda n: _read_day(history, (n * 7919) % fleet))
    note = f"{count / 1e6:.0f} million readings kept at {count / sealed_s / 1e6:.1f} million/s; while ingest runs"
    per_reading = f"{size / 1e6:.0f} MB; 12 as plain columns without the index"
    peer_ms, why = _duckdb_ms(history, folder, fleet)
    while history.work(now + 2 * HOUR_MS):
        pass
    ratio = None if peer_ms is None else took_ms / peer_ms
    kept = (
        (names, kind.size / count)
        for names, kind in zip(("minutes", "ten minutes", "hours"), held_in(folder).kinds[1:], strict=True)
    )
    per_reading += "; more for a reading: " + ", ".join(f"{names} {size:.2f} B" for names, size in kept)
    history.close()
    return [
        Measure("history_24h_ms", took_ms, "ms", None, note),
        Measure("history_vs_duckdb", ratio, "ratio", None if ratio is None else 1.0, why),
        Measure("bytes_per_reading", size / count, "B", 12.0, per_reading),
    ]


def _read_day(history: History, index: int) -> None:
    found = history.read([index], FLEET_DAY * DAY_MS, (FLEET_DAY + 1) * DAY_MS)
    assert len(found) == 1440, len(found)


def _month(folder: Path, quick: bool) -> list[Measure]:
    """A month of 512 sensors, summarised; 16 of them, from 16 blocks, are read as 2,000 bins."""
    chance = np.random.default_rng(6)
    now = (FLEET_DAY + DAYS) * DAY_MS + 3 * HOUR_MS
    history = History(folder, now_ms=now)
    for day in range(DAYS):
        for hour in range(0, 24, 4 if quick else 1):
            at = (FLEET_DAY + day) * DAY_MS + hour * HOUR_MS
            history.append(_hour(chance, BESIDE, at), now)
        history.seal(now)
    while history.work(now + 2 * HOUR_MS):
        pass
    wanted = [BESIDE // 16 * n + n for n in range(16)]
    asked = HistoryWanted(sensors=wanted, since_ms=FLEET_DAY * DAY_MS, until_ms=now, bins=2000)
    took_ms = _while_ingest_runs(history, now, BESIDE, lambda _n: past_readings(history, asked, now))
    history.close()
    note = "bins of least, greatest, mean, count and quality as a seat asks for 2,000 of them; while ingest runs"
    return [Measure("history_month_16_ms", took_ms, "ms", None, note)]


def _while_ingest_runs(history: History, now: int, fleet: int, read: Callable[[int], object]) -> float:
    """The median ms of a reading, each after a second's share of the fleet was kept, with another thread at work."""
    ended = threading.Event()

    def bustle() -> None:
        latest = np.zeros(SENSORS)
        while not ended.wait(0.002):
            latest[::60] += 1.0

    beside = threading.Thread(target=bustle)
    beside.start()
    share, took = SENSORS // 60, []
    at = np.full(share, now, np.int64)
    batch = Columns(
        np.arange(share, dtype=np.uint32) % fleet, np.zeros(share, np.float32), at, np.zeros(share, np.uint8)
    )
    for number in range(40):
        history.append(batch, now)
        began = time.perf_counter()
        read(number)
        took.append(1000 * (time.perf_counter() - began))
    ended.set()
    beside.join()
    return statistics.median(took)


def _duckdb_ms(history: History, folder: Path, fleet: int) -> tuple[float | None, str]:
    """The same day of one sensor from Parquet, sorted by sensor, one file an hour as a history of files would have."""
    if importlib.util.find_spec("duckdb") is None:
        return None, "DuckDB is not installed: make peers"
    duckdb = importlib.import_module("duckdb")
    base = duckdb.connect()
    for hour in range(24):
        since = FLEET_DAY * DAY_MS + hour * HOUR_MS
        found = history.read(range(fleet), since, since + HOUR_MS)
        columns = {"sid": found.index, "told_ms": found.time, "value": found.value, "quality": found.quality}
        base.register("columns", columns)
        base.execute(f"COPY columns TO '{folder}/{hour:02d}.parquet' (FORMAT parquet, COMPRESSION zstd)")
        base.unregister("columns")
    took = []
    for number in range(15):
        began = time.perf_counter()
        wanted = f"FROM '{folder}/*.parquet' WHERE sid = {(number * 7919) % fleet}"
        query = f"SELECT told_ms, value, quality {wanted} ORDER BY told_ms"
        assert len(base.execute(query).fetchnumpy()["told_ms"]) == 1440
        took.append(1000 * (time.perf_counter() - began))
    base.close()
    peer_ms = statistics.median(took)
    return peer_ms, f"DuckDB over 24 Parquet files (zstd, sorted by sensor) takes {peer_ms:.1f} ms"
