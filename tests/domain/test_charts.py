"""What charts are computed from: grids, wind roses, correlations, calendars of air, envelopes of neighbours."""

import csv
import math
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from controlroom.domain.air_calendar import POLLUTANTS, AirCalendar, air_calendar
from controlroom.domain.correlation import LEAST_PAIRS, correlate, pearson, ranks
from controlroom.domain.heat_strip import DAY_MS, HOUR_MS, day_grid, heat_strip
from controlroom.domain.neighbour_envelope import Verdict, envelope, nearest_of_kind
from controlroom.domain.past_readings import Series
from controlroom.domain.place import Point
from controlroom.domain.sensor import Sensor
from controlroom.domain.series_grid import Grid, on_grid
from controlroom.domain.standards import air
from controlroom.domain.then_and_now import then_and_now
from controlroom.domain.wind_rose import CLASSES_M_S, sector_of, together, wind_rose
from resources.data import table

STANDARD = air.parse(table("standards/air.toml"))
NAN = math.nan
AHEAD_MS = 8 * HOUR_MS


def raw(times: list[int], values: list[float], quality: list[int] | None = None) -> Series:
    value = np.array(values, np.float32)
    marks = np.array(quality or [0] * len(values), np.uint8)
    return Series(7, 0, np.array(times, np.int64), value, value, value, np.ones(len(values), np.int64), marks)


def binned(width_ms: int, rows: list[tuple[int, float, float, float, int]]) -> Series:
    """Rows of time, mean, least, greatest and count."""
    time, mean, least, greatest, count = zip(*rows, strict=True)
    f = np.float32
    return Series(
        7,
        width_ms,
        np.array(time, np.int64),
        np.array(mean, f),
        np.array(least, f),
        np.array(greatest, f),
        np.array(count, np.int64),
        np.zeros(len(rows), np.uint8),
    )


# ------------------------------------------------------------ grids and heat strips


def test_readings_fall_into_their_cells_and_doubted_ones_leave_only_their_quality() -> None:
    series = raw([999, 1000, 1500, 2000, 2500, 4000], [1.0, 2.0, 4.0, 50.0, 6.0, 9.0], [0, 0, 0, 2, 0, 0])
    cells = on_grid([series], Grid(1000, 1000, 3))
    assert cells.mean.tolist()[:2] == [3.0, 6.0] and math.isnan(cells.mean[2])
    assert cells.least.tolist()[:2] == [2.0, 6.0] and cells.greatest.tolist()[:2] == [4.0, 6.0]
    assert cells.count.tolist() == [2, 1, 0] and cells.quality.tolist() == [0, 2, 0]


def test_bins_count_by_their_readings() -> None:
    series = binned(500, [(0, 10.0, 8.0, 12.0, 1), (500, 20.0, 19.0, 25.0, 3), (1000, NAN, NAN, NAN, 0)])
    cells = on_grid([series], Grid(0, 1000, 2))
    assert cells.mean[0] == 17.5 and (cells.least[0], cells.greatest[0]) == (8.0, 25.0)
    assert cells.count.tolist() == [4, 0] and math.isnan(cells.mean[1])


def test_a_heat_strip_begins_at_the_local_midnight() -> None:
    midnight = (date(2026, 3, 1) - date(1970, 1, 1)).days * DAY_MS - AHEAD_MS
    series = raw([midnight - 1, midnight, midnight + 25 * HOUR_MS], [1.0, 2.0, 3.0])
    strip = heat_strip([series], date(2026, 3, 1), 2, AHEAD_MS)
    rows = strip.cells.mean.reshape(2, 24)
    assert rows[0, 0] == 2.0 and rows[1, 1] == 3.0 and np.isfinite(rows).sum() == 2
    assert strip.day(1) == date(2026, 3, 2)
    assert day_grid(date(1970, 1, 2), 1, 0) == Grid(DAY_MS, HOUR_MS, 24)


# ------------------------------------------------------------ wind roses


