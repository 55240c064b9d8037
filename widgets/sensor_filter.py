"""The line above the sensors: words, department and state, and how many are listed."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QLineEdit, QWidget

from controlroom.bridge.models.sensor_index import SensorFilter
from controlroom.domain.severity import Severity
from controlroom.i18n import _
from widgets.alarm_counts import SHAPES
from widgets.severity import severity_word

_BEYOND, _STALE = "beyond", "stale"
_BEYOND_LEVELS = frozenset(int(severity) for severity in Severity)


class SensorFilterLine(QWidget):
    """What the officer wants to see; kind and town are chosen in the tree beside the sensors."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Search sensors by name, number, kind or town"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(120)
        self.department = QComboBox()
        self.department.setAccessibleName(_("Which department's sensors are listed"))
        self.state = QComboBox()
        self.state.setAccessibleName(_("Which state sensors are listed in"))
        self.state.addItem(_("State: any"), "")
        self.state.addItem(_("Beyond a limit"), _BEYOND)
        for severity in Severity:
            self.state.addItem(f"{SHAPES[severity]} {severity_word(severity)}", str(int(severity)))
        self.state.addItem(_("Stale or never heard"), _STALE)
        for box in (self.department, self.state):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.setMaximumWidth(220)
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.abnormal = QCheckBox(_("Only abnormal"))
        self.count = QLabel()
        self.count.setProperty("faint", True)
        line = QHBoxLayout(self)
        line.setContentsMargins(4, 4, 4, 0)
        line.addWidget(self.search, 1)
        for widget in (self.department, self.state, self.abnormal, self.count):
            line.addWidget(widget)
        self.show_departments(())
        self.search.textChanged.connect(self.changed)
        self.abnormal.toggled.connect(self.changed)
        self.department.currentIndexChanged.connect(self.changed)
        self.state.currentIndexChanged.connect(self.changed)

    def show_departments(self, departments: Sequence[str]) -> None:
        """The departments that can be chosen; the chosen one stays while it is there."""
        box, chosen = self.department, self.department.currentData()
        if [box.itemData(row) for row in range(box.count())] == ["", *departments]:
            return
        box.blockSignals(True)
        box.clear()
        box.addItem(_("Department: any"), "")
        for name in departments:
            box.addItem(name, name)
        box.setCurrentIndex(max(box.findData(chosen), 0))
        box.blockSignals(False)

    def wanted(self, kind: str | None, town: str | None) -> SensorFilter:
        """The filter, with what is chosen in the tree."""
        state = self.state.currentData()
        levels = _BEYOND_LEVELS if state == _BEYOND else frozenset({int(state)}) if state.isdigit() else None
        return SensorFilter(
            text=self.search.text(),
            kind=kind,
            town=town,
            abnormal=self.abnormal.isChecked(),
            department=self.department.currentData() or None,
            levels=levels,
            stale=state == _STALE,
        )

    def clear(self) -> None:
        """List everything."""
        self.search.clear()
        self.abnormal.setChecked(False)
        self.department.setCurrentIndex(0)
        self.state.setCurrentIndex(0)
