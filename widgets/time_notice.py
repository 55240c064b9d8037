"""The line above a panel that says whether it shows the room's time, the present, or neither."""

from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from controlroom.i18n import _
from widgets.age import age_text
from widgets.look import mark


class TimeNotice(QFrame):
    """Hidden while the room is live. `follow_asked` tells that the panel shall leave the room's time or follow it."""

    follow_asked = Signal(bool)

    def __init__(self, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timeNotice")
        self._zone = zone
        self._following = True
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setMinimumWidth(10)
        self.button = QToolButton()
        self.button.setAutoRaise(True)
        self.button.clicked.connect(lambda: self.follow_asked.emit(not self._following))
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 1, 4, 1)
        row.addWidget(self.words, 1)
        row.addWidget(self.button)
        self.hide()

    def show_live(self) -> None:
        """The room is live: there is nothing to say."""
        self.hide()

    def show_past(self, at: datetime, now: datetime) -> None:
        """The panel shows the room's time."""
        local, age = at.astimezone(self._zone), age_text((now - at).total_seconds())
        self._say(_("◷ Not live: {time}, {age}").format(time=f"{local:%m-%d %H:%M:%S}", age=age), True)
        self.button.setText(_("Live here"))
        self.button.setToolTip(_("This panel leaves the room's time and shows the present"))
        self.button.show()

    def show_left(self, at: datetime) -> None:
        """The panel shows the present while the room looks elsewhere."""
        told = _("● Live here; the room shows {time}").format(time=f"{at.astimezone(self._zone):%m-%d %H:%M:%S}")
        self._say(told, False)
        self.button.setText(_("Follow the room"))
        self.button.setToolTip(_("This panel shows the room's time again"))
        self.button.show()

    def show_unable(self, at: datetime) -> None:
        """The panel can only show the present."""
        local = at.astimezone(self._zone)
        self._say(_("● Always live; the room shows {time}").format(time=f"{local:%m-%d %H:%M:%S}"), False)
        self.button.hide()

    def show_fault(self, sentence: str) -> None:
        """The past cannot be had."""
        self._say(_("◷ Not live; the past cannot be shown: {reason}").format(reason=sentence), True)

    def _say(self, words: str, past: bool) -> None:
        self._following = past
        self.words.setText(words)
        self.words.setToolTip(words)
        mark(self, past=past, left=not past)
        mark(self.words, past=past, faint=not past)
        mark(self.button, past=past)  # or it keeps the colours of the other state: only the marked one is polished
        self.show()
