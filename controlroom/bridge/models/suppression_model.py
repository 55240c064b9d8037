"""The list of everything that keeps alarms from calling, as an item model; GUI thread only."""

import enum
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from controlroom.bridge.models.suppressions import Hold, Suppression, hold_word
from controlroom.bridge.raw_text import in_role
from controlroom.bridge.wording import due_text, span_text, time_text
from controlroom.i18n import _

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class SuppressionColumn(enum.IntEnum):
    """The columns, in their order."""

    HOLD = 0
    WHAT = 1
    AGE = 2
    UNTIL = 3
    WHO = 4
    WHY = 5
    SINCE = 6


class SuppressionModel(QAbstractTableModel):
    """Rows are suppressions of one kind or of all."""

    def __init__(self, now: datetime, zone: tzinfo | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[Suppression, ...] = ()
        self._rows: list[Suppression] = []
        self._hold: Hold | None = None
        self._now = now
        self._zone = zone

    def set_lines(self, lines: Sequence[Suppression]) -> None:
        """Hold exactly these."""
        if tuple(lines) != self._all:
            self._all = tuple(lines)
            self._fill()

    def set_hold(self, hold: Hold | None) -> None:
        """List those of one kind; None lists all."""
        if hold is not self._hold:
            self._hold = hold
            self._fill()

    def counts(self) -> dict[Hold, int]:
        """How many there are of each kind, listed or not."""
        counts = dict.fromkeys(Hold, 0)
        for line in self._all:
            counts[line.hold] += 1
        return counts

    def tick(self, now: datetime) -> None:
        """Move the time that ages are told against."""
        self._now = now
        if self._rows:
            last = len(self._rows) - 1
            self.dataChanged.emit(self.index(0, SuppressionColumn.AGE), self.index(last, SuppressionColumn.UNTIL))

    def line(self, row: int) -> Suppression:
        """The suppression of a row. Raises IndexError."""
        return self._rows[row]

    def row_of(self, key: tuple[Hold, str]) -> int:
        """The row of a suppression, or -1."""
        return next((row for row, line in enumerate(self._rows) if line.key == key), -1)

    def text(self, line: Suppression, column: int) -> str:
        """What a cell says."""
        if column == SuppressionColumn.HOLD:
            return hold_word(line.hold)
        if column == SuppressionColumn.WHAT:
            return line.what
        if column == SuppressionColumn.AGE:
            return span_text(max(0.0, (self._now - line.since).total_seconds()))
        if column == SuppressionColumn.UNTIL:
            return self._until(line)
        if column == SuppressionColumn.WHO:
            return line.who
        if column == SuppressionColumn.WHY:
            return line.why
        return time_text(line.since, self._now, self._zone)

    def _until(self, line: Suppression) -> str:
        if line.until is not None:
            return f"{due_text(line.until, self._now)} · {time_text(line.until, self._now, self._zone)}"
        if line.ends:
            return _("until somebody brings it back")
        return _("ends by itself")

    def _fill(self) -> None:
        self.beginResetModel()
        self._rows = [line for line in self._all if self._hold in (None, line.hold)]
        self.endResetModel()

    # ---------------------------------------------------------------- QAbstractTableModel

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Listed suppressions."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """The columns of SuppressionColumn."""
        return 0 if parent.isValid() else len(SuppressionColumn)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text of a cell."""
        if not index.isValid() or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        return in_role(self.text(self._rows[index.row()], index.column()), role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return {
            SuppressionColumn.HOLD: _("How"),
            SuppressionColumn.WHAT: _("What"),
            SuppressionColumn.AGE: _("For how long"),
            SuppressionColumn.UNTIL: _("Until"),
            SuppressionColumn.WHO: _("By whom"),
            SuppressionColumn.WHY: _("Reason"),
            SuppressionColumn.SINCE: _("Since"),
        }[SuppressionColumn(section)]
