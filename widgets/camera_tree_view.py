"""The view of the directory's tree: never more rows at once than a hand can open."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView

from controlroom.bridge.models.camera_tree import Column

_NAME_SHARE = 0.55
_BESIDE_REASONS = 0.35


class CameraTreeView(QTreeView):
    """A tree view that never opens everything at once."""

    key_pressed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._name_share = _NAME_SHARE
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setHeaderHidden(True)
        self.setIndentation(14)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.header().setStretchLastSection(True)
        self.header().setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Interactive)

    def give_reasons(self, has_reasons: bool) -> None:
        """Give the second column more room, for reasons, or the names."""
        self._name_share = _BESIDE_REASONS if has_reasons else _NAME_SHARE
        self._share_out()

    def resizeEvent(self, event: Any) -> None:
        """The name takes its share of the width."""
        super().resizeEvent(event)
        self._share_out()

    def _share_out(self) -> None:
        self.header().resizeSection(Column.NAME, int(self.viewport().width() * self._name_share))

    def keyboardSearch(self, _text: str) -> None:
        """Nothing: it would ask for every row, and there is a search."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Offer the key, then let it move; `*` would open 39,000 rows and is not obeyed."""
        if event.key() == Qt.Key.Key_Asterisk:
            self.expand(self.currentIndex())
            return
        event.accept()
        self.key_pressed.emit(event)
        if not event.isAccepted():
            super().keyPressEvent(event)
