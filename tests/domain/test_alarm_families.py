"""One cause, many alarms: parents that mute children, first-out, and the same told by two sources."""

from datetime import timedelta

from controlroom.domain import alarm as machine
from controlroom.domain.alarm import AlarmState, Aside, AsideKind
from controlroom.domain.alarm_hold import HoldKind
from controlroom.domain.place import Point
from controlroom.domain.severity import Severity
from tests.domain.conditioned import HERE, District
from tests.rooms import NOON

POWER = """
[[correlation]]
name = "power"
parent = { kind = ["power"] }
children = { kind = ["device", "camera"] }
same = ["place"]
before_s = 60.0
release_s = 30.0
cause = "停电 {place}"
"""


def power(district: District, **more: object) -> None:
    district.tell("power", kind="power", place="泵站", severity=Severity.ORANGE, **more)


def device(district: District, key: str = "d1", place: str = "泵站", severity: Severity = Severity.YELLOW) -> None:
    district.tell(key, kind="device", place=place, severity=severity)


def parent_of(district: District, key: str = "d1") -> str:
    held = district.of(key)
    assert held is not None
    return held.parent


def test_what_is_raised_under_its_cause_stands_but_calls_nobody() -> None:
    district = District(POWER)
    power(district)
    device(district)
    device(district, "elsewhere", place="水厂")
    held, parent, other = district.of("d1"), district.of("power"), district.of("elsewhere")
    assert held is not None and parent is not None and other is not None
    assert (held.parent, held.active, held.waiting, held.cause) == ("s/power", True, False, "停电 泵站")
    assert (parent.cause, parent.first_out, parent.waiting) == ("停电 泵站", True, True)
    assert (other.parent, other.waiting) == ("", True)


def test_children_that_were_told_just_before_their_cause_are_muted_too() -> None:
    district = District(POWER)
    device(district, "old")
    district.wait(50)
    device(district, "new")
    district.wait(20)
    power(district)
    assert (parent_of(district, "old"), parent_of(district, "new")) == ("", "s/power")


def test_children_that_outlive_their_cause_come_forward_after_a_while() -> None:
    district = District(POWER)
    power(district)
    for key in ("d1", "d2"):
        device(district, key)
    district.acknowledge("power")
    for key in ("d1", "d2"):
        district.acknowledge(key)
    district.clear("power")
    district.wait(10)
    district.clear("d2")
    assert district.of("d2") is None  # seen under its cause, and over with it
    district.wait(19)
    assert parent_of(district) == "s/power"
    district.wait(1)
    held = district.of("d1")
    assert held is not None
    assert (held.parent, held.waiting) == ("", True)


def test_a_restart_does_not_leave_children_muted_under_nothing() -> None:
    district = District(POWER)
    power(district)
    device(district)
    district.acknowledge("power")
    district.clear("power")
    district.restart()
    district.wait(0)
    assert parent_of(district) == "s/power", "how long its cause is gone nobody knows any more: the wait begins anew"
    district.wait(29)
    assert parent_of(district) == "s/power"
    district.wait(1)
    assert parent_of(district) == ""


def test_a_restart_just_after_the_end_of_a_cause_leaves_its_children_their_time() -> None:
    district = District(POWER)
    power(district)
    device(district)
    district.clear("power")
    district.wait(20)
    district.restart()
    district.wait(9)
    assert parent_of(district) == "s/power"
    district.wait(1)
    held = district.of("d1")
    assert held is not None and (held.parent, held.waiting) == ("", True)


def test_a_restart_while_a_cause_gets_milder_frees_what_is_worse_at_once() -> None:
    district = District(POWER)
    power(district)
    device(district)
    district.tell("power", kind="power", place="泵站", severity=Severity.BLUE)
    district.restart()
    district.wait(0)
    assert parent_of(district) == ""


def test_a_cause_that_comes_back_in_time_keeps_its_children() -> None:
    district = District(POWER)
    power(district)
    device(district)
    district.clear("power")
    district.wait(20)
    power(district)
    district.wait(60)
    assert parent_of(district) == "s/power"


