"""What officers may command about steerable cameras, as functions of the room."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from controlroom.domain import ptz_lease
from controlroom.domain.camera import Camera
from controlroom.domain.events import Event, PresetPictured, PtzActed, PtzLeaseChanged, PtzRuleChanged, PtzUnitChanged
from controlroom.domain.place import Point
from controlroom.domain.ptz import (
    PRESETS_MOST,
    Ability,
    LeaseEnd,
    Patrol,
    Pose,
    Preset,
    PresetPicture,
    PtzAct,
    PtzDeed,
    PtzLease,
    PtzUnit,
)
from controlroom.domain.ptz_aim import facing
from controlroom.domain.ptz_lease import Claim, Held, PtzFigures
from controlroom.domain.ptz_rules import HOME
from controlroom.domain.ptz_state import picture_key
from controlroom.domain.room import Room
from controlroom.hub.refusal import Refuse
from controlroom.hub.times import BEIJING
from controlroom.wire.messages import Command, Refusal
from controlroom.wire.ptz import (
    AnswerPtz,
    AskPtz,
    GoToPreset,
    PtzCommand,
    ReleasePtz,
    RemovePreset,
    RemovePtzRule,
    RenamePreset,
    SavePreset,
    SetPtzGuard,
    SetPtzRule,
    StartPatrol,
    StopPatrol,
    TakePtz,
    TurnTo,
)

RULES_MOST = 200
SHIPPED = "house-"
"""What the ids of the program's own rules begin with."""


def command_ptz(
    room: Room, command: Command, now: datetime, figures: PtzFigures, drilling: bool
) -> tuple[list[Event], str] | None:
    """The outcome of a command about steerable cameras, or None when it is another one. Raises Refuse."""
    if not isinstance(command.body, PtzCommand):
        return None
    if drilling:
        raise Refuse(Refusal.WRONG_REALM, "a drill moves no camera")
    return _CARRIED_OUT[type(command.body)](room, command, command.body, now, figures)


def held_by(room: Room, camera: str, seat: str) -> PtzLease:
    """The lease by which a seat holds a camera. Raises Refuse that names who holds it."""
    lease = room.ptz.leases.get(camera)
    if lease is None:
        raise Refuse(Refusal.NOT_ALLOWED, f"nobody holds {_name(room, camera)}: take it first")
    if lease.seat != seat:
        raise _refused(room, lease)
    return lease


def steerable(room: Room, identity: str) -> Camera:
    """A camera that can be steered at all. Raises Refuse."""
    camera = room.cameras.get(identity)
    if camera is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"no camera {identity} was declared")
    if not camera.ptz:
        raise Refuse(Refusal.NOT_ALLOWED, f"{camera.name} has no pan and tilt")
    return camera


def claim_of(room: Room, seat: str, officer: str, reason: str, figures: PtzFigures) -> Claim:
    """Who wants a camera, with the role that the duty roster gives them."""
    roles = [role for role in figures.roles if role in room.duties and officer in room.duties[role].officers]
    rank = 1 + max((figures.roles.index(role) for role in roles), default=-1)
    commands = any(role in figures.commanders for role in roles)
    return Claim(seat=seat, officer=officer, rank=rank, reason=reason.strip(), commands=commands)


def act_of(command: Command, camera: str, deed: PtzDeed, now: datetime, **more: Any) -> PtzActed:
    """What an officer did, for the log."""
    return PtzActed(PtzAct(camera=camera, deed=deed, at=now, seat=command.seat, officer=command.officer, **more))


def free_token(unit: PtzUnit) -> str:
    """The lowest number that no preset has (GB/T 28181-2022 A.3.4 numbers them 1 to 255). Raises Refuse."""
    used = {preset.token for preset in unit.presets}
    token = next((str(k) for k in range(1, PRESETS_MOST + 1) if str(k) not in used), "")
    if not token:
        raise Refuse(Refusal.TOO_LARGE, f"{PRESETS_MOST} presets are saved, remove old ones first")
    return token


Outcome = tuple[list[Event], str]


def _take(room: Room, command: Command, body: TakePtz, now: datetime, figures: PtzFigures) -> Outcome:
    steerable(room, body.camera)
    held = room.ptz.leases.get(body.camera)
    claim = claim_of(room, command.seat, command.officer, body.reason, figures)
    try:
        if held is not None and body.over and held.seat != command.seat:
            leases = _over(room, held, claim, now, figures)
        else:
            leases = ptz_lease.taken(held, body.camera, claim, now, figures)
    except Held as other:
        raise _refused(room, other.lease) from other
    return [PtzLeaseChanged(lease) for lease in leases], ""