def test_directions_belong_to_the_nearest_of_sixteen() -> None:
    degrees = np.array([0.0, 11.24, 11.26, 90.0, 180.0, 348.74, 348.76, 359.9, 360.0])
    assert sector_of(degrees).tolist() == [0, 0, 1, 4, 8, 15, 0, 0, 0]


def test_a_rose_counts_calms_classes_and_what_has_no_direction() -> None:
    speed = raw([0, 10, 20, 30, 40, 1000], [0.2, 0.3, 3.4, 12.0, 2.0, 5.0])
    direction = raw([1, 11, 21, 31, 41], [90.0, 90.0, 180.0, 181.0, NAN])
    rose = wind_rose(speed, direction, 5)
    assert rose.calm == 1 and rose.unpaired == 2 and rose.total == 4
    assert rose.counts[4].tolist() == [1, 0, 0, 0, 0, 0]
    assert rose.counts[8].tolist() == [0, 0, 1, 0, 0, 1]
    assert rose.calm_share == 0.25 and rose.leading == 8
    assert rose.mean_m_s == pytest.approx((0.2 + 0.3 + 3.4 + 12.0 + 2.0 + 5.0) / 6)
    assert rose.shares.sum() + rose.calm_share == pytest.approx(1.0)


def test_bins_whose_direction_turned_through_more_than_half_the_circle_have_none() -> None:
    speed = binned(60, [(0, 4.0, 3.0, 5.0, 12), (60, 4.0, 3.0, 5.0, 10)])
    direction = binned(60, [(0, 180.0, 2.0, 358.0, 12), (60, 90.0, 80.0, 100.0, 12)])
    rose = wind_rose(speed, direction, 30)
    assert (rose.variable, rose.unpaired, rose.total) == (12, 0, 10) and rose.leading == 4


def test_a_rose_of_nothing_has_no_direction_and_no_calm() -> None:
    rose = wind_rose(raw([], []), raw([], []), 10)
    assert rose.total == 0 and rose.leading is None and rose.calm_share == 0.0


def test_roses_of_two_stretches_are_one() -> None:
    first = wind_rose(raw([0, 10], [2.0, 0.1]), raw([0], [90.0]), 5)
    second = wind_rose(raw([20, 30], [4.0, 6.0]), raw([20], [180.0]), 5)
    both = together([first, second, wind_rose(raw([], []), raw([], []), 5)])
    assert (both.total, both.calm, both.unpaired) == (3, 1, 1) and both.counts.sum() == 2
    assert both.mean_m_s == pytest.approx((2.0 + 0.1 + 4.0 + 6.0) / 4)


def test_parts_of_one_past_meet_in_a_cell() -> None:
    cells = on_grid([binned(500, [(0, 10.0, 8.0, 12.0, 3)]), raw([700], [30.0])], Grid(0, 1000, 1))
    assert (cells.mean[0], cells.least[0], cells.greatest[0], cells.count[0]) == (15.0, 8.0, 30.0, 4)


def test_a_class_begins_at_its_own_figure_although_readings_are_of_32_bits() -> None:
    for place, speed in enumerate(CLASSES_M_S):
        rose = wind_rose(raw([0], [speed]), raw([0], [10.0]), 1)
        assert rose.counts[0, place] == 1, speed


# ------------------------------------------------------------ correlation


def test_pearson_and_spearman_of_worked_values() -> None:
    x = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    # Sums of squares 10 and 6, sum of products 6: 6 / sqrt(60).
    assert pearson(x, np.array([2.0, 4.0, 5.0, 4.0, 5.0])) == pytest.approx(0.774597, abs=1e-6)
    assert ranks(np.array([10.0, 30.0, 20.0, 20.0])).tolist() == [1.0, 4.0, 2.5, 2.5]
    assert math.isnan(pearson(x, np.full(5, 0.1)))


def test_a_bent_but_rising_relation_is_full_for_spearman_and_not_for_pearson() -> None:
    x = np.linspace(0.0, 5.0, 40)
    found = correlate(x, np.exp(x), 0)
    assert found.spearman == pytest.approx(1.0) and 0.7 < found.pearson < 0.95


