"""Quality class of surface water by GB 3838-2002."""

import enum
import math
from collections.abc import Mapping

import msgspec
from msgspec import Struct

_DECIMALS = 4  # the finest limit is 0.005; what lies below is the noise of a 32-bit column


class WaterClass(enum.IntEnum):
    """Classes Ⅰ to Ⅴ of GB 3838-2002 clause 3, and what is worse than Ⅴ."""

    I = 1  # noqa: E741  # the standard's own numerals
    II = 2
    III = 3
    IV = 4
    V = 5
    WORSE = 6

    @property
    def numeral(self) -> str:
        """The Roman numeral as it is printed; the worst has none of its own and reads >Ⅴ."""
        return ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", ">Ⅴ")[self.value - 1]


class WaterStandard(Struct, frozen=True, kw_only=True):
    """GB 3838-2002 table 1: limits by factor for classes Ⅰ to Ⅴ, mg/L; `ph` is the allowed span of every class."""

    edition: str
    ph: tuple[float, float]
    at_least: dict[str, tuple[float, float, float, float, float]]
    at_most: dict[str, tuple[float, float, float, float, float]]
    lake_at_most: dict[str, tuple[float, float, float, float, float]]

    def limits_of(self, lake: bool) -> dict[str, tuple[float, float, float, float, float]]:
        """The upper limits that hold for a river, or for a lake or reservoir."""
        return {**self.at_most, **self.lake_at_most} if lake else self.at_most


class WaterQuality(Struct, frozen=True, kw_only=True):
    """The class of a section: the class of its worst factor; `items` by factor, `worst` the factors that decide."""

    quality: WaterClass
    items: dict[str, WaterClass]
    worst: tuple[str, ...]
    edition: str


def parse(table: Mapping[str, object]) -> WaterStandard:
    """The standard from the decoded TOML. Raises msgspec.ValidationError where the table is not of its form."""
    return msgspec.convert(table, WaterStandard)


def factor_class(standard: WaterStandard, factor: str, value: float, *, lake: bool = False) -> WaterClass | None:
    """The class of one factor: GB 3838-2002 table 1, pH by its span.

    None for a value that is not a number or negative, and for a factor that has no limit for such a water.
    """
    if not math.isfinite(value) or value < 0:
        return None
    exact = round(value, _DECIMALS)
    if factor == "ph":
        return WaterClass.I if standard.ph[0] <= exact <= standard.ph[1] else WaterClass.WORSE
    if factor in standard.at_least:
        good = [exact >= limit for limit in standard.at_least[factor]]
    elif factor in standard.limits_of(lake):
        good = [exact <= limit for limit in standard.limits_of(lake)[factor]]
    else:
        return None
    return WaterClass(good.index(True) + 1) if True in good else WaterClass.WORSE


def water_quality(standard: WaterStandard, values: Mapping[str, float], *, lake: bool = False) -> WaterQuality | None:
    """The class of a section by its worst factor (single-factor rule, GB 3838-2002 clause 5.1).

    None when no value has a class. `values` in mg/L by factor, pH without unit.
    """
    judged = {factor: factor_class(standard, factor, value, lake=lake) for factor, value in values.items()}
    items = {factor: quality for factor, quality in judged.items() if quality is not None}
    if not items:
        return None
    quality = max(items.values())
    worst = tuple(factor for factor, found in items.items() if found is quality) if quality > WaterClass.I else ()
    return WaterQuality(quality=quality, items=items, worst=worst, edition=standard.edition)


def exceedance(standard: WaterStandard, factor: str, value: float, target: WaterClass, *, lake: bool = False) -> float:
    """How many times a concentration exceeds the limit of its target class, (C − Cs) / Cs; 0 when it does not.

    Source: single-factor index of GB 3838-2002 practice; not defined for pH and dissolved oxygen.
    Raises KeyError for such a factor, ValueError for the target «worse than Ⅴ», which has no limit.
    """
    if target is WaterClass.WORSE:
        raise ValueError("worse than class V has no limit")
    limit = standard.limits_of(lake)[factor][target - 1]
    return max(0.0, (value - limit) / limit)
