"""A hub under faults: its thread lives on or ends aloud, and what it owes stays bounded."""

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from controlroom.clock import SystemClock
from controlroom.domain.room import Room
from controlroom.errors import StoreFault
from controlroom.hub import desk as desks
from controlroom.hub import past as pasts
from controlroom.hub import server, telling, upkeep
from controlroom.hub.core import Core
from controlroom.hub.desk import Desk
from controlroom.hub.door import Door
from controlroom.hub.opening import restored
from controlroom.hub.options import HubOptions
from controlroom.hub.readings_history import RecentReadings
from controlroom.hub.server import Hub
from controlroom.store.journal import Batch, Journal, Line
from controlroom.wire import codec
from controlroom.wire.alarms import Acknowledge
from controlroom.wire.incidents import OpenIncident
from controlroom.wire.messages import (
    AlarmRecord,
    Command,
    Denied,
    DigestWanted,
    Hello,
    Part,
    Past,
    PastWanted,
    Question,
    Refusal,
    ReplayWanted,
    Request,
    Welcome,
)
from controlroom.wire.past import HistoryColumns, HistoryWanted
from controlroom.wire.sockets import ANY_PORTS
from tests.rooms import NOON, Seat, alarm, hub_in, seat_on, source_of, wait_until


def command(identity: str, body: Any) -> Command:
    return Command(id=identity, seat="s", officer="王", body=body)


class Asking:
    """A desk over a journal in a file."""

    def __init__(self, path: Path) -> None:
        Journal(path).close()
        self.path = path
        self.writing = Journal(path)
        self.reading = Journal(path, read_only=True)
        self.core = Core("live", Room())
        welcome = Welcome(
            realm="live", epoch="00", sequence=0, events_port=1, telemetry_port=2, ingest_port=3, version="t"
        )
        self.desk = Desk(self.core, self.reading, {}, lambda: welcome, RecentReadings(2**22))

    def ask(self, question: Question) -> list[Any]:
        frame = codec.encode(Request(id=1, body=question))
        return [codec.reply(reply).body for reply in self.desk.handle(frame, NOON).replies]

    def write(self, first: int, bodies: list[bytes]) -> None:
        self.writing.commit([Batch([Line(n, 0, "alarm", "a", body) for n, body in enumerate(bodies, first)])])

    def close(self) -> None:
        self.writing.close()
        self.reading.close()


@pytest.fixture
def asking(tmp_path: Path) -> Any:
    made = Asking(tmp_path / "room.db")
    yield made
    made.close()


def event_of(number: int, text: str = "") -> bytes:
    core = Core("live", Room())
    record = AlarmRecord(key=f"k{number}", severity=2, title="积水", occurred_at=NOON, text=text)
    return codec.encode(core.record("s", record, "WGS-84", NOON)[0])


# ------------------------------------------------------------ what is asked


def test_a_store_that_cannot_be_read_is_a_refusal_and_not_the_end(asking: Asking, allow_log) -> None:
    allow_log("controlroom.hub.desk", "cannot be read")
    asking.write(1, [event_of(1)])
    asking.writing.close()
    with sqlite3.connect(asking.path) as raw:
        raw.execute("DROP TABLE journal")
    raw.close()
    for question in (ReplayWanted(first=1, last=1), PastWanted(kind="alarm")):
        (answer,) = asking.ask(question)
        assert isinstance(answer, Denied)
        assert answer.code is Refusal.STORE_UNAVAILABLE


@pytest.mark.parametrize("number", [2**63, 2**64 - 1, -(2**63), -1])
def test_numbers_no_store_can_hold_are_answered(asking: Asking, number: int) -> None:
    asking.write(1, [event_of(1)])
    assert isinstance(asking.ask(PastWanted(kind="alarm", before=number))[0], Past | Denied)
    assert isinstance(asking.ask(ReplayWanted(first=number, last=number))[0], Denied)
    assert isinstance(asking.ask(ReplayWanted(first=1, last=number))[0], Part | Denied)
    assert isinstance(asking.ask(HistoryWanted(sensors=[number], since_ms=number))[0], HistoryColumns | Denied)


