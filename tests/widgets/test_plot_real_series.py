"""Curves of real series: hourly air quality of a Beijing station, and traffic speeds at irregular times."""

import csv
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from controlroom.domain.times import to_ms
from widgets.plot_axis import DISTRICT
from widgets.plot_columns import Columns, by_column, few, of_ring, plain
from widgets.plot_series import SeriesRing


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


def drawn(ring: SeriesRing, start_s: float, end_s: float, columns: int, gap_s: float) -> Columns:
    first, last = (int(place) for place in np.searchsorted(ring.time_s, [start_s, end_s], "right"))
    return of_ring(ring, max(first - 1, 0), last, (end_s - start_s) / columns, gap_s, few(last - first, columns))


def test_four_years_keep_their_worst_hour_and_their_gaps(pm25: SeriesRing) -> None:
    assert len(pm25) > 35_000
    assert np.isnan(pm25.curve).any()
    columns = drawn(pm25, float(pm25.time_s[0]), float(pm25.time_s[-1]), 1200, 7200.0)
    assert len(columns.x) <= 1202
    assert np.nanmax(columns.high) == np.nanmax(pm25.value)
    assert np.nanmin(columns.low) == np.nanmin(pm25.value)


def test_a_week_of_it_is_drawn_reading_by_reading_with_missing_hours_left_out(pm25: SeriesRing) -> None:
    at = int(np.flatnonzero(np.isnan(pm25.curve))[0])
    start_s = float(pm25.time_s[max(at - 80, 0)])
    columns = drawn(pm25, start_s, start_s + 7 * 86_400, 1200, 7200.0)
    assert not columns.wide
    (place,) = np.flatnonzero(columns.first_s == pm25.time_s[at])
    assert np.isnan(columns.mean[place])
    assert columns.broken[place] and columns.broken[place + 1]


def test_traffic_speeds_at_irregular_times_are_joined_only_where_they_follow(shared_data: Path) -> None:
    with (shared_data / "series" / "speed_6005.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    times = [datetime.fromisoformat(row["timestamp"]).replace(tzinfo=DISTRICT) for row in rows]
    ring = ring_of(times, [float(row["value"]) for row in rows])
    columns = drawn(ring, float(ring.time_s[0]), float(ring.time_s[-1]), 5000, 1800.0)
    gaps = int((np.diff(ring.time_s) > 1800.0).sum())
    assert gaps > 0
    assert int(columns.broken.sum()) == gaps + 1


def test_bins_of_the_real_series_have_its_means(pm25: SeriesRing) -> None:
    columns = by_column(plain(pm25.time_s[:4800], pm25.curve[:4800]), 86_400.0, 7200.0)
    day = np.floor(pm25.time_s[:4800] / 86_400.0)
    for place, number in enumerate(np.unique(day)):
        of_day = pm25.curve[:4800][day == number]
        if np.isfinite(of_day).any():
            assert columns.mean[place] == pytest.approx(np.nanmean(of_day), rel=1e-5)
