"""A letter flipped on the disk that still reads as an event is found by its checksum, told, and all else is kept."""

import sqlite3
from pathlib import Path

import pytest

from controlroom.domain.events import AlarmChanged
from controlroom.errors import CommandRefused, StoreFault
from controlroom.hub.opening import opened
from controlroom.store.journal import Batch, Journal, Line
from controlroom.wire import codec
from controlroom.wire.messages import PastWanted, Question
from controlroom.wire.past import RoomAtWanted
from tests.hub.test_faults import event_of
from tests.rooms import NOON, HubProcess, alarm, hub_in, seat_on, source_of, wait_until
from tests.seat.test_link import equal


def flip(store: Path, sequence: int, table: str = "journal") -> None:
    """One bit of the title of an event: 跌 for 跋 and the like, still UTF-8, still an event."""
    with sqlite3.connect(store) as raw:
        (body,) = raw.execute(f"SELECT body FROM {table} WHERE sequence = ?", (sequence,)).fetchone()
        at = body.index(b"title") + len(b"title") + 2
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        if table == "journal":
            codec.event(changed)
        raw.execute(f"UPDATE {table} SET body = ? WHERE sequence = ?", (changed, sequence))
    raw.close()


def write(path: Path, count: int) -> None:
    journal = Journal(path)
    journal.commit([Batch([Line(n, 1000 * n, "alarm", f"a{n}", event_of(n)) for n in range(1, count + 1)])])
    journal.close()


def test_a_line_that_still_decodes_is_found_at_the_start_and_only_it_is_lost(
    tmp_path: Path,
    expect_log,
) -> None:
    write(tmp_path / "room.db", 20)
    flip(tmp_path / "room.db", 7)
    with (
        expect_log("controlroom.hub.opening", "damaged-"),
        hub_in(tmp_path) as hub,
        seat_on(hub.ports.requests) as seat,
    ):
        seat.until(lambda: "hub/store%2Fdamaged" in seat.mirror.room.alarms or len(seat.mirror.room.alarms) >= 20)
        held = [line.sequence for line in hub._journal.read(1, 20)]
        assert held == [n for n in range(1, 21) if n != 7]
        assert len(list(tmp_path.glob("room.db.damaged-????????-??????"))) == 1
        equal(seat)


def test_a_saved_state_that_still_decodes_is_passed_over_for_the_journal(
    tmp_path: Path,
    expect_log,
) -> None:
    with hub_in(tmp_path) as hub, source_of(hub.ports.ingest) as source:
        source.hand_in(alarm("a"), alarm("b"))
        title = hub._core.room.alarms["backend/a"].title
    with sqlite3.connect(tmp_path / "room.db") as raw:
        (sequence,) = raw.execute("SELECT sequence FROM checkpoint").fetchone()
    raw.close()
    flip(tmp_path / "room.db", sequence, "checkpoint")
    with expect_log("controlroom.store.journal", "checkpoint"), hub_in(tmp_path) as hub:
        assert {a.title for a in hub._core.room.alarms.values()} == {title}


@pytest.mark.parametrize("question", [PastWanted(kind="alarm", limit=100), RoomAtWanted(at_ms=10**14)])
def test_damage_that_only_a_question_meets_ends_the_hub_and_is_told_by_the_next(
    tmp_path: Path, question: Question
) -> None:
    hub = HubProcess(tmp_path)
    store = tmp_path / "data" / "room.db"
    try:
        with seat_on(hub.ports.requests) as seat, source_of(hub.ports.ingest) as source:
            source.hand_in(*(alarm(f"k{n}") for n in range(20)))
            seat.until(lambda: len(seat.mirror.room.alarms) == 20)
            with sqlite3.connect(store) as raw:
                (sequence,) = raw.execute("SELECT max(sequence) FROM journal WHERE kind = 'alarm'").fetchone()
            raw.close()
            flip(store, sequence)
            with pytest.raises(CommandRefused):
                seat.link.ask(question).result(10)
            wait_until(lambda: hub.process.poll() is not None)
            assert hub.process.returncode == 70
            hub.kill()
            hub.restart()
            seat.until(lambda: any(key.startswith("hub/") for key in seat.mirror.room.alarms))
            assert len(seat.mirror.room.alarms) == 21, "the state was saved when the hub ended"
            assert source.hand_in(alarm("after"))["accepted"] == 1
            equal(seat)
    finally:
        hub.close()


def test_a_store_of_an_older_program_opens_and_what_comes_has_checksums(tmp_path: Path) -> None:
    write(tmp_path / "room.db", 5)
    with sqlite3.connect(tmp_path / "room.db") as raw:
        for table in ("journal", "checkpoint"):
            raw.execute(f"ALTER TABLE {table} DROP COLUMN crc")
    raw.close()
    old = opened(tmp_path / "room.db", NOON)
    assert old.salvaged is None and old.room.sequence == 5
    old.journal.close()
    journal = Journal(tmp_path / "room.db")
    journal.commit([Batch([Line(6, 6000, "alarm", "a6", event_of(6))])])
    assert [line.sequence for line in journal.read(1, 9)] == [1, 2, 3, 4, 5, 6]
    journal.close()
    flip(tmp_path / "room.db", 6)
    reader = Journal(tmp_path / "room.db")
    with pytest.raises(StoreFault) as told:
        list(reader.read(1, 9))
    assert told.value.condition == "corrupt"
    reader.close()


def test_an_old_store_that_is_damaged_is_salvaged_too(tmp_path: Path, expect_log) -> None:
    write(tmp_path / "room.db", 5)
    with sqlite3.connect(tmp_path / "room.db") as raw:
        for table in ("journal", "checkpoint"):
            raw.execute(f"ALTER TABLE {table} DROP COLUMN crc")
        raw.execute("UPDATE journal SET body = x'c1' WHERE sequence = 3")
    raw.close()
    with expect_log("controlroom.hub.opening", "damaged-"):
        found = opened(tmp_path / "room.db", NOON)
    assert found.salvaged is not None and (found.salvaged.read, found.salvaged.lost) == (4, 1)
    assert isinstance(codec.event(next(found.journal.read(1, 1)).body), AlarmChanged)
    found.journal.close()
