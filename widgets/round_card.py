"""The card of a whole answer: inside, near and looking, with ages; pinned, copied, written into the incident."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.round_answer import RoundAnswer, RoundPart
from controlroom.i18n import _
from widgets.button_row import button_row
from widgets.exposure_strip import RADII_M, USUAL_M
from widgets.time_notice import TimeNotice


class RoundCard(QDialog):
    """Not modal. A pinned card stays while the next question opens another."""

    radius_chosen = Signal(int)
    copied = Signal(str)
    published = Signal(str)
    """The whole answer as text, for the timeline of the incident."""

    def __init__(self, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("roundCard")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Inside, near and looking"))
        self.answer: RoundAnswer | None = None
        self.time = TimeNotice(zone)
        """Told above everything else when the answer is of the past."""
        self.title, self.made = QLabel(), QLabel()
        for label in (self.title, self.made):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.made.setProperty("faint", True)
        self.radius = QComboBox()
        self.radius.setAccessibleName(_("Radius"))
        for metres in RADII_M:
            self.radius.addItem(_("within {metres} m").format(metres=metres), metres)
        self.radius.setCurrentIndex(RADII_M.index(USUAL_M))
        self.pin, self.copy = QPushButton(_("Pin")), QPushButton(_("Copy as text"))
        self.publish, self.shut = QPushButton(_("Into the incident")), QPushButton(_("Close"))
        self.pin.setCheckable(True)
        self.pin.setToolTip(_("It stays while the next question opens another card"))
        self.publish.setToolTip(_("Write all of it into the timeline of the chosen incident, with its time"))
        for button in (self.pin, self.copy, self.publish, self.shut):
            button.setAutoDefault(False)
        self._body = QWidget()
        self._rows = QVBoxLayout(self._body)
        self._rows.setContentsMargins(0, 0, 6, 0)
        self._shown: tuple[RoundPart, ...] = ()
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._body)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.radius, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.addWidget(self.time)
        column.addLayout(head)
        column.addWidget(self.made)
        column.addWidget(scroll, 1)
        column.addLayout(button_row(self.pin, None, self.publish, self.copy, self.shut))
        self.radius.currentIndexChanged.connect(self._chosen)
        self.copy.clicked.connect(self._copy)
        self.publish.clicked.connect(self._publish)
        self.shut.clicked.connect(self.close)
        self.pin.toggled.connect(self._pinned)
        self.resize(520, 600)

    @property
    def pinned(self) -> bool:
        """Whether the next question leaves this card as it is."""
        return self.pin.isChecked()

    @property
    def radius_m(self) -> int:
        """The radius that is chosen."""
        return int(self.radius.currentData())

    def set_waiting(self, title: str) -> None:
        """Something else is asked, and the answer is being put together: nothing of the last one stays."""
        self.answer = None
        self.title.setText(title)
        self.made.setText(_("The answer is being put together…"))
        self.publish.setEnabled(False)
        self.copy.setEnabled(False)
        self._shown = ()
        self._lay_out(())

    def set_answer(self, answer: RoundAnswer, *, around: bool, incident: str) -> None:
        """Show this. `around`: it is of a place, whose radius can be chosen. `incident`: the chosen one's title."""
        self.answer = answer
        self.title.setText(f"{answer.title} · {answer.area}")
        self.made.setText(answer.made)
        self.radius.setVisible(around)
        self.copy.setEnabled(True)
        self.publish.setEnabled(bool(incident))
        self.publish.setText(_("Into “{incident}”").format(incident=_brief(incident)) if incident else _("No incident"))
        if answer.parts != self._shown:
            self._shown = answer.parts
            self._lay_out(answer.parts)

    def _lay_out(self, parts: Sequence[RoundPart]) -> None:
        while (taken := self._rows.takeAt(0)) is not None:
            if (widget := taken.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for part in parts:
            self._rows.addWidget(_section(part))
        self._rows.addStretch(1)

    def _chosen(self) -> None:
        self.radius_chosen.emit(self.radius_m)

    def _pinned(self, pinned: bool) -> None:
        self.pin.setText(_("Pinned") if pinned else _("Pin"))

    def _copy(self) -> None:
        if self.answer is not None:
            QGuiApplication.clipboard().setText(self.answer.text())
            self.copied.emit(self.answer.title)

    def _publish(self) -> None:
        if self.answer is not None:
            self.published.emit(self.answer.text())


def _section(part: RoundPart) -> QWidget:
    """A title and its lines: what it is to the left, what is said of it to the right."""
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 6, 0, 2)
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(2)
    grid.setColumnStretch(1, 1)
    title = QLabel(part.title)
    font = title.font()
    font.setBold(True)
    title.setFont(font)
    grid.addWidget(title, 0, 0, 1, 2)
    lines = [(line.label, line.text, line.faint) for line in part.lines] or [(part.empty, "", True)]
    for row, (label, text, faint) in enumerate(lines, 1):
        for column, words in ((0, label), (1, text)):
            if not words:
                continue
            cell = QLabel(words)
            cell.setTextFormat(Qt.TextFormat.PlainText)
            cell.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            cell.setWordWrap(True)
            cell.setProperty("faint", faint)
            cell.setAlignment(Qt.AlignmentFlag.AlignTop)
            grid.addWidget(cell, row, column, 1, 1 if text else 2)
        grid.setColumnMinimumWidth(0, 150)
    return box


def _brief(title: str) -> str:
    return title if len(title) <= 14 else f"{title[:13]}…"
