"""The tree of a map's layers beside it: search, ticks, order, and what the chosen layer is and how it is drawn."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QScrollArea,
    QSlider,
    QSpinBox,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.raw_text import harmless
from controlroom.i18n import _, _n
from controlroom.mapping.layer_tree import MAX_ZOOM, MIN_ZOOM, Change, Layer, LayerTree
from widgets.elided_label import ElidedLabel
from widgets.layer_rows import LayerRows, can_move, row_title
from widgets.layer_symbol import Legend
from widgets.layer_words import reason
from widgets.map_texts import DISTRICT

_NOTE_LETTERS = 4000
_FIELD_LETTERS = 40
_WIDTH_PX = 320


class LayerPanel(QWidget):
    """Search above, rows, and below them opacity, scale range, order, legend, source and time of the current layer.

    Down goes from the search into the rows, Escape empties the search and then closes the panel. Alt+letters of the
    labels go to the fields. It works on the tree itself, and follows it whoever changes it.
    """

    menu_filled = Signal(QMenu, str)
    """menu, id: the menu of a layer is about to open; who knows more of it adds to it."""
    closed = Signal()
    """The officer closes the panel from within."""

    def __init__(self, tree: LayerTree, zoom: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tree = tree
        self._zoom = zoom
        self._writing = False
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.rows = LayerRows(tree, zoom, self)
        self.title = ElidedLabel()
        self.title.setObjectName("cardTitle")
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setPageStep(10)
        self.percent = QLabel()
        self.low, self.high = QSpinBox(), QSpinBox()
        for box in (self.low, self.high):
            box.setRange(MIN_ZOOM, MAX_ZOOM)
        self.labels = QComboBox()
        self.labels.activated.connect(self._write)
        self.up, self.down = QToolButton(), QToolButton()
        self.up.setText("▲")
        self.down.setText("▼")
        self.more = QToolButton()
        self.more.setText("⋯")
        self.more.clicked.connect(self.pop_up)
        self.rows.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.rows.customContextMenuRequested.connect(self.pop_up)
        self.legend = Legend()
        self.facts = QLabel()
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        self.facts.setWordWrap(True)
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._opacity_label, self._range_label, self._labels_label = QLabel(), QLabel(), QLabel()
        self._to = QLabel()
        self._lay_out()
        self.setFocusProxy(self.search)
        self.retranslate()
        self.search.textChanged.connect(self.rows.search)
        self.search.returnPressed.connect(self._to_rows)
        self.rows.chosen.connect(self._choose)
        self.opacity.valueChanged.connect(self._fade)
        self.low.valueChanged.connect(self._limit)
        self.high.valueChanged.connect(self._limit)
        self.up.clicked.connect(self._raise)
        self.down.clicked.connect(self._lower)
        tree.watch(self._tree_changed)
        self.rows.fill()
        self._choose("")

    def sizeHint(self) -> QSize:
        """Wide enough for a title, a number and an age."""
        return QSize(_WIDTH_PX, 480)

    def set_now(self, now: datetime, stale: bool) -> None:
        """The time of the room, and whether no new data comes."""
        self.rows.set_now(now, stale)

    def looked(self) -> None:
        """The map may be at another zoom level."""
        if self.isVisible():
            self.rows.refresh()
            self._tell()

    def choose(self, layer_id: str) -> None:
        """Show what a layer is."""
        self.rows.choose(layer_id)

    def menu(self) -> QMenu:
        """What can be done with the current layer; it goes when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        only = menu.addAction(_("Show this layer alone in its group"))
        only.triggered.connect(self._show_alone)
        only.setEnabled(bool(self.rows.current_id()))
        self.menu_filled.emit(menu, self.rows.current_id())
        return menu

    def pop_up(self) -> None:
        """Open that menu under the button."""
        self.menu().popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def changeEvent(self, event: QEvent) -> None:
        """Follows language and palette."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self.rows.fill()
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down and Escape as the class says."""
        if event.key() == Qt.Key.Key_Down and self.search.hasFocus():
            self._to_rows()
        elif event.key() == Qt.Key.Key_Escape:
            if self.search.text():
                self.search.clear()
            else:
                self.closed.emit()
        else:
            super().keyPressEvent(event)

    def retranslate(self) -> None:
        """All words anew."""
        self.search.setPlaceholderText(_("Search layers: name, pinyin, legend"))
        self.search.setAccessibleName(_("Search layers"))
        self._opacity_label.setText(_("&Opacity"))
        self._range_label.setText(_("&Zoom from"))
        self._to.setText(_("to"))
        self._labels_label.setText(_("&Labels"))
        self.labels.setAccessibleName(_("Attribute that is written beside features"))
        self.opacity.setAccessibleName(_("Opacity"))
        self.low.setAccessibleName(_("Drawn from this zoom level"))
        self.high.setAccessibleName(_("Drawn to this zoom level"))
        for button, words in (
            (self.up, _("Higher (Ctrl+Up)")),
            (self.down, _("Lower (Ctrl+Down)")),
            (self.more, _("More of this layer (menu key)")),
        ):
            button.setToolTip(words)
            button.setAccessibleName(words)
        self._tell()

    # ------------------------------------------------------------ inside

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addStretch(1)
        head.addWidget(self.up)
        head.addWidget(self.down)
        head.addWidget(self.more)
        fade = QHBoxLayout()
        fade.addWidget(self.opacity, 1)
        fade.addWidget(self.percent)
        self.percent.setMinimumWidth(self.fontMetrics().horizontalAdvance("100 %"))
        self.percent.setAlignment(Qt.AlignmentFlag.AlignRight)
        scale = QHBoxLayout()
        scale.addWidget(self.low)
        scale.addWidget(self._to)
        scale.addWidget(self.high)
        scale.addStretch(1)
        self._opacity_label.setBuddy(self.opacity)
        self._range_label.setBuddy(self.low)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow(self._opacity_label, fade)
        form.addRow(self._range_label, scale)
        self._labels_label.setBuddy(self.labels)
        form.addRow(self._labels_label, self.labels)
        self._form = form
        inside = QWidget()
        below = QVBoxLayout(inside)
        below.setContentsMargins(0, 0, 4, 0)
        below.addWidget(self.legend)
        below.addWidget(self.facts)
        below.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        self.detail = QWidget()
        lower = QVBoxLayout(self.detail)
        lower.setContentsMargins(2, 4, 2, 2)
        lower.addLayout(head)
        lower.addLayout(form)
        lower.addWidget(scroll, 1)
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.addWidget(self.rows)
        self.split.addWidget(self.detail)
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 2)
        self.split.setCollapsible(0, False)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.addWidget(self.search)
        column.addWidget(self.split, 1)

    def _to_rows(self) -> None:
        self.rows.setFocus(Qt.FocusReason.TabFocusReason)
        first = self.rows.topLevelItem(0)
        if self.rows.currentItem() is None and first is not None:
            self.rows.setCurrentItem(first)

    def _tree_changed(self, change: Change) -> None:
        if change is not Change.NEWS or self.isVisible():
            self._tell()

    def _choose(self, _layer_id: str) -> None:
        self._tell()

    def _tell(self) -> None:
        """What the current layer is, as it is now."""
        layer_id, group = self.rows.current_id(), self.rows.current_group()
        layer = self._tree.layer(layer_id)
        self._tell_labels(layer)
        movable = can_move(self._tree, layer_id, group)
        self.up.setEnabled(movable)
        self.down.setEnabled(movable)
        for field in (self.opacity, self.low, self.high):
            field.setEnabled(layer is not None)
        if layer is None:
            item = self.rows.currentItem()
            self.title.setText(item.text(0) if item is not None else "")
            self.percent.clear()
            self.legend.set_lines(())
            self.facts.setText("" if group is not None else _("Choose a layer to see its legend, source and time."))
            return
        wish = self._tree.wish(layer_id)
        self._writing = True
        self.title.setText(row_title(layer))
        self.opacity.setValue(round(wish.opacity * 100))
        self.percent.setText(f"{round(wish.opacity * 100)} %")
        self.low.setValue(wish.min_zoom)
        self.high.setValue(wish.max_zoom)
        self._writing = False
        self.legend.set_lines(layer.legend)
        self.facts.setText(self._said(layer_id))

    def _said(self, layer_id: str) -> str:
        layer, wish, news = self._tree.layer(layer_id), self._tree.wish(layer_id), self._tree.news(layer_id)
        assert layer is not None
        why = self._tree.why_hidden(layer_id, self._zoom())
        lines = [_("Not drawn: {reason}").format(reason=reason(why, wish))] if why is not None else []
        whole = self._tree.layer(layer.whole)
        if whole is not None:
            words = _("A kind of “{layer}”, whose opacity and zoom hold for it too.")
            lines.append(words.format(layer=row_title(whole)))
        if news.count is not None:
            lines.append(_n("{count} object", "{count} objects", news.count).format(count=f"{news.count:,}"))
        if news.data_at is not None:
            lines.append(_("Data as of {time}").format(time=f"{news.data_at.astimezone(DISTRICT):%Y-%m-%d %H:%M:%S}"))
        if layer.source:
            lines.append(_("Source: {source}").format(source=harmless(layer.source)))
        if news.note:
            lines.append(harmless(news.note, keep="\n"))
        return "\n".join(lines)[:_NOTE_LETTERS]

    def _tell_labels(self, layer: Layer | None) -> None:
        """The attributes of which one may be written; layers without any have no such field."""
        fields = layer.fields if layer is not None else ()
        self._form.setRowVisible(self.labels, bool(fields))
        if layer is None or not fields:
            return
        if [self.labels.itemData(k) for k in range(self.labels.count())] != ["", *fields]:
            self.labels.clear()
            self.labels.addItem(_("none"), "")
            for field in fields:
                self.labels.addItem(harmless(field[:_FIELD_LETTERS]), field)
        self.labels.setCurrentIndex(max(0, self.labels.findData(self._tree.label(layer.id))))

    def _write(self, place: int) -> None:
        layer_id = self.rows.current_id()
        if self._tree.layer(layer_id) is not None:
            self._tree.write(layer_id, str(self.labels.itemData(place)))

    def _fade(self, percent: int) -> None:
        layer_id = self.rows.current_id()
        if not self._writing and self._tree.layer(layer_id) is not None:
            self._tree.fade(layer_id, percent / 100)

    def _limit(self) -> None:
        layer_id = self.rows.current_id()
        if not self._writing and self._tree.layer(layer_id) is not None:
            low, high = self.low.value(), self.high.value()
            low = min(low, high) if self.sender() is self.high else low
            self._tree.limit(layer_id, low, max(low, high))

    def _show_alone(self) -> None:
        layer = self._tree.layer(self.rows.current_id())
        if layer is not None:
            for other in self._tree.members(layer.group):
                if other.whole == layer.whole:
                    self._tree.show(other.id, other.id == layer.id)

    def _raise(self) -> None:
        self.rows.shift(-1)

    def _lower(self) -> None:
        self.rows.shift(1)
