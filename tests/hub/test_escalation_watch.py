"""Alarms that nobody takes are brought to the next one in time, on a clock that the test moves."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from controlroom.domain.alarm import Alarm, AsideKind
from controlroom.domain.alarm_policy import AlarmPolicy
from controlroom.domain.duty import DutyPlan, Role, Shift, Team
from controlroom.domain.escalation import Chain, EscalationPlan, Step, due_at, stage_of
from controlroom.domain.events import AlarmChanged
from controlroom.domain.room import Room
from controlroom.domain.severity import Severity
from controlroom.domain.silence import Matcher, silencing
from controlroom.hub.commands import carry_out
from controlroom.hub.core import Core
from controlroom.hub.plans import WatchPlans
from controlroom.hub.refusal import Refuse
from controlroom.wire.alarms import (
    Acknowledge,
    EndSilence,
    ReleaseAlarms,
    ReturnToService,
    SilenceMatching,
    Suppress,
    TakeAlarms,
    Unacknowledge,
)
from controlroom.wire.messages import AlarmRecord, ClearRecord, Command
from tests.rooms import NOON

SECOND = timedelta(seconds=1)
STEPS = (Step(wait_s=60.0, role="officer", next=True), Step(wait_s=30.0, role="leader"))
WAITING = Chain(severities=(Severity.RED, Severity.ORANGE), steps=STEPS, repeat=1)
UNTAKEN = Chain(severities=(Severity.RED,), steps=(Step(wait_s=120.0, role="leader"),), stage="untaken")
PLANS = WatchPlans(
    escalation=EscalationPlan(edition="test", chain=(WAITING, UNTAKEN)),
    duty=DutyPlan(
        edition="test",
        role=(Role(id="officer", name="值班员", name_en="Officer"), Role(id="leader", name="领导", name_en="Leader")),
        shift=(Shift(name="日", name_en="Day", begins=datetime.min.time(), ends=datetime.min.time()),),
        team=(Team(name="一", officers={"officer": ("甲", "乙"), "leader": ("丁",)}),),
    ),
)


class Night:
    """A hub's core, its clock, and what was done."""

    def __init__(self, room: Room | None = None) -> None:
        self.now = NOON
        self.core = Core("live", room or Room(), AlarmPolicy(own_for_s=100.0), PLANS)
        self.core.look(self.now)

    def tell(self, key: str, severity: Severity = Severity.RED) -> None:
        record = AlarmRecord(key=key, severity=severity, title="积水", occurred_at=NOON, kind=key)
        self.core.record("s", record, "WGS-84", self.now)

    def do(self, body: Any) -> str:
        command = Command(id="c", seat="one", officer="王", body=body)
        try:
            outcome = carry_out(self.core.room, command, self.now, False, self.core.policy)
        except Refuse:
            return ""
        self.core.fold(outcome.events)
        return outcome.created

    def pass_s(self, seconds: float) -> list[Alarm]:
        """Time passes second by second; the alarms that were brought to somebody."""
        brought = []
        for _second in range(int(seconds)):
            self.now += SECOND
            for event in self.core.look(self.now):
                if isinstance(event, AlarmChanged) and event.alarm.escalation is not None:
                    brought.append(event.alarm)
        return brought

    def alarm(self, key: str = "a") -> Alarm:
        return self.core.room.alarms[f"s/{key}"]


def told(alarms: list[Alarm]) -> list[tuple[str, tuple[str, ...]]]:
    return [(a.escalation.role, a.escalation.officers) for a in alarms if a.escalation is not None]


def test_nobody_answers_and_the_alarm_goes_from_one_to_the_next() -> None:
    night = Night()
    night.tell("a")
    assert night.pass_s(59) == []
    assert told(night.pass_s(1)) == [("officer", ("甲",))]
    assert told(night.pass_s(30)) == [("leader", ("丁",))]
    assert told(night.pass_s(90)) == [("officer", ("乙",)), ("leader", ("丁",))]
    assert night.pass_s(500) == []
    assert night.alarm().escalation is not None


def test_repeating_the_same_alarm_does_not_begin_its_chain_anew() -> None:
    night = Night()
    night.tell("a")
    for _times in range(5):
        night.pass_s(10)
        night.tell("a")
    assert len(night.pass_s(10)) == 1
    night.tell("a")
    assert night.alarm().escalation is not None


def test_a_worse_severity_begins_the_chain_anew() -> None:
    night = Night()
    night.tell("a", Severity.ORANGE)
    night.pass_s(60)
    night.tell("a", Severity.RED)
    assert night.alarm().escalation is None
    assert night.pass_s(59) == [] and len(night.pass_s(1)) == 1


def test_taking_it_ends_the_chain_and_the_end_of_ownership_begins_it_again() -> None:
    night = Night()
    night.tell("a")
    night.pass_s(60)
    night.do(TakeAlarms(alarms=["s/a"]))
    assert night.alarm().escalation is None
    assert night.pass_s(100 + 59) == []
    assert told(night.pass_s(1)) == [("officer", ("甲",))]


def test_what_was_acknowledged_and_nobody_took_ages() -> None:
    night = Night()
    night.tell("a")
    night.do(Acknowledge(alarms=["s/a"]))
    assert night.pass_s(119) == []
    assert told(night.pass_s(1)) == [("leader", ("丁",))]
    night.core.record("s", ClearRecord(key="a", occurred_at=NOON), "WGS-84", night.now)
    assert night.pass_s(300) == []


