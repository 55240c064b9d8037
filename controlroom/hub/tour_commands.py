"""What officers may command about guard tours, as functions of the room."""

from collections.abc import Callable
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec

from controlroom.domain.events import Event, TourChanged
from controlroom.domain.room import Room
from controlroom.domain.tour import Tour, TourStep, going_on, paused, route, stepped, watchable, where
from controlroom.hub.refusal import Refuse
from controlroom.wire.messages import Command, Refusal
from controlroom.wire.tours import DriveTour, RemoveTour, SetTour

TOURS_MOST = 200


def _set(room: Room, command: Command, body: SetTour, now: datetime) -> tuple[list[Event], str]:
    tour, name = body.tour, body.tour.name.strip()
    if tour.removed or not name:
        raise Refuse(Refusal.REASON_REQUIRED, "a tour has a name; one is removed by its own command")
    held = _tour(room, tour.id) if tour.id else None
    if held is None and len(room.tours) >= TOURS_MOST:
        raise Refuse(Refusal.TOO_LARGE, f"there are {TOURS_MOST} tours, remove old ones first")
    if any(other.name == name and other.id != tour.id for other in room.tours.values()):
        raise Refuse(Refusal.ALREADY_DONE, f"there is a tour {name}")
    for stop in tour.stops:
        if stop.camera and stop.camera not in room.cameras:
            raise Refuse(Refusal.UNKNOWN_OBJECT, f"no camera {stop.camera} was declared")
        group = room.camera_groups.get(stop.group)
        if stop.group and group is None:
            raise Refuse(Refusal.UNKNOWN_OBJECT, f"there is no group {stop.group} (any more)")
        if group is not None and group.owner:
            raise Refuse(Refusal.NOT_ALLOWED, f"the group {group.name} is {group.owner}'s alone, a tour is everybody's")
    made = msgspec.structs.replace(
        tour,
        id=tour.id or f"tour-{room.sequence + 1}",
        name=name,
        author=held.author if held is not None else command.officer,
        by=command.officer,
        at=now,
        begun_at=now,
        paused_at=None,
        paused_by="",
    )
    return [TourChanged(made)], made.id


def _remove(room: Room, command: Command, body: RemoveTour, now: datetime) -> tuple[list[Event], str]:
    held = _tour(room, body.tour)
    return [TourChanged(msgspec.structs.replace(held, removed=True, by=command.officer, at=now))], ""


def _drive(room: Room, command: Command, body: DriveTour, now: datetime) -> tuple[list[Event], str]:
    held = _tour(room, body.tour)
    match body.step:
        case TourStep.PAUSE:
            after = paused(held, command.officer, now)
        case TourStep.GO_ON:
            after = going_on(held, now)
        case TourStep.NEXT | TourStep.PREVIOUS:
            after = _stepped(room, held, 1 if body.step is TourStep.NEXT else -1, now)
    if after == held:
        raise Refuse(Refusal.ALREADY_DONE, "the tour is like this already")
    return [TourChanged(after)], ""


def _stepped(room: Room, held: Tour, step: int, now: datetime) -> Tour:
    way = route(held, room.camera_groups)

    def is_watchable(camera: str) -> bool:
        return watchable(room.cameras.get(camera))

    stood_s = where(held, way, is_watchable, now).stood_s
    if step > 0 and stood_s < held.must_s:
        missing = round(held.must_s - stood_s)
        raise Refuse(Refusal.NOT_ALLOWED, f"this stop must be seen for {held.must_s} s, {missing} s are missing")
    return stepped(held, way, is_watchable, step, now)


def _tour(room: Room, identity: str) -> Tour:
    held = room.tours.get(identity)
    if held is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"there is no tour {identity} (any more)")
    return held


TOUR_COMMANDS: MappingProxyType[type, Callable[[Room, Command, Any, datetime], tuple[list[Event], str]]]
TOUR_COMMANDS = MappingProxyType({SetTour: _set, RemoveTour: _remove, DriveTour: _drive})
