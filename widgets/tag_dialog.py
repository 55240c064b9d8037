"""The dialog that puts tags on alarms and takes them off."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from controlroom.bridge.hearing import words
from controlroom.domain.alarm import Alarm
from controlroom.i18n import _

_LONGEST = 40
_OFFERED = 12


class TagDialog(QDialog):
    """Tags that the alarms have, or that are in use elsewhere, as boxes, and a line for new ones."""

    decided = Signal(list, list)
    """list[str] to put on, list[str] to take off."""

    def __init__(self, alarms: Sequence[Alarm], used: Iterable[str] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tagDialog")
        self.setWindowTitle(_("Tags"))
        held = list(dict.fromkeys(tag for alarm in alarms for tag in alarm.tags))
        others = [tag for tag in dict.fromkeys(used) if tag not in held][: max(_OFFERED - len(held), 0)]
        self._common = {tag for tag in held if all(tag in alarm.tags for alarm in alarms)}
        self._held = set(held)
        self.boxes: dict[str, QCheckBox] = {}
        column = QVBoxLayout(self)
        said = QLabel(alarms[0].title if len(alarms) == 1 else _("{count} alarms").format(count=len(alarms)))
        said.setWordWrap(True)
        column.addWidget(said)
        for tag in (*held, *others):
            box = QCheckBox(tag)
            box.setTristate(tag in self._held - self._common)
            if tag in self._held - self._common:
                box.setCheckState(box.checkState().PartiallyChecked)
            else:
                box.setChecked(tag in self._common)
            self.boxes[tag] = box
            column.addWidget(box)
        self.line = QLineEdit()
        self.line.setPlaceholderText(_("New tags, with commas"))
        self.line.setAccessibleName(_("New tags, with commas"))
        column.addWidget(self.line)
        buttons = QDialogButtonBox()
        buttons.addButton(_("Save"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(_("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        self.setMinimumWidth(380)
        self.line.setFocus()

    def accept(self) -> None:
        """Keep what is shown."""
        state = {tag: box.checkState() for tag, box in self.boxes.items()}
        added = [tag for tag, held in state.items() if held.value == 2 and tag not in self._common]
        added += [tag[:_LONGEST] for tag in words(self.line.text()) if tag[:_LONGEST] not in self._common]
        removed = [tag for tag, held in state.items() if held.value == 0 and tag in self._held]
        removed = [tag for tag in removed if tag not in added]
        if added or removed:
            self.decided.emit(list(dict.fromkeys(added)), removed)
        super().accept()
