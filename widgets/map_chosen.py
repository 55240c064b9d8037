"""The panel beside a map that counts and lists what was chosen on it, with what can be done with it."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QGridLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QToolButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.models.chosen_model import ChosenModel, ChosenRows
from controlroom.i18n import _, _n

_WIDTH_PX = 330
_OPEN_UP_TO = 200
"""Groups of more objects are shown closed."""


class MapChosenPanel(QWidget):
    """Hidden while nothing is chosen. Buttons act on the marked lines, or on all of their kind when none is marked."""

    shown = Signal(str, str)
    """kind, id: the officer went to a line; it is to be marked on the map."""
    wall_wanted = Signal(list)
    """list[str]: these cameras are wanted on the wall."""
    curves_wanted = Signal(list)
    """list[str]: these sensors are to be drawn."""
    corroboration_wanted = Signal(str)
    """The id of a sensor."""
    group_wanted = Signal(list)
    """list[tuple[str, str]]: kinds and ids that the map is to keep in sight."""
    export_wanted = Signal()
    closed = Signal()
    """Nothing is to be chosen any more."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("mapChosen")
        self.model = ChosenModel(self)
        self.count = QLabel(self)
        self.count.setObjectName("mapChosenCount")
        self.end = QToolButton(self)
        self.end.clicked.connect(self.closed)
        self.tree = QTreeView(self)
        self.tree.setObjectName("mapChosenTree")
        self.tree.setModel(self.model)
        self.tree.setUniformRowHeights(True)
        self.tree.setSelectionMode(QTreeView.SelectionMode.ExtendedSelection)
        self.tree.setIndentation(14)
        self.tree.header().setStretchLastSection(False)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Interactive)
        self.tree.setColumnWidth(1, 100)
        self.tree.selectionModel().currentRowChanged.connect(self._went)
        self.wall, self.curves = QPushButton(self), QPushButton(self)
        self.corroborate, self.group, self.export = QPushButton(self), QPushButton(self), QPushButton(self)
        self._lay_out()
        self._connect()
        self.retranslate()
        self.hide()

    def sizeHint(self) -> QSize:
        """Wide enough for the names of most sensors."""
        return QSize(_WIDTH_PX, super().sizeHint().height())

    def show_rows(self, groups: Sequence[ChosenRows], title: str) -> None:
        """List these; no groups hide the panel unless there is a `title` to tell."""
        self.model.show(groups)
        total = sum(len(group.ids) for group in groups)
        found = _n("{count} chosen", "{count} chosen", total).format(count=f"{total:,}")
        self.count.setText(" · ".join(part for part in (title, found) if part))
        for row, group in enumerate(groups):
            self.tree.setFirstColumnSpanned(row, QModelIndex(), True)
            self.tree.setExpanded(self.model.index(row, 0), len(group.ids) <= _OPEN_UP_TO)
        kinds = {group.kind for group in groups}
        for button, kind in ((self.wall, "camera"), (self.curves, "sensor"), (self.corroborate, "sensor")):
            button.setEnabled(kind in kinds)
        self.group.setEnabled(total > 0)
        self.export.setEnabled(total > 0)
        self.setVisible(bool(groups) or bool(title))

    def marked(self, kind: str = "") -> list[tuple[str, str]]:
        """The marked objects (of one kind), or all of them when none is marked."""
        rows = [self.model.object_at(index) for index in self.tree.selectionModel().selectedRows()]
        found = [row for row in rows if row is not None and kind in ("", row[0])]
        if found:
            return found
        return [(g.kind, name) for g in self.model.groups if kind in ("", g.kind) for name in g.ids]

    def retranslate(self) -> None:
        """All words anew."""
        for button, words, tip in (
            (self.wall, _("To the wall"), _("Put the cameras on the video wall (W)")),
            (self.curves, _("Curves"), _("Draw the sensors' curves (D)")),
            (self.corroborate, _("Corroborate"), _("Corroborate the first of the sensors")),
            (self.group, _("Keep in sight"), _("The map keeps these in sight until a hand moves it (G)")),
            (self.export, _("Export CSV…"), _("Write what is listed to a file")),
        ):
            button.setText(words)
            button.setToolTip(tip)
        self.end.setText("×")
        self.end.setToolTip(_("Nothing chosen (Esc)"))
        self.end.setAccessibleName(self.end.toolTip())
        self.tree.setAccessibleName(_("What was chosen on the map"))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 6)
        column.setSpacing(4)
        head = QGridLayout()
        head.addWidget(self.count, 0, 0)
        head.addWidget(self.end, 0, 1, Qt.AlignmentFlag.AlignRight)
        column.addLayout(head)
        column.addWidget(self.tree, 1)
        foot = QGridLayout()
        foot.setSpacing(4)
        for place, button in enumerate((self.wall, self.curves, self.corroborate, self.group, self.export)):
            foot.addWidget(button, place // 2, place % 2)
        column.addLayout(foot)
        self.setMinimumWidth(270)

    def _connect(self) -> None:
        self.wall.clicked.connect(self._to_wall)
        self.curves.clicked.connect(self._to_curves)
        self.corroborate.clicked.connect(self._to_corroboration)
        self.group.clicked.connect(self._to_group)
        self.export.clicked.connect(self.export_wanted)
        for words, keys, done in (
            (_("Chosen cameras to the wall"), "W", self._to_wall),
            (_("Curves of the chosen sensors"), "D", self._to_curves),
            (_("Keep what is chosen in sight"), "G", self._to_group),
            (_("Nothing chosen"), "Esc", self.closed.emit),
        ):
            action = QAction(words, self)
            action.setShortcut(keys)
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(done)
            self.addAction(action)

    def _went(self, index: QModelIndex, _before: QModelIndex) -> None:
        found = self.model.object_at(index)
        if found is not None:
            self.shown.emit(*found)

    def _to_wall(self) -> None:
        if self.wall.isEnabled():
            self.wall_wanted.emit([name for _kind, name in self.marked("camera")])

    def _to_curves(self) -> None:
        if self.curves.isEnabled():
            self.curves_wanted.emit([name for _kind, name in self.marked("sensor")])

    def _to_corroboration(self) -> None:
        self.corroboration_wanted.emit(self.marked("sensor")[0][1])

    def _to_group(self) -> None:
        if self.group.isEnabled():
            self.group_wanted.emit(self.marked())
