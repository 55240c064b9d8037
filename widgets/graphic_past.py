"""Who drew, changed and removed what on the maps; what was removed can be drawn again."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from controlroom.domain.graphic import Drawing
from controlroom.i18n import _


@dataclass(frozen=True, slots=True)
class PastLine:
    """One change: when, what became of it, what it is, by whom."""

    at: str
    became: str
    title: str
    author: str
    drawing: Drawing
    removed: bool


class GraphicPast(QDialog):
    """The newest first, out of the journal."""

    again_wanted = Signal(object)
    """A Drawing that was removed."""

    def __init__(self, lines: Sequence[PastLine], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Who drew and removed what"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._lines = list(lines)
        self.list = QTreeWidget()
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setHeaderLabels([_("When"), _("Became"), _("What"), _("By")])
        for line in self._lines:
            QTreeWidgetItem(self.list, [line.at, line.became, line.title, line.author])
        self.list.header().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.list.header().setStretchLastSection(False)
        for column, width in ((0, 160), (1, 90), (3, 160)):
            self.list.setColumnWidth(column, width)
        self.again = QPushButton(_("Draw it again"))
        self.again.setEnabled(False)
        self.again.clicked.connect(self._again)
        self.list.itemSelectionChanged.connect(self._choose)
        row = QHBoxLayout()
        row.addWidget(QLabel("" if lines else _("Nothing was drawn yet.")))
        row.addStretch(1)
        row.addWidget(self.again)
        column_ = QVBoxLayout(self)
        column_.addWidget(self.list, 1)
        column_.addLayout(row)
        self.resize(720, 420)

    def _current(self) -> PastLine | None:
        item = self.list.currentItem()
        index = -1 if item is None else self.list.indexOfTopLevelItem(item)
        return self._lines[index] if 0 <= index < len(self._lines) else None

    def _choose(self) -> None:
        line = self._current()
        self.again.setEnabled(line is not None and line.removed)

    def _again(self) -> None:
        line = self._current()
        if line is not None:
            self.again_wanted.emit(line.drawing)
