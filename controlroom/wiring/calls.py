"""What is brought to this seat, and who is on duty, connected."""

from collections.abc import Iterable
from datetime import datetime

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from controlroom.bridge.wording import escalation_text
from controlroom.domain.alarm import Alarm
from controlroom.domain.escalation import addresses
from controlroom.i18n import _
from controlroom.seat.status import LinkStatus
from controlroom.wiring.seat import ZONE, Seat
from widgets.call_bar import CallBar
from widgets.roster_dialog import RosterDialog


def is_called(seat: Seat, alarm: Alarm) -> bool:
    """Whether an alarm was brought to the officer or the role of this seat."""
    escalation = alarm.escalation
    if escalation is None or not alarm.kept:
        return False
    role = seat.duty_plan.named(escalation.role)
    mine = role is not None and bool(seat.role) and role.is_called(seat.role)
    return addresses(escalation, seat.pump.room.duties.get(escalation.role), seat.commands.officer, mine)


class CallWiring(QObject):
    """Feeds the bar of one alarm table."""

    def __init__(self, seat: Seat, parent: QObject) -> None:
        super().__init__(parent)
        self.bar = CallBar()
        self._seat = seat
        self._called: dict[str, Alarm] = {}
        pump = seat.pump
        pump.room_reset.connect(self.reset)
        pump.duties_changed.connect(self.reset)
        seat.requests.officer_changed.connect(self.reset)
        pump.alarms_changed.connect(self._change)
        pump.ticked.connect(self._tick)
        pump.link_changed.connect(self._link)
        self.bar.taken.connect(lambda alarms: seat.tasks.spawn(seat.officer.take(alarms), "take alarms"))
        self.bar.acknowledged.connect(seat.acknowledge)
        self.bar.shown.connect(lambda alarm: seat.selection.select("alarm", alarm))
        self.reset()

    def reset(self) -> None:
        """Look at every alarm: another room, another officer."""
        self._called.clear()
        self._take(self._seat.pump.room.alarms.values())
        self._show(self._seat.clock.now())

    def _change(self, alarms: Iterable[Alarm]) -> None:
        if self._take(alarms):
            self._show(self._seat.clock.now())

    def _take(self, alarms: Iterable[Alarm]) -> bool:
        """Whether any of these is, or was, brought here."""
        touched = False
        for alarm in alarms:
            if is_called(self._seat, alarm):
                self._called[alarm.id] = alarm
                touched = True
            elif self._called.pop(alarm.id, None) is not None:
                touched = True
        return touched

    def _tick(self, now: datetime) -> None:
        if self._called:
            self._show(now)

    def _show(self, now: datetime) -> None:
        called = sorted(self._called.values(), key=lambda alarm: (alarm.severity, alarm.received_at, alarm.id))
        told = ""
        if called:
            words = _("Brought to you ({who}): {title}").format(
                who=escalation_text(called[0], self._seat.names, now), title=called[0].title
            )
            told = f"{words} · {called[0].place}" if called[0].place else words
        self.bar.set_calls(called, told)

    def _link(self, _status: LinkStatus) -> None:
        self.bar.allow(not self._seat.stale)


class RosterDesk(QObject):
    """Opens the dialog that shows who is on duty."""

    def __init__(self, seat: Seat, parent: QObject) -> None:
        super().__init__(parent)
        self._seat = seat
        self.dialog: RosterDialog | None = None

    def show(self, parent: QWidget | None = None) -> None:
        """Show who is on duty, or bring it to the front."""
        if self.dialog is None:
            self.dialog = self._build(parent)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def _build(self, parent: QWidget | None) -> RosterDialog:
        seat, pump = self._seat, self._seat.pump
        roles = {role.id: seat.names.role(role.id) for role in seat.duty_plan.role}
        dialog = RosterDialog(roles, seat.clock.now(), ZONE, parent)
        dialog.changed.connect(self._put)
        dialog.destroyed.connect(self._forget)
        pump.ticked.connect(dialog.tick)
        pump.duties_changed.connect(self._fill)
        pump.room_reset.connect(self._fill)
        pump.link_changed.connect(self._link)
        self.dialog = dialog
        self._fill()
        self._link(pump.status)
        return dialog

    def _fill(self) -> None:
        if self.dialog is not None:
            self.dialog.set_duties(self._seat.pump.room.duties.values())

    def _link(self, _status: LinkStatus) -> None:
        if self.dialog is not None:
            self.dialog.set_stale(self._seat.stale)

    def _put(self, role: str, officers: list[str]) -> None:
        self._seat.tasks.spawn(self._seat.officer.set_duty(role, officers, None), "put on duty")

    def _forget(self) -> None:
        self.dialog = None
        pump = self._seat.pump
        for signal, slot in (
            (pump.duties_changed, self._fill),
            (pump.room_reset, self._fill),
            (pump.link_changed, self._link),
        ):
            signal.disconnect(slot)
