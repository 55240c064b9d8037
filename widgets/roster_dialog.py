"""Who is on duty in which role, and who puts somebody else on duty."""

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.hearing import words
from controlroom.bridge.wording import age_text, due_text, time_text
from controlroom.domain.duty import Duty
from controlroom.i18n import _

_LONGEST = 60


class _Line:
    """The widgets of one role."""

    def __init__(self, name: str) -> None:
        self.name = QLabel(name)
        self.until = QLabel()
        self.until.setProperty("faint", True)
        self.officers = QLineEdit()
        self.officers.setPlaceholderText(_("Nobody is on duty"))
        self.officers.setAccessibleName(name)
        self.button = QPushButton(_("Put on duty"))
        self.button.setAutoDefault(False)
        self.told: tuple[str, ...] | None = None


class RosterDialog(QDialog):
    """One line for each role; not modal. What is being written is not overwritten by what the hub tells."""

    changed = Signal(str, list)
    """The id of a role, list[str] of its officers from now on."""

    def __init__(
        self, roles: Mapping[str, str], now: datetime, zone: tzinfo | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("roster")
        self.setWindowTitle(_("On duty"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._now = now
        self._zone = zone
        self._live = True
        self._duties: dict[str, Duty] = {}
        self.lines = {role: _Line(name) for role, name in roles.items()}
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        for number, (role, line) in enumerate(self.lines.items()):
            grid.addWidget(line.name, 2 * number, 0)
            grid.addWidget(line.officers, 2 * number, 1)
            grid.addWidget(line.button, 2 * number, 2)
            grid.addWidget(line.until, 2 * number + 1, 1, 1, 2)
            line.button.clicked.connect(lambda _checked=False, chosen=role: self._put(chosen))
            line.officers.returnPressed.connect(lambda chosen=role: self._put(chosen))
            line.officers.textChanged.connect(self._allow)
        note = QLabel(_("Alarms that nobody takes are brought to them in this order, until the shift ends."))
        note.setWordWrap(True)
        note.setProperty("faint", True)
        buttons = QDialogButtonBox()
        buttons.addButton(_("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(grid)
        column.addWidget(note)
        column.addWidget(buttons)
        self.setMinimumWidth(600)
        self._allow()

    def set_duties(self, duties: Iterable[Duty]) -> None:
        """Who is on duty, as the hub tells it."""
        self._duties = {duty.role: duty for duty in duties}
        for role, line in self.lines.items():
            duty = self._duties.get(role)
            officers = duty.officers if duty is not None else ()
            untouched = line.told is None or words(line.officers.text()) == line.told
            if officers != line.told and untouched:
                line.officers.setText("、".join(officers))
            line.told = officers
        self.tick(self._now)
        self._allow()

    def tick(self, now: datetime) -> None:
        """Draw ages again, once a second."""
        self._now = now
        for role, line in self.lines.items():
            duty = self._duties.get(role)
            line.until.setText("" if duty is None else self._told(duty))

    def set_stale(self, stale: bool) -> None:
        """While the link to the hub is lost nobody can be put on duty."""
        self._live = not stale
        self._allow()

    def _told(self, duty: Duty) -> str:
        if duty.ends_at <= self._now:
            return _("ended {age}").format(age=age_text((self._now - duty.ends_at).total_seconds()))
        until = _("until {time}").format(time=time_text(duty.ends_at, self._now, self._zone))
        by = _("by {officer}").format(officer=duty.by) if duty.by else duty.shift or _("by the plan")
        return f"{by} · {until} · {due_text(duty.ends_at, self._now)}"

    def _put(self, role: str) -> None:
        line = self.lines[role]
        if line.button.isEnabled():
            self.changed.emit(role, [name[:_LONGEST] for name in words(line.officers.text())])

    def _allow(self) -> None:
        for role, line in self.lines.items():
            other = words(line.officers.text()) != (line.told or ())
            line.button.setEnabled(self._live and role in self._duties and other)
