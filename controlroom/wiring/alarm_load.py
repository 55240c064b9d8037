"""The load governor at one alarm table: rate, flood view, areas handed to other seats."""

from datetime import datetime

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QAction, QCursor, QKeySequence, Qt
from PySide6.QtWidgets import QMenu

from controlroom.bridge.governor import Governor
from controlroom.bridge.models.alarm_groups import AlarmGroupModel
from controlroom.domain.alarm import Alarm
from controlroom.domain.flood import Flood, Load
from controlroom.domain.seating import area_of
from controlroom.i18n import _
from controlroom.wire.seats import AnswerHandover, EndHandover, HandOver
from controlroom.wiring.seat import ZONE, Seat
from widgets.alarm_flood import AlarmFlood
from widgets.alarm_handover import HandoverLines
from widgets.alarm_load import LoadMeter
from widgets.alarm_table import AlarmTable
from widgets.menu_heading import add_heading

GROUPS_MS = 250
"""The groups take in what came this often: in a flood one turn of the frame clock is too short for them."""


class AlarmLoadWiring(QObject):
    """Adds the governor's parts to a table and connects them. Lives as long as the table."""

    def __init__(self, seat: Seat, governor: Governor, table: AlarmTable) -> None:
        super().__init__(table)
        self._seat, self._governor, self._table = seat, governor, table
        now = seat.clock.now()
        self.groups = AlarmGroupModel(now, ZONE, seat.names, table)
        self.flood = AlarmFlood(self.groups, ZONE)
        self.meter = LoadMeter(governor.bands)
        self.handovers = HandoverLines(governor.seat, ZONE)
        self._pending: dict[str, Alarm] = {}
        self._grouped = False
        self._wanted = False
        self._timer = QTimer(self, interval=GROUPS_MS)
        self._timer.timeout.connect(self._take_in)
        table.add_line(self.handovers)
        table.add_foot(self.meter)
        self._build_actions()
        self._connect()
        self._reroute()
        self._show_load(governor.load)
        self._flooded(governor.flood)

    def _build_actions(self) -> None:
        self.group_action = self._action(_("Groups by place and cause, or the list"), "G", self._toggle)
        self.hand_action = self._action(_("Hand new alarms of the area to another seat"), "H", self._hand_over)
        self._action(_("Accept the area that is offered"), "Ctrl+Y", self.handovers.accept_first)
        self._action(_("Next group that waits"), "J", self._go_to_next)
        self._action(_("Sort the groups again"), "Shift+G", self._sort_again)
        self._table.more_actions += [self.group_action, self.hand_action]

    def _action(self, text: str, key: str, slot: object) -> QAction:
        action = QAction(text, self._table)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(slot)
        self._table.addAction(action)
        return action

    def _connect(self) -> None:
        governor, pump = self._governor, self._seat.pump
        governor.load_changed.connect(self._show_load)
        governor.flood_changed.connect(self._flooded)
        governor.routing_changed.connect(self._reroute)
        pump.alarms_changed.connect(self._alarms)
        pump.room_reset.connect(self._reset)
        pump.floods_changed.connect(self._tell_flood)
        pump.ticked.connect(self._tick)
        self.handovers.answered.connect(self._answer)
        self.handovers.ended.connect(self._end)
        self.flood.chosen.connect(self._table.chosen)
        self.flood.menu_wanted.connect(self._table.show_menu)
        self._table.rows.installEventFilter(self)
        self.flood.rows.installEventFilter(self)

    # ---------------------------------------------------------------- rate and flood

    def _show_load(self, load: Load | None) -> None:
        self.meter.show_load(load)

    def _flooded(self, flood: Flood | None) -> None:
        self._want(flood is not None)
        self._tell_flood()

    def _tell_flood(self) -> None:
        self.flood.show_flood(self._governor.flood, self._seat.clock.now())

    def _want(self, grouped: bool) -> None:
        """Change the view by itself, but not under the pointer: then as soon as it has left."""
        self._wanted = grouped
        if not self._under_pointer():
            self._show_groups(grouped)

    def _under_pointer(self) -> bool:
        rows = self.flood.rows if self._grouped else self._table.rows
        view = rows.viewport()
        return rows.isVisible() and view.underMouse() and view.rect().contains(view.mapFromGlobal(QCursor.pos()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The pointer has left the rows: what waited for that is done now."""
        if event.type() is QEvent.Type.Leave and self._wanted != self._grouped:
            self._show_groups(self._wanted)
        return False

    def _toggle(self) -> None:
        self._wanted = not self._grouped
        self._show_groups(self._wanted)

    def _show_groups(self, grouped: bool) -> None:
        if grouped == self._grouped:
            return
        self._grouped = grouped
        if grouped:
            self._sort_again()
            self._timer.start()
        else:
            self._timer.stop()
        self._table.put_in_place(self.flood if grouped else None)

    def _sort_again(self) -> None:
        self._pending.clear()
        self.groups.build(a for a in self._seat.pump.room.alarms.values() if self._listed(a))
        self._tell_flood()

    def _listed(self, alarm: Alarm) -> bool:
        return alarm.aside is None and not self._governor.is_handed(alarm)

    def _go_to_next(self) -> None:
        if self._grouped:
            self.flood.go_to_next()

    def _alarms(self, alarms: list[Alarm]) -> None:
        if self._grouped:
            self._pending.update((alarm.id, alarm) for alarm in alarms)

    def _take_in(self) -> None:
        if self._pending:
            taken, self._pending = self._pending, {}
            self.groups.change([a for a in taken.values() if self.groups.holds(a.id) or self._listed(a)])

    def _reset(self) -> None:
        if self._grouped:
            self._sort_again()

    def _tick(self, now: datetime) -> None:
        self.handovers.tick(now)
        if self._grouped:
            self.flood.tick(now)

    # ---------------------------------------------------------------- areas

    def _reroute(self) -> None:
        governor = self._governor
        self._table.route(None if governor.routing.plain else governor.is_handed)
        self.handovers.show_handovers(governor.handovers, self._seat.clock.now())
        if self._grouped and not self._under_pointer():
            self._sort_again()

    def _hand_over(self) -> None:
        key = self._table.current_key()
        alarm = None if key is None else self._seat.pump.room.alarms.get(key)
        if alarm is None:
            self._table.show_refusal(_("Choose an alarm first: the new alarms of its area are handed over."))
            return
        others = [seat.name for seat in self._governor.others]
        area = area_of(alarm.place)
        if not others:
            self._table.show_refusal(_("No other seat is there to take over."))
        elif len(others) == 1:
            self._offer(area, others[0])
        else:
            self._choose_seat(area, others)

    def _choose_seat(self, area: str, others: list[str]) -> None:
        menu = QMenu(self._table)
        add_heading(menu, _("Hand new alarms of {area} to").format(area=area))
        for number, name in enumerate(others, 1):
            action = menu.addAction(f"&{number}  {name}" if number < 10 else name)
            action.setData((area, name))
        menu.triggered.connect(self._chosen_seat)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._table.mapToGlobal(self._table.rect().center()))

    def _chosen_seat(self, action: QAction) -> None:
        area, name = action.data()
        self._offer(area, name)

    def _offer(self, area: str, seat: str) -> None:
        self._seat.send(HandOver(area=area, to=seat))

    def _answer(self, handover: str, accept: bool) -> None:
        self._seat.send(AnswerHandover(handover=handover, accept=accept))

    def _end(self, handover: str) -> None:
        self._seat.send(EndHandover(handover=handover))
