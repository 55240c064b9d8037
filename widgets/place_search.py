"""The map's own search box: names, coordinates and things of the room, with where they are and what matched."""

from collections.abc import Callable, Sequence
from html import escape

from msgspec import Struct
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
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
from widgets.map_overlay import MapOverlay

_WIDTH_PX = 460
_ROWS = 9
_EDGE_PX = 8
_HIT = Qt.ItemDataRole.UserRole


class Hit(Struct, frozen=True):
    """Something that was found: `kind` and `id` tell what, `side` how far, `detail` kind, town and what matched."""

    kind: str
    id: str
    title: str
    detail: str
    side: str = ""
    lon: float | None = None
    lat: float | None = None


class _Row(QStyledItemDelegate):
    """Two lines: the title and the distance, below them the detail, faint."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, option.fontMetrics.height() * 2 + 8)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        hit: Hit = index.data(_HIT)
        shown = QStyleOptionViewItem(option)
        self.initStyleOption(shown, index)
        shown.text = ""
        widget: QWidget = shown.widget
        widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, shown, painter, widget)
        picked = bool(shown.state & QStyle.StateFlag.State_Selected)
        strong = shown.palette.highlightedText().color() if picked else shown.palette.text().color()
        faint = shown.palette.highlightedText().color() if picked else shown.palette.placeholderText().color()
        box: QRect = shown.rect.adjusted(8, 3, -8, -3)
        top = QRect(box.left(), box.top(), box.width(), box.height() // 2)
        below = QRect(box.left(), box.top() + box.height() // 2, box.width(), box.height() // 2)
        metrics = shown.fontMetrics
        painter.save()
        painter.setFont(shown.font)
        painter.setPen(faint)
        painter.drawText(top, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, hit.side)
        detail = metrics.elidedText(hit.detail, Qt.TextElideMode.ElideRight, below.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, detail)
        painter.setPen(strong)
        space = top.width() - metrics.horizontalAdvance(hit.side) - 12
        title = metrics.elidedText(hit.title, Qt.TextElideMode.ElideRight, space)
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
        painter.restore()


class PlaceSearch(MapOverlay):
    """Lies over the upper left corner of a map; hidden until `open`.

    `search` gives the hits for a text, best first (the recent ones for none); it is called on every key.
    `basis` says what is searched and how old it is.
    """

    chosen = Signal(object)
    """The Hit that was picked with Enter or a click."""

    def __init__(
        self,
        search: Callable[[str], Sequence[Hit]],
        basis: Callable[[], str],
        parent: QWidget,
        area: Callable[[], QRect] | None = None,
    ) -> None:
        super().__init__(parent, area)
        self._search, self._basis = search, basis
        self.hits: Sequence[Hit] = ()
        self.line = QLineEdit()
        self.line.setPlaceholderText(_("Place, road, crossroads, address, coordinates, camera…"))
        self.line.setAccessibleName(_("Find a place"))
        self.line.setClearButtonEnabled(True)
        self._model = QStandardItemModel(self)
        self.list = QListView()
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Row(self.list))
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.heading, self.nothing, self.foot = QLabel(), QLabel(), QLabel()
        for label in (self.heading, self.nothing, self.foot):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setMargin(3)
        self.foot.setObjectName("mapStatus")
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 4)
        column.setSpacing(3)
        for widget in (self.line, self.heading, self.list, self.nothing, self.foot):
            column.addWidget(widget)
        self.line.textChanged.connect(self.refresh)
        ListKeys(self.line, self.list, self._pick, self.dismiss)

    def open(self) -> None:
        """Show the box with what was typed last, marked, so that typing begins anew."""
        self.show()
        self.raise_()
        self.refresh()
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    def refresh(self) -> None:
        """Search again: another text, or more is known than a moment ago."""
        if self.isHidden():
            return
        row = max(0, self.list.currentIndex().row()) if self.sender() is not self.line else 0
        text = self.line.text()
        self.hits = self._search(text)
        self._model.clear()
        for hit in self.hits:
            item = QStandardItem(hit.title)
            item.setData(hit, _HIT)
            item.setData(f"{hit.title}, {hit.detail}, {hit.side}", Qt.ItemDataRole.AccessibleTextRole)
            item.setToolTip(f"<qt>{escape(hit.title)}<br>{escape(hit.detail)}</qt>")
            self._model.appendRow(item)
        typed = bool(text.strip())
        self.heading.setText(_("Recent"))
        self.heading.setVisible(not typed and bool(self.hits))
        self.nothing.setText(_("Nothing of that name, sound or form") if typed else "")
        self.nothing.setVisible(typed and not self.hits)
        self.list.setVisible(bool(self.hits))
        self.foot.setText(self._basis())
        if self.hits:
            self.list.setCurrentIndex(self._model.index(min(row, len(self.hits) - 1), 0))
        self._place()

    def _pick(self, index: QModelIndex) -> None:
        hit = index.data(_HIT) if index.isValid() else None
        if isinstance(hit, Hit):
            self.dismiss()
            self.chosen.emit(hit)

    def _place(self) -> None:
        area = self._area()
        top = max(44, area.top() + _EDGE_PX)
        width = min(_WIDTH_PX, area.width() - 2 * _EDGE_PX)
        row = self.fontMetrics().height() * 2 + 8
        self.list.setFixedHeight(max(1, min(len(self.hits), _ROWS, (self._map.height() - 180) // row)) * row + 4)
        self._column.activate()
        height = min(self._column.totalHeightForWidth(width), self._map.height() - top - _EDGE_PX)
        self.setGeometry(area.left() + _EDGE_PX, top, width, max(60, height))
