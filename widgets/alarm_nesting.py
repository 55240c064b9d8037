"""The option of an alarm list to put alarms below the one that caused them."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from controlroom.bridge.models.alarm_model import AlarmModel
from controlroom.i18n import _


class NestingAction(QAction):
    """Checked while the list of a model is nested; works by key wherever the keyboard is within `table`."""

    def __init__(self, model: AlarmModel, table: QWidget) -> None:
        super().__init__(_("Alarms below their cause"), table)
        self.setCheckable(True)
        self.setChecked(model.nested)
        self.setShortcut(QKeySequence("Shift+C"))
        self.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.toggled.connect(model.nest)
        table.addAction(self)
