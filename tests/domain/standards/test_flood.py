import math
from datetime import date

import pytest

from controlroom.domain.standards import flood
from resources.data import table

STANDARD = flood.parse(table("standards/flood.toml"))
NOW, BEFORE = date(2026, 11, 21), date(2015, 7, 1)


def level(depth_cm: float, day: date = NOW) -> int | None:
    found = flood.flood_level(STANDARD, depth_cm, day)
    return None if found is None else int(found.severity)


@pytest.mark.parametrize(("depth", "severity"), [(15, 4), (27, 3), (40, 2), (60, 1)])
def test_each_depth_is_reached_exactly_and_not_a_millimetre_before(depth: float, severity: int) -> None:
    assert level(depth) == severity
    assert level(depth - 0.1) == (None if severity == 4 else severity + 1)


@pytest.mark.parametrize(("depth", "severity"), [(19.9, None), (20, 4), (26.9, 4), (27, 3), (90, 3)])
def test_before_2021_the_lines_of_the_underpasses_held(depth: float, severity: int | None) -> None:
    assert level(depth, BEFORE) == severity


def test_what_is_no_depth_has_no_level_and_a_32_bit_value_reaches_its_limit() -> None:
    assert level(math.nan) is None and level(-3.0) is None
    assert level(26.9999996) == 3


def test_every_figure_names_its_source_or_says_that_it_is_the_house_s() -> None:
    for edition in STANDARD.editions:
        for each in edition.levels:
            assert each.source == "house figure" or "GB" in each.source or "police" in each.source
