"""The button that always says how many alarms are kept from calling."""

from PySide6.QtWidgets import QToolButton, QWidget

from controlroom.i18n import _
from widgets.look import mark


class HeldBackButton(QToolButton):
    """How much is held back now, silences included; beside a list of an earlier time it says that it is of now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = 0
        self._past = False
        self.setAutoRaise(True)
        self.setToolTip(
            _("Shelved, suppressed, silenced, muted and flapping alarms with who, why and since when (Ctrl+H)")
        )
        self._say()

    def show_count(self, count: int) -> None:
        """How many alarms and silences."""
        self._count = count
        self._say()

    def set_past(self, past: bool) -> None:
        """Whether what stands beside it is of an earlier time."""
        self._past = past
        self._say()

    def _say(self) -> None:
        words = _("Held back now: {count}") if self._past else _("Held back: {count}")
        self.setText(words.format(count=self._count))
        mark(self, faint=not self._count)
