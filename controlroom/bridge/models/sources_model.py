"""The sources of the hub and what was refused of them, as item models; GUI thread only."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from controlroom.bridge.names import Names
from controlroom.bridge.raw_text import harmless, tip
from controlroom.bridge.wording import age_text, span_text, time_text
from controlroom.i18n import _
from controlroom.wire.source_health import RefusedMessage, SourceNow

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


def source_word(source: SourceNow) -> str:
    """How a source stands, with its sign."""
    words = []
    if source.silent:
        words.append("○ " + _("Silent"))
    if source.skew_s:
        words.append("◐ " + _("Clock is off"))
    return " · ".join(words) or "● " + _("Delivers")


def refused_word(code: str) -> str:
    """Why something a source sent was turned away, in a word or two, by the hub's code."""
    words = {
        "malformed": _("Cannot be read"),
        "newer_version": _("Of a newer version"),
        "wrong_realm": _("For another room"),
        "unknown_object": _("About something unknown"),
        "too_large": _("Too long"),
        "not_allowed": _("Not allowed"),
    }
    return words.get(code, code)


class _Rows(QAbstractTableModel):
    """Rows of one kind, replaced whole; what is told of the selection is the view's business."""

    AGE = -1

    def __init__(self, now: datetime, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.now = now
        self.rows: list[Any] = []

    def show(self, rows: list[Any]) -> None:
        """Replace the rows; where only their content changed nothing is laid out anew."""
        if len(rows) == len(self.rows):
            self.rows = rows
            if rows:
                last = self.index(len(rows) - 1, self.columnCount() - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def tick(self, now: datetime) -> None:
        """Move the time that ages are told against."""
        self.now = now
        if self.rows:
            last = self.index(len(self.rows) - 1, self.AGE)
            self.dataChanged.emit(self.index(0, self.AGE), last, [Qt.ItemDataRole.DisplayRole])

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # Qt's name
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # Qt's name
        return 0 if parent.isValid() else len(self._titles())

    def headerData(  # Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        titles = self._titles()
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole and section < len(titles):
            return titles[section]
        return None

    def _titles(self) -> tuple[str, ...]:
        raise NotImplementedError


class SourcesModel(_Rows):
    """One row per source, those with something wrong first."""

    NAME, STATE, HEARD, RATE, RECORDS, REFUSED, SKEW = range(7)
    AGE = HEARD

    def __init__(self, now: datetime, names: Names, parent: QObject | None = None) -> None:
        super().__init__(now, parent)
        self._names = names

    def show(self, rows: list[SourceNow]) -> None:
        """Replace the rows."""
        super().show(sorted(rows, key=lambda s: (not (s.silent or s.skew_s), not s.refused, s.id)))

    def name_of(self, source: str) -> str:
        """What officers call a source."""
        return self._names.source(source)

    def row_of(self, source: str) -> int:
        """The row of a source, -1 where there is none."""
        return next((row for row, each in enumerate(self.rows) if each.id == source), -1)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's: what a cell shows."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        source: SourceNow = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cells()[index.column()](source)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(source.refusal) if index.column() == self.REFUSED and source.refusal else tip(source.id)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() >= self.RATE:
            return _RIGHT
        return None

    def _cells(self) -> tuple[Callable[[SourceNow], str], ...]:
        return (
            lambda s: harmless(self._names.source(s.id)),
            source_word,
            lambda s: age_text((self.now - s.seen_at).total_seconds()),
            lambda s: f"{s.rate_per_s:,.1f}",
            lambda s: f"{s.records:,}",
            lambda s: f"{s.refused:,}",
            lambda s: _skew_text(s.skew_s),
        )

    def _titles(self) -> tuple[str, ...]:
        return (
            _("Source"),
            _("State"),
            _("Last heard"),
            _("Per second"),
            _("Taken in"),
            _("Turned away"),
            _("Its clock"),
        )


class RefusedModel(_Rows):
    """One row per refused message of one source, the newest first."""

    TIME, HOW_OLD, REASON, SIZE = range(4)
    AGE = HOW_OLD

    def __init__(self, now: datetime, zone: tzinfo | None = None, parent: QObject | None = None) -> None:
        super().__init__(now, parent)
        self._zone = zone

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's: what a cell shows."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        message: RefusedMessage = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (
                time_text(message.at, self.now, self._zone),
                age_text((self.now - message.at).total_seconds()),
                harmless(f"{refused_word(message.code)} · {message.text}"),
                _("{count} bytes").format(count=f"{message.size:,}"),
            )[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(message.text)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == self.SIZE:
            return _RIGHT
        return None

    def _titles(self) -> tuple[str, ...]:
        return (_("Time"), _("Age"), _("Why it was refused"), _("Size"))


def _skew_text(skew_s: float) -> str:
    if not skew_s:
        return _("right")
    words = _("{span} fast") if skew_s > 0 else _("{span} slow")
    return words.format(span=span_text(skew_s))
