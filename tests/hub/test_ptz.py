"""Steerable cameras at the hub: one holder at a time, whatever seats do, and rules that never move against one."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec import inspect

from controlroom.domain.camera import Camera, PictureFault
from controlroom.domain.duty import Duty
from controlroom.domain.events import DutyChanged, PtzActed, PtzLeaseChanged
from controlroom.domain.place import Point
from controlroom.domain.ptz import Ability, LeaseEnd, Pose, Preset, PtzDeed, PtzTrouble, PtzUnit
from controlroom.domain.ptz_rules import PtzRule
from controlroom.domain.room import Room
from controlroom.domain.seating import EVERYTHING
from controlroom.domain.wall_rules import AlarmWanted
from controlroom.hub.commands import carry_out
from controlroom.hub.core import Core
from controlroom.hub.plans import district_plans
from controlroom.hub.ptz_desk import PtzDesk
from controlroom.hub.refusal import Refuse
from controlroom.wire import codec
from controlroom.wire.messages import AlarmRecord, CamerasRecord, ClearRecord, Command, Done, Refusal
from controlroom.wire.pictures import TellPicture
from controlroom.wire.ptz import (
    AnswerPtz,
    AskPtz,
    CentrePtz,
    GoToPreset,
    PtzAdapterHere,
    PtzOrder,
    ReleasePtz,
    RemovePreset,
    RemovePtzRule,
    RenamePreset,
    SavePreset,
    SetPtzGuard,
    SetPtzRule,
    StartPatrol,
    SteerPtz,
    StopPatrol,
    TakePtz,
    TellPtz,
    TurnTo,
)
from tests.hub.test_every_command import structs
from tests.rooms import NOON, WAIT_S, HubProcess, seat_on, source_of

HERE = Point(116.40, 39.60)
NEAR = Point(116.40, 39.6009)
ALL = tuple(ability for ability in Ability)
DOME = PtzUnit(
    camera="dome",
    abilities=ALL,
    presets=(Preset(token="t1", name="路口"), Preset(token="t2", name="桥下")),
    pose=Pose(),
    zoom_most=20.0,
)


class Desks:
    """A room with a steerable camera, its adapter, and seats that command; time is the test's own."""

    def __init__(self) -> None:
        plans = msgspec.structs.replace(district_plans(), walls=())
        self.core = Core("live", Room(), watch=plans)
        self.room = self.core.room
        self.desk = PtzDesk(self.core)
        self.now = NOON
        self.told: list[Any] = []
        dome = Camera(id="dome", name="黄村路口", ptz="onvif:http://h", point=HERE, range_m=300.0)
        self.core.record("s", CamerasRecord(cameras=[dome, Camera(id="fixed", name="固定")]), "WGS-84", NOON)
        self.core.fold(
            [
                DutyChanged(
                    Duty(role=role, officers=(f"王{seat}",), begins_at=NOON, ends_at=NOON + timedelta(days=1), at=NOON)
                )
                for role, seat in (("duty_officer", "one"), ("duty_officer", "two"), ("shift_lead", "lead"))
            ]
        )
        self.beat()
        self.desk.answer(TellPtz(units=(DOME,)), NOON)

    def beat(self, *seats: str) -> None:
        for seat in seats or ("one", "two", "lead"):
            self.core.fold(self.core.seats.present(seat, f"王{seat}", EVERYTHING, self.now))
        self.desk.answer(PtzAdapterHere(name="a"), self.now)

    def do(self, body: Any, seat: str = "one") -> str:
        command = Command(id="c", seat=seat, officer=f"王{seat}", body=body)
        outcome = carry_out(self.room, command, self.now, False, ptz=self.core.ptz.figures)
        self._follow(self.core.fold(outcome.events))
        return outcome.created

    def refused(self, body: Any, seat: str = "one") -> Refuse:
        before = self.room.digest()
        with pytest.raises(Refuse) as told:
            self.do(body, seat)
        assert self.room.digest() == before
        return told.value

    def steer(self, seat: str = "one", camera: str = "dome", **speeds: float) -> None:
        asked = SteerPtz(camera=camera, seat=seat, officer=f"王{seat}", **speeds)
        self._follow(self.desk.answer(asked, self.now)[1])

    def wait(self, seconds: float, *seats: str) -> None:
        """Time passes second by second; the seats named (all of them without a name) go on being heard."""
        for _second in range(int(seconds)):
            self.now += timedelta(seconds=1)
            self.beat(*seats)
            self._follow(self.core.look(self.now))

    def _follow(self, events: list[Any]) -> None:
        for event in events:
            self.told.append(event)
            self.desk.follow(event)

    def orders(self) -> list[PtzOrder]:
        return self.desk.take_orders(self.now)

    @property
    def holder(self) -> str:
        lease = self.room.ptz.leases.get("dome")
        return "" if lease is None else lease.seat

    def ends(self) -> list[LeaseEnd | None]:
        return [e.lease.ended for e in self.told if isinstance(e, PtzLeaseChanged) and e.lease.ended is not None]

    def deeds(self) -> list[PtzDeed]:
        return [e.act.deed for e in self.told if isinstance(e, PtzActed)]


