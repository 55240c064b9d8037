"""A window of tools: it has no one deed that Enter stands for."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QPushButton


class ToolDialog(QDialog):
    """Enter presses the button that has the keyboard and, from a field or a list, none: Qt would choose one itself."""

    def showEvent(self, event: QShowEvent) -> None:
        """No button looks as if Enter pressed it."""
        super().showEvent(event)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)
            button.setDefault(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter is for the button in hand alone."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
            return
        held = self.focusWidget()
        if isinstance(held, QPushButton) and held.isEnabled():
            held.click()
        event.accept()