def test_a_silenced_alarm_is_brought_to_nobody_and_waits_anew_when_it_is_heard() -> None:
    night = Night()
    silence = night.do(SilenceMatching(matcher=Matcher(kind="a"), until=NOON + timedelta(hours=1), reason="演练"))
    night.tell("a")
    night.tell("b")
    assert [a.key for a in night.pass_s(80)] == ["b"]
    night.do(EndSilence(silence=silence))
    assert [a.key for a in night.pass_s(59)] == ["b"]
    assert "a" in [a.key for a in night.pass_s(1)]


def test_after_a_restart_the_chain_goes_on_where_it_was() -> None:
    night = Night()
    night.tell("a")
    night.pass_s(60)
    again = Night(night.core.room)
    again.now = night.now
    assert told(again.pass_s(30)) == [("leader", ("丁",))]


def test_a_flood_is_brought_on_in_parts_and_completely() -> None:
    night = Night()
    for number in range(1200):
        night.tell(str(number))
    assert len(night.pass_s(60)) == 500
    assert len(night.pass_s(2)) == 700
    assert len({a.id for a in night.core.room.alarms.values() if a.escalation is not None}) == 1200


KEYS = st.sampled_from(["a", "b"])


class Nights(RuleBasedStateMachine):
    """Whatever officers and sources do, a step is taken exactly when it is due, and only while somebody is needed."""

    def __init__(self) -> None:
        super().__init__()
        self.night = Night()
        self.since: dict[str, datetime] = {}
        self.silence = ""
        self.heard_at = NOON

    @property
    def alarms(self) -> Iterator[Alarm]:
        return iter(self.night.core.room.alarms.values())

    def note(self, before: dict[str, Alarm]) -> None:
        """When each began to lack somebody, worked out anew from every change."""
        for alarm in self.alarms:
            held = before.get(alarm.id)
            same = held is not None and (stage_of(held), held.severity) == (stage_of(alarm), alarm.severity)
            if not same:
                self.since[alarm.id] = self.night.now

    def act(self, what: Any) -> None:
        before, silent = dict(self.night.core.room.alarms), bool(self.night.core.room.silences)
        what()
        self.note(before)
        if silent and not self.night.core.room.silences:
            self.heard_at = self.night.now

    @rule(key=KEYS, severity=st.sampled_from([Severity.RED, Severity.ORANGE, Severity.YELLOW]))
    def tell(self, key: str, severity: Severity) -> None:
        self.act(lambda: self.night.tell(key, severity))

    @rule(key=KEYS)
    def clear(self, key: str) -> None:
        record = ClearRecord(key=key, occurred_at=NOON)
        self.act(lambda: self.night.core.record("s", record, "WGS-84", self.night.now))

    @rule(key=KEYS, body=st.sampled_from([Acknowledge, Unacknowledge, TakeAlarms, ReleaseAlarms, ReturnToService]))
    def command(self, key: str, body: Any) -> None:
        self.act(lambda: self.night.do(body(alarms=[f"s/{key}"])))

    @rule(key=KEYS)
    def suppress(self, key: str) -> None:
        self.act(lambda: self.night.do(Suppress(alarms=[f"s/{key}"], how=AsideKind.SUPPRESSED.value, reason="r")))

    @rule(key=KEYS)
    def silence_one(self, key: str) -> None:
        if not self.night.core.room.silences:
            until = self.night.now + timedelta(seconds=200)
            self.silence = self.night.do(SilenceMatching(matcher=Matcher(kind=key), until=until, reason="r"))

    @rule()
    def end_silence(self) -> None:
        self.act(lambda: self.night.do(EndSilence(silence=self.silence or "none")))

    @rule(seconds=st.sampled_from([60, 121, 1, 31, 29]))
    def wait(self, seconds: int) -> None:
        for _second in range(seconds):
            self.act(lambda: self.night.pass_s(1))

    @rule(key=KEYS, severity=st.sampled_from([Severity.RED, Severity.ORANGE]))
    def tell_and_wait(self, key: str, severity: Severity) -> None:
        self.tell(key, severity)
        self.wait(60)

    @rule()
    def restart(self) -> None:
        now, self.night = self.night.now, Night(self.night.core.room)
        self.night.now = now
        # What is not on the alarm is counted from its last change: later, never earlier.
        for alarm in self.alarms:
            self.since[alarm.id] = max(self.since.get(alarm.id, alarm.changed_at), alarm.changed_at)

    @invariant()
    def nothing_is_called_that_lacks_nobody(self) -> None:
        for alarm in self.alarms:
            assert stage_of(alarm) or alarm.escalation is None

    @invariant()
    def no_step_is_overdue_or_early(self) -> None:
        silences = self.night.core.room.silences.values()
        for alarm in self.alarms:
            stage = stage_of(alarm)
            chain = PLANS.escalation.chain_of(alarm.severity, alarm.department, stage) if stage else None
            if chain is None or silencing(silences, alarm) is not None:
                continue
            due = due_at(chain, alarm.escalation, self.since[alarm.id])
            # A step that fell into a silence is waited for anew from its end.
            longest = max(timedelta(seconds=step.wait_s) for step in chain.steps)
            assert due is None or max(due, self.heard_at + longest) > self.night.now, alarm
            told = alarm.escalation
            if told is not None and (told.step, told.turn) == (1, 1) and told.at >= self.since[alarm.id]:
                waited = told.at - self.since[alarm.id]
                assert waited == timedelta() or waited >= timedelta(seconds=chain.steps[0].wait_s)


TestNights = Nights.TestCase
TestNights.settings = settings(max_examples=100, stateful_step_count=20, deadline=None)
