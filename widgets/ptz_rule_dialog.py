"""The rules by which cameras move by themselves: what they wait for, what they do, and a switch for each."""

import uuid
from collections.abc import Mapping, Sequence

import msgspec
from PySide6.QtCore import Qt, QTime, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTimeEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from controlroom.domain.ptz import Preset
from controlroom.domain.ptz_rules import HOME, PtzRule
from controlroom.domain.severity import Severity
from controlroom.domain.wall_rules import AlarmWanted, Hours
from controlroom.i18n import _
from widgets.severity import severity_word


class PtzRuleDialog(QDialog):
    """A line for each rule; its box switches it."""

    decided = Signal(object)
    """The PtzRule as it is wanted."""
    removed = Signal(str)
    """The id of a rule that is to go."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ptzRules")
        self.setWindowTitle(_("Rules that move cameras"))
        self._rules: dict[str, PtzRule] = {}
        self._camera = ""
        self.tree = QTreeWidget()
        self.tree.setObjectName("ptzRuleList")
        self.tree.setHeaderLabels([_("Rule"), _("Waits for"), _("Does"), _("Afterwards")])
        self.tree.setRootIsDecorated(False)
        self.tree.setAlternatingRowColors(True)
        self.tree.itemChanged.connect(self._switched)
        note = QLabel(_("A rule never moves a camera that somebody holds; it waits until the camera is free."))
        note.setWordWrap(True)
        self.name = QLineEdit(maxLength=80)
        self.name.setPlaceholderText(_("Name of a new rule"))
        self.preset, self.back, self.severity = QComboBox(), QComboBox(), QComboBox()
        for severity in Severity:
            self.severity.addItem(_("alarm {severity} or worse").format(severity=severity_word(severity)), severity)
        self.severity.addItem(_("no alarm: by time alone"), None)
        self.severity.currentIndexChanged.connect(self._judge)
        self.places = QLineEdit()
        self.places.setPlaceholderText(_("whole district"))
        self.add = QPushButton(_("Add rule"))
        self.add.clicked.connect(self._add)
        self.name.textChanged.connect(self._judge)
        self.by_hours = QCheckBox(_("only from"))
        self.by_hours.toggled.connect(self._judge)
        self.begins, self.ends = _clock("22:00"), _clock("06:00")
        for clock, name in ((self.begins, _("Begins at")), (self.ends, _("Ends at"))):
            clock.setAccessibleName(name)
            clock.timeChanged.connect(self._judge)
        self.days = [QCheckBox(word) for word in _days()]
        for box in self.days:
            box.setChecked(True)
            box.toggled.connect(self._judge)
        self.new_row = QWidget()
        rows = QVBoxLayout(self.new_row)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addLayout(_row(self.name, self.severity, self.places))
        hours = QHBoxLayout()
        for widget in (self.by_hours, self.begins, QLabel(_("to")), self.ends, *self.days):
            hours.addWidget(widget)
        hours.addStretch(1)
        rows.addLayout(hours)
        last = _row(self.preset, self.back)
        last.addWidget(self.add)
        rows.addLayout(last)
        buttons = QDialogButtonBox()
        buttons.addButton(_("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(note)
        column.addWidget(self.tree)
        column.addWidget(self.new_row)
        column.addWidget(buttons)
        self.resize(900, 340)

    def show_rules(self, rules: Sequence[PtzRule], cameras: Mapping[str, str]) -> None:
        """Show these rules; `cameras` are the names of those that they name."""
        self._rules = {rule.id: rule for rule in rules}
        self.tree.blockSignals(True)
        self.tree.clear()
        for rule in rules:
            item = QTreeWidgetItem(self.tree, [rule.name, _waits(rule), _does(rule, cameras), _after(rule)])
            item.setData(0, Qt.ItemDataRole.UserRole, rule.id)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(0, Qt.CheckState.Checked if rule.enabled else Qt.CheckState.Unchecked)
        self.tree.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.tree.blockSignals(False)

    def show_camera(self, camera: str, name: str, presets: Sequence[Preset]) -> None:
        """New rules are for this camera, which goes to one of its presets."""
        self._camera = camera
        self.preset.clear()
        self.back.clear()
        self.back.addItem(_("stays"), "")
        self.back.addItem(_("then home"), HOME)
        for preset in presets:
            words = preset.name or preset.token
            self.preset.addItem(_("{camera} goes to preset {preset}").format(camera=name, preset=words), preset.token)
            self.back.addItem(_("then {preset}").format(preset=words), preset.token)
        self.new_row.setVisible(bool(presets))
        self._judge()

    def _judge(self, _changed: object = None) -> None:
        for widget in (self.begins, self.ends, *self.days):
            widget.setEnabled(self.by_hours.isChecked())
        self.places.setEnabled(self.severity.currentData() is not None)
        is_named = bool(self.name.text().strip()) and self.preset.count() > 0
        told = ""
        if self.by_hours.isChecked() and self.begins.time() == self.ends.time():
            told = _("The hours end when they begin: choose another end.")
        elif self.by_hours.isChecked() and not any(box.isChecked() for box in self.days):
            told = _("Choose a day on which the hours begin.")
        elif not self.by_hours.isChecked() and self.severity.currentData() is None:
            told = _("A rule waits for a time of the day or for an alarm.")
        self.add.setEnabled(is_named and not told)
        self.add.setToolTip(told)

    def _hours(self) -> Hours | None:
        """The hours as they are written; every day is told by none."""
        if not self.by_hours.isChecked():
            return None
        days = tuple(k for k, box in enumerate(self.days, 1) if box.isChecked())
        begins, ends = self.begins.time().toString("HH:mm"), self.ends.time().toString("HH:mm")
        return Hours(begins=begins, ends=ends, days=days if len(days) < len(self.days) else ())

    def _add(self) -> None:
        places = tuple(word.strip() for word in self.places.text().replace("，", ",").split(",") if word.strip())
        severity = self.severity.currentData()
        rule = PtzRule(
            id=f"ptz-{uuid.uuid4().hex[:12]}",
            name=self.name.text().strip(),
            camera=self._camera,
            preset=str(self.preset.currentData()),
            back=str(self.back.currentData() or ""),
            hours=self._hours(),
            alarm=None if severity is None else AlarmWanted(at_least=severity, places=places[:50]),
            enabled=True,
        )
        self.name.clear()
        self.decided.emit(rule)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes a rule of a district away; those of the program are switched off."""
        item = self.tree.currentItem()
        if event.key() == Qt.Key.Key_Delete and item is not None and self.tree.hasFocus():
            self.removed.emit(str(item.data(0, Qt.ItemDataRole.UserRole)))
            return
        super().keyPressEvent(event)

    def _switched(self, item: QTreeWidgetItem, _column: int) -> None:
        rule = self._rules.get(str(item.data(0, Qt.ItemDataRole.UserRole)))
        wanted = item.checkState(0) is Qt.CheckState.Checked
        if rule is not None and rule.enabled is not wanted:
            self.decided.emit(msgspec.structs.replace(rule, enabled=wanted))