def test_a_bug_in_an_answer_is_logged_and_refused(
    asking: Asking,
    monkeypatch: pytest.MonkeyPatch,
    expect_log,
) -> None:
    monkeypatch.setattr(desks, "carry_out", lambda *_a: {}["a bug of ours"])
    with expect_log("controlroom.hub.desk", "bug|could not"):
        (answer,) = asking.ask(command("c", OpenIncident(title="t", grade=1)))
    assert isinstance(answer, Denied)


def test_a_replay_of_long_events_comes_in_parts_that_a_socket_takes(asking: Asking) -> None:
    asking.write(1, [event_of(n, "长" * 4000) for n in range(1, 401)])
    parts = asking.ask(ReplayWanted(first=1, last=400))
    assert all(sum(len(raw) for raw in part.events) < 2 * desks.PART_BYTES for part in parts)
    numbers = [n for part in parts for n in range(part.sequence - len(part.events) + 1, part.sequence + 1)]
    assert numbers == list(range(1, 401))
    assert [part.last for part in parts] == [False] * (len(parts) - 1) + [True]


def test_a_look_into_the_past_is_bounded_in_bytes(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pasts, "PAST_BYTES", 100_000)
    asking.write(1, [event_of(n, "长" * 4000) for n in range(1, 101)])
    (past,) = asking.ask(PastWanted(kind="alarm", limit=5000))
    assert past.sequences[0] == 100
    assert sum(len(raw) for raw in past.events) < 200_000


def test_a_hole_in_the_journal_is_told_and_never_numbered_wrong(asking: Asking) -> None:
    asking.write(1, [event_of(1), event_of(2)])
    asking.write(4, [event_of(4)])
    (answer,) = asking.ask(ReplayWanted(first=1, last=4))
    assert isinstance(answer, Denied)
    assert answer.code is Refusal.HISTORY_GONE


def test_an_alarm_with_the_longest_names_can_be_acknowledged(tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat, source_of(hub.ports.ingest, "s" * 200) as source:
        assert source.hand_in(alarm("k" * 200))["accepted"] == 1
        seat.until(lambda: bool(seat.mirror.room.alarms))
        (identity,) = seat.mirror.room.alarms
        seat.link.ask(command("c", Acknowledge(alarms=[identity]))).result(10)
        seat.until(lambda: seat.mirror.room.alarms[identity].acknowledged_by == "王")


def test_answers_are_forgotten_after_a_day_in_memory_and_in_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path / "room.db")
    journal.commit([Batch(answers=[("ancient", 1000, b"\xc0")])])
    journal.close()
    monkeypatch.setattr(server, "TIDY_S", 0.0)
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat:
        seat.link.ask(command("fresh", OpenIncident(title="t", grade=1))).result(10)
        wait_until(lambda: set(hub._desk._answers) == {"fresh"})
    journal = Journal(tmp_path / "room.db")
    assert set(journal.answers()) == {"fresh"}
    journal.close()


# ------------------------------------------------------------ what is handed in


def take(door: Door, source: str, *records: dict[str, Any], **more: Any) -> Any:
    return door.take(json.dumps({"source": source, "records": list(records), **more}).encode(), NOON)


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z"])
def test_a_time_no_clock_here_can_show_is_refused(when: str) -> None:
    door = Door(Core("live", Room()), {})
    taken = take(door, "s", alarm("a") | {"occurred_at": when})
    assert [refused.code for refused in taken.acknowledgement.refused] == [Refusal.MALFORMED]


def test_two_conditions_of_two_sources_are_never_one_alarm() -> None:
    core = Core("live", Room())
    door = Door(core, {})
    take(door, "a/b", alarm("c"))
    take(door, "a", alarm("b/c"))
    take(door, "a%2Fb", alarm("c"))
    assert len(core.room.alarms) == 3
    assert all(alarm.count == 1 for alarm in core.room.alarms.values())


def test_two_programs_of_one_name_are_told_apart_by_their_sessions() -> None:
    core = Core("live", Room())
    door = Door(core, {})
    for session in ("one", "two"):
        for number in (1, 2):
            taken = take(door, "s", alarm(f"{session}-{number}"), session=session, seq=number)
            assert taken.acknowledgement.accepted == 1
    assert len(core.room.alarms) == 4


