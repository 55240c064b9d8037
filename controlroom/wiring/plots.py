"""Plots, connected."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QObject

from controlroom.bridge.past_alarms import past_alarms
from controlroom.bridge.room_time import TimeFollower
from controlroom.domain.alarm import Alarm
from controlroom.domain.alarm_names import LIMITS, alarm_id, limit_key
from controlroom.domain.sensor import Limit, Sensor
from controlroom.seat.status import LinkStatus
from controlroom.wire.annotations import Annotate, ChangeAnnotation, RemoveAnnotation
from controlroom.wire.frames import Readings
from controlroom.wire.messages import LIVE
from controlroom.wiring.charts import chart_menu
from controlroom.wiring.seat import Seat
from widgets.plot import PlotPanel

FIRST_CURVES = ("flood_depth", "rain", "pm25")
"""Kinds whose first sensors an empty plot begins with, so that a newcomer sees curves at once."""

MOST_CURVES = 4
"""Curves beside each other once alarms are chosen; each of another unit takes height from the others."""


class PlotWiring(QObject):
    """Feeds one plot panel: readings, alarms, notes, the link's age, and the sensors that are asked for."""

    def __init__(self, seat: Seat, sensors: list[str]) -> None:
        self.plot = PlotPanel(
            seat.clock,
            seat.commands.history,
            seat.tasks.spawn,
            seat.kinds,
            seat.scheduler,
            cursor=seat.cursor,
            limits_at=self._limits_at,
            past_alarms=self._past_alarms,
        )
        super().__init__(self.plot)
        self._seat = seat
        self._wanted = list(sensors)
        self._shown: list[Sensor] = []
        self._validity: tuple[object, ...] = ()
        pump = seat.pump
        pump.room_reset.connect(self._reset)
        pump.sensors_changed.connect(self._declared)
        pump.alarms_changed.connect(self._alarms)
        pump.annotations_changed.connect(self._notes)
        pump.readings_arrived.connect(self._readings)
        pump.ticked.connect(self._tick)
        pump.link_changed.connect(self._link)
        seat.requests.plot_wanted.connect(self._add)
        self.plot.sensor_dropped.connect(self._add)
        self.plot.annotations.written.connect(self._write)
        self.plot.annotations.changed.connect(self._change)
        self.plot.annotations.removed.connect(self._remove)
        seat.selection.changed.connect(self._selected)
        self._led = False
        self.plot.menus.more.addSeparator()
        self.plot.menus.more.addMenu(chart_menu(self.plot, self._open_chart))
        self.follower = TimeFollower(seat.room_time, self.plot, self._show_time)
        self.plot.steering.chosen.connect(self._leave)
        self.plot.room_wanted.connect(seat.room_time.stand_at)
        self._declared()
        if not seat.room_time.live:
            self._show_time(seat.room_time.at)
        self._link(pump.status)

    def _limits_at(self, sensor: Sensor, at: datetime) -> Sequence[Limit]:
        """By the sensor as it was declared: the one that is shown has the limits of now."""
        declared = self._seat.pump.room.sensors.get(sensor.id, sensor)
        return self._seat.limit_book.limits_at(declared, at)

    def _show_time(self, at: datetime | None) -> None:
        """The room moved on: the plot ends there; back at the present, a plot that was led there is live again."""
        if at is not None or self._led:
            self.plot.steering.follow(at)
        self._led = at is not None

    def _leave(self) -> None:
        """The officer looks elsewhere in this plot while the room stands at a time: the plot leaves it."""
        if self.follower.past:
            self._led = False
            self.follower.follow(False)

    def _open_chart(self, name: str) -> None:
        self._seat.requests.chart_wanted.emit(name, self.plot.sensor_ids)

    async def _past_alarms(self, sensors: list[str], since: datetime, until: datetime) -> Sequence[Alarm]:
        held = self._seat.pump.room.sensors
        own = [alarm_id(LIMITS, limit_key(identity)) for identity in sensors if identity in held]
        return await past_alarms(self._seat.commands.past, sensors, own, since, until)

    def _readings(self, readings: Readings) -> None:
        self.plot.add_readings(readings)

    def _alarms(self, _changed: object = None) -> None:
        self.plot.set_alarms(list(self._seat.pump.room.alarms.values()))

    def _notes(self, _changed: object = None) -> None:
        self.plot.set_notes(list(self._seat.pump.room.annotations.values()))

    def _tick(self, now: datetime) -> None:
        self.plot.set_now(now)
        if self._seat.limit_book.validity(now) != self._validity:
            self._show(self.plot.sensor_ids)

    def _link(self, status: LinkStatus) -> None:
        self.plot.set_stale_link(status.since if self._seat.stale else None)
        self.plot.saving.origin = "" if status.realm in ("", LIVE) else status.realm

    def _reset(self) -> None:
        """Another snapshot: limits and indices may be others, and readings were missed."""
        self.plot.start_anew()
        self._declared()
        self._notes()

    def _declared(self) -> None:
        """Draw what was asked for as soon as it is known; without a wish, one sensor of each of the first kinds."""
        room = self._seat.pump.room
        wanted = self._wanted or self.plot.sensor_ids
        if not wanted:
            for kind in FIRST_CURVES:
                wanted += [s.id for s in room.sensors.values() if s.kind == kind][:2]
        self._show([identity for identity in wanted if identity in room.sensors])

    def _selected(self, kind: str, identity: str) -> None:
        """The sensor of a chosen alarm is drawn beside what is shown, as long as there is room."""
        if kind == "alarm":
            alarm = self._seat.pump.room.alarms.get(identity)
            if alarm is not None and alarm.sensor:
                others = [shown for shown in self.plot.sensor_ids if shown != alarm.sensor]
                self._show([alarm.sensor, *others[: MOST_CURVES - 1]])

    def _add(self, identity: str) -> None:
        self._wanted = [*(i for i in self.plot.sensor_ids if i != identity), identity]
        self._show(self._wanted)

    def _show(self, identities: list[str]) -> None:
        room = self._seat.pump.room
        known = [i for i in identities if i in room.sensors]
        now, book = self._seat.clock.now(), self._seat.limit_book
        self._validity = book.validity(now)
        sensors = [book.judged(room.sensors[i], now) for i in known]
        if sensors and sensors != self._shown:
            self._shown = sensors
            self.plot.show_sensors(sensors, [room.sensor_index[i] for i in known])
            self._alarms()
            self._notes()

    def _write(self, sensors: list[str], begins_at: datetime, ends_at: datetime, text: str) -> None:
        self._seat.send(Annotate(sensors=sensors, begins_at=begins_at, ends_at=ends_at, text=text))

    def _change(self, identity: str, begins_at: datetime, ends_at: datetime, text: str) -> None:
        self._seat.send(ChangeAnnotation(annotation=identity, begins_at=begins_at, ends_at=ends_at, text=text))

    def _remove(self, identity: str) -> None:
        self._seat.send(RemoveAnnotation(annotation=identity))
