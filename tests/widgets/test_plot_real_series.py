"""Curves of real series: hourly air quality of a Beijing station, and traffic speeds at irregular times."""

import csv
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from controlroom.domain.times import to_ms
from widgets.plot_axis import DISTRICT
from widgets.plot_series import SeriesRing, thin


def ring_of(times: list[datetime], values: list[float]) -> SeriesRing:
    ring = SeriesRing()
    ring.add(
        np.array([to_ms(at) / 1000.0 for at in times]),
        np.array(values, np.float32),
        np.zeros(len(times), np.uint8),
    )
    return ring


@pytest.fixture(scope="module")
def pm25(shared_data: Path) -> SeriesRing:
    times, values = [], []
    with next((shared_data / "air").glob("PRSA_*.csv")).open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            times.append(datetime(*(int(row[key]) for key in ("year", "month", "day", "hour")), tzinfo=DISTRICT))
            values.append(float("nan") if row["PM2.5"] == "NA" else float(row["PM2.5"]))
    return ring_of(times, values)


def test_four_years_keep_their_worst_hour_and_their_gaps(pm25: SeriesRing) -> None:
    assert len(pm25) > 35_000
    missing = int(np.isnan(pm25.curve).sum())
    assert missing > 0
    start_s, end_s = float(pm25.time_s[0]), float(pm25.time_s[-1])
    line = thin(pm25.time_s, pm25.curve, start_s, end_s, 1200, gap_s=7200.0)
    assert len(line.x) <= 2 * 1202 + missing
    assert np.nanmax(line.y) == np.nanmax(pm25.value)


def test_a_week_of_it_is_drawn_reading_by_reading_with_missing_hours_left_out(pm25: SeriesRing) -> None:
    at = int(np.flatnonzero(np.isnan(pm25.curve))[0])
    start_s = float(pm25.time_s[max(at - 80, 0)])
    line = thin(pm25.time_s, pm25.curve, start_s, start_s + 7 * 86_400, 1200, gap_s=7200.0)
    assert line.broken
    assert np.isnan(line.y[line.x == pm25.time_s[at]]).all()


def test_traffic_speeds_at_irregular_times_are_joined_only_where_they_follow(shared_data: Path) -> None:
    with (shared_data / "series" / "speed_6005.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    times = [datetime.fromisoformat(row["timestamp"]).replace(tzinfo=DISTRICT) for row in rows]
    ring = ring_of(times, [float(row["value"]) for row in rows])
    line = thin(ring.time_s, ring.curve, float(ring.time_s[0]), float(ring.time_s[-1]), 5000, gap_s=1800.0)
    gaps = int((np.diff(ring.time_s) > 1800.0).sum())
    assert gaps > 0
    assert int(np.isnan(line.y).sum()) == gaps
