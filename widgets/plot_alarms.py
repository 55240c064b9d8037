"""The alarms that a plot marks on its time axis: those that stand, and those of the past of what is shown."""

from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Signal

from controlroom.domain.alarm import Alarm
from controlroom.errors import ControlRoomError
from widgets.plot_history import Spawn
from widgets.plot_window import Stretch

PastAlarms = Callable[[list[str], datetime, datetime], Coroutine[Any, Any, Sequence[Alarm]]]
"""past_alarms(sensor ids, since, until): the alarms of sensors that began between, also those that are over."""


class PlotAlarms(QObject):
    """Holds alarms of the shown sensors and asks for earlier ones when another stretch is shown."""

    arrived = Signal()
    """There are other alarms."""

    def __init__(self, past: PastAlarms | None, spawn: Spawn, parent: QObject) -> None:
        super().__init__(parent)
        self._past, self._spawn = past, spawn
        self._standing: dict[str, Alarm] = {}
        self._earlier: dict[tuple[str, datetime], Alarm] = {}
        self._asked: tuple[Any, ...] = ()

    @property
    def marked(self) -> list[Alarm]:
        """Each alarm once for each time it began."""
        marked = {**self._earlier, **{(alarm.id, alarm.occurred_at): alarm for alarm in self._standing.values()}}
        return list(marked.values())

    def stand(self, alarms: Sequence[Alarm], sensors: Sequence[str]) -> None:
        """These alarms stand now; those of other sensors are passed over."""
        shown = set(sensors)
        self._standing = {alarm.id: alarm for alarm in alarms if alarm.sensor in shown}

    def forget(self) -> None:
        """The past is another one."""
        self._earlier, self._asked = {}, ()

    def look(self, sensors: list[str], stretch: Stretch) -> None:
        """The plot shows this; alarms of it are asked for once."""
        slot_s = stretch.span_s / 2
        since_s = (stretch.start_s // slot_s) * slot_s
        asked = (tuple(sensors), since_s, slot_s)
        if self._past is None or not sensors or asked == self._asked:
            return
        self._asked = asked
        since, until = datetime.fromtimestamp(since_s, UTC), datetime.fromtimestamp(stretch.end_s + slot_s, UTC)
        self._spawn(self._take(self._past, sensors, since, until), "plot alarms")

    async def _take(self, past: PastAlarms, sensors: list[str], since: datetime, until: datetime) -> None:
        try:
            alarms = await past(sensors, since, until)
        except ControlRoomError:
            # The history of readings says why; the next window asks again.
            self._asked = ()
            return
        if shiboken6.isValid(self):
            self._earlier = {(alarm.id, alarm.occurred_at): alarm for alarm in alarms}
            self.arrived.emit()
