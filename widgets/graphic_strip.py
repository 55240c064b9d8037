"""What is drawn on the map for one incident, in a line of its board: each can be shown there, and all worked on."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from controlroom.i18n import _
from widgets.elided_label import ElidedLabel


class GraphicStrip(QWidget):
    """How many, the newest by name, a menu of all; hidden while there is none. `work` is the way to the board.

    `work` may be put elsewhere, so that a line without anything in it takes no room.
    """

    shown = Signal(str)
    """The id of a graphic to be shown on the map."""
    board_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[tuple[str, str], ...] | None = None
        self.count, self.names = QToolButton(), ElidedLabel()
        self.count.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.count.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.menu = QMenu(self.count)
        self.count.setMenu(self.menu)
        self.work = QPushButton(_("Plot…"))
        self.work.setToolTip(_("Draw on the map for this incident"))
        self.work.clicked.connect(self.board_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.addWidget(self.count)
        row.addWidget(self.names, 1)
        row.addWidget(self.work)
        self.set_lines(())

    def set_lines(self, lines: Sequence[tuple[str, str]], changeable: bool = True) -> None:
        """Id and words of each, the newest first; `changeable` while the incident is open."""
        self.work.setEnabled(changeable)
        if tuple(lines) == self._lines:
            return
        self._lines = tuple(lines)
        self.count.setText(_("Plotting: {count}").format(count=len(lines)))
        self.count.setEnabled(bool(lines))
        self.setHidden(not lines)
        self.names.setText(_("; ").join(words for _id, words in lines))
        self.menu.clear()
        for identity, words in lines:
            self.menu.addAction(words.replace("&", "&&"), partial(self.shown.emit, identity))
