"""The dialogs about incidents: opening one and closing one."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.models.incident_model import NewIncident
from controlroom.domain.severity import Severity
from controlroom.i18n import _
from widgets.severity import is_dark, severity_icon, severity_word

_TITLE_MOST = 400


def _buttons(dialog: QDialog, word: str) -> QDialogButtonBox:
    box = QDialogButtonBox()
    box.addButton(word, QDialogButtonBox.ButtonRole.AcceptRole)
    box.addButton(_("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
    box.accepted.connect(dialog.accept)
    box.rejected.connect(dialog.reject)
    return box


class IncidentOpening(QDialog):
    """Asks for title, grade, place and a first note; `described` carries the NewIncident."""

    described = Signal(object)

    def __init__(self, proposal: NewIncident | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Open an incident"))
        self._proposal = proposal
        self.title = QLineEdit(proposal.title if proposal else "")
        self.title.setMaxLength(_TITLE_MOST)
        self.place = QLineEdit(proposal.place if proposal else "")
        self.place.setMaxLength(_TITLE_MOST)
        self.grade = QComboBox()
        dark = is_dark(self.palette())
        for severity in Severity:
            self.grade.addItem(severity_icon(severity, 16, dark=dark), severity_word(severity), severity)
        self.grade.setCurrentIndex((proposal.grade if proposal else Severity.YELLOW) - 1)
        self.text = QPlainTextEdit(proposal.text if proposal else "")
        self.text.setPlaceholderText(_("What is known so far"))
        self.text.setTabChangesFocus(True)
        self.text.setMaximumHeight(110)
        self._box = _buttons(self, _("Open the incident"))
        form = QFormLayout()
        form.addRow(_("Title"), self.title)
        form.addRow(_("Grade"), self.grade)
        form.addRow(_("Place"), self.place)
        form.addRow(_("Note"), self.text)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self._box)
        self.title.textChanged.connect(self._allow)
        self.accepted.connect(lambda: self.described.emit(self.value()))
        self.setMinimumWidth(520)
        self._allow()

    def value(self) -> NewIncident:
        """What the officer has said."""
        return NewIncident(
            title=self.title.text().strip(),
            grade=Severity(self.grade.currentIndex() + 1),
            alarms=self._proposal.alarms if self._proposal else (),
            place=self.place.text().strip(),
            point=self._proposal.point if self._proposal else None,
            text=self.text.toPlainText().strip(),
        )

    def _allow(self) -> None:
        self._box.buttons()[0].setEnabled(bool(self.title.text().strip()))


class IncidentClosing(QDialog):
    """Asks for the reason of closing, without which an incident cannot be closed; `reasoned` carries it."""

    reasoned = Signal(str)

    def __init__(self, title: str, open_tasks: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Close the incident"))
        name = QLabel(title)
        name.setWordWrap(True)
        said = QLabel(_("A reason is required; it is kept in the timeline. A closed incident cannot be changed."))
        said.setWordWrap(True)
        self.reason = QPlainTextEdit()
        self.reason.setPlaceholderText(_("Why the incident is over"))
        self.reason.setTabChangesFocus(True)
        self.reason.setMaximumHeight(110)
        self._box = _buttons(self, _("Close the incident"))
        column = QVBoxLayout(self)
        column.addWidget(name)
        column.addWidget(said)
        if open_tasks:
            undone = QLabel(_("{count} tasks are not done yet.").format(count=open_tasks))
            undone.setProperty("notice", "warning")
            column.addWidget(undone)
        column.addWidget(self.reason)
        column.addWidget(self._box)
        self.reason.textChanged.connect(self._allow)
        self.accepted.connect(lambda: self.reasoned.emit(self.reason.toPlainText().strip()))
        self.setMinimumWidth(480)
        self._allow()

    @property
    def allowed(self) -> bool:
        """Whether a reason was given."""
        return bool(self.reason.toPlainText().strip())

    def _allow(self) -> None:
        self._box.buttons()[0].setEnabled(self.allowed)
