"""The strip of every window, connected."""

from datetime import datetime

from PySide6.QtCore import QObject

from controlroom.domain.drill import Drill, Transport
from controlroom.domain.severity import Severity
from controlroom.shell.strips import Strips
from controlroom.wire.messages import Playback
from controlroom.wiring.seat import Seat


class StripWiring(QObject):
    """Feeds the strips: link, counts, clock, drill."""

    def __init__(self, seat: Seat, strips: Strips, parent: QObject) -> None:
        super().__init__(parent)
        self._seat = seat
        self._strips = strips
        pump = seat.pump
        pump.link_changed.connect(strips.set_link)
        pump.ticked.connect(self._tick)
        pump.room_reset.connect(self._reset)
        pump.alarms_changed.connect(self._alarms)
        pump.drill_changed.connect(self._drill)
        if seat.governor is not None:
            seat.governor.routing_changed.connect(self._count)
        strips.transport_asked.connect(self._transport)
        strips.severity_chosen.connect(lambda _severity: seat.reveal("alarms"))
        strips.set_link(pump.status)

    def _tick(self, now: datetime) -> None:
        # In a drill this is the recording's time: the seat's clock follows the playback.
        self._strips.set_time(now, self._seat.pump.recalled_at)

    def _reset(self) -> None:
        self._strips.set_drill(self._seat.pump.room.drill)
        self._count()

    def _alarms(self, _changed: object) -> None:
        self._count()

    def _count(self) -> None:
        counts = dict.fromkeys(Severity, 0)
        governor = self._seat.governor
        handed = None if governor is None or governor.routing.plain else governor.is_handed
        for alarm in self._seat.pump.room.alarms.values():
            if alarm.waiting and not (handed is not None and handed(alarm)):
                counts[alarm.severity] += 1
        self._strips.set_counts(counts)

    def _drill(self, drill: Drill) -> None:
        self._strips.set_drill(drill)

    def _transport(self, transport: Transport, speed: float) -> None:
        self._seat.send(Playback(transport=transport, speed=speed))
