"""Seats that come and go, areas that they hand to one another, and floods that the hub writes down."""

from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

import resources
from controlroom.domain.alarm_bands import decode_bands
from controlroom.domain.events import Event, FloodChanged, HandoverChanged
from controlroom.domain.room import Room
from controlroom.domain.seating import HandoverState, Route, Routing, SeatView
from controlroom.domain.severity import Severity
from controlroom.domain.times import to_ms
from controlroom.hub.commands import carry_out
from controlroom.hub.core import Core
from controlroom.hub.refusal import Refuse
from controlroom.wire import codec
from controlroom.wire.messages import (
    AlarmRecord,
    Command,
    CommandBody,
    Past,
    PastWanted,
    Refusal,
)
from controlroom.wire.seats import (
    AnswerHandover,
    EndHandover,
    HandOver,
    Present,
    Runs,
    RunsWanted,
    SeatLoad,
    SpanWanted,
)
from tests.rooms import NOON, alarm, hub_in, seat_on, source_of, wait_until

BANDS = decode_bands(resources.path("data", "alarm_bands.toml").read_bytes())


class Night:
    """A hub's core with two seats, on a clock that the test moves."""

    def __init__(self) -> None:
        self.core = Core("live", Room(), bands=BANDS)
        self.now = NOON
        self.told: list[Event] = []
        self.seats = ["A", "B"]
        self.live()

    @property
    def room(self) -> Room:
        return self.core.room

    def live(self) -> None:
        for name in self.seats:
            self.core.fold(self.core.seats.present(name, f"officer {name}", SeatView(), self.now))

    def forward(self, seconds: int) -> None:
        """Second by second, every seat telling that it lives."""
        for _second in range(seconds):
            self.now += timedelta(seconds=1)
            self.live()
            self.told += self.core.look(self.now)

    def ring(self, key: str, place: str = "黄村镇兴华大街") -> None:
        record = AlarmRecord(key=key, severity=Severity.ORANGE, title="积水", occurred_at=self.now, place=place)
        self.core.record("s", record, "WGS-84", self.now)

    def do(self, seat: str, body: CommandBody) -> str:
        command = Command(id=f"c{self.room.sequence}", seat=seat, officer=f"officer {seat}", body=body)
        outcome = carry_out(self.room, command, self.now, False, seats=self.core.seat_figures)
        self.core.fold(outcome.events)
        return outcome.created

    def handed(self) -> str:
        handover = self.do("A", HandOver(area="黄村镇", to="B"))
        self.do("B", AnswerHandover(handover=handover, accept=True))
        return handover

    def states(self) -> list[HandoverState]:
        return [event.handover.state for event in self.told if isinstance(event, HandoverChanged)]


def test_a_seat_is_there_while_it_is_heard_and_told_once() -> None:
    night = Night()
    assert sorted(night.room.seats) == ["A", "B"]
    sequence = night.room.sequence
    night.forward(5)
    assert night.room.sequence == sequence
    night.seats = ["A"]
    night.forward(9)
    assert "B" in night.room.seats
    night.forward(1)
    assert list(night.room.seats) == ["A"]


def test_an_area_goes_to_the_seat_that_accepts_it_and_its_alarms_count_there() -> None:
    night = Night()
    night.handed()
    for number in range(3):
        night.ring(f"k{number}")
    night.ring("elsewhere", "兴丰街道")
    assert night.core.load is not None
    assert (night.core.load.count("A"), night.core.load.count("B")) == (1, 4)


def test_an_unanswered_offer_lapses_and_a_declined_one_is_over() -> None:
    night = Night()
    night.do("A", HandOver(area="黄村镇", to="B"))
    night.forward(59)
    assert len(night.room.handovers) == 1
    night.forward(1)
    assert not night.room.handovers and night.states() == [HandoverState.LAPSED]
    declined = night.do("A", HandOver(area="黄村镇", to="B"))
    night.do("B", AnswerHandover(handover=declined, accept=False))
    assert not night.room.handovers


def test_what_a_lost_seat_had_comes_back_by_itself() -> None:
    night = Night()
    night.handed()
    night.seats = ["A"]
    night.forward(10)
    assert night.states() == [HandoverState.LOST]
    night.ring("after")
    assert night.core.load is not None and night.core.load.count("A") == 1


def test_a_restarted_hub_gives_seats_time_to_be_heard_again() -> None:
    night = Night()
    handover = night.handed()
    night.core = Core("live", night.room, bands=BANDS)
    night.seats = []
    night.forward(9)
    assert handover in night.room.handovers
    night.forward(2)
    assert not night.room.handovers and not night.room.seats


@pytest.mark.parametrize(
    ("seat", "body", "code"),
    [
        ("A", HandOver(area="黄村镇", to="A"), Refusal.NOT_ALLOWED),
        ("A", HandOver(area="黄村镇", to="nobody"), Refusal.UNKNOWN_OBJECT),
        ("A", HandOver(area="兴丰街道", to="B"), Refusal.ALREADY_DONE),
        ("A", AnswerHandover(handover="handover", accept=True), Refusal.NOT_ALLOWED),
        ("C", EndHandover(handover="handover"), Refusal.NOT_ALLOWED),
        ("A", EndHandover(handover="gone"), Refusal.ALREADY_DONE),
    ],
)
def test_what_cannot_be_handed_is_refused(seat: str, body: CommandBody, code: Refusal) -> None:
    night = Night()
    held = night.do("A", HandOver(area="兴丰街道", to="B"))
    if getattr(body, "handover", "") == "handover":
        body = msgspec.structs.replace(body, handover=held)
    with pytest.raises(Refuse) as refused:
        night.do(seat, body)
    assert refused.value.code is code


