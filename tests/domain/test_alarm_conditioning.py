"""Delays, counting, enabling, flapping and contexts, told as stories with a clock."""

from datetime import timedelta

import pytest

from controlroom.domain import alarm as machine
from controlroom.domain.alarm import AlarmState, Aside, AsideKind
from controlroom.domain.alarm_hold import HoldKind
from controlroom.domain.severity import Severity
from tests.domain.conditioned import District
from tests.rooms import NOON

DELAYS = """
[[rule]]
name = "d"
on_delay_s = 10.0
off_delay_s = 20.0
"""


def test_what_goes_away_within_the_on_delay_was_no_alarm() -> None:
    district = District(DELAYS)
    district.tell("a")
    assert not district.stands("a")
    assert district.room.holds["s/a"].why is HoldKind.DELAYED
    district.wait(9)
    district.clear("a")
    district.wait(60)
    assert (district.room.alarms, district.room.holds) == ({}, {})


def test_what_lasts_longer_than_the_on_delay_is_raised_by_itself_and_says_when_it_occurred() -> None:
    district = District(DELAYS)
    district.tell("a")
    district.wait(4)
    assert district.tell("a") == []  # told again it is not delayed again
    district.wait(6)
    alarm = district.of("a")
    assert alarm is not None
    assert (alarm.waiting, alarm.occurred_at, alarm.changed_at) == (True, NOON, district.now)
    assert district.room.holds == {}


def test_worse_news_during_the_on_delay_are_what_is_raised_and_do_not_prolong_it() -> None:
    district = District(DELAYS)
    district.tell("a", severity=Severity.YELLOW)
    district.wait(5)
    district.tell("a", severity=Severity.RED)
    district.wait(5)
    alarm = district.of("a")
    assert alarm is not None
    assert (alarm.severity, alarm.occurred_at) == (Severity.RED, NOON)


def test_a_running_on_delay_survives_a_restart_and_ends_at_its_time() -> None:
    district = District(DELAYS)
    district.tell("a")
    district.wait(6)
    district.restart()
    district.wait(3)
    assert not district.stands("a")
    district.wait(1)
    assert district.stands("a")


def test_an_on_delay_that_ended_while_the_hub_was_away_is_raised_at_the_first_look() -> None:
    district = District(DELAYS)
    district.tell("a")
    district.now += timedelta(hours=1)
    district.restart()
    district.wait(0)
    assert district.stands("a")


def test_an_alarm_that_is_over_only_for_a_moment_stands_on() -> None:
    district = District(DELAYS)
    district.tell("a")
    district.wait(10)
    district.acknowledge("a")
    district.clear("a")
    district.wait(19)
    district.restart()
    assert district.stands("a")
    district.tell("a")
    district.wait(60)
    alarm = district.of("a")
    assert alarm is not None
    assert (alarm.state, alarm.count) == (AlarmState.ACKNOWLEDGED, 2)
    district.clear("a")
    district.restart()
    district.wait(20)
    assert district.of("a") is None


COUNTED = '[[rule]]\nname = "c"\nrepeated = { times = 3, within_s = 10.0 }\n'


def test_only_what_is_told_often_enough_in_the_window_is_an_alarm() -> None:
    district = District(COUNTED)
    district.tell("a")
    district.wait(6)
    district.tell("a")
    district.wait(6)  # the first is too long ago by now
    district.tell("a")
    assert not district.stands("a")
    district.restart()
    district.wait(3)
    district.tell("a")
    assert district.stands("a")
    assert district.room.holds == {}


def test_what_was_not_told_often_enough_is_forgotten() -> None:
    district = District(COUNTED)
    district.tell("a")
    district.clear("a")
    district.wait(10)
    assert (district.room.alarms, district.room.holds) == ({}, {})


def test_count_and_on_delay_follow_each_other() -> None:
    district = District(COUNTED + "on_delay_s = 5.0\n")
    for _time in range(3):
        district.tell("a")
    assert district.room.holds["s/a"].why is HoldKind.DELAYED
    district.wait(5)
    assert district.stands("a")


ENABLED = """
[[rule]]
name = "e"
match = { key = ["pump"] }
enabled_when = [{ sensor = "current", above = 5.0 }, { alarm = { key = ["maintenance"] }, standing = false }]
"""


