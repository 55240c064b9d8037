"""Charts, opened from the plot panel's menu, the sensor browser's menu, the command bar and by keys."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QWidget

from controlroom.domain.sensor import Sensor
from controlroom.i18n import _
from controlroom.shell.actions import Actions
from controlroom.wiring.chart_compare import CompareRun
from controlroom.wiring.chart_frame import OpenChart
from controlroom.wiring.chart_plans import CalendarPlan, CorrelationPlan, EnvelopePlan, HeatPlan, RosePlan
from controlroom.wiring.chart_run import ChartPlan, ChartRun
from controlroom.wiring.chart_then import ThenPlan
from controlroom.wiring.chart_wall import WallRun
from controlroom.wiring.seat import Seat

Opens = Callable[[Seat, Sequence[Sensor], QWidget | None], OpenChart]


def _run(plan: Callable[[Seat, Sequence[Sensor]], ChartPlan]) -> Opens:
    def opens(seat: Seat, sensors: Sequence[Sensor], parent: QWidget | None) -> OpenChart:
        return ChartRun(seat, plan(seat, sensors), parent)

    return opens


CHARTS: dict[str, Opens] = {
    "wall": WallRun,
    "neighbours": _run(EnvelopePlan),
    "heat": _run(HeatPlan),
    "then": _run(ThenPlan),
    "compare": CompareRun,
    "correlation": _run(CorrelationPlan),
    "rose": _run(RosePlan),
    "air": _run(CalendarPlan),
}

OFFERED_MOST = 1000
"""Sensors among which a chart lets the officer choose."""


def chart_words() -> dict[str, str]:
    """What each chart is called in menus."""
    return {
        "wall": _("Small multiples"),
        "neighbours": _("One sensor or the district?"),
        "heat": _("Hours and days"),
        "then": _("Now over yesterday"),
        "compare": _("Compare with then"),
        "correlation": _("Correlation"),
        "rose": _("Wind rose"),
        "air": _("Air quality calendar"),
    }


class ChartDesk(QObject):
    """Opens charts and holds those that are open."""

    def __init__(self, seat: Seat, active: Callable[[], QWidget | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._seat = seat
        self._active = active
        self._chosen = ""
        self.charts: list[OpenChart] = []
        """Those that are open, the newest last."""
        seat.requests.chart_wanted.connect(self.open)
        seat.selection.changed.connect(self._selected)

    def register(self, actions: Actions) -> None:
        """Let every chart be opened by key and from the command bar."""
        for number, (name, words) in enumerate(chart_words().items(), 1):
            actions.add(
                f"chart_{name}",
                _("Chart: {name}").format(name=words),
                partial(self.open, name, []),
                group=_("Charts"),
                help=_("Of the chosen sensor"),
                shortcuts=(f"Ctrl+Alt+{number}",),
            )

    def open(self, name: str, sensors: Sequence[str]) -> OpenChart:
        """Open a chart of these sensors; without any of the chosen one."""
        run = CHARTS[name](self._seat, self._known(sensors), self._active())
        self.charts.append(run)
        run.window.closed.connect(self._closed)
        run.window.show()
        return run

    def _closed(self) -> None:
        window = self.sender()
        self.charts = [run for run in self.charts if run.window is not window]

    def _known(self, asked: Sequence[str]) -> list[Sensor]:
        held = self._seat.pump.room.sensors
        known = [held[each] for each in dict.fromkeys([*asked, self._chosen]) if each in held]
        if not known:
            known = list(held.values())[:1]
        return known[:OFFERED_MOST]

    def _selected(self, kind: str, identity: str) -> None:
        """The sensor that was chosen last, or that of the alarm."""
        if kind == "sensor":
            self._chosen = identity
        elif kind == "alarm":
            alarm = self._seat.pump.room.alarms.get(identity)
            self._chosen = (alarm.sensor or self._chosen) if alarm is not None else self._chosen


def chart_menu(parent: QWidget, opened: Callable[[str], None]) -> QMenu:
    """A menu of all charts."""
    menu = QMenu(_("Charts"), parent)
    for number, (name, words) in enumerate(chart_words().items(), 1):
        menu.addAction(f"{words}\tCtrl+Alt+{number}").triggered.connect(partial(_told, opened, name))
    return menu


def _told(opened: Callable[[str], None], name: str, _checked: bool = False) -> None:
    opened(name)
