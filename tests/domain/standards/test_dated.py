from dataclasses import dataclass
from datetime import date

import pytest

from controlroom.domain.standards.dated import in_force


@dataclass(frozen=True)
class Edition:
    name: str
    in_force: date
    jurisdiction: str


EDITIONS = [
    Edition("nation 2007", date(2007, 6, 12), "CN"),
    Edition("city 2013", date(2013, 1, 1), "11"),
    Edition("district 2021", date(2021, 10, 1), "110115"),
]


@pytest.mark.parametrize(
    ("day", "jurisdiction", "name"),
    [
        (date(2026, 11, 21), "CN", "nation 2007"),
        (date(2026, 11, 21), "31", "nation 2007"),
        (date(2026, 11, 21), "110108", "city 2013"),
        (date(2026, 11, 21), "110115", "district 2021"),
        (date(2021, 9, 30), "110115", "city 2013"),
        (date(2021, 10, 1), "110115", "district 2021"),
        (date(2012, 12, 31), "110115", "nation 2007"),
        (date(1990, 1, 1), "110115", "nation 2007"),
    ],
)
def test_the_narrowest_edition_in_force_on_the_day_holds(day: date, jurisdiction: str, name: str) -> None:
    assert in_force(EDITIONS, day, jurisdiction).name == name


def test_where_nothing_is_known_it_is_refused_and_the_oldest_local_one_reaches_back() -> None:
    with pytest.raises(ValueError, match="31"):
        in_force(EDITIONS[1:], date(2026, 1, 1), "31")
    assert in_force(EDITIONS[1:], date(1990, 1, 1), "110115").name == "city 2013"
