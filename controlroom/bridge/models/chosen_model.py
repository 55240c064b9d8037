"""What was chosen on a map as a tree: a line for each kind with its states, below it the objects, the worst first."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from controlroom.i18n import _

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_GROUP = 2**62
"""The internal id of a group's line; that of an object is its group's number."""


@dataclass(frozen=True, slots=True, eq=False)
class ChosenRows:
    """The chosen objects of one kind. `names` are those of all, `index` says which are chosen.

    `states` (u8, by row of `index`; empty where the kind has none) are told by `words`, one for every state.
    """

    kind: str
    title: str
    ids: Sequence[str]
    names: Sequence[str]
    index: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    states: NDArray[np.uint8]
    words: Sequence[str]

    def name(self, row: int) -> str:
        """What an object is called; its id when it has no name."""
        at = int(self.index[row])
        return (self.names[at] if at < len(self.names) else "") or self.ids[row]

    def state(self, row: int) -> str:
        """The state of an object in words."""
        return self.words[int(self.states[row])] if len(self.states) else ""

    def summary(self) -> str:
        """How many there are in each state, the worst first."""
        if not len(self.states):
            return ""
        counts = np.bincount(self.states, minlength=len(self.words))
        order = list(dict.fromkeys(self.states.tolist()))
        return " · ".join(f"{self.words[state]} ×{counts[state]:,}" for state in order)


class ChosenModel(QAbstractItemModel):
    """Two columns: name and state; a group's line has all in its first: kind, number, how many in each state."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.groups: tuple[ChosenRows, ...] = ()

    def show(self, groups: Sequence[ChosenRows]) -> None:
        """All anew."""
        self.beginResetModel()
        self.groups = tuple(groups)
        self.endResetModel()

    def object_at(self, index: _Index) -> tuple[str, str] | None:
        """Kind and id of a line; None for that of a group."""
        if not index.isValid() or index.internalId() == _GROUP:
            return None
        group = self.groups[int(index.internalId())]
        return group.kind, group.ids[index.row()]

    def index(self, row: int, column: int, parent: _Index = _NOWHERE) -> QModelIndex:
        """Qt's entry."""
        if row < 0 or column not in (0, 1) or row >= self.rowCount(parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() if parent.isValid() else _GROUP)

    def parent(self, index: _Index = _NOWHERE) -> Any:
        """Qt's entry."""
        if not index.isValid() or index.internalId() == _GROUP:
            return QModelIndex()
        return self.createIndex(int(index.internalId()), 0, _GROUP)

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Groups, or the objects of one."""
        if not parent.isValid():
            return len(self.groups)
        return len(self.groups[parent.row()].ids) if parent.internalId() == _GROUP and parent.column() == 0 else 0

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Name and state."""
        return 2

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The titles."""
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        return (_("Chosen"), _("State"))[section]

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words; the tip is the whole line."""
        if not index.isValid() or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        if index.internalId() == _GROUP:
            group = self.groups[index.row()]
            told = f"{group.title}  {len(group.ids):,}"
            return "" if index.column() else " · ".join(part for part in (told, group.summary()) if part)
        group = self.groups[int(index.internalId())]
        return group.state(index.row()) if index.column() else group.name(index.row())


def chosen_csv(groups: Sequence[ChosenRows], at: str) -> str:
    """All lines as CSV: kind, id, name, state, longitude and latitude (WGS-84 degrees); `at` is the time they tell."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow((_("kind"), "id", _("name"), _("state"), "lon", "lat", _("as of")))
    for group in groups:
        for row, identity in enumerate(group.ids):
            place = (f"{group.lon[row]:.6f}", f"{group.lat[row]:.6f}")
            writer.writerow((group.title, _plain(identity), _plain(group.name(row)), group.state(row), *place, at))
    return text.getvalue()


def _plain(text: str) -> str:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
