"""A table of values as text with a sort key, a swatch of colour and a stale state; rows keep their place by id."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelection,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QVBoxLayout, QWidget

from widgets.empty_words import EmptyWords

SORT_ROLE = Qt.ItemDataRole.UserRole
ID_ROLE = Qt.ItemDataRole.UserRole + 1

_LEGIBLE_PX = 64

AnyIndex = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class Cell(Struct, frozen=True):
    """What one cell shows: `sort` orders the column when it is not ordered by the text; `colour` is a swatch."""

    text: str
    sort: float | None = None
    colour: str = ""
    stale: bool = False


class Row(Struct, frozen=True):
    """One row: `id` is what `chosen` tells."""

    id: str
    cells: tuple[Cell, ...]


class ValueTableModel(QAbstractTableModel):
    """The rows; setting the same ids again changes cells in place, so that selection and scroll stay."""

    def __init__(self, titles: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._titles = tuple(titles)
        self._rows: list[Row] = []

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows. Raises ValueError for a row that does not have a cell for every column."""
        if any(len(row.cells) != len(self._titles) for row in rows):
            raise ValueError(f"a row does not have {len(self._titles)} cells")
        if [row.id for row in rows] != [row.id for row in self._rows]:
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()
            return
        for number, row in enumerate(rows):
            if row != self._rows[number]:
                self._rows[number] = row
                self.dataChanged.emit(self.index(number, 0), self.index(number, len(self._titles) - 1))

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:
        """Qt's question."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = _ROOT) -> int:
        """Qt's question."""
        return 0 if parent.isValid() else len(self._titles)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        """Qt's question."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's question; only values of plain Python and Qt types."""
        row = self._rows[index.row()]
        cell = row.cells[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return cell.text or None
        if role == SORT_ROLE:
            return cell.text if cell.sort is None else float(cell.sort)
        if role == ID_ROLE:
            return row.id
        if role == Qt.ItemDataRole.DecorationRole and cell.colour:
            return QColor(cell.colour)
        if role == Qt.ItemDataRole.TextAlignmentRole and cell.sort is not None:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.FontRole and cell.stale:
            font = QFont()
            font.setItalic(True)
            return font
        return None


def shared(needed: Sequence[int], room: int, least: int) -> list[int]:
    """Widths for columns that need so much in such a room: the widest are capped alike, none below `least` pixels."""
    if sum(needed) <= room or not needed:
        return list(needed)
    low, cap = least, max(needed)
    while low < cap:
        middle = (low + cap + 1) // 2
        low, cap = (middle, cap) if sum(min(each, middle) for each in needed) <= room else (low, middle - 1)
    return [min(each, max(cap, least)) for each in needed]


class ValueTable(QWidget):
    """A sorted table with one chosen row. GUI thread; for some hundreds of rows."""

    row_chosen = Signal(str)
    """The id of the row that the officer chose."""

    def __init__(self, titles: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ValueTableModel(titles, self)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self.model)
        self._sorted.setSortRole(SORT_ROLE)
        self.view = QTableView()
        self.view.setModel(self._sorted)
        self.view.setSortingEnabled(True)
        self.view.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setAlternatingRowColors(True)
        self.view.setShowGrid(False)
        self.view.verticalHeader().hide()
        self.view.verticalHeader().setDefaultSectionSize(self.view.fontMetrics().height() + 8)
        header = self.view.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        header.setMinimumSectionSize(40)
        self._needed: tuple[int, ...] = ()
        self.view.viewport().installEventFilter(self)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.empty = EmptyWords(self.view, "")
        self.view.selectionModel().selectionChanged.connect(self._tell)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.view)

    @property
    def chosen(self) -> str:
        """The id of the chosen row, empty when none is."""
        rows = self.view.selectionModel().selectedRows()
        return str(rows[0].data(ID_ROLE)) if rows else ""

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows; the chosen one stays chosen if it is still there, and nothing is told."""
        held = self.chosen
        selection = self.view.selectionModel()
        blocked = selection.blockSignals(True)
        try:
            self.model.set_rows(rows)
            if held and self.chosen != held:
                self._select(held)
        finally:
            selection.blockSignals(blocked)
        self._fit()
        self.view.viewport().update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Columns share what the view is wide."""
        if event.type() == QEvent.Type.Resize:
            self._needed = ()
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        """What the words need where there is room for all; else the widest give way and nothing is out of sight."""
        header = self.view.horizontalHeader()
        needed = tuple(
            max(self.view.sizeHintForColumn(column), header.sectionSizeHint(column)) for column in range(header.count())
        )
        if needed == self._needed:
            return
        self._needed = needed
        room = self.view.viewport().width()
        squeezed = shared(needed, room, _LEGIBLE_PX)
        # A table far too narrow for its words is scrolled: cut to the quick nothing in it could be told apart.
        for column, width in enumerate(squeezed if sum(squeezed) <= room else needed):
            header.resizeSection(column, width)

    def sort(self, column: int, *, descending: bool = False) -> None:
        """Order by a column until the officer orders by another."""
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.view.sortByColumn(column, order)

    def choose(self, row: str) -> None:
        """Choose a row by its id; an unknown one changes nothing."""
        self._select(row)

    def _select(self, row: str) -> None:
        for number in range(self._sorted.rowCount()):
            if self._sorted.index(number, 0).data(ID_ROLE) == row:
                self.view.selectRow(number)
                return

    def _tell(self, _chosen: QItemSelection, _dropped: QItemSelection) -> None:
        if self.chosen:
            self.row_chosen.emit(self.chosen)