def _row(*parts: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for part in parts:
        row.addWidget(part, 1)
    return row


def _clock(text: str) -> QTimeEdit:
    clock = QTimeEdit(QTime.fromString(text, "HH:mm"))
    clock.setDisplayFormat("HH:mm")
    return clock


def _days() -> list[str]:
    return [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]


def _waits(rule: PtzRule) -> str:
    parts = []
    if rule.hours is not None:
        parts.append(_("{begins}–{ends}").format(begins=rule.hours.begins, ends=rule.hours.ends))
        if rule.hours.days:
            words = _days()
            parts.append(" ".join(words[day - 1] for day in sorted(set(rule.hours.days))))
    if rule.alarm is not None:
        parts.append(_("alarm {severity} or worse").format(severity=severity_word(rule.alarm.at_least)))
    return _(" · ").join(parts)


def _does(rule: PtzRule, cameras: Mapping[str, str]) -> str:
    if not rule.camera:
        return _("the nearest camera turns to the alarm")
    name = cameras.get(rule.camera, rule.camera)
    return _("{camera} goes to preset {preset}").format(camera=name, preset=rule.preset)


def _after(rule: PtzRule) -> str:
    if not rule.back:
        return _("stays")
    if rule.back == HOME:
        return _("home after {seconds} s").format(seconds=rule.hold_s)
    return _("preset {preset} after {seconds} s").format(preset=rule.back, seconds=rule.hold_s)
