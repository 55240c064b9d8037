"""Plain text in labels: as it is, to be copied, alone or in lines of columns."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget


def plain_label(text: str = "", bold: bool = False, size_px: int | None = None) -> QLabel:
    """A label that breaks its lines, shows text as it is and lets it be copied."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    font = label.font()
    font.setBold(bold)
    if size_px is not None:
        font.setPixelSize(size_px)
    label.setFont(font)
    return label


class TextRows(QWidget):
    """A grid of lines of text that is filled anew; labels are kept and used again.

    With `names` the columns before the stretching one are dim, for they only name it.
    """

    def __init__(self, stretch: int, names: bool) -> None:
        super().__init__()
        self._stretch = stretch
        self._names = names
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(stretch, 1)
        self._labels: list[list[QLabel]] = []

    def fill(self, rows: Sequence[tuple[str, ...]]) -> None:
        """Show these rows."""
        for number, row in enumerate(rows):
            if number == len(self._labels):
                self._labels.append([plain_label() for _cell in row])
                for column, label in enumerate(self._labels[number]):
                    label.setWordWrap(column == self._stretch)
                    label.setProperty("faint", self._names and column != self._stretch)
                    self._grid.addWidget(label, number, column, Qt.AlignmentFlag.AlignTop)
            for label, text in zip(self._labels[number], row, strict=True):
                label.setText(text)
                label.show()
        for labels in self._labels[len(rows) :]:
            for label in labels:
                label.hide()
