"""What lies over a map and keeps clear of the panels beside it."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QWidget

_MOVED = (QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide)
"""Of the map, or of a panel beside it: what lies over the map has to find a new place."""


class MapOverlay(QFrame):
    """Hidden at first. `area` tells where in the map's widget the map itself is, without it everywhere."""

    left = Signal()
    """It was closed."""

    def __init__(self, parent: QWidget, area: Callable[[], QRect] | None = None) -> None:
        super().__init__(parent)
        self._map, self._area = parent, area or parent.rect
        self.setObjectName("commandBar")
        self.setAutoFillBackground(True)
        self.hide()
        parent.installEventFilter(self)

    def dismiss(self) -> None:
        """Hide it and give the map the keyboard."""
        if not self.isHidden():
            self.hide()
            self._map.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.left.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stays within its map."""
        if event.type() in _MOVED:
            self.settle()
        return super().eventFilter(watched, event)

    def settle(self) -> None:
        """Find a new place, when the panels beside the map have theirs."""
        if self.isVisible():
            QTimer.singleShot(0, self, self._place)

    def keep_clear_of(self, panel: QWidget) -> None:
        """Find a new place whenever this panel beside the map comes, goes or changes."""
        panel.installEventFilter(self)

    def _place(self) -> None:
        raise NotImplementedError
