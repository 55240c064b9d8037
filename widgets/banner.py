"""A line that says something important above the thing it is about, and can be closed."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from controlroom.domain.severity import Severity
from controlroom.i18n import _
from widgets.help_link import HelpLink
from widgets.severity import blend, is_dark, severity_colour

_TINT = 0.22
_EDGE = 4


class Banner(QWidget):
    """Hidden until it has something to say; `kind` is the dynamic property `notice` for the stylesheet.

    The kind `stale` cannot be closed: it goes when the state goes.
    """

    def __init__(self, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("notice", kind)
        self._colour = Severity.ORANGE if kind == "stale" else Severity.RED
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close = QToolButton()
        close.setText("×")
        close.setAutoRaise(True)
        close.setToolTip(_("Close"))
        close.setAccessibleName(_("Close"))
        close.setVisible(kind != "stale")
        close.clicked.connect(self.hush)
        self.what_to_do = HelpLink()
        row = QHBoxLayout(self)
        row.setContentsMargins(8 + _EDGE, 4, 4, 4)
        row.addWidget(self._label, 1)
        row.addWidget(self.what_to_do)
        row.addWidget(close)
        self.hide()

    @property
    def text(self) -> str:
        """What is said now; empty when nothing is."""
        return self._label.text()

    def say(self, sentence: str) -> None:
        """Show a sentence."""
        if sentence != self._label.text():
            self._label.setText(sentence)
            self.what_to_do.set_sentence(sentence)
        self.show()

    def hush(self) -> None:
        """Say nothing."""
        self._label.setText("")
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A tinted ground with an edge; the tint follows the theme."""
        palette = self.palette()
        colour = severity_colour(self._colour, is_dark(palette))
        painter = QPainter(self)
        painter.fillRect(self.rect(), blend(palette.window().color(), colour, _TINT))
        painter.fillRect(0, 0, _EDGE, self.height(), colour)
        painter.end()
