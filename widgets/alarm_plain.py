"""The accessible twin of the painted alarm list: Qt's own table on the same model, which screen readers can read."""

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QTableView, QVBoxLayout, QWidget

from controlroom.bridge.models.alarm_index import AlarmColumn
from controlroom.bridge.models.alarm_model import AlarmModel
from controlroom.i18n import _
from widgets.alarm_page import AlarmPage

_ASIDE = (AlarmColumn.ASIDE_REASON, AlarmColumn.ASIDE_SINCE, AlarmColumn.ASIDE_UNTIL)


class AlarmPlain(AlarmPage):
    """Rows are chosen as in any table; the first cell of a row reads as the whole alarm, the others as themselves."""

    chosen = Signal(object)
    """The Alarm of the current row, or None."""
    activated_key = Signal(str)
    """Enter or a double click on a row: the alarm's id."""
    menu_wanted = Signal(QPoint)
    """Where on the screen the menu of the chosen alarms is wanted."""

    def __init__(self, model: AlarmModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.table = QTableView()
        self.table.setObjectName("alarmPlain")
        self.table.setAccessibleName(_("Alarms"))
        self.table.setModel(model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setWordWrap(False)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setStretchLastSection(True)
        for column in _ASIDE:
            self.table.setColumnHidden(column, True)
        for column, width in ((AlarmColumn.TITLE, 240), (AlarmColumn.PLACE, 180), (AlarmColumn.SOURCE, 150)):
            self.table.setColumnWidth(column, width)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.table)
        self.setFocusProxy(self.table)
        self.table.selectionModel().currentRowChanged.connect(self._tell)
        self.table.activated.connect(self._activate)
        self.table.customContextMenuRequested.connect(self._ask_menu)

    def keys(self) -> list[str]:
        """The ids of the selected rows, in the order of the list."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self._model.key(row) for row in rows]

    def current_key(self) -> str | None:
        """The id of the current row."""
        index = self.table.currentIndex()
        return self._model.key(index.row()) if index.isValid() else None

    def choose(self, key: str | None) -> None:
        """Make a row current and select it; the first one where the key is not listed."""
        row = -1 if key is None else self._model.row(key)
        if self._model.rowCount():
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.table.selectionModel().setCurrentIndex(self._model.index(max(row, 0), 0), flags)

    def _tell(self, current: QModelIndex) -> None:
        self.chosen.emit(self._model.alarm(current.row()) if current.isValid() else None)

    def _activate(self, index: QModelIndex) -> None:
        self.activated_key.emit(self._model.key(index.row()))

    def _ask_menu(self, at: QPoint) -> None:
        self.menu_wanted.emit(self.table.viewport().mapToGlobal(at))
