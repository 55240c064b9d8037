"""Chooses one area of a thematic layer: the layer, then the feature by a part of its name."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from controlroom.i18n import _
from widgets.button_row import button_row

_NUMBER = Qt.ItemDataRole.UserRole


class FeaturePicker(QDialog):
    """Asks for features with every letter; what is looked up comes by `set_features`."""

    searched = Signal(str, str)
    """The id of a layer and a part of a name."""
    picked = Signal(str, int)
    """The id of a layer and the number of a feature."""

    def __init__(self, layers: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        """`layers` are ids and titles of those that have areas."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("An area of a layer"))
        self.layer, self.text, self.list, self.told = QComboBox(), QLineEdit(), QListWidget(), QLabel()
        for identity, title in layers:
            self.layer.addItem(title, identity)
        self.layer.setAccessibleName(_("Layer"))
        self.text.setPlaceholderText(_("a part of its name"))
        self.text.setAccessibleName(_("Name"))
        self.told.setProperty("faint", True)
        self.told.setWordWrap(True)
        self.take, self.shut = QPushButton(_("Take it")), QPushButton(_("Cancel"))
        self.take.setDefault(True)
        column = QVBoxLayout(self)
        for widget in (self.layer, self.text, self.list, self.told):
            column.addWidget(widget)
        column.addLayout(button_row(None, self.shut, self.take))
        self.layer.currentIndexChanged.connect(self._search)
        self.text.textChanged.connect(self._search)
        self.list.itemActivated.connect(self._pick)
        self.list.currentItemChanged.connect(self._allow)
        self.take.clicked.connect(self._pick)
        self.shut.clicked.connect(self.reject)
        self._allow()
        self.resize(420, 460)

    def begin(self) -> None:
        """Ask for the first ones."""
        self._search()

    def set_features(self, layer: str, text: str, found: Sequence[tuple[int, str]], count: int) -> None:
        """Numbers and titles of those that were asked for; an answer that is late is left."""
        if (layer, text) != (self.layer.currentData(), self.text.text()):
            return
        self.list.clear()
        for number, title in found:
            item = QListWidgetItem(title, self.list)
            item.setData(_NUMBER, number)
        if found:
            self.list.setCurrentRow(0)
        more = _("The first {shown} of {count}: write more of the name.").format(shown=len(found), count=count)
        none = _("No area of this layer has that in its name.")
        self.told.setText(none if not found else more if count > len(found) else "")
        self._allow()

    def say(self, words: str) -> None:
        """Why nothing can be found."""
        self.list.clear()
        self.told.setText(words)

    def _search(self) -> None:
        self.searched.emit(str(self.layer.currentData()), self.text.text())

    def _allow(self) -> None:
        self.take.setEnabled(self.list.currentItem() is not None)

    def _pick(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.picked.emit(str(self.layer.currentData()), int(item.data(_NUMBER)))
            self.accept()
