"""What a thematic layer knows of the things at a place: attributes as plain text, one thing after the other."""

from msgspec import Struct
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.raw_text import harmless, tip
from controlroom.i18n import _
from widgets.elided_label import ElidedLabel
from widgets.look import mark

_WIDTH_PX, _HEIGHT_PX, _EDGE_PX = 320, 260, 12
_LONGEST = 400


class Thing(Struct, frozen=True):
    """One feature: its layer, its number in the file, and attributes as (name, value)."""

    layer: str
    number: int
    attributes: tuple[tuple[str, str], ...]
    name: str = ""
    facts: str = ""
    """Where its layer is from, of what time its data are and how old."""
    is_old: bool = False


class FeatureCard(QFrame):
    """Lies in the upper right corner of its parent. Left and Right turn over, Escape closes.

    A cell is text and never HTML, whatever it holds.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._map = parent
        self.setObjectName("card")
        self.setAutoFillBackground(True)
        self._things: tuple[Thing, ...] = ()
        self._at = 0
        self.title = ElidedLabel()
        self.title.setObjectName("cardTitle")
        self.back, self.forth, self.shut = QToolButton(), QToolButton(), QToolButton()
        for button, sign in ((self.back, "‹"), (self.forth, "›"), (self.shut, "×")):
            button.setText(sign)
        self.table = QTableWidget(0, 2)
        self.table.horizontalHeader().hide()
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setAccessibleName(_("Attributes"))
        self.facts = QLabel()
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        self.facts.setWordWrap(True)
        head = QHBoxLayout()
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        head.addWidget(self.title, 1)
        for button in (self.back, self.forth, self.shut):
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 6, 6)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addWidget(self.facts)
        self.back.clicked.connect(self._go_back)
        self.forth.clicked.connect(self._go_forth)
        self.shut.clicked.connect(self.hide)
        for button, words in (
            (self.back, _("The thing before")),
            (self.forth, _("The next thing here")),
            (self.shut, _("Close")),
        ):
            button.setToolTip(words)
            button.setAccessibleName(words)
        parent.installEventFilter(self)
        self.hide()

    def show_things(self, things: tuple[Thing, ...]) -> None:
        """Show the first of them; none hides the card."""
        self._things, self._at = things, 0
        self.setVisible(bool(things))
        if things:
            self._tell()
            self._place()
            self.raise_()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turns over and closes."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step:
            self._turn(step)
        elif event.key() == Qt.Key.Key_Escape:
            self.hide()
            self._map.setFocus()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stays in its corner."""
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _go_back(self) -> None:
        self._turn(-1)

    def _go_forth(self) -> None:
        self._turn(1)

    def _turn(self, step: int) -> None:
        if self._things:
            self._at = (self._at + step) % len(self._things)
            self._tell()

    def _tell(self) -> None:
        thing = self._things[self._at]
        place = f" · {self._at + 1}/{len(self._things)}" if len(self._things) > 1 else ""
        words = _("{layer}, feature {number}").format(layer=harmless(thing.layer[:80]), number=thing.number)
        self.title.setText((f"{harmless(thing.name[:80])} · {words}" if thing.name else words) + place)
        self.facts.setText(("⚠ " if thing.is_old else "") + thing.facts)
        self.facts.setVisible(bool(thing.facts))
        mark(self.facts, stale=thing.is_old)
        several = len(self._things) > 1
        self.back.setVisible(several)
        self.forth.setVisible(several)
        self.table.setRowCount(len(thing.attributes))
        for row, pair in enumerate(thing.attributes):
            for column, text in enumerate(pair):
                item = QTableWidgetItem(harmless(text[:_LONGEST]))
                item.setToolTip(tip(text[:_LONGEST]))
                self.table.setItem(row, column, item)

    def _place(self) -> None:
        space = self._map.size()
        width = min(_WIDTH_PX, space.width() - 2 * _EDGE_PX)
        height = min(_HEIGHT_PX, space.height() - 5 * _EDGE_PX)
        self.setGeometry(space.width() - width - _EDGE_PX, 4 * _EDGE_PX, max(60, width), max(60, height))