def test_a_newer_major_version_is_told_so_whatever_its_shape_and_is_not_passed_over() -> None:
    door = Door(Core("live", Room()), {})
    newer = door.take(json.dumps({"source": "s", "v": 2, "seq": 1, "records": {"of": "another kind"}}).encode(), NOON)
    assert [refused.code for refused in newer.acknowledgement.refused] == [Refusal.NEWER_VERSION]
    assert take(door, "s", alarm("a"), seq=1).acknowledgement.accepted == 1


def test_a_bug_in_a_record_costs_that_record_and_is_logged(
    monkeypatch: pytest.MonkeyPatch,
    expect_log,
) -> None:
    core = Core("live", Room())
    door = Door(core, {})
    monkeypatch.setitem(core._record, AlarmRecord, lambda *_a: {}["a bug of ours"])
    with expect_log("controlroom.hub.door", "could not"):
        taken = take(door, "s", alarm("a"), {"type": "sensors", "sensors": []}, seq=1)
    assert [refused.index for refused in taken.acknowledgement.refused] == [0]
    assert taken.acknowledgement.accepted == 1
    assert take(door, "s", seq=2).acknowledgement.refused == ()


def test_the_sessions_of_long_ago_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("controlroom.hub.door.SESSIONS", 10)
    door = Door(Core("live", Room()), {})
    take(door, "steady", alarm("a"), seq=1)
    for number in range(50):
        take(door, "flood", alarm("a"), session=f"x{number}", seq=1)
        if number % 5 == 0:
            take(door, "steady", alarm("a"), seq=2 + number // 5)
    gone = door.forgotten()
    assert len(door._cursors) == 10
    assert ("steady", "") in door._cursors
    assert len(gone) == 41
    assert door.forgotten() == []


def test_many_sensors_in_one_record_are_told_in_events_of_bounded_size() -> None:
    core = Core("live", Room())
    sensors = [{"id": f"p{n}", "name": "水位", "kind": "water"} for n in range(7000)]
    taken = take(Door(core, {}), "s", {"type": "sensors", "sensors": sensors})
    assert all(len(event.sensors) <= 2000 for event in taken.events)
    assert taken.acknowledgement.indices == tuple(range(7000))
    assert core.room.sequence == len(taken.events) == 4


def test_a_source_that_died_before_the_hub_s_restart_is_shown_as_silent(tmp_path: Path) -> None:
    core = Core("live", Room())
    door = Door(core, {})
    take(door, "gone", alarm("a"), {"type": "what"})
    door.look(NOON)
    again = Core("live", Room())
    again.room.restore(core.room.sequence, core.room.snapshot())
    restarted, start = Door(again, {}), NOON + timedelta(hours=2)
    assert restarted.look(start) == [], "it gets time to come back"
    later = restarted.look(start + timedelta(seconds=30))
    assert [(e.source.id, e.source.silent, e.source.refused) for e in later] == [("gone", True, 1)]


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1), timedelta(days=-400)])
def test_a_clock_that_is_set_makes_no_source_silent_and_keeps_none_alive(jump: timedelta) -> None:
    door = Door(Core("live", Room()), {})
    take(door, "s", alarm("a"))
    door.look(NOON)
    assert door.look(NOON + jump) == []
    silent = door.look(NOON + jump + timedelta(seconds=20))
    assert [event.source.silent for event in silent] == [True]


# ------------------------------------------------------------ the thread


def test_a_thread_that_fails_says_why_and_saves_nothing_half_done(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    expect_log,
) -> None:
    with hub_in(tmp_path) as hub, source_of(hub.ports.ingest) as source:
        source.hand_in(alarm("a"))
        taken = Door.take

        def failing(self: Door, frame: bytes, now: Any) -> Any:
            taken(self, frame, now)
            raise KeyError("a bug of ours")

        monkeypatch.setattr(Door, "take", failing)
        with expect_log("controlroom.hub.server", "ended"):
            source.send(alarm("b"))
            wait_until(lambda: hub.failed)
        monkeypatch.undo()
    journal, room, _saved = restored(tmp_path / "room.db")
    assert set(room.alarms) == {"backend/a"}
    assert room.sequence == journal.last_sequence()
    journal.close()