def _over(room: Room, held: PtzLease, claim: Claim, now: datetime, figures: PtzFigures) -> list[PtzLease]:
    if not claim.reason:
        raise Refuse(Refusal.REASON_REQUIRED, "a camera is taken from somebody for a reason")
    if not claim.commands or claim.rank <= held.rank:
        raise Refuse(
            Refusal.NOT_ALLOWED,
            f"{held.officer} ({held.seat}) holds {_name(room, held.camera)}; "
            "only a commander on duty with a higher role may take it",
        )
    return ptz_lease.taken_over(held, claim, now, figures)


def _ask(room: Room, command: Command, body: AskPtz, now: datetime, figures: PtzFigures) -> Outcome:
    steerable(room, body.camera)
    held = room.ptz.leases.get(body.camera)
    if held is None:
        return _take(room, command, TakePtz(camera=body.camera, reason=body.reason), now, figures)
    claim = claim_of(room, command.seat, command.officer, body.reason, figures)
    try:
        return [PtzLeaseChanged(ptz_lease.asked(held, claim, now, figures))], ""
    except Held as other:
        if held.seat == command.seat:
            raise Refuse(Refusal.ALREADY_DONE, "this seat holds the camera already") from other
        raise _refused(room, held) from other


def _answer(room: Room, command: Command, body: AnswerPtz, now: datetime, figures: PtzFigures) -> Outcome:
    held = held_by(room, body.camera, command.seat)
    ask = next((ask for ask in held.asks if ask.seat == body.to), None)
    if not body.hand:
        if ask is None:
            raise Refuse(Refusal.ALREADY_DONE, f"{body.to} asks no longer")
        return [PtzLeaseChanged(ptz_lease.declined(held, body.to))], ""
    if body.to == command.seat or body.to not in room.seats:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"the seat {body.to} is not there to get it")
    officer = ask.officer if ask is not None else room.seats[body.to].officer
    claim = claim_of(room, body.to, officer, ask.reason if ask is not None else "", figures)
    return [PtzLeaseChanged(lease) for lease in ptz_lease.handed(held, claim, now, figures)], ""


def _release(room: Room, command: Command, body: ReleasePtz, now: datetime, figures: PtzFigures) -> Outcome:
    held = held_by(room, body.camera, command.seat)
    return [PtzLeaseChanged(lease) for lease in let_go(room, held, LeaseEnd.RELEASED, now, figures)], ""


def let_go(room: Room, held: PtzLease, how: LeaseEnd, now: datetime, figures: PtzFigures) -> list[PtzLease]:
    """The ended lease, and that of who asked first and is still there."""
    following = ptz_lease.next_of(held, room.seats.keys() - {held.seat}, now)
    if following is None:
        return [ptz_lease.ended(held, how, now)]
    claim = claim_of(room, following.seat, following.officer, following.reason, figures)
    kept = tuple(ask for ask in held.asks if ask.seat != following.seat)
    over = ptz_lease.ended(held, how, now, following.officer)
    return [over, msgspec.structs.replace(ptz_lease.granted(held.camera, claim, now, figures), asks=kept)]


def _go(room: Room, command: Command, body: GoToPreset, now: datetime, _figures: PtzFigures) -> Outcome:
    steerable(room, body.camera)
    lease = held_by(room, body.camera, command.seat)
    unit = _unit(room, body.camera)
    if body.preset == HOME and unit.can(Ability.HOME):
        return _moved(lease, now, act_of(command, body.camera, PtzDeed.HOME, now))
    preset = _preset(room, unit, body.preset)
    act = act_of(command, body.camera, PtzDeed.WENT, now, preset=preset.token, name=preset.name)
    return _moved(lease, now, act)


