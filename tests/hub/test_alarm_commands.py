"""Alarms that are set aside, brought back and taken back, on the hub's own clock."""

from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import pytest

from controlroom.domain.alarm import Alarm, AlarmState, AsideKind, muted
from controlroom.domain.alarm_policy import AlarmPolicy, decode_policy
from controlroom.domain.events import AlarmChanged, Event
from controlroom.domain.room import Room
from controlroom.domain.severity import Severity
from controlroom.hub.commands import carry_out
from controlroom.hub.core import Core
from controlroom.hub.refusal import Refuse
from controlroom.wire import codec
from controlroom.wire.alarms import (
    Acknowledge,
    NoteAlarm,
    ReleaseAlarms,
    ResetAlarms,
    ReturnToService,
    Shelve,
    Suppress,
    TakeAlarms,
    Unacknowledge,
    Unshelve,
)
from controlroom.wire.messages import AlarmRecord, ClearRecord, Command, Refusal
from tests.rooms import NOON, alarm, hub_in, seat_on, source_of

HOUR = timedelta(hours=1)


class Shift:
    """A hub's core, a clock that the test moves, and two standing alarms."""

    def __init__(self) -> None:
        self.core = Core("live", Room(), AlarmPolicy(own_for_s=600.0, notes_most=2))
        self.now = NOON
        self.tell("a")
        self.tell("b")

    def tell(self, key: str, severity: Severity = Severity.ORANGE) -> None:
        self.core.record(
            "s", AlarmRecord(key=key, severity=severity, title="积水", occurred_at=NOON), "WGS-84", self.now
        )

    def clear(self, key: str) -> None:
        self.core.record("s", ClearRecord(key=key, occurred_at=NOON), "WGS-84", self.now)

    def do(self, body: Any, officer: str = "王", seat: str = "one") -> None:
        command = Command(id="c", seat=seat, officer=officer, body=body)
        outcome = carry_out(self.core.room, command, self.now, False, self.core.policy)
        self.core.fold(outcome.events)

    def refused(self, body: Any) -> Refusal:
        before = self.core.room.digest()
        with pytest.raises(Refuse) as told:
            self.do(body)
        assert self.core.room.digest() == before
        return told.value.code

    def look(self, later: timedelta) -> list[Event]:
        self.now += later
        return self.core.look(self.now)

    def held(self, key: str = "a") -> Alarm:
        return self.core.room.alarms[f"s/{key}"]

    def shelve(self, *keys: str, hours: float = 1, reason: str = "检修") -> None:
        self.do(Shelve(alarms=[f"s/{key}" for key in keys], until=self.now + hours * HOUR, reason=reason))


def test_a_shelved_alarm_returns_by_itself_when_its_time_is_over() -> None:
    shift = Shift()
    shift.shelve("a", reason=" 检修 ")
    aside = shift.held().aside
    assert aside is not None
    assert (aside.kind, aside.by, aside.reason, aside.until) == (AsideKind.SHELVED, "王", "检修", NOON + HOUR)
    assert shift.look(HOUR - timedelta(seconds=1)) == []
    assert len(shift.look(timedelta(seconds=1))) == 1
    assert shift.held().waiting
    assert shift.look(HOUR) == []


def test_what_was_over_when_its_shelving_ends_is_gone() -> None:
    shift = Shift()
    shift.shelve("a")
    shift.clear("a")
    assert shift.held().aside is not None
    shift.look(HOUR)
    assert "s/a" not in shift.core.room.alarms


def test_an_end_that_was_moved_does_not_bring_it_back_early() -> None:
    shift = Shift()
    shift.shelve("a")
    shift.shelve("a", hours=5, reason="还没修好")
    assert shift.look(2 * HOUR) == []
    aside = shift.held().aside
    assert aside is not None
    assert aside.reason == "还没修好"
    assert len(shift.look(3 * HOUR)) == 1


def test_an_officer_brings_it_back_and_a_later_shelving_counts_anew() -> None:
    shift = Shift()
    shift.shelve("a")
    shift.do(Unshelve(alarms=["s/a", "s/b"]))
    assert shift.held().waiting
    assert shift.refused(Unshelve(alarms=["s/a"])) is Refusal.ALREADY_DONE
    shift.shelve("a", hours=3)
    assert shift.look(2 * HOUR) == []


def test_a_worse_alarm_comes_back_and_its_old_end_means_nothing_any_more() -> None:
    shift = Shift()
    shift.shelve("a")
    shift.tell("a", Severity.RED)
    assert shift.held().waiting
    shift.do(Acknowledge(alarms=["s/a"]))
    assert shift.look(2 * HOUR) == []
    assert shift.held().state is AlarmState.ACKNOWLEDGED


