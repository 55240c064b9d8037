"""The command bar: one line in which anything of the room is found, and the list of what matches."""

from collections.abc import Callable

from msgspec import Struct
from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from controlroom.i18n import _
from widgets.list_keys import ListKeys

_WIDTH_PX = 680
_ROWS = 12


class Item(Struct, frozen=True):
    """Something that can be found: `kind` names its provider, `detail` is drawn faint, `keywords` only searched."""

    kind: str
    id: str
    title: str
    detail: str = ""
    keywords: str = ""


class _Found(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.items: list[Item] = []

    def set_items(self, items: list[Item]) -> None:
        self.beginResetModel()
        self.items = items
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.items)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        item = self.items[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return item.title
        if role == Qt.ItemDataRole.UserRole:
            return item
        return None


class _Row(QStyledItemDelegate):
    """The title on the left, kind and detail faint on the right."""

    def __init__(self, kind_words: Callable[[str], str], parent: QObject) -> None:
        super().__init__(parent)
        self._kind_words = kind_words

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        item: Item = index.data(Qt.ItemDataRole.UserRole)
        shown = QStyleOptionViewItem(option)
        self.initStyleOption(shown, index)
        shown.text = ""
        rect: QRect = shown.rect.adjusted(10, 0, -10, 0)
        widget: QWidget = shown.widget
        widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, shown, painter, widget)
        picked = bool(shown.state & QStyle.StateFlag.State_Selected)
        look = shown.palette
        metrics = painter.fontMetrics()
        painter.save()
        side = " · ".join(word for word in (item.detail, self._kind_words(item.kind)) if word)
        side = metrics.elidedText(side, Qt.TextElideMode.ElideRight, rect.width() // 2)
        painter.setPen(look.highlightedText().color() if picked else look.placeholderText().color())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, side)
        space = rect.width() - metrics.horizontalAdvance(side) - 16
        painter.setPen(look.highlightedText().color() if picked else look.text().color())
        title = metrics.elidedText(item.title, Qt.TextElideMode.ElideRight, space)
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, title)
        painter.restore()


class CommandBar(QFrame):
    """Lies over its parent window, so that input methods work in it as in any line; hidden until `open`.

    `search` gives the items for a text, best first; it is called on every key and must be quick.
    `kind_words` gives the visible name of a kind.
    """

    chosen = Signal(object)
    """The Item that was picked with Enter or a click."""

    def __init__(self, search: Callable[[str], list[Item]], kind_words: Callable[[str], str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("commandBar")
        self.setAutoFillBackground(True)
        self._search = search
        self._room = parent
        self._focus_before: QWidget | None = None
        self.line = QLineEdit()
        self.line.setPlaceholderText(_("Camera, sensor, place, vehicle, alarm, incident, layout, command…"))
        self.line.setClearButtonEnabled(True)
        self._found = _Found(self)
        self.list = QListView()
        self.list.setModel(self._found)
        self.list.setItemDelegate(_Row(kind_words, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.nothing = QLabel(_("Nothing of that name"))
        self.nothing.setMargin(6)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        for widget in (self.line, self.list, self.nothing):
            column.addWidget(widget)
        self.line.textChanged.connect(self._look_up)
        self.line.installEventFilter(self)
        ListKeys(self.line, self.list, self._pick, self.dismiss)
        self.hide()

    @property
    def items(self) -> list[Item]:
        """What is listed now."""
        return self._found.items

    def open(self) -> None:
        """Show the bar over the window with an empty line."""
        before = QApplication.focusWidget()
        self._focus_before = None if before is self.line else before
        self._place()
        self.line.clear()
        self._look_up("")
        self.show()
        self.raise_()
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def dismiss(self) -> None:
        """Hide the bar and give the focus back."""
        if self.isHidden():
            return
        before, self._focus_before = self._focus_before, None
        self.hide()
        if before is not None:
            before.setFocus(Qt.FocusReason.PopupFocusReason)

    def refresh(self) -> None:
        """Search again, because more can be found than a moment ago."""
        if self.isVisible():
            row = self.list.currentIndex().row()
            self._look_up(self.line.text())
            self.list.setCurrentIndex(self._found.index(min(max(row, 0), len(self.items) - 1)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Goes when the keyboard goes to something else of the room."""
        if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            typing_on = event.reason() in (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
            if not typing_on:
                self._focus_before = None
                self.hide()
        return super().eventFilter(watched, event)

    def _look_up(self, text: str) -> None:
        items = self._search(text)
        self._found.set_items(items)
        self.list.setVisible(bool(items))
        self.nothing.setVisible(not items)
        if items:
            self.list.setCurrentIndex(self._found.index(0))

    def _pick(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        item = self._found.items[index.row()]
        self.dismiss()
        self.chosen.emit(item)

    def _place(self) -> None:
        room = self._room
        row = self.fontMetrics().height() + 6
        width = min(_WIDTH_PX, room.width() - 16)
        height = min(row * (_ROWS + 2) + 20, room.height() - 16)
        self.setGeometry((room.width() - width) // 2, min(60, max(0, (room.height() - height) // 2)), width, height)
