"""The duty log: what happened in the room, in order, bounded, as an item model; GUI thread only."""

import csv
import enum
import io
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from typing import Any

from msgspec import Struct
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from controlroom.bridge.raw_text import in_role
from controlroom.bridge.wording import age_text, time_text
from controlroom.i18n import _

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
MOST_LINES = 5000


class DutyKind(enum.StrEnum):
    """What a line is about."""

    ALARM = "alarm"
    ACKNOWLEDGEMENT = "acknowledgement"
    INCIDENT = "incident"
    TASK = "task"
    LINK = "link"
    SOURCE = "source"
    DRILL = "drill"


class DutyLine(Struct, frozen=True):
    """One thing that happened: when (the hub's time, or ours for the link), of which kind, who did it, what."""

    at: datetime
    kind: DutyKind
    who: str
    text: str


def kind_word(kind: DutyKind) -> str:
    """The kind in a word."""
    return {
        DutyKind.ALARM: _("Alarm"),
        DutyKind.ACKNOWLEDGEMENT: _("Acknowledgement"),
        DutyKind.INCIDENT: _("Incident"),
        DutyKind.TASK: _("Task"),
        DutyKind.LINK: _("Link"),
        DutyKind.SOURCE: _("Source"),
        DutyKind.DRILL: _("Drill"),
    }[kind]


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


class DutyModel(QAbstractTableModel):
    """The newest `MOST_LINES` lines, the newest first; `forgotten` counts those that had to go."""

    TIME, AGE, KIND, WHO, TEXT = range(5)

    def __init__(self, now: datetime, zone: tzinfo | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: list[DutyLine] = []
        self._listed: list[DutyLine] = []
        self._kinds: frozenset[DutyKind] = frozenset()
        self._needle = ""
        self._zone = zone
        self.now = now.astimezone(UTC)
        self.forgotten = 0

    def append(self, lines: Iterable[DutyLine]) -> None:
        """Take in what has happened since; lines of one batch are put in order of time."""
        fresh = sorted(lines, key=lambda line: line.at)
        if not fresh:
            return
        self._lines.extend(fresh)
        excess = len(self._lines) - MOST_LINES
        if excess > 0:
            del self._lines[:excess]
            self.forgotten += excess
            self._list()
            return
        passing = [line for line in reversed(fresh) if self._passes(line)]
        if passing:
            self.beginInsertRows(QModelIndex(), 0, len(passing) - 1)
            self._listed[:0] = passing
            self.endInsertRows()

    def set_filter(self, kinds: frozenset[DutyKind], text: str) -> None:
        """List only some kinds (empty = all) and only lines that hold a text."""
        self._kinds, self._needle = kinds, text.casefold().strip()
        self._list()

    def tick(self, now: datetime) -> None:
        """Move the time that ages are told against."""
        self.now = now
        if self._listed:
            last = self.index(len(self._listed) - 1, self.AGE)
            self.dataChanged.emit(self.index(0, self.AGE), last, [Qt.ItemDataRole.DisplayRole])

    @property
    def total(self) -> int:
        """How many lines are kept, listed or not."""
        return len(self._lines)

    def line(self, row: int) -> DutyLine:
        """The line of a row."""
        return self._listed[row]

    def exported(self, rows: Iterable[int] | None = None) -> str:
        """The listed lines (or some rows of them) as CSV, with the time of the export, time zone and ages."""
        chosen = self._listed if rows is None else [self._listed[row] for row in sorted(set(rows))]
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        stamp = self.now.astimezone(self._zone).isoformat(timespec="seconds")
        writer.writerow([_("Exported at {time}, {count} lines").format(time=stamp, count=len(chosen))])
        writer.writerow([_("Time"), _("Age at export (s)"), _("Kind"), _("Who"), _("What")])
        for line in chosen:
            at = line.at.astimezone(self._zone).isoformat(timespec="milliseconds")
            age_s = f"{(self.now - line.at).total_seconds():.0f}"
            writer.writerow([at, age_s, kind_word(line.kind), harmless(line.who), harmless(line.text)])
        return out.getvalue()

    def _passes(self, line: DutyLine) -> bool:
        if self._kinds and line.kind not in self._kinds:
            return False
        return not self._needle or self._needle in line.text.casefold() or self._needle in line.who.casefold()

    def _list(self) -> None:
        self.beginResetModel()
        self._listed = [line for line in reversed(self._lines) if self._passes(line)]
        self.endResetModel()

    # ---------------------------------------------------------------- QAbstractTableModel

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Listed lines."""
        return 0 if parent.isValid() else len(self._listed)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Time, age, kind, who, what."""
        return 0 if parent.isValid() else 5

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (_("Time"), _("Age"), _("Kind"), _("Who"), _("What"))[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text of a cell."""
        wanted = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        if not index.isValid() or index.row() >= len(self._listed) or role not in wanted:
            return None
        line = self._listed[index.row()]
        cells = (
            time_text(line.at, self.now, self._zone),
            age_text((self.now - line.at).total_seconds()),
            kind_word(line.kind),
            line.who,
            line.text,
        )
        return in_role(cells[index.column()], role)
