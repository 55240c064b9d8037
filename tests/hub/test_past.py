"""How the room stood at a time: out of the journal, with kept sets of standing alarms and without them."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.events import AlarmChanged, IncidentChanged
from controlroom.domain.incident import Incident
from controlroom.domain.room import Room
from controlroom.domain.severity import Severity
from controlroom.domain.times import from_ms
from controlroom.hub.opening import line_of, standing
from controlroom.hub.past import room_at
from controlroom.store.journal import Batch, Journal
from controlroom.wire import codec

EVENTS = 60


def event(sequence: int) -> AlarmChanged | IncidentChanged:
    at = from_ms(1000 * sequence)
    if not sequence % 11:
        who = Incident(
            id=f"i{sequence % 3}", title=f"{sequence}", grade=Severity.BLUE, opened_at=at, opened_by="王值班"
        )
        return IncidentChanged(who)
    state = AlarmState.NORMAL if sequence % 4 == 3 else AlarmState.UNACKNOWLEDGED
    identity = f"a{sequence * 7 % 13}"
    return AlarmChanged(
        Alarm(
            id=identity,
            key=identity,
            source="s",
            kind="k",
            title=f"{sequence}",
            severity=Severity.RED,
            state=state,
            occurred_at=at - timedelta(seconds=1),
            received_at=at,
            changed_at=at,
        )
    )


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    journal, room, batch = Journal(tmp_path / "events.db"), Room(), Batch()
    for sequence in range(1, EVENTS + 1):
        told = event(sequence)
        room.apply(sequence, told)
        batch.lines.append(line_of(sequence, 1000 * sequence, told, codec.encode(told)))
        if sequence % 20 == 10:
            batch.standing = standing(room)
            journal.commit([batch])
            batch = Batch()
    journal.commit([batch])
    return journal


def check(journal: Journal) -> None:
    for last in range(EVENTS + 1):
        expected, told = Room(), room_at(journal, 1000 * last)
        for sequence in range(1, last + 1):
            expected.apply(sequence, event(sequence))
        found = Room()
        found.restore(told.sequence, (codec.event(raw) for raw in told.events))
        assert found.digest() == expected.digest()


def test_the_room_at_every_event_is_what_was_folded_up_to_it(journal: Journal) -> None:
    assert journal.standing(EVENTS)[0] == 50 and journal.standing(9)[0] == 0
    check(journal)
    journal.close()


@pytest.mark.parametrize(
    "harm",
    ["UPDATE standing SET body = X'00'", "DELETE FROM standing", "DROP TABLE standing"],
    ids=["damaged", "lost", "older"],
)
def test_without_kept_sets_the_journal_alone_tells_the_same(journal: Journal, harm: str) -> None:
    with sqlite3.connect(journal.path) as other:
        other.execute(harm)
    other.close()
    check(journal)
    journal.close()