def test_what_is_worse_than_its_cause_is_not_muted() -> None:
    district = District(POWER)
    power(district)
    device(district, severity=Severity.RED)
    assert parent_of(district) == ""
    device(district, "d2")
    device(district, "d2", severity=Severity.RED)
    held = district.of("d2")
    assert held is not None and held.waiting


def test_a_cause_that_gets_milder_frees_what_is_worse() -> None:
    district = District(POWER)
    power(district)
    device(district)
    district.tell("power", kind="power", place="泵站", severity=Severity.BLUE)
    district.wait(0)
    held = district.of("d1")
    assert held is not None and held.waiting


def test_a_cause_that_is_set_aside_mutes_nobody() -> None:
    district = District(POWER)
    power(district)
    device(district)
    held = district.of("power")
    assert held is not None
    until = district.now + timedelta(hours=1)
    aside = Aside(kind=AsideKind.SHELVED, by="王", at=NOON, reason="检修", severity=held.severity, until=until)
    district.do(machine.set_aside(held, aside))
    district.wait(30)
    assert parent_of(district) == ""
    device(district, "d2")
    assert parent_of(district, "d2") == ""


def test_what_came_and_went_unseen_under_its_cause_waits_afterwards() -> None:
    district = District(POWER)
    power(district)
    device(district)
    district.clear("d1")
    district.clear("power")
    district.wait(30)
    held = district.of("d1")
    assert held is not None
    assert (held.state, held.waiting) == (AlarmState.RETURNED, True)


def test_another_cause_takes_the_children_over() -> None:
    district = District(POWER)
    power(district)
    device(district)
    district.tell("power2", kind="power", place="泵站")
    district.clear("power")
    district.wait(30)
    assert parent_of(district) == "s/power2"


NEAR = POWER.replace('same = ["place"]\n', "near_m = 300.0\n")


def test_a_correlation_may_go_by_distance() -> None:
    district = District(NEAR)
    power(district, point=HERE)
    for key, point in (("near", Point(HERE.lon + 0.003, HERE.lat)), ("far", Point(HERE.lon + 0.004, HERE.lat))):
        district.tell(key, kind="device", severity=Severity.YELLOW, point=point)
    district.tell("nowhere", kind="device", severity=Severity.YELLOW)
    assert [parent_of(district, key) for key in ("near", "far", "nowhere")] == ["s/power", "", ""]


def test_causes_do_not_mute_each_other_in_a_circle() -> None:
    district = District(
        """
        [[correlation]]
        name = "one"
        parent = { kind = ["a"] }
        children = { kind = ["b"] }
        same = ["place"]
        [[correlation]]
        name = "other"
        parent = { kind = ["b"] }
        children = { kind = ["a"] }
        same = ["place"]
        """
    )
    for key in ("a", "b", "a"):
        district.tell(key, kind=key, place="p")
        district.wait(1)
    assert sorted((parent_of(district, "a"), parent_of(district, "b"))) == ["", "s/a"]


GROUP = '[[rule]]\nname = "g"\ncause = "积水 {place}"\n'


def test_the_first_of_a_group_is_marked_until_the_group_is_empty() -> None:
    district = District(GROUP)
    for key in ("a", "b"):
        district.tell(key, place="桥下")
    district.tell("c", place="别处")
    firsts = {key: alarm.first_out for key in "abc" if (alarm := district.of(key)) is not None}
    assert firsts == {"a": True, "b": False, "c": True}
    district.restart()
    for key in ("a", "b"):
        district.acknowledge(key)
        district.clear(key)
    district.tell("b", place="桥下")
    again = district.of("b")
    assert again is not None and again.first_out


SAME = '[[rule]]\nname = "s"\nsame = { fields = ["sensor", "kind"], within_s = 600.0 }\n'


