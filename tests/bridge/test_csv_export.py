"""A file of past readings holds every reading with its quality and unit, and a cancelled one is not there."""

import asyncio
import csv
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from controlroom.bridge.csv_export import CsvExport
from controlroom.domain.past_readings import PastReadings, Span, series_of_bins, series_of_readings
from controlroom.domain.sensor import Sensor
from controlroom.domain.times import from_ms, to_ms
from controlroom.errors import EnvironmentFault
from controlroom.hub.past import width_of
from controlroom.hub.readings_history import RecentReadings
from controlroom.wire.frames import Readings
from tests.rooms import NOON

ZONE = ZoneInfo("Asia/Shanghai")
SENSOR = Sensor(id="p1", name="桥, 北", kind="flood_depth", unit="cm")
OTHER = Sensor(id="p2", name="闸", kind="flood_depth", unit="cm")


class Kept:
    """Answers from memory, with at most `most` readings raw."""

    def __init__(self, most: int = 10_000) -> None:
        self.most, self.asked = most, 0
        self.gaps: tuple[Span, ...] = ()
        self.down: tuple[Span, ...] = ()
        self.store = RecentReadings()

    def fill(self, count: int, step_ms: int) -> None:
        at = to_ms(NOON) + step_ms * np.arange(count, dtype=np.int64)
        quality = (np.arange(count) % 5 == 4).astype(np.uint8)
        value = np.where(quality, np.nan, np.arange(count) / 10).astype(np.float32)
        for index in (0, 1):
            self.store.append(Readings(np.full(count, index, np.uint32), value, at, quality))

    async def history(
        self, indices: Sequence[int], since: datetime, until: datetime | None = None, bins: int = 0
    ) -> PastReadings:
        self.asked += 1
        assert until is not None
        since_ms, until_ms = to_ms(since), to_ms(until)
        if not bins and self.store.estimate(indices, since_ms, until_ms) <= self.most:
            series = tuple(series_of_readings(self.store.read(indices, since_ms, until_ms), list(indices)))
        else:
            width_ms = width_of(until_ms - since_ms, bins or 100)
            count = -(-(until_ms - since_ms) // width_ms)
            made = self.store.bins(indices, since_ms, since_ms + count * width_ms, count)
            series = tuple(series_of_bins(made, list(indices)))
        return PastReadings(since_ms, until_ms, series, 0, 0, self.gaps, self.down)


def lines_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as source:
        return list(csv.DictReader(source))


def export_of(kept: Kept) -> CsvExport:
    return CsvExport(kept, {"p1": 0, "p2": 1}.get, ZONE)


def test_every_reading_is_written_once_in_parts_with_quality_and_unit(tmp_path: Path) -> None:
    kept, told = Kept(most=500), list[float]()
    kept.fill(2000, 60_000)
    path = tmp_path / "out" / "a.csv"
    until = NOON + timedelta(minutes=2000)
    done = asyncio.run(export_of(kept).export_csv(path, [SENSOR, OTHER], NOON, until, progressed=told.append))
    assert (done.lines, done.coarser) == (4000, False)
    lines = [line for line in lines_of(path) if line["sensor"] == "p1"]
    assert [datetime.fromisoformat(line["time"]) for line in lines] == [
        from_ms(to_ms(NOON) + 60_000 * n) for n in range(2000)
    ]
    assert lines[0]["time"] == "2026-11-21T12:00:00.000+08:00"
    assert (lines[3]["value"], lines[3]["quality"], lines[3]["unit"], lines[3]["name"]) == (
        "0.3",
        "良好",
        "cm",
        "桥, 北",
    )
    assert (lines[4]["value"], lines[4]["quality"], lines[4]["quality_code"]) == ("", "缺测", "1")
    assert kept.asked > 8
    assert told == sorted(told) and told[-1] == 1.0
    assert [file.name for file in path.parent.iterdir()] == ["a.csv"]


def test_bins_are_written_with_least_greatest_and_width(tmp_path: Path) -> None:
    kept = Kept()
    kept.fill(600, 1000)
    path = tmp_path / "a.csv"
    asyncio.run(export_of(kept).export_csv(path, [SENSOR], NOON, NOON + timedelta(minutes=10), 10))
    first, *others = lines_of(path)
    assert len(others) == 9
    assert (first["least"], first["greatest"], first["count"], first["width_s"]) == ("0", "5.8", "48", "60")
    assert first["quality"] == "缺测"


def test_what_is_cancelled_leaves_no_file(tmp_path: Path) -> None:
    kept = Kept(most=500)
    kept.fill(20_000, 60_000)
    path = tmp_path / "a.csv"

    async def leave() -> None:
        begun = asyncio.Event()
        until = NOON + timedelta(minutes=20_000)
        work = export_of(kept).export_csv(path, [SENSOR], NOON, until, progressed=lambda _done: begun.set())
        task = asyncio.ensure_future(work)
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(leave())
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    kept = Kept()
    kept.fill(10, 1000)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(EnvironmentFault):
        asyncio.run(export_of(kept).export_csv(tmp_path / "file" / "a.csv", [SENSOR], NOON, NOON + timedelta(hours=1)))


def test_a_time_without_a_hub_is_a_line_of_its_own(tmp_path: Path) -> None:
    kept, begins = Kept(), to_ms(NOON)
    kept.fill(4, 1000)
    kept.down = ((begins + 1500, begins + 61_500),)
    kept.gaps = ((begins + 90_000, begins + 95_000),)
    export = CsvExport(kept, {"p1": 0}.get, ZONE)
    path = tmp_path / "out.csv"
    told = asyncio.run(export.export_csv(path, [SENSOR], NOON, NOON + timedelta(minutes=2)))
    lines = lines_of(path)
    assert told.lines == len(lines) == 6
    assert [(line["value"], line["width_s"]) for line in lines] == [
        ("0", "0"),
        ("0.1", "0"),
        ("", "60"),
        ("0.2", "0"),
        ("0.3", "0"),
        ("", "5"),
    ]
    assert lines[2]["quality"] != lines[5]["quality"] and not lines[2]["quality_code"]
