import numpy as np
import pytest

from controlroom.domain.trend import LEAST_READINGS, Trends


def follow(values: list[float], every_s: float = 10.0, over_s: float = 600.0, finest: float = 0.01) -> Trends:
    trends = Trends()
    trends.add(over_s, finest)
    for number, value in enumerate(values, 1):
        trends.take(np.array([True]), np.array([value]), np.array([int(1000 * every_s * number)]))
    return trends


def test_a_straight_line_is_found_with_its_slope_and_level() -> None:
    level, slope, level_error, slope_error = follow([3.0 + 0.2 * n for n in range(40)]).lines()
    assert level[0] == pytest.approx(3.0 + 0.2 * 39, abs=0.01)
    assert slope[0] == pytest.approx(0.02, rel=0.01)
    assert 0 < slope_error[0] < 0.001 and 0 < level_error[0] < 0.01


def test_noise_around_a_level_is_no_sure_trend() -> None:
    chance = np.random.default_rng(3)
    _level, slope, _level_error, slope_error = follow((5.0 + chance.normal(0, 0.5, 200)).tolist()).lines()
    assert abs(slope[0]) < 4 * slope_error[0]


def test_too_few_readings_say_nothing_and_a_long_gap_begins_anew() -> None:
    assert np.isnan(follow([1.0] * (LEAST_READINGS - 1)).lines()[1][0])
    trends = follow([float(n) for n in range(20)])
    trends.take(np.array([True]), np.array([50.0]), np.array([10_000_000]))
    assert np.isnan(trends.lines()[1][0])


def test_the_newest_trend_counts_when_the_course_turns() -> None:
    _level, slope, _level_error, _slope_error = follow(
        [float(n) for n in range(60)] + [59.0 - n for n in range(60)], over_s=100.0
    ).lines()
    assert slope[0] == pytest.approx(-0.1, rel=0.05)


def test_a_large_value_with_small_changes_keeps_its_slope_after_a_million_seconds() -> None:
    trends = Trends()
    trends.add(600.0, 0.001)
    for number in range(1, 400):
        trends.take(
            np.array([True]), np.array([101_325.0 + 0.001 * number]), np.array([1_795_000_000_000 + 10_000 * number])
        )
    assert trends.lines()[1][0] == pytest.approx(0.0001, rel=0.02)


def test_a_minute_of_readings_says_nothing_about_what_comes_however_straight_it_is() -> None:
    assert np.isnan(follow([float(n) for n in range(60)], every_s=1.0).lines()[1][0])
    assert not np.isnan(follow([float(n) for n in range(302)], every_s=1.0).lines()[1][0])
