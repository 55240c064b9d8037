"""Snapshot and updates under random loss: whatever is dropped, doubled, delayed or restarted, a seat is never wrong.

The real desk, journal, sequencer, questions and mirror, with a network in between that the machine commands.
"""

import json
import tempfile
from collections import deque
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from controlroom.domain.room import Room
from controlroom.hub import desk as desks
from controlroom.hub.core import Core
from controlroom.hub.desk import Desk
from controlroom.hub.door import Door
from controlroom.hub.opening import line_of
from controlroom.seat.catching_up import CatchingUp
from controlroom.seat.delivery import Change
from controlroom.seat.mirror import Changes, Mirror
from controlroom.seat.questions import OWN_ANSWER_S, Questions
from controlroom.seat.sequencer import Sequencer
from controlroom.store.journal import Batch, Journal
from controlroom.wire import codec
from controlroom.wire.incidents import AddNote, OpenIncident
from controlroom.wire.messages import Command, Request
from tests.rooms import NOON, alarm
from tests.shell.room_feed import HandClock

FATES = st.sampled_from(["come", "come", "come", "lost", "twice"])
KEYS = st.sampled_from([f"k{number}" for number in range(6)])


class LossyRoom(RuleBasedStateMachine):
    """A hub with a journal, a seat that follows it, and frames of both ways that wait to be delivered or lost."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.part, desks.PART = desks.PART, 3  # answers of several parts, each of which can be lost
        self.bytes, desks.PART_BYTES = desks.PART_BYTES, 200
        self.journals = 0
        self.clock = HandClock()
        self.sequencer = Sequencer()
        self.mirror = Mirror()
        self.questions = Questions(self.clock, lambda frame: self.asked.append(frame))
        self.questions.realm = "live"
        self.out: Any = deque()
        self.mending = CatchingUp(self.sequencer, self.out, self.questions, self.clock, lambda _denied: None)
        self.asked: list[bytes] = []
        self.replies: list[bytes] = []
        self.frames: list[tuple[int, bytes]] = []
        self.commands = 0

    @initialize(keys=st.lists(KEYS, min_size=1, max_size=6), first=st.booleans())
    def begin(self, keys: list[str], first: bool) -> None:
        self.make_hub()
        self.tell(keys, over=False)
        if first:
            self.settle()

    def make_hub(self) -> None:
        self.journals += 1
        path = Path(self.folder.name) / f"{self.journals}.db"
        self.writing = Journal(path)
        self.reading = Journal(path, read_only=True)
        self.core = Core("live", Room())
        self.door = Door(self.core, {})
        self.desk = Desk(self.core, self.reading, {}, lambda: None, None)
        self.digests = {0: self.core.room.digest()}

    def publish(self, events: list[Any]) -> None:
        """Commit, then publish, as the hub does."""
        first = self.core.room.sequence - len(events) + 1
        bodies = [codec.encode(event) for event in events]
        numbered = list(enumerate(zip(events, bodies, strict=True), first))
        self.writing.commit([Batch([line_of(number, 0, event, body) for number, (event, body) in numbered])])
        self.frames += [(number, body) for number, (_event, body) in numbered]
        # The room of every number, for comparing: folded once more from the journal.
        room = Room()
        for line in self.reading.read(1, self.core.room.sequence):
            room.apply(line.sequence, codec.event(line.body))
            self.digests.setdefault(line.sequence, room.digest())

    @rule(keys=st.lists(KEYS, min_size=1, max_size=4), over=st.booleans())
    def tell(self, keys: list[str], over: bool) -> None:
        records: list[dict[str, Any]] = [
            {"type": "clear", "key": key, "occurred_at": "2026-11-21T04:00:00Z"} if over else alarm(key) for key in keys
        ]
        self.publish(self.door.take(json.dumps({"source": "s", "records": records}).encode(), NOON).events)

    @rule()
    def command(self) -> None:
        """Timelines grow by their lines, so an event that is applied twice shows in the digest."""
        self.commands += 1
        incidents = list(self.core.room.incidents)
        body: Any = AddNote(incident=incidents[0], text=f"n{self.commands}") if incidents else None
        body = body or OpenIncident(title="积水", grade=1)
        command = Command(id=f"c{self.commands}", seat="s", officer="王", body=body)
        self.publish(self.desk.handle(codec.encode(Request(id=1, body=command)), NOON).events)

    @precondition(lambda self: self.frames)
    @rule(data=st.data(), order=st.sampled_from(["as sent", "as sent", "backwards", "twice"]))
    def deliver(self, data: st.DataObject, order: str) -> None:
        """Some frames arrive, not always in order, and perhaps once more."""
        first = data.draw(st.integers(0, min(2, len(self.frames) - 1)))
        last = first + data.draw(st.integers(1, 6))
        arriving, self.frames[first:last] = self.frames[first:last], []
        for number, body in arriving[::-1] if order == "backwards" else arriving * (2 if order == "twice" else 1):
            event = codec.event(body)
            if self.sequencer.follows(number):
                self.out.append(Change(number, event))
            else:
                self.mending.deliver(self.sequencer.event(number, event))

    @precondition(lambda self: self.frames)
    @rule(count=st.integers(1, 4))
    def lose(self, count: int) -> None:
        del self.frames[:count]

    @rule()
    def beat(self) -> None:
        """Who has a state and hears of more knows what comes next, whatever else lies in the buffer."""
        self.sequencer.heard_of(self.core.room.sequence)
        expected, span = self.sequencer.expected, self.sequencer.missing()
        if expected is not None and expected <= self.core.room.sequence:
            assert span is not None and span.first == expected
        else:
            assert span is None

    @rule(before=st.lists(KEYS, min_size=1, max_size=3), after=st.lists(KEYS, min_size=1, max_size=3))
    def joins_in_the_middle(self, before: list[str], after: list[str]) -> None:
        """Events come before the snapshot that holds them already; later ones are lost."""
        self.trouble("forget")
        self.tell(before, over=False)
        self.deliver_all()
        self.settle()
        self.tell(after, over=False)
        self.frames.clear()
        self.beat()

    def deliver_all(self) -> None:
        arriving, self.frames = self.frames, []
        for number, body in arriving:
            self.mending.deliver(self.sequencer.event(number, codec.event(body)))

    @rule(lost=st.integers(0, 6), fates=st.lists(FATES, max_size=12))
    def mend(self, lost: int, fates: list[str]) -> None:
        """Ask for what is missing; questions and parts of answers are lost, or come twice."""
        self.mending.mend()
        self.questions.look()
        asked, self.asked = self.asked, []
        for question in asked:
            if lost:
                self.replies += self.desk.handle(question, NOON).replies
        for fate in fates[: len(self.replies)]:
            self.reply(fate)

    def reply(self, fate: str) -> None:
        raw = self.replies.pop(0)
        for _turn in range({"come": 1, "lost": 0, "twice": 2}[fate]):
            if self.questions.replied(codec.reply(raw)) is not None:
                self.mending.pause()

    @rule(what=st.sampled_from(["wait", "wait", "wait", "reconnect", "forget", "another store"]))
    def trouble(self, what: str) -> None:
        if what == "wait":
            self.clock.advance(OWN_ANSWER_S + 0.1)
            self.questions.look()
            return
        # The sockets are made anew: whatever was under way in them is gone.
        self.frames.clear()
        self.asked.clear()
        self.replies.clear()
        self.questions.forget_own()
        self.mending.start_over()
        if what == "another store":  # the welcome tells another epoch
            self.writing.close()
            self.reading.close()
            self.make_hub()
        if what != "reconnect":
            self.sequencer.forget()

    def settle(self) -> None:
        """Without loss the seat becomes equal, by itself and soon."""
        for _turn in range(100):
            self.beat()
            self.mending.mend()
            while self.asked:
                self.replies += self.desk.handle(self.asked.pop(0), NOON).replies
            while self.replies:
                self.reply("come")
            if self.sequencer.expected is not None and self.sequencer.missing() is None:
                break
            self.clock.advance(OWN_ANSWER_S + 0.1)
            self.questions.look()
        self.drain()
        assert self.mirror.room.sequence == self.core.room.sequence
        assert self.mirror.room.digest() == self.core.room.digest()

    def drain(self) -> None:
        while self.out:
            self.mirror.apply(self.out.popleft(), NOON, Changes())

    @invariant()
    def never_wrong(self) -> None:
        """What the seat holds is what the hub held at that number, or the seat says that it knows nothing."""
        if not hasattr(self, "core"):
            return
        self.drain()
        if self.sequencer.expected is None:
            return
        room = self.mirror.room
        assert room.sequence == self.sequencer.expected - 1
        assert room.digest() == self.digests[room.sequence]

    def teardown(self) -> None:
        if hasattr(self, "core"):
            self.settle()
            self.writing.close()
            self.reading.close()
        desks.PART, desks.PART_BYTES = self.part, self.bytes
        self.folder.cleanup()


TestLossyRoom = LossyRoom.TestCase
TestLossyRoom.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
