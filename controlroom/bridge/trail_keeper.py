"""Keeps where vehicles have been lately, once for all maps of a seat."""

from PySide6.QtCore import QObject

from controlroom.bridge.pump import Pump
from controlroom.mapping.trails import Trails
from controlroom.wire.frames import Positions


class TrailKeeper(QObject):
    """Feeds `trails` from the pump. Make it before the maps, so that it hears of a batch before they draw it."""

    def __init__(self, pump: Pump, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.trails = Trails()
        self._pump = pump
        self._realm = ""
        pump.room_reset.connect(self._reset)
        pump.vehicles_changed.connect(self._vehicles)
        pump.positions_arrived.connect(self._positions)
        self._reset()

    def _reset(self) -> None:
        """Another hub, as that of a drill, has other vehicles at other times."""
        realm = self._pump.status.realm
        if realm != self._realm:
            self._realm = realm
            self.trails.clear()
        self._vehicles()

    def _vehicles(self, *_told: object) -> None:
        room = self._pump.room
        self.trails.replace(sorted(room.vehicles, key=room.vehicle_index.__getitem__))

    def _positions(self, positions: Positions) -> None:
        self.trails.add(positions.index, positions.lon, positions.lat, positions.time)