def test_only_the_holder_moves_a_camera_and_a_refusal_names_the_holder() -> None:
    desks = Desks()
    with pytest.raises(Refuse, match="take it first"):
        desks.steer(pan=1.0)
    desks.do(TakePtz(camera="dome", reason="围观"))
    refusal = desks.refused(TakePtz(camera="dome"), "two")
    assert refusal.code is Refusal.NOT_ALLOWED and "王one (one) holds 黄村路口 until 12:05:00" in refusal.text
    with pytest.raises(Refuse, match="王one"):
        desks.steer("two", pan=1.0)
    desks.orders()
    desks.steer(pan=0.5)
    assert [(o.act, o.pan) for o in desks.orders()] == [("steer", 0.5)]
    assert desks.refused(TakePtz(camera="fixed")).code is Refusal.NOT_ALLOWED


def test_movements_are_one_line_of_the_log_for_a_stretch() -> None:
    desks = Desks()
    desks.do(TakePtz(camera="dome"))
    for _k in range(20):
        desks.steer(pan=1.0)
        desks.wait(1)
    assert desks.deeds() == [PtzDeed.MOVED]
    desks.wait(15)
    desks.steer(tilt=-1.0)
    assert desks.deeds() == [PtzDeed.MOVED, PtzDeed.MOVED]
    desks.steer()
    assert desks.deeds() == [PtzDeed.MOVED, PtzDeed.MOVED], "a stop is no movement"


def test_an_idle_lease_and_one_of_a_lost_seat_end_by_themselves() -> None:
    desks = Desks()
    desks.do(TakePtz(camera="dome"))
    desks.wait(59)
    assert desks.holder == "one"
    desks.wait(1)
    assert desks.ends() == [LeaseEnd.IDLE]
    assert desks.orders()[-1].act == "close"
    desks.do(TakePtz(camera="dome"))
    desks.wait(12, "two", "lead")
    assert desks.ends()[-1] is LeaseEnd.GONE


def test_a_lease_ends_at_its_time_even_while_the_camera_is_moved() -> None:
    desks = Desks()
    desks.do(TakePtz(camera="dome"))
    for _k in range(290):
        desks.steer(pan=0.1)
        desks.wait(1)
    desks.do(TakePtz(camera="dome"))
    for _k in range(299):
        desks.steer(pan=0.1)
        desks.wait(1)
    assert desks.holder == "one"
    desks.wait(1)
    assert desks.ends() == [LeaseEnd.OVER]


