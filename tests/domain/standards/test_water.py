import pytest

from controlroom.domain.standards import water
from controlroom.domain.standards.water import WaterClass
from resources.data import table

STANDARD = water.parse(table("standards/water.toml"))
AT_MOST = [(factor, row, lake) for lake in (False, True) for factor in STANDARD.limits_of(lake) for row in range(5)]


@pytest.mark.parametrize(("factor", "row", "lake"), AT_MOST)
def test_a_concentration_at_its_limit_is_within_and_a_little_more_is_not(factor: str, row: int, lake: bool) -> None:
    limits = STANDARD.limits_of(lake)[factor]
    best = limits.index(limits[row]) + 1
    assert water.factor_class(STANDARD, factor, limits[row], lake=lake) == best
    above = water.factor_class(STANDARD, factor, limits[row] + 0.001, lake=lake)
    assert above is not None and above > row + 1


@pytest.mark.parametrize("row", range(5))
def test_oxygen_at_its_limit_is_within_and_a_little_less_is_not(row: int) -> None:
    limit = STANDARD.at_least["do"][row]
    assert water.factor_class(STANDARD, "do", limit) == row + 1
    assert water.factor_class(STANDARD, "do", limit - 0.01) == row + 2


@pytest.mark.parametrize(
    ("ph", "quality"),
    [(5.9, WaterClass.WORSE), (6.0, WaterClass.I), (9.0, WaterClass.I), (9.1, WaterClass.WORSE)],
)
def test_acidity_is_within_six_and_nine(ph: float, quality: WaterClass) -> None:
    assert water.factor_class(STANDARD, "ph", ph) is quality


def test_the_worst_factor_decides() -> None:
    result = water.water_quality(STANDARD, {"ph": 7.4, "do": 6.2, "codmn": 5.0, "nh3n": 1.2, "tp": 0.12})
    assert result is not None
    assert result.quality is WaterClass.IV
    assert result.worst == ("nh3n",)
    assert result.items["do"] is WaterClass.II


def test_nitrogen_counts_for_a_lake_and_not_for_a_river() -> None:
    assert water.factor_class(STANDARD, "tn", 3.0) is None
    assert water.factor_class(STANDARD, "tn", 3.0, lake=True) is WaterClass.WORSE


def test_the_noise_of_a_32_bit_column_does_not_worsen_the_class() -> None:
    assert water.factor_class(STANDARD, "tp", 0.10000000149011612) is WaterClass.II


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -0.1])
def test_what_is_no_value_has_no_class(bad: float) -> None:
    assert water.water_quality(STANDARD, {"do": bad}) is None


def test_the_exceedance_is_told_in_multiples_of_the_limit() -> None:
    assert water.exceedance(STANDARD, "nh3n", 2.5, WaterClass.III) == pytest.approx(1.5)
    assert water.exceedance(STANDARD, "nh3n", 0.5, WaterClass.III) == 0.0
    with pytest.raises(KeyError):
        water.exceedance(STANDARD, "do", 2.5, WaterClass.III)
    with pytest.raises(ValueError, match="no limit"):
        water.exceedance(STANDARD, "nh3n", 2.5, WaterClass.WORSE)
