"""Drawing corner by corner, and an officer's own steps back and forth."""

import asyncio
from dataclasses import dataclass

import pytest
from pytestqt.qtbot import QtBot

from controlroom.bridge.graphic_steps import GraphicSteps
from controlroom.bridge.sketch import Sketching
from controlroom.domain.graphic import Drawing, Graphic, GraphicKind
from controlroom.domain.place import Point
from controlroom.domain.room import Room
from controlroom.errors import CommandRefused
from controlroom.hub.commands import carry_out
from controlroom.hub.refusal import Refuse
from controlroom.wire.graphics import ChangeGraphic, RemoveGraphic
from controlroom.wire.messages import Command, CommandBody
from tests.rooms import NOON

NOWHERE = (Point(0.0, 0.0),)
A, B, C, D = Point(116.40, 39.60), Point(116.41, 39.60), Point(116.41, 39.61), Point(116.40, 39.61)


def area() -> Drawing:
    return Drawing(kind=GraphicKind.AREA, points=NOWHERE)


def drawn(kind: GraphicKind, *points: Point) -> Sketching:
    sketching = Sketching()
    sketching.begin("mine", Drawing(kind=kind, points=NOWHERE))
    for point in points:
        sketching.act("add", -1, point)
    return sketching


def corners(sketching: Sketching) -> tuple[Point, ...]:
    assert sketching.draft is not None
    return sketching.draft.points


def test_corners_are_added_moved_put_between_and_taken_away_and_each_is_undone(qtbot: QtBot) -> None:
    sketching = drawn(GraphicKind.AREA, A, B, C)
    sketching.act("move", 1, D)
    assert corners(sketching) == (A, D, C)
    sketching.act("insert", 2, B)
    assert corners(sketching) == (A, D, B, C)
    sketching.act("drop", 0, None)
    assert corners(sketching) == (D, B, C)
    for held in ((A, D, B, C), (A, D, C), (A, B, C), (A, B)):
        sketching.act("back", -1, None)
        assert corners(sketching) == held
    sketching.act("again", -1, None)
    assert corners(sketching) == (A, B, C)


def test_a_point_is_finished_by_one_click(qtbot: QtBot) -> None:
    sketching = Sketching()
    sketching.begin("mine", Drawing(kind=GraphicKind.SYMBOL, points=NOWHERE, symbol="water"))
    with qtbot.waitSignal(sketching.finished) as told:
        sketching.act("add", -1, A)
    assert told.args[0].finished.points == (A,)
    assert sketching.draft is None


def test_what_crosses_itself_or_has_too_few_corners_is_not_finished(qtbot: QtBot) -> None:
    for sketching in (drawn(GraphicKind.AREA, A, B), drawn(GraphicKind.AREA, A, C, B, D)):
        with qtbot.waitSignal(sketching.refused):
            sketching.act("end", -1, None)
        assert sketching.draft is not None


def test_another_drawing_gives_up_the_first_and_says_so(qtbot: QtBot) -> None:
    sketching = drawn(GraphicKind.LINE, A)
    with qtbot.waitSignal(sketching.cancelled) as told:
        sketching.begin("other", area())
    assert told.args[0].wanted_by == "mine"


def test_a_corner_near_one_that_stands_is_put_onto_it(qtbot: QtBot) -> None:
    sketching = drawn(GraphicKind.LINE)
    beside = Point(A.lon + 0.0001, A.lat)
    sketching.act("add", -1, beside, [A], 14)
    sketching.act("add", -1, beside, [A], 18)
    assert corners(sketching) == (A, beside)
    sketching.snaps = False
    sketching.act("move", 0, beside, [A], 10)
    assert corners(sketching)[0] == beside


def test_a_place_outside_the_world_is_not_drawn_and_what_stands_keeps_its_corners(qtbot: QtBot) -> None:
    sketching = drawn(GraphicKind.LINE, A, Point(0.0, 89.0))
    assert corners(sketching) == (A,)
    sketching.edit("mine", Drawing(kind=GraphicKind.LINE, points=(A, B)), "graphic-1", 3)
    sketching.act("drop", 0, None)
    assert corners(sketching) == (A, B)
    assert sketching.mark("hint").more is False


@dataclass
class Said:
    created: str


class Hub:
    """A room that judges as the hub does."""

    def __init__(self) -> None:
        self.room = Room()

    async def send(self, body: CommandBody) -> Said:
        return self.do(body, "王")

    def do(self, body: CommandBody, officer: str) -> Said:
        try:
            outcome = carry_out(self.room, Command(id="c", seat="one", officer=officer, body=body), NOON, False)
        except Refuse as refused:
            raise CommandRefused(str(refused.code), refused.text) from refused
        for event in outcome.events:
            self.room.apply(self.room.sequence + 1, event)
        return Said(outcome.created)

    @property
    def standing(self) -> set[tuple[Point, ...]]:
        return {graphic.drawing.points for graphic in self.room.graphics.values()}

    def only(self) -> Graphic:
        (graphic,) = self.room.graphics.values()
        return graphic


def line(*points: Point) -> Drawing:
    return Drawing(kind=GraphicKind.LINE, points=points)


def test_every_own_step_goes_back_and_forth_and_a_removed_one_comes_back_under_a_new_name() -> None:
    async def work() -> None:
        hub = Hub()
        steps = GraphicSteps(hub.send)
        await steps.draw([line(A, B), line(C, D)])
        first = next(iter(hub.room.graphics.values()))
        await steps.change(first, line(A, C))
        await steps.remove([hub.room.graphics[first.id]])
        assert hub.standing == {(C, D)}
        await steps.undo()
        assert hub.standing == {(A, C), (C, D)}
        assert first.id not in hub.room.graphics
        await steps.undo()
        assert hub.standing == {(A, B), (C, D)}
        await steps.undo()
        assert not hub.standing
        assert (steps.can_undo, steps.can_redo) == (False, True)
        for _step in range(3):
            await steps.redo()
        assert hub.standing == {(C, D)}
        assert not steps.can_redo

    asyncio.run(work())


def test_what_somebody_else_changed_meanwhile_is_not_undone_and_the_step_is_forgotten() -> None:
    async def work() -> None:
        hub = Hub()
        steps = GraphicSteps(hub.send)
        await steps.draw([line(A, B)])
        hub.do(ChangeGraphic(graphic=hub.only().id, version=1, drawing=line(B, C)), "李")
        with pytest.raises(CommandRefused) as told:
            await steps.undo()
        assert told.value.code == "changed_meanwhile"
        assert hub.standing == {(B, C)}
        assert not steps.can_undo
        hub.do(RemoveGraphic(graphic=hub.only().id, version=2), "李")
        with pytest.raises(CommandRefused):
            await steps.change(Graphic(id="graphic-1", drawing=line(A, B), by="王", at=NOON), line(A, C))

    asyncio.run(work())
