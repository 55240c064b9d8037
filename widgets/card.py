"""A card in place of something that could not be shown: what happened, and what the officer can do."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from controlroom.i18n import _
from widgets.help_link import HelpLink


class Card(QFrame):
    """A title, one sentence, details on demand and a restart button. The details never hold more than 20,000 signs."""

    restarted = Signal()

    def __init__(
        self, title: str, sentence: str, details: str = "", restartable: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.title = QLabel(title)
        self.title.setObjectName("cardTitle")
        self.sentence = QLabel(sentence)
        self.sentence.setWordWrap(True)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.details = QPlainTextEdit(details[-20_000:])
        self.details.setReadOnly(True)
        self.details.hide()
        self.more = QPushButton(_("Details"))
        self.more.setCheckable(True)
        self.more.toggled.connect(self.details.setVisible)
        self.more.setVisible(bool(details))
        self.restart = QPushButton(_("Restart this panel"))
        self.restart.clicked.connect(self.restarted)
        self.restart.setVisible(restartable)
        for label in (self.title, self.sentence):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.what_to_do = HelpLink()
        self.what_to_do.set_sentence(sentence, "faults#panels")
        buttons = QHBoxLayout()
        buttons.addWidget(self.restart)
        buttons.addWidget(self.what_to_do)
        buttons.addWidget(self.more)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.addWidget(self.title)
        column.addWidget(self.sentence)
        column.addLayout(buttons)
        column.addWidget(self.details, 3)
        column.addStretch(1)
