"""What officers may command about fences, as functions of the room."""

from datetime import datetime
from typing import Any

import msgspec

from controlroom.domain.events import FenceChanged
from controlroom.domain.fence import Fence
from controlroom.domain.room import Room
from controlroom.hub.fence_watch import fenced
from controlroom.hub.refusal import Refuse
from controlroom.hub.versions import must_be, touched
from controlroom.mapping.analysis.fault import AnalysisFault
from controlroom.wire.fences import RemoveFence, SetFence
from controlroom.wire.messages import Command, Refusal

MOST_FENCES = 500
"""Each is looked at for every position."""


def set_fence(room: Room, command: Command, body: SetFence, now: datetime) -> FenceChanged:
    """The event of a new or changed fence. Raises Refuse."""
    if body.incident and body.incident not in room.incidents:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"there is no incident {body.incident}")
    if not body.name.strip():
        raise Refuse(Refusal.REASON_REQUIRED, "a fence has a name")
    held = _held(room, body.fence, body.version) if body.fence else None
    if held is None and len(room.fences) >= MOST_FENCES:
        raise Refuse(Refusal.TOO_LARGE, f"{MOST_FENCES} fences stand, remove old ones first")
    told: dict[str, Any] = {
        "name": body.name.strip(),
        "ring": body.ring,
        "trigger": body.trigger,
        "severity": body.severity,
        "kinds": tuple(dict.fromkeys(body.kinds)),
        "margin_m": body.margin_m,
        "dwell_s": body.dwell_s,
        "incident": body.incident,
        "enabled": body.enabled,
        "hours": body.hours,
    }
    if held is None:
        made = Fence(id=f"fence-{room.sequence + 1}", by=command.officer, at=now, seat=command.seat, **told)
    else:
        if msgspec.structs.replace(held, **told) == held:
            raise Refuse(Refusal.ALREADY_DONE, "the fence is like this already")
        made = touched(held, command, now, **told)
    try:
        area = fenced(made)
    except AnalysisFault as fault:
        raise Refuse(Refusal.MALFORMED, "the corners of the fence enclose no area in the world") from fault
    if area.mended:
        raise Refuse(Refusal.MALFORMED, "the border of the fence crosses itself, draw it anew")
    return FenceChanged(made)


def remove_fence(room: Room, command: Command, body: RemoveFence, now: datetime) -> FenceChanged:
    """The event of a removed fence. Raises Refuse."""
    return FenceChanged(touched(_held(room, body.fence, body.version), command, now, removed=True))


def _held(room: Room, identity: str, version: int) -> Fence:
    held = room.fences.get(identity)
    if held is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"there is no fence {identity} (any more)")
    must_be(held, version)
    return held
