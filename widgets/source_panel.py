"""Who feeds the hub: how each source stands, and the messages of it that were refused, to be looked at byte by byte."""

from datetime import datetime

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.models.sources_model import RefusedModel, SourcesModel
from controlroom.bridge.raw_text import escaped, harmless
from controlroom.bridge.wording import age_text
from controlroom.i18n import _
from widgets.banner import Banner
from widgets.look import mark
from widgets.table_look import dress


class SourcePanel(QWidget):
    """Sources above, the refused messages of the chosen one below, the chosen message beside them.

    Whoever has the hub sets `sources` and `refused`; `chosen` tells of which source the messages are wanted.
    """

    chosen = Signal(str)

    def __init__(self, sources: SourcesModel, refused: RefusedModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sources = sources
        self.refused = refused
        self.source = ""
        self._asked_at: datetime | None = None
        self.notice = Banner("refused")
        self.age = QLabel()
        self.age.setProperty("faint", True)
        self.table = _table("sources", sources)
        self.messages = _table("refusedMessages", refused)
        self.heading = QLabel()
        self.heading.setTextFormat(Qt.TextFormat.PlainText)
        self.raw = QPlainTextEdit()
        self.raw.setReadOnly(True)
        self.raw.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.raw.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.raw.setAccessibleName(_("The refused message"))
        self.raw.setTabChangesFocus(True)
        self.copy = QPushButton(_("Copy"))
        self.copy.setEnabled(False)
        self._widths()
        self._lay()
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        self.messages.selectionModel().currentRowChanged.connect(self._open)
        refused.modelReset.connect(self._first)
        sources.modelReset.connect(self._keep)
        self.copy.clicked.connect(self._copy)
        self._head()

    def _lay(self) -> None:
        above, below, beside = QWidget(), QWidget(), QWidget()
        column = QVBoxLayout(above)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table, 1)
        column.addWidget(self.age)
        self.age.setContentsMargins(8, 2, 8, 2)
        left = QVBoxLayout(below)
        left.setContentsMargins(0, 0, 0, 0)
        left.addWidget(self.heading)
        self.heading.setContentsMargins(8, 4, 8, 0)
        left.addWidget(self.messages, 1)
        right = QVBoxLayout(beside)
        right.setContentsMargins(0, 0, 0, 4)
        right.addWidget(self.raw, 1)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.copy)
        right.addLayout(row)
        lower = QSplitter(Qt.Orientation.Horizontal)
        lower.setChildrenCollapsible(False)
        lower.addWidget(below)
        lower.addWidget(beside)
        lower.setSizes([450, 350])
        halves = QSplitter(Qt.Orientation.Vertical)
        halves.setChildrenCollapsible(False)
        halves.addWidget(above)
        halves.addWidget(lower)
        halves.setSizes([300, 260])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.notice)
        whole.addWidget(halves, 1)

    def _name(self) -> str:
        """What officers call the chosen source."""
        return harmless(self.sources.name_of(self.source))

    def _widths(self) -> None:
        for table, widths, stretched in (
            (self.table, {1: 120, 2: 96, 3: 76, 4: 76, 5: 76, 6: 76}, SourcesModel.NAME),
            (self.messages, {0: 76, 1: 84, 3: 64}, RefusedModel.REASON),
        ):
            header = table.horizontalHeader()
            for section, width in widths.items():
                header.resizeSection(section, max(width, header.sectionSizeHint(section) + 8))
            header.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)

    def told(self, at: datetime) -> None:
        """The hub has answered: what is shown is as of `at`, the seat's clock."""
        self._asked_at = at
        self.notice.hush()
        self.tick(at)

    def tick(self, now: datetime) -> None:
        """Draw ages again, once a second."""
        self.sources.tick(now)
        self.refused.tick(now)
        if self._asked_at is None:
            self.age.setText(_("The hub has not told anything yet"))
        else:
            age = age_text((now - self._asked_at).total_seconds())
            self.age.setText(_("As of {age} · {count} sources").format(age=age, count=self.sources.rowCount()))

    def set_stale(self, stale: bool) -> None:
        """While the link is lost nothing here can be trusted to be so still."""
        for table in (self.table, self.messages):
            mark(table, stale=stale)
        mark(self.age, stale=stale)

    def _choose(self, now: QModelIndex, _before: QModelIndex) -> None:
        source = self.sources.rows[now.row()].id if now.isValid() else ""
        if source and source != self.source:
            self.source = source
            self.refused.show([])
            self.raw.clear()
            self._head()
            self.chosen.emit(source)

    def _keep(self) -> None:
        """Sources came or went: the chosen one stays chosen; at first it is the one with the most to tell."""
        row = self.sources.row_of(self.source) if self.source else 0
        if 0 <= row < self.sources.rowCount():
            self.table.selectRow(row)

    def _first(self) -> None:
        self._head()
        if self.refused.rowCount():
            self.messages.selectRow(0)
        else:
            self.raw.clear()
            self.copy.setEnabled(False)

    def _open(self, now: QModelIndex, _before: QModelIndex) -> None:
        if not now.isValid():
            return
        message = self.refused.rows[now.row()]
        shown = escaped(message.body)
        if message.size > len(message.body):
            rest = message.size - len(message.body)
            shown += "\n" + _("… and {count} bytes more, which were not kept").format(count=f"{rest:,}")
        self.raw.setPlainText(f"{harmless(message.text)}\n\n{shown}")
        self.copy.setEnabled(True)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.raw.toPlainText())

    def _head(self) -> None:
        if not self.source:
            self.heading.setText(_("Choose a source to see what was refused of it"))
        elif self.refused.rowCount():
            words = _("Refused from {source}: the last {count}")
            self.heading.setText(words.format(source=self._name(), count=self.refused.rowCount()))
        else:
            self.heading.setText(_("Nothing was refused from {source}").format(source=self._name()))


def _table(name: str, model: QAbstractTableModel) -> QTableView:
    table = QTableView()
    table.setObjectName(name)
    table.setModel(model)
    dress(table, 28)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    return table
