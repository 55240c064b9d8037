"""The quality of a reading travels with its value: from the source over hub, history and seat to the export."""

import asyncio
import csv
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from controlroom.bridge.commands import Commands
from controlroom.bridge.csv_export import CsvExport
from controlroom.domain.limits import Freshness, LimitTable
from controlroom.domain.readings import Quality
from controlroom.domain.times import from_ms
from controlroom.hub.archive import Keeping
from controlroom.store.history_shelf import Bounds
from tests.rooms import hub_in, seat_on, source_of

NAMES = ("good", "missing", "impossible", "future", "calibrating")
OF_THE_SOURCE = 77
"""A doubt that only the source knows the meaning of."""

TOLD = [
    int(Quality.GOOD),
    int(Quality.MISSING),
    int(Quality.OUT_OF_RANGE),
    int(Quality.CLOCK_OFF),
    OF_THE_SOURCE,
]


def test_every_doubt_arrives_at_the_seat_in_the_history_and_in_the_export(tmp_path: Path) -> None:
    sensors = [{"id": name, "name": name, "kind": "flood_depth", "unit": "cm"} for name in NAMES]
    now_ms = int(time.time() * 1000)
    with (
        hub_in(tmp_path, history=Keeping(tmp_path / "kept", Bounds())) as hub,
        seat_on(hub.ports.requests) as seat,
        source_of(hub.ports.ingest) as source,
    ):
        source.hand_in({"type": "sensors", "sensors": sensors})
        seat.until(lambda: len(seat.mirror.room.sensors) == len(NAMES))
        answer = source.hand_in(
            {
                "type": "readings",
                "ids": list(NAMES),
                "values": [12.0, None, 999.0, 12.0, 70.0],
                "times": [now_ms, now_ms, now_ms, now_ms + 86_400_000, now_ms],
                "quality": [0, 0, 0, 0, OF_THE_SOURCE],
            }
        )
        assert answer["accepted"] == 1
        latest = seat.mirror.latest
        seat.until(lambda: latest.size == len(NAMES) and bool((latest.time_ms > 0).all()))
        assert latest.quality.tolist() == TOLD
        held = list(seat.mirror.room.sensors.values())
        fresh = LimitTable.from_sensors(held, range(len(NAMES))).freshness(latest, now_ms + 1000)
        assert fresh.tolist() == [Freshness.LIVE] + [Freshness.DOUBTFUL] * 4
        commands = Commands(seat.link, "desk", "王")
        since, until = from_ms(now_ms - 60_000), from_ms(now_ms + 60_000)
        past = asyncio.run(commands.history(list(range(len(NAMES))), since))
        assert [series.quality.tolist() for series in past.series] == [[mark] for mark in TOLD]
        export = CsvExport(commands, seat.mirror.room.sensor_index.get, ZoneInfo("Asia/Shanghai"))
        asyncio.run(export.export_csv(tmp_path / "readings.csv", held, since, until))
        # No limit was judged by what cannot be believed.
        seat.drain()
        assert {alarm.sensor for alarm in seat.mirror.room.alarms.values()} <= {"good"}
    with (tmp_path / "readings.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["sensor"]: row for row in csv.DictReader(file)}
    assert [int(rows[name]["quality_code"]) for name in NAMES] == TOLD
    assert rows["impossible"]["quality"] != rows["good"]["quality"]
    assert float(rows["impossible"]["value"]) == 999.0, "the value itself is kept as it was told"
    assert rows["missing"]["value"] == ""


def test_a_reading_that_the_source_doubts_keeps_its_mark_although_it_is_also_out_of_range(tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat, source_of(hub.ports.ingest) as source:
        source.hand_in({"type": "sensors", "sensors": [{"id": "p", "name": "p", "kind": "flood_depth"}]})
        seat.until(lambda: "p" in seat.mirror.room.sensors)
        now_ms = int(time.time() * 1000)
        source.hand_in({"type": "readings", "ids": ["p"], "values": [999.0], "times": [now_ms], "quality": [9]})
        seat.until(lambda: seat.mirror.latest.size == 1 and bool(seat.mirror.latest.time_ms[0]))
        assert np.array_equal(seat.mirror.latest.quality, [9])
