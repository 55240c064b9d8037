"""Sensor browser and plots, connected."""

from datetime import datetime

from PySide6.QtCore import QObject

from controlroom.bridge.models.sensor_model import SensorModel
from controlroom.bridge.room_time import TimeFollower
from controlroom.domain.readings import Latest
from controlroom.domain.sensor import Sensor
from controlroom.seat.status import LinkStatus
from controlroom.wire.frames import Readings
from controlroom.wiring.seat import Seat
from widgets.plot import PlotPanel
from widgets.sensor_browser import SensorBrowser

FIRST_CURVES = ("flood_depth", "rain", "pm25")
"""Kinds whose first sensors an empty plot begins with, so that a newcomer sees curves at once."""

MOST_CURVES = 4
"""Curves beside each other once alarms are chosen; each of another unit takes height from the others."""


class SensorsWiring(QObject):
    """Feeds one sensor browser."""

    def __init__(self, seat: Seat) -> None:
        self.model = SensorModel(seat.pump.latest, seat.kinds, book=seat.limit_book)
        self.browser = SensorBrowser(self.model)
        super().__init__(self.browser)
        self._seat = seat
        self.model.setParent(self.browser)
        pump = seat.pump
        pump.room_reset.connect(self._declared)
        pump.sensors_changed.connect(self._declared)
        pump.ticked.connect(self._tick)
        self.follower = TimeFollower(seat.room_time, self.browser)
        self.follower.changed.connect(self._look)
        seat.past.changed.connect(self._look)
        seat.selection.changed.connect(self._selected)
        self.browser.sensor_selected.connect(lambda identity: seat.selection.select("sensor", identity))
        self.browser.sensor_activated.connect(seat.requests.plot_wanted)
        self._declared()

    def _declared(self) -> None:
        room = self._seat.pump.room
        self.model.set_sensors(room.sensors, room.sensor_index, self._latest())

    def _latest(self) -> Latest:
        """The values of now, or those of the room's time; none where they are not known."""
        if not self.follower.past:
            return self._seat.pump.latest
        return self._seat.past.latest or Latest()

    def _look(self) -> None:
        self._declared()
        self._tick(self._seat.clock.now())

    def _tick(self, now: datetime) -> None:
        self.browser.set_now(now if not self.follower.past else self._seat.past.at or self._seat.room_time.at)

    def _selected(self, kind: str, identity: str) -> None:
        if kind == "sensor":
            self.browser.select_sensor(identity)


class PlotWiring(QObject):
    """Feeds one plot panel: readings, alarms, the link's age, and the sensors that are asked for."""

    def __init__(self, seat: Seat, sensors: list[str]) -> None:
        self.plot = PlotPanel(seat.clock, seat.commands.recent_readings, seat.tasks.spawn, seat.kinds, seat.scheduler)
        super().__init__(self.plot)
        self._seat = seat
        self._wanted = list(sensors)
        self._shown: list[Sensor] = []
        pump = seat.pump
        pump.room_reset.connect(self._reset)
        pump.sensors_changed.connect(self._declared)
        pump.alarms_changed.connect(self._alarms)
        pump.readings_arrived.connect(self._readings)
        pump.ticked.connect(self._tick)
        pump.link_changed.connect(self._link)
        seat.requests.plot_wanted.connect(self._add)
        self.plot.sensor_dropped.connect(self._add)
        seat.selection.changed.connect(self._selected)
        self._declared()
        self._link(pump.status)

    def _readings(self, readings: Readings) -> None:
        self.plot.add_readings(readings)

    def _alarms(self, _changed: object) -> None:
        self.plot.set_alarms(list(self._seat.pump.room.alarms.values()))

    def _tick(self, now: datetime) -> None:
        self.plot.set_now(now)

    def _link(self, status: LinkStatus) -> None:
        self.plot.set_stale_link(status.since if self._seat.stale else None)

    def _reset(self) -> None:
        """Another snapshot: limits and indices may be others, and readings were missed."""
        self.plot.start_anew()
        self._declared()

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
        sensors = [room.sensors[i] for i in known]
        if sensors and sensors != self._shown:
            self._shown = sensors
            self.plot.show_sensors(sensors, [room.sensor_index[i] for i in known])
            self.plot.set_alarms(list(room.alarms.values()))
