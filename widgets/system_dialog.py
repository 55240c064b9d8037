"""Asks in what coordinates a file is, where it does not say."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from controlroom.bridge.raw_text import harmless
from controlroom.i18n import _


class SystemDialog(QDialog):
    """A list of coordinate systems with words; the one that was taken is chosen. `chosen` tells a code."""

    chosen = Signal(str)

    def __init__(self, title: str, taken: str, choices: Sequence[tuple[str, str]], parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Coordinates of a layer"))
        words = QLabel(
            _(
                "“{layer}” does not say in what coordinates it is. It was taken as {system}. "
                "A wrong choice moves it by up to several hundred metres."
            ).format(layer=harmless(title[:80]), system=harmless(taken[:80]))
        )
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        self.list = QListWidget()
        self.list.setAccessibleName(_("Coordinate systems"))
        for code, name in choices:
            item = QListWidgetItem(name, self.list)
            item.setData(Qt.ItemDataRole.UserRole, code)
            if name == taken:
                self.list.setCurrentItem(item)
        if self.list.currentItem() is None:
            self.list.setCurrentRow(0)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(_("Take these"))
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(_("Leave it as taken"))
        self.buttons.accepted.connect(self._take)
        self.buttons.rejected.connect(self.reject)
        self.list.itemActivated.connect(self._take)
        column = QVBoxLayout(self)
        column.addWidget(words)
        column.addWidget(self.list)
        column.addWidget(self.buttons)
        self.resize(420, 340)
        self.list.setFocus()

    def _take(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.chosen.emit(str(item.data(Qt.ItemDataRole.UserRole)))
        self.accept()
