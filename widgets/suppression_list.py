"""All that keeps alarms from calling, with its age: looked through by kind, and ended from here."""

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTabBar,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.models.suppression_model import SuppressionColumn, SuppressionModel
from controlroom.bridge.models.suppressions import Hold, Suppression, hold_word
from controlroom.i18n import _

_WIDTHS = {
    SuppressionColumn.HOLD: 96,
    SuppressionColumn.WHAT: 270,
    SuppressionColumn.AGE: 110,
    SuppressionColumn.UNTIL: 200,
    SuppressionColumn.WHO: 120,
    SuppressionColumn.WHY: 190,
    SuppressionColumn.SINCE: 120,
}


class SuppressionList(QWidget):
    """Tabs by kind over a SuppressionModel of its own; what the officer does leaves as signals."""

    ended = Signal(list)
    """list[Suppression]: what is to be over."""
    chosen = Signal(str)
    """The id of an alarm to be shown in the list of alarms."""
    silence_wanted = Signal()
    """The officer wants to silence more alarms."""

    def __init__(self, now: datetime, zone: tzinfo | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("suppressionList")
        self.model = SuppressionModel(now, zone, self)
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self._holds: tuple[Hold | None, ...] = (None, *Hold)
        for _place in self._holds:
            self.tabs.addTab("")
        self.view = QTableView()
        self.view.setModel(self.model)
        self.view.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.view.setAlternatingRowColors(True)
        self.view.setShowGrid(False)
        self.view.setWordWrap(False)
        self.view.setTabKeyNavigation(False)
        self.view.verticalHeader().hide()
        header = self.view.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for number, width in _WIDTHS.items():
            self.view.setColumnWidth(number, width)
        header.setSectionResizeMode(SuppressionColumn.WHY, QHeaderView.ResizeMode.Stretch)
        self.empty = QLabel(_("Nothing is held back: every alarm calls."))
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setProperty("faint", True)
        self.end_button = QPushButton(_("End the selected (Del)"))
        self.silence_button = QPushButton(_("Silence alarms… (N)"))
        self.note = QLabel()
        self.note.setProperty("faint", True)
        foot = QHBoxLayout()
        foot.addWidget(self.note, 1)
        foot.addWidget(self.silence_button)
        foot.addWidget(self.end_button)
        foot.setContentsMargins(6, 4, 6, 6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.tabs)
        column.addWidget(self.view, 1)
        column.addWidget(self.empty, 1)
        column.addLayout(foot)
        self._action("Del", self._end)
        self._action("N", self.silence_wanted.emit)
        self.end_button.clicked.connect(self._end)
        self.silence_button.clicked.connect(self.silence_wanted)
        self.tabs.currentChanged.connect(self._choose_tab)
        self.view.activated.connect(lambda index: self._show_alarm(index.row()))
        self.view.selectionModel().selectionChanged.connect(self._allow)
        self.setFocusProxy(self.view)
        self._stale = False
        self._show_counts()

    def _action(self, key: str, slot: Callable[[], object]) -> None:
        action = QAction(self)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda: slot())
        self.addAction(action)

    # ---------------------------------------------------------------- what others call

    def set_lines(self, lines: Sequence[Suppression]) -> None:
        """List these; what was selected stays so."""
        kept = [line.key for line in self.selected()]
        self.model.set_lines(lines)
        selection = self.view.selectionModel()
        for row in (self.model.row_of(key) for key in kept):
            if row >= 0:
                flags = selection.SelectionFlag.Select | selection.SelectionFlag.Rows
                selection.select(self.model.index(row, 0), flags)
        if self.model.rowCount() and not self.view.currentIndex().isValid():
            flag = selection.SelectionFlag.NoUpdate if kept else selection.SelectionFlag.SelectCurrent
            selection.setCurrentIndex(self.model.index(0, 0), flag | selection.SelectionFlag.Rows)
        self._show_counts()

    def tick(self, now: datetime) -> None:
        """Draw ages again, once a second."""
        self.model.tick(now)

    def set_stale(self, stale: bool) -> None:
        """While the link to the hub is lost nothing can be ended."""
        self._stale = stale
        self.setProperty("stale", stale)
        self._allow()

    def selected(self) -> list[Suppression]:
        """The selected lines."""
        return [self.model.line(index.row()) for index in self.view.selectionModel().selectedRows()]

    # ---------------------------------------------------------------- inside

    def _choose_tab(self, tab: int) -> None:
        self.model.set_hold(self._holds[tab])
        self._show_counts()

    def _show_alarm(self, row: int) -> None:
        line = self.model.line(row)
        if line.hold is not Hold.SILENCED:
            self.chosen.emit(line.id)

    def _end(self) -> None:
        ending = [line for line in self.selected() if line.ends]
        if ending and not self._stale:
            self.ended.emit(ending)

    def _allow(self) -> None:
        self.end_button.setEnabled(not self._stale and any(line.ends for line in self.selected()))
        self.silence_button.setEnabled(not self._stale)

    def _show_counts(self) -> None:
        counts = self.model.counts()
        for tab, hold in enumerate(self._holds):
            word, count = (_("All"), sum(counts.values())) if hold is None else (hold_word(hold), counts[hold])
            self.tabs.setTabText(tab, _("{word} ({count})").format(word=word, count=count) if count else word)
        listed = self.model.rowCount()
        self.view.setVisible(listed > 0)
        self.empty.setVisible(not listed)
        automatic = counts[Hold.MUTED] + counts[Hold.FLAPPING] + counts[Hold.RULED]
        self.note.setText(_("What rules hold back ends by itself.") if automatic else "")
        self._allow()


class SuppressionDialog(QDialog):
    """The list in a window of its own; not modal."""

    def __init__(self, held: SuppressionList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("What is held back"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.list = held
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.addWidget(held)
        self.resize(1120, 460)
        held.setFocus()
