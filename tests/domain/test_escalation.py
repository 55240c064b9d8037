"""The chains by which an alarm that nobody takes is brought to others."""

from datetime import timedelta

import msgspec
import pytest

from controlroom.domain.alarm import Alarm, AlarmState, Owner, acknowledged
from controlroom.domain.duty import Duty, decode_duty_plan
from controlroom.domain.escalation import Chain, Step, addresses, decode_escalation, due_at, escalated, stage_of
from controlroom.domain.severity import Severity
from resources import path
from tests.bridge.models.district import NOW, alarms

ALARM = msgspec.structs.replace(alarms(1)[0], severity=Severity.RED, state=AlarmState.UNACKNOWLEDGED)
MINUTE = timedelta(minutes=1)
CHAIN = Chain(
    severities=(Severity.RED,),
    steps=(
        Step(wait_s=60.0, role="officer", next=True),
        Step(wait_s=120.0, role="officer", next=True),
        Step(wait_s=300.0, role="leader"),
    ),
    repeat=1,
)


def duty(role: str, *officers: str, hours: int = 12) -> Duty:
    return Duty(role=role, officers=officers, begins_at=NOW, ends_at=NOW + timedelta(hours=hours), at=NOW)


DUTIES = {"officer": duty("officer", "甲", "乙", "丙"), "leader": duty("leader", "丁", "戊")}


def called(alarm: Alarm) -> tuple[str, ...]:
    return alarm.escalation.officers if alarm.escalation is not None else ()


def test_a_chain_waits_calls_the_next_one_then_the_role_and_begins_again_as_often_as_it_may() -> None:
    alarm, now, told = ALARM, NOW, []
    while (due := due_at(CHAIN, alarm.escalation, NOW)) is not None:
        waited_s, now = (due - now).total_seconds(), due
        alarm = escalated(CHAIN, alarm, DUTIES, now)
        assert alarm.escalation is not None
        told.append((waited_s, alarm.escalation.turn, alarm.escalation.step, called(alarm)))
    assert told == [
        (60.0, 1, 1, ("甲",)),
        (120.0, 1, 2, ("乙",)),
        (300.0, 1, 3, ("丁", "戊")),
        (60.0, 2, 1, ("丙",)),
        (120.0, 2, 2, ("甲",)),
        (300.0, 2, 3, ("丁", "戊")),
    ]
    assert escalated(CHAIN, alarm, DUTIES, now) is alarm


def test_a_role_without_anybody_on_duty_is_called_all_the_same() -> None:
    late = NOW + timedelta(hours=13)
    alarm = escalated(CHAIN, ALARM, DUTIES, late)
    assert alarm.escalation is not None and (alarm.escalation.role, called(alarm)) == ("officer", ())
    assert escalated(CHAIN, ALARM, {}, NOW).escalation == msgspec.structs.replace(alarm.escalation, at=NOW)


def test_what_an_alarm_lacks_decides_its_chain() -> None:
    owner = Owner(by="王", seat="a", at=NOW, until=NOW + MINUTE)
    known = msgspec.structs.replace(ALARM, state=AlarmState.ACKNOWLEDGED)
    assert stage_of(ALARM) == "waiting"
    assert stage_of(known) == "untaken"
    assert stage_of(msgspec.structs.replace(ALARM, owner=owner)) == ""
    assert stage_of(msgspec.structs.replace(known, owner=owner)) == ""
    assert stage_of(msgspec.structs.replace(ALARM, state=AlarmState.RETURNED)) == "waiting"


def test_the_districts_chains_name_roles_that_its_duty_plan_has() -> None:
    plan = decode_escalation(path("data", "escalation.toml").read_bytes())
    duties = decode_duty_plan(path("data", "duty.toml").read_bytes())
    assert all(duties.named(step.role) is not None for chain in plan.chain for step in chain.steps)
    assert all(plan.chain_of(severity, "区水务局", "waiting") is not None for severity in Severity)
    assert plan.chain_of(Severity.BLUE, "", "untaken") is None and plan.chain_of(Severity.RED, "", "") is None


def test_who_takes_note_ends_the_escalation() -> None:
    called_out = escalated(CHAIN, ALARM, DUTIES, NOW)
    assert called_out.escalation is not None
    assert acknowledged(called_out, "王", NOW).escalation is None


def test_who_is_named_is_called_and_in_the_role_also_who_is_not_on_its_list() -> None:
    called = escalated(CHAIN, ALARM, DUTIES, NOW).escalation
    assert called is not None and called.officers == ("甲",)
    held = DUTIES["officer"]
    assert addresses(called, held, "甲", in_role=False)
    assert not addresses(called, held, "乙", in_role=True)
    assert addresses(called, held, "新来的", in_role=True) and not addresses(called, held, "新来的", in_role=False)
    assert addresses(called, None, "乙", in_role=True)


@pytest.mark.parametrize("bad", ["repeat = 6", "repeat = -1"])
def test_a_chain_repeats_at_most_five_times(bad: str) -> None:
    text = f'edition = "x"\n[[chain]]\nseverities = [1]\n{bad}\nsteps = [{{ wait_s = 1, role = "a" }}]'
    with pytest.raises(msgspec.ValidationError):
        decode_escalation(text.encode())
