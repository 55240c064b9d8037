"""What is typed in a line works the list below it: the hands stay on the keyboard and the focus in the line."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QListView

_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class ListKeys(QObject):
    """Arrows move in the list, Enter picks (as a click does), Escape leaves; everything else is typing."""

    def __init__(
        self, line: QLineEdit, rows: QListView, pick: Callable[[QModelIndex], object], leave: Callable[[], object]
    ) -> None:
        super().__init__(line)
        self._rows, self._pick, self._leave = rows, pick, leave
        rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        rows.clicked.connect(pick)
        line.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Takes the keys that are not typing."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        key = event.key()
        if key in _MOVES:
            QApplication.sendEvent(self._rows, event)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._pick(self._rows.currentIndex())
        elif key == Qt.Key.Key_Escape:
            self._leave()
        else:
            return super().eventFilter(watched, event)
        return True
