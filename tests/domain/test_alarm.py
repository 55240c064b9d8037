"""The life of an alarm, told as stories and as rules that always hold."""

from datetime import timedelta

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from controlroom.domain import alarm as machine
from controlroom.domain.alarm import Alarm, AlarmState, Aside, AsideKind, Note, Owner
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


def aside(kind: AsideKind = AsideKind.SHELVED, severity: Severity = Severity.ORANGE) -> Aside:
    until = NOON + timedelta(hours=1) if kind is AsideKind.SHELVED else None
    return Aside(kind=kind, by="王", at=NOON, reason="检修", severity=severity, until=until)


def test_a_shelved_alarm_does_not_wait_and_goes_on_underneath() -> None:
    held = machine.set_aside(raised(), aside())
    assert held.active
    assert not held.waiting
    assert machine.acknowledged(held, "李", NOON) == held
    over = machine.cleared(machine.set_aside(machine.acknowledged(raised(), "王", NOON), aside()), NOON)
    assert (over.state, over.kept) == (AlarmState.NORMAL, True)
    again = machine.raised(over, raised(minute=9))
    assert (again.active, again.waiting, again.aside) == (True, False, over.aside)


def test_an_alarm_that_comes_back_waits_if_it_still_holds() -> None:
    held = machine.set_aside(machine.acknowledged(raised(), "王", NOON), aside())
    back = machine.brought_back(held, NOON)
    assert (back.state, back.aside, back.acknowledged_by, back.waiting) == (AlarmState.UNACKNOWLEDGED, None, "", True)
    assert not machine.brought_back(machine.cleared(held, NOON), NOON).kept


def test_only_a_shelved_alarm_comes_back_because_it_got_worse() -> None:
    assert machine.raised(machine.set_aside(raised(), aside()), raised()).aside is not None
    worse = machine.raised(machine.set_aside(raised(), aside()), raised(Severity.RED))
    assert (worse.aside, worse.waiting) == (None, True)
    for kind in (AsideKind.SUPPRESSED, AsideKind.OUT_OF_SERVICE):
        assert machine.raised(machine.set_aside(raised(), aside(kind)), raised(Severity.RED)).aside is not None


def test_a_shelved_alarm_that_was_normal_meanwhile_comes_back_when_it_is_worse_than_then() -> None:
    over = machine.cleared(machine.set_aside(machine.acknowledged(raised(), "王", NOON), aside()), NOON)
    assert machine.raised(over, raised(Severity.RED)).waiting
    easier = machine.raised(machine.set_aside(raised(), aside()), raised(Severity.BLUE))
    assert machine.raised(easier, raised(Severity.ORANGE)).aside is not None


def test_an_acknowledgement_can_be_taken_back() -> None:
    seen = machine.acknowledged(raised(), "王", NOON)
    again = machine.unacknowledged(seen, NOON)
    assert (again.state, again.acknowledged_by, again.acknowledged_at) == (AlarmState.UNACKNOWLEDGED, "", None)
    assert machine.unacknowledged(raised(), NOON) == raised()
    shelved = machine.set_aside(seen, aside())
    assert machine.unacknowledged(shelved, NOON) == shelved


OWNER = Owner(by="李", seat="一席", at=NOON, until=NOON + timedelta(minutes=30))
NOTE = Note(at=NOON, by="李", seat="一席", text="已派人")


def test_owner_and_notes_stay_with_an_alarm_whatever_happens_to_it() -> None:
    held = machine.noted(machine.taken(raised(), OWNER), NOTE)
    for alarm in (
        machine.raised(held, raised(Severity.RED)),
        machine.cleared(held, NOON),
        machine.raised(machine.cleared(held, NOON), raised()),
        machine.unacknowledged(machine.acknowledged(held, "王", NOON), NOON),
        machine.brought_back(machine.set_aside(held, aside()), NOON),
    ):
        assert (alarm.owner, alarm.notes) == (OWNER, (NOTE,))
    assert machine.released(held, NOON).owner is None
    assert machine.released(raised(), NOON) == raised()


class AlarmLife(RuleBasedStateMachine):
    """Whatever happens in whatever order, no officer is ever said to have seen what nobody showed."""

    def __init__(self) -> None:
        super().__init__()
        self.alarm: Alarm | None = None
        self.holds = False
        self.seen = False
        self.severity = Severity.BLUE
        self.aside: Aside | None = None
        self.owner: Owner | None = None
        self.notes: tuple[Note, ...] = ()

    @rule(severity=st.sampled_from(Severity))
    def tell(self, severity: Severity) -> None:
        # What the officer saw stays seen only while it holds and does not get worse.
        self.seen = self.seen and self.holds and severity >= self.severity
        if self.aside is not None and self.aside.kind is AsideKind.SHELVED and severity < self.aside.severity:
            self.aside, self.seen = None, False
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
            self.seen = self.seen or self.aside is None

    @rule()
    def take_back(self) -> None:
        if self.alarm is not None:
            self.alarm = machine.unacknowledged(self.alarm, NOON)
            if self.holds and self.aside is None:
                self.seen = False

    @rule(kind=st.sampled_from(AsideKind))
    def put_aside(self, kind: AsideKind) -> None:
        if self.alarm is not None and self.alarm.kept:
            self.aside = aside(kind, self.alarm.severity)
            self.alarm = machine.set_aside(self.alarm, self.aside)

    @rule(release=st.booleans())
    def own(self, release: bool) -> None:
        if self.alarm is not None and self.alarm.kept:
            self.owner = None if release else OWNER
            self.alarm = machine.released(self.alarm, NOON) if release else machine.taken(self.alarm, OWNER)

    @rule()
    def note(self) -> None:
        if self.alarm is not None and self.alarm.kept:
            self.notes = (*self.notes, NOTE)
            self.alarm = machine.noted(self.alarm, NOTE)

    @rule()
    def bring_back(self) -> None:
        if self.alarm is not None and self.aside is not None:
            self.alarm = machine.brought_back(self.alarm, NOON)
            # What comes back still holding waits; what is over was seen by whoever set it aside.
            self.aside, self.seen = None, not self.holds

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
        assert self.alarm.aside == self.aside
        assert (self.alarm.owner, self.alarm.notes) == (self.owner, self.notes)
        assert self.alarm.waiting == (self.aside is None and not self.seen)
        assert self.alarm.kept == (self.aside is not None or self.holds or not self.seen)
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(self.alarm), type=Alarm) == self.alarm
        if not self.alarm.kept:  # the room forgets it, and what comes then begins anew
            self.alarm, self.owner, self.notes = None, None, ()
            self.holds, self.seen, self.severity = False, False, Severity.BLUE


TestAlarmLife = AlarmLife.TestCase
