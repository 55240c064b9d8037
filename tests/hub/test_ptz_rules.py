"""Steerable cameras that move by themselves, to guards, round patrols, by rules: never against a holder."""

from datetime import timedelta

import msgspec
import pytest

from controlroom.domain.camera import PictureFault
from controlroom.domain.ptz import Ability, PtzDeed, PtzTrouble, PtzUnit
from controlroom.domain.ptz_rules import PtzRule
from controlroom.domain.room import Room
from controlroom.domain.wall_rules import AlarmWanted
from controlroom.hub.commands import carry_out
from controlroom.hub.core import Core
from controlroom.hub.ptz_desk import PtzDesk
from controlroom.hub.refusal import Refuse
from controlroom.wire.messages import AlarmRecord, ClearRecord, Command, Refusal
from controlroom.wire.pictures import TellPicture
from controlroom.wire.ptz import (
    CentrePtz,
    GoToPreset,
    ReleasePtz,
    RemovePreset,
    RemovePtzRule,
    SetPtzGuard,
    SetPtzRule,
    StartPatrol,
    SteerPtz,
    StopPatrol,
    TakePtz,
    TellPtz,
    TurnTo,
)
from tests.hub.ptz_desks import DOME, NEAR, Desks
from tests.rooms import NOON


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
