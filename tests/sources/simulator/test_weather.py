import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlroom.sources.simulator.weather import Sky, Weather, daily_course

HERE = np.array([[116.38, 39.70]])


def test_the_sum_of_an_hour_is_the_rain_of_an_hour() -> None:
    weather = Weather(Sky())
    weather.head_for(36.0, 0.0)
    for _n in range(3600):
        weather.step(1.0)
    assert weather.fallen_mm(1.0) == pytest.approx(36.0, rel=0.02)
    weather.head_for(0.0, 0.0)
    for _n in range(3700):
        weather.step(1.0)
    assert weather.fallen_mm(1.0) == pytest.approx(0.0, abs=0.7)
    assert weather.fallen_mm(3.0) == pytest.approx(36.0, rel=0.02)


def test_fast_weather_rains_an_hour_in_minutes() -> None:
    weather = Weather(Sky(), speed=24.0)
    weather.head_for(36.0, 0.0)
    for _n in range(150):
        weather.step(1.0)
    assert weather.fallen_mm(1.0) == pytest.approx(36.0, rel=0.02)


@given(st.lists(st.tuples(st.floats(0, 200), st.floats(0, 100), st.floats(0.1, 50)), max_size=20))
def test_rain_is_never_negative_and_never_beyond_what_was_asked(steps: list[tuple[float, float, float]]) -> None:
    weather = Weather(Sky(), speed=24.0)
    most = 0.0
    for mm_h, over_s, seconds in steps:
        most = max(most, mm_h)
        weather.head_for(mm_h, over_s)
        weather.step(seconds)
        assert 0.0 <= weather.rain_mm_h <= most + 1e-9
        assert (weather.rain_at(HERE) >= 0.0).all()
        assert (weather.rain_at(HERE) <= most + 1e-9).all()


def test_it_rains_most_in_the_centre_and_a_little_everywhere() -> None:
    weather = Weather(Sky(radius_km=10.0))
    weather.head_for(80.0, 0.0)
    weather.step(1.0)
    centre, edge = weather.rain_at(np.array([[116.38, 39.70], [116.70, 39.50]])).tolist()
    assert centre == pytest.approx(80.0)
    assert 15.0 < edge < 40.0


def test_the_course_of_the_day_peaks_when_it_should() -> None:
    peak = np.array([14.0])
    assert daily_course(14.0, peak)[0] == pytest.approx(1.0)
    assert daily_course(2.0, peak)[0] == pytest.approx(-1.0)
