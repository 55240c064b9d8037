"""The strip of every window and the sound, connected."""

from datetime import datetime

from PySide6.QtCore import QObject

from controlroom.bridge.annunciator import Annunciator, AnnunciatorState
from controlroom.domain.drill import Drill, Transport
from controlroom.domain.severity import Severity
from controlroom.shell.strips import Strips
from controlroom.wire.messages import Playback
from controlroom.wiring.seat import Seat
from widgets.strip import Sound

SILENCE_MINUTES = 5.0


class StripWiring(QObject):
    """Feeds the strips: link, counts, clock, drill, sound."""

    def __init__(self, seat: Seat, strips: Strips, annunciator: Annunciator | None, parent: QObject) -> None:
        super().__init__(parent)
        self._seat = seat
        self._strips = strips
        self._annunciator = annunciator
        pump = seat.pump
        pump.link_changed.connect(strips.set_link)
        pump.ticked.connect(self._tick)
        pump.room_reset.connect(self._reset)
        pump.alarms_changed.connect(self._alarms)
        pump.drill_changed.connect(self._drill)
        strips.transport_asked.connect(self._transport)
        strips.severity_chosen.connect(lambda _severity: seat.reveal("alarms"))
        if annunciator is not None:
            strips.silenced.connect(self.silence)
            annunciator.state_changed.connect(self._sound)
            self._sound(annunciator.state)
        else:
            strips.set_sound(Sound.UNAVAILABLE)
        strips.set_link(pump.status)

    def _tick(self, now: datetime) -> None:
        # In a drill this is the recording's time: the seat's clock follows the playback.
        self._strips.set_time(now)

    def _reset(self) -> None:
        if self._annunciator is not None:
            self._annunciator.reset(self._seat.pump.room.alarms.values())
        self._strips.set_drill(self._seat.pump.room.drill)
        self._count()

    def _alarms(self, alarms: list) -> None:  # type: ignore[type-arg]  # a Qt list of Alarm
        if self._annunciator is not None:
            self._annunciator.change(alarms)
        self._count()

    def _count(self) -> None:
        counts = dict.fromkeys(Severity, 0)
        for alarm in self._seat.pump.room.alarms.values():
            if alarm.waiting:
                counts[alarm.severity] += 1
        self._strips.set_counts(counts)

    def _drill(self, drill: Drill) -> None:
        self._strips.set_drill(drill)

    def _transport(self, transport: Transport, speed: float) -> None:
        self._seat.send(Playback(transport=transport, speed=speed))

    def silence(self) -> None:
        """Be silent for a while, or be heard again; nothing is acknowledged by it."""
        if self._annunciator is None:
            return
        if self._annunciator.state.silent_for_s > 0:
            self._annunciator.end_silence()
        else:
            self._annunciator.silence(SILENCE_MINUTES)

    def _sound(self, state: AnnunciatorState) -> None:
        if state.mute:
            self._strips.set_sound(Sound.UNAVAILABLE)
        elif state.silent_for_s > 0:
            self._strips.set_sound(Sound.SILENCED)
        else:
            self._strips.set_sound(Sound.SOUNDING if state.waiting else Sound.QUIET)
