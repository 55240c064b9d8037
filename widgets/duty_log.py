"""The duty log: what happened in the room, filtered, copied and exported."""

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.models.duty_model import MOST_LINES, DutyKind, DutyModel, kind_word
from controlroom.i18n import _
from widgets.banner import Banner
from widgets.table_look import dress


class DutyLog(QWidget):
    """Rows over a DutyModel that somebody else feeds."""

    def __init__(self, model: DutyModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.notice = Banner("refused")
        self._kind = QComboBox()
        self._kind.addItem(_("Everything"), None)
        for kind in DutyKind:
            self._kind.addItem(kind_word(kind), kind.value)
        self._kind.setAccessibleName(_("Kind"))
        self._text = QLineEdit()
        self._text.setPlaceholderText(_("Filter: who, what"))
        self._text.setClearButtonEnabled(True)
        self._export = QPushButton(_("Export…"))
        self._table = QTableView()
        self._summary = QLabel()
        self._summary.setContentsMargins(8, 2, 8, 4)
        self._dress()
        bar = QHBoxLayout()
        bar.setContentsMargins(6, 4, 6, 4)
        bar.addWidget(self._kind)
        bar.addWidget(self._text, 1)
        bar.addWidget(self._export)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.notice)
        column.addWidget(self._table, 1)
        column.addWidget(self._summary)
        self._kind.currentIndexChanged.connect(self._filter)
        self._text.textChanged.connect(self._filter)
        self._export.clicked.connect(self.ask_file)
        model.rowsInserted.connect(self._summarise)
        model.modelReset.connect(self._summarise)
        self._summarise()

    def _dress(self) -> None:
        table = self._table
        table.setObjectName("dutyLog")
        table.setModel(self.model)
        dress(table, 26)
        header = table.horizontalHeader()
        # English words for who and what kind are the longest.
        for section, width in enumerate((84, 96, 96, 120)):
            header.resizeSection(section, width)
        header.setSectionResizeMode(DutyModel.TEXT, QHeaderView.ResizeMode.Stretch)
        copy = table.addAction(_("Copy"))
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self.copy)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def tick(self, now: datetime) -> None:
        """Draw ages again, once a second."""
        self.model.tick(now)

    def copy(self) -> None:
        """Put the selected lines (all listed ones when none is selected) on the clipboard, with times and ages."""
        rows = [index.row() for index in self._table.selectionModel().selectedRows()]
        QGuiApplication.clipboard().setText(self.model.exported(rows or None))

    def ask_file(self) -> None:
        """Ask where to write the listed lines."""
        dialog = QFileDialog(self, _("Export the duty log"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("CSV (*.csv)")
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(f"duty-log-{self.model.now:%Y%m%d-%H%M%S}.csv")
        dialog.fileSelected.connect(lambda name: self.export_to(Path(name)))
        dialog.open()

    def export_to(self, file: Path) -> bool:
        """Write the listed lines as CSV (UTF-8 with a mark, for spreadsheets); False and a sentence when it fails."""
        try:
            file.write_text(self.model.exported(), encoding="utf-8-sig", newline="")
        except OSError as error:
            words = _("The log was not written to {file}: {reason}. Choose another folder.")
            self.notice.say(words.format(file=file, reason=error.strerror or error))
            return False
        self.notice.hush()
        return True

    def _filter(self) -> None:
        kind = self._kind.currentData()
        self.model.set_filter(frozenset() if kind is None else frozenset({DutyKind(kind)}), self._text.text())

    def _summarise(self) -> None:
        parts = [_("{count} lines").format(count=self.model.total)]
        if self.model.rowCount() != self.model.total:
            parts.append(_("{count} listed").format(count=self.model.rowCount()))
        if self.model.forgotten:
            words = _("only the newest {most} are kept; {gone} older ones were dropped")
            parts.append(words.format(most=MOST_LINES, gone=self.model.forgotten))
        self._summary.setText(" · ".join(parts))
