"""Puts those on duty whom the plan names, as soon as a role's time is over or nobody was ever named for it."""

from datetime import datetime

from controlroom.domain.duty import Duty, DutyPlan
from controlroom.domain.room import Room
from controlroom.hub.times import BEIJING


def due(plan: DutyPlan, room: Room, now: datetime) -> list[Duty]:
    """The duties that begin now; what officers said otherwise holds until its own end."""
    over = [role for role in plan.role if (held := room.duties.get(role.id)) is None or held.ends_at <= now]
    if not over:
        return []
    roles = {role.id for role in over}
    return [duty for duty in plan.duties(now, BEIJING) if duty.role in roles]
