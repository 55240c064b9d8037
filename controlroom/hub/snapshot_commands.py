"""What officers may command about saved values of sensors, as functions of the room."""

from datetime import datetime

import msgspec

from controlroom.domain.events import ValueSnapshotChanged
from controlroom.domain.room import Room
from controlroom.domain.value_snapshot import ValueSnapshot
from controlroom.hub.core import timely
from controlroom.hub.refusal import Refuse
from controlroom.wire.messages import Command, Refusal
from controlroom.wire.snapshots import ChangeSavedValues, RemoveSavedValues, SaveValues

STANDING_MOST = 100
"""Snapshots in a room at the most: every seat holds them all."""


def save_values(room: Room, command: Command, body: SaveValues, now: datetime) -> ValueSnapshotChanged:
    """The event of a new snapshot. Raises Refuse."""
    unknown = [identity for identity in body.sensors if identity not in room.sensors]
    if unknown:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"no sensor {unknown[0]} was declared")
    if len(body.values) != len(body.sensors) or len(set(body.sensors)) != len(body.sensors):
        raise Refuse(Refusal.MALFORMED, "each sensor has one value")
    if all(value is None for value in body.values):
        raise Refuse(Refusal.MALFORMED, "a snapshot has a value")
    if len(room.value_snapshots) >= STANDING_MOST:
        raise Refuse(Refusal.TOO_LARGE, f"{STANDING_MOST} snapshots are kept, remove old ones first")
    timely(body.taken_at)
    return ValueSnapshotChanged(
        ValueSnapshot(
            id=f"values-{room.sequence + 1}",
            name=_free(room, body.name),
            sensors=tuple(body.sensors),
            values=tuple(body.values),
            taken_at=body.taken_at,
            by=command.officer,
            at=now,
            threshold=body.threshold,
            seat=command.seat,
        )
    )


def change_saved_values(room: Room, command: Command, body: ChangeSavedValues, now: datetime) -> ValueSnapshotChanged:
    """The event of a snapshot with another name or threshold. Raises Refuse."""
    held = _held(room, body.snapshot)
    name = held.name if body.name.strip() == held.name else _free(room, body.name)
    if (held.name, held.threshold) == (name, body.threshold):
        raise Refuse(Refusal.ALREADY_DONE, "the snapshot has this name and threshold already")
    return ValueSnapshotChanged(
        msgspec.structs.replace(held, name=name, threshold=body.threshold, changed_by=command.officer, changed_at=now)
    )


def remove_saved_values(room: Room, command: Command, body: RemoveSavedValues, now: datetime) -> ValueSnapshotChanged:
    """The event of a removed snapshot. Raises Refuse."""
    held = _held(room, body.snapshot)
    return ValueSnapshotChanged(msgspec.structs.replace(held, removed=True, changed_by=command.officer, changed_at=now))


def _held(room: Room, identity: str) -> ValueSnapshot:
    held = room.value_snapshots.get(identity)
    if held is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"there is no snapshot {identity} (any more)")
    return held


def _free(room: Room, name: str) -> str:
    name = name.strip()
    if not name:
        raise Refuse(Refusal.REASON_REQUIRED, "a snapshot has a name")
    if any(held.name == name for held in room.value_snapshots.values()):
        raise Refuse(Refusal.ALREADY_DONE, f"there is a snapshot of the name {name} already")
    return name
