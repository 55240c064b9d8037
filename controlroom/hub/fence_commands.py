"""What officers may command about fences, as functions of the room."""

from datetime import datetime

import msgspec

from controlroom.domain.events import FenceChanged
from controlroom.domain.fence import Fence
from controlroom.domain.room import Room
from controlroom.hub.fence_watch import fenced
from controlroom.hub.refusal import Refuse
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
    held = room.fences.get(body.fence) if body.fence else None
    if body.fence and held is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"there is no fence {body.fence} (any more)")
    if held is None and len(room.fences) >= MOST_FENCES:
        raise Refuse(Refusal.TOO_LARGE, f"{MOST_FENCES} fences stand, remove old ones first")
    told = {
        "name": body.name.strip(),
        "ring": body.ring,
        "trigger": body.trigger,
        "severity": body.severity,
        "kinds": tuple(dict.fromkeys(body.kinds)),
        "margin_m": body.margin_m,
        "dwell_s": body.dwell_s,
        "incident": body.incident,
        "enabled": body.enabled,
    }
    if held is None:
        made = Fence(id=f"fence-{room.sequence + 1}", by=command.officer, at=now, seat=command.seat, **told)  # type: ignore[arg-type]  # the fields of both are the same
    else:
        made = msgspec.structs.replace(held, changed_by=command.officer, changed_at=now, **told)
        if msgspec.structs.replace(made, changed_by=held.changed_by, changed_at=held.changed_at) == held:
            raise Refuse(Refusal.ALREADY_DONE, "the fence is like this already")
    try:
        area = fenced(made)
    except AnalysisFault as fault:
        raise Refuse(Refusal.MALFORMED, "the corners of the fence enclose no area in the world") from fault
    if area.mended:
        raise Refuse(Refusal.MALFORMED, "the border of the fence crosses itself, draw it anew")
    return FenceChanged(made)


def remove_fence(room: Room, command: Command, body: RemoveFence, now: datetime) -> FenceChanged:
    """The event of a removed fence. Raises Refuse."""
    held = room.fences.get(body.fence)
    if held is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"there is no fence {body.fence} (any more)")
    return FenceChanged(msgspec.structs.replace(held, removed=True, changed_by=command.officer, changed_at=now))