def test_a_writer_that_fails_ends_the_hub_aloud(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    expect_log,
) -> None:
    with hub_in(tmp_path) as hub, source_of(hub.ports.ingest) as source:
        monkeypatch.setattr(Journal, "commit", lambda *_a: {}["a bug of ours"])
        with expect_log("controlroom.store.writer", "ended"):
            source.send(alarm("a"))
            wait_until(lambda: hub.failed)


def test_a_store_has_one_hub_at_a_time(tmp_path: Path) -> None:
    with hub_in(tmp_path), pytest.raises(StoreFault, match=r"room\.db") as told:
        second = Hub(HubOptions(store=tmp_path / "room.db", ports=ANY_PORTS), SystemClock(), lock_wait_s=0.1)
        second.start()
    assert told.value.condition == "locked"
    with hub_in(tmp_path):
        pass


def test_a_damaged_checkpoint_is_passed_over(tmp_path: Path, expect_log) -> None:
    with hub_in(tmp_path) as hub, source_of(hub.ports.ingest) as source:
        source.hand_in(alarm("a"), alarm("b"))
    with sqlite3.connect(tmp_path / "room.db") as raw:
        raw.execute("UPDATE checkpoint SET body = x'c1c1'")
    raw.close()
    with expect_log("controlroom.store.journal", "checkpoint"), hub_in(tmp_path) as hub:
        assert len(hub._core.room.alarms) == 2


def test_a_hub_that_crashes_often_still_saves_its_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "CHECKPOINT_EVERY", 50)
    journal = Journal(tmp_path / "room.db")
    journal.commit([Batch([Line(n, 0, "alarm", "a", event_of(n)) for n in range(1, 61)])])
    journal.close()
    with hub_in(tmp_path):
        reader = Journal(tmp_path / "room.db", read_only=True)
        wait_until(lambda: reader.checkpoint() is not None)
        reader.close()


def test_a_hub_with_more_than_it_may_owe_does_not_spin(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    allow_log,
) -> None:
    allow_log("controlroom.store", "cannot be written")
    monkeypatch.setattr(telling, "OWED_MOST", 20)
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat, source_of(hub.ports.ingest) as source:
        source.hand_in(alarm("first"))
        foreign = sqlite3.connect(tmp_path / "room.db", isolation_level=None)
        foreign.execute("BEGIN IMMEDIATE")
        for number in range(200):
            source.send(alarm(f"k{number}"))
        seat.until(lambda: seat.link.status.store == "locked")
        turns = 0
        polled = hub._turn

        def counted(ready: Any) -> None:
            nonlocal turns
            turns += 1
            polled(ready)

        monkeypatch.setattr(hub, "_turn", counted)
        beats = seat.link._beats
        seat.until(lambda: seat.link._beats >= beats + 4)
        assert turns < 200
        assert hub._telling._owed <= 20 + 1
        foreign.execute("ROLLBACK")
        foreign.close()
        assert sum(source.answer()["accepted"] for _number in range(200)) == 200
        seat.until(lambda: len(seat.mirror.room.alarms) == 201)


def test_a_seat_that_comes_while_the_store_is_locked_learns_why(
    tmp_path: Path,
    allow_log,
) -> None:
    allow_log("controlroom.store", "cannot be written")
    with hub_in(tmp_path) as hub, source_of(hub.ports.ingest) as source:
        source.hand_in(alarm("a"))
        foreign = sqlite3.connect(tmp_path / "room.db", isolation_level=None)
        foreign.execute("BEGIN IMMEDIATE")
        source.send(alarm("b"))
        with seat_on(hub.ports.requests) as seat:
            seat.until(lambda: seat.link.status.store == "locked")
            foreign.execute("ROLLBACK")
            foreign.close()
            seat.until(lambda: len(seat.mirror.room.alarms) == 2)


def test_a_hello_and_a_digest_are_answered_by_an_empty_hub(tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub:
        seat = Seat(hub.ports.requests)
        try:
            assert isinstance(seat.link.ask(Hello()).result(10), Welcome)
            assert seat.link.ask(DigestWanted()).result(10).sequence == 0
        finally:
            seat.close()


def test_every_answer_the_hub_may_give_is_read_by_a_seat() -> None:
    denied = Denied(code=Refusal.STORE_UNAVAILABLE, text="t")
    assert msgspec.msgpack.decode(codec.encode(denied), type=Denied) == denied
