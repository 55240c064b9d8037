"""What two officers may change at once: whoever comes second is told by whom it was changed, and nothing is lost."""

from datetime import datetime
from typing import Any, TypeVar

import msgspec

from controlroom.domain.fence import Fence
from controlroom.domain.graphic import Graphic
from controlroom.hub.refusal import Refuse
from controlroom.wire.messages import Command, Refusal

Versioned = TypeVar("Versioned", Fence, Graphic)


def must_be(held: Fence | Graphic, version: int) -> None:
    """Raises Refuse with who changed it where it is no longer of this version."""
    if held.version != version:
        who = held.changed_by or held.by
        raise Refuse(Refusal.CHANGED_MEANWHILE, f"{who} ({held.changed_seat or held.seat}), version {held.version}")


def touched(held: Versioned, command: Command, now: datetime, **more: Any) -> Versioned:
    """Its next version, by the officer of the command."""
    return msgspec.structs.replace(
        held,
        version=held.version + 1,
        changed_by=command.officer,
        changed_seat=command.seat,
        changed_at=now,
        **more,
    )
