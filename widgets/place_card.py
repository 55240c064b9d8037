"""What is here: a card over a map with the place in words and in every form of coordinates, to copy or read out."""

from collections.abc import Callable, Sequence

from msgspec import Struct
from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from controlroom.i18n import _
from widgets.map_overlay import MapOverlay

_MOST_PX, _LEAST_PX, _LABEL_PX = 420, 300, 96
_SHARE = 0.46
"""Less than half of the map, so that the place in its middle stays in sight."""
_EDGE_PX = 8


class CardLine(Struct, frozen=True):
    """A line of a card: what it is, what it says, whether it can be copied alone, and whether it warns."""

    label: str
    text: str
    copies: bool = False
    faint: bool = False


class Card(Struct, frozen=True):
    """All that a card shows; `sentence` is what is read out."""

    title: str
    subtitle: str
    lon: float
    lat: float
    sentence: str
    lines: tuple[CardLine, ...] = ()
    basis: str = ""


class PlaceCard(MapOverlay):
    """Lies over the upper right corner of a map; hidden until `show_card`.

    `menu` makes what can be done at a point; `area` tells where in `parent` the map itself is, without it everywhere.
    """

    copied = Signal(str)
    """What was put on the clipboard."""

    def __init__(
        self, menu: Callable[[float, float], QMenu], parent: QWidget, area: Callable[[], QRect] | None = None
    ) -> None:
        super().__init__(parent, area)
        self._menu = menu
        self.card: Card | None = None
        self._texts: list[QLabel] = []
        self.title, self.subtitle, self.sentence, self.basis = QLabel(), QLabel(), QLabel(), QLabel()
        for label in (self.title, self.subtitle, self.sentence, self.basis):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.subtitle.setObjectName("mapStatus")
        self.basis.setObjectName("mapStatus")
        self.leave = QToolButton()
        self.leave.setText("✕")
        self.leave.setToolTip(_("Close (Esc)"))
        self.leave.setAccessibleName(_("Close (Esc)"))
        self.leave.clicked.connect(self.dismiss)
        self.copy = QPushButton(_("Copy the sentence"))
        self.copy.clicked.connect(self._copy_sentence)
        self.act = QPushButton(_("What can be done here…"))
        self.act.clicked.connect(self._act)
        self._holder = QWidget()
        self._inner = QVBoxLayout(self._holder)
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._holder)
        self._lay_out()

    def show_card(self, card: Card) -> None:
        """Show a place; the keyboard stays where it is until Tab."""
        self.card = card
        self.title.setText(card.title)
        self.subtitle.setText(card.subtitle)
        self.subtitle.setVisible(bool(card.subtitle))
        self.sentence.setText(card.sentence)
        self.basis.setText(card.basis)
        self.basis.setVisible(bool(card.basis))
        self._fill(card.lines)
        self._scroll.verticalScrollBar().setValue(0)
        self.show()
        self.raise_()
        self._place()

    def retell(self, card: Card) -> None:
        """The same card with other words, as its subject changed: what is read keeps its place on the screen."""
        held = self.card
        if held is None or [line.label for line in held.lines] != [line.label for line in card.lines]:
            self.show_card(card)
            return
        self.card = card
        for widget, text in (
            (self.title, card.title),
            (self.subtitle, card.subtitle),
            (self.sentence, card.sentence),
            *zip(self._texts, (line.text for line in card.lines), strict=True),
        ):
            if widget.text() != text:
                widget.setText(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def copy_text(self, text: str) -> None:
        """Put a text on the clipboard."""
        QGuiApplication.clipboard().setText(text)
        self.copied.emit(text)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.leave, 0, Qt.AlignmentFlag.AlignTop)
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy)
        buttons.addWidget(self.act)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 8, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.subtitle)
        column.addLayout(buttons)
        column.addWidget(self._scroll, 1)
        self._inner.setContentsMargins(0, 0, 4, 0)
        self._inner.addWidget(self.sentence)
        self._inner.addLayout(self._grid)
        self._inner.addWidget(self.basis)
        self._inner.addStretch(1)

    def _fill(self, lines: Sequence[CardLine]) -> None:
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._texts.clear()
        for row, line in enumerate(lines):
            label, text = QLabel(line.label), QLabel(line.text)
            label.setObjectName("mapStatus")
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
            label.setWordWrap(True)
            label.setFixedWidth(_LABEL_PX)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setWordWrap(True)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            if line.faint:
                text.setObjectName("mapStatus")
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(text, row, 1)
            # What is added to a card that is open already has no height before it is shown.
            label.show()
            text.show()
            self._texts.append(text)
            if line.copies:
                button = _CopyButton(line.text, self)
                button.setToolTip(_("Copy: {text}").format(text=line.text))
                button.setAccessibleName(button.toolTip())
                self._grid.addWidget(button, row, 2, Qt.AlignmentFlag.AlignTop)

    def _copy_sentence(self) -> None:
        if self.card is not None:
            self.copy_text(self.card.sentence)

    def _act(self) -> None:
        if self.card is not None:
            below = self.act.mapToGlobal(QPoint(0, self.act.height()))
            self._menu(self.card.lon, self.card.lat).popup(below)

    def _place(self) -> None:
        area = self._area()
        top = max(44, area.top() + _EDGE_PX)
        room = area.width() - 2 * _EDGE_PX
        width = min(room, max(_LEAST_PX, min(_MOST_PX, round(self._map.width() * _SHARE))))
        inner = width - 18
        held = self._inner.totalHeightForWidth(inner - self._scroll.verticalScrollBar().sizeHint().width())
        head = self.title.heightForWidth(inner - 40) + self.copy.sizeHint().height() + 40
        head += self.subtitle.heightForWidth(inner) + 6 if self.subtitle.text() else 0
        height = min(held + head, self._map.height() - top - _EDGE_PX)
        self.setGeometry(area.right() - width - _EDGE_PX, top, width, max(120, height))


class _CopyButton(QToolButton):
    """Copies one line."""

    def __init__(self, text: str, card: PlaceCard) -> None:
        super().__init__(card)
        self.setText(_("Copy"))
        self._text, self._card = text, card
        self.clicked.connect(self._copy)

    def _copy(self) -> None:
        self._card.copy_text(self._text)
