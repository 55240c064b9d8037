"""The line over a map that says what keeps its view, with the way out of it."""

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from controlroom.i18n import _
from widgets.look import mark


class MapBadge(QFrame):
    """Hidden while there is nothing to say."""

    lock_asked = Signal()
    """Lock the view where it is, or let it go on."""
    end_asked = Signal()
    """Nothing keeps the view from now on."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("mapBadge")
        self.words = QLabel(self)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.sign = QLabel(self)
        self.sign.setPixmap(_padlock(self.palette().color(QPalette.ColorRole.WindowText)))
        self.lock, self.end = QToolButton(self), QToolButton(self)
        for button in (self.lock, self.end):
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.lock.clicked.connect(self.lock_asked)
        self.end.clicked.connect(self.end_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 6, 2)
        row.setSpacing(6)
        row.addWidget(self.sign)
        row.addWidget(self.words, 1)
        row.addWidget(self.lock)
        row.addWidget(self.end)
        self.hide()

    def changeEvent(self, event: QEvent) -> None:
        """Follows the palette."""
        if event.type() is QEvent.Type.PaletteChange:
            self.sign.setPixmap(_padlock(self.palette().color(QPalette.ColorRole.WindowText)))
        super().changeEvent(event)

    def tell(self, words: str, *, locked: bool, lockable: bool, urgent: bool = False) -> None:
        """Say what keeps the view; empty words hide the line. `urgent`: what is seen is not all of the set."""
        self.setVisible(bool(words))
        self.sign.setVisible(locked)
        self.words.setText(words)
        self.words.setToolTip(words)
        self.lock.setVisible(lockable)
        self.lock.setText(_("Release (K)") if locked else _("Lock (K)"))
        self.end.setText(_("End (Shift+F)"))
        mark(self, locked=locked, warning=urgent)


def _padlock(colour: QColor) -> QPixmap:
    """A closed padlock, drawn: fonts for Chinese have none."""
    picture = QPixmap(32, 32)
    picture.setDevicePixelRatio(2.0)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.8))
    painter.drawArc(QRectF(4.5, 1.5, 7, 10), 0, 180 * 16)
    painter.fillRect(QRectF(2.5, 7, 11, 7.5), colour)
    painter.end()
    return picture
