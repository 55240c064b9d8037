"""Whatever sources and officers do, and whenever the hub dies, what was committed is what comes back."""

import json
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from controlroom.domain.incident import TaskStatus
from controlroom.domain.severity import Severity
from controlroom.domain.silence import Matcher
from controlroom.hub.core import Core
from controlroom.hub.desk import Desk
from controlroom.hub.door import Door
from controlroom.hub.opening import checkpoint, line_of, restored
from controlroom.store.journal import Batch, Journal
from controlroom.wire import codec
from controlroom.wire.alarms import Acknowledge, EndSilence, SilenceMatching, TagAlarms
from controlroom.wire.incidents import AddNote, AnswerTask, AssignTask, CloseIncident, OpenIncident
from controlroom.wire.messages import Command, Done, Request
from tests.rooms import NOON, alarm

KEYS = st.sampled_from(["a", "b", "c"])
SOURCES = st.sampled_from(["s", "t", "s/a"])


class HubOnPaper(RuleBasedStateMachine):
    """A hub without threads and sockets: what a step led to is committed by `commit`, or lost by `crash`."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "room.db"
        self.writing = Journal(self.path)
        self.batch = Batch()
        self.sent: dict[tuple[str, str], int] = {}
        self.acknowledged: dict[tuple[str, str], int] = {}
        self.owed: list[Any] = []
        self.answers: dict[str, bytes] = {}
        self.timeline: dict[str, list[Any]] = {}
        self.given: set[str] = set()
        self.commands = 0
        self.reading: Journal | None = None

    @initialize()
    def start(self) -> None:
        self.reading, room, _saved = restored(self.path)
        self.core = Core("live", room)
        self.door = Door(self.core, self.reading.cursors())
        self.desk = Desk(self.core, self.reading, self.reading.answers(), lambda: None, lambda _i, _s: None)
        self.committed = room.digest()

    def stage(self, events: list[Any]) -> None:
        first = self.core.room.sequence - len(events) + 1
        for number, event in enumerate(events, first):
            self.batch.lines.append(line_of(number, 0, event, codec.encode(event)))

    def take(self, source: str, *records: dict[str, Any], again: bool = False) -> None:
        key = (source, "x")
        number = self.acknowledged.get(key, 0) + (0 if again else 1)
        if number == 0 or key in {owed[0] for owed in self.owed}:
            return
        frame = json.dumps({"source": source, "session": "x", "seq": number, "records": list(records)}).encode()
        taken = self.door.take(frame, NOON)
        self.stage(taken.events)
        assert taken.acknowledgement.duplicate is again
        assert not taken.acknowledgement.expected
        if taken.cursor is not None:
            self.batch.cursors[taken.cursor[0]] = taken.cursor[1]
            self.owed.append((key, number))

    def command(self, body: Any) -> None:
        self.commands += 1
        identity = f"c{self.commands}"
        frame = codec.encode(Request(id=1, body=Command(id=identity, seat="s", officer="王", body=body)))
        handled = self.desk.handle(frame, NOON)
        self.stage(handled.events)
        if handled.answer is None:
            assert not handled.events
            return
        self.batch.answers.append(handled.answer)
        self.owed.append((identity, handled.replies[0], codec.reply(handled.replies[0]).body, frame))

    @rule(source=SOURCES, keys=st.lists(KEYS, min_size=1, max_size=4), severity=st.sampled_from(list(Severity)))
    def raise_alarms(self, source: str, keys: list[str], severity: Severity) -> None:
        self.take(source, *(alarm(key, severity) for key in keys))

    @rule(source=SOURCES, key=KEYS)
    def clear(self, source: str, key: str) -> None:
        self.take(source, {"type": "clear", "key": key, "occurred_at": "2026-11-21T04:00:00Z"})

    @rule(source=SOURCES, count=st.integers(1, 3))
    def declare(self, source: str, count: int) -> None:
        self.take(
            source, {"type": "sensors", "sensors": [{"id": f"p{n}", "name": source, "kind": "k"} for n in range(count)]}
        )

    @rule(source=SOURCES, key=KEYS)
    def repeat(self, source: str, key: str) -> None:
        before = self.core.room.digest()
        self.take(source, alarm(key), again=True)
        assert self.core.room.digest() == before

    @rule(data=st.data())
    def open(self, data: st.DataObject) -> None:
        chosen = data.draw(st.lists(st.sampled_from([*self.core.room.alarms, "nobody/x"]), max_size=2))
        self.command(OpenIncident(title="积水", grade=Severity.RED, alarms=chosen))

    @rule(data=st.data())
    def handle(self, data: st.DataObject) -> None:
        incident = data.draw(st.sampled_from([*self.core.room.incidents, "none"]))
        task = data.draw(st.sampled_from([*self.core.room.tasks, "none"]))
        alarms = data.draw(st.lists(st.sampled_from([*self.core.room.alarms, "nobody/x"]), min_size=1, max_size=3))
        self.command(
            data.draw(
                st.sampled_from(
                    [
                        AddNote(incident=incident, text="n"),
                        AssignTask(incident=incident, department="d", text="t"),
                        AnswerTask(task=task, status=TaskStatus.ACCEPTED),
                        AnswerTask(task=task, status=TaskStatus.DONE),
                        CloseIncident(incident=incident, reason="r"),
                        Acknowledge(alarms=alarms),
                        TagAlarms(alarms=alarms, add=["重点"]),
                        SilenceMatching(matcher=Matcher(text="积水"), until=NOON + timedelta(hours=1), reason="r"),
                        EndSilence(silence=next(iter(self.core.room.silences), "none")),
                    ]
                )
            )
        )

    @rule(save=st.booleans())
    def commit(self, save: bool) -> None:
        if save:
            self.batch.checkpoint = checkpoint(self.core.room)
        self.writing.commit([self.batch])
        self.batch = Batch()
        self.committed = self.core.room.digest()
        for owed in self.owed:
            if len(owed) == 2:
                self.acknowledged[owed[0]] = owed[1]
            else:
                identity, reply, body, frame = owed
                self.answers[identity] = (frame, reply)
                if isinstance(body, Done) and body.created:
                    assert body.created not in self.given, "an id was given twice"
                    self.given.add(body.created)
        self.owed.clear()
        for incident, entries in self.core.room.entries.items():
            held = self.timeline.get(incident, [])
            assert entries[: len(held)] == held, "the timeline was changed"
            assert len({entry.id for entry in entries}) == len(entries)
            self.timeline[incident] = list(entries)

    @rule()
    def crash(self) -> None:
        assert self.reading is not None
        self.reading.close()
        self.batch = Batch()
        self.owed.clear()
        committed = self.committed
        self.start()
        assert self.core.room.digest() == committed
        assert {i: e for i, e in self.core.room.entries.items() if e} == {i: e for i, e in self.timeline.items() if e}

    @rule(data=st.data())
    def ask_again(self, data: st.DataObject) -> None:
        if self.answers:
            frame, reply = self.answers[data.draw(st.sampled_from(sorted(self.answers)))]
            before = self.core.room.digest()
            handled = self.desk.handle(frame, NOON)
            assert handled.replies == [reply]
            assert self.core.room.digest() == before

    @invariant()
    def numbered(self) -> None:
        if self.reading is not None:
            assert self.core.room.sequence == self.reading.last_sequence() + len(self.batch.lines)

    def teardown(self) -> None:
        self.writing.close()
        if self.reading is not None:
            self.reading.close()
        self.folder.cleanup()


TestHubOnPaper = HubOnPaper.TestCase
TestHubOnPaper.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
