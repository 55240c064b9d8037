"""The line over a map that says what keeps its view, with the way out of it."""

from PySide6.QtCore import Qt, Signal
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
        self.lock, self.end = QToolButton(self), QToolButton(self)
        for button in (self.lock, self.end):
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.lock.clicked.connect(self.lock_asked)
        self.end.clicked.connect(self.end_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 6, 2)
        row.setSpacing(6)
        row.addWidget(self.words, 1)
        row.addWidget(self.lock)
        row.addWidget(self.end)
        self.hide()

    def tell(self, words: str, *, locked: bool, lockable: bool, urgent: bool = False) -> None:
        """Say what keeps the view; empty words hide the line. `urgent`: what is seen is not all of the set."""
        self.setVisible(bool(words))
        sign = "🔒 " if locked else ""
        self.words.setText(f"{sign}{words}")
        self.words.setToolTip(words)
        self.lock.setVisible(lockable)
        self.lock.setText(_("Release (K)") if locked else _("Lock (K)"))
        self.end.setText(_("End (Shift+F)"))
        mark(self, locked=locked, warning=urgent)
