"""A line that tells the officer a sentence until it is dismissed or taken back."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from controlroom.i18n import _
from widgets.help_link import HelpLink

_KEPT = 20


class Notice(QFrame):
    """Sentences one at a time, the newest first; the same sentence is not told twice. GUI thread.

    Where nobody sits in front of it, each goes by itself after `fades_ms`.
    """

    def __init__(self, parent: QWidget | None = None, *, fades_ms: int = 0) -> None:
        super().__init__(parent)
        self._fading = QTimer(self, interval=fades_ms, singleShot=True)
        self._fading.timeout.connect(self._dismiss)
        self._fades = fades_ms > 0
        self.setObjectName("notice")
        self._sentences: list[str] = []
        self.label = QLabel()
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setWordWrap(True)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.what_to_do = HelpLink()
        self.dismiss = QToolButton()
        self.dismiss.setAutoRaise(True)
        self.dismiss.clicked.connect(self._dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.addWidget(self.label, 1)
        row.addWidget(self.what_to_do)
        row.addWidget(self.dismiss)
        self._draw()

    def tell(self, sentence: str) -> None:
        """Put a sentence in front."""
        self._sentences = [sentence, *(told for told in self._sentences if told != sentence)][:_KEPT]
        self._draw()

    def take_back(self, sentence: str) -> None:
        """Remove a sentence that is no longer true."""
        if sentence in self._sentences:
            self._sentences.remove(sentence)
            self._draw()

    def _dismiss(self) -> None:
        del self._sentences[:1]
        self._draw()

    def _draw(self) -> None:
        self.setVisible(bool(self._sentences))
        self.dismiss.setVisible(not self._fades)
        if self._fades and self._sentences:
            self._fading.start()
        self.label.setText(self._sentences[0] if self._sentences else "")
        self.what_to_do.set_sentence("" if self._fades else self.label.text())
        more = len(self._sentences) - 1
        self.dismiss.setText(_("Dismiss (+{more})").format(more=more) if more > 0 else _("Dismiss"))
