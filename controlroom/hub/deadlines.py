"""When alarms change by themselves: the ends of shelvings and of ownership, the soonest first."""

import heapq
from collections.abc import Iterable
from datetime import datetime

from controlroom.domain import alarm as alarms
from controlroom.domain.alarm import Alarm
from controlroom.domain.room import Room


class Deadlines:
    """Remembers ends; an end that was moved or lifted meanwhile is passed over. One thread owns an instance."""

    def __init__(self, held: Iterable[Alarm]) -> None:
        self._ends: list[tuple[datetime, str]] = []
        self._known: set[tuple[datetime, str]] = set()
        for alarm in held:
            self.watch(alarm)

    def watch(self, alarm: Alarm) -> None:
        """An alarm changed; what it has an end for is remembered."""
        if alarm.aside is not None and alarm.aside.until is not None:
            self._remember(alarm.aside.until, alarm.id)
        if alarm.owner is not None:
            self._remember(alarm.owner.until, alarm.id)

    def _remember(self, until: datetime, identity: str) -> None:
        end = (until, identity)
        if end not in self._known:
            self._known.add(end)
            heapq.heappush(self._ends, end)

    def due(self, room: Room, now: datetime) -> list[Alarm]:
        """The alarms that an end changed, in their new state; each end is told once."""
        changed: dict[str, Alarm] = {}
        while self._ends and self._ends[0][0] <= now:
            end = heapq.heappop(self._ends)
            self._known.discard(end)
            identity = end[1]
            held = changed.get(identity) or room.alarms.get(identity)
            if held is None:
                continue
            after = _after(held, now)
            if after is not held:
                changed[identity] = after
        return list(changed.values())


def _after(held: Alarm, now: datetime) -> Alarm:
    """The alarm once every end of it that has come is carried out."""
    if held.aside is not None and held.aside.until is not None and held.aside.until <= now:
        held = alarms.brought_back(held, now)
    if held.owner is not None and held.owner.until <= now:
        held = alarms.released(held, now)
    return held
