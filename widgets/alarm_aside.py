"""The dialog that sets alarms aside: for how long, and why."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.wording import aside_word
from controlroom.domain.alarm import Alarm, AsideKind
from controlroom.i18n import _, _n

_HOUR = 60
_DAY = 24 * _HOUR
MINUTES = (15, _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 7 * _DAY, 30 * _DAY)
"""For how long an alarm may be shelved."""
_USUAL = _HOUR
_IN_A_ROW = 4
_NAMED = 3
_REASON_MOST = 400


def length_text(minutes: int) -> str:
    """A round length of time: 15 分钟, 6 小时, 7 天."""
    if minutes < _HOUR:
        return _n("{count} minute", "{count} minutes", minutes).format(count=minutes)
    if minutes < _DAY:
        hours = minutes // _HOUR
        return _n("{count} hour", "{count} hours", hours).format(count=hours)
    days = minutes // _DAY
    return _n("{count} day", "{count} days", days).format(count=days)


class AsideDialog(QDialog):
    """Asks for the reason, and when alarms are shelved for the time; cannot be accepted without a reason."""

    decided = Signal(int, str)
    """Minutes (0 = without an end) and reason."""

    def __init__(self, kind: AsideKind, alarms: Sequence[Alarm], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        words = {
            AsideKind.SHELVED: _("Shelve"),
            AsideKind.SUPPRESSED: _("Suppress by design"),
            AsideKind.OUT_OF_SERVICE: _("Take out of service"),
        }
        self.setWindowTitle(words[kind])
        column = QVBoxLayout(self)
        for alarm in alarms[:_NAMED]:
            name = QLabel(alarm.title)
            name.setWordWrap(True)
            column.addWidget(name)
        if len(alarms) > _NAMED:
            column.addWidget(QLabel(_("and {count} more alarms").format(count=len(alarms) - _NAMED)))
        said = QLabel(
            _("It makes no sound and does not wait until then. If it gets worse, it comes back at once.")
            if kind is AsideKind.SHELVED
            else _("It makes no sound and does not wait until somebody brings it back.")
        )
        said.setWordWrap(True)
        said.setEnabled(False)
        column.addWidget(said)
        self.lengths = QButtonGroup(self)
        if kind is AsideKind.SHELVED:
            column.addLayout(self._build_lengths())
        self.reason = QLineEdit()
        self.reason.setMaxLength(_REASON_MOST)
        self.reason.setPlaceholderText(_("Reason (required)"))
        self.reason.setAccessibleName(aside_word(kind))
        column.addWidget(self.reason)
        self._box = QDialogButtonBox()
        self._box.addButton(words[kind], QDialogButtonBox.ButtonRole.AcceptRole)
        self._box.addButton(_("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self._box.accepted.connect(self.accept)
        self._box.rejected.connect(self.reject)
        column.addWidget(self._box)
        self.reason.textChanged.connect(self._allow)
        self.accepted.connect(lambda: self.decided.emit(self.minutes, self.reason.text().strip()))
        self.setMinimumWidth(460)
        self.reason.setFocus()
        self._allow()

    def _build_lengths(self) -> QGridLayout:
        grid = QGridLayout()
        for number, minutes in enumerate(MINUTES):
            button = QRadioButton(length_text(minutes))
            button.setChecked(minutes == _USUAL)
            self.lengths.addButton(button, minutes)
            grid.addWidget(button, number // _IN_A_ROW, number % _IN_A_ROW)
        return grid

    @property
    def minutes(self) -> int:
        """The chosen length in minutes; 0 when there is no end."""
        return max(self.lengths.checkedId(), 0)

    @property
    def allowed(self) -> bool:
        """Whether a reason was given."""
        return bool(self.reason.text().strip())

    def _allow(self) -> None:
        self._box.buttons()[0].setEnabled(self.allowed)