@pytest.mark.parametrize("lag", [5, -7])
def test_the_delay_at_which_two_series_match_best_is_found_with_its_sign(lag: int) -> None:
    course = np.random.default_rng(3).normal(size=200)
    found = correlate(course, -np.roll(course, lag), 20)
    assert found.lag == lag and found.lag_pearson == pytest.approx(-1.0, abs=0.02)
    assert found.lag_pairs == 200 - abs(lag) and found.pairs == 200


def test_gaps_are_left_out_and_too_few_pairs_say_nothing() -> None:
    x = np.arange(30.0)
    y = 2.0 * x
    y[LEAST_PAIRS - 1 :] = NAN
    few = correlate(x, y, 5)
    assert few.pairs == LEAST_PAIRS - 1 and not few.enough and math.isnan(few.pearson)
    y[LEAST_PAIRS - 1] = 5.0
    assert correlate(x, y, 0).enough
    with pytest.raises(ValueError, match="grids"):
        correlate(x, y[:-1], 0)


# ------------------------------------------------------------ then and now


def test_the_end_of_a_course_is_compared_with_so_many_cells_before() -> None:
    course = np.array([1.0, 2.0, 3.0, 9.0, 9.0, 9.0, 2.0, NAN, 7.0])
    found = then_and_now(course, 6)
    assert found.now[0] == 2.0 and found.then.tolist() == [1.0, 2.0, 3.0]
    assert (found.delta[0], found.delta[2], found.pairs, found.mean, found.at) == (1.0, 4.0, 2, 2.5, 2)
    day = then_and_now(np.arange(8.0), 4)
    assert day.then.tolist() == [0.0, 1.0, 2.0, 3.0] and day.delta.tolist() == [4.0] * 4
    nothing = then_and_now(np.full(4, NAN), 2)
    assert nothing.at is None and nothing.pairs == 0
    with pytest.raises(ValueError, match="reach"):
        then_and_now(course, 9)


# ------------------------------------------------------------ calendar of air


