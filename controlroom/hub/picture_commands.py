"""What seats tell of the pictures they see, as functions of the room: camera health, and alarms by rule."""

import functools
from datetime import datetime, timedelta

import msgspec

import resources
from controlroom.domain import alarm as alarms
from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.alarm_names import alarm_id
from controlroom.domain.camera import Camera, PictureFault
from controlroom.domain.events import AlarmChanged, CamerasDeclared, Event, PicturesLooked
from controlroom.domain.picture_look import PictureLook
from controlroom.domain.picture_rules import PictureRule, PictureRules, decode_picture_rules
from controlroom.domain.room import Room
from controlroom.domain.severity import Severity
from controlroom.hub.core import timely
from controlroom.hub.refusal import Refuse
from controlroom.wire.messages import Command, Refusal
from controlroom.wire.pictures import TellPicture

SOURCE = "video-quality"
_LONGEST = 400


@functools.cache
def district_rules() -> PictureRules:
    """The rules that travel with the program. Raises msgspec.DecodeError for a file that was spoilt."""
    return decode_picture_rules(resources.path("data", "picture_rules.toml").read_bytes())


LOOK_STEP = timedelta(seconds=60)
"""Between two looks at a camera that found the same; what seats tell between them is not written; house figure."""


def tell_picture(
    room: Room,
    command: Command,
    body: TellPicture,
    now: datetime,
    rules: PictureRules | None = None,
) -> list[Event]:
    """The events of a diagnosis; none where it says what is known. Raises Refuse."""
    rules = rules or district_rules()
    timely(body.seen_at)
    camera = room.cameras.get(body.camera)
    if camera is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"no camera {body.camera} was declared")
    faults = tuple(fault for fault in PictureFault if fault in body.faults)
    if room.ptz.is_steered(body.camera, now):
        faults = tuple(fault for fault in faults if fault is not PictureFault.MOVED)
    look = PictureLook(camera=camera.id, at=body.seen_at, faults=faults, had_picture=body.had_picture)
    events: list[Event] = [PicturesLooked((look,))] if _is_news(look, room.looks.get(camera.id)) else []
    if faults == camera.faults or not body.had_picture:
        return events
    told = msgspec.structs.replace(camera, faults=faults, faults_at=body.seen_at)
    events.append(CamerasDeclared((told,)))
    for fault in sorted(set(faults) - set(camera.faults)):
        rule = rules.rule(fault)
        if rule.severity is not None:
            new = _alarm(camera, rule, rule.severity, body.seen_at, now)
            events.append(AlarmChanged(alarms.raised(room.alarms.get(new.id), new)))
    for fault in sorted(set(camera.faults) - set(faults)):
        held = room.alarms.get(alarm_id(SOURCE, _key(camera, fault)))
        if held is not None and held.active:
            events.append(AlarmChanged(alarms.cleared(held, now)))
    return events


def _is_news(look: PictureLook, held: PictureLook | None) -> bool:
    if held is None or (held.faults, held.had_picture) != (look.faults, look.had_picture):
        return True
    return look.at - held.at >= LOOK_STEP


def _key(camera: Camera, fault: PictureFault) -> str:
    return f"{fault}/{camera.id}"


def _alarm(camera: Camera, rule: PictureRule, severity: Severity, seen_at: datetime, now: datetime) -> Alarm:
    key = _key(camera, rule.fault)
    return Alarm(
        id=alarm_id(SOURCE, key),
        source=SOURCE,
        key=key,
        severity=severity,
        title=f"{camera.name} {rule.title}"[:_LONGEST],
        state=AlarmState.UNACKNOWLEDGED,
        occurred_at=seen_at,
        received_at=now,
        changed_at=now,
        kind="camera",
        place=f"{camera.town} {camera.name}".strip()[:_LONGEST],
        point=camera.point,
        camera=camera.id,
        department=camera.department,
    )
