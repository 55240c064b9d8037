"""An earlier moment of the room, for whoever answers about the present by a room, its newest readings and a clock."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from controlroom.clock import Clock
from controlroom.domain.alarm import Alarm
from controlroom.domain.readings import Latest
from controlroom.domain.room import Room


class _Stopped:
    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def monotonic(self) -> float:
        return self._at.timestamp()


@dataclass(frozen=True, slots=True)
class Moment:
    """What the sensors had told by a time, and the alarms that stood then."""

    at: datetime
    latest: Latest
    alarms: Mapping[str, Alarm]

    @property
    def clock(self) -> Clock:
        """A clock that stands at this moment."""
        return _Stopped(self.at)

    def laid_over(self, room: Room) -> Room:
        """The room with the alarms of then; its sensors and cameras are those of now."""
        then = copy.copy(room)
        then.alarms = dict(self.alarms)
        return then
