"""The place of a plugin's panel in a window: the panel, a line when it is slow, or the card that says why it went."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from controlroom.i18n import _
from widgets.card import Card


class PluginFrame(QWidget):
    """Holds one panel of a plugin, which is built when the frame is first shown."""

    wanted = Signal()
    """The frame was shown and has nothing to show yet."""

    def __init__(self, kind: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = kind
        self.setWindowTitle(title)
        self.setObjectName(f"plugin_frame_{kind}")
        self._notice = QLabel(self)
        self._notice.setObjectName("plugin_notice")
        self._notice.setWordWrap(True)
        self._notice.setProperty("severity", "yellow")
        self._notice.hide()
        self._content: QWidget | None = None
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self._rows.addWidget(self._notice)

    @property
    def content(self) -> QWidget | None:
        """The panel or the card that is shown."""
        return self._content

    def put(self, content: QWidget | None) -> None:
        """Show this instead of what was shown; None makes the frame empty, to be filled when it is shown again."""
        if self._content is not None:
            self._rows.removeWidget(self._content)
            self._content.hide()
            self._content.deleteLater()
        self._content = content
        if content is not None:
            # Not shown from here: the layout has Qt show it in its own time, and what its first show raises then
            # goes to the hook. Through a call from Python it would come back here, or end the process (plugin_fence).
            self._rows.addWidget(content, 1)

    def put_card(self, title: str, sentence: str, details: str, on_restart: Callable[[], None] | None) -> None:
        """Show the card that says why the panel is gone."""
        card = Card(title, sentence, details, on_restart is not None)
        if on_restart is not None:
            card.restarted.connect(on_restart)
        self._notice.hide()
        self.put(card)

    def tell_slow(self, slow: bool, took_ms: float) -> None:
        """Say above the panel that its plugin is slow, or take that back."""
        self._notice.setText(
            _("This panel is slow ({took} ms for one update); it is now updated once a second.").format(
                took=round(took_ms)
            )
        )
        self._notice.setVisible(slow)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the panel at the first showing."""
        super().showEvent(event)
        if self._content is None:
            self.wanted.emit()
