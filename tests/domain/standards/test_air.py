from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlroom.domain.standards import air
from resources.data import table

STANDARD = air.parse(table("standards/air.toml"))
OLD, NEW = date(2026, 2, 28), date(2026, 3, 1)
COLUMNS = [(edition, column) for edition in STANDARD.editions for column in edition.breakpoints]


def one(column: str, concentration: float, day: date) -> int | None:
    return air.individual_index(STANDARD, STANDARD.edition_on(day), column, concentration)


def test_the_edition_is_chosen_by_the_day() -> None:
    assert STANDARD.edition_on(OLD).name == "HJ 633-2012"
    assert STANDARD.edition_on(NEW).name == "HJ 633-2026"
    assert STANDARD.edition_on(date(2013, 1, 1)).name == "HJ 633-2012"


@pytest.mark.parametrize(
    ("column", "concentration", "old", "new"),
    [("pm25_24h", 50, 69, 80), ("pm25_24h", 60, 82, 100), ("pm25_24h", 75, 100, 114), ("pm10_24h", 150, 100, 112)],
)
def test_the_worked_values_of_both_editions(column: str, concentration: float, old: int, new: int) -> None:
    assert one(column, concentration, OLD) == old
    assert one(column, concentration, NEW) == new


@pytest.mark.parametrize(("edition", "column"), COLUMNS, ids=lambda x: getattr(x, "name", x))
def test_every_breakpoint_has_exactly_its_index_and_a_little_more_has_the_next(
    edition: air.AirEdition, column: str
) -> None:
    for row, concentration in enumerate(edition.breakpoints[column]):
        index = air.individual_index(STANDARD, edition, column, concentration)
        assert index == STANDARD.iaqi[row]
        if row + 1 < len(edition.breakpoints[column]):
            assert air.individual_index(STANDARD, edition, column, concentration + 0.01) == index + 1


@pytest.mark.parametrize(("edition", "column"), COLUMNS, ids=lambda x: getattr(x, "name", x))
@given(data=st.data())
def test_more_of_a_pollutant_never_lowers_its_index(edition: air.AirEdition, column: str, data: st.DataObject) -> None:
    top = edition.breakpoints[column][-1]
    low, high = sorted(data.draw(st.lists(st.floats(0, top), min_size=2, max_size=2)))
    first = air.individual_index(STANDARD, edition, column, low)
    second = air.individual_index(STANDARD, edition, column, high)
    assert first is not None and second is not None and 0 <= first <= second <= 500


def test_above_a_short_column_only_the_newer_edition_has_an_index() -> None:
    assert one("so2_1h", 801, OLD) is None
    assert one("so2_1h", 801, NEW) == 200
    assert one("o3_8h", 801, OLD) is None
    assert one("o3_8h", 801, NEW) == 300


def test_above_the_table_the_index_stays_at_500_and_says_so() -> None:
    result = air.air_index(STANDARD, {"pm25_24h": 812}, NEW)
    assert result is not None
    assert (result.value, result.off_scale, result.level.key) == (500, True, "severe")
    edge = air.air_index(STANDARD, {"pm25_24h": 500}, NEW)
    assert edge is not None and not edge.off_scale
    short = air.air_index(STANDARD, {"so2_1h": 900}, NEW)
    assert short is not None and not short.off_scale


def test_the_noise_of_a_32_bit_column_does_not_push_a_value_over_its_breakpoint() -> None:
    assert one("co_1h", 1.100000023841858, NEW) == 11
    assert one("co_24h", 0.6999999880790710, NEW) == 18


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -1.0])
def test_what_is_no_concentration_has_no_index(bad: float) -> None:
    assert one("pm25_24h", bad, NEW) is None
    assert air.air_index(STANDARD, {"pm25_24h": bad, "unknown_1h": 3.0}, NEW) is None


def test_a_clean_hour_has_no_primary_pollutant() -> None:
    result = air.air_index(STANDARD, {"pm25_24h": 35, "o3_1h": 160}, NEW)
    assert result is not None
    assert (result.value, result.primary, result.level.key) == (50, (), "excellent")


def test_pollutants_that_tie_all_lead_and_none_twice() -> None:
    result = air.air_index(STANDARD, {"pm25_24h": 60, "pm10_24h": 120, "o3_1h": 200, "o3_8h": 160, "co_1h": 1}, NEW)
    assert result is not None
    assert result.value == 100
    assert result.primary == ("pm25", "pm10", "o3")


@pytest.mark.parametrize(
    ("index", "key"),
    [
        (0, "excellent"), (50, "excellent"), (51, "good"), (100, "good"), (101, "light"), (150, "light"),
        (151, "moderate"), (200, "moderate"), (201, "heavy"), (300, "heavy"), (301, "severe"), (500, "severe"),
    ],
)  # fmt: skip
def test_the_classes_of_the_index(index: int, key: str) -> None:
    assert STANDARD.level_of(index).key == key


def test_a_table_whose_column_falls_is_refused() -> None:
    with pytest.raises(ValueError, match="pm25_24h"):
        air.parse(
            {
                "iaqi": [0, 50, 100],
                "levels": [{"key": "a", "upto": 500, "rgb": [0, 0, 0]}],
                "editions": [{"name": "X", "in_force": date(2020, 1, 1), "breakpoints": {"pm25_24h": [0, 60, 35]}}],
            }
        )
