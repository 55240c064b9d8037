"""What officers may command about groups of cameras, as functions of the room."""

from datetime import datetime

import msgspec

from controlroom.domain.camera_group import FAVOURITES, CameraGroup
from controlroom.domain.events import CameraGroupChanged
from controlroom.domain.room import Room
from controlroom.hub.refusal import Refuse
from controlroom.wire.camera_groups import ChangeCameraGroup, MakeCameraGroup, RemoveCameraGroup
from controlroom.wire.messages import Command, Refusal

GROUPS_MOST = 1000
"""Groups in a room at the most: every seat holds them all."""

CAMERAS_MOST = 500
"""Cameras in one group at the most; house figure."""


def make_camera_group(room: Room, command: Command, body: MakeCameraGroup, now: datetime) -> CameraGroupChanged:
    """The event of a new group. Raises Refuse."""
    name, owner = body.name.strip(), "" if body.shared else command.officer
    if not name:
        raise Refuse(Refusal.REASON_REQUIRED, "a group has a name")
    if any(held.name == name and held.owner == owner for held in room.camera_groups.values()):
        raise Refuse(Refusal.ALREADY_DONE, f"there is a group {name}")
    made = CameraGroup(id=f"group-{room.sequence + 1}", name=name, owner=owner)
    return _changed(room, command, made, body.cameras, [], now)


def change_camera_group(room: Room, command: Command, body: ChangeCameraGroup, now: datetime) -> CameraGroupChanged:
    """The event of a group with other cameras or another name. Raises Refuse."""
    identity = body.group or FAVOURITES + command.officer
    held = room.camera_groups.get(identity)
    if held is None and identity == FAVOURITES + command.officer:
        held = CameraGroup(id=identity, owner=command.officer)
    held = _allowed(held, identity, command)
    named = msgspec.structs.replace(held, name=body.name.strip() or held.name)
    return _changed(room, command, named, body.add, body.remove, now)


def remove_camera_group(room: Room, command: Command, body: RemoveCameraGroup, now: datetime) -> CameraGroupChanged:
    """The event of a group that is no more. Raises Refuse."""
    held = _allowed(room.camera_groups.get(body.group), body.group, command)
    return CameraGroupChanged(msgspec.structs.replace(held, removed=True, by=command.officer, at=now))


def _allowed(held: CameraGroup | None, identity: str, command: Command) -> CameraGroup:
    if held is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"there is no group {identity} (any more)")
    if not held.is_for(command.officer):
        raise Refuse(Refusal.NOT_ALLOWED, f"the group {identity} is {held.owner}'s")
    return held


def _changed(
    room: Room, command: Command, held: CameraGroup, add: list[str], remove: list[str], now: datetime
) -> CameraGroupChanged:
    unknown = next((identity for identity in add if identity not in room.cameras), None)
    if unknown is not None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"no camera {unknown} was declared")
    gone = set(remove)
    cameras = tuple(identity for identity in dict.fromkeys([*held.cameras, *add]) if identity not in gone)
    if len(cameras) > CAMERAS_MOST:
        raise Refuse(Refusal.TOO_LARGE, f"a group has {CAMERAS_MOST} cameras at the most")
    before = room.camera_groups.get(held.id)
    if before is None and len(room.camera_groups) >= GROUPS_MOST:
        raise Refuse(Refusal.TOO_LARGE, f"there are {GROUPS_MOST} groups, remove old ones first")
    same = not cameras and not held.name if before is None else (cameras, held.name) == (before.cameras, before.name)
    if same:
        raise Refuse(Refusal.ALREADY_DONE, "the group is like this already")
    return CameraGroupChanged(msgspec.structs.replace(held, cameras=cameras, by=command.officer, at=now))
