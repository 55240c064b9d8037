"""The flood view: alarms in groups by place and cause, the first-out marked, in rows that keep their places."""

from datetime import datetime, tzinfo
from typing import Any

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.models.alarm_groups import (
    FIRST,
    OLDEST,
    SEVERITY_ROLE,
    STANDING,
    WAITING,
    WAITS_ROLE,
    WHAT,
    WORST,
    AlarmGroupModel,
)
from controlroom.bridge.wording import age_text, clock_text, severity_word, span_text, state_word
from controlroom.domain.alarm import AlarmState
from controlroom.domain.flood import Flood
from controlroom.domain.severity import Severity
from controlroom.i18n import _
from widgets.alarm_page import AlarmPage
from widgets.severity import Symbol, blend, is_dark, severity_colour, severity_icon

_SYMBOL = 16
_GAP = 6
_WAITING_LEAST = 96
_WHAT_LEAST, _WHAT_MOST, _NARROW = 170, 460, 760
_TINT = 0.22
_EDGE = 4


class _Cells(QStyledItemDelegate):
    """Puts the symbol of the severity before the word, and makes groups that wait bold."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        cell: Any = option  # its fields are unknown to the stubs
        severity = index.data(SEVERITY_ROLE)
        waits = bool(index.data(WAITS_ROLE))
        if waits and not index.parent().isValid():
            cell.font.setWeight(QFont.Weight.DemiBold)
        if index.column() == WORST and severity is not None:
            symbol = Symbol.FILLED if waits else Symbol.OUTLINED
            cell.icon = severity_icon(Severity(severity), _SYMBOL, symbol, is_dark(cell.palette))
            cell.decorationSize = QSize(_SYMBOL, _SYMBOL)
            cell.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration


class GroupRows(QTreeView):
    """The tree. What the pointer rests on, or else the current row, stays where it is whatever comes."""

    def __init__(self, model: AlarmGroupModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._anchor: tuple[QPersistentModelIndex, int] | None = None
        self.setModel(model)
        self.setItemDelegate(_Cells(self))
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAllColumnsShowFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Alarms in groups by place and cause"))
        header = self.header()
        header.setStretchLastSection(True)
        header.setSectionsMovable(False)
        header.resizeSection(WHAT, _WHAT_LEAST)
        metrics = QFontMetrics(self.font())
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        words = max(QFontMetrics(bold).horizontalAdvance(severity_word(severity)) for severity in Severity)
        states = max(metrics.horizontalAdvance(state_word(state)) for state in AlarmState)
        standing = metrics.horizontalAdvance(_("Standing"))
        header.resizeSection(WORST, words + _SYMBOL + 3 * _GAP)
        header.resizeSection(WAITING, max(states + 2 * _GAP, _WAITING_LEAST))
        header.resizeSection(STANDING, standing + 4 * _GAP)
        header.resizeSection(OLDEST, QFontMetrics(bold).horizontalAdvance(age_text(3599)) + 3 * _GAP)
        header.setSectionResizeMode(FIRST, QHeaderView.ResizeMode.Stretch)
        self.expanded.connect(model.open)
        self.collapsed.connect(model.close)
        model.rowsAboutToBeInserted.connect(self._hold)
        model.rowsInserted.connect(self._settle)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What it is has a share of the width: the titles under an open group stand there."""
        super().resizeEvent(event)
        width = self.viewport().width()
        self.header().resizeSection(WHAT, min(max(_WHAT_LEAST, width // 4), _WHAT_MOST))
        self.setColumnHidden(STANDING, width < _NARROW)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space open and close a group; letters belong to the panel."""
        index = self.currentIndex().siblingAtColumn(0)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and index.isValid():
            if not index.parent().isValid():
                self.setExpanded(index, not self.isExpanded(index))
            return
        if event.text().isalpha() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()  # Qt would search by typing
            return
        super().keyPressEvent(event)

    def _hold(self) -> None:
        """Remember what must not move, and where it is."""
        self._anchor = None
        index = QModelIndex()
        if self.underMouse():
            index = self.indexAt(self.viewport().mapFromGlobal(self.cursor().pos()))
        if not index.isValid():
            index = self.currentIndex()
        if index.isValid() and self.viewport().rect().intersects(self.visualRect(index)):
            self._anchor = QPersistentModelIndex(index), self.visualRect(index).top()

    def _settle(self) -> None:
        """Scroll by as much as what must not move has moved."""
        if self._anchor is None:
            return
        anchor, top = self._anchor
        self.executeDelayedItemsLayout()
        moved = self.visualRect(anchor).top() - top
        if moved:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + moved)


class AlarmFlood(AlarmPage):
    """What is told of the flood, and the groups."""

    chosen = Signal(object)
    """The Alarm that the current row is shown by elsewhere, or None."""
    menu_wanted = Signal(QPoint)
    """Where on the screen the menu of the chosen alarms is wanted."""

    def __init__(self, model: AlarmGroupModel, zone: tzinfo | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self._zone = zone
        self._flood: Flood | None = None
        self.rows = GroupRows(model)
        self.rows.setObjectName("alarmGroups")
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setContentsMargins(8 + _EDGE, 4, 8, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.said)
        column.addWidget(self.rows, 1)
        self.setFocusProxy(self.rows)
        self.rows.selectionModel().currentRowChanged.connect(self._tell_chosen)
        self.rows.customContextMenuRequested.connect(self._ask_menu)
        model.modelReset.connect(self._forget_chosen)

    # ---------------------------------------------------------------- what commands are about

    def keys(self) -> list[str]:
        """The alarms of the selected rows, those of whole groups too."""
        found: dict[str, None] = {}
        for index in self.rows.selectionModel().selectedRows():
            found.update(dict.fromkeys(alarm.id for alarm in self.model.alarms(index) if alarm.kept))
        return list(found)

    def current_key(self) -> str | None:
        """The current alarm; of a group its first-out."""
        alarm = self.model.leading(self.rows.currentIndex())
        return None if alarm is None else alarm.id

    def choose(self, key: str | None) -> None:
        """Open the group of an alarm and select it there; what is in no group selects nothing."""
        group = self.model.group_of(key or "")
        if not group.isValid() or key == self.current_key():
            return  # a group that is current stands for its first-out
        self.rows.expand(group)
        index = self.model.member(group, key or "")
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.rows.selectionModel().setCurrentIndex(index, flags)
        self.rows.scrollTo(index)

    # ---------------------------------------------------------------- what happens

    def show_flood(self, flood: Flood | None, now: datetime) -> None:
        """Say what flood it is; None where groups are merely wanted."""
        self._flood = flood
        self.tick(now)

    def tick(self, now: datetime) -> None:
        """Ages, once a second."""
        if self.isVisible():
            self.model.tick(now)
        groups = len(self.model.groups)
        if self._flood is None:
            text = _("{groups} groups by place and cause; no flood · G: back to the list").format(groups=groups)
        else:
            text = _(
                "Flood since {time} ({span}): {count} new alarms, {peak} in 10 minutes at the most, {groups} groups · "
                "A: acknowledge a group · J: next that waits · Shift+G: sort again · G: list"
            ).format(
                time=clock_text(self._flood.started_at, self._zone),
                span=span_text(self._flood.duration_s(now)),
                count=self._flood.count,
                peak=self._flood.peak,
                groups=groups,
            )
        if text != self.said.text():
            self.said.setText(text)
            self.said.setAccessibleName(text)

    def go_to_next(self) -> None:
        """Make the next group current that waits with the worst severity."""
        current = self.rows.currentIndex()
        group = current.parent() if current.parent().isValid() else current
        number = self.model.next_waiting(group.row() if group.isValid() else -1)
        if number >= 0:
            index = self.model.index(number, 0)
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.rows.selectionModel().setCurrentIndex(index, flags)
            self.rows.scrollTo(index)

    def _tell_chosen(self, current: QModelIndex) -> None:
        self.chosen.emit(self.model.leading(current))

    def _forget_chosen(self) -> None:
        self.rows.clearSelection()

    def _ask_menu(self, at: QPoint) -> None:
        self.menu_wanted.emit(self.rows.viewport().mapToGlobal(at))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A tinted ground under what is said of the flood."""
        palette = self.palette()
        severity = Severity.BLUE if self._flood is None else Severity.RED
        colour = severity_colour(severity, is_dark(palette))
        painter = QPainter(self)
        box = self.said.geometry()
        painter.fillRect(box, blend(palette.window().color(), colour, _TINT))
        painter.fillRect(0, 0, _EDGE, box.height(), colour)
        painter.end()
