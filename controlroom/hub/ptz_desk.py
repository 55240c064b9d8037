"""Passes movements from the seat that holds a camera to the adapter that moves it, and takes what that reports."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from controlroom.domain.camera import Camera
from controlroom.domain.events import Event, PtzActed, PtzLeaseChanged, PtzUnitChanged
from controlroom.domain.ptz import Ability, Preset, PtzAct, PtzDeed, PtzLease, PtzUnit
from controlroom.domain.ptz_rules import HOME
from controlroom.hub.core import Core, timely
from controlroom.hub.ptz_commands import held_by, steerable
from controlroom.hub.refusal import Refuse
from controlroom.wire.messages import Refusal
from controlroom.wire.ptz import (
    CentrePtz,
    PtzAdapterHere,
    PtzAnswer,
    PtzNoted,
    PtzOrder,
    PtzOrders,
    PtzQuestion,
    PtzWork,
    SteerPtz,
    TellPtz,
)

SILENT_AFTER = timedelta(seconds=5)
"""An adapter that was not heard for so long is gone; it greets every second."""
_NOTED = PtzNoted()


class PtzDesk:
    """The hub's side of steering; orders gather until the server sends them. One thread owns an instance."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.orders: list[PtzOrder] = []
        self._heard_at: datetime | None = None
        self._open: set[str] = set()

    def answer(self, question: PtzQuestion, now: datetime) -> tuple[PtzAnswer, list[Event]]:
        """What one question leads to: the answer, and events that are folded already. Raises Refuse."""
        if self._core.drilling:
            raise Refuse(Refusal.WRONG_REALM, "a drill moves no camera")
        match question:
            case SteerPtz():
                return _NOTED, self._steer(question, now)
            case CentrePtz():
                return _NOTED, self._centre(question, now)
            case PtzAdapterHere():
                return self._greeted(now), []
            case TellPtz(units=units):
                return _NOTED, self._core.fold(self._told(units))

    def heard(self, now: datetime) -> bool:
        """Whether there is an adapter that takes orders."""
        return self._heard_at is not None and now - self._heard_at < SILENT_AFTER

    def follow(self, event: Event) -> None:
        """Order what an event of the log means for its camera."""
        if isinstance(event, PtzActed):
            self._carry(event.act)
        elif isinstance(event, PtzLeaseChanged):
            lease = event.lease
            if lease.ended is not None:
                self._open.discard(lease.camera)
                self._order(lease.camera, "close")
            elif lease.camera not in self._open:
                self._open.add(lease.camera)
                self._order(lease.camera, "open")

    def take_orders(self, now: datetime) -> list[PtzOrder]:
        """What is to be sent now; nothing is kept for an adapter that is not there: a late movement is none."""
        for camera, preset in self._core.ptz.steps:
            self._order(camera, "go", preset=preset)
        self._core.ptz.steps.clear()
        orders, self.orders = self.orders, []
        return orders if self.heard(now) else []

    # ------------------------------------------------------------ seats

    def _steer(self, asked: SteerPtz, now: datetime) -> list[Event]:
        lease = self._allowed(asked.camera, asked.seat, now)
        speeds = (asked.pan, asked.tilt, asked.zoom, asked.focus, asked.iris)
        self._order(
            asked.camera,
            "steer",
            pan=asked.pan,
            tilt=asked.tilt,
            zoom=asked.zoom,
            focus=asked.focus,
            iris=asked.iris,
        )
        return self._used(lease, asked.officer, PtzDeed.MOVED, now) if any(speeds) else []

    def _centre(self, asked: CentrePtz, now: datetime) -> list[Event]:
        lease = self._allowed(asked.camera, asked.seat, now)
        camera = self._core.room.cameras[asked.camera]
        unit = self._core.room.ptz.units.get(asked.camera)
        if unit is None or not unit.can(Ability.ABSOLUTE):
            raise Refuse(Refusal.NOT_ALLOWED, f"{camera.name} cannot be sent to an angle, steer it with the keys")
        self._order(asked.camera, "box", box=asked.box, aspect=asked.aspect)
        return self._used(lease, asked.officer, PtzDeed.CENTRED, now)

    def _allowed(self, camera: str, seat: str, now: datetime) -> PtzLease:
        """The lease of the seat on a camera that can be reached. Raises Refuse."""
        steerable(self._core.room, camera)
        lease = held_by(self._core.room, camera, seat)
        if now >= lease.until:
            raise Refuse(Refusal.NOT_ALLOWED, "the time of this camera is up: take it again")
        if not self.heard(now):
            raise Refuse(Refusal.NOT_ALLOWED, "no PTZ adapter answers: start controlroom ptz")
        return lease

    def _used(self, lease: PtzLease, officer: str, deed: PtzDeed, now: datetime) -> list[Event]:
        """Note the movement; the first of a stretch goes into the log, and ends a patrol."""
        watch, before = self._core.ptz, self._core.ptz.used.get(lease.camera)
        watch.moved(lease, now)
        events: list[Event] = []
        if lease.patrol is not None:
            events.append(PtzLeaseChanged(msgspec.structs.replace(lease, patrol=None, used_at=now)))
        last = self._core.room.ptz.acts.get(lease.camera)
        same = last is not None and (last.deed, last.seat) == (deed, lease.seat)
        stretch = timedelta(seconds=watch.figures.stretch_s)
        if before is None or not same or now - before >= stretch:
            act = PtzAct(camera=lease.camera, deed=deed, at=now, seat=lease.seat, officer=officer)
            events.append(PtzActed(act))
        return self._core.fold(events)

    # ------------------------------------------------------------ adapter

    def _greeted(self, now: datetime) -> PtzOrders:
        """An adapter that is new learns which cameras are held."""
        is_new = not self.heard(now)
        self._heard_at = now
        if is_new:
            self._open = set(self._core.room.ptz.leases)
            for camera in self._core.room.ptz.leases:
                self._order(camera, "open")
        return PtzOrders(orders=())

    def _told(self, units: tuple[PtzUnit, ...]) -> list[Event]:
        events: list[Event] = []
        for told in units:
            timely(told.seen_at)
            camera = self._core.room.cameras.get(told.camera)
            if camera is None or not camera.ptz:
                raise Refuse(Refusal.UNKNOWN_OBJECT, f"no steerable camera {told.camera} was declared")
            held = self._core.room.ptz.units.get(told.camera) or PtzUnit(camera=told.camera)
            merged = _merged(held, told)
            if merged != msgspec.structs.replace(held, seen_at=merged.seen_at):
                events.append(PtzUnitChanged(merged))
        return events

    # ------------------------------------------------------------ orders

    def _carry(self, act: PtzAct) -> None:
        match act.deed:
            case PtzDeed.WENT:
                self._order(act.camera, "go", preset=act.preset)
            case PtzDeed.HOME:
                self._order(act.camera, "home")
            case PtzDeed.GUARD:
                self._order(act.camera, "home" if act.preset == HOME else "go", preset=act.preset)
            case PtzDeed.TURNED:
                self._order(act.camera, "pose", pose=act.pose)
            case PtzDeed.SAVED:
                self._order(act.camera, "save", preset=act.preset, name=act.name)
            case PtzDeed.REMOVED:
                self._order(act.camera, "remove", preset=act.preset)

    def _order(self, camera: str, act: PtzWork, **more: Any) -> None:
        held: Camera | None = self._core.room.cameras.get(camera)
        if held is not None and held.ptz:
            order = PtzOrder(camera=camera, address=held.ptz, act=act, wide_deg=held.view_deg, **more)
            self.orders.append(order)


def _merged(held: PtzUnit, told: PtzUnit) -> PtzUnit:
    """What an adapter told over what the hub knows: guards, names given here and where presets look are the hub's."""
    known = {preset.token: preset for preset in held.presets}
    if not told.can(Ability.LISTED):
        listed = {preset.token: _preset(known.get(preset.token), preset) for preset in told.presets}
        presets = tuple((known | listed).values())
    else:
        presets = tuple(_preset(known.get(preset.token), preset) for preset in told.presets)
    if told.trouble and not told.abilities:
        # Nothing was learnt of a camera that does not answer.
        return msgspec.structs.replace(held, trouble=told.trouble, detail=told.detail, is_moving=False)
    return msgspec.structs.replace(
        told, presets=presets, guard=held.guard, guard_after_s=held.guard_after_s, pose=told.pose or held.pose
    )


def _preset(known: Preset | None, told: Preset) -> Preset:
    if known is None:
        return told
    name = known.name if known.is_ours else told.name
    return msgspec.structs.replace(told, name=name, pose=told.pose or known.pose, is_ours=known.is_ours)
