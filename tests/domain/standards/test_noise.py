from datetime import time

import pytest

from controlroom.domain.standards import noise
from resources.data import table

STANDARD = noise.parse(table("standards/noise.toml"))
TABLE = {"0": (50, 40), "1": (55, 45), "2": (60, 50), "3": (65, 55), "4a": (70, 55), "4b": (70, 60)}


@pytest.mark.parametrize("zone", TABLE)
def test_the_limits_of_every_zone_by_day_and_night(zone: str) -> None:
    day, night = TABLE[zone]
    assert noise.noise_limit(STANDARD, zone, time(12)) == day
    assert noise.noise_limit(STANDARD, zone, time(2)) == night
    assert noise.excess(STANDARD, zone, time(12), day) == 0
    assert noise.excess(STANDARD, zone, time(12), day + 0.1) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("local", "night"), [(time(5, 59, 59), True), (time(6), False), (time(21, 59, 59), False), (time(22), True)]
)
def test_night_is_from_ten_to_six(local: time, night: bool) -> None:
    assert noise.is_night(STANDARD, local) is night


def test_a_sudden_noise_may_go_fifteen_higher_at_night_only() -> None:
    assert noise.excess(STANDARD, "1", time(23), 60, peak=True) == 0
    assert noise.excess(STANDARD, "1", time(23), 61, peak=True) == 1
    assert noise.excess(STANDARD, "1", time(12), 61, peak=True) == 6


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(KeyError):
        noise.noise_limit(STANDARD, "5", time(12))
