"""Plotting for command: whose change counts, what is kept with an incident, and what the hub turns away."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from controlroom.domain.graphic import DangerZone, Drawing, Graphic, GraphicKind, GraphicStyle
from controlroom.domain.incident import EntryKind
from controlroom.domain.place import Point
from controlroom.domain.published_answer import AnswerBody, AnswerClass, AnswerFeature
from controlroom.domain.room import Room
from controlroom.domain.severity import Severity
from controlroom.domain.times import to_ms
from controlroom.hub import graphic_commands
from controlroom.hub.commands import carry_out
from controlroom.hub.refusal import Refuse
from controlroom.wire import codec
from controlroom.wire.graphics import ChangeGraphic, DrawGraphics, PublishAnswer, RemoveGraphic, WithdrawAnswer
from controlroom.wire.incidents import CloseIncident, OpenIncident
from controlroom.wire.messages import Command, CommandBody, Done, Refusal
from controlroom.wire.past import RoomAt, RoomAtWanted
from tests.rooms import NOON, HubProcess, Seat, hub_in, seat_on

HERE, THERE, NORTH = Point(116.40, 39.60), Point(116.42, 39.60), Point(116.41, 39.62)
POST = Drawing(kind=GraphicKind.SYMBOL, points=(HERE,), text="前方指挥部", symbol="command_post")
AREA = Drawing(kind=GraphicKind.AREA, points=(HERE, THERE, NORTH), text="<script>alert(1)</script>")
SPILL = Drawing(kind=GraphicKind.ZONE, points=(HERE,), zone=DangerZone(hot_m=100.0, cold_m=800.0, wind_from_deg=315.0))


class Table:
    """A room, and officers who command it."""

    def __init__(self) -> None:
        self.room = Room()
        self.now = NOON

    def do(self, body: CommandBody, officer: str = "王", seat: str = "one") -> str:
        self.now += timedelta(seconds=1)
        command = Command(id="c", seat=seat, officer=officer, body=body)
        outcome = carry_out(self.room, command, self.now, False)
        for event in outcome.events:
            self.room.apply(self.room.sequence + 1, event)
        return outcome.created

    def draw(self, *drawings: Drawing) -> Graphic:
        return self.room.graphics[self.do(DrawGraphics(drawings=drawings or (POST,)))]

    def refused(self, body: CommandBody) -> Refusal:
        before = self.room.digest()
        with pytest.raises(Refuse) as told:
            self.do(body)
        assert self.room.digest() == before
        return told.value.code

    def incident(self) -> str:
        return self.do(OpenIncident(title="氯气泄漏", grade=Severity.RED))


def test_a_drawing_has_its_author_its_seat_its_time_and_a_version() -> None:
    table = Table()
    drawn = table.draw()
    assert (drawn.by, drawn.seat, drawn.at, drawn.version) == ("王", "one", table.now, 1)
    moved = msgspec.structs.replace(POST, points=(THERE,))
    table.do(ChangeGraphic(graphic=drawn.id, version=1, drawing=moved), "李", "two")
    held = table.room.graphics[drawn.id]
    assert (held.drawing.points, held.by, held.changed_by, held.changed_seat) == ((THERE,), "王", "李", "two")
    assert (held.version, held.touched_at) == (2, table.now)


def test_the_slower_of_two_who_change_the_same_is_told_who_was_faster() -> None:
    table = Table()
    drawn = table.draw()
    table.do(
        ChangeGraphic(graphic=drawn.id, version=1, drawing=msgspec.structs.replace(POST, text="二号")), "李", "two"
    )
    late = ChangeGraphic(graphic=drawn.id, version=1, drawing=msgspec.structs.replace(POST, text="三号"))
    with pytest.raises(Refuse) as told:
        table.do(late)
    assert told.value.code is Refusal.CHANGED_MEANWHILE
    assert "李 (two)" in told.value.text
    assert table.refused(RemoveGraphic(graphic=drawn.id, version=1)) is Refusal.CHANGED_MEANWHILE
    assert table.room.graphics[drawn.id].drawing.text == "二号"


def test_several_are_numbered_behind_the_first() -> None:
    table = Table()
    first = table.draw(POST, AREA, SPILL)
    number = int(first.id.removeprefix("graphic-"))
    assert list(table.room.graphics) == [f"graphic-{number + k}" for k in range(3)]


def test_drawing_and_removing_for_an_incident_are_lines_of_its_timeline() -> None:
    table = Table()
    incident = table.incident()
    drawn = table.draw(msgspec.structs.replace(POST, incident=incident))
    table.do(RemoveGraphic(graphic=drawn.id, version=1), "李", "two")
    told = [(e.by, e.text) for e in table.room.entries[incident] if e.kind is EntryKind.GRAPHIC]
    assert told == [("王", "标绘：前方指挥部"), ("李", "删除标绘：前方指挥部")]
    assert not table.room.graphics


def test_with_its_incident_a_graphic_is_archived_and_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table()
    incident = table.incident()
    kept, free = table.draw(msgspec.structs.replace(POST, incident=incident)), table.draw()
    table.do(CloseIncident(incident=incident, reason="处置完毕"))
    assert table.room.graphics[kept.id].archived_at == table.now
    assert table.room.graphics[free.id].archived_at is None
    assert table.refused(RemoveGraphic(graphic=kept.id, version=1)) is Refusal.NOT_ALLOWED
    again = msgspec.structs.replace(POST, incident=incident)
    assert table.refused(DrawGraphics(drawings=(again,))) is Refusal.NOT_ALLOWED
    monkeypatch.setattr(graphic_commands, "MOST_ARCHIVED", 1)
    other = table.incident()
    newer = table.draw(msgspec.structs.replace(POST, incident=other))
    table.do(CloseIncident(incident=other, reason="处置完毕"))
    assert kept.id not in table.room.graphics
    assert newer.id in table.room.graphics


@pytest.mark.parametrize(
    ("drawing", "code"),
    [
        (msgspec.structs.replace(POST, points=(HERE, THERE)), Refusal.MALFORMED),
        (msgspec.structs.replace(AREA, points=(HERE, THERE)), Refusal.MALFORMED),
        (msgspec.structs.replace(AREA, points=(HERE, THERE, NORTH, Point(116.40, 39.61))), None),
        (msgspec.structs.replace(AREA, points=(HERE, NORTH, THERE, Point(116.40, 39.63))), Refusal.MALFORMED),
        (msgspec.structs.replace(POST, points=(Point(0.0, 89.0),)), Refusal.MALFORMED),
        (msgspec.structs.replace(SPILL, zone=None), Refusal.MALFORMED),
        (Drawing(kind=GraphicKind.TEXT, points=(HERE,), text="  "), Refusal.REASON_REQUIRED),
        (msgspec.structs.replace(POST, incident="20261121-009"), Refusal.UNKNOWN_OBJECT),
    ],
)
def test_what_cannot_be_drawn_is_refused(drawing: Drawing, code: Refusal | None) -> None:
    table = Table()
    if code is None:
        assert table.draw(drawing).drawing == drawing
    else:
        assert table.refused(DrawGraphics(drawings=(drawing,))) is code


def test_so_many_and_no_more_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table()
    monkeypatch.setattr(graphic_commands, "MOST_GRAPHICS", 2)
    drawn = table.draw(POST, AREA)
    assert table.refused(DrawGraphics(drawings=(POST,))) is Refusal.TOO_LARGE
    table.do(RemoveGraphic(graphic=drawn.id, version=1))
    monkeypatch.setattr(graphic_commands, "MOST_POINTS", 4)
    assert table.refused(DrawGraphics(drawings=(AREA,))) is Refusal.TOO_LARGE
    assert table.refused(RemoveGraphic(graphic=drawn.id, version=2)) is Refusal.UNKNOWN_OBJECT


def test_the_same_again_is_no_change() -> None:
    table = Table()
    drawn = table.draw()
    assert table.refused(ChangeGraphic(graphic=drawn.id, version=1, drawing=POST)) is Refusal.ALREADY_DONE


ANSWER = AnswerBody(
    title="800 m 缓冲区",
    classes=(AnswerClass("", "#2ba6a6"),),
    author="王",
    made_at=NOON,
    features=(AnswerFeature(parts=((HERE, THERE, NORTH),), name="燃气站"),),
    how=(("距离", "800 m"),),
)


def test_an_answer_is_on_all_maps_until_it_is_withdrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table()
    answer = table.do(PublishAnswer(answer=ANSWER))
    held = table.room.published[answer]
    assert (held.by, held.seat, held.body.how) == ("王", "one", (("距离", "800 m"),))
    monkeypatch.setattr(graphic_commands, "MOST_PUBLISHED_CORNERS", 5)
    assert table.refused(PublishAnswer(answer=ANSWER)) is Refusal.TOO_LARGE
    table.do(WithdrawAnswer(answer=answer), "李")
    assert not table.room.published
    assert table.refused(WithdrawAnswer(answer=answer)) is Refusal.UNKNOWN_OBJECT


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (msgspec.structs.replace(ANSWER, features=()), Refusal.MALFORMED),
        (
            msgspec.structs.replace(ANSWER, features=(AnswerFeature(parts=((HERE, THERE),), colour_class=1),)),
            "malformed",
        ),
        (msgspec.structs.replace(ANSWER, features=(AnswerFeature(parts=((HERE, Point(0.0, 89.0)),)),)), "malformed"),
        (msgspec.structs.replace(ANSWER, features=(AnswerFeature(parts=((HERE,) * 20_001,)),)), Refusal.TOO_LARGE),
    ],
)
def test_an_answer_that_cannot_be_shown_is_refused(bad: AnswerBody, code: str) -> None:
    assert Table().refused(PublishAnswer(answer=bad)) == code


def told(seat: Seat, officer: str, body: CommandBody, number: int) -> Done:
    asked = seat.link.ask(Command(id=f"{officer}-{number}", seat=officer, officer=officer, body=body))
    seat.until(asked.done)
    answer = asked.result()
    assert isinstance(answer, Done)
    return answer


def test_what_one_seat_draws_is_at_the_other_after_a_kill_of_the_hub_and_in_the_room_as_it_was(tmp_path: Path) -> None:
    hub = HubProcess(tmp_path)
    try:
        with seat_on(hub.ports.requests) as one, seat_on(hub.ports.requests) as other:
            first = told(one, "王", DrawGraphics(drawings=(POST, AREA, SPILL)), 1).created
            other.until(lambda: len(other.mirror.room.graphics) == 3)
            before = to_ms(other.mirror.room.graphics[first].at)
            hub.kill()
            hub.restart()
            style = GraphicStyle(dashed=True)
            changed = ChangeGraphic(graphic=first, version=1, drawing=msgspec.structs.replace(POST, style=style))
            told(other, "李", changed, 1)
            one.until(lambda: one.mirror.room.graphics[first].version == 2)
            other.until(lambda: other.mirror.room.sequence >= one.mirror.room.sequence)
            one.until(lambda: one.mirror.room.sequence >= other.mirror.room.sequence)
            assert one.mirror.room.digest() == other.mirror.room.digest()
            asked = one.link.ask(RoomAtWanted(at_ms=before))
            one.until(asked.done)
            answer = asked.result()
            assert isinstance(answer, RoomAt)
            then = Room()
            then.restore(answer.sequence, (codec.event(raw) for raw in answer.events))
            assert [(g.version, g.drawing.style.dashed) for g in then.graphics.values()] == [(1, False)] * 3
    finally:
        hub.close()


def test_a_hub_that_ends_has_told_the_store_of_everything(tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat:
        told(seat, "王", PublishAnswer(answer=ANSWER), 1)
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat:
        seat.until(lambda: len(seat.mirror.room.published) == 1)
