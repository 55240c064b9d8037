"""What keeps alarms from calling, connected: the list, the dialog that silences by matcher, and ending from there."""

from datetime import datetime, timedelta

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from controlroom.bridge.models.suppressions import Hold, Suppression, Suppressions
from controlroom.domain.alarm import Alarm
from controlroom.domain.silence import Matcher
from controlroom.seat.status import LinkStatus
from controlroom.wiring.seat import DEPARTMENTS, ZONE, Seat
from widgets.silence_dialog import SilenceDialog
from widgets.suppression_list import SuppressionDialog, SuppressionList


class SuppressionCount(QObject):
    """Follows how much is held back, without a list."""

    counted = Signal(int)

    def __init__(self, seat: Seat, parent: QObject) -> None:
        super().__init__(parent)
        self.held = Suppressions(seat.names)
        self._seat = seat
        self._told = -1
        pump = seat.pump
        pump.room_reset.connect(self._reset)
        pump.alarms_changed.connect(self._alarms)
        pump.silences_changed.connect(self._silences)
        pump.holds_changed.connect(self._holds)
        self._reset()

    @property
    def count(self) -> int:
        """How many alarms and silences."""
        return self.held.count

    def _reset(self) -> None:
        room = self._seat.pump.room
        self.held.reset(room.alarms.values(), room.silences.values(), room.holds.values())
        self._tell()

    def _alarms(self, alarms: list[Alarm]) -> None:
        self.held.change(alarms)
        self._tell()

    def _silences(self) -> None:
        self.held.set_silences(self._seat.pump.room.silences.values())
        self._tell()

    def _holds(self) -> None:
        self.held.set_holds(self._seat.pump.room.holds.values())
        self._tell()

    def _tell(self) -> None:
        if self.held.count != self._told:
            self._told = self.held.count
            self.counted.emit(self._told)


class SuppressionWiring(QObject):
    """Feeds one list; it is filled once a second at the most, and only while it is seen."""

    def __init__(self, seat: Seat) -> None:
        self.list = SuppressionList(seat.clock.now(), ZONE)
        super().__init__(self.list)
        self._seat = seat
        self._held = SuppressionCount(seat, self)
        self._shown = -1
        seat.pump.ticked.connect(self._tick)
        seat.pump.link_changed.connect(self._link)
        self.list.ended.connect(self._end)
        self.list.chosen.connect(self._choose)
        self.list.silence_wanted.connect(lambda: seat.requests.silence_wanted.emit(None))
        self._fill()
        self._link(seat.pump.status)

    def _tick(self, now: datetime) -> None:
        if self.list.isVisible():
            self._fill()
            self.list.tick(now)

    def _fill(self) -> None:
        if self._shown != self._held.held.version:
            self._shown = self._held.held.version
            self.list.set_lines(self._held.held.lines(self._seat.pump.room.alarms))

    def _link(self, _status: LinkStatus) -> None:
        self.list.set_stale(self._seat.stale)

    def _choose(self, alarm: str) -> None:
        self._seat.reveal("alarms")
        self._seat.selection.select("alarm", alarm)

    def _end(self, lines: list[Suppression]) -> None:
        officer, tasks = self._seat.officer, self._seat.tasks
        shelved = [line.id for line in lines if line.hold is Hold.SHELVED]
        others = [line.id for line in lines if line.hold in (Hold.SUPPRESSED, Hold.OUT_OF_SERVICE)]
        if shelved or others:
            tasks.spawn(officer.bring_back(shelved, others), "bring back")
        for line in lines:
            if line.hold is Hold.SILENCED:
                tasks.spawn(officer.end_silence(line.id), "end a silence")


class SuppressionDesk(QObject):
    """Opens the dialogs that panels ask for: the list of what is held back, and a new silence."""

    def __init__(self, seat: Seat, parent: QObject) -> None:
        super().__init__(parent)
        self._seat = seat
        self.dialog: SuppressionDialog | None = None
        self.silencing: SilenceDialog | None = None
        seat.requests.suppressions_wanted.connect(self.show_list)
        seat.requests.silence_wanted.connect(self.silence)

    def show_list(self, parent: QWidget | None = None) -> None:
        """Show what is held back, or bring it to the front."""
        if self.dialog is None:
            self.dialog = SuppressionDialog(SuppressionWiring(self._seat).list, parent)
            self.dialog.destroyed.connect(self._forget)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def _forget(self) -> None:
        self.dialog = None

    def silence(self, like: Alarm | None) -> None:
        """Ask which alarms to silence; `like` fills in where it came from."""
        room, names = self._seat.pump.room, self._seat.names
        standing = list(room.alarms.values())
        sources = {source: names.source(source) for source in sorted({alarm.source for alarm in standing})}
        kinds = {kind: names.kind(kind) for kind in sorted({alarm.kind for alarm in standing if alarm.kind})}
        told = {alarm.department for alarm in standing if alarm.department}
        departments = (*DEPARTMENTS, *sorted(told - set(DEPARTMENTS)))
        dialog = SilenceDialog(self._count, sources, kinds, departments, like, self.dialog)
        dialog.decided.connect(self._silence)
        dialog.finished.connect(dialog.deleteLater)
        self.silencing = dialog
        dialog.open()

    def _count(self, matcher: Matcher) -> int:
        return sum(1 for alarm in self._seat.pump.room.alarms.values() if matcher.matches(alarm))

    def _silence(self, matcher: Matcher, minutes: int, reason: str) -> None:
        until = self._seat.clock.now() + timedelta(minutes=minutes)
        self._seat.tasks.spawn(self._seat.officer.silence(matcher, until, reason), "silence alarms")
