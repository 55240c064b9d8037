"""The dialog of one rule by which a wall changes: what it shows, at which hours, for which alarms."""

from collections.abc import Mapping, Sequence

import msgspec
from PySide6.QtCore import QTime, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QTimeEdit,
    QVBoxLayout,
    QWidget,
)

from controlroom.domain.severity import Severity
from controlroom.domain.wall_layout import LAYOUTS
from controlroom.domain.wall_rules import AlarmWanted, Hours, WallRule
from controlroom.i18n import _
from widgets.severity import severity_word


class WallRuleDialog(QDialog):
    """Cannot be accepted for a rule that would always hold or shows nothing; what is missing is said below."""

    decided = Signal(object)
    """The WallRule."""

    def __init__(
        self, rule: WallRule, matrices: Mapping[str, str], screens: Sequence[int], parent: QWidget | None = None
    ) -> None:
        """`matrices` are the names of the wall's saved states by id."""
        super().__init__(parent)
        self.setObjectName("wallRuleDialog")
        self.setWindowTitle(_("Rule of the wall"))
        self._rule = rule
        self.name = QLineEdit(rule.name)
        self.name.setMaxLength(80)
        self.shows = QComboBox()
        self.shows.addItem(_("Cameras of the standing alarms"), "")
        for identity, name in matrices.items():
            self.shows.addItem(_("Saved state: {name}").format(name=name), identity)
        self.shows.setCurrentIndex(max(0, self.shows.findData(rule.matrix)))
        self.screen_number = QComboBox()
        for number in screens:
            self.screen_number.addItem(_("Screen {number}").format(number=number), number)
        self.screen_number.setCurrentIndex(max(0, self.screen_number.findData(rule.screens[0] if rule.screens else 1)))
        self.layout_name = QComboBox()
        self.layout_name.addItems(LAYOUTS)
        self.layout_name.setCurrentText(rule.layout)
        self.by_hours = QCheckBox(_("Only at these hours"))
        self.begins, self.ends = _clock(rule.hours, "begins"), _clock(rule.hours, "ends")
        self.days = [QCheckBox(word) for word in _days()]
        self.by_alarm = QCheckBox(_("Only while an alarm stands"))
        self.severity = QComboBox()
        for severity in Severity:
            self.severity.addItem(_("{severity} or worse").format(severity=severity_word(severity)), severity)
        self.places = QLineEdit()
        self.places.setPlaceholderText(_("whole district"))
        self.hold = QSpinBox(minimum=0, maximum=3600, value=rule.hold_s, suffix=_(" s"))
        self.missing = QLabel()
        self.missing.setWordWrap(True)
        self._fill(rule)
        self._lay_out()
        self._judge()

    def rule(self) -> WallRule | None:
        """The rule as it stands in the dialog; None while it cannot be one."""
        matrix = self.shows.currentData()
        places = tuple(word.strip() for word in self.places.text().split(",") if word.strip())
        begins, ends = self.begins.time().toString("HH:mm"), self.ends.time().toString("HH:mm")
        days = tuple(k for k, box in enumerate(self.days, 1) if box.isChecked())
        alarm = AlarmWanted(at_least=self.severity.currentData(), places=places)
        if self._rule.alarm is not None:
            alarm = msgspec.structs.replace(alarm, kinds=self._rule.alarm.kinds)
        if not self.name.text().strip() or not (self.by_hours.isChecked() or self.by_alarm.isChecked()):
            return None
        return WallRule(
            id=self._rule.id,
            name=self.name.text().strip(),
            wall=self._rule.wall,
            matrix=matrix,
            screens=() if matrix else (int(self.screen_number.currentData()),),
            layout=self.layout_name.currentText(),
            hours=Hours(begins=begins, ends=ends, days=days if len(days) < len(self.days) else ())
            if self.by_hours.isChecked()
            else None,
            alarm=alarm if self.by_alarm.isChecked() else None,
            hold_s=self.hold.value(),
            enabled=self._rule.enabled,
        )

    def accept(self) -> None:
        """Tell the rule and close."""
        rule = self.rule()
        if rule is not None:
            self.decided.emit(rule)
            super().accept()

    def _fill(self, rule: WallRule) -> None:
        self.by_hours.setChecked(rule.hours is not None)
        for k, box in enumerate(self.days, 1):
            box.setChecked(rule.hours is None or not rule.hours.days or k in rule.hours.days)
        self.by_alarm.setChecked(rule.alarm is not None)
        if rule.alarm is not None:
            self.severity.setCurrentIndex(self.severity.findData(rule.alarm.at_least))
            self.places.setText(",".join(rule.alarm.places))

    def _lay_out(self) -> None:
        hours, days, what = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for widget in (self.begins, QLabel(_("to")), self.ends):
            hours.addWidget(widget)
        hours.addStretch(1)
        for box in self.days:
            days.addWidget(box)
        what.addWidget(self.screen_number)
        what.addWidget(self.layout_name)
        form = QFormLayout()
        form.addRow(_("Name"), self.name)
        form.addRow(_("Shows"), self.shows)
        form.addRow(_("On"), what)
        form.addRow(self.by_hours)
        form.addRow(_("Hours"), hours)
        form.addRow(_("Days"), days)
        form.addRow(self.by_alarm)
        form.addRow(_("Severity"), self.severity)
        form.addRow(_("Places, with commas"), self.places)
        form.addRow(_("Goes on for"), self.hold)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.button(QDialogButtonBox.StandardButton.Save).setText(_("Save"))
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(_("Cancel"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.missing)
        column.addWidget(self.buttons)
        self.name.textChanged.connect(self._judge)
        self.shows.currentIndexChanged.connect(self._judge)
        self.by_hours.toggled.connect(self._judge)
        self.by_alarm.toggled.connect(self._judge)

    def _judge(self, _changed: object = None) -> None:
        for widget in (self.begins, self.ends, *self.days):
            widget.setEnabled(self.by_hours.isChecked())
        for widget in (self.severity, self.places):
            widget.setEnabled(self.by_alarm.isChecked())
        self.screen_number.setEnabled(not self.shows.currentData())
        self.layout_name.setEnabled(not self.shows.currentData())
        told = ""
        if not self.name.text().strip():
            told = _("A rule has a name.")
        elif not (self.by_hours.isChecked() or self.by_alarm.isChecked()):
            told = _("A rule waits for a time of the day or for an alarm.")
        self.missing.setText(told)
        self.buttons.button(QDialogButtonBox.StandardButton.Save).setEnabled(not told)


def _clock(hours: Hours | None, part: str) -> QTimeEdit:
    text = getattr(hours, part) if hours is not None else "08:00" if part == "begins" else "18:00"
    clock = QTimeEdit(QTime.fromString(text, "HH:mm"))
    clock.setDisplayFormat("HH:mm")
    return clock


def _days() -> list[str]:
    return [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]