@pytest.mark.parametrize("seat", ["A", "B"])
def test_either_of_the_two_ends_a_handover(seat: str) -> None:
    night = Night()
    night.do(seat, EndHandover(handover=night.handed()))
    assert not night.room.handovers


def test_every_flood_is_written_down_for_the_room_and_each_seat() -> None:
    night = Night()
    night.handed()
    for number in range(12):
        night.ring(f"k{number}")
    night.forward(1)
    assert sorted(night.room.floods) == ["", "B"]
    night.ring("later")
    night.forward(11)
    assert night.room.floods["B"].count == 13
    night.forward(600)
    assert not night.room.floods
    ended = [e.flood for e in night.told if isinstance(e, FloodChanged) and e.flood.ended_at is not None]
    assert {(flood.view, flood.count, flood.peak) for flood in ended} == {("", 13, 13), ("B", 13, 13)}
    assert all(599 <= flood.duration_s(night.now) <= 602 for flood in ended)


def test_the_flood_of_a_seat_that_leaves_is_over() -> None:
    night = Night()
    for number in range(12):
        night.ring(f"k{number}")
    night.forward(1)
    assert sorted(night.room.floods) == ["", "A", "B"]
    night.seats = ["A"]
    night.forward(12)
    assert sorted(night.room.floods) == ["", "A"]


def test_a_restarted_hub_remembers_the_window_and_when_it_was_away(tmp_path: Path) -> None:
    with (
        hub_in(tmp_path, bands=BANDS) as hub,
        source_of(hub.ports.ingest) as backend,
        seat_on(hub.ports.requests) as seat,
    ):
        ask = seat.link.ask
        assert isinstance(ask(Present(seat="A", officer="王")).result(10), SeatLoad)
        backend.hand_in(*(alarm(f"k{number}") for number in range(7)))
        wait_until(lambda: load(ask(Present(seat="A", officer="王")).result(10)) == 7)
        seat.until(lambda: "A" in seat.mirror.room.seats)
    with (
        hub_in(tmp_path, bands=BANDS) as hub,
        source_of(hub.ports.ingest) as backend,
        seat_on(hub.ports.requests) as seat,
    ):
        ask = seat.link.ask
        assert load(ask(Present(seat="A", officer="王")).result(10)) == 7
        backend.hand_in(*(alarm(f"more{number}") for number in range(5)))
        seat.until(lambda: "A" in seat.mirror.room.floods)
        assert seat.mirror.room.floods["A"].count == 11
        runs = ask(RunsWanted()).result(10)
        assert isinstance(runs, Runs) and len(runs.runs) == 2
        assert runs.runs[0][0] <= runs.runs[0][1] <= runs.runs[1][0]


def load(answer: object) -> int:
    assert isinstance(answer, SeatLoad)
    return answer.count


def test_the_journal_is_read_by_time_and_in_order(tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub, source_of(hub.ports.ingest) as backend, seat_on(hub.ports.requests) as seat:
        backend.hand_in(*(alarm(f"k{number}") for number in range(5)))
        everything = seat.link.ask(PastWanted(kind="alarm")).result(10)
        assert isinstance(everything, Past)
        begin, end = min(everything.times), max(everything.times) + 1
        first = seat.link.ask(SpanWanted(kind="alarm", since_ms=begin, until_ms=end, limit=3)).result(10)
        assert isinstance(first, Past)
        rest = seat.link.ask(SpanWanted(kind="alarm", since_ms=begin, until_ms=end, after=first.sequences[-1])).result(
            10
        )
        assert isinstance(rest, Past)
        told = [codec.event(raw) for raw in (*first.events, *rest.events)]
        assert [event.alarm.key for event in told] == [f"k{number}" for number in range(5)]
        before = seat.link.ask(SpanWanted(kind="alarm", since_ms=0, until_ms=begin)).result(10)
        assert isinstance(before, Past) and not before.events
        later: datetime = NOON + timedelta(days=3650)
        after = seat.link.ask(SpanWanted(kind="alarm", since_ms=to_ms(later), until_ms=to_ms(later) + 9)).result(10)
        assert isinstance(after, Past) and not after.events


def test_two_seats_and_a_hub_hand_an_area_over_and_it_comes_back_when_the_taker_dies(tmp_path: Path) -> None:
    quick = msgspec.structs.replace(BANDS, seats=msgspec.structs.replace(BANDS.seats, gone_after_s=1))
    with (
        hub_in(tmp_path, bands=quick) as hub,
        source_of(hub.ports.ingest) as backend,
        seat_on(hub.ports.requests) as a,
    ):

        def beat(*names: str) -> None:
            for name in names:
                a.link.ask(Present(seat=name, officer=name)).result(10)

        def do(seat: str, body: CommandBody) -> str:
            command = Command(id=f"{seat}{a.mirror.room.sequence}", seat=seat, officer=seat, body=body)
            return str(getattr(a.link.ask(command).result(10), "created", ""))

        beat("A", "B")
        a.until(lambda: len(a.mirror.room.seats) == 2)
        handover = do("A", HandOver(area="黄村镇", to="B"))
        a.until(lambda: handover in a.mirror.room.handovers)
        do("B", AnswerHandover(handover=handover, accept=True))
        backend.hand_in(alarm("k", place="黄村镇兴华大街"))
        a.until(lambda: bool(a.mirror.room.alarms))
        (rung,) = a.mirror.room.alarms.values()

        def routes() -> list[Route]:
            routing = Routing(a.mirror.room.seats, a.mirror.room.handovers.values())
            return [routing.route(rung, name) for name in "AB"]

        assert routes() == [Route.HANDED_OVER, Route.MINE]
        a.until(lambda: (beat("A"), "B" not in a.mirror.room.seats)[1])
        a.until(lambda: not a.mirror.room.handovers)
        assert routes()[0] is Route.MINE