def _save(room: Room, command: Command, body: SavePreset, now: datetime, _figures: PtzFigures) -> Outcome:
    steerable(room, body.camera)
    held_by(room, body.camera, command.seat)
    unit, name = _unit(room, body.camera), body.name.strip()
    if not unit.can(Ability.PRESETS):
        raise Refuse(Refusal.NOT_ALLOWED, f"{_name(room, body.camera)} keeps no presets")
    if not name:
        raise Refuse(Refusal.REASON_REQUIRED, "a preset has a name")
    if not body.preset and len(unit.presets) >= PRESETS_MOST:
        raise Refuse(Refusal.TOO_LARGE, f"{PRESETS_MOST} presets are saved, remove old ones first")
    token = _preset(room, unit, body.preset).token if body.preset else ""
    events: list[Event] = []
    if not unit.can(Ability.LISTED):
        token = token or free_token(unit)
        made = Preset(token=token, name=name, pose=unit.pose, is_ours=True)
        events.append(PtzUnitChanged(_with(unit, made)))
    elif token:
        made = msgspec.structs.replace(_preset(room, unit, token), name=name, pose=unit.pose, is_ours=True)
        events.append(PtzUnitChanged(_with(unit, made)))
    if body.preset and _preset(room, unit, body.preset).name != name:
        events += _pictured(room, body.camera, _preset(room, unit, body.preset).name, "", now)
    if body.picture or picture_key(body.camera, name) in room.ptz.pictures:
        # Without a picture of now the old one would show what the preset looks at no longer.
        events.append(PresetPictured(PresetPicture(camera=body.camera, name=name, picture=body.picture, at=now)))
    events.append(act_of(command, body.camera, PtzDeed.SAVED, now, preset=token, name=name))
    return events, token


def _rename(room: Room, command: Command, body: RenamePreset, now: datetime, _figures: PtzFigures) -> Outcome:
    steerable(room, body.camera)
    held_by(room, body.camera, command.seat)
    unit, name = _unit(room, body.camera), body.name.strip()
    preset = _preset(room, unit, body.preset)
    if not name:
        raise Refuse(Refusal.REASON_REQUIRED, "a preset has a name")
    changed = _with(unit, msgspec.structs.replace(preset, name=name, is_ours=True))
    act = act_of(command, body.camera, PtzDeed.RENAMED, now, preset=preset.token, name=name)
    moved = [] if name == preset.name else _pictured(room, body.camera, preset.name, name, now)
    return [PtzUnitChanged(changed), *moved, act], ""


def _pictured(room: Room, camera: str, name: str, becomes: str, now: datetime) -> list[Event]:
    """A preset's picture goes, or goes over to another name."""
    held = room.ptz.pictures.get(picture_key(camera, name))
    if held is None:
        return []
    gone = PresetPictured(PresetPicture(camera=camera, name=name, picture=b"", at=now))
    return [PresetPictured(msgspec.structs.replace(held, name=becomes)), gone] if becomes else [gone]


def _remove(room: Room, command: Command, body: RemovePreset, now: datetime, _figures: PtzFigures) -> Outcome:
    steerable(room, body.camera)
    held_by(room, body.camera, command.seat)
    unit = _unit(room, body.camera)
    preset = _preset(room, unit, body.preset)
    for rule in room.ptz.rules.values():
        if rule.camera == body.camera and body.preset in (rule.preset, rule.back):
            raise Refuse(Refusal.NOT_ALLOWED, f"the rule {rule.name} uses it, change that first")
    if unit.guard == body.preset:
        raise Refuse(Refusal.NOT_ALLOWED, "the camera goes back to it by itself, change that first")
    kept = tuple(each for each in unit.presets if each.token != preset.token)
    act = act_of(command, body.camera, PtzDeed.REMOVED, now, preset=preset.token, name=preset.name)
    gone = _pictured(room, body.camera, preset.name, "", now)
    return [PtzUnitChanged(msgspec.structs.replace(unit, presets=kept)), *gone, act], ""


def _turn(room: Room, command: Command, body: TurnTo, now: datetime, _figures: PtzFigures) -> Outcome:
    camera = steerable(room, body.camera)
    lease = held_by(room, body.camera, command.seat)
    pose = aim(camera, _unit(room, body.camera), body.point)
    return _moved(lease, now, act_of(command, body.camera, PtzDeed.TURNED, now, pose=pose))


def aim(camera: Camera, unit: PtzUnit, point: Point) -> Pose:
    """The pose that looks at a place. Raises Refuse where the camera cannot be sent to an angle."""
    if not unit.can(Ability.ABSOLUTE):
        raise Refuse(Refusal.NOT_ALLOWED, f"{camera.name} cannot be sent to an angle")
    pose = facing(camera, point, unit.zoom_most)
    if pose is None:
        raise Refuse(Refusal.NOT_ALLOWED, f"nobody told where {camera.name} stands")
    return pose