def both(district: District, second: Severity = Severity.ORANGE) -> None:
    district.tell("limit", "hub", sensor="f1", kind="flood")
    district.wait(60)
    district.tell("report", "bureau", second, sensor="f1", kind="flood")


def test_the_same_told_by_two_sources_is_one_alarm_that_names_both() -> None:
    district = District(SAME)
    both(district)
    assert list(district.room.alarms) == ["hub/limit"]
    alarm = district.of("limit", "hub")
    assert alarm is not None
    assert (alarm.also_from, alarm.count, alarm.last_told_at) == (("bureau",), 2, district.now)


def test_it_is_over_when_both_say_so_in_either_order_and_after_a_restart() -> None:
    for first, second in ((("limit", "hub"), ("report", "bureau")), (("report", "bureau"), ("limit", "hub"))):
        district = District(SAME)
        both(district)
        district.restart()
        district.acknowledge("limit", "hub")
        district.clear(*first)
        assert district.stands("limit", "hub")
        district.restart()
        district.clear(*second)
        assert (district.room.alarms, district.room.holds) == ({}, {})


def test_the_other_source_can_make_it_worse_and_then_it_waits_again() -> None:
    district = District(SAME)
    both(district)
    district.acknowledge("limit", "hub")
    district.tell("report", "bureau", Severity.RED, sensor="f1", kind="flood")
    alarm = district.of("limit", "hub")
    assert alarm is not None
    assert (alarm.severity, alarm.waiting) == (Severity.RED, True)
    district.tell("limit", "hub", sensor="f1", kind="flood")  # its own source still says orange
    alarm = district.of("limit", "hub")
    assert alarm is not None
    assert (alarm.severity, alarm.told_severity) == (Severity.RED, Severity.ORANGE)


def test_long_afterwards_or_of_another_sensor_it_is_another_alarm() -> None:
    district = District(SAME)
    district.tell("limit", "hub", sensor="f1", kind="flood")
    district.wait(601)
    district.tell("report", "bureau", sensor="f1", kind="flood")
    district.tell("report", "patrol", sensor="f2", kind="flood")
    district.tell("second", "hub", sensor="f2", kind="gas")
    assert len(district.room.alarms) == 4


def test_the_own_source_that_tells_again_takes_its_alarm_back() -> None:
    district = District(SAME)
    both(district)
    district.clear("limit", "hub")
    assert district.room.holds["hub/limit"].why is HoldKind.CARRIED
    district.tell("limit", "hub", sensor="f1", kind="flood")
    district.clear("report", "bureau")
    assert district.stands("limit", "hub")
    district.clear("limit", "hub")
    assert not district.stands("limit", "hub")


def test_an_alarm_told_with_another_kind_leaves_its_family_and_the_conditions_that_it_met() -> None:
    district = District(
        POWER
        + """
        [[rule]]
        name = "night"
        match = { kind = ["noise"] }
        context = [{ when = [{ alarm = { kind = ["power"] } }], severity = 1 }]
        """
    )
    district.tell("x", kind="power", place="泵站", severity=Severity.ORANGE)
    district.tell("n", kind="noise", severity=Severity.BLUE)
    district.tell("x", kind="other", place="泵站", severity=Severity.ORANGE)
    district.wait(1)
    noise = district.of("n")
    assert noise is not None and noise.severity is Severity.BLUE
    district.acknowledge("x")
    district.clear("x")
    assert district.of("x") is None
    device(district)
    assert parent_of(district) == ""
    power(district)
    assert parent_of(district) == "s/power"


def test_what_is_gone_is_compared_with_nothing_although_it_lost_its_sensor_before() -> None:
    district = District(SAME)
    district.tell("limit", "hub", sensor="f1", kind="flood")
    district.tell("limit", "hub", kind="flood")
    district.acknowledge("limit", "hub")
    district.clear("limit", "hub")
    district.tell("report", "bureau", sensor="f1", kind="flood")
    assert list(district.room.alarms) == ["bureau/report"]
