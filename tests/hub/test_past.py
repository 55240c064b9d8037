"""How the room stood at a time: out of the journal, with kept sets of standing alarms and without them."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.events import AlarmChanged, Event, FenceChanged, IncidentChanged, PublishedAnswerChanged
from controlroom.domain.fence import Fence
from controlroom.domain.incident import Incident
from controlroom.domain.place import Point
from controlroom.domain.published_answer import AnswerBody, AnswerClass, PublishedAnswer
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


def test_fences_and_published_answers_are_told_as_they_stood(tmp_path: Path) -> None:
    ring = (Point(116.3, 39.7), Point(116.4, 39.7), Point(116.4, 39.8))
    at = from_ms(1000)
    fence = Fence(id="f", name="一", ring=ring, by="王", at=at)
    body = AnswerBody(title="密度", classes=(AnswerClass("多", "#112233"),), author="王", made_at=at)
    shown = PublishedAnswer(id="published-2", body=body, by="李", at=at)
    told: list[Event] = [
        FenceChanged(fence),
        PublishedAnswerChanged(shown),
        FenceChanged(msgspec.structs.replace(fence, name="二", version=2)),
        PublishedAnswerChanged(msgspec.structs.replace(shown, withdrawn_at=at)),
        FenceChanged(msgspec.structs.replace(fence, removed=True, version=3)),
    ]
    journal, batch = Journal(tmp_path / "events.db"), Batch()
    for sequence, event_ in enumerate(told, 1):
        batch.lines.append(line_of(sequence, 1000 * sequence, event_, codec.encode(event_)))
    journal.commit([batch])

    def stood(at_ms: int) -> tuple[list[str], list[str]]:
        answer, room = room_at(journal, at_ms), Room()
        room.restore(answer.sequence, (codec.event(raw) for raw in answer.events))
        return [held.name for held in room.fences.values()], list(room.published)

    assert [stood(1000 * n) for n in range(6)] == [
        ([], []),
        (["一"], []),
        (["一"], ["published-2"]),
        (["二"], ["published-2"]),
        (["二"], []),
        ([], []),
    ]
    journal.close()
