"""What this seat sounds: silence for a while, tests, speech, and which alarms are heard here."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.annunciator import AnnunciatorState
from controlroom.bridge.hearing import SeatFilter, words
from controlroom.bridge.wording import span_text
from controlroom.domain.severity import Severity
from controlroom.i18n import _
from widgets.look import mark
from widgets.severity import is_dark, severity_pixmap, severity_word

MINUTES = (5, 15, 30, 60)
"""For how long an officer may silence a seat; never for ever."""
_TYPED_MS = 600


class SoundDialog(QDialog):
    """Not modal. What is changed holds at once and leaves by signals; the state comes in by `set_state`."""

    silenced = Signal(int)
    """Minutes; 0 ends the silence."""
    tested = Signal(object)
    """The Severity whose tone is to be heard."""
    speech_tested = Signal()
    speaking_changed = Signal(bool)
    filter_changed = Signal(object)
    """A SeatFilter."""

    def __init__(
        self,
        state: AnnunciatorState,
        speaks: bool,
        wanted: SeatFilter,
        departments: Iterable[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("soundDialog")
        self.setWindowTitle(_("Sound"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.lengths = {minutes: QPushButton(_("{count} min").format(count=minutes)) for minutes in MINUTES}
        self.end = QPushButton(_("Be heard again"))
        self.tones = {severity: QPushButton(severity_word(severity)) for severity in Severity}
        self.speech = QPushButton(_("Say a test sentence"))
        self.speaks = QCheckBox(_("Say new alarms aloud"))
        self.speaks.setChecked(speaks)
        self.mute_note = QLabel(_("This machine cannot speak (espeak-ng is not installed): there are tones only."))
        self.mute_note.setProperty("faint", True)
        self.mute_note.setWordWrap(True)
        self.severities = {severity: QCheckBox(severity_word(severity)) for severity in Severity}
        self.departments = QListWidget()
        self.areas = QLineEdit(", ".join(wanted.areas))
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(_TYPED_MS)
        self._typed.timeout.connect(self._tell_filter)
        self._told = wanted
        self._fill(wanted, departments)
        column = QVBoxLayout(self)
        column.addWidget(self.state)
        column.addWidget(self._build_silence())
        column.addWidget(self._build_tests())
        column.addWidget(self._build_filter())
        buttons = QDialogButtonBox()
        buttons.addButton(_("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        self._connect()
        self.set_state(state)
        self.setMinimumSize(620, 640)

    # ---------------------------------------------------------------- building

    def _fill(self, wanted: SeatFilter, departments: Iterable[str]) -> None:
        dark, ratio = is_dark(self.palette()), self.devicePixelRatioF()
        for severity, box in self.severities.items():
            box.setIcon(severity_pixmap(severity, 14, dark=dark, ratio=ratio))
            box.setChecked(not wanted.severities or severity in wanted.severities)
            self.tones[severity].setIcon(severity_pixmap(severity, 14, dark=dark, ratio=ratio))
        for name in dict.fromkeys((*departments, *sorted(wanted.departments))):
            item = QListWidgetItem(name)
            item.setFlags(Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            chosen = not wanted.departments or name in wanted.departments
            item.setCheckState(Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked)
            self.departments.addItem(item)
        self.departments.setAccessibleName(_("Departments that are heard here"))
        self.departments.setMinimumHeight(130)
        self.areas.setPlaceholderText(_("The whole district; otherwise places, with commas: 黄村, 礼贤镇"))
        self.areas.setAccessibleName(_("Areas that are heard here"))

    def _build_silence(self) -> QGroupBox:
        box = QGroupBox(_("Silence this seat (acknowledges nothing)"))
        row = QHBoxLayout(box)
        for button in (*self.lengths.values(), self.end):
            button.setAutoDefault(False)
            row.addWidget(button)
        return box

    def _build_tests(self) -> QGroupBox:
        box = QGroupBox(_("Test"))
        grid = QGridLayout(box)
        for number, button in enumerate(self.tones.values()):
            button.setAutoDefault(False)
            grid.addWidget(button, 0, number)
        self.speech.setAutoDefault(False)
        grid.addWidget(self.speech, 1, 0, 1, 2)
        grid.addWidget(self.speaks, 1, 2, 1, 2)
        grid.addWidget(self.mute_note, 2, 0, 1, 4)
        return box

    def _build_filter(self) -> QGroupBox:
        box = QGroupBox(_("Heard at this seat"))
        column = QVBoxLayout(box)
        row = QHBoxLayout()
        for check in self.severities.values():
            row.addWidget(check)
        column.addLayout(row)
        column.addWidget(QLabel(_("Alarms of these departments")))
        column.addWidget(self.departments)
        column.addWidget(QLabel(_("In these areas")))
        column.addWidget(self.areas)
        note = QLabel(_("What names no department or place is heard everywhere. All alarms are listed anyway."))
        note.setWordWrap(True)
        note.setProperty("faint", True)
        column.addWidget(note)
        return box

    def _connect(self) -> None:
        for minutes, button in self.lengths.items():
            button.clicked.connect(lambda _checked=False, chosen=minutes: self.silenced.emit(chosen))
        self.end.clicked.connect(lambda: self.silenced.emit(0))
        for severity, button in self.tones.items():
            button.clicked.connect(lambda _checked=False, chosen=severity: self.tested.emit(chosen))
        self.speech.clicked.connect(self.speech_tested)
        self.speaks.toggled.connect(self.speaking_changed)
        for check in self.severities.values():
            check.toggled.connect(self._tell_filter)
        self.departments.itemChanged.connect(self._tell_filter)
        self.areas.textEdited.connect(lambda _text: self._typed.start())
        self.areas.editingFinished.connect(self._tell_filter)

    # ---------------------------------------------------------------- what comes in and goes out

    def set_state(self, state: AnnunciatorState) -> None:
        """What the annunciator does."""
        silent = state.silent_for_s > 0
        if state.mute:
            told = _("Nothing can be heard: {reason}. Alarms are only seen.").format(reason=state.reason)
        elif silent:
            told = _("Silenced for {span} more; alarms still wait.").format(span=span_text(state.silent_for_s))
        else:
            told = _("Sound is on; {count} alarms wait here.").format(count=state.waiting)
        self.state.setText(told)
        mark(self.state, warning=state.mute or silent)
        self.end.setEnabled(silent)
        self.speech.setEnabled(state.can_speak and not state.mute)
        self.speaks.setEnabled(state.can_speak)
        self.mute_note.setVisible(not state.can_speak)

    def filter(self) -> SeatFilter:
        """What the dialog shows now; everything chosen is the same as nothing chosen."""
        severities = frozenset(severity for severity, box in self.severities.items() if box.isChecked())
        items = [self.departments.item(row) for row in range(self.departments.count())]
        chosen = frozenset(item.text() for item in items if item.checkState() is Qt.CheckState.Checked)
        return SeatFilter(
            severities=severities if len(severities) < len(Severity) else frozenset(),
            departments=chosen if len(chosen) < len(items) else frozenset(),
            areas=words(self.areas.text()),
        )

    def _tell_filter(self) -> None:
        self._typed.stop()
        wanted = self.filter()
        if wanted != self._told:
            self._told = wanted
            self.filter_changed.emit(wanted)

    def done(self, result: int) -> None:
        """Close; what was typed last holds too."""
        self._tell_filter()
        super().done(result)
