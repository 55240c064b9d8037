"""The sensor browser, connected."""

from datetime import datetime

from PySide6.QtCore import QObject, QPoint

from controlroom.bridge.models.sensor_model import ID_ROLE, SensorModel
from controlroom.bridge.room_time import TimeFollower
from controlroom.domain.readings import Latest
from controlroom.wiring.charts import chart_menu
from controlroom.wiring.corroboration import corroborate_action
from controlroom.wiring.seat import Seat
from widgets.sensor_browser import SensorBrowser


class SensorsWiring(QObject):
    """Feeds one sensor browser."""

    def __init__(self, seat: Seat) -> None:
        self.model = SensorModel(seat.pump.latest, seat.kinds, book=seat.limit_book)
        self.browser = SensorBrowser(self.model)
        super().__init__(self.browser)
        self._seat = seat
        self._asked: list[str] = []
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
        self.browser.menu_wanted.connect(self._open_menu)
        self._corroborate_action = corroborate_action(self.browser.table, self._corroborate)
        self._declared()

    def _open_menu(self, sensors: list[str], at: QPoint) -> None:
        self._asked = sensors
        menu = chart_menu(self.browser, self._open_chart)
        menu.addAction(self._corroborate_action)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    def _open_chart(self, name: str) -> None:
        self._seat.requests.chart_wanted.emit(name, self._asked)

    def _corroborate(self) -> None:
        rows = self.browser.table.selectionModel().selectedRows()
        identity = str(rows[0].data(ID_ROLE) or "") if rows else ""
        if identity:
            self._seat.requests.corroboration_wanted.emit(identity)

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
