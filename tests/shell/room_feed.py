"""A mirror that a test tells what happens, with the signals of the real one."""

from datetime import UTC, datetime

import numpy as np
from PySide6.QtCore import QObject, Signal

from controlroom.domain.events import Event, SensorsDeclared
from controlroom.domain.readings import Latest
from controlroom.domain.room import Room
from controlroom.domain.sensor import Sensor
from controlroom.domain.times import from_ms, to_ms
from controlroom.shell.plugins import RoomDoors, ShownLayer
from controlroom.wire.frames import Readings

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at_ms = to_ms(NOON)
        self.seconds = 100.0

    def now(self) -> datetime:
        return from_ms(self.at_ms)

    def monotonic(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds
        self.at_ms += round(seconds * 1000)


class RoomFeed(QObject):
    room_reset = Signal()
    alarms_changed = Signal(list)
    sensors_changed = Signal()
    cameras_changed = Signal(list)
    readings_arrived = Signal(object)
    ticked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.clock = HandClock()
        self.room = Room()
        self.latest = Latest()
        self.layers: dict[str, ShownLayer] = {}
        self.asked: list[tuple[object, ...]] = []
        self.past: Readings | None = None

    def doors(self) -> RoomDoors:
        def history(indices: list[int], since: datetime, told) -> None:
            self.asked.append(("history", tuple(indices), since))
            if self.past is not None:
                told(self.past)

        return RoomDoors(
            open_incident=lambda draft: self.asked.append(("incident", draft)),
            select=lambda kind, subject: self.asked.append(("select", kind, subject)),
            history=history,
            show_layer=lambda layer: self.layers.update({layer.id: layer}),
        )

    def apply(self, event: Event) -> None:
        self.room.apply(self.room.sequence + 1, event)

    def declare(self, *sensors: Sensor) -> None:
        first = len(self.room.sensor_index)
        self.apply(SensorsDeclared(tuple(range(first, first + len(sensors))), sensors))
        self.sensors_changed.emit()

    def read(self, values: dict[str, float], quality: int = 0) -> None:
        index = np.array([self.room.sensor_index[sensor] for sensor in values], np.uint32)
        readings = Readings(
            index,
            np.array(list(values.values()), np.float32),
            np.full(len(index), self.clock.at_ms, np.int64),
            np.full(len(index), quality, np.uint8),
        )
        self.latest.apply(readings.index, readings.value, readings.time, readings.quality)
        self.readings_arrived.emit(readings)

    def tick(self, seconds: float = 1.0) -> None:
        self.clock.advance(seconds)
        self.ticked.emit(self.clock.now())