def test_shelving_needs_a_reason_and_an_end_within_thirty_days() -> None:
    shift = Shift()
    for until, reason, code in (
        (NOON + HOUR, "  ", Refusal.REASON_REQUIRED),
        (NOON, "检修", Refusal.NOT_ALLOWED),
        (NOON + timedelta(days=31), "检修", Refusal.NOT_ALLOWED),
    ):
        assert shift.refused(Shelve(alarms=["s/a"], until=until, reason=reason)) is code
    assert shift.refused(Shelve(alarms=["s/x"], until=NOON + HOUR, reason="r")) is Refusal.ALREADY_DONE
    # A seat whose clock is a little ahead asks for 30 days and gets 30 days.
    shift.do(Shelve(alarms=["s/a"], until=NOON + timedelta(days=30, seconds=9), reason="r"))
    aside = shift.held().aside
    assert aside is not None
    assert aside.until == NOON + timedelta(days=30)


def test_an_acknowledgement_is_taken_back() -> None:
    shift = Shift()
    assert shift.refused(Unacknowledge(alarms=["s/a"])) is Refusal.ALREADY_DONE
    shift.do(Acknowledge(alarms=["s/a"]))
    shift.do(Unacknowledge(alarms=["s/a", "s/b"]))
    assert shift.held().waiting
    assert shift.held().acknowledged_by == ""


@pytest.mark.parametrize("kind", [AsideKind.SUPPRESSED, AsideKind.OUT_OF_SERVICE])
def test_what_is_suppressed_or_out_of_service_comes_back_by_command_only(kind: AsideKind) -> None:
    shift = Shift()
    assert shift.refused(Suppress(alarms=["s/a"], how=kind.value, reason=" ")) is Refusal.REASON_REQUIRED
    shift.do(Suppress(alarms=["s/a"], how=kind.value, reason="泵站停用"))
    aside = shift.held().aside
    assert aside is not None
    assert (aside.kind, aside.by, aside.reason, aside.until) == (kind, "王", "泵站停用", None)
    assert shift.refused(Suppress(alarms=["s/a"], how=kind.value, reason="again")) is Refusal.ALREADY_DONE
    assert shift.refused(Shelve(alarms=["s/a"], until=NOON + HOUR, reason="r")) is Refusal.ALREADY_DONE
    assert shift.refused(Unshelve(alarms=["s/a"])) is Refusal.ALREADY_DONE
    shift.tell("a", Severity.RED)
    shift.look(timedelta(days=400))
    assert not shift.held().waiting
    shift.do(ReturnToService(alarms=["s/a"]))
    assert shift.held().waiting
    assert shift.refused(ReturnToService(alarms=["s/a"])) is Refusal.ALREADY_DONE


def test_an_officer_has_an_alarm_until_the_time_is_over_unless_it_is_said_again() -> None:
    shift = Shift()
    shift.do(TakeAlarms(alarms=["s/a"]))
    owner = shift.held().owner
    assert owner is not None
    assert (owner.by, owner.seat, owner.until) == ("王", "one", NOON + timedelta(minutes=10))
    assert shift.look(timedelta(minutes=9)) == []
    shift.tell("a", Severity.RED)
    shift.do(TakeAlarms(alarms=["s/a"]))
    assert shift.look(timedelta(minutes=9)) == []
    assert len(shift.look(timedelta(minutes=1))) == 1
    assert shift.held().owner is None
    assert shift.held().waiting
    assert shift.look(HOUR) == []


def test_another_officer_takes_an_alarm_over_and_anybody_gives_it_back() -> None:
    shift = Shift()
    shift.do(TakeAlarms(alarms=["s/a"]))
    shift.do(TakeAlarms(alarms=["s/a"]), officer="李", seat="two")
    owner = shift.held().owner
    assert owner is not None
    assert (owner.by, owner.seat) == ("李", "two")
    shift.do(ReleaseAlarms(alarms=["s/a", "s/b"]))
    assert shift.held().owner is None
    assert shift.refused(ReleaseAlarms(alarms=["s/a"])) is Refusal.ALREADY_DONE
    assert shift.refused(TakeAlarms(alarms=["s/x"])) is Refusal.ALREADY_DONE


def test_an_alarm_whose_shelving_and_ownership_end_together_loses_both() -> None:
    shift = Shift()
    shift.do(TakeAlarms(alarms=["s/a"]))
    shift.shelve("a", hours=1 / 6)
    assert len(shift.look(HOUR)) == 1
    assert (shift.held().aside, shift.held().owner) == (None, None)


