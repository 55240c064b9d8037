"""The life of an alarm, told as stories; what always holds is in test_alarm_life.py."""

from datetime import timedelta

import msgspec

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


def latching(severity: Severity = Severity.ORANGE, minute: int = 0) -> Alarm:
    return msgspec.structs.replace(raised(severity, minute), latching=True)


def test_a_latching_alarm_stays_until_it_was_seen_is_over_and_was_reset() -> None:
    seen = machine.acknowledged(latching(), "王", NOON)
    assert machine.reset(seen, "王", NOON) == seen  # its condition holds
    over = machine.cleared(seen, NOON)
    assert (over.state, over.kept, over.waiting, over.active) == (AlarmState.LATCHED, True, False, False)
    normal = machine.reset(over, "李", NOON)
    assert (normal.state, normal.kept, normal.reset_by) == (AlarmState.NORMAL, False, "李")


def test_acknowledgement_and_recovery_of_a_latching_alarm_lead_to_the_same_in_either_order() -> None:
    one = machine.cleared(machine.acknowledged(latching(), "王", NOON), NOON)
    other = machine.acknowledged(machine.cleared(latching(), NOON), "王", NOON)
    assert one == other


def test_an_unseen_latching_alarm_cannot_be_reset() -> None:
    over = machine.cleared(latching(), NOON)
    assert over.waiting
    assert machine.reset(over, "王", NOON) == over


def test_a_latched_alarm_that_is_raised_again_waits_again() -> None:
    latched = machine.cleared(machine.acknowledged(latching(), "王", NOON), NOON)
    again = machine.raised(latched, latching(minute=3))
    assert (again.state, again.count, again.acknowledged_by) == (AlarmState.UNACKNOWLEDGED, 2, "")


def test_the_acknowledgement_of_a_latched_alarm_can_be_taken_back() -> None:
    latched = machine.cleared(machine.acknowledged(latching(), "王", NOON), NOON)
    again = machine.unacknowledged(latched, NOON)
    assert (again.state, again.waiting, again.acknowledged_by) == (AlarmState.RETURNED, True, "")


def test_a_latching_alarm_that_ended_while_it_was_set_aside_is_latched_when_it_comes_back() -> None:
    over = machine.cleared(machine.set_aside(latching(), aside()), NOON)
    assert machine.brought_back(over, NOON).state is AlarmState.LATCHED
    assert machine.reset(machine.set_aside(machine.brought_back(over, NOON), aside()), "王", NOON).kept


def test_a_muted_alarm_calls_nobody_and_can_be_acknowledged() -> None:
    child = machine.muted(raised(), "s/power", NOON)
    assert (child.active, child.waiting, child.unseen, child.kept) == (True, False, True, True)
    assert machine.muted(child, "s/power", NOON + timedelta(minutes=1)) is child
    assert machine.acknowledged(child, "王", NOON).state is AlarmState.ACKNOWLEDGED
    assert machine.raised(child, raised(minute=2)).parent == "s/power"


def test_what_was_acknowledged_under_its_cause_waits_when_it_outlives_it() -> None:
    under = machine.acknowledged(machine.muted(raised(), "s/power", NOON), "王", NOON + timedelta(seconds=1))
    free = machine.come_forward(under, NOON + timedelta(minutes=1))
    assert (free.parent, free.muted_at, free.waiting) == ("", None, True)


def test_what_was_seen_before_it_was_muted_need_not_be_seen_again() -> None:
    seen = machine.acknowledged(raised(), "王", NOON)
    free = machine.come_forward(machine.muted(seen, "s/power", NOON + timedelta(minutes=1)), NOON)
    assert free.state is AlarmState.ACKNOWLEDGED


def test_an_unseen_alarm_that_was_over_while_muted_waits_afterwards() -> None:
    over = machine.cleared(machine.muted(raised(), "s/power", NOON), NOON)
    assert (over.state, over.waiting) == (AlarmState.RETURNED, False)
    assert machine.come_forward(over, NOON).waiting
    assert machine.come_forward(raised(), NOON) == raised()


def test_a_repeated_alarm_says_when_it_was_told_last() -> None:
    assert raised().last_told_at is None
    again = machine.raised(raised(), raised(minute=5))
    assert again.last_told_at == NOON + timedelta(minutes=5)
