"""The drill panel: the transport of a playback, or how one is started."""

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from controlroom.domain.drill import Drill, Transport
from controlroom.i18n import _
from controlroom.wire.messages import Playback
from controlroom.wiring.seat import ZONE, Seat
from widgets.drill_transport import DrillTransport


class DrillWiring(QObject):
    """Shows the transport while the hub plays a recording."""

    def __init__(self, seat: Seat) -> None:
        self.panel = QWidget()
        super().__init__(self.panel)
        self._seat = seat
        self._transport = DrillTransport(ZONE)
        self._none = QLabel(
            _("No drill is being played. controlroom drill replay FILE plays one; controlroom drill list names them.")
        )
        self._none.setWordWrap(True)
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._none.setProperty("faint", True)
        column = QVBoxLayout(self.panel)
        column.addWidget(self._transport)
        column.addWidget(self._none, 1)
        seat.pump.room_reset.connect(self._reset)
        seat.pump.drill_changed.connect(self._show)
        seat.pump.ticked.connect(self._transport.tick)
        seat.pump.ticked.connect(self._transport.tick)
        self._transport.transport_asked.connect(self._ask)
        self._reset()

    def _reset(self) -> None:
        self._show(self._seat.pump.room.drill)

    def _show(self, drill: Drill | None) -> None:
        self._transport.setVisible(drill is not None)
        self._none.setVisible(drill is None)
        if drill is not None:
            self._transport.show_drill(drill)

    def _ask(self, transport: Transport, speed: float) -> None:
        self._seat.send(Playback(transport=transport, speed=speed))
