"""The room as it was at the room's time: alarms, incidents and the last value of every sensor, asked from the hub."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from controlroom.bridge.past_answers import RoomThen
from controlroom.bridge.room_time import RoomTime
from controlroom.domain.readings import Latest
from controlroom.domain.room import Room
from controlroom.errors import ControlRoomError, EnvironmentFault
from controlroom.wire.frames import Readings

Spawn = Callable[[Coroutine[Any, Any, Any], str], object]


class Asks(Protocol):
    """What is asked of the hub."""

    async def room_at(self, at: datetime) -> RoomThen:
        """How alarms, incidents and tasks stood."""

    def readings_at(self, at: datetime, size: int) -> "Any":
        """The last readings of all sensors, a part at a time."""


class PastRoom(QObject):
    """Keeps the past in step with a room's time: one question at a time, then the newest wish. GUI thread.

    `room`, `latest` and `at` belong together and are None while live and until the first answer: nothing of the present
    stands in for it. `fault` says why an answer is missing.
    """

    changed = Signal()

    def __init__(
        self, room_time: RoomTime, commands: Asks, spawn: Spawn, size: Callable[[], int], parent: QObject | None = None
    ) -> None:
        """`size` tells how many telemetry indices there are."""
        super().__init__(parent)
        self._time = room_time
        self._commands = commands
        self._spawn = spawn
        self._size = size
        self._asking = False
        self._wanted: datetime | None = None
        self.room: Room | None = None
        self.latest: Latest | None = None
        self.at: datetime | None = None
        self.begins: datetime | None = None
        self.fault = ""
        room_time.changed.connect(self._look)
        room_time.moved.connect(self._look)

    @property
    def loading(self) -> bool:
        """Whether what is held is not what the room looks at yet."""
        return self._asking or self._wanted is not None

    def _look(self, _at: object = None) -> None:
        if self._time.live:
            self._wanted = None
            if self.at is not None or self.fault:
                self.room = self.latest = self.at = self.begins = None
                self.fault = ""
                self.changed.emit()
            return
        self._wanted = self._time.at
        if not self._asking:
            self._asking = True
            self._spawn(self._ask(), "the room's past")

    async def _ask(self) -> None:
        try:
            while (at := self._wanted) is not None:
                self._wanted = None
                try:
                    then = await self._commands.room_at(at)
                    latest = Latest(self._size())
                    async for part in self._commands.readings_at(at, self._size()):
                        _take(latest, part)
                        if self._time.live:
                            return
                except ControlRoomError as error:
                    self._told(error)
                    continue
                if self._time.live:
                    return
                self.room, self.latest, self.at, self.begins, self.fault = then.room, latest, at, then.begins, ""
                self.changed.emit()
        finally:
            self._asking = False

    def _told(self, error: ControlRoomError) -> None:
        """What cannot be had is not shown as if it were: the panels are empty and say why."""
        if self._time.live:
            return
        self.room = self.latest = self.at = None
        self.fault = error.sentence if isinstance(error, EnvironmentFault) else str(error)
        self.changed.emit()


def _take(latest: Latest, part: Readings) -> None:
    latest.apply(part.index, part.value, part.time, part.quality)
