from datetime import date

import pytest

from controlroom.domain.severity import Severity
from controlroom.domain.standards import weather
from controlroom.domain.standards.weather import Bound
from resources.data import table

STANDARD = weather.parse(table("standards/weather.toml"))
NOW, IN_2015 = date(2026, 11, 21), date(2015, 7, 1)
STEP = 0.01
ROWS = [(edition, row, alternative) for edition in STANDARD.editions for row in edition.rows for alternative in row.any]


def just(bound: Bound, inside: bool) -> float:
    """A figure that is just beyond a bound, or just not."""
    if bound.at_least is not None:
        return bound.at_least if inside else bound.at_least - STEP
    if bound.above is not None:
        return bound.above + STEP if inside else bound.above
    if bound.at_most is not None:
        return bound.at_most if inside else bound.at_most + STEP
    assert bound.below is not None
    return bound.below - STEP if inside else bound.below


@pytest.mark.parametrize(("edition", "row", "alternative"), ROWS, ids=lambda x: getattr(x, "signal", ""))
def test_every_figure_calls_for_its_colour_and_a_little_less_does_not(edition, row, alternative) -> None:
    day = max(edition.in_force, date(2007, 6, 12))
    only = weather.WeatherStandard(editions=[edition])
    exact = {name: just(bound, True) for name, bound in alternative.items()}
    found = weather.warning_signal(only, row.signal, exact, day, edition.jurisdiction)
    assert found is not None and found.severity <= row.severity
    for name, bound in alternative.items():
        less = weather.warning_signal(only, row.signal, exact | {name: just(bound, False)}, day, edition.jurisdiction)
        assert less is None or less.severity > row.severity


def signal(name: str, day: date = NOW, jurisdiction: str = "110115", **figures: float) -> Severity | None:
    found = weather.warning_signal(STANDARD, name, figures, day, jurisdiction)
    return None if found is None else found.severity


def test_the_same_rain_is_judged_by_place_and_by_the_day() -> None:
    assert signal("rainstorm", rain_1h_mm=45.0) is Severity.BLUE
    assert signal("rainstorm", IN_2015, rain_1h_mm=45.0) is Severity.ORANGE
    assert signal("rainstorm", jurisdiction="CN", rain_1h_mm=45.0) is None
    assert signal("rainstorm", jurisdiction="CN", rain_3h_mm=100.0) is Severity.RED


def test_what_the_city_does_not_name_is_judged_as_in_the_nation() -> None:
    assert signal("gale", wind_gust_6h_force=13) is Severity.RED
    assert signal("fog", visibility_2h_m=49.0) is Severity.RED
    assert signal("fog", visibility_12h_m=500.0) is None
    assert signal("cold_wave", drop_24h_c=16, min_c=0.0, wind_force=6) is Severity.RED
    assert signal("cold_wave", drop_24h_c=16, min_c=0.0, wind_force=5) is None


def test_heat_is_blue_in_the_city_after_two_days_and_nothing_yet_in_the_nation() -> None:
    assert signal("heat", heat_35_days=2) is Severity.BLUE
    assert signal("heat", jurisdiction="CN", heat_35_days=2) is None
    assert signal("heat", max_24h_c=40.0) is Severity.RED


def test_what_is_not_known_calls_for_nothing_and_an_unknown_signal_is_refused() -> None:
    assert signal("rainstorm") is None
    assert signal("rainstorm", rain_1h_mm=float("nan")) is None
    with pytest.raises(KeyError):
        signal("meteorites")
