from datetime import timedelta

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from controlroom.bridge.annunciation import Annunciation, AnnunciationSettings
from controlroom.domain.alarm import Alarm, AlarmState, Aside, AsideKind, Escalation, brought_back, set_aside
from controlroom.domain.severity import Severity
from tests.bridge.models.district import NOW, alarms

MODEL = alarms(1)[0]


def alarm(number: int, severity: Severity = Severity.RED, state: AlarmState = AlarmState.UNACKNOWLEDGED) -> Alarm:
    return msgspec.structs.replace(
        MODEL, id=f"a/{number}", severity=severity, state=state, occurred_at=NOW + timedelta(seconds=number)
    )


def test_a_new_alarm_is_announced_at_once() -> None:
    room = Annunciation()
    room.change([alarm(1)], 100.0)
    told = room.due(100.0)
    assert told is not None
    assert (told.severity, told.alarm, told.others) == (Severity.RED, alarm(1), 0)


def test_a_burst_is_one_announcement_of_the_worst_that_counts_the_others() -> None:
    room = Annunciation()
    room.change([alarm(number, Severity.BLUE) for number in range(300)] + [alarm(300, Severity.ORANGE)], 0.0)
    told = room.due(0.0)
    assert told is not None
    assert told.alarm == alarm(300, Severity.ORANGE)
    assert told.others == 300
    assert room.due(0.1) is None


def test_announcements_keep_their_distance_and_nothing_is_lost_meanwhile() -> None:
    room = Annunciation(AnnunciationSettings(gap_s=4.0))
    room.change([alarm(1)], 0.0)
    assert room.due(0.0) is not None
    room.change([alarm(2), alarm(3)], 1.0)
    assert room.due(3.9) is None
    told = room.due(4.0)
    assert told is not None
    assert told.alarm == alarm(3)
    assert told.counted == ("a/2",)


def test_red_and_orange_are_repeated_while_they_wait_and_yellow_is_not() -> None:
    room = Annunciation(AnnunciationSettings(gap_s=1.0, remind_s=9000.0))
    room.change([alarm(1, Severity.ORANGE)], 0.0)
    assert room.due(0.0) is not None
    assert room.due(29.9) is None
    repeated = room.due(30.0)
    assert repeated is not None
    assert repeated.alarm is None
    room.change([alarm(1, Severity.ORANGE, AlarmState.ACKNOWLEDGED), alarm(2, Severity.YELLOW)], 31.0)
    assert room.due(31.0) is not None
    assert room.due(3600.0) is None


def test_silence_ends_by_itself_and_then_what_came_meanwhile_is_told() -> None:
    room = Annunciation()
    room.change([alarm(1)], 0.0)
    room.due(0.0)
    room.silence(5, 1.0)
    room.change([alarm(2), alarm(3)], 2.0)
    assert room.due(300.9) is None
    told = room.due(301.0)
    assert told is not None
    assert {told.alarm.id if told.alarm else "", *told.counted} == {"a/2", "a/3"}


def test_silence_ends_when_a_worse_alarm_comes() -> None:
    room = Annunciation()
    room.change([alarm(1, Severity.YELLOW)], 0.0)
    room.due(0.0)
    room.silence(5, 1.0)
    room.change([alarm(2, Severity.YELLOW)], 10.0)
    assert room.due(10.0) is None
    room.change([alarm(3, Severity.ORANGE)], 11.0)
    told = room.due(11.0)
    assert told is not None
    assert told.alarm == alarm(3, Severity.ORANGE)
    assert told.counted == ("a/2",)


def test_an_alarm_that_got_worse_while_it_waits_is_announced_again() -> None:
    room = Annunciation()
    room.change([alarm(1, Severity.BLUE)], 0.0)
    room.due(0.0)
    room.change([alarm(1, Severity.RED)], 10.0)
    told = room.due(10.0)
    assert told is not None
    assert told.alarm == alarm(1, Severity.RED)


def test_a_repeated_raising_of_what_waits_is_not_announced_again() -> None:
    room = Annunciation(AnnunciationSettings(repeat_s=()))
    room.change([alarm(1)], 0.0)
    room.due(0.0)
    room.change([msgspec.structs.replace(alarm(1), count=2)], 10.0)
    assert room.due(10.0) is None


def test_an_alarm_that_is_set_aside_is_not_heard_and_is_announced_when_it_comes_back() -> None:
    room = Annunciation()
    room.change([alarm(1, Severity.RED)], 0.0)
    aside = Aside(kind=AsideKind.SHELVED, by="王", at=NOW, reason="检修", severity=Severity.RED, until=NOW)
    room.change([set_aside(alarm(1, Severity.RED), aside)], 1.0)
    assert room.waiting == frozenset()
    assert room.due(1.0) is None
    assert room.due(600.0) is None
    back = brought_back(set_aside(alarm(1, Severity.RED), aside), NOW)
    room.change([back], 700.0)
    told = room.due(700.0)
    assert told is not None
    assert told.alarm == back


def test_after_a_reconnection_only_what_is_new_is_announced() -> None:
    room = Annunciation(AnnunciationSettings(repeat_s=()))
    room.change([alarm(1), alarm(2)], 0.0)
    room.due(0.0)
    room.reset([alarm(2), alarm(3)], 60.0)
    assert room.waiting == {"a/2", "a/3"}
    told = room.due(60.0)
    assert told is not None
    assert told.alarm == alarm(3)
    assert told.others == 0


