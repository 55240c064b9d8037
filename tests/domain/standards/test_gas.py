import pytest

from controlroom.domain.standards import gas
from resources.data import table

STANDARD = gas.parse(table("standards/gas.toml"))
BAD = [float("nan"), float("inf"), -1.0]


@pytest.mark.parametrize(("lel", "level"), [(0, 0), (24.9, 0), (25, 1), (49.9, 1), (50, 2), (100, 2)])
def test_combustible_gas_by_its_share_of_the_explosive_limit(lel: float, level: int) -> None:
    assert gas.combustible_level(STANDARD, lel) == level


@pytest.mark.parametrize(("name", "limit"), [("h2s", 10), ("cl2", 1), ("nh3", 20), ("co", 20)])
def test_toxic_gas_at_its_exposure_limit_and_at_twice_of_it(name: str, limit: float) -> None:
    told = [gas.toxic_level(STANDARD, name, share * limit) for share in (0.99, 1.0, 1.99, 2.0)]
    assert told == [0, 1, 1, 2]


def test_a_gas_without_an_exposure_limit_is_refused() -> None:
    with pytest.raises(KeyError):
        gas.toxic_level(STANDARD, "ar", 1.0)


@pytest.mark.parametrize(("vol", "level"), [(0.49, 0), (0.5, 1), (1.24, 1), (1.25, 2)])
def test_methane_in_a_tunnel(vol: float, level: int) -> None:
    assert gas.methane_level(STANDARD, vol) == level


@pytest.mark.parametrize(("vol", "safe"), [(19.4, False), (19.5, True), (20.9, True), (23.5, True), (23.6, False)])
def test_oxygen_of_a_utility_tunnel(vol: float, safe: bool) -> None:
    assert gas.oxygen_safe(STANDARD, vol) is safe


@pytest.mark.parametrize("bad", BAD)
def test_what_is_no_concentration_has_no_level(bad: float) -> None:
    assert gas.combustible_level(STANDARD, bad) is None
    assert gas.toxic_level(STANDARD, "h2s", bad) is None
    assert gas.methane_level(STANDARD, bad) is None
    assert gas.oxygen_safe(STANDARD, bad) is None
