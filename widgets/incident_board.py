"""The incident board: what the room handles, how old it is, and what is still to be done."""

from datetime import datetime
from typing import Protocol

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTabBar,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.models.incident_model import BoardColumn, IncidentModel, NewIncident
from controlroom.domain.incident import IncidentStatus
from controlroom.domain.severity import Severity
from controlroom.i18n import _
from widgets.banner import Banner
from widgets.errand import Errand, Spawn
from widgets.incident_dialogs import IncidentOpening
from widgets.severity import is_dark, severity_icon, severity_ink, severity_word
from widgets.table_look import dress

_SYMBOL = 16


class IncidentOpener(Protocol):
    """Opens incidents; raises CommandRefused or EnvironmentFault when it was not done."""

    async def open_incident(self, new: NewIncident) -> str:
        """Open an incident; returns its id."""


class _BoardDelegate(QStyledItemDelegate):
    """Adds the grade's symbol, and the colour of what is overdue."""

    def __init__(self, model: IncidentModel, view: QTableView) -> None:
        super().__init__(view)
        self._model = model
        self._view = view

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Fill in what is painted."""
        super().initStyleOption(option, index)
        dark = is_dark(self._view.palette())
        if index.column() == BoardColumn.GRADE:
            grade = self._model.record(index.row()).incident.grade
            option.icon = severity_icon(grade, _SYMBOL, dark=dark, ratio=self._view.devicePixelRatioF())
            option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
        elif index.column() == BoardColumn.OLDEST and self._model.overdue(index.row()):
            option.palette.setColor(QPalette.ColorRole.Text, severity_ink(Severity.ORANGE, dark))


class _Board(QTableView):
    """A table that says why it is empty, and keeps its titles readable when it is narrow."""

    def __init__(self) -> None:
        super().__init__()
        self.empty_text = ""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what the view below tells too."""
        super().resizeEvent(event)
        for width, column in ((760, BoardColumn.PLACE), (520, BoardColumn.TASKS)):
            self.setColumnHidden(column, self.width() < width)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, or the sentence."""
        super().paintEvent(event)
        model = self.model()
        if model is not None and not model.rowCount() and self.empty_text:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            painter.drawText(QRectF(self.viewport().rect()), Qt.AlignmentFlag.AlignCenter, self.empty_text)
            painter.end()


class IncidentBoard(QWidget):
    """Open and closed incidents over an IncidentModel that somebody else feeds."""

    chosen = Signal(object)
    """The id of the incident that is selected, or None."""
    opened = Signal(str)
    """The id of an incident that this officer has just opened."""
    map_wanted = Signal(str)
    """The id of the incident to show on the map."""

    def __init__(
        self, model: IncidentModel, commands: IncidentOpener, spawn: Spawn, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.model = model
        self._commands = commands
        self._chosen: str | None = None
        self._past = False
        self.notice = Banner("refused")
        self._errand = Errand(spawn, self.notice)
        self._tabs = QTabBar()
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        self._new = QPushButton(_("New incident…"))
        self._new.clicked.connect(lambda: self.ask())
        self._table = _Board()
        self._dress()
        bar = QHBoxLayout()
        bar.setContentsMargins(6, 4, 6, 4)
        bar.addWidget(self._tabs)
        bar.addStretch(1)
        bar.addWidget(self._new)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.notice)
        column.addWidget(self._table, 1)
        for status in IncidentStatus:
            self._tabs.addTab(status.value)
        self._tabs.currentChanged.connect(self._show_tab)
        self._table.selectionModel().currentRowChanged.connect(self._tell)
        self._table.activated.connect(self._want_map)
        model.modelReset.connect(self._follow)
        model.layoutChanged.connect(self._follow)
        self.setFocusProxy(self._table)
        self._follow()

    def _dress(self) -> None:
        table = self._table
        table.setObjectName("incidentBoard")
        table.setModel(self.model)
        table.setItemDelegate(_BoardDelegate(self.model, table))
        dress(table, 30)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = table.horizontalHeader()
        header.setMinimumSectionSize(40)
        for section, width in enumerate((100, 260, 110, 84, 66, 124)):
            header.resizeSection(section, max(width, header.sectionSizeHint(section)))
        grades = max(header.fontMetrics().horizontalAdvance(severity_word(grade)) for grade in Severity)
        header.resizeSection(BoardColumn.GRADE, grades + _SYMBOL + 20)
        header.setSectionResizeMode(BoardColumn.TITLE, QHeaderView.ResizeMode.Stretch)

    # ---------------------------------------------------------------- what others call

    def tick(self, now: datetime) -> None:
        """Draw ages and clocks again, once a second."""
        self.model.tick(now)

    def set_stale(self, stale: bool, since: datetime | None = None) -> None:
        """While the link to the hub is lost no incident can be opened."""
        self.setProperty("stale", stale)
        self._new.setDisabled(stale or self._past)

    def set_past(self, past: bool) -> None:
        """Say that the board is of an earlier time: nothing is opened from it until it is of now again."""
        self._past = past
        self._new.setDisabled(past or bool(self.property("stale")))

    @property
    def can_open(self) -> bool:
        """Whether an incident may be opened from here."""
        return self._new.isEnabled()

    def select(self, incident: str) -> None:
        """Select an incident by its id, under whichever tab it is."""
        record = self.model.of(incident)
        if record is None:
            return
        self._tabs.setCurrentIndex(list(IncidentStatus).index(record.incident.status))
        row = self.model.row(incident)
        if row >= 0:
            self._table.selectRow(row)

    def open(self, new: NewIncident) -> None:
        """Open an incident; `opened` follows when the hub has done it."""
        self._errand.run(self._commands.open_incident(new), "open incident", self.opened.emit)

    def ask(self, proposal: NewIncident | None = None) -> None:
        """Ask the officer for title, grade and place, then open the incident."""
        dialog = IncidentOpening(proposal, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.described.connect(self.open)
        dialog.open()

    # ---------------------------------------------------------------- inside

    def _show_tab(self, tab: int) -> None:
        self._chosen = None
        self.model.show_status(list(IncidentStatus)[tab])
        self.chosen.emit(None)

    def _follow(self) -> None:
        words = {IncidentStatus.OPEN: _("Open ({count})"), IncidentStatus.CLOSED: _("Closed ({count})")}
        for tab, status in enumerate(IncidentStatus):
            self._tabs.setTabText(tab, words[status].format(count=self.model.count(status)))
        empty = _("No open incidents") if self.model.status is IncidentStatus.OPEN else _("No closed incidents")
        self._table.empty_text = empty
        row = -1 if self._chosen is None else self.model.row(self._chosen)
        if row >= 0 and self._table.currentIndex().row() != row:
            self._table.selectRow(row)
        self._table.viewport().update()

    def _tell(self, index: QModelIndex) -> None:
        if index.isValid():
            self._chosen = self.model.record(index.row()).incident.id
            self.chosen.emit(self._chosen)

    def _want_map(self, index: QModelIndex) -> None:
        self.map_wanted.emit(self.model.record(index.row()).incident.id)
