"""The crash card: what happened, where it is written, and that the room goes on."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.faults import Fault
from controlroom.i18n import _
from widgets.help_link import HelpLink
from widgets.strip import ZONE


class CrashWindow(QWidget):
    """One window for all faults of a run, newest chosen; it takes neither the keyboard nor the screen."""

    def __init__(self, log_path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Tool)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setWindowTitle(_("A fault of the program"))
        self._faults: dict[tuple[str, object], Fault] = {}
        self.sentence = QLabel(
            _("Something in the program failed. The room goes on; what failed may be missing or old on the screen.")
        )
        self.sentence.setWordWrap(True)
        self.choice = QComboBox()
        self.choice.currentIndexChanged.connect(self._show_details)
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.path = QLabel(_("Written to {file}").format(file=log_path))
        self.path.setWordWrap(True)
        self.path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy = QPushButton(_("Copy"))
        self.copy.clicked.connect(self._copy)
        self.proceed = QPushButton(_("Continue"))
        self.proceed.clicked.connect(self.hide)
        self.what_to_do = HelpLink()
        self.what_to_do.set_topic("faults#panels")
        buttons = QHBoxLayout()
        buttons.addWidget(self.what_to_do)
        buttons.addStretch(1)
        buttons.addWidget(self.copy)
        buttons.addWidget(self.proceed)
        column = QVBoxLayout(self)
        for widget in (self.sentence, self.choice, self.details, self.path):
            column.addWidget(widget)
        column.addLayout(buttons)
        self.resize(640, 380)

    def add(self, fault: Fault) -> None:
        """Show a fault; one that is known is only counted and does not open the window again."""
        key = (fault.title, fault.first_at)
        new = key not in self._faults
        self._faults[key] = fault
        if new:
            self.choice.addItem("", key)
        place = list(self._faults).index(key)
        self.choice.setItemText(place, _("{count}× {title}").format(count=fault.count, title=fault.title))
        if new:
            self.choice.setCurrentIndex(place)
            self.show()
            self.raise_()
        self._show_details()

    def add_previous(self, text: str) -> None:
        """Show how the previous run ended."""
        self.sentence.setText(
            _("The program ended with a fault the last time. What was confirmed is safe in the hub's store.")
        )
        self.details.setPlainText(text)
        self.choice.hide()
        self.show()

    def _show_details(self, _index: int = 0) -> None:
        faults = list(self._faults.values())
        place = self.choice.currentIndex()
        if not 0 <= place < len(faults):
            return
        fault = faults[place]
        self.choice.show()
        head = _("{count} times, first {first}, last {last}, in {where}").format(
            count=fault.count,
            first=f"{fault.first_at.astimezone(ZONE):%Y-%m-%d %H:%M:%S}",
            last=f"{fault.last_at.astimezone(ZONE):%Y-%m-%d %H:%M:%S}",
            where=fault.where,
        )
        self.details.setPlainText(f"{head}\n\n{fault.text}")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.details.toPlainText())
