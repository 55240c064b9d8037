"""Every sensor of the district: found by words, kind or town, worst first, with value, level and age."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QObject, QPersistentModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QSplitter,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.models.sensor_index import SensorColumn
from controlroom.bridge.models.sensor_model import (
    DRAGGED_MOST,
    FRESHNESS_ROLE,
    ID_ROLE,
    LEVEL_ROLE,
    SensorModel,
    sensors_dragged,
)
from controlroom.domain.limits import Freshness
from controlroom.domain.severity import Severity
from controlroom.i18n import _
from widgets.sensor_filter import SensorFilterLine
from widgets.severity import is_dark, severity_icon
from widgets.table_look import dress

_SYMBOL_PX = 14
_KIND_ROLE = int(Qt.ItemDataRole.UserRole)
_TOWN_ROLE = _KIND_ROLE + 1
_WORST_ROLE = _KIND_ROLE + 2
_WIDTHS_PX = (190, 150, 130, 120, 150, 90)


class _ReadingDelegate(QStyledItemDelegate):
    """Gives the level its shape and colour, and greys what cannot be believed."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        if index.column() < SensorColumn.VALUE:
            return
        if index.data(FRESHNESS_ROLE) != Freshness.LIVE:
            faint = option.palette.color(QPalette.ColorRole.PlaceholderText)
            option.palette.setColor(QPalette.ColorRole.Text, faint)
            option.font.setItalic(True)
        level = index.data(LEVEL_ROLE)
        if level and index.column() == SensorColumn.LEVEL:
            dark = is_dark(option.palette)
            option.icon = severity_icon(Severity(level), _SYMBOL_PX, dark=dark)
            option.decorationSize = QSize(_SYMBOL_PX, _SYMBOL_PX)
            option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration


class _GroupTree(QTreeWidget):
    """Kinds and towns; a drag takes the worst sensors of the group along."""

    def __init__(self, model: SensorModel) -> None:
        super().__init__()
        self._sensors = model
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)

    def ids_of(self, item: QTreeWidgetItem) -> list[str]:
        """The worst sensors of a group."""
        return self._sensors.worst_of(item.data(0, _KIND_ROLE), item.data(0, _TOWN_ROLE))

    def mimeTypes(self) -> list[str]:
        """As the table's."""
        return self._sensors.mimeTypes()

    def mimeData(self, items: Sequence[QTreeWidgetItem]) -> QMimeData:
        """The sensors of the dragged groups."""
        return sensors_dragged([identity for item in items for identity in self.ids_of(item)][:DRAGGED_MOST])


