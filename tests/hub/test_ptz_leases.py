"""Leases of steerable cameras, whatever seats and adapters say in whatever order."""

from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec import inspect

from controlroom.domain.room import Room
from controlroom.hub.refusal import Refuse
from controlroom.wire import codec
from controlroom.wire.ptz import (
    AnswerPtz,
    AskPtz,
    CentrePtz,
    PtzAdapterHere,
    ReleasePtz,
    StartPatrol,
    SteerPtz,
    TakePtz,
    TellPtz,
)
from tests.hub.ptz_desks import Desks
from tests.hub.test_every_command import structs


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_movement_and_any_report_is_answered_or_refused(data: st.DataObject) -> None:
    desks = Desks()
    desks.do(TakePtz(camera="dome"))
    for kind in (SteerPtz, CentrePtz, PtzAdapterHere, TellPtz):
        body = data.draw(structs(inspect.type_info(kind)))
        request = msgspec.msgpack.encode({"id": 1, "body": body, "v": 1, "realm": "live"})
        try:
            decoded = codec.request(request)
        except codec.MALFORMED:
            continue
        try:
            desks.desk.answer(decoded.body, desks.now)
        except Refuse as refusal:
            assert refusal.text
        desks.orders()
    assert desks.holder == "one"


SEATS = st.sampled_from(["one", "two", "lead"])


class Leases(RuleBasedStateMachine):
    """Whatever three seats do in whatever order: one holder, no orphan, no movement of another."""

    def __init__(self) -> None:
        super().__init__()
        self.desks = Desks()
        self.there = {"one", "two", "lead"}

    def tried(self, body: Any, seat: str) -> bool:
        try:
            self.desks.do(body, seat)
        except Refuse:
            return False
        return True

    @rule(seat=SEATS, over=st.booleans(), reason=st.sampled_from(["", "急"]))
    def take(self, seat: str, over: bool, reason: str) -> None:
        before = self.desks.holder
        done = self.tried(TakePtz(camera="dome", over=over, reason=reason), seat)
        if done:
            assert self.desks.holder == seat
            assert before in ("", seat) or (seat == "lead" and over and reason and before != "lead")
        else:
            assert self.desks.holder == before not in ("", seat)

    @rule(seat=SEATS)
    def ask(self, seat: str) -> None:
        self.tried(AskPtz(camera="dome"), seat)

    @rule(seat=SEATS, to=SEATS, hand=st.booleans())
    def answer(self, seat: str, to: str, hand: bool) -> None:
        before = self.desks.holder
        if self.tried(AnswerPtz(camera="dome", to=to, hand=hand), seat):
            assert before == seat and self.desks.holder == (to if hand else seat)

    @rule(seat=SEATS)
    def release(self, seat: str) -> None:
        before = self.desks.holder
        assert self.tried(ReleasePtz(camera="dome"), seat) is (before == seat)
        if before == seat:
            assert self.desks.holder != seat

    @rule(seat=SEATS)
    def steer(self, seat: str) -> None:
        try:
            self.desks.steer(seat, pan=1.0)
        except Refuse:
            assert self.desks.holder != seat
        else:
            assert self.desks.holder == seat

    @rule(seat=SEATS)
    def patrol(self, seat: str) -> None:
        done = self.tried(StartPatrol(camera="dome", presets=("t1", "t2"), dwell_s=5), seat)
        assert done is (self.desks.holder == seat)

    @rule(seat=SEATS)
    def come_or_go(self, seat: str) -> None:
        self.there ^= {seat}

    @rule(seconds=st.sampled_from([1, 12, 25, 61, 301]))
    def wait(self, seconds: int) -> None:
        step = 1 if seconds < 30 else 5
        for _k in range(seconds // step):
            self.desks.now += timedelta(seconds=step - 1)
            self.desks.beat(*self.there, "watcher")
            self.desks.wait(1, *self.there, "watcher")
        if seconds > 300:
            assert self.desks.holder == "", "nobody holds a camera for ever"

    @invariant()
    def nobody_asks_for_what_is_theirs(self) -> None:
        lease = self.desks.room.ptz.leases.get("dome")
        if lease is not None:
            assert lease.seat not in {ask.seat for ask in lease.asks}
            assert lease.since <= lease.used_at and lease.until > lease.since and lease.ended is None

    @invariant()
    def a_copy_is_the_same(self) -> None:
        room = self.desks.room
        copy = Room()
        copy.restore(room.sequence, iter(list(room.snapshot())))
        assert copy.digest() == room.digest()


Leases.TestCase.settings = settings(max_examples=50, stateful_step_count=25, deadline=None)
TestLeases = Leases.TestCase
