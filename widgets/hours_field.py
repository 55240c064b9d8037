"""Hours of the day and days of the week as an officer sets them: always, or only then, over midnight too."""

from PySide6.QtCore import QTime, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QTimeEdit, QVBoxLayout, QWidget

from controlroom.domain.wall_rules import Hours
from controlroom.i18n import _

_BEGINS, _ENDS = "08:00", "18:00"


def day_words() -> list[str]:
    """The days of the week, Monday first."""
    return [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]


def hours_words(hours: Hours | None) -> str:
    """When something holds, in words."""
    if hours is None:
        return _("always")
    clock = f"{hours.begins}–{hours.ends}"
    if hours.begins >= hours.ends:
        clock = _("{begins}–{ends} next day").format(begins=hours.begins, ends=hours.ends)
    names = day_words()
    days = sorted(set(hours.days))
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        told = _("{first} to {last}").format(first=names[days[0] - 1], last=names[days[-1] - 1])
    else:
        told = _(", ").join(names[day - 1] for day in days)
    return f"{told} {clock}".lstrip()


class HoursField(QWidget):
    """A tick, two clocks and seven days; without the tick it is always."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.limited = QCheckBox(_("Only at these hours"))
        self.begins, self.ends = _clock(_BEGINS), _clock(_ENDS)
        self.begins.setAccessibleName(_("Begins"))
        self.ends.setAccessibleName(_("Ends"))
        self.days = [QCheckBox(word) for word in day_words()]
        clocks = QHBoxLayout()
        for widget in (self.begins, QLabel(_("to")), self.ends):
            clocks.addWidget(widget)
        clocks.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.limited)
        column.addLayout(clocks)
        for some in (self.days[:4], self.days[4:]):
            row = QHBoxLayout()
            for box in some:
                row.addWidget(box)
            row.addStretch(1)
            column.addLayout(row)
        self.set_hours(None)
        for box in (self.limited, *self.days):
            box.toggled.connect(self._tell)
        for clock in (self.begins, self.ends):
            clock.timeChanged.connect(self._tell)

    def hours(self) -> Hours | None:
        """What is set; no day chosen is every day."""
        if not self.limited.isChecked():
            return None
        days = tuple(number for number, box in enumerate(self.days, 1) if box.isChecked())
        begins, ends = (clock.time().toString("HH:mm") for clock in (self.begins, self.ends))
        return Hours(begins=begins, ends=ends, days=days if len(days) < len(self.days) else ())

    def set_hours(self, hours: Hours | None) -> None:
        """Show these; None is always."""
        self.limited.setChecked(hours is not None)
        self.begins.setTime(QTime.fromString(hours.begins if hours else _BEGINS, "HH:mm"))
        self.ends.setTime(QTime.fromString(hours.ends if hours else _ENDS, "HH:mm"))
        for number, box in enumerate(self.days, 1):
            box.setChecked(hours is None or not hours.days or number in hours.days)
        self._tell()

    def _tell(self, _changed: object = None) -> None:
        for widget in (self.begins, self.ends, *self.days):
            widget.setEnabled(self.limited.isChecked())
        self.changed.emit()


def _clock(text: str) -> QTimeEdit:
    clock = QTimeEdit(QTime.fromString(text, "HH:mm"))
    clock.setDisplayFormat("HH:mm")
    return clock
