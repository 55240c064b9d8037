"""Asks for what shall stand on the curves: from, to and a text."""

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from controlroom.domain.annotation import Annotation
from controlroom.i18n import _
from widgets.plot_axis import DISTRICT
from widgets.plot_menus import time_edit, time_of

TEXT_MOST = 1000


class NoteDialog(QDialog):
    """A new annotation, or one that is changed or removed."""

    written = Signal(object, object, str)
    """From, to (aware times) and the text."""
    removal_wanted = Signal()

    def __init__(self, begins_at: datetime, ends_at: datetime, held: Annotation | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Written on the curves") if held else _("Write on the curves"))
        self.begins, self.ends = time_edit(begins_at), time_edit(ends_at)
        self.text = QPlainTextEdit(held.text if held else "")
        self.text.setTabChangesFocus(True)
        self.text.setPlaceholderText(_("What happened, for all seats"))
        self.text.setMaximumHeight(110)
        form = QFormLayout()
        form.addRow(_("From"), self.begins)
        form.addRow(_("To"), self.ends)
        form.addRow(_("Text"), self.text)
        self._box = QDialogButtonBox()
        self._box.addButton(_("Write") if held is None else _("Change"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._box.addButton(_("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self._box.accepted.connect(self.accept)
        self._box.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        if held is not None:
            remove = self._box.addButton(_("Remove"), QDialogButtonBox.ButtonRole.DestructiveRole)
            remove.clicked.connect(self._remove)
            who = QLabel(_author_text(held))
            who.setProperty("faint", True)
            column.addWidget(who)
        column.addLayout(form)
        column.addWidget(self._box)
        self.setMinimumWidth(420)
        self.text.textChanged.connect(self._allow)
        self.begins.dateTimeChanged.connect(self._allow)
        self.ends.dateTimeChanged.connect(self._allow)
        self.accepted.connect(self._tell)
        self._allow()
        self.text.setFocus()

    def _allow(self) -> None:
        text = self.text.toPlainText().strip()
        fits = 0 < len(text) <= TEXT_MOST and time_of(self.begins) <= time_of(self.ends)
        for button in self._box.buttons():
            if self._box.buttonRole(button) is QDialogButtonBox.ButtonRole.AcceptRole:
                button.setEnabled(fits)

    def _tell(self) -> None:
        self.written.emit(time_of(self.begins), time_of(self.ends), self.text.toPlainText().strip())

    def _remove(self) -> None:
        self.removal_wanted.emit()
        self.reject()


def _author_text(note: Annotation) -> str:
    at = f"{note.at.astimezone(DISTRICT):%m-%d %H:%M}"
    text = _("Written by {officer} on {time}").format(officer=note.by, time=at)
    if note.changed_by and note.changed_at is not None:
        changed = f"{note.changed_at.astimezone(DISTRICT):%m-%d %H:%M}"
        text += " · " + _("changed by {officer} on {time}").format(officer=note.changed_by, time=changed)
    return text
