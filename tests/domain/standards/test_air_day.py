import csv
import math
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from controlroom.domain.standards import air
from controlroom.domain.standards.air_day import ENOUGH_HOURS, day_index, greatest_8h, mean_24h
from resources.data import table

STANDARD = air.parse(table("standards/air.toml"))
OLD, NEW = date(2026, 2, 28), date(2026, 3, 1)
NAN = math.nan
COLUMNS = {"pm25": "PM2.5", "pm10": "PM10", "so2": "SO2", "no2": "NO2", "co": "CO", "o3": "O3"}


def test_a_day_with_too_few_hours_has_no_mean_and_one_with_enough_has() -> None:
    assert mean_24h([60.0] * ENOUGH_HOURS + [NAN] * (24 - ENOUGH_HOURS)) == 60.0
    assert mean_24h([60.0] * (ENOUGH_HOURS - 1) + [NAN] * (25 - ENOUGH_HOURS)) is None


def test_ozone_counts_by_its_greatest_eight_hours() -> None:
    hours = [20.0] * 10 + [160.0] * 8 + [20.0] * 6
    assert greatest_8h(hours) == 160.0
    assert greatest_8h([NAN] * 24) is None
    assert greatest_8h([NAN] * 18 + [80.0] * 6) == 80.0


@pytest.mark.parametrize(("mean", "old", "new"), [(50.0, 69, 80), (60.0, 82, 100), (75.0, 100, 114)])
def test_the_worked_values_hold_for_a_day_s_mean(mean: float, old: int, new: int) -> None:
    hours = {"pm25": [mean - 5.0, mean + 5.0] * 12}
    for day, value in ((OLD, old), (NEW, new)):
        found = day_index(STANDARD, hours, day)
        assert found is not None and (found.value, found.primary) == (value, ("pm25",))


def test_a_pollutant_that_is_missing_is_left_out_and_a_day_without_any_has_no_index() -> None:
    hours = {"pm25": [NAN] * 24, "pm10": [120.0] * 24}
    found = day_index(STANDARD, hours, NEW)
    assert found is not None and set(found.items) == {"pm10_24h"} and found.value == 100
    assert day_index(STANDARD, {"pm25": [NAN] * 24}, NEW) is None


@pytest.fixture(scope="module")
def station(shared_data: Path) -> dict[date, dict[str, list[float]]]:
    days: dict[date, dict[str, list[float]]] = {}
    with next((shared_data / "air").glob("PRSA_*.csv")).open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            day = days.setdefault(
                date(int(row["year"]), int(row["month"]), int(row["day"])), {name: [NAN] * 24 for name in COLUMNS}
            )
            for name, column in COLUMNS.items():
                if row[column] != "NA":
                    # The station tells CO in µg/m³.
                    day[name][int(row["hour"])] = float(row[column]) / (1000.0 if name == "co" else 1.0)
    return days


def test_four_years_of_a_real_station_have_an_index_by_both_editions_and_gaps_stay_gaps(
    station: dict[date, dict[str, list[float]]],
) -> None:
    assert len(station) == 1461
    old = {day: day_index(STANDARD, hours, OLD) for day, hours in station.items()}
    new = {day: day_index(STANDARD, hours, NEW) for day, hours in station.items()}
    gaps = [day for day, found in old.items() if found is None]
    assert gaps == [day for day, found in new.items() if found is None]
    assert gaps == [
        day
        for day, hours in station.items()
        if all(sum(map(math.isfinite, h)) < ENOUGH_HOURS for h in hours.values()) and greatest_8h(hours["o3"]) is None
    ]
    both = [(a, b) for a, b in zip(old.values(), new.values(), strict=True) if a is not None and b is not None]
    # The newer edition is stricter for particles and equal for all else.
    assert all(b.value >= a.value for a, b in both)
    assert all(b.value == a.value for a, b in both if not {"pm25", "pm10"} & set(b.primary))
    stricter = Counter(b.level.key for a, b in both if b.level is not a.level)
    assert set(stricter) == {"light"} and stricter["light"] > 50