def test_a_condition_counts_only_while_what_enables_it_holds() -> None:
    district = District(ENABLED)
    district.values["current"] = 1.0
    district.wait(1)
    district.tell("pump")
    assert district.room.holds["s/pump"].why is HoldKind.DISABLED
    district.restart()
    district.values["current"] = 6.0
    district.wait(1)
    assert district.stands("pump")
    district.tell("maintenance")
    district.wait(1)
    alarm = district.of("pump")
    assert alarm is not None and alarm.state is AlarmState.RETURNED  # nobody saw it: it waits
    district.clear("maintenance")
    district.acknowledge("pump")
    district.wait(1)
    assert district.stands("pump")
    district.clear("pump")
    assert not district.stands("pump")


def test_what_ends_while_it_is_disabled_is_not_raised_afterwards() -> None:
    district = District(ENABLED)
    district.tell("maintenance")
    district.tell("pump")
    district.clear("pump")
    district.clear("maintenance")
    district.wait(1)
    assert not district.stands("pump")


def test_a_sensor_that_says_nothing_does_not_keep_an_alarm_away() -> None:
    district = District(ENABLED)
    district.tell("pump")
    assert district.stands("pump")


def test_what_is_no_longer_enabled_during_its_on_delay_waits_for_that() -> None:
    district = District(ENABLED + "on_delay_s = 10.0\n")
    district.tell("pump")
    district.tell("maintenance")
    district.wait(10)
    assert district.room.holds["s/pump"].why is HoldKind.DISABLED
    district.clear("maintenance")
    district.wait(1)
    assert district.room.holds["s/pump"].why is HoldKind.DELAYED
    district.wait(10)
    assert district.stands("pump")


CHATTER = '[[rule]]\nname = "f"\nchatter = { raises = 3, within_s = 60.0, quiet_s = 120.0 }\n'


def flapping(district: District, times: int) -> None:
    for _time in range(times):
        district.tell("a")
        district.wait(5)
        district.clear("a")
        district.wait(5)


def test_what_comes_and_goes_too_often_flaps_from_the_first_of_these_times() -> None:
    district = District(CHATTER)
    flapping(district, 2)
    district.acknowledge("a")
    assert district.of("a") is None
    district.tell("a")
    alarm = district.of("a")
    assert alarm is not None and alarm.flapping is not None
    assert (alarm.flapping.since, alarm.flapping.transitions) == (NOON, 5)


def test_a_flapping_alarm_is_acknowledged_once_and_stands_until_it_was_quiet() -> None:
    district = District(CHATTER)
    flapping(district, 2)
    district.tell("a")
    district.acknowledge("a")
    for _time in range(4):
        district.wait(10)
        district.clear("a")
        district.wait(10)
        district.tell("a")
    alarm = district.of("a")
    assert alarm is not None and alarm.flapping is not None
    assert (alarm.state, alarm.flapping.transitions) == (AlarmState.ACKNOWLEDGED, 13)
    district.clear("a")
    district.wait(119)
    assert district.stands("a")
    district.wait(1)
    assert district.of("a") is None


def test_flapping_ends_after_a_quiet_time_although_the_condition_holds() -> None:
    district = District(CHATTER)
    flapping(district, 2)
    district.tell("a")
    district.restart()
    district.wait(119)
    alarm = district.of("a")
    assert alarm is not None and alarm.flapping is not None
    district.wait(1)
    alarm = district.of("a")
    assert alarm is not None
    assert (alarm.flapping, alarm.active) == (None, True)


def test_after_a_restart_a_flapping_alarm_goes_on_counting() -> None:
    district = District(CHATTER)
    flapping(district, 2)
    district.tell("a")
    district.restart()
    district.clear("a")
    district.restart()
    district.tell("a")
    alarm = district.of("a")
    assert alarm is not None and alarm.flapping is not None
    assert alarm.flapping.transitions == 7


def test_three_raisings_in_more_than_a_minute_are_no_flapping() -> None:
    district = District(CHATTER)
    for _time in range(5):
        district.tell("a")
        district.wait(15)
        district.clear("a")
        district.wait(16)
    district.tell("a")
    alarm = district.of("a")
    assert alarm is not None and alarm.flapping is None


