"""Which alarms a silence lies on."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from controlroom.domain.severity import Severity
from controlroom.domain.silence import Matcher, Silence, silencing
from tests.bridge.models.district import NOW, alarms

ALARM = msgspec.structs.replace(
    alarms(1)[0],
    source="sim-iot",
    kind="methane",
    place="礼贤镇 综合管廊",
    department="区城市管理委",
    severity=Severity.ORANGE,
    title="甲烷 LEL 超限",
    text="舱室报警",
)


@pytest.mark.parametrize(
    ("fits", "fits_not"),
    [
        ({"source": "sim-iot"}, {"source": "sim"}),
        ({"kind": "methane"}, {"kind": "oxygen"}),
        ({"place": "礼贤"}, {"place": "榆垡"}),
        ({"department": "区城市管理委"}, {"department": "区"}),
        ({"text": "lel"}, {"text": "氧"}),
        ({"text": "舱室"}, {"text": "lel 舱室"}),
        ({"severities": (Severity.ORANGE, Severity.RED)}, {"severities": (Severity.BLUE,)}),
    ],
)
def test_every_part_that_is_given_must_fit(fits: dict[str, Any], fits_not: dict[str, Any]) -> None:
    assert Matcher(**fits).matches(ALARM)
    assert not Matcher(**fits_not).matches(ALARM)
    assert not Matcher(**{"kind": "methane", "place": "礼贤"} | fits_not).matches(ALARM)


def test_a_matcher_that_says_nothing_would_match_everything() -> None:
    assert Matcher().everything and Matcher(place="  ").everything and Matcher(severities=tuple(Severity)).everything
    assert not Matcher(severities=(Severity.BLUE,)).everything and not Matcher(text="a").everything


def test_of_several_silences_the_one_that_lasts_longest_is_told() -> None:
    def silence(name: str, minutes: int, **wanted: str) -> Silence:
        until = NOW + timedelta(minutes=minutes)
        return Silence(id=name, matcher=Matcher(**wanted), by="王", seat="a", at=NOW, until=until, reason="r")

    held = [silence("short", 5, kind="methane"), silence("long", 9, place="礼贤"), silence("other", 60, kind="x")]
    found = silencing(held, ALARM)
    assert found is not None and found.id == "long"
    assert silencing(held[2:], ALARM) is None
