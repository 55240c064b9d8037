"""The life of an alarm, told as stories and as rules that always hold."""

from datetime import timedelta

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from controlroom.domain import alarm as machine
from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.severity import Severity
from tests.rooms import NOON


def raised(severity: Severity = Severity.ORANGE, minute: int = 0) -> Alarm:
    at = NOON + timedelta(minutes=minute)
    return Alarm(
        id="limits/a",
        source="limits",
        key="a",
        severity=severity,
        title="积水",
        state=AlarmState.UNACKNOWLEDGED,
        occurred_at=at,
        received_at=at,
        changed_at=at,
    )


def test_an_acknowledged_alarm_is_normal_once_its_condition_is_over() -> None:
    alarm = machine.acknowledged(raised(), "王", NOON)
    assert alarm.state is AlarmState.ACKNOWLEDGED
    assert machine.cleared(alarm, NOON).state is AlarmState.NORMAL


def test_an_alarm_that_went_by_unseen_still_waits() -> None:
    alarm = machine.cleared(raised(), NOON)
    assert alarm.state is AlarmState.RETURNED
    assert alarm.waiting
    assert machine.acknowledged(alarm, "王", NOON).state is AlarmState.NORMAL


def test_a_repeated_alarm_stays_acknowledged_and_is_counted() -> None:
    held = machine.acknowledged(raised(), "王", NOON)
    again = machine.raised(held, raised(minute=5))
    assert (again.state, again.acknowledged_by, again.count) == (AlarmState.ACKNOWLEDGED, "王", 2)
    assert again.occurred_at == NOON


def test_a_worse_alarm_waits_for_an_officer_again() -> None:
    held = machine.acknowledged(raised(Severity.YELLOW), "王", NOON)
    assert machine.raised(held, raised(Severity.RED)).state is AlarmState.UNACKNOWLEDGED


def test_an_alarm_that_returned_and_comes_back_begins_anew() -> None:
    held = machine.cleared(raised(), NOON)
    again = machine.raised(held, raised(minute=7))
    assert again.state is AlarmState.UNACKNOWLEDGED
    assert again.occurred_at == NOON + timedelta(minutes=7)


class AlarmLife(RuleBasedStateMachine):
    """Whatever happens in whatever order, no officer is ever said to have seen what nobody showed."""

    def __init__(self) -> None:
        super().__init__()
        self.alarm: Alarm | None = None
        self.holds = False
        self.seen = False
        self.severity = Severity.BLUE

    @rule(severity=st.sampled_from(Severity))
    def tell(self, severity: Severity) -> None:
        # What the officer saw stays seen only while it holds and does not get worse.
        self.seen = self.seen and self.holds and severity >= self.severity
        self.holds, self.severity = True, severity
        self.alarm = machine.raised(self.alarm, raised(severity))

    @rule()
    def clear(self) -> None:
        if self.alarm is not None:
            self.alarm = machine.cleared(self.alarm, NOON)
            self.holds = False

    @rule()
    def acknowledge(self) -> None:
        if self.alarm is not None and self.alarm.state is not AlarmState.NORMAL:
            self.alarm = machine.acknowledged(self.alarm, "王", NOON)
            self.seen = True

    @invariant()
    def the_state_is_what_holds_and_what_was_seen(self) -> None:
        if self.alarm is None:
            return
        expected = {
            (True, False): AlarmState.UNACKNOWLEDGED,
            (True, True): AlarmState.ACKNOWLEDGED,
            (False, False): AlarmState.RETURNED,
            (False, True): AlarmState.NORMAL,
        }[(self.holds, self.seen)]
        assert self.alarm.state is expected
        assert self.alarm.severity is self.severity
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(self.alarm), type=Alarm) == self.alarm


TestAlarmLife = AlarmLife.TestCase