CONTEXT = """
[[rule]]
name = "night"
match = { kind = ["noise"] }
context = [
  { when = [{ between = ["22:00", "06:00"] }], worse_by = 1 },
  { when = [{ months = [1, 2] }, { alarm = { key = ["snow"] } }], severity = 4 },
]
"""


def test_the_time_of_the_day_grades_what_stands() -> None:
    district = District(CONTEXT)  # noon by the clock of Beijing
    district.tell("a", kind="noise", severity=Severity.YELLOW)
    district.acknowledge("a")
    district.wait(1)
    district.now += timedelta(hours=10)
    district.wait(0)
    alarm = district.of("a")
    assert alarm is not None
    assert (alarm.severity, alarm.told_severity, alarm.waiting) == (Severity.ORANGE, Severity.YELLOW, True)
    district.acknowledge("a")
    assert district.tell("a", kind="noise", severity=Severity.YELLOW)
    alarm = district.of("a")
    assert alarm is not None and (alarm.severity, alarm.waiting) == (Severity.ORANGE, False)
    district.now += timedelta(hours=8)
    district.wait(0)
    alarm = district.of("a")
    assert alarm is not None
    assert (alarm.severity, alarm.told_severity, alarm.waiting) == (Severity.YELLOW, None, False)


def test_a_context_may_ask_for_the_season_and_another_alarm_together() -> None:
    winter = NOON.replace(month=1)
    for now, snow, severity in (
        (winter, True, Severity.BLUE),
        (winter, False, Severity.RED),
        (NOON, True, Severity.RED),
    ):
        district = District(CONTEXT, now)
        if snow:
            district.tell("snow")
        district.tell("a", kind="noise", severity=Severity.RED)
        alarm = district.of("a")
        assert alarm is not None and alarm.severity is severity


def test_a_shelved_alarm_that_its_context_makes_worse_comes_back() -> None:
    district = District(CONTEXT)
    district.tell("a", kind="noise", severity=Severity.YELLOW)
    held = district.of("a")
    assert held is not None
    until = NOON + timedelta(days=1)
    aside = Aside(kind=AsideKind.SHELVED, by="王", at=NOON, reason="施工", severity=held.severity, until=until)
    district.do(machine.set_aside(held, aside))
    district.now += timedelta(hours=10)
    district.wait(0)
    alarm = district.of("a")
    assert alarm is not None and alarm.waiting


def test_a_rule_makes_an_alarm_latching() -> None:
    district = District('[[rule]]\nname = "l"\nmatch = { kind = ["gas"] }\nlatching = true\n')
    district.tell("a", kind="gas")
    district.tell("b", kind="noise")
    for key in ("a", "b"):
        district.acknowledge(key)
        district.clear(key)
    alarm = district.of("a")
    assert alarm is not None and alarm.state is AlarmState.LATCHED
    assert district.of("b") is None


def test_rules_look_at_place_and_key_by_their_beginning_and_the_first_that_speaks_counts() -> None:
    district = District(
        """
        [[rule]]
        name = "one"
        match = { place = ["黄村"], key = ["limit/"] }
        latching = true
        [[rule]]
        name = "two"
        match = { place = ["黄村"] }
        latching = false
        cause = "{place}·{kind}"
        """
    )
    district.tell("limit/1", place="黄村镇东", kind="flood")
    district.tell("door", place="黄村镇东", kind="gate")
    district.tell("limit/2", place="亦庄")
    found = [district.of(key) for key in ("limit/1", "door", "limit/2")]
    assert [(a.latching, a.cause) for a in found if a is not None] == [
        (True, "黄村镇东·flood"),
        (False, "黄村镇东·gate"),
        (False, ""),
    ]


@pytest.mark.parametrize("quiet", [True, False])
def test_alarms_without_rules_are_what_their_sources_tell(quiet: bool) -> None:
    district = District("" if quiet else CHATTER)
    district.tell("a")
    district.clear("a")
    alarm = district.of("a")
    assert alarm is not None and alarm.state is AlarmState.RETURNED
    assert district.room.holds == {}
