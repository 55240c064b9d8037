"""The tasks of an incident: who was asked to do what, with clocks, answers and a form for the next one."""

from datetime import datetime, timedelta

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.raw_text import tip
from controlroom.bridge.wording import age_text, due_text, task_word
from controlroom.domain.incident import Task, TaskStatus
from controlroom.domain.severity import Severity
from controlroom.i18n import _
from widgets.empty_words import EmptyWords
from widgets.severity import is_dark, severity_ink

_DUE_MINUTES = (15, 30, 60, 120, 240)
_DEPARTMENT, _TEXT, _STATUS, _CLOCK, _ANSWER = range(5)
_UNDONE = (TaskStatus.ASSIGNED, TaskStatus.ACCEPTED)


class IncidentTasks(QWidget):
    """Lists the tasks of one incident; what the officer wants leaves as signals."""

    assigned = Signal(str, str, object)
    """Department, text, due time (aware datetime or None)."""
    answered = Signal(str, object, str)
    """Task id, TaskStatus, text."""

    def __init__(self, departments: tuple[str, ...], now: datetime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._now = now
        self._tasks: tuple[Task, ...] = ()
        self._read_only = False
        self._list = QTreeWidget()
        self._list.setRootIsDecorated(False)
        self._list.setAllColumnsShowFocus(True)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._list.setHeaderLabels([_("Department"), _("Task"), _("Status"), _("Clock"), _("Answer")])
        EmptyWords(self._list, _("No department has a task yet"))
        header = self._list.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(40)
        for section, width in ((_DEPARTMENT, 84), (_STATUS, 58), (_CLOCK, 104), (_ANSWER, 64)):
            header.resizeSection(section, max(width, header.sectionSizeHint(section)))
        words = max(header.fontMetrics().horizontalAdvance(task_word(status)) for status in TaskStatus)
        header.resizeSection(_STATUS, max(words + 16, header.sectionSizeHint(_STATUS)))
        header.setSectionResizeMode(_TEXT, QHeaderView.ResizeMode.Stretch)
        self._list.itemSelectionChanged.connect(self._allow)
        self._answer = QLineEdit()
        self._answer.setPlaceholderText(_("Answer (optional)"))
        self._buttons = {
            TaskStatus.ACCEPTED: QPushButton(_("Accepted")),
            TaskStatus.DONE: QPushButton(_("Done")),
            TaskStatus.CANCELLED: QPushButton(_("Cancel task")),
        }
        answers = QHBoxLayout()
        answers.addWidget(self._answer, 1)
        for status, button in self._buttons.items():
            button.clicked.connect(lambda _checked=False, status=status: self._tell(status))
            answers.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._list, 1)
        column.addLayout(answers)
        self._form = self._build_form(departments)
        column.addWidget(self._form)
        self._allow()

    def _build_form(self, departments: tuple[str, ...]) -> QWidget:
        form = QWidget()
        row = QHBoxLayout(form)
        row.setContentsMargins(0, 0, 0, 0)
        self.department = QComboBox()
        self.department.addItems(list(departments))
        self.department.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.department.setMinimumContentsLength(6)
        self.department.setAccessibleName(_("Department"))
        self.text = QLineEdit()
        self.text.setPlaceholderText(_("What the department is asked to do"))
        self.due = QComboBox()
        self.due.setAccessibleName(_("Due"))
        for minutes in _DUE_MINUTES:
            label = _("within {minutes} min") if minutes < 60 else _("within {hours} h")
            self.due.addItem(label.format(minutes=minutes, hours=minutes // 60), minutes)
        self.due.addItem(_("no due time"), None)
        self.due.setCurrentIndex(1)
        self._assign = QPushButton(_("Assign"))
        self._assign.clicked.connect(self._tell_assigned)
        self.text.returnPressed.connect(self._tell_assigned)
        self.text.textChanged.connect(self._allow)
        for widget, stretch in ((self.department, 0), (self.text, 1), (self.due, 0), (self._assign, 0)):
            row.addWidget(widget, stretch)
        self._no_departments = QLabel(_("No department is known to this room"))
        self._no_departments.setVisible(not departments)
        row.addWidget(self._no_departments)
        return form

    # ---------------------------------------------------------------- what others call

    def show_tasks(self, tasks: tuple[Task, ...], read_only: bool) -> None:
        """Show these tasks; the selected one stays selected."""
        chosen = self.chosen()
        blocker = QSignalBlocker(self._list)
        self._tasks, self._read_only = tasks, read_only
        self._list.clear()
        for task in tasks:
            item = QTreeWidgetItem([task.department, task.text, task_word(task.status), "", task.answer])
            item.setData(0, Qt.ItemDataRole.UserRole, task.id)
            for column in (_TEXT, _ANSWER):
                item.setToolTip(column, tip(item.text(column)))
            self._list.addTopLevelItem(item)
            if chosen is not None and task.id == chosen.id:
                self._list.setCurrentItem(item)
        blocker.unblock()
        self._form.setVisible(not read_only)
        self._answer.setVisible(not read_only)
        for button in self._buttons.values():
            button.setVisible(not read_only)
        self.tick(self._now)
        self._allow()

    def tick(self, now: datetime) -> None:
        """Draw the clocks again, once a second."""
        self._now = now
        late = QBrush(severity_ink(Severity.ORANGE, is_dark(self.palette())))
        for row, task in enumerate(self._tasks):
            item = self._list.topLevelItem(row)
            if item is None:
                continue
            item.setText(_CLOCK, self._clock(task))
            overdue = task.status in _UNDONE and task.due_at is not None and task.due_at < now
            item.setForeground(_CLOCK, late if overdue else QBrush())

    def propose(self, department: str, text: str) -> None:
        """Fill the form with a task; nothing is assigned before the officer does it."""
        if self._read_only:
            return
        at = self.department.findText(department)
        if at < 0 and department:
            self.department.addItem(department)
            at = self.department.count() - 1
        self.department.setCurrentIndex(max(at, 0))
        self.text.setText(text)
        self.text.setFocus()

    def assigned_ok(self) -> None:
        """The hub has taken the task: empty the form for the next one."""
        self.text.clear()

    def answered_ok(self) -> None:
        """The hub has taken the answer."""
        self._answer.clear()

    def chosen(self) -> Task | None:
        """The selected task."""
        items = self._list.selectedItems()
        if not items:
            return None
        wanted = items[0].data(0, Qt.ItemDataRole.UserRole)
        return next((task for task in self._tasks if task.id == wanted), None)

    # ---------------------------------------------------------------- inside

    def _clock(self, task: Task) -> str:
        if task.status in _UNDONE:
            if task.due_at is not None:
                return due_text(task.due_at, self._now)
            return age_text((self._now - task.assigned_at).total_seconds())
        return "" if task.changed_at is None else age_text((self._now - task.changed_at).total_seconds())

    def _allow(self) -> None:
        task = self.chosen()
        undone = task is not None and task.status in _UNDONE and not self._read_only
        for status, button in self._buttons.items():
            button.setEnabled(undone and not (task is not None and status is task.status))
        self._answer.setEnabled(undone)
        self._assign.setEnabled(bool(self.text.text().strip()) and self.department.count() > 0)

    def _tell(self, status: TaskStatus) -> None:
        task = self.chosen()
        if task is not None:
            self.answered.emit(task.id, status, self._answer.text().strip())

    def _tell_assigned(self) -> None:
        if not self._assign.isEnabled():
            return
        minutes = self.due.currentData()
        due = None if minutes is None else self._now + timedelta(minutes=minutes)
        self.assigned.emit(self.department.currentText(), self.text.text().strip(), due)
