"""The report on the load of alarms: a period is chosen, read with progress, shown as tables and a plot, exported."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QDateTime, Qt, QTimeZone
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDateTimeEdit,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.models import alarm_report_text as texts
from controlroom.bridge.refusals import sentence
from controlroom.domain.alarm_bands import AlarmBands
from controlroom.domain.alarm_report import AlarmReport
from controlroom.domain.flood import Flood
from controlroom.errors import CommandRefused, EnvironmentFault
from controlroom.i18n import _
from widgets.alarm_rate_plot import AlarmRatePlot
from widgets.banner import Banner

_HOUR_S = 3600
_SHIFT_S = 8 * _HOUR_S
_DAY_S = 24 * _HOUR_S
PERIODS_S = (_HOUR_S, _SHIFT_S, _DAY_S, 7 * _DAY_S, 30 * _DAY_S)
_STEPS = 1000

Answer = tuple[AlarmReport, list[Flood]]
Ask = Callable[[datetime, datetime, Callable[[float], None]], Awaitable[Answer]]
"""Makes the report of a period and tells how far it is, from 0 to 1."""


class Cancellable(Protocol):
    """What runs and can be ended: an asyncio task."""

    def cancel(self) -> object:
        """End it."""


Spawn = Callable[[Coroutine[Any, Any, None], str], Any]
Write = Callable[[Path, str], None]
"""Writes a text; raises EnvironmentFault."""
Choose = Callable[[QWidget], str]
"""Asks where to write; empty when nowhere."""


def chosen_file(parent: QWidget) -> str:
    """Where the officer wants the CSV."""
    path, _filter = QFileDialog.getSaveFileName(parent, _("Export the report"), "alarm-report.csv", "CSV (*.csv)")
    return path


class AlarmReportDialog(QDialog):
    """Not modal. Reading goes on beside the GUI, shows how far it is and can be cancelled."""

    def __init__(
        self,
        ask: Ask,
        spawn: Spawn,
        write: Write,
        bands: AlarmBands,
        now: Callable[[], datetime],
        zone: tzinfo,
        choose: Choose = chosen_file,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Alarm report"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._ask, self._spawn, self._write, self._choose = ask, spawn, write, choose
        self._bands, self._now, self._zone = bands, now, zone
        self._running: Cancellable | None = None
        self.answer: Answer | None = None
        self.period = QComboBox()
        self.since, self.until = self._edit(), self._edit()
        self.go = QPushButton(_("Make the report"))
        self.stop = QPushButton(_("Cancel"))
        self.export = QPushButton(_("Export as CSV…"))
        self.progress = QProgressBar()
        self.quality = QLabel()
        self.notice = Banner("refused")
        self.view = QComboBox()
        self.plot = AlarmRatePlot(bands, zone)
        self.measures, self.top, self.named, self.floods = (_table() for _number in range(4))
        self._build()
        self._choose_period()
        self._allow()
        self.resize(980, 640)

    def _edit(self) -> QDateTimeEdit:
        edit = QDateTimeEdit()
        edit.setDisplayFormat("yyyy-MM-dd HH:mm")
        edit.setCalendarPopup(True)
        edit.setTimeZone(QTimeZone(str(self._zone).encode()))
        return edit

    def _build(self) -> None:
        names = (_("Last hour"), _("Last 8 hours"), _("Last 24 hours"), _("Last 7 days"), _("Last 30 days"))
        for name, period_s in zip(names, PERIODS_S, strict=True):
            self.period.addItem(name, period_s)
        self.period.addItem(_("From … to…"), 0)
        self.period.setCurrentIndex(PERIODS_S.index(_DAY_S))
        self.period.currentIndexChanged.connect(self._choose_period)
        for edit in (self.since, self.until):
            edit.dateTimeChanged.connect(self._own_period)
        bar = QHBoxLayout()
        for widget in (self.period, self.since, QLabel("–"), self.until, self.go, self.stop):
            bar.addWidget(widget)
        bar.addWidget(self.progress, 1)
        bar.addStretch(1)
        bar.addWidget(self.export)
        self.progress.setRange(0, _STEPS)
        self.quality.setWordWrap(True)
        self.quality.setTextFormat(Qt.TextFormat.PlainText)
        drawn = QWidget()
        column = QVBoxLayout(drawn)
        column.addWidget(self.view, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.plot, 1)
        self.pages = QTabWidget()
        self.pages.setDocumentMode(True)
        for page, title in (
            (self.measures, _("Measures")),
            (drawn, _("Plot")),
            (self.top, _("Top ten")),
            (self.named, _("Stale and chattering")),
            (self.floods, _("Floods")),
        ):
            self.pages.addTab(page, title)
        whole = QVBoxLayout(self)
        whole.addLayout(bar)
        whole.addWidget(self.notice)
        whole.addWidget(self.quality)
        whole.addWidget(self.pages, 1)
        self.go.clicked.connect(self.start)
        self.stop.clicked.connect(self.cancel)
        self.export.clicked.connect(self.save)
        self.view.currentIndexChanged.connect(self._draw)
        self.go.setDefault(True)

    # ---------------------------------------------------------------- the period

    def _choose_period(self) -> None:
        period_s = self.period.currentData()
        if not period_s:
            return
        until = self._now()
        for edit, at in ((self.since, until - timedelta(seconds=period_s)), (self.until, until)):
            edit.blockSignals(True)
            edit.setDateTime(QDateTime.fromMSecsSinceEpoch(int(at.timestamp() * 1000), edit.timeZone()))
            edit.blockSignals(False)

    def _own_period(self) -> None:
        self.period.setCurrentIndex(self.period.count() - 1)

    def chosen(self) -> tuple[datetime, datetime]:
        """The period, aware."""
        since, until = (
            datetime.fromtimestamp(edit.dateTime().toMSecsSinceEpoch() / 1000, UTC) for edit in (self.since, self.until)
        )
        return since, until

    # ---------------------------------------------------------------- reading

    def start(self) -> None:
        """Read the period."""
        self._choose_period()
        since, until = self.chosen()
        if since >= until:
            self.notice.say(_("The period must end after it begins."))
            return
        if self._running is not None:
            return
        self.notice.hush()
        self.progress.setValue(0)
        self._running = self._spawn(self._read(since, until), "alarm report")
        self._allow()

    def cancel(self) -> None:
        """Stop reading."""
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
            self.progress.setValue(0)
        self._allow()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nothing is read for a window that is gone."""
        self.cancel()
        super().closeEvent(event)

    def reject(self) -> None:
        """Escape closes."""
        self.cancel()
        super().reject()

    async def _read(self, since: datetime, until: datetime) -> None:
        try:
            answer = await self._ask(since, until, self._told)
        except CommandRefused as refused:
            self.notice.say(sentence(refused.code, refused.text))
            answer = None
        except EnvironmentFault as fault:
            self.notice.say(fault.sentence)
            answer = None
        self._running = None
        if answer is not None:
            self.show_report(*answer)
        self._allow()

    def _told(self, share: float) -> None:
        self.progress.setValue(round(share * _STEPS))

    def _allow(self) -> None:
        busy = self._running is not None
        self.go.setEnabled(not busy)
        self.stop.setEnabled(busy)
        self.progress.setVisible(busy)
        self.export.setEnabled(self.answer is not None and not busy)

    # ---------------------------------------------------------------- showing

    def show_report(self, report: AlarmReport, floods: list[Flood]) -> None:
        """Show a report."""
        self.answer = report, floods
        self.quality.setText(texts.quality(report, self._zone))
        names = [texts.view_name(view.view) for view in report.views]
        _fill(self.measures, [_("Figure"), *names, _("Should be")], texts.measures(report, self._bands))
        seat, title, place = _("Seat"), _("Alarm title"), _("Place")
        _fill(self.top, [seat, _("Rank"), title, place, _("Count"), _("Share")], texts.top_rows(report))
        _fill(self.named, [seat, _("What"), title, place, _("Since")], texts.named_rows(report, self._zone))
        _fill(
            self.floods,
            [seat, _("Since"), _("Duration"), _("Count"), _("Peak"), _("Peak at")],
            texts.flood_rows(floods, report, self._zone),
        )
        self.view.clear()
        self.view.addItems(names)
        self._draw(0)
        self._allow()

    def _draw(self, place: int) -> None:
        if self.answer is not None and 0 <= place < len(self.answer[0].views):
            self.plot.show_view(self.answer[0], self.answer[0].views[place])

    def save(self) -> None:
        """Export what is shown."""
        path = self._choose(self) if self.answer is not None else ""
        if not path or self.answer is None:
            return
        try:
            self._write(Path(path), texts.csv_text(*self.answer, self._bands, self._zone))
        except EnvironmentFault as fault:
            self.notice.say(fault.sentence)


def _table() -> QTableWidget:
    table = QTableWidget()
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 8)
    table.setShowGrid(False)
    table.setAlternatingRowColors(True)
    table.setTabKeyNavigation(False)
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return table


def _fill(table: QTableWidget, heading: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table.clear()
    table.setColumnCount(len(heading))
    table.setRowCount(len(rows))
    table.setHorizontalHeaderLabels(list(heading))
    for row, cells in enumerate(rows):
        for column, text in enumerate(cells):
            table.setItem(row, column, QTableWidgetItem(text))
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.horizontalHeader().setStretchLastSection(True)
