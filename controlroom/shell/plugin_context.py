"""The context that the host hands to one plugin: a view of the room, cut to the kinds of sensors it declared."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from controlroom.api import Alarm, AlarmState, Camera, Mark, Point, Reading, Sensor, Series, Severity
from controlroom.clock import Clock
from controlroom.domain.readings import Latest
from controlroom.domain.room import Room
from controlroom.domain.times import from_ms
from controlroom.shell.plugin_manifest import LayerDeclaration, Manifest, words
from controlroom.wire.frames import Readings

MAX_MARKS = 5000
MAX_HISTORY = 64


class IncidentDraft(Struct, frozen=True, kw_only=True):
    """What a plugin proposes to open an incident with; the officer sees it first."""

    plugin: str
    title: str
    grade: Severity
    text: str = ""
    point: Point | None = None
    alarms: tuple[str, ...] = ()


class ShownLayer(Struct, frozen=True, kw_only=True):
    """The whole state of a plugin's map layer: `id` is `plugin.layer`; without marks it is empty, not gone.

    `classes` are label and colour (#rrggbb) of the legend, by a mark's `level`.
    """

    id: str
    title: str
    classes: tuple[tuple[str, str], ...]
    unit: str = ""
    marks: tuple[Mark, ...] = ()
    data_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RoomDoors:
    """What plugins may ask of the room, as callables of the GUI thread that do not block.

    `history` takes telemetry indices, a time and whom to tell.
    """

    open_incident: Callable[[IncidentDraft], None]
    select: Callable[[str, str], None]
    history: Callable[[list[int], datetime, Callable[[Readings], None]], None]
    show_layer: Callable[[ShownLayer], None]


class RoomState(Protocol):
    """The mirror that a context reads."""

    @property
    def room(self) -> Room:
        """The state of the room."""

    @property
    def latest(self) -> Latest:
        """The newest readings."""


@dataclass(slots=True, eq=False)
class ReadingListener:
    """One subscription to readings: `wanted` is true at the telemetry indices that it hears of."""

    ids: frozenset[str]
    told: Callable[[list[Reading]], None]
    drop: Callable[["ReadingListener"], None]
    wanted: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    names: dict[int, str] = field(default_factory=dict)
    pending: dict[str, Reading] = field(default_factory=dict)

    def resolve(self, index: dict[str, int]) -> None:
        """Find the telemetry indices of the sensors again."""
        self.names = {index[sensor]: sensor for sensor in self.ids if sensor in index}
        self.wanted = np.zeros(max(self.names, default=-1) + 1, np.bool_)
        self.wanted[list(self.names)] = True

    def take(self, readings: Readings) -> None:
        """Keep what is wanted of a batch; of each sensor the newest stays."""
        within = np.flatnonzero(readings.index < len(self.wanted))
        for row in within[self.wanted[readings.index[within]]].tolist():
            sensor = self.names[int(readings.index[row])]
            at = from_ms(int(readings.time[row]))
            held = self.pending.get(sensor)
            if held is None or held.at <= at:
                self.pending[sensor] = Reading(sensor, float(readings.value[row]), at, int(readings.quality[row]))

    def close(self) -> None:
        """Hear no more."""
        self.drop(self)


@dataclass(slots=True, eq=False)
class Listener:
    """One subscription to anything else."""

    told: Callable[..., None]
    drop: Callable[["Listener"], None]

    def close(self) -> None:
        """Hear no more."""
        self.drop(self)


class HostedLayer:
    """A declared map layer of one plugin."""

    def __init__(self, empty: ShownLayer, show: Callable[[ShownLayer], None]) -> None:
        self._empty = empty
        self._show = show

    def update(self, marks: Iterable[Mark], data_at: datetime | None = None) -> None:
        """Replace all marks, and tell the time of their newest data.

        Raises ValueError above 5,000 of them, or for a level that the manifest does not have.
        """
        held = tuple(marks)
        if len(held) > MAX_MARKS:
            raise ValueError(f"{len(held)} marks on a layer, at most {MAX_MARKS} are allowed")
        wrong = next((mark for mark in held if not 0 <= mark.level < len(self._empty.classes)), None)
        if wrong is not None:
            raise ValueError(f"mark {wrong.id} has level {wrong.level}, the layer has {len(self._empty.classes)}")
        self._show(msgspec.structs.replace(self._empty, marks=held, data_at=data_at))


class HostedContext:
    """Fits `controlroom.api.Context`. `guard` calls what the plugin gave us and keeps its failures to itself."""

    def __init__(
        self,
        manifest: Manifest,
        language: str,
        state: RoomState,
        clock: Clock,
        doors: RoomDoors,
        guard: Callable[..., None],
    ) -> None:
        self.readings_listeners: list[ReadingListener] = []
        self.declared_listeners: list[Listener] = []
        self.alarm_listeners: list[Listener] = []
        self.tick_listeners: list[Listener] = []
        self._manifest = manifest
        self._state = state
        self._clock = clock
        self._doors = doors
        self._guard = guard
        self._department = words(manifest.department, language)
        self._open = True
        self._layers = {
            layer.id: HostedLayer(_empty_layer(manifest.id, layer, language), self._show_layer)
            for layer in manifest.layers
        }

    @property
    def department(self) -> str:
        """The department that the manifest names."""
        return self._department

    def now(self) -> datetime:
        """The room's time."""
        return self._clock.now()

    def sensors(self) -> list[Sensor]:
        """The declared sensors of the plugin's kinds, by id."""
        kinds = set(self._manifest.kinds)
        found = [sensor for sensor in self._state.room.sensors.values() if sensor.kind in kinds]
        return sorted(found, key=lambda sensor: sensor.id)

    def cameras(self) -> list[Camera]:
        """The declared cameras, by id."""
        return sorted(self._state.room.cameras.values(), key=lambda camera: camera.id)

    def alarms(self) -> list[Alarm]:
        """The alarms that are not normal."""
        return [alarm for alarm in self._state.room.alarms.values() if alarm.state is not AlarmState.NORMAL]

    def reading(self, sensor: str) -> Reading | None:
        """The newest reading of a sensor; None when it was never heard or is not of the plugin's kinds."""
        room, latest = self._state.room, self._state.latest
        declared = room.sensors.get(sensor)
        index = room.sensor_index.get(sensor, latest.size)
        if declared is None or declared.kind not in self._manifest.kinds or index >= latest.size:
            return None
        time_ms = int(latest.time_ms[index])
        if time_ms == 0:
            return None
        return Reading(sensor, float(latest.value[index]), from_ms(time_ms), int(latest.quality[index]))

    def on_readings(self, sensors: Iterable[str], told: Callable[[list[Reading]], None]) -> ReadingListener:
        """Hear of new readings of these sensors, in batches with each sensor once."""
        allowed = {sensor.id for sensor in self.sensors()}
        listener = ReadingListener(frozenset(allowed.intersection(sensors)), told, self._drop_readings)
        listener.resolve(self._state.room.sensor_index)
        self.readings_listeners.append(listener)
        return listener

    def on_declared(self, told: Callable[[], None]) -> Listener:
        """Hear that sensors or cameras were declared, or that the room was read anew."""
        return self._listen(self.declared_listeners, told)

    def on_alarms(self, told: Callable[[list[Alarm]], None]) -> Listener:
        """Hear of alarms that changed."""
        return self._listen(self.alarm_listeners, told)

    def on_tick(self, told: Callable[[datetime], None]) -> Listener:
        """Hear the room's time once a second."""
        return self._listen(self.tick_listeners, told)

    def history(self, sensors: Iterable[str], since: datetime, told: Callable[[list[Series]], None]) -> None:
        """Ask the hub for recent readings of at most 64 sensors."""
        allowed = {sensor.id for sensor in self.sensors()}
        index = self._state.room.sensor_index
        names = {index[sensor]: sensor for sensor in sensors if sensor in allowed and sensor in index}
        if len(names) > MAX_HISTORY:
            raise ValueError(f"history of {len(names)} sensors, at most {MAX_HISTORY} can be asked for at once")
        if names:
            self._doors.history(list(names), since, lambda readings: self._answer(names, readings, told))

    def map_layer(self, layer: str) -> HostedLayer:
        """A layer by the id that the manifest gave it. Raises KeyError for one that it does not declare."""
        return self._layers[layer]

    def open_incident(
        self, title: str, grade: Severity, *, text: str = "", point: Point | None = None, alarms: Iterable[str] = ()
    ) -> None:
        """Ask the officer's desk to open an incident."""
        draft = IncidentDraft(
            plugin=self._manifest.id, title=title, grade=grade, text=text, point=point, alarms=tuple(alarms)
        )
        self._doors.open_incident(draft)

    def select(self, kind: str, subject: str) -> None:
        """Select an object in the whole room."""
        self._doors.select(kind, subject)

    def resolve(self) -> None:
        """Find every subscription's telemetry indices again, after sensors were declared."""
        for listener in self.readings_listeners:
            listener.resolve(self._state.room.sensor_index)

    def close(self) -> None:
        """Cut every subscription and empty the layers: the plugin hears and shows no more."""
        for listeners in (
            self.readings_listeners,
            self.declared_listeners,
            self.alarm_listeners,
            self.tick_listeners,
        ):
            listeners.clear()
        for layer in self._layers.values():
            layer.update(())
        self._open = False

    def _show_layer(self, layer: ShownLayer) -> None:
        if self._open:
            self._doors.show_layer(layer)

    def _listen(self, listeners: list[Listener], told: Callable[..., None]) -> Listener:
        listener = Listener(told, lambda closed: listeners.remove(closed) if closed in listeners else None)
        listeners.append(listener)
        return listener

    def _drop_readings(self, listener: ReadingListener) -> None:
        if listener in self.readings_listeners:
            self.readings_listeners.remove(listener)

    def _answer(self, names: dict[int, str], readings: Readings, told: Callable[[list[Series]], None]) -> None:
        if not self._open:
            return
        series = []
        for index, sensor in names.items():
            rows = np.flatnonzero(readings.index == index)
            rows = rows[np.argsort(readings.time[rows], kind="stable")]
            series.append(Series(sensor, readings.time[rows], readings.value[rows]))
        self._guard(told, series)


def _empty_layer(plugin: str, layer: LayerDeclaration, language: str) -> ShownLayer:
    return ShownLayer(
        id=f"{plugin}.{layer.id}",
        title=words(layer.title, language),
        classes=tuple((words(of.label, language), of.colour) for of in layer.classes),
        unit=layer.unit,
    )
