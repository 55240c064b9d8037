"""Small dialogs: the officer's settings, and what this program is."""

from msgspec import Struct
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from controlroom.i18n import LANGUAGES, _
from controlroom.shell.theme import ThemeName


class Preferences(Struct, frozen=True):
    """What an officer may set at a seat; `language` is a code of `i18n.LANGUAGES`."""

    language: str = "zh_CN"
    theme: ThemeName = "dark"
    officer: str = ""
    role: str = ""


class SettingsDialog(QDialog):
    """Language, theme, officer and a sound test. Not modal; the theme is tried on at once."""

    accepted_preferences = Signal(object)
    """The Preferences to keep."""
    theme_tried = Signal(str)
    sound_tested = Signal()

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._before = preferences
        self.language = QComboBox()
        for code, name in LANGUAGES.items():
            self.language.addItem(name, code)
        self.language.setCurrentIndex(self.language.findData(preferences.language))
        self.restart_note = QLabel(_("The language changes when the program is started again."))
        self.restart_note.setProperty("faint", True)
        self.theme = QComboBox()
        self.theme.addItem(_("Dark theme"), "dark")
        self.theme.addItem(_("Light theme"), "light")
        self.theme.setCurrentIndex(self.theme.findData(preferences.theme))
        self.theme.currentIndexChanged.connect(lambda _index: self.theme_tried.emit(self.theme.currentData()))
        self.officer = QLineEdit(preferences.officer)
        self.role = QLineEdit(preferences.role)
        for line in (self.officer, self.role):
            line.setMaxLength(60)
        self.sound = QPushButton(_("Play a test sound"))
        self.sound.clicked.connect(self.sound_tested)
        form = QFormLayout()
        form.addRow(_("Language"), self.language)
        form.addRow("", self.restart_note)
        form.addRow(_("Theme"), self.theme)
        form.addRow(_("Officer on duty"), self.officer)
        form.addRow(_("Role"), self.role)
        form.addRow(_("Sound"), self.sound)
        buttons = QDialogButtonBox()
        buttons.addButton(_("Save"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(_("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(buttons)

    def preferences(self) -> Preferences:
        """What the dialog shows now."""
        return Preferences(
            language=self.language.currentData(),
            theme=self.theme.currentData(),
            officer=self.officer.text().strip(),
            role=self.role.text().strip(),
        )

    def accept(self) -> None:
        """Keep what is shown."""
        self.accepted_preferences.emit(self.preferences())
        super().accept()

    def reject(self) -> None:
        """Leave everything as it was."""
        if self.theme.currentData() != self._before.theme:
            self.theme_tried.emit(self._before.theme)
        super().reject()


class AboutDialog(QDialog):
    """Name, version and the lines that the composition root adds (hub, store, libraries)."""

    def __init__(self, version: str, lines: list[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("About"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.title = title = QLabel(_("Control room {version}").format(version=version))
        title.setObjectName("cardTitle")
        buttons = QDialogButtonBox()
        buttons.addButton(_("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(title)
        for line in lines:
            label = QLabel(line)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(label)
        column.addWidget(buttons)