def test_a_commander_takes_over_with_a_reason_and_the_loser_is_told() -> None:
    desks = Desks()
    desks.do(TakePtz(camera="dome"))
    assert desks.refused(TakePtz(camera="dome", over=True, reason="急"), "two").code is Refusal.NOT_ALLOWED
    assert desks.refused(TakePtz(camera="dome", over=True, reason=" "), "lead").code is Refusal.REASON_REQUIRED
    desks.do(TakePtz(camera="dome", over=True, reason="危化品泄漏"), "lead")
    lost = next(e.lease for e in desks.told if isinstance(e, PtzLeaseChanged) and e.lease.ended)
    assert (lost.seat, lost.ended, lost.ended_by, lost.ended_why) == ("one", LeaseEnd.TAKEN, "王lead", "危化品泄漏")
    assert desks.holder == "lead"
    assert desks.refused(TakePtz(camera="dome", over=True, reason="要"), "one").code is Refusal.NOT_ALLOWED


def test_who_asked_gets_it_when_it_is_handed_on_or_given_back() -> None:
    desks = Desks()
    desks.do(TakePtz(camera="dome"))
    desks.do(AskPtz(camera="dome", reason="看桥"), "two")
    assert [ask.seat for ask in desks.room.ptz.leases["dome"].asks] == ["two"]
    desks.do(AnswerPtz(camera="dome", to="two", hand=True))
    assert desks.holder == "two" and desks.ends() == [LeaseEnd.HANDED]
    desks.do(AskPtz(camera="dome"), "one")
    desks.do(ReleasePtz(camera="dome"), "two")
    assert desks.holder == "one"
    desks.do(AskPtz(camera="dome"), "two")
    desks.do(AnswerPtz(camera="dome", to="two", hand=False))
    assert desks.room.ptz.leases["dome"].asks == ()
    assert desks.refused(AnswerPtz(camera="dome", to="nobody", hand=True)).code is Refusal.UNKNOWN_OBJECT
    desks.do(AskPtz(camera="dome"), "two")
    desks.wait(21)
    assert desks.room.ptz.leases["dome"].asks == (), "a question that nobody answers lapses"
    assert desks.refused(AskPtz(camera="dome")).code is Refusal.ALREADY_DONE


def test_presets_are_gone_to_saved_renamed_and_removed() -> None:
    desks = Desks()
    desks.do(TakePtz(camera="dome"))
    desks.orders()
    desks.do(GoToPreset(camera="dome", preset="t2"))
    desks.do(GoToPreset(camera="dome", preset="home"))
    desks.do(SavePreset(camera="dome", name="广场"))
    desks.do(RenamePreset(camera="dome", preset="t1", name="路口东"))
    assert [(o.act, o.preset) for o in desks.orders()] == [("go", "t2"), ("home", ""), ("save", "")]
    assert desks.refused(GoToPreset(camera="dome", preset="t9")).code is Refusal.UNKNOWN_OBJECT
    # What the camera tells goes on having its own name where nobody gave one.
    told = (*DOME.presets, Preset(token="t3", name="广场"))
    desks.desk.answer(TellPtz(units=(msgspec.structs.replace(DOME, presets=told),)), desks.now)
    assert [p.name for p in desks.room.ptz.units["dome"].presets] == ["路口东", "桥下", "广场"]
    desks.do(SetPtzGuard(camera="dome", preset="t2", after_s=5))
    assert desks.refused(RemovePreset(camera="dome", preset="t2")).code is Refusal.NOT_ALLOWED
    desks.do(RemovePreset(camera="dome", preset="t1"))
    assert [p.token for p in desks.room.ptz.units["dome"].presets] == ["t2", "t3"]


def test_presets_of_a_camera_that_lists_none_are_numbered_and_kept_by_the_hub() -> None:
    desks = Desks()
    plain = tuple(ability for ability in ALL if ability is not Ability.LISTED)
    desks.desk.answer(TellPtz(units=(msgspec.structs.replace(DOME, abilities=plain, presets=()),)), desks.now)
    desks.do(TakePtz(camera="dome"))
    assert desks.do(SavePreset(camera="dome", name="a")) == "1"
    assert desks.do(SavePreset(camera="dome", name="b")) == "2"
    desks.desk.answer(TellPtz(units=(msgspec.structs.replace(DOME, abilities=plain, presets=()),)), desks.now)
    assert [p.name for p in desks.room.ptz.units["dome"].presets][-2:] == ["a", "b"]