class SensorBrowser(QWidget):
    """A tree of kinds and towns beside a table of sensors; 130,000 rows are no more work than those in sight."""

    sensor_selected = Signal(str)
    """The current row is now this sensor."""
    menu_wanted = Signal(list, QPoint)
    """The ids of the selected sensors, and where (global) a menu of what can be done with them is wanted."""
    sensor_activated = Signal(str)
    """Enter or a double click: the sensor is wanted in the plot."""

    def __init__(self, model: SensorModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._items: dict[tuple[str, str], QTreeWidgetItem] = {}
        self.line = SensorFilterLine()
        self._search, self._count = self.line.search, self.line.count
        self._search.installEventFilter(self)
        self._tree = _GroupTree(model)
        self._tree.setColumnCount(2)
        self._tree.setHeaderLabels([_("Kind and town"), _("Beyond / all")])
        self._tree.header().setStretchLastSection(False)
        self._tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._tree.setAccessibleName(_("Kinds and towns"))
        self._table = QTableView()
        self._table.setAccessibleName(_("Sensors"))
        self._table.setObjectName("sensorTable")
        self._set_up_table()
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self._tree)
        split.addWidget(self._table)
        split.setStretchFactor(1, 1)
        split.setSizes([300, 700])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line)
        layout.addWidget(split, 1)
        self.setFocusProxy(self._search)
        self.line.changed.connect(self._filter)
        self._tree.currentItemChanged.connect(self._filter)
        self._tree.installEventFilter(self)
        model.modelReset.connect(self._rebuild_tree)
        model.layoutChanged.connect(self._tell_count)
        self._rebuild_tree()

    @property
    def table(self) -> QTableView:
        """The table, whose header's state the window remembers."""
        return self._table

    @property
    def tree(self) -> QTreeWidget:
        """Kinds, and towns below them."""
        return self._tree

    @property
    def search(self) -> QLineEdit:
        """Where words are typed."""
        return self._search

    def set_now(self, now: datetime) -> None:
        """Once a second: levels, values and ages of what is in sight."""
        if not self.isVisible():
            return
        if self._model.tick(now):
            self._tell_groups()
            self._tell_count()
        rows = self._table.verticalHeader()
        first = rows.visualIndexAt(0)
        last = rows.visualIndexAt(self._table.viewport().height() - 1)
        self._model.refresh(first, last if last >= 0 else self._model.rowCount() - 1)

    def select_sensor(self, sensor_id: str) -> None:
        """Choose a sensor's row, as when it was clicked on the map; a filter that hides it is taken away."""
        if self._model.row_of(sensor_id) is None:
            self.line.clear()
            self._tree.setCurrentItem(self._items[("", "")])
        group = self._model.group_of(sensor_id)
        if group is not None and self._model.row_of(sensor_id) is None:
            self._open_group(group)
        row = self._model.row_of(sensor_id)
        if row is not None:
            self._table.selectRow(row)
            self._table.scrollTo(self._model.index(row, 0))

    def showEvent(self, event: QShowEvent) -> None:
        """The list was not kept up while hidden."""
        super().showEvent(event)
        self._tell_groups()
        self._tell_count()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The search hands Down and Enter to the table, and the table tells its Enter."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            key = event.key()
            if watched is self._search and key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                # Before the focus: with it, Qt makes the first row current without selecting it.
                if not self._table.selectionModel().hasSelection() and self._model.rowCount():
                    self._table.selectRow(0)
                self._table.setFocus(Qt.FocusReason.OtherFocusReason)
                return True
            if watched is self._tree and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                chosen = self._tree.currentItem()
                for identity in self._tree.ids_of(chosen) if chosen is not None else []:
                    self.sensor_activated.emit(identity)
                return True
            if watched is self._table and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                for index in self._table.selectionModel().selectedRows():
                    self._activate(index)
                return True
        return bool(super().eventFilter(watched, event))

    def _set_up_table(self) -> None:
        table = self._table
        table.setModel(self._model)
        table.setItemDelegate(_ReadingDelegate(table))
        dress(table)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        table.setDragEnabled(True)
        table.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        header = table.horizontalHeader()
        header.setStretchLastSection(True)
        for column, width in enumerate(_WIDTHS_PX):
            header.resizeSection(column, width)
        header.setSortIndicator(SensorColumn.LEVEL, Qt.SortOrder.AscendingOrder)
        table.setSortingEnabled(True)
        table.installEventFilter(self)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._ask_menu)
        table.doubleClicked.connect(self._activate)
        table.selectionModel().currentRowChanged.connect(self._select)

    def _ask_menu(self, at: QPoint) -> None:
        """By the mouse or the menu key, which asks at the current row."""
        rows = self._table.selectionModel().selectedRows()
        sensors = [str(row.data(ID_ROLE)) for row in rows if row.data(ID_ROLE)]
        if sensors:
            self.menu_wanted.emit(sensors, self._table.viewport().mapToGlobal(at))

    def _activate(self, index: QModelIndex) -> None:
        group = self._model.group_at(index.row())
        if group is not None:
            self._open_group(group)
            return
        self.sensor_activated.emit(str(index.data(ID_ROLE)))

    def _open_group(self, group: tuple[str, str, str]) -> None:
        """List the members of a group: its kind and town are chosen, its model is searched for."""
        kind, town, model = group
        self._search.setText(model)
        item = self._items.get((kind, "/" + town))
        if item is not None:
            self._tree.setCurrentItem(item)

    def _select(self, current: QModelIndex) -> None:
        if current.isValid() and current.data(ID_ROLE):
            self.sensor_selected.emit(str(current.data(ID_ROLE)))

    def _filter(self) -> None:
        item = self._tree.currentItem()
        kind = item.data(0, _KIND_ROLE) if item is not None else None
        town = item.data(0, _TOWN_ROLE) if item is not None else None
        self._model.set_filter(self.line.wanted(kind, town))
        self._tell_count()

    def _rebuild_tree(self) -> None:
        """The kinds and towns that have sensors; the chosen one stays chosen."""
        wanted = self._model.filter
        self.line.show_departments(self._model.departments)
        self._tree.blockSignals(True)
        self._tree.clear()
        self._items = {}
        everything = QTreeWidgetItem(self._tree)
        self._items[("", "")] = everything
        groups = sorted(self._model.groups(), key=lambda group: (self._model.kind_name(group.kind), group.town))
        for group in groups:
            parent = self._items.get((group.kind, ""))
            if parent is None:
                parent = self._item(QTreeWidgetItem(self._tree), group.kind, None)
            self._item(QTreeWidgetItem(parent), group.kind, group.town)
        chosen = everything
        for item in self._items.values():
            if wanted.kind is not None and (item.data(0, _KIND_ROLE), item.data(0, _TOWN_ROLE)) == (
                wanted.kind,
                wanted.town,
            ):
                chosen = item
        self._tree.setCurrentItem(chosen)
        self._tree.blockSignals(False)
        self._tell_groups()
        self._filter()

    def _item(self, item: QTreeWidgetItem, kind: str, town: str | None) -> QTreeWidgetItem:
        item.setData(0, _KIND_ROLE, kind)
        item.setData(0, _TOWN_ROLE, town)
        self._items[(kind, "" if town is None else "/" + town)] = item
        return item

    def _tell_groups(self) -> None:
        """Counts and the worst level of each kind and town."""
        sums: dict[tuple[str, str], tuple[int, int, int]] = {}
        for group in self._model.groups():
            for key in ((group.kind, "/" + group.town), (group.kind, ""), ("", "")):
                count, abnormal, worst = sums.get(key, (0, 0, 0))
                levels = [level for level in (worst, group.worst) if level]
                sums[key] = (count + group.count, abnormal + group.abnormal, min(levels, default=0))
        for key, item in self._items.items():
            count, abnormal, worst = sums.get(key, (0, 0, 0))
            numbers = f"{abnormal} / {count}" if abnormal else f"{count}"
            name = self._group_name(key)
            if (name, numbers) != (item.text(0), item.text(1)):
                item.setText(0, name)
                item.setText(1, numbers)
                item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if worst != item.data(0, _WORST_ROLE):
                item.setData(0, _WORST_ROLE, worst)
                dark = is_dark(self.palette())
                item.setIcon(0, severity_icon(Severity(worst), _SYMBOL_PX, dark=dark) if worst else QIcon())

    def _group_name(self, key: tuple[str, str]) -> str:
        kind, town = key
        if town:
            return town[1:] or _("No town")
        return self._model.kind_name(kind) if kind else _("All sensors")

    def _tell_count(self) -> None:
        self._count.setText(_("{listed} of {total}").format(listed=self._model.rowCount(), total=self._model.total))
