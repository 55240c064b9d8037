"""What officers may command about annotations of curves, as functions of the room."""

from datetime import datetime

import msgspec

from controlroom.domain.annotation import Annotation
from controlroom.domain.events import AnnotationChanged
from controlroom.domain.room import Room
from controlroom.hub.core import timely
from controlroom.hub.refusal import Refuse
from controlroom.wire.annotations import Annotate, ChangeAnnotation, RemoveAnnotation
from controlroom.wire.messages import Command, Refusal

STANDING_MOST = 5000
"""Annotations in a room at the most: every seat holds them all."""


def annotate(room: Room, command: Command, body: Annotate, now: datetime) -> AnnotationChanged:
    """The event of a new annotation. Raises Refuse."""
    unknown = [identity for identity in body.sensors if identity not in room.sensors]
    if unknown:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"no sensor {unknown[0]} was declared")
    if len(room.annotations) >= STANDING_MOST:
        raise Refuse(Refusal.TOO_LARGE, f"{STANDING_MOST} annotations stand, remove old ones first")
    begins_at, ends_at, text = _written(body)
    return AnnotationChanged(
        Annotation(
            id=f"annotation-{room.sequence + 1}",
            sensors=tuple(dict.fromkeys(body.sensors)),
            begins_at=begins_at,
            ends_at=ends_at,
            text=text,
            by=command.officer,
            at=now,
            seat=command.seat,
        )
    )


def change_annotation(room: Room, command: Command, body: ChangeAnnotation, now: datetime) -> AnnotationChanged:
    """The event of a changed annotation. Raises Refuse."""
    held = _held(room, body.annotation)
    begins_at, ends_at, text = _written(body)
    if (held.begins_at, held.ends_at, held.text) == (begins_at, ends_at, text):
        raise Refuse(Refusal.ALREADY_DONE, "the annotation says this already")
    return AnnotationChanged(
        msgspec.structs.replace(
            held, begins_at=begins_at, ends_at=ends_at, text=text, changed_by=command.officer, changed_at=now
        )
    )


def remove_annotation(room: Room, command: Command, body: RemoveAnnotation, now: datetime) -> AnnotationChanged:
    """The event of a removed annotation. Raises Refuse."""
    held = _held(room, body.annotation)
    return AnnotationChanged(msgspec.structs.replace(held, removed=True, changed_by=command.officer, changed_at=now))


def _held(room: Room, identity: str) -> Annotation:
    held = room.annotations.get(identity)
    if held is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"there is no annotation {identity} (any more)")
    return held


def _written(body: Annotate | ChangeAnnotation) -> tuple[datetime, datetime, str]:
    timely(body.begins_at)
    timely(body.ends_at)
    text = body.text.strip()
    if not text:
        raise Refuse(Refusal.REASON_REQUIRED, "an annotation has a text")
    if body.ends_at < body.begins_at:
        raise Refuse(Refusal.MALFORMED, "an annotation ends after it begins")
    return body.begins_at, body.ends_at, text
