"""A room with a steerable camera and seats that command it."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from controlroom.domain.camera import Camera
from controlroom.domain.duty import Duty
from controlroom.domain.events import DutyChanged, PtzActed, PtzLeaseChanged
from controlroom.domain.place import Point
from controlroom.domain.ptz import Ability, LeaseEnd, Pose, Preset, PtzDeed, PtzUnit
from controlroom.domain.room import Room
from controlroom.domain.seating import EVERYTHING
from controlroom.hub.commands import carry_out
from controlroom.hub.core import Core
from controlroom.hub.plans import district_plans
from controlroom.hub.ptz_desk import PtzDesk
from controlroom.hub.refusal import Refuse
from controlroom.wire.messages import CamerasRecord, Command
from controlroom.wire.ptz import (
    PtzAdapterHere,
    PtzOrder,
    SteerPtz,
    TellPtz,
)
from tests.rooms import NOON

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
