"""Turns what sensors read into alarms of the hub's own, by the limits they were declared with."""

from collections.abc import Mapping
from datetime import datetime

from controlroom.domain.events import Event
from controlroom.domain.kinds import SensorKind
from controlroom.domain.limits import LimitTable
from controlroom.domain.readings import Latest
from controlroom.domain.sensor import Sensor
from controlroom.domain.severity import Severity
from controlroom.domain.times import to_ms
from controlroom.hub import rules
from controlroom.hub.core import Core

SOURCE = "limits"
"""The source name of alarms that the hub raises itself."""


class LimitsWatch:
    """Judges the newest readings once a turn. One thread owns an instance."""

    def __init__(self, core: Core, latest: Latest, kinds: Mapping[str, SensorKind]) -> None:
        self._core = core
        self._latest = latest
        self._table = LimitTable()
        self._by_index: dict[int, Sensor] = {}
        self._kinds = kinds
        self.touched = False
        self._restore()

    def declare(self, sensors: tuple[Sensor, ...]) -> None:
        """Sensors joined or changed."""
        self._table.declare(sensors, [self._core.room.sensor_index[s.id] for s in sensors])
        self._by_index.update((self._core.room.sensor_index[s.id], s) for s in sensors)

    def judge(self, now: datetime) -> list[Event]:
        """The alarms that the readings since the last call raised or cleared, folded."""
        self.touched = False
        events: list[Event] = []
        for transition in self._table.evaluate(self._latest, to_ms(now)):
            sensor = self._by_index.get(transition.index)
            if sensor is not None:
                record = rules.record_of(sensor, transition, self._kinds)
                events.extend(self._core.record(SOURCE, record, "WGS-84", now))
        return events

    def _restore(self) -> None:
        room = self._core.room
        self.declare(tuple(room.sensors.values()))
        standing: dict[int, Severity] = {
            room.sensor_index[alarm.sensor]: alarm.severity
            for alarm in room.alarms.values()
            if alarm.source == SOURCE and alarm.active and alarm.sensor in room.sensor_index
        }
        self._table.restore(standing)
