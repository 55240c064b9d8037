"""Leases of walls that are over, and the rules by which walls change by themselves."""

from collections.abc import Sequence
from datetime import datetime

from controlroom.domain.events import Event, WallChanged, WallRuleChanged
from controlroom.domain.room import Room
from controlroom.domain.wall import Wall
from controlroom.domain.wall_rules import WallRule, judged
from controlroom.hub.times import BEIJING


class WallWatch:
    """Remembers when each rule was met last. One thread owns an instance."""

    def __init__(self, room: Room, shipped: Sequence[WallRule] = ()) -> None:
        self._room = room
        self._shipped = shipped
        self._met_at: dict[str, datetime] = {}

    def look(self, now: datetime) -> list[Event]:
        """What changes by itself; call about once a second."""
        room = self._room
        new: list[Event] = [WallRuleChanged(rule) for rule in self._shipped if rule.id not in room.wall_rules]
        self._shipped = ()
        rules = {rule.id: rule for rule in room.wall_rules.values() if not rule.removed}
        if not room.walls and not any(rule.enabled for rule in rules.values()):
            return new
        # A rule may want a wall on which nobody has put anything yet.
        walls = {rule.wall: Wall(name=rule.wall) for rule in rules.values() if rule.enabled} | room.walls
        result = judged(walls, rules, room.matrices, room.alarms.values(), self._met_at, now, BEIJING)
        self._met_at = dict(result.met_at)
        return [*new, *(WallChanged(wall) for wall in result.walls)]
