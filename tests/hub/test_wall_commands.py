"""What officers command about walls: two seats, leases and rules through the hub's core; every refusal."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from controlroom.domain.camera import Camera
from controlroom.domain.room import Room
from controlroom.domain.severity import Severity
from controlroom.domain.wall import Spot, TileKind, Wall, WallScreen, WallTile, conflicts, plain_screen, shown
from controlroom.domain.wall_rules import AlarmWanted, WallRule
from controlroom.hub.commands import Outcome, carry_out
from controlroom.hub.core import Core
from controlroom.hub.opening import restored
from controlroom.hub.plans import district_plans
from controlroom.hub.refusal import Refuse
from controlroom.wire.messages import AlarmRecord, CamerasRecord, ClearRecord, Command, Done, Refusal, ShowOnWall
from controlroom.wire.walls import (
    ArrangeWall,
    ClearWall,
    EndPush,
    ExtendPush,
    IdentifyWall,
    LoadMatrix,
    PushToWall,
    RemoveMatrix,
    RemoveWallRule,
    SaveMatrix,
    SetWallRule,
)
from tests.rooms import NOON, WAIT_S, HubProcess, seat_on


def spot(camera: str, left: int = 0, top: int = 0) -> Spot:
    return Spot(screen=1, columns=2, rows=2, tile=WallTile(left=left, top=top, cameras=(camera,)))


class Desks:
    """A room with cameras a … f and seats that command."""

    def __init__(self) -> None:
        self.core = Core("live", Room())
        self.room = self.core.room
        self.now = NOON
        self.core.record("s", CamerasRecord(cameras=[Camera(id=name, name=name) for name in "abcdef"]), "WGS-84", NOON)
        self.do(ArrangeWall(wall="w", screens=[plain_screen("abcd", 2)]))

    def do(self, body: Any, seat: str = "one") -> Outcome:
        outcome = carry_out(self.room, Command(id="c", seat=seat, officer=f"王{seat}", body=body), self.now, False)
        self.core.fold(outcome.events)
        return outcome

    def refused(self, body: Any, seat: str = "one") -> Refusal:
        before = self.room.digest()
        with pytest.raises(Refuse) as told:
            self.do(body, seat)
        assert self.room.digest() == before
        return told.value.code

    def after(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.core.look(self.now)

    @property
    def wall(self) -> Wall:
        return self.room.walls["w"]

    def cameras(self) -> str:
        return "".join((tile.cameras or ("-",))[0] for tile in shown(self.wall)[0].tiles)


def test_a_push_returns_by_itself_when_its_lease_is_over() -> None:
    desks = Desks()
    desks.do(PushToWall(wall="w", lease_s=30, spots=[spot("e", 1, 1)]))
    assert desks.cameras() == "abce"
    desks.after(29)
    assert desks.cameras() == "abce"
    desks.after(1)
    assert desks.cameras() == "abcd" and desks.wall.pushes == ()


def test_a_lease_may_be_lengthened_and_ended() -> None:
    desks = Desks()
    push = desks.do(PushToWall(wall="w", lease_s=30, spots=[spot("e")])).created
    desks.after(20)
    desks.do(ExtendPush(wall="w", push=push, lease_s=60))
    desks.after(50)
    assert desks.cameras() == "ebcd"
    desks.do(EndPush(wall="w", push=push), "two")
    assert desks.cameras() == "abcd"
    assert desks.refused(EndPush(wall="w", push=push)) is Refusal.UNKNOWN_OBJECT


def test_another_seat_is_told_who_holds_a_place_and_may_take_it_knowingly() -> None:
    desks = Desks()
    desks.do(PushToWall(wall="w", lease_s=60, spots=[spot("e")]))
    desks.do(PushToWall(wall="w", lease_s=60, spots=[spot("f", 1)]), "two")
    over = PushToWall(wall="w", lease_s=30, spots=[spot("f")])
    assert desks.refused(over, "two") is Refusal.NOT_ALLOWED
    desks.do(msgspec.structs.replace(over, over=True), "two")
    (found,) = conflicts(desks.wall)
    assert (found.above.seat, found.below.seat) == ("two", "one") and desks.cameras() == "ffcd"
    desks.after(30)
    assert desks.cameras() == "efcd" and not conflicts(desks.wall)


def test_a_newer_push_of_the_same_seat_on_the_same_place_takes_the_older_away() -> None:
    desks = Desks()
    for camera in "ef":
        desks.do(PushToWall(wall="w", lease_s=60, spots=[spot(camera)]))
    assert len(desks.wall.pushes) == 1 and desks.cameras() == "fbcd"


def test_what_is_put_there_for_good_ends_the_pushes_on_its_place_only_with_consent() -> None:
    desks = Desks()
    desks.do(PushToWall(wall="w", lease_s=60, spots=[spot("e")]))
    desks.do(PushToWall(wall="w", lease_s=60, spots=[spot("f", 1, 1)]))
    desks.do(ShowOnWall(wall="w", columns=2, tiles=["a", "f", "c", "d"]), "two")
    assert desks.cameras() == "efcf", "the places that others hold were not touched"
    taken = ShowOnWall(wall="w", columns=2, tiles=["b", "f", "c", "d"])
    assert desks.refused(taken, "two") is Refusal.NOT_ALLOWED
    desks.do(taken)
    assert desks.cameras() == "bfcf" and len(desks.wall.pushes) == 1
    desks.do(ArrangeWall(wall="w", screens=[plain_screen("a", 1)], over=True), "two")
    assert desks.wall.pushes == () and desks.cameras() == "a"


def test_clear_empties_screens_and_asks_before_it_takes_what_others_hold() -> None:
    desks = Desks()
    desks.do(ArrangeWall(wall="w", screens=[plain_screen("ef", 2, 2)]))
    desks.do(PushToWall(wall="w", lease_s=60, spots=[spot("e")]))
    desks.do(ClearWall(wall="w", screens=[2]), "two")
    assert desks.cameras() == "ebcd" and all(tile.is_empty for tile in shown(desks.wall)[1].tiles)
    assert desks.refused(ClearWall(wall="w"), "two") is Refusal.NOT_ALLOWED
    desks.do(ClearWall(wall="w", over=True), "two")
    assert desks.cameras() == "----" and desks.wall.pushes == ()


def test_a_matrix_keeps_what_was_seen_whole_or_in_part_and_comes_back_for_good_or_for_a_while() -> None:
    desks = Desks()
    desks.do(ArrangeWall(wall="w", screens=[plain_screen("ef", 2, 2)]))
    desks.do(PushToWall(wall="w", lease_s=60, spots=[spot("e")]))
    whole = desks.do(SaveMatrix(wall="w", name="全部")).created
    part = desks.do(SaveMatrix(wall="w", name="右屏", screens=[2])).created
    assert [s.number for s in desks.room.matrices[part].screens] == [2]
    desks.after(60)
    desks.do(ClearWall(wall="w"))
    desks.do(LoadMatrix(matrix=part))
    assert desks.cameras() == "----" and shown(desks.wall)[1].tiles == plain_screen("ef", 2, 2).tiles
    desks.do(LoadMatrix(matrix=whole, lease_s=20))
    assert desks.cameras() == "ebcd"
    desks.after(20)
    assert desks.cameras() == "----"
    assert desks.do(SaveMatrix(wall="w", name=" 全部 ")).created == whole, "one of that name is replaced"
    desks.do(RemoveMatrix(matrix=part))
    assert desks.refused(LoadMatrix(matrix=part)) is Refusal.UNKNOWN_OBJECT


def test_a_rule_shows_the_alarm_cameras_while_an_alarm_stands_and_gives_the_wall_back() -> None:
    desks = Desks()
    made = WallRule(
        id="r", name="大雨", wall="w", screens=(1,), layout="4", alarm=AlarmWanted(), hold_s=10, enabled=True
    )
    desks.do(SetWallRule(rule=made))
    desks.after(1)
    assert desks.cameras() == "abcd"
    desks.core.record(
        "s", AlarmRecord(key="k", severity=Severity.RED, title="x", occurred_at=desks.now), "WGS-84", NOON
    )
    desks.after(1)
    assert {tile.kind for tile in shown(desks.wall)[0].tiles} == {TileKind.ALARMS}
    desks.do(PushToWall(wall="w", lease_s=10, spots=[spot("e")]), "two")
    assert desks.cameras()[0] == "e", "an officer lies over a rule without being asked"
    desks.do(EndPush(wall="w", push="rule-r"))
    desks.after(11)
    assert desks.cameras() == "abcd", "dismissed while it holds"
    cleared = ClearRecord(key="k", occurred_at=desks.now)
    desks.core.record("s", cleared, "WGS-84", desks.now)
    desks.after(1)
    desks.core.record(
        "s", AlarmRecord(key="l", severity=Severity.RED, title="x", occurred_at=desks.now), "WGS-84", NOON
    )
    desks.after(1)
    assert {tile.kind for tile in shown(desks.wall)[0].tiles} <= {TileKind.ALARMS, TileKind.CAMERA}
    desks.do(RemoveWallRule(rule="r"))
    desks.after(1)
    assert desks.cameras() == "abcd"


def test_what_cannot_be_is_refused_with_its_reason() -> None:
    desks = Desks()
    assert desks.refused(PushToWall(wall="w", lease_s=10)) is Refusal.MALFORMED
    assert desks.refused(PushToWall(wall="w", lease_s=10, spots=[spot("nope")])) is Refusal.UNKNOWN_OBJECT
    far = msgspec.structs.replace(spot("a"), screen=9)
    assert desks.refused(PushToWall(wall="w", lease_s=10, spots=[far])) is Refusal.UNKNOWN_OBJECT
    plot = Spot(screen=1, columns=1, rows=1, tile=WallTile(kind=TileKind.PLOT, sensors=("nope",)))
    assert desks.refused(PushToWall(wall="w", lease_s=10, spots=[plot])) is Refusal.UNKNOWN_OBJECT
    assert desks.refused(ArrangeWall(wall="w")) is Refusal.MALFORMED
    assert desks.refused(ArrangeWall(wall="w", screens=[WallScreen(), WallScreen()])) is Refusal.MALFORMED
    assert desks.refused(ArrangeWall(wall="w", remove=[1])) is Refusal.NOT_ALLOWED
    assert desks.refused(ClearWall(wall="w", screens=[3])) is Refusal.UNKNOWN_OBJECT
    assert desks.refused(SaveMatrix(wall="w", name=" ")) is Refusal.REASON_REQUIRED
    rule_of_none = WallRule(id="r", name="r", wall="w", matrix="none", alarm=AlarmWanted())
    assert desks.refused(SetWallRule(rule=rule_of_none)) is Refusal.UNKNOWN_OBJECT
    assert desks.refused(RemoveWallRule(rule="r")) is Refusal.UNKNOWN_OBJECT
    matrix = desks.do(SaveMatrix(wall="w", name="m")).created
    desks.do(SetWallRule(rule=WallRule(id="r", name="r", wall="w", matrix=matrix, alarm=AlarmWanted())))
    assert desks.refused(RemoveMatrix(matrix=matrix)) is Refusal.NOT_ALLOWED


def test_the_programs_rules_are_offered_once_and_switched_off_rather_than_removed() -> None:
    core = Core("live", Room(), watch=district_plans())
    core.look(NOON)
    assert "house-grave" in core.room.wall_rules and not core.room.walls
    command = Command(id="c", seat="s", officer="王", body=RemoveWallRule(rule="house-grave"))
    with pytest.raises(Refuse):
        carry_out(core.room, command, NOON, False)


def test_screens_show_their_numbers_for_a_while() -> None:
    desks = Desks()
    desks.do(IdentifyWall(wall="w", seconds=5))
    assert desks.wall.identify_until == NOON + timedelta(seconds=5)
    desks.after(5)
    assert desks.wall.identify_until is None


def test_a_wall_its_leases_and_its_matrices_survive_the_death_of_the_hub(tmp_path: Any) -> None:
    hub = HubProcess(tmp_path)
    try:
        with seat_on(hub.ports.requests) as seat:
            seat.until(lambda: "house-grave" in seat.mirror.room.wall_rules)
            for number, body in enumerate(
                (
                    ArrangeWall(wall="w", screens=[laid()]),
                    PushToWall(wall="w", lease_s=3600, spots=[text_spot()]),
                    SaveMatrix(wall="w", name="值班"),
                )
            ):
                answer = seat.link.ask(Command(id=f"c{number}", seat="s", officer="王", body=body))
                assert isinstance(answer.result(WAIT_S), Done)
            seat.until(lambda: bool(seat.mirror.room.matrices))
            before = seat.mirror.room.walls["w"]
            hub.kill()
            hub.restart()
            seat.until(lambda: seat.link.status.state.value == "live")
            seat.until(lambda: seat.mirror.room.walls.get("w") == before)
            assert shown(before)[0].tiles[0].text == "今晚 20 时有雨"
    finally:
        hub.close()
    journal, room, _saved = restored(tmp_path / "data" / "room.db")
    journal.close()
    assert room.walls["w"] == before


def laid() -> WallScreen:
    return WallScreen(columns=2, rows=1, tiles=(WallTile(kind=TileKind.CLOCK), WallTile(left=1)))


def text_spot() -> Spot:
    return Spot(screen=1, columns=2, rows=1, tile=WallTile(kind=TileKind.TEXT, text="今晚 20 时有雨"))


class TwoSeats(RuleBasedStateMachine):
    """Two seats at one wall through the hub's core: nothing is taken unasked, and every lease ends in time."""

    def __init__(self) -> None:
        super().__init__()
        self.desks = Desks()
        self.until: dict[str, datetime] = {}

    @rule(seat=st.sampled_from(("one", "two")), place=st.integers(0, 3), over=st.booleans(), s=st.integers(10, 90))
    def push(self, seat: str, place: int, over: bool, s: int) -> None:
        where = (place % 2, place // 2)
        held = [p for p in self.desks.wall.pushes if p.seat != seat and _where(p) == where]
        body = PushToWall(wall="w", lease_s=s, spots=[spot("ef"[seat == "two"], *where)], over=over)
        if held and not over:
            assert self.desks.refused(body, seat) is Refusal.NOT_ALLOWED
            return
        created = self.desks.do(body, seat).created
        self.until[created] = self.desks.now + timedelta(seconds=s)
        assert self.desks.cameras()[place] == "ef"[seat == "two"], "what was pushed last is seen"

    @rule(seat=st.sampled_from(("one", "two")), place=st.integers(0, 3), camera=st.sampled_from("abcd"))
    def put(self, seat: str, place: int, camera: str) -> None:
        wall = self.desks.wall
        tiles = [tile.cameras[0] for tile in wall.base[0].tiles]
        changes = tiles[place] != camera
        tiles[place] = camera
        held = [p for p in wall.pushes if p.seat != seat and _where(p) == (place % 2, place // 2)]
        body = ShowOnWall(wall="w", columns=2, tiles=tiles)
        if held and changes:
            assert self.desks.refused(body, seat) is Refusal.NOT_ALLOWED
            return
        self.desks.do(body, seat)
        if changes:
            assert self.desks.cameras()[place] == camera

    @rule(seconds=st.integers(1, 60))
    def pass_time(self, seconds: int) -> None:
        self.desks.after(seconds)

    @invariant()
    def leases_end_in_time(self) -> None:
        for push in self.desks.wall.pushes:
            assert push.until == self.until[push.id] and push.until > self.desks.now
        for found in conflicts(self.desks.wall):
            assert _where(found.above) == _where(found.below) and found.above.seat != found.below.seat
        room = Room()
        room.restore(self.desks.room.sequence, self.desks.room.snapshot())
        assert room.digest() == self.desks.room.digest()


def _where(push: Any) -> tuple[int, int]:
    return push.spots[0].tile.left, push.spots[0].tile.top


TestTwoSeats = TwoSeats.TestCase
TestTwoSeats.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)


def test_a_lease_that_is_over_holds_nothing_even_before_it_was_taken_away() -> None:
    desks = Desks()
    desks.do(PushToWall(wall="w", lease_s=10, spots=[spot("e")]))
    desks.now += timedelta(seconds=9)
    assert desks.refused(ClearWall(wall="w"), "two") is Refusal.NOT_ALLOWED
    desks.now += timedelta(seconds=1)
    desks.do(ClearWall(wall="w"), "two")
    assert not desks.room.walls["w"].pushes
