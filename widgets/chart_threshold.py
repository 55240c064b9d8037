"""From which difference on a value counts as another, and what is done with the values: saved, changed, removed."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from controlroom.domain.value_snapshot import Threshold
from controlroom.i18n import _


class ThresholdBar(QWidget):
    """A row of controls above a comparison."""

    changed = Signal()
    """Another threshold, or only those beyond it are wanted or not."""
    save_wanted = Signal(str)
    """The values of now are to be saved under this name."""
    keep_wanted = Signal()
    """The threshold is to be kept with the snapshot that is compared with."""
    removal_wanted = Signal()
    """The snapshot that is compared with is to be removed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.by = QDoubleSpinBox()
        self.by.setDecimals(2)
        self.by.setRange(0.01, 1e9)
        self.by.setValue(10.0)
        self.by.setKeyboardTracking(False)
        self.by.setAccessibleName(_("Threshold"))
        self.unit = QComboBox()
        self.unit.addItem(_("% of then"), True)
        self.unit.addItem(_("in the sensor's unit"), False)
        self.unit.setAccessibleName(_("Unit of the threshold"))
        self.only = QCheckBox(_("Only what differs"))
        self.save = QPushButton(_("Save the values of now…"))
        self.keep = QPushButton(_("Keep this threshold"))
        self.remove = QPushButton(_("Remove the snapshot…"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        label = QLabel(_("Threshold"))
        label.setBuddy(self.by)
        for part in (label, self.by, self.unit, self.only):
            row.addWidget(part)
        row.addStretch(1)
        for button in (self.save, self.keep, self.remove):
            button.setAutoDefault(False)
            row.addWidget(button)
        self.by.valueChanged.connect(self._tell)
        self.unit.currentIndexChanged.connect(self._tell)
        self.only.toggled.connect(self._tell)
        self.save.clicked.connect(self._ask_name)
        self.keep.clicked.connect(self.keep_wanted)
        self.remove.clicked.connect(self._ask_removal)
        self.show_snapshot(None)

    @property
    def threshold(self) -> Threshold:
        """What is chosen."""
        return Threshold(by=self.by.value(), percent=bool(self.unit.currentData()))

    def show_snapshot(self, held: Threshold | None) -> None:
        """Whether it is compared with a snapshot, and that one's threshold; nothing is told."""
        self.keep.setVisible(held is not None)
        self.remove.setVisible(held is not None)
        if held is not None:
            for part in (self.by, self.unit):
                part.blockSignals(True)
            self.by.setValue(held.by)
            self.unit.setCurrentIndex(0 if held.percent else 1)
            for part in (self.by, self.unit):
                part.blockSignals(False)

    def _tell(self) -> None:
        self.changed.emit()

    def _ask_name(self) -> None:
        dialog = NameDialog(self.window())
        dialog.named.connect(self.save_wanted)
        dialog.open()

    def _ask_removal(self) -> None:
        dialog = QDialog(self.window())
        dialog.setWindowTitle(_("Remove the snapshot"))
        box = QDialogButtonBox()
        box.addButton(_("Remove"), QDialogButtonBox.ButtonRole.AcceptRole)
        box.addButton(_("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        column = QVBoxLayout(dialog)
        column.addWidget(QLabel(_("It goes away at every seat; the journal keeps it.")))
        column.addWidget(box)
        box.accepted.connect(dialog.accept)
        box.rejected.connect(dialog.reject)
        dialog.accepted.connect(self.removal_wanted)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class NameDialog(QDialog):
    """Asks under which name values are saved."""

    named = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Save the values of now"))
        self.name = QLineEdit()
        self.name.setMaxLength(80)
        self.name.setPlaceholderText(_("For example: dry season, all pumps on"))
        form = QFormLayout()
        form.addRow(_("Name of the snapshot"), self.name)
        box = QDialogButtonBox()
        self.accepts = box.addButton(_("Save"), QDialogButtonBox.ButtonRole.AcceptRole)
        box.addButton(_("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.accepts.setEnabled(False)
        self.name.textChanged.connect(self._judge)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(box)
        self.accepted.connect(self._tell)
        self.finished.connect(self.deleteLater)
        self.resize(420, self.sizeHint().height())

    def _judge(self, text: str) -> None:
        self.accepts.setEnabled(bool(text.strip()))

    def _tell(self) -> None:
        self.named.emit(self.name.text().strip())
