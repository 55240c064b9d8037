"""What to do about an alarm: its meaning, the steps, whom to call, what to open; each line says where it is from."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from controlroom import i18n
from controlroom.domain.guidance import Advice, Told
from controlroom.i18n import _

WRITTEN_IN = "zh_CN"
"""The language of the guidance; in others the frame around it says so."""

OriginText = Callable[[Told], str]
"""Where a line is from, in words."""


class GuidanceView(QWidget):
    """Shows one Advice; hidden while there is none."""

    cameras_wanted = Signal(list)
    """list[str]: ids of cameras for the wall."""
    plots_wanted = Signal(list)
    """list[str]: ids of sensors to draw."""

    def __init__(self, origin: OriginText, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("guidance")
        self._origin = origin
        self._advice = Advice()
        self._cameras: tuple[str, ...] = ()
        self._plots: tuple[str, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 4, 0, 4)
        self._column.setSpacing(4)
        self._lines = QWidget()
        self.to_wall = QPushButton()
        self.to_plots = QPushButton()
        self.to_wall.clicked.connect(lambda: self.cameras_wanted.emit(list(self._cameras)))
        self.to_plots.clicked.connect(lambda: self.plots_wanted.emit(list(self._plots)))
        row = QHBoxLayout()
        row.addWidget(self.to_wall)
        row.addWidget(self.to_plots)
        row.addStretch(1)
        self._column.addWidget(self._lines)
        self._column.addLayout(row)
        self.hide()

    @property
    def told(self) -> Advice:
        """What is shown."""
        return self._advice

    def show_advice(self, advice: Advice, cameras: tuple[str, ...], plots: tuple[str, ...]) -> None:
        """Show what was written for an alarm; `cameras` and `plots` are the ones that exist, the nearest first."""
        if advice != self._advice:
            self._advice = advice
            self._fill()
        self._cameras, self._plots = cameras, plots
        self.to_wall.setText(_("{count} cameras to the wall").format(count=len(cameras)))
        self.to_plots.setText(_("Draw {count} sensors").format(count=len(plots)))
        self.to_wall.setVisible(bool(cameras))
        self.to_plots.setVisible(bool(plots))
        self.setVisible(not advice.empty)

    def _fill(self) -> None:
        lines = QWidget()
        column = QVBoxLayout(lines)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        sections = (
            (_("What it means"), self._advice.means, False),
            (_("What to do"), self._advice.act, True),
            (_("Whom to call"), self._advice.call, False),
        )
        for title, told, numbered in sections:
            if told:
                column.addWidget(_head(title))
                for number, line in enumerate(told, 1):
                    column.addWidget(_line(f"{number}." if numbered else "·", line, self._origin(line)))
        if i18n.language() != WRITTEN_IN and not self._advice.empty:
            column.addWidget(_faint(_("The district wrote this guidance in Chinese.")))
        self._column.replaceWidget(self._lines, lines)
        self._lines.deleteLater()
        self._lines = lines


def _head(title: str) -> QLabel:
    label = QLabel(title)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label


def _faint(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("faint", True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _line(mark: str, line: Told, origin: str) -> QFrame:
    frame = QFrame()
    row = QHBoxLayout(frame)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    number = QLabel(mark)
    number.setFixedWidth(20)
    doubt = _("⚠ number to be confirmed by the district")
    said = QLabel(f"{line.text}  {doubt}" if line.to_confirm else line.text)
    said.setWordWrap(True)
    said.setTextFormat(Qt.TextFormat.PlainText)
    said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    source = _faint(origin)
    source.setWordWrap(False)
    row.addWidget(number, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(said, 1)
    row.addWidget(source, 0, Qt.AlignmentFlag.AlignTop)
    return frame
