"""What rules made of an alarm and which alarms belong to it: lines of text, its parent, and those that it mutes."""

from datetime import datetime, tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from controlroom.bridge.models.alarm_family import ALONE, Family, condition_lines
from controlroom.bridge.names import Names
from controlroom.bridge.wording import severity_word, standing_word
from controlroom.domain.alarm import Alarm
from controlroom.i18n import _
from widgets.severity import Symbol, is_dark, severity_icon
from widgets.text_rows import plain_label

_SYMBOL = 16
_ROWS_SHOWN = 5


class AlarmFamily(QWidget):
    """Shows the family of one alarm; nothing at all when there is nothing to say."""

    chosen = Signal(str)
    """The id of the parent or child that the officer wants to see."""

    def __init__(self, now: datetime, names: Names, zone: tzinfo | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._now = now
        self._names = names
        self._zone = zone
        self._alarm: Alarm | None = None
        self._family = ALONE
        self._lines = plain_label()
        self.parent_button = QPushButton()
        self.parent_button.clicked.connect(self._choose_parent)
        self._head = QLabel()
        font = self._head.font()
        font.setBold(True)
        self._head.setFont(font)
        self.children_list = QListWidget()
        self.children_list.setAccessibleName(_("Alarms that this one mutes"))
        self.children_list.itemActivated.connect(self._choose_child)
        self.children_list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.children_list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (self._lines, self.parent_button, self._head, self.children_list):
            column.addWidget(widget)
        self.show_alarm(None, ALONE)

    def show_alarm(self, alarm: Alarm | None, family: Family) -> None:
        """Show what belongs to this alarm."""
        changed = family != self._family
        self._alarm, self._family = alarm, family
        self._draw_lines()
        parent = family.parent
        self.parent_button.setVisible(alarm is not None and bool(alarm.parent))
        title = alarm.parent if alarm is not None and parent is None else "" if parent is None else parent.title
        self.parent_button.setText(_("Muted, caused by: {title}").format(title=title))
        self._head.setText(_("Mutes {count} alarms").format(count=family.count))
        self._head.setVisible(bool(family.count))
        self.children_list.setVisible(bool(family.count))
        if changed:
            self._fill()
        told = bool(self._lines.text()) or not self.parent_button.isHidden() or bool(family.count)
        self.setVisible(alarm is not None and told)

    def tick(self, now: datetime) -> None:
        """Tell the ages again."""
        self._now = now
        self._draw_lines()

    def _draw_lines(self) -> None:
        alarm = self._alarm
        told = [] if alarm is None else condition_lines(alarm, self._now, self._names, self._zone)
        self._lines.setText("\n".join(told))
        self._lines.setVisible(bool(told))

    def _fill(self) -> None:
        dark, ratio = is_dark(self.palette()), self.devicePixelRatioF()
        current = self.children_list.currentItem()
        held = None if current is None else current.data(Qt.ItemDataRole.UserRole)
        self.children_list.clear()
        for child in self._family.children:
            place = f" · {child.place}" if child.place else ""
            item = QListWidgetItem(f"{child.title}{place} · {standing_word(child)}")
            item.setIcon(severity_icon(child.severity, _SYMBOL, Symbol.OUTLINED, dark, ratio))
            item.setData(Qt.ItemDataRole.UserRole, child.id)
            item.setToolTip(item.text())
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{severity_word(child.severity)}, {item.text()}")
            self.children_list.addItem(item)
            if child.id == held:
                self.children_list.setCurrentItem(item)
        left = self._family.count - len(self._family.children)
        if left:
            self.children_list.addItem(_("and {count} more alarms").format(count=left))
        rows = min(self.children_list.count(), _ROWS_SHOWN)
        height = self.children_list.sizeHintForRow(0) if rows else 0
        self.children_list.setFixedHeight(rows * height + 2 * self.children_list.frameWidth() + 2)

    def _choose_parent(self) -> None:
        if self._alarm is not None and self._alarm.parent:
            self.chosen.emit(self._alarm.parent)

    def _choose_child(self, item: QListWidgetItem) -> None:
        identity = item.data(Qt.ItemDataRole.UserRole)
        if identity is not None:
            self.chosen.emit(str(identity))