def test_after_the_last_lease_a_camera_goes_back_to_its_guard() -> None:
    desks = Desks()
    desks.do(TakePtz(camera="dome"))
    desks.do(SetPtzGuard(camera="dome", preset="t1", after_s=5))
    desks.steer(pan=1.0)
    desks.do(ReleasePtz(camera="dome"))
    desks.orders()
    desks.wait(4)
    assert desks.orders() == []
    desks.wait(4)
    assert [(o.act, o.preset) for o in desks.orders()] == [("go", "t1")]
    assert desks.deeds().count(PtzDeed.GUARD) == 1
    desks.wait(30)
    assert desks.deeds().count(PtzDeed.GUARD) == 1


def test_a_patrol_goes_round_until_somebody_moves_the_camera() -> None:
    desks = Desks()
    desks.do(TakePtz(camera="dome"))
    desks.do(StartPatrol(camera="dome", presets=("t1", "t2"), dwell_s=10))
    desks.orders()
    went = []
    for _k in range(100):
        desks.wait(1)
        went += [o.preset for o in desks.orders()]
    assert went[:4] == ["t1", "t2", "t1", "t2"] and len(went) == 11
    assert desks.holder == "one", "a patrol is not idle"
    desks.steer(pan=1.0)
    assert desks.room.ptz.leases["dome"].patrol is None
    assert desks.refused(StopPatrol(camera="dome")).code is Refusal.ALREADY_DONE


def alarm(key: str = "a") -> AlarmRecord:
    return AlarmRecord(key=key, severity=2, title="积水", occurred_at=NOON, point=NEAR)


def rule_on(desks: Desks) -> None:
    desks.wait(1)
    shipped = desks.room.ptz.rules["house-turn"]
    desks.do(SetPtzRule(rule=msgspec.structs.replace(shipped, enabled=True)))


def test_a_rule_turns_the_nearest_camera_to_the_alarm_and_home_again() -> None:
    desks = Desks()
    rule_on(desks)
    desks.orders()
    desks.core.record("s", alarm(), "WGS-84", desks.now)
    desks.wait(1)
    (order,) = desks.orders()
    assert order.act == "pose" and order.pose is not None and order.pose.pan_deg == pytest.approx(0.0, abs=1e-6)
    desks.core.record("s", ClearRecord(key="a", occurred_at=desks.now), "WGS-84", desks.now)
    desks.wait(119)
    assert desks.orders() == []
    desks.wait(3)
    assert [o.act for o in desks.orders()] == ["home"]
    assert desks.refused(RemovePtzRule(rule="house-turn")).code is Refusal.NOT_ALLOWED


def test_a_rule_never_moves_a_camera_that_somebody_holds() -> None:
    desks = Desks()
    rule_on(desks)
    desks.do(TakePtz(camera="dome"))
    desks.orders()
    desks.core.record("s", alarm(), "WGS-84", desks.now)
    desks.wait(5)
    assert desks.orders() == [] and desks.deeds() == [PtzDeed.WITHHELD]
    desks.do(ReleasePtz(camera="dome"))
    desks.wait(1)
    assert [o.act for o in desks.orders()] == ["close", "pose"], "it goes there once nobody holds the camera"


def test_a_rule_that_names_a_preset_must_name_one_there_is() -> None:
    desks = Desks()
    wrong = PtzRule(id="r", name="r", camera="dome", preset="t9", alarm=AlarmWanted())
    assert desks.refused(SetPtzRule(rule=wrong)).code is Refusal.UNKNOWN_OBJECT
    desks.do(SetPtzRule(rule=msgspec.structs.replace(wrong, preset="t1", enabled=True)))
    desks.orders()
    desks.core.record("s", alarm(), "WGS-84", desks.now)
    desks.wait(1)
    assert [(o.act, o.preset) for o in desks.orders()] == [("go", "t1")]
    desks.do(TakePtz(camera="dome"))
    assert desks.refused(RemovePreset(camera="dome", preset="t1")).code is Refusal.NOT_ALLOWED


