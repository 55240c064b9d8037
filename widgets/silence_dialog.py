"""The dialog that silences alarms by what they are: which ones, for how long, and why."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from controlroom.domain.alarm import Alarm
from controlroom.domain.severity import Severity
from controlroom.domain.silence import Matcher
from controlroom.i18n import _, _n
from widgets.alarm_aside import MINUTES, length_text
from widgets.look import mark
from widgets.severity import severity_word

_USUAL = 60
_IN_A_ROW = 4
_REASON_MOST = 400


class SilenceDialog(QDialog):
    """Tells while it is filled how many standing alarms match; cannot be accepted without a matcher and a reason."""

    decided = Signal(object, int, str)
    """Matcher, minutes, reason."""

    def __init__(
        self,
        count: Callable[[Matcher], int],
        sources: Mapping[str, str],
        kinds: Mapping[str, str],
        departments: tuple[str, ...],
        like: Alarm | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("silenceDialog")
        self.setWindowTitle(_("Silence alarms"))
        self._count = count
        self.source = _choice(sources, like.source if like is not None else "")
        self.kind = _choice(kinds, like.kind if like is not None else "")
        self.department = _choice({name: name for name in departments}, "")
        self.place = QLineEdit(like.place if like is not None else "")
        self.text = QLineEdit()
        self.severities = {severity: QCheckBox(severity_word(severity)) for severity in Severity}
        self.lengths = QButtonGroup(self)
        self.reason = QLineEdit()
        self.reason.setMaxLength(_REASON_MOST)
        self.reason.setPlaceholderText(_("Reason (required)"))
        self.told = QLabel()
        self.told.setWordWrap(True)
        self._build()
        self._look()

    def _build(self) -> None:
        self.place.setPlaceholderText(_("a part of the place, such as 礼贤镇"))
        self.text.setPlaceholderText(_("a part of title or text"))
        severities = QHBoxLayout()
        for box in self.severities.values():
            severities.addWidget(box)
        form = QFormLayout()
        form.addRow(_("Source"), self.source)
        form.addRow(_("Kind"), self.kind)
        form.addRow(_("Department"), self.department)
        form.addRow(_("Place"), self.place)
        form.addRow(_("Text"), self.text)
        form.addRow(_("Severity"), severities)
        lengths = QGridLayout()
        for number, minutes in enumerate(MINUTES):
            button = QRadioButton(length_text(minutes))
            button.setChecked(minutes == _USUAL)
            self.lengths.addButton(button, minutes)
            lengths.addWidget(button, number // _IN_A_ROW, number % _IN_A_ROW)
        form.addRow(_("Silence for"), lengths)
        form.addRow(_("Reason"), self.reason)
        note = QLabel(_("They go on being listed, but make no sound and are brought to nobody until then."))
        note.setWordWrap(True)
        note.setProperty("faint", True)
        self._buttons = QDialogButtonBox()
        self._buttons.addButton(_("Silence"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._buttons.addButton(_("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.told)
        column.addWidget(note)
        column.addWidget(self._buttons)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        for choice in (self.source, self.kind, self.department):
            choice.currentIndexChanged.connect(self._look)
        for line in (self.place, self.text, self.reason):
            line.textChanged.connect(self._look)
        for box in self.severities.values():
            box.toggled.connect(self._look)
        self.setMinimumWidth(560)
        self.reason.setFocus()

    def matcher(self) -> Matcher:
        """What the dialog shows now."""
        return Matcher(
            source=self.source.currentData(),
            kind=self.kind.currentData(),
            department=self.department.currentData(),
            place=self.place.text().strip(),
            text=self.text.text().strip(),
            severities=tuple(severity for severity, box in self.severities.items() if box.isChecked()),
        )

    @property
    def allowed(self) -> bool:
        """Whether it says which alarms, and why."""
        return not self.matcher().everything and bool(self.reason.text().strip())

    def accept(self) -> None:
        """Silence them."""
        if self.allowed:
            self.decided.emit(self.matcher(), self.lengths.checkedId(), self.reason.text().strip())
            super().accept()

    def _look(self) -> None:
        wanted = self.matcher()
        if wanted.everything:
            self.told.setText(_("This is every alarm there is. Say which ones."))
        else:
            count = self._count(wanted)
            told = _n("{count} standing alarm matches.", "{count} standing alarms match.", count)
            self.told.setText(told.format(count=count))
        mark(self.told, warning=wanted.everything)
        self._buttons.buttons()[0].setEnabled(self.allowed)


def _choice(named: Mapping[str, str], chosen: str) -> QComboBox:
    box = QComboBox()
    box.addItem(_("any"), "")
    for key, name in named.items():
        box.addItem(name, key)
    if chosen and chosen not in named:
        box.addItem(chosen, chosen)
    box.setCurrentIndex(max(box.findData(chosen), 0))
    return box
