"""The rows of the tree of layers: groups, layers, and kinds within a layer; ticked, moved and searched."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDropEvent, QKeyEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from controlroom.bridge.raw_text import harmless, tip
from controlroom.bridge.spoken import normal, spoken
from controlroom.i18n import _
from controlroom.mapping.layer_tree import PINNED, Change, Layer, LayerGroup, LayerTree, News
from widgets.layer_symbol import SIDE_PX, symbol_icon
from widgets.layer_words import group_titles, reason

LONGEST_TITLE = 120
"""Longer titles are cut: a name of 10,000 letters would cost more to lay out than the map to draw."""

_MANY = 40
"""Groups with more layers than this begin closed."""

_NEWS_MS = 200
_ROOM_PX = 10
_MOST_WIDTHS = 2000
_ID, _GROUP = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_TITLE, _COUNT, _AGE = range(3)


def row_title(layer: Layer) -> str:
    """A layer's title as it may be drawn."""
    return harmless(layer.title[:LONGEST_TITLE]) + ("…" if len(layer.title) > LONGEST_TITLE else "")


class LayerRows(QTreeWidget):
    """Space ticks the current row, Ctrl+Up and Ctrl+Down move it, as dragging does. Rows follow the tree by themselves.

    `zoom` tells the level of the map, `now` the time, by which ages are shown.
    """

    chosen = Signal(str)
    """The current row is this layer; empty for a group or none."""

    def __init__(self, tree: LayerTree, zoom: Callable[[], int], parent: QWidget) -> None:
        super().__init__(parent)
        self._tree = tree
        self._zoom = zoom
        self._now: datetime | None = None
        self._stale = False
        self._wanted = ""
        self._filling = False
        self._rows: dict[str, QTreeWidgetItem] = {}
        self._groups: dict[LayerGroup, QTreeWidgetItem] = {}
        self._spoken: dict[str, str] = {}
        self._wide: dict[str, int] = {}
        self.setColumnCount(3)
        self.setHeaderHidden(True)
        self.setIconSize(QSize(SIDE_PX, SIDE_PX))
        self.setIndentation(14)
        self.setUniformRowHeights(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(_("Layers"))
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(_TITLE, QHeaderView.ResizeMode.Stretch)
        for column in (_COUNT, _AGE):
            # Qt's own fitting measures every row at every change of one: seconds for 251 layers.
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.fill)
        self._later = QTimer(self, singleShot=True, interval=_NEWS_MS)
        self._later.timeout.connect(self.refresh)
        self.itemChanged.connect(self._ticked)
        self.currentItemChanged.connect(self._tell_chosen)
        tree.watch(self._tree_changed)

    # ------------------------------------------------------------ what it is told

    def set_now(self, now: datetime, stale: bool) -> None:
        """The time of the room, and whether no new data comes; rows on the screen are told anew."""
        self._now, self._stale = now, stale
        if self.isVisible():
            self.refresh()

    def search(self, text: str) -> None:
        """Only layers whose title, legend, pinyin or group has the text; empty shows all."""
        self._wanted = normal(text.strip())
        self._filter()

    def refresh(self) -> None:
        """Ticks, numbers, ages and reasons as they are now; the rows stay."""
        self._filling = True
        zoom = self._zoom()
        for group, item in self._groups.items():
            item.setCheckState(_TITLE, _tick(self._tree.is_shown(group)))
        for layer_id, item in self._rows.items():
            layer = self._tree.layer(layer_id)
            if layer is not None:
                self._write(item, layer, zoom)
        self._fit()
        self._filling = False

    def fill(self) -> None:
        """All rows anew; what was open and current stays so."""
        self._soon.stop()
        self._filling = True
        self._wide.clear()
        current, closed = self.current_id(), {g for g, item in self._groups.items() if not item.isExpanded()}
        opened = {name for name, item in self._rows.items() if item.isExpanded()}
        current_group = self.current_group()
        first = not self._groups
        self.clear()
        self._rows, self._groups = {}, {}
        titles = group_titles()
        for group in self._tree.groups:
            members = self._tree.members(group)
            if not members:
                continue
            head = QTreeWidgetItem([f"{titles[group]} ({sum(1 for layer in members if not layer.whole)})"])
            head.setData(_TITLE, _GROUP, str(group))
            head.setFlags(head.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            font = head.font(_TITLE)
            font.setBold(True)
            head.setFont(_TITLE, font)
            self._groups[group] = head
            # Rows are whole before the tree sees them: each change of one that it shows costs a layout.
            for layer in self._listed(group):
                self._add(layer, self._rows.get(layer.whole, head))
                self._write(self._rows[layer.id], layer, self._zoom())
            self.addTopLevelItem(head)
            head.setFirstColumnSpanned(True)
            head.setExpanded(group not in closed and not (first and len(members) > _MANY))
        for name in opened:
            if name in self._rows:
                self._rows[name].setExpanded(True)
        self.refresh()
        self._filter()
        self._filling = False
        if current in self._rows:
            self.setCurrentItem(self._rows[current])
        elif current_group in self._groups:
            self.setCurrentItem(self._groups[current_group])

    def current_id(self) -> str:
        """The layer of the current row, or an empty text."""
        item = self.currentItem()
        return str(item.data(_TITLE, _ID) or "") if item is not None else ""

    def current_group(self) -> LayerGroup | None:
        """The group of the current row if that is a group's own."""
        item = self.currentItem()
        told = item.data(_TITLE, _GROUP) if item is not None else None
        return LayerGroup(told) if told else None

    def choose(self, layer_id: str) -> None:
        """Make a layer's row the current one and bring it into sight."""
        if self._soon.isActive():
            self.fill()
        item = self._rows.get(layer_id)
        if item is not None:
            self.setCurrentItem(item)
            self.scrollToItem(item)

    def shift(self, steps: int) -> bool:
        """Move the current layer or group, up for negative steps; whether it moved."""
        group, layer_id = self.current_group(), self.current_id()
        if group is not None:
            return self._tree.move_group(group, steps)
        return bool(layer_id) and self._tree.move(layer_id, steps)

    # ------------------------------------------------------------ Qt's entries

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Moves rows; Space ticks them, as everywhere."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if steps and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.shift(steps)
            event.accept()
            return
        super().keyPressEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """A row was dragged: the tree decides whether it may lie there, and the rows follow it."""
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        item, target = self.currentItem(), self.itemAt(event.position().toPoint())
        if item is None or target is None or item is target:
            return
        self.drop_on(item, target, event.position())

    def drop_on(self, item: QTreeWidgetItem, target: QTreeWidgetItem, at: QPointF) -> None:
        """Move a row above or below another, by which half of it was hit."""
        after = at.y() > self.visualItemRect(target).center().y()
        group, other = item.data(_TITLE, _GROUP), target.data(_TITLE, _GROUP)
        if group and not other:
            above = target.parent()
            other = above.data(_TITLE, _GROUP) if above is not None else None
        if group and other:
            self._tree.put_group(LayerGroup(group), LayerGroup(other), after=after)
        elif not group and not other:
            self._tree.put(str(item.data(_TITLE, _ID)), str(target.data(_TITLE, _ID)), after=after)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Narrow panels give the title what is there."""
        super().resizeEvent(event)
        self.setColumnHidden(_AGE, self.width() < 220)

    # ------------------------------------------------------------ inside

    def _add(self, layer: Layer, parent: QTreeWidgetItem) -> None:
        item = QTreeWidgetItem(parent, [row_title(layer)])
        item.setData(_TITLE, _ID, layer.id)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        for column in (_COUNT, _AGE):
            item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if layer.legend:
            item.setIcon(_TITLE, symbol_icon(layer.legend[0], self.palette(), self.devicePixelRatioF()))
        self._rows[layer.id] = item

    def _fit(self) -> None:
        """Columns of numbers and ages as wide as what stands in them."""
        for column in (_COUNT, _AGE):
            texts = {item.text(column) for item in self._rows.values()}
            for text in texts - self._wide.keys():
                if len(self._wide) > _MOST_WIDTHS:
                    self._wide.clear()
                self._wide[text] = self.fontMetrics().horizontalAdvance(text)
            widest = max((self._wide.get(text, 0) for text in texts), default=0)
            wanted = widest + _ROOM_PX if widest else 0
            # Narrower only when it is much: ages tick, and titles beside them should not.
            if not wanted or wanted > self.columnWidth(column) or wanted < self.columnWidth(column) - 4 * _ROOM_PX:
                self.setColumnWidth(column, wanted)

    def _write(self, item: QTreeWidgetItem, layer: Layer, zoom: int) -> None:
        wish, news = self._tree.wish(layer.id), self._tree.news(layer.id)
        why = self._tree.why_hidden(layer.id, zoom)
        item.setCheckState(_TITLE, _tick(wish.shown))
        said = reason(why, wish) if why is not None and wish.shown else _told(news)
        item.setText(_COUNT, said)
        age, old = self._age(layer, news)
        item.setText(_AGE, age)
        role = QPalette.ColorRole.WindowText if why is None else QPalette.ColorRole.PlaceholderText
        for column in range(3):
            item.setForeground(column, self.palette().brush(role))
            font = item.font(column)
            font.setItalic(old and column == _AGE)
            item.setFont(column, font)
        whole = [row_title(layer), *([reason(why, wish)] if why is not None else []), harmless(news.note, keep="\n")]
        item.setToolTip(_TITLE, tip("\n".join(line for line in whole if line)[:2000]))

    def _age(self, layer: Layer, news: News) -> tuple[str, bool]:
        if news.data_at is None or self._now is None:
            return "", False
        age_s = (self._now - news.data_at).total_seconds()
        old = layer.stale_after_s is not None and (self._stale or age_s > layer.stale_after_s)
        words = _short(age_s)
        return (_("stale {age}").format(age=words), True) if old else (words, False)

    def _tree_changed(self, change: Change) -> None:
        if change is Change.LAYERS:
            self._soon.start()
        elif change is Change.WISHES:
            self._wishes_changed()
        elif self.isVisible() and not self._later.isActive():
            # News come by dozens at once.
            self._later.start()

    def _wishes_changed(self) -> None:
        """Ticks are told in place; another order needs the rows anew."""
        if list(self._rows) == [layer.id for group in self._tree.groups for layer in self._listed(group)]:
            self.refresh()
        else:
            self._soon.start()

    def _ticked(self, item: QTreeWidgetItem, column: int) -> None:
        if self._filling or column != _TITLE:
            return
        shown = item.checkState(_TITLE) is Qt.CheckState.Checked
        group = item.data(_TITLE, _GROUP)
        if group:
            self._tree.show_group(LayerGroup(group), shown)
        elif self._tree.layer(str(item.data(_TITLE, _ID))) is not None:
            self._tree.show(str(item.data(_TITLE, _ID)), shown)

    def _tell_chosen(self) -> None:
        if not self._filling:
            self.chosen.emit(self.current_id())

    def _filter(self) -> None:
        titles = group_titles()
        parts: dict[str, list[Layer]] = {}
        for group in self._groups:
            for one in self._tree.members(group):
                parts.setdefault(one.whole, []).append(one)
        for group, head in self._groups.items():
            in_group = not self._wanted or self._wanted in self._said(titles[group])
            any_shown = False
            for layer in self._tree.members(group):
                item = self._rows.get(layer.id)
                if item is None:
                    continue
                fits = in_group or self._fits(layer) or any(self._fits(one) for one in parts.get(layer.id, ()))
                item.setHidden(not fits)
                any_shown = any_shown or fits
                if self._wanted and fits and layer.whole and layer.whole in self._rows:
                    self._rows[layer.whole].setExpanded(True)
            head.setHidden(not any_shown)
            if self._wanted and any_shown:
                head.setExpanded(True)

    def _listed(self, group: LayerGroup) -> list[Layer]:
        """The layers of a group, those that are parts of another behind it."""
        return sorted(self._tree.members(group), key=lambda layer: bool(layer.whole))

    def _fits(self, layer: Layer) -> bool:
        texts = (layer.title[:LONGEST_TITLE], *(line.label[:LONGEST_TITLE] for line in layer.legend))
        return any(self._wanted in self._said(text) for text in texts)

    def _said(self, text: str) -> str:
        """The text, its pinyin and its initials, as they are compared; computed once."""
        if text not in self._spoken:
            self._spoken[text] = f"{normal(text)}\n{spoken(text)}"
        return self._spoken[text]


def can_move(tree: LayerTree, layer_id: str, group: LayerGroup | None) -> bool:
    """Whether a row can be moved at all."""
    if group is not None:
        return group not in PINNED
    layer = tree.layer(layer_id)
    return layer is not None and sum(one.whole == layer.whole for one in tree.members(layer.group)) > 1


def _short(age_s: float) -> str:
    """An age in its largest unit: the row has no room for more, the chosen layer's time is told in full below."""
    for unit_s, words in ((86_400, _("{n} d")), (3600, _("{n} h")), (60, _("{n} min"))):
        if age_s >= unit_s:
            return words.format(n=int(age_s // unit_s))
    return _("{n} s").format(n=max(0, int(age_s)))


def _tick(shown: bool) -> Qt.CheckState:
    return Qt.CheckState.Checked if shown else Qt.CheckState.Unchecked


def _told(news: News) -> str:
    if news.progress is not None:
        return _("reading {percent} %").format(percent=round(news.progress * 100))
    if news.is_fault:
        return _("broken")
    return "" if news.count is None else f"{news.count:,}"