def test_turning_to_a_place_needs_angles() -> None:
    desks = Desks()
    desks.do(TakePtz(camera="dome"))
    desks.do(TurnTo(camera="dome", point=NEAR))
    assert desks.orders()[-1].pose is not None
    steered = msgspec.structs.replace(DOME, abilities=(Ability.CONTINUOUS,))
    desks.desk.answer(TellPtz(units=(steered,)), desks.now)
    assert desks.refused(TurnTo(camera="dome", point=NEAR)).code is Refusal.NOT_ALLOWED
    with pytest.raises(Refuse, match="cannot be sent to an angle"):
        desks.desk.answer(CentrePtz(camera="dome", seat="one", officer="王", box=(0.1, 0.1, 0.1, 0.1)), desks.now)


def test_an_adapter_that_is_silent_is_told_and_what_was_ordered_meanwhile_is_forgotten() -> None:
    desks = Desks()
    desks.do(TakePtz(camera="dome"))
    desks.now += timedelta(seconds=6)
    with pytest.raises(Refuse, match="no PTZ adapter answers"):
        desks.steer(pan=1.0)
    desks.do(GoToPreset(camera="dome", preset="t1"))
    assert desks.orders() == []
    desks.beat()
    assert [o.act for o in desks.orders()] == ["open"], "a new adapter learns which cameras are held"


def test_a_camera_that_does_not_answer_keeps_what_was_known_of_it() -> None:
    desks = Desks()
    desks.desk.answer(TellPtz(units=(PtzUnit(camera="dome", trouble=PtzTrouble.SLOW),)), desks.now)
    unit = desks.room.ptz.units["dome"]
    assert unit.trouble and unit.presets == DOME.presets and unit.pose == DOME.pose
    with pytest.raises(Refuse):
        desks.desk.answer(TellPtz(units=(PtzUnit(camera="fixed"),)), desks.now)


def test_a_camera_that_was_turned_on_purpose_is_not_told_as_moved() -> None:
    desks = Desks()
    moved = TellPicture(camera="dome", faults=[PictureFault.MOVED, PictureFault.TINTED], seen_at=NOON)
    desks.do(TakePtz(camera="dome"))
    desks.steer(pan=1.0)
    desks.do(ReleasePtz(camera="dome"))
    desks.do(moved)
    assert desks.room.cameras["dome"].faults == (PictureFault.TINTED,) and not desks.room.alarms
    desks.now += timedelta(seconds=700)
    desks.do(moved)
    assert PictureFault.MOVED in desks.room.cameras["dome"].faults and len(desks.room.alarms) == 1


def test_a_drill_moves_no_camera() -> None:
    core = Core("drill/a", Room())
    with pytest.raises(Refuse):
        PtzDesk(core).answer(SteerPtz(camera="dome", seat="one", officer="王"), NOON)
    with pytest.raises(Refuse):
        carry_out(core.room, Command(id="c", seat="o", officer="w", body=TakePtz(camera="dome")), NOON, True)


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


def test_a_lease_and_a_guard_survive_the_end_of_the_hub_and_the_seat(tmp_path: Path) -> None:
    hub = HubProcess(tmp_path)
    try:
        with source_of(hub.ports.ingest) as source:
            dome = {"id": "dome", "name": "路口", "ptz": "onvif:http://127.0.0.1:9/x", "point": [116.4, 39.6]}
            source.hand_in({"type": "cameras", "cameras": [dome]})
        with seat_on(hub.ports.requests) as seat:
            seat.until(lambda: "dome" in seat.mirror.room.cameras)
            take = Command(id="1", seat="one", officer="王", body=TakePtz(camera="dome", reason="看"))
            assert isinstance(seat.link.ask(take).result(WAIT_S), Done)
            hub.kill()
            hub.restart()
            seat.until(lambda: "dome" in seat.mirror.room.ptz.leases)
            assert seat.mirror.room.ptz.leases["dome"].reason == "看"
            # The seat never said that it is there: it is gone, and the camera is free by itself.
            seat.until(lambda: "dome" not in seat.mirror.room.ptz.leases)
    finally:
        hub.close()
