"""Whatever happens to an alarm in whatever order: a model of three facts says where it stands."""

from datetime import datetime, timedelta

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from controlroom.domain import alarm as machine
from controlroom.domain.alarm import Alarm, AlarmState, Aside, AsideKind
from controlroom.domain.severity import Severity
from tests.domain.test_alarm import NOTE, OWNER, aside, raised
from tests.rooms import NOON

PARENT = "s/power"


class AlarmLife(RuleBasedStateMachine):
    """No officer is ever said to have seen what nobody showed, and nothing unseen or latched is ever lost.

    The model: does the condition hold, was it seen, must it be reset; and what lies over it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.begin()

    def begin(self) -> None:
        self.alarm: Alarm | None = None
        self.holds = self.seen = self.latching = self.reset = False
        self.seen_at: datetime | None = None
        self.severity = Severity.BLUE
        self.aside: Aside | None = None
        self.muted_at: datetime | None = None
        self.owner, self.notes, self.count = None, (), 0

    def tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def see(self, seen: bool) -> None:
        self.seen, self.seen_at = seen, self.now if seen else None

    @rule(severity=st.sampled_from(Severity), latching=st.booleans())
    def tell(self, severity: Severity, latching: bool) -> None:
        now = self.tick()
        # What the officer saw stays seen only while it holds and does not get worse.
        if not (self.seen and self.holds and severity >= self.severity):
            self.see(False)
        if self.aside is not None and self.aside.kind is AsideKind.SHELVED and severity < self.aside.severity:
            self.aside = None
            self.see(False)
        begins_anew = self.alarm is None or self.alarm.state is AlarmState.NORMAL
        self.count = 1 if begins_anew else self.count + 1
        self.holds, self.severity, self.latching, self.reset = True, severity, latching, False
        told = msgspec.structs.replace(raised(severity), latching=latching, received_at=now)
        self.alarm = machine.raised(self.alarm, told)

    @precondition(lambda self: self.alarm is not None)
    @rule()
    def clear(self) -> None:
        self.alarm = machine.cleared(self.alarm, self.tick())
        self.holds = False

    @precondition(lambda self: self.alarm is not None)
    @rule()
    def acknowledge(self) -> None:
        now = self.tick()
        self.alarm = machine.acknowledged(self.alarm, "王", now)
        if self.aside is None and not self.seen:
            self.see(True)

    @precondition(lambda self: self.alarm is not None)
    @rule()
    def take_back(self) -> None:
        self.alarm = machine.unacknowledged(self.alarm, self.tick())
        if self.aside is None and (self.holds or (self.latching and not self.reset)):
            self.see(False)

    @precondition(lambda self: self.alarm is not None)
    @rule()
    def reset_it(self) -> None:
        self.alarm = machine.reset(self.alarm, "王", self.tick())
        if self.aside is None and self.seen and not self.holds:
            self.reset = True

    @precondition(lambda self: self.alarm is not None)
    @rule(kind=st.sampled_from(AsideKind))
    def put_aside(self, kind: AsideKind) -> None:
        self.aside = aside(kind, self.alarm.severity)
        self.alarm = machine.set_aside(self.alarm, self.aside)

    @precondition(lambda self: self.aside is not None)
    @rule()
    def bring_back(self) -> None:
        normal = self.alarm.state is AlarmState.NORMAL
        self.alarm = machine.brought_back(self.alarm, self.tick())
        # What comes back still holding waits; what is over was seen by whoever set it aside.
        self.aside, self.reset = None, self.reset or normal
        self.seen, self.seen_at = not self.holds, None

    @precondition(lambda self: self.alarm is not None)
    @rule()
    def mute(self) -> None:
        now = self.tick()
        self.alarm = machine.muted(self.alarm, PARENT, now)
        self.muted_at = self.muted_at or now

    @precondition(lambda self: self.muted_at is not None)
    @rule()
    def the_parent_ends(self) -> None:
        self.alarm = machine.come_forward(self.alarm, self.tick())
        seen_before = self.seen_at is not None and self.seen_at < self.muted_at
        if self.holds and self.seen and not seen_before:
            self.see(False)
        self.muted_at = None

    @precondition(lambda self: self.alarm is not None)
    @rule(release=st.booleans())
    def own(self, release: bool) -> None:
        self.owner = None if release else OWNER
        self.alarm = machine.released(self.alarm, NOON) if release else machine.taken(self.alarm, OWNER)

    @precondition(lambda self: self.alarm is not None)
    @rule()
    def note(self) -> None:
        self.notes = (*self.notes, NOTE)
        self.alarm = machine.noted(self.alarm, NOTE)

    @invariant()
    def the_state_is_what_holds_was_seen_and_must_be_reset(self) -> None:
        if self.alarm is None:
            return
        if self.holds:
            expected = AlarmState.ACKNOWLEDGED if self.seen else AlarmState.UNACKNOWLEDGED
        elif not self.seen:
            expected = AlarmState.RETURNED
        else:
            expected = AlarmState.LATCHED if self.latching and not self.reset else AlarmState.NORMAL
        assert self.alarm.state is expected
        assert self.alarm.severity is self.severity
        assert self.alarm.aside == self.aside
        assert (self.alarm.owner, self.alarm.notes, self.alarm.count) == (self.owner, self.notes, self.count)
        assert (self.alarm.parent, self.alarm.muted_at) == (PARENT if self.muted_at else "", self.muted_at)
        assert self.alarm.waiting == (self.aside is None and not self.seen and self.muted_at is None)
        assert self.alarm.kept == (self.aside is not None or expected is not AlarmState.NORMAL)
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(self.alarm), type=Alarm) == self.alarm

    @invariant()
    def acknowledgement_and_recovery_commute(self) -> None:
        if self.alarm is not None:
            at = self.now
            one = machine.cleared(machine.acknowledged(self.alarm, "王", at), at)
            assert one == machine.acknowledged(machine.cleared(self.alarm, at), "王", at)

    @invariant()
    def nothing_but_a_reset_ends_a_latching_alarm(self) -> None:
        if self.alarm is None or not self.alarm.latching or self.alarm.state is AlarmState.NORMAL:
            return
        after = (machine.acknowledged(self.alarm, "王", self.now), machine.cleared(self.alarm, self.now))
        after += (machine.brought_back(self.alarm, self.now), machine.come_forward(self.alarm, self.now))
        assert all(alarm.state is not AlarmState.NORMAL for alarm in after)

    @invariant()
    def the_room_forgets_what_is_normal(self) -> None:
        if self.alarm is not None and not self.alarm.kept:
            self.begin()  # and what comes then begins anew


AlarmLife.TestCase.settings = settings(max_examples=120, stateful_step_count=30, deadline=None)
TestAlarmLife = AlarmLife.TestCase
