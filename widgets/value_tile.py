"""One figure that is read across the room: title, value, what it means in a word, and its age."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from widgets.elided_label import ElidedLabel
from widgets.look import mark

ABSENT = "—"


class ValueTile(QFrame):
    """Shows a value with its unit and a word; a swatch of colour stands beside the word, never instead of it."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("valueTile")
        self.title = ElidedLabel(title)
        self.title.setProperty("faint", True)
        self.value = QLabel(ABSENT)
        font = self.value.font()
        font.setPointSizeF(font.pointSizeF() * 2.0)
        font.setBold(True)
        self.value.setFont(font)
        self.unit = QLabel()
        self.unit.setProperty("faint", True)
        self.swatch = QLabel()
        self.swatch.setFixedWidth(12)
        self.word = ElidedLabel()
        self.age = QLabel()
        self.age.setProperty("faint", True)
        for label in (self.title, self.value, self.unit, self.word, self.age):
            label.setTextFormat(Qt.TextFormat.PlainText)
        figure = QHBoxLayout()
        figure.addWidget(self.value)
        figure.addWidget(self.unit, 0, Qt.AlignmentFlag.AlignBottom)
        figure.addStretch(1)
        meaning = QHBoxLayout()
        meaning.addWidget(self.swatch)
        meaning.addWidget(self.word)
        meaning.addStretch(1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(10, 6, 10, 6)
        rows.setSpacing(2)
        rows.addWidget(self.title)
        rows.addLayout(figure)
        rows.addLayout(meaning)
        rows.addWidget(self.age)

    def show_value(self, value: str, unit: str = "", word: str = "", colour: str = "", age: str = "") -> None:
        """Show a value that is live; `colour` is the swatch, `#rrggbb` or empty for none."""
        self._show(value, unit, word, colour, age, stale=False)

    def show_stale(self, value: str, unit: str = "", word: str = "", age: str = "") -> None:
        """Show a value that is too old to be believed: without its colour, and marked."""
        self._show(value, unit, word, "", age, stale=True)

    def show_nothing(self, word: str = "") -> None:
        """Say that there is no value."""
        self._show(ABSENT, "", word, "", "", stale=False)

    def _show(self, value: str, unit: str, word: str, colour: str, age: str, *, stale: bool) -> None:
        self.value.setText(value)
        self.unit.setText(unit)
        self.word.setText(word)
        self.age.setText(age)
        self.swatch.setVisible(bool(colour))
        if colour:
            filled = self.swatch.palette()
            filled.setColor(self.swatch.backgroundRole(), QColor(colour))
            self.swatch.setPalette(filled)
        self.swatch.setAutoFillBackground(bool(colour))
        mark(self.value, stale=stale)
        mark(self.age, stale=stale)