@pytest.fixture(scope="module")
def station(shared_data: Path) -> dict[str, NDArray[np.float64]]:
    columns = dict(zip(POLLUTANTS, ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3"), strict=True))
    hours: dict[str, list[float]] = {name: [] for name in columns}
    with next((shared_data / "air").glob("PRSA_*.csv")).open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            for name, column in columns.items():
                value = NAN if row[column] == "NA" else float(row[column])
                hours[name].append(value / 1000.0 if name == "co" else value)
    return {name: np.array(column) for name, column in hours.items()}


def of_year(station: dict[str, NDArray[np.float64]], year: int, shift: int = 0) -> AirCalendar:
    """A year of the station, told as if it were `shift` years later (both begin on the first of March)."""
    start = (date(year, 3, 1) - date(2013, 3, 1)).days
    part = slice(24 * start, 24 * (start + 365))
    first = date(year + shift, 3, 1)
    return air_calendar(
        STANDARD, {name: column[part] for name, column in station.items()}, first, first + timedelta(days=400)
    )


def test_four_real_years_have_a_level_each_day_and_a_gap_where_nothing_was_measured(
    station: dict[str, NDArray[np.float64]],
) -> None:
    first = date(2013, 3, 1)
    every = air_calendar(STANDARD, station, first, date(2017, 12, 31))
    assert len(every.days) == 1461 and every.editions == ("HJ 633-2012",)
    assert [day.day for day in every.days if day.index is None] == [date(2015, 10, 9)] and every.gaps == 1
    often = {level.key: count for level, count in every.counts()}
    assert sum(often.values()) == 1460 and list(often) == [level.key for level in STANDARD.levels]
    carbon = air_calendar(STANDARD, {"co": station["co"]}, first, date(2017, 12, 31))
    short = [day for day in carbon.days if day.hours < 20]
    assert carbon.gaps == len(short) > 50 and all(day.index is None for day in short)


def test_each_day_is_judged_by_the_edition_in_force_on_it(station: dict[str, NDArray[np.float64]]) -> None:
    first, column = date(2026, 2, 27), np.full(24 * 4, 60.0)
    days = air_calendar(STANDARD, {"pm25": column}, first, date(2026, 12, 31)).days
    assert [(day.index.value, day.index.edition) for day in days if day.index] == [
        (82, "HJ 633-2012"),
        (82, "HJ 633-2012"),
        (100, "HJ 633-2026"),
        (100, "HJ 633-2026"),
    ]
    assert of_year(station, 2013, 13).editions == ("HJ 633-2026",)


def test_today_is_unfinished_days_to_come_are_left_out_and_a_gap_is_a_gap() -> None:
    hours = np.full(72, 40.0)
    hours[24:29] = NAN
    found = air_calendar(STANDARD, {"pm25": hours, "noise": hours}, date(2026, 11, 1), date(2026, 11, 2))
    assert [day.unfinished for day in found.days] == [False, True] and found.pollutants == ("pm25",)
    assert found.days[0].index is not None and found.days[1].index is None and found.days[1].hours == 19
    assert found.gaps == 1
    with pytest.raises(ValueError, match="whole days"):
        air_calendar(STANDARD, {"pm25": hours[:-1]}, date(2026, 11, 1), date(2026, 11, 2))


# ------------------------------------------------------------ neighbours


def band(level: float, count: int = 40) -> list[NDArray[np.float64]]:
    return [np.full(count, level + shift) for shift in (-2.0, -1.0, 0.0, 1.0, 2.0)]


def test_a_sensor_that_leaves_its_neighbours_is_told_from_a_district_that_moves() -> None:
    own = np.full(40, 10.0)
    own[30:] = 60.0
    alone = envelope(own, band(10.0), 1.0)
    assert alone.verdict is Verdict.SENSOR and (alone.apart, alone.offset, alone.moved) == (1.0, 50.0, 0.0)
    assert (alone.least[0], alone.median[0], alone.greatest[0]) == (8.0, 10.0, 12.0)
    risen = band(10.0)
    for each in risen:
        each[30:] += 50.0
    district = envelope(own, risen, 1.0)
    assert district.verdict is Verdict.DISTRICT and (district.apart, district.moved) == (0.0, 50.0)
    assert envelope(np.full(40, 11.0), band(10.0), 1.0).verdict is Verdict.ALIKE


def test_with_too_few_neighbours_nothing_is_said() -> None:
    few = envelope(np.full(40, 90.0), band(10.0)[:3], 1.0)
    assert few.verdict is Verdict.UNKNOWN and np.isnan(few.median).all() and few.usable.tolist() == [3] * 40
    silent = np.full(40, 90.0)
    silent[30:] = NAN
    assert envelope(silent, band(10.0), 1.0).verdict is Verdict.UNKNOWN
    assert envelope(silent, [], 1.0).verdict is Verdict.UNKNOWN


def test_equal_neighbours_do_not_make_a_difference_out_of_nothing() -> None:
    same = [np.full(40, 10.0)] * 5
    assert envelope(np.full(40, 10.4), same, 0.5).verdict is Verdict.ALIKE
    assert envelope(np.full(40, 10.6), same, 0.5).verdict is Verdict.SENSOR


def test_the_nearest_of_the_same_kind_come_first_with_their_distance() -> None:
    def at(identity: str, lon: float, kind: str = "pm25") -> Sensor:
        return Sensor(id=identity, name=identity, kind=kind, point=Point(lon, 39.7))

    held = {each.id: each for each in (at("a", 116.3), at("b", 116.5), at("c", 116.4), at("d", 116.31, "rain"))}
    held["e"] = Sensor(id="e", name="e", kind="pm25")
    found = nearest_of_kind(held["a"], held, 2)
    assert [other.id for other, _km in found] == ["c", "b"]
    assert found[0][1] == pytest.approx(0.1 * 111.195 * math.cos(math.radians(39.7)))
    assert nearest_of_kind(held["e"], held) == []