def test_notes_are_appended_and_never_more_than_the_desk_allows() -> None:
    shift = Shift()
    shift.do(NoteAlarm(alarm="s/a", text=" 已派人 "))
    shift.do(NoteAlarm(alarm="s/a", text="已到场"), officer="李", seat="two")
    assert [(note.by, note.seat, note.text) for note in shift.held().notes] == [
        ("王", "one", "已派人"),
        ("李", "two", "已到场"),
    ]
    assert shift.refused(NoteAlarm(alarm="s/a", text="太多")) is Refusal.TOO_LARGE
    assert shift.refused(NoteAlarm(alarm="s/b", text="  ")) is Refusal.REASON_REQUIRED
    assert shift.refused(NoteAlarm(alarm="s/x", text="n")) is Refusal.UNKNOWN_OBJECT


def test_the_figures_of_the_desk_are_data() -> None:
    data = (files("resources") / "data" / "alarm_policy.toml").read_bytes()
    assert decode_policy(data) == AlarmPolicy(own_for_s=1800.0, notes_most=100)
    with pytest.raises(msgspec.ValidationError):
        decode_policy(b"own_for_s = 0")


def test_a_shelving_survives_a_restart_and_still_ends() -> None:
    shift = Shift()
    shift.shelve("a")
    room = Room()
    stored = [codec.encode(event) for event in shift.core.room.snapshot()]
    room.restore(shift.core.room.sequence, (codec.event(body) for body in stored))
    assert room.digest() == shift.core.room.digest()
    later = Core("live", room)
    assert later.look(NOON) == []
    assert len(later.look(NOON + HOUR)) == 1


def test_a_shelving_is_seen_on_every_seat_and_after_a_restart_of_the_hub(tmp_path: Path) -> None:
    def quiet(seat: Any) -> bool:
        held = seat.mirror.room.alarms.get("backend/a")
        return held is not None and held.aside is not None and not held.waiting

    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as one, seat_on(hub.ports.requests) as other:
        with source_of(hub.ports.ingest) as source:
            source.hand_in(alarm("a"))
        one.until(lambda: bool(one.mirror.room.alarms))
        body = Shelve(alarms=["backend/a"], until=hub._clock.now() + HOUR, reason="检修")
        one.link.ask(Command(id="c1", seat="one", officer="王", body=body)).result(10)
        other.until(lambda: quiet(other))
        one.until(lambda: one.mirror.room.digest() == other.mirror.room.digest())
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat:
        seat.until(lambda: quiet(seat))


def test_an_owner_and_a_note_are_seen_on_every_seat_and_after_a_restart(tmp_path: Path) -> None:
    def told(seat: Any) -> bool:
        held = seat.mirror.room.alarms.get("backend/a")
        return held is not None and held.owner is not None and held.owner.by == "王" and len(held.notes) == 1

    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as one, seat_on(hub.ports.requests) as other:
        with source_of(hub.ports.ingest) as source:
            source.hand_in(alarm("a"))
        for number, body in enumerate((TakeAlarms(alarms=["backend/a"]), NoteAlarm(alarm="backend/a", text="已派人"))):
            one.link.ask(Command(id=f"c{number}", seat="one", officer="王", body=body)).result(10)
        other.until(lambda: told(other))
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat:
        seat.until(lambda: told(seat))


def test_the_hub_s_own_look_brings_a_shelved_alarm_back_to_the_seats(tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat:
        with source_of(hub.ports.ingest) as source:
            source.hand_in(alarm("a"))
        seat.until(lambda: bool(seat.mirror.room.alarms))
        body = Shelve(alarms=["backend/a"], until=hub._clock.now() + timedelta(seconds=1.5), reason="检修")
        seat.link.ask(Command(id="c1", seat="one", officer="王", body=body)).result(10)
        seat.until(lambda: not seat.mirror.room.alarms["backend/a"].waiting)
        seat.until(lambda: seat.mirror.room.alarms["backend/a"].waiting)


def test_a_latched_alarm_is_reset_by_an_officer_and_by_nobody_else() -> None:
    shift = Shift()
    for key in ("a", "b"):
        shift.core.fold([AlarmChanged(msgspec.structs.replace(shift.held(key), latching=True))])
        shift.clear(key)
    assert shift.refused(ResetAlarms(alarms=["s/a"])) is Refusal.ALREADY_DONE
    shift.do(Acknowledge(alarms=["s/a"]))
    assert shift.held().state is AlarmState.LATCHED
    shift.do(ResetAlarms(alarms=["s/a", "s/b"]))
    assert "s/a" not in shift.core.room.alarms
    assert shift.held("b").waiting


def test_who_acknowledges_a_cause_acknowledges_what_it_mutes() -> None:
    shift = Shift()
    shift.core.fold([AlarmChanged(muted(shift.held("b"), "s/a", NOON))])
    shift.do(Acknowledge(alarms=["s/a"]))
    assert [shift.held(key).state for key in ("a", "b")] == [AlarmState.ACKNOWLEDGED] * 2
