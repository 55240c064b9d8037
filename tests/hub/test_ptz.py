"""Steerable cameras at the hub: one holder at a time, what it may do, and what stays when processes end."""

from pathlib import Path

import msgspec
import pytest

from controlroom.domain.events import PtzLeaseChanged
from controlroom.domain.ptz import Ability, LeaseEnd, Preset, PtzDeed, PtzTrouble, PtzUnit
from controlroom.domain.ptz_state import picture_key
from controlroom.domain.room import Room
from controlroom.hub.refusal import Refuse
from controlroom.wire.messages import Command, Done, Refusal
from controlroom.wire.ptz import (
    AnswerPtz,
    AskPtz,
    GoToPreset,
    ReleasePtz,
    RemovePreset,
    RenamePreset,
    SavePreset,
    SetPtzGuard,
    TakePtz,
    TellPtz,
)
from tests.hub.ptz_desks import ALL, DOME, Desks
from tests.rooms import WAIT_S, HubProcess, seat_on, source_of


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


def test_the_picture_of_a_preset_is_the_rooms_and_goes_where_its_preset_goes() -> None:
    desks = Desks()
    desks.do(TakePtz(camera="dome"))

    def held() -> dict[str, bytes]:
        copy = Room()
        copy.restore(desks.room.sequence, iter(list(desks.room.snapshot())))
        assert copy.digest() == desks.room.digest()
        return {picture.name: picture.picture for picture in copy.ptz.pictures.values()}

    desks.do(SavePreset(camera="dome", name="路口", preset="t1", picture=b"one"))
    desks.do(SavePreset(camera="dome", name="新", picture=b"two"))
    assert held() == {"路口": b"one", "新": b"two"}
    assert desks.room.ptz.pictures[picture_key("dome", "新")].at == desks.now
    desks.do(RenamePreset(camera="dome", preset="t1", name="北口"))
    assert held() == {"北口": b"one", "新": b"two"}
    desks.desk.answer(TellPtz(units=(PtzUnit(camera="dome", trouble=PtzTrouble.UNREACHABLE),)), desks.now)
    assert held() == {"北口": b"one", "新": b"two"}, "a camera that does not answer loses no picture"
    desks.desk.answer(TellPtz(units=(DOME,)), desks.now)
    desks.do(SavePreset(camera="dome", name="北口", preset="t1"))
    assert held() == {"新": b"two"}, "an old picture would show what it looks at no longer"
    desks.do(SavePreset(camera="dome", name="南口", preset="t2", picture=b"three"))
    desks.do(RemovePreset(camera="dome", preset="t2"))
    assert held() == {"新": b"two"}


def test_presets_of_a_camera_that_lists_none_are_numbered_and_kept_by_the_hub() -> None:
    desks = Desks()
    plain = tuple(ability for ability in ALL if ability is not Ability.LISTED)
    desks.desk.answer(TellPtz(units=(msgspec.structs.replace(DOME, abilities=plain, presets=()),)), desks.now)
    desks.do(TakePtz(camera="dome"))
    assert desks.do(SavePreset(camera="dome", name="a")) == "1"
    assert desks.do(SavePreset(camera="dome", name="b")) == "2"
    desks.desk.answer(TellPtz(units=(msgspec.structs.replace(DOME, abilities=plain, presets=()),)), desks.now)
    assert [p.name for p in desks.room.ptz.units["dome"].presets][-2:] == ["a", "b"]


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
