"""Which alarms a seat hears."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from controlroom.bridge.hearing import Hearing, SeatFilter, parse_filter, words
from controlroom.domain.severity import Severity
from controlroom.domain.silence import Matcher, Silence
from tests.bridge.models.district import NOW, alarms

ALARM = msgspec.structs.replace(alarms(1)[0], severity=Severity.ORANGE, department="区水务局", place="黄村镇 3号桥")


@pytest.mark.parametrize(
    ("wanted", "heard"),
    [
        ({}, True),
        ({"severities": frozenset({Severity.ORANGE})}, True),
        ({"severities": frozenset({Severity.RED})}, False),
        ({"departments": frozenset({"区水务局", "区应急局"})}, True),
        ({"departments": frozenset({"区应急局"})}, False),
        ({"areas": ("礼贤", "黄村")}, True),
        ({"areas": ("礼贤",)}, False),
    ],
)
def test_a_seat_hears_its_severities_departments_and_areas(wanted: dict[str, Any], heard: bool) -> None:
    assert SeatFilter(**wanted).passes(ALARM) is heard


def test_what_is_nobodys_in_particular_is_heard_everywhere() -> None:
    wanted = SeatFilter(departments=frozenset({"区应急局"}), areas=("礼贤",))
    assert wanted.passes(msgspec.structs.replace(ALARM, department="", place=""))
    assert not wanted.passes(msgspec.structs.replace(ALARM, department=""))


def test_a_silence_is_not_heard_at_any_seat() -> None:
    until = NOW + timedelta(hours=1)
    silence = Silence(id="1", matcher=Matcher(place="黄村"), by="王", seat="a", at=NOW, until=until, reason="r")
    assert not Hearing(SeatFilter(), [silence]).hears(ALARM)
    assert Hearing(SeatFilter(), [silence]).hears(msgspec.structs.replace(ALARM, place="礼贤镇"))


def test_a_filter_is_read_from_lists_with_commas_of_either_script() -> None:
    assert words(" 黄村，礼贤、黄村,, ") == ("黄村", "礼贤")
    wanted = parse_filter("1,9,red,2", "区水务局，区应急局", "")
    assert wanted.severities == {Severity.RED, Severity.ORANGE}
    assert wanted.departments == {"区水务局", "区应急局"} and not wanted.areas
    assert parse_filter("", "", "").everything