def _patrol(room: Room, command: Command, body: StartPatrol, now: datetime, _figures: PtzFigures) -> Outcome:
    steerable(room, body.camera)
    lease = held_by(room, body.camera, command.seat)
    unit = _unit(room, body.camera)
    for token in body.presets:
        _preset(room, unit, token)
    patrol = Patrol(presets=body.presets, dwell_s=body.dwell_s, at=now)
    after = msgspec.structs.replace(lease, patrol=patrol, used_at=now)
    return [PtzLeaseChanged(after), act_of(command, body.camera, PtzDeed.PATROL, now)], ""


def _stop_patrol(room: Room, command: Command, body: StopPatrol, now: datetime, _figures: PtzFigures) -> Outcome:
    lease = held_by(room, body.camera, command.seat)
    if lease.patrol is None:
        raise Refuse(Refusal.ALREADY_DONE, "no patrol goes on")
    return [PtzLeaseChanged(msgspec.structs.replace(lease, patrol=None, used_at=now))], ""


def _guard(room: Room, command: Command, body: SetPtzGuard, now: datetime, _figures: PtzFigures) -> Outcome:
    steerable(room, body.camera)
    held_by(room, body.camera, command.seat)
    unit = _unit(room, body.camera)
    if body.preset and not (body.preset == HOME and unit.can(Ability.HOME)):
        _preset(room, unit, body.preset)
    return [PtzUnitChanged(msgspec.structs.replace(unit, guard=body.preset, guard_after_s=body.after_s))], ""


def _set_rule(room: Room, command: Command, body: SetPtzRule, now: datetime, _figures: PtzFigures) -> Outcome:
    rule = body.rule
    if rule.removed or not rule.name.strip():
        raise Refuse(Refusal.MALFORMED, "a rule has a name; one is removed by its own command")
    if rule.camera:
        steerable(room, rule.camera)
        unit = _unit(room, rule.camera)
        for token in (rule.preset, rule.back):
            if token and token != HOME:
                _preset(room, unit, token)
    if rule.id not in room.ptz.rules and len(room.ptz.rules) >= RULES_MOST:
        raise Refuse(Refusal.TOO_LARGE, f"there are {RULES_MOST} rules, remove old ones first")
    return [PtzRuleChanged(msgspec.structs.replace(rule, by=command.officer, at=now))], rule.id


def _remove_rule(room: Room, command: Command, body: RemovePtzRule, now: datetime, _figures: PtzFigures) -> Outcome:
    rule = room.ptz.rules.get(body.rule)
    if rule is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"there is no rule {body.rule} (any more)")
    if rule.id.startswith(SHIPPED):
        raise Refuse(Refusal.NOT_ALLOWED, "a rule of the program is switched off, not removed")
    return [PtzRuleChanged(msgspec.structs.replace(rule, removed=True, by=command.officer, at=now))], ""


_CARRIED_OUT: dict[type, Callable[[Room, Command, Any, datetime, PtzFigures], Outcome]] = {
    TakePtz: _take,
    AskPtz: _ask,
    AnswerPtz: _answer,
    ReleasePtz: _release,
    GoToPreset: _go,
    SavePreset: _save,
    RenamePreset: _rename,
    RemovePreset: _remove,
    TurnTo: _turn,
    StartPatrol: _patrol,
    StopPatrol: _stop_patrol,
    SetPtzGuard: _guard,
    SetPtzRule: _set_rule,
    RemovePtzRule: _remove_rule,
}


def _moved(lease: PtzLease, now: datetime, act: PtzActed) -> Outcome:
    """A movement ends a patrol and begins the time of idleness anew."""
    return [PtzLeaseChanged(msgspec.structs.replace(lease, used_at=now, patrol=None)), act], ""


def _unit(room: Room, camera: str) -> PtzUnit:
    return room.ptz.units.get(camera) or PtzUnit(camera=camera)


def _preset(room: Room, unit: PtzUnit, token: str) -> Preset:
    preset = next((each for each in unit.presets if each.token == token), None)
    if preset is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"{_name(room, unit.camera)} has no preset {token} (any more)")
    return preset


def _with(unit: PtzUnit, preset: Preset) -> PtzUnit:
    held = {each.token: each for each in unit.presets} | {preset.token: preset}
    return msgspec.structs.replace(unit, presets=tuple(held.values()))


def _name(room: Room, camera: str) -> str:
    return room.cameras[camera].name if camera in room.cameras else camera


def _refused(room: Room, lease: PtzLease) -> Refuse:
    until = lease.until.astimezone(BEIJING).strftime("%H:%M:%S")
    return Refuse(
        Refusal.NOT_ALLOWED, f"{lease.officer} ({lease.seat}) holds {_name(room, lease.camera)} until {until}"
    )