def test_what_stands_at_the_start_is_summed_up_once() -> None:
    room = Annunciation()
    room.reset([alarm(3, Severity.BLUE), alarm(1, Severity.RED), alarm(2, Severity.RED)], 0.0)
    told = room.due(0.0)
    assert told is not None and told.standing is not None and told.alarm is None
    assert told.standing.counts == ((Severity.RED, 2), (Severity.BLUE, 1))
    assert (told.severity, told.standing.total, told.standing.reminder) == (Severity.RED, 3, False)
    assert set(told.counted) == {"a/1", "a/2", "a/3"}
    room.reset([alarm(1), alarm(2), alarm(3, Severity.BLUE), alarm(4)], 10.0)
    later = room.due(10.0)
    assert later is not None and later.alarm == alarm(4)


def test_a_start_with_nothing_waiting_sums_nothing_up() -> None:
    room = Annunciation()
    room.reset([alarm(1, state=AlarmState.ACKNOWLEDGED)], 0.0)
    room.change([alarm(2)], 1.0)
    told = room.due(1.0)
    assert told is not None and told.alarm == alarm(2)


def test_what_goes_on_waiting_is_reminded_of_and_what_was_seen_is_not() -> None:
    room = Annunciation(AnnunciationSettings(repeat_s=(), remind_s=900.0))
    room.change([alarm(1, Severity.YELLOW)], 100.0)
    assert room.due(100.0) is not None
    room.change([alarm(2, Severity.BLUE)], 500.0)
    assert room.due(500.0) is not None
    assert room.due(999.9) is None
    reminder = room.due(1000.0)
    assert reminder is not None and reminder.standing is not None
    assert reminder.standing.reminder and reminder.standing.total == 2
    assert room.due(1899.9) is None and room.due(1900.0) is not None
    room.change([alarm(n, state=AlarmState.ACKNOWLEDGED) for n in (1, 2)], 1901.0)
    assert room.due(9999.0) is None


def test_a_seat_hears_what_is_its_own_and_a_wider_filter_tells_what_waits_already() -> None:
    room = Annunciation()
    both = [alarm(1, Severity.RED), alarm(2, Severity.BLUE)]
    room.hear(lambda told: told.severity is Severity.RED, [], 0.0)
    room.change(both, 0.0)
    assert room.waiting == {"a/1"}
    told = room.due(0.0)
    assert told is not None and told.others == 0
    room.reset(both, 1.0)
    room.hear(lambda told: told.severity is Severity.BLUE, both, 10.0)
    told = room.due(10.0)
    assert told is not None and (told.alarm, room.waiting) == (alarm(2, Severity.BLUE), {"a/2"})


def test_what_is_brought_to_this_seat_is_announced_again_with_each_step() -> None:
    room = Annunciation(AnnunciationSettings(repeat_s=()))
    room.hear(lambda told: True, [], 0.0, lambda told: told.id == "a/1")
    room.change([alarm(1), alarm(2)], 0.0)
    room.due(0.0)
    for step in (1, 2):
        brought = Escalation(step=step, turn=1, role="leader", officers=(), at=NOW + timedelta(minutes=step))
        both = [msgspec.structs.replace(alarm(number), escalation=brought) for number in (1, 2)]
        room.change(both, 60.0 * step)
        told = room.due(60.0 * step)
        assert told is not None and (told.alarm, told.others) == (both[0], 0)
        room.change(both, 60.0 * step + 10.0)
        assert room.due(60.0 * step + 10.0) is None


class Hearing(RuleBasedStateMachine):
    """Any history of alarms, silences and time; what waits is compared with the alarms themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.room = Annunciation(AnnunciationSettings(gap_s=3.0))
        self.now_s = 0.0
        self.held: dict[str, Alarm] = {}
        self.unheard: set[str] = set()
        self.silent_until_s = -1.0

    @rule(number=st.integers(0, 5), severity=st.sampled_from(Severity), state=st.sampled_from(AlarmState))
    def an_alarm_changes(self, number: int, severity: Severity, state: AlarmState) -> None:
        told = alarm(number, severity, state)
        before = self.held.get(told.id)
        if told.waiting and (before is None or not before.waiting):
            self.unheard.add(told.id)
        if not told.waiting:
            self.unheard.discard(told.id)
        self.held[told.id] = told
        self.room.change([told], self.now_s)

    @rule()
    def the_room_comes_anew(self) -> None:
        self.room.reset([held for held in self.held.values() if held.state is not AlarmState.NORMAL], self.now_s)

    @rule(minutes=st.integers(1, 3))
    def an_officer_silences(self, minutes: int) -> None:
        waiting = self.room.waiting
        self.room.silence(minutes, self.now_s)
        self.silent_until_s = self.now_s + minutes * 60
        assert self.room.waiting == waiting

    @rule(seconds=st.floats(0.0, 100.0))
    def time_passes(self, seconds: float) -> None:
        self.now_s += seconds
        self._listen()

    @rule()
    def enough_time_passes(self) -> None:
        """After every silence and gap, whatever still waits was told."""
        self.now_s = max(self.now_s, self.silent_until_s) + 3.0
        self._listen()
        assert not self.unheard

    def _listen(self) -> None:
        told = self.room.due(self.now_s)
        if told is None:
            return
        named = {told.alarm.id, *told.counted} if told.alarm is not None else set(told.counted)
        assert all(self.held[key].waiting for key in named)
        if told.standing is not None:
            waiting = [held for held in self.held.values() if held.waiting]
            assert told.standing.total == len(waiting)
            assert told.severity == min(held.severity for held in waiting)
        elif named:
            assert told.severity == min(self.held[key].severity for key in named)
        self.unheard -= named

    @invariant()
    def silence_is_never_an_acknowledgement(self) -> None:
        assert self.room.waiting == {key for key, held in self.held.items() if held.waiting}

    @invariant()
    def what_was_not_told_is_still_pending(self) -> None:
        assert self.unheard <= self.room.pending


TestHearing = Hearing.TestCase
TestHearing.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
