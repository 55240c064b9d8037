"""Silences, tags and who is on duty, on the hub's own clock."""

from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

import msgspec
import pytest

from controlroom.domain.alarm_policy import AlarmPolicy
from controlroom.domain.duty import decode_duty_plan
from controlroom.domain.escalation import EscalationPlan
from controlroom.domain.events import DutyChanged, Event, SilenceChanged
from controlroom.domain.room import Room
from controlroom.domain.severity import Severity
from controlroom.domain.silence import Matcher, Silence
from controlroom.hub.commands import carry_out
from controlroom.hub.core import Core
from controlroom.hub.plans import WatchPlans
from controlroom.hub.refusal import Refuse
from controlroom.wire.alarms import EndSilence, SilenceMatching, TagAlarms
from controlroom.wire.messages import AlarmRecord, Command, Refusal, SetDuty
from tests.rooms import NOON

HOUR = timedelta(hours=1)
PLAN = decode_duty_plan((files("resources") / "data" / "duty.toml").read_bytes())


class Shift:
    def __init__(self) -> None:
        plans = WatchPlans(escalation=EscalationPlan(edition="none"), duty=PLAN)
        self.core = Core("live", Room(), AlarmPolicy(tags_most=2, silences_most=2), plans)
        self.now = NOON

    def tell(self, key: str, **more: Any) -> None:
        record = AlarmRecord(key=key, severity=Severity.ORANGE, title="积水", occurred_at=NOON, **more)
        self.core.record("s", record, "WGS-84", self.now)

    def do(self, body: Any) -> str:
        command = Command(id="c", seat="one", officer="王", body=body)
        outcome = carry_out(self.core.room, command, self.now, False, self.core.policy)
        self.core.fold(outcome.events)
        return outcome.created

    def refused(self, body: Any) -> Refusal:
        before = self.core.room.digest()
        with pytest.raises(Refuse) as told:
            self.do(body)
        assert self.core.room.digest() == before
        return told.value.code

    def look(self, later: timedelta) -> list[Event]:
        self.now += later
        return self.core.look(self.now)

    def silence(self, reason: str = "检修", until: datetime | None = None, **wanted: Any) -> SilenceMatching:
        return SilenceMatching(matcher=Matcher(**(wanted or {"kind": "x"})), until=until or NOON + HOUR, reason=reason)


def test_a_silence_ends_by_itself_and_says_so() -> None:
    shift = Shift()
    identity = shift.do(shift.silence(" 演练 "))
    held = shift.core.room.silences[identity]
    assert (held.by, held.seat, held.reason, held.until) == ("王", "one", "演练", NOON + HOUR)
    assert not [event for event in shift.look(HOUR - timedelta(seconds=1)) if isinstance(event, SilenceChanged)]
    (over,) = shift.look(timedelta(seconds=1))
    assert isinstance(over, SilenceChanged)
    assert over.silence == msgspec.structs.replace(held, ended_at=NOON + HOUR)
    assert not shift.core.room.silences and shift.look(HOUR) == []


def test_an_officer_ends_a_silence_once() -> None:
    shift = Shift()
    identity = shift.do(shift.silence())
    shift.do(EndSilence(silence=identity))
    assert not shift.core.room.silences
    assert shift.refused(EndSilence(silence=identity)) is Refusal.ALREADY_DONE


def test_silences_without_reason_matcher_or_measure_are_refused() -> None:
    shift = Shift()
    assert shift.refused(shift.silence(" ")) is Refusal.REASON_REQUIRED
    assert shift.refused(shift.silence(severities=tuple(Severity))) is Refusal.NOT_ALLOWED
    assert shift.refused(shift.silence(until=NOON)) is Refusal.NOT_ALLOWED
    assert shift.refused(shift.silence(until=NOON + timedelta(days=31))) is Refusal.NOT_ALLOWED
    first = shift.do(shift.silence())
    assert shift.do(shift.silence()) != first
    assert shift.refused(shift.silence()) is Refusal.TOO_LARGE


def test_tags_are_put_on_and_taken_off_and_stay_while_the_alarm_repeats() -> None:
    shift = Shift()
    shift.tell("a")
    shift.do(TagAlarms(alarms=["s/a"], add=[" 防汛 ", "防汛", "重点"]))
    shift.tell("a")
    assert shift.core.room.alarms["s/a"].tags == ("防汛", "重点")
    assert shift.refused(TagAlarms(alarms=["s/a"], add=["第三"])) is Refusal.TOO_LARGE
    assert shift.refused(TagAlarms(alarms=["s/a"], add=["重点"])) is Refusal.ALREADY_DONE
    assert shift.refused(TagAlarms(alarms=["s/gone"], add=["重点"])) is Refusal.ALREADY_DONE
    assert shift.refused(TagAlarms(alarms=["s/a"], add=["  "])) is Refusal.REASON_REQUIRED
    shift.do(TagAlarms(alarms=["s/a"], add=["第三"], remove=["防汛"]))
    assert shift.core.room.alarms["s/a"].tags == ("重点", "第三")


def test_the_plan_puts_officers_on_duty_at_every_change_of_shift() -> None:
    shift = Shift()
    begun = [event.duty for event in shift.look(timedelta()) if isinstance(event, DutyChanged)]
    assert [duty.role for duty in begun] == ["duty_officer", "shift_lead", "leader"]
    assert shift.look(timedelta(seconds=1)) == []
    shift.now = begun[0].ends_at
    following = shift.core.room.duties["leader"]
    assert len(shift.look(timedelta())) == 3
    assert shift.core.room.duties["leader"].officers != following.officers


def test_an_officer_says_who_is_on_duty_until_the_shift_ends() -> None:
    shift = Shift()
    shift.look(timedelta())
    planned = shift.core.room.duties["leader"]
    shift.do(SetDuty(role="leader", officers=[" 李主任 ", "李主任", "赵主任"]))
    held = shift.core.room.duties["leader"]
    assert (held.officers, held.by, held.ends_at) == (("李主任", "赵主任"), "王", planned.ends_at)
    assert shift.look(timedelta(seconds=1)) == []
    shift.now = planned.ends_at
    shift.look(timedelta())
    assert shift.core.room.duties["leader"].by == ""


def test_a_duty_beyond_a_week_or_of_an_unknown_role_is_refused() -> None:
    shift = Shift()
    shift.look(timedelta())
    assert shift.refused(SetDuty(role="chef", officers=["甲"])) is Refusal.UNKNOWN_OBJECT
    assert shift.refused(SetDuty(role="leader", officers=[], until=NOON + timedelta(days=8))) is Refusal.NOT_ALLOWED
    assert shift.refused(SetDuty(role="leader", officers=[], until=NOON)) is Refusal.NOT_ALLOWED


def test_silences_and_duties_are_rebuilt_from_a_snapshot() -> None:
    shift = Shift()
    shift.look(timedelta())
    shift.do(shift.silence())
    room = Room()
    room.restore(shift.core.room.sequence, shift.core.room.snapshot())
    assert room.digest() == shift.core.room.digest() and room.silences and room.duties
    held = next(iter(room.silences.values()))
    assert isinstance(held, Silence)
