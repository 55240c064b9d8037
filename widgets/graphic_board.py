"""The board for plotting: tools and symbols, how a graphic looks, and the list of what stands with author and age."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QKeySequence
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QGridLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSplitter,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.graphic_wording import kind_word, symbol_name, symbol_sign
from controlroom.domain.graphic import Drawing, GraphicKind
from controlroom.domain.graphic_symbols import GraphicSymbol
from controlroom.i18n import _
from controlroom.mapping.graphic_marks import GraphicMark
from widgets.banner import Banner
from widgets.button_row import button_row
from widgets.empty_words import EmptyWords
from widgets.graphic_form import GraphicForm
from widgets.graphic_paint import swatch
from widgets.severity import is_dark
from widgets.tool_dialog import ToolDialog

_KINDS = (
    GraphicKind.LINE,
    GraphicKind.ARROW,
    GraphicKind.BROAD_ARROW,
    GraphicKind.AREA,
    GraphicKind.ZONE,
    GraphicKind.TEXT,
)
_LONGEST = 9
"""Letters of a tool's name that fit into one line."""

_COLUMNS = 6
_ID = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class GraphicRow:
    """One line of the list."""

    mark: GraphicMark
    title: str
    incident: str
    author: str
    age: str


class GraphicBoard(ToolDialog):
    """Not modal: the hand is on the map meanwhile. What the officer wants leaves as signals."""

    tool_chosen = Signal(object)
    """A Drawing whose points are of no matter: what the next clicks on the map draw."""
    look_changed = Signal(object)
    """A Drawing like that: another look for what is drawn just now."""
    hand = Signal(str)
    """An action of the hand, as the map tells them: end, cancel, back, again."""
    place_entered = Signal(str)
    """Words that name a place for the next corner."""
    snap_toggled = Signal(bool)
    chosen = Signal(str)
    shown = Signal(str)
    reshape_wanted = Signal(str)
    change_wanted = Signal(str, object)
    """id, Drawing: another look and other words for a graphic that stands."""
    remove_wanted = Signal(list)
    undo_wanted = Signal()
    redo_wanted = Signal()
    import_wanted = Signal()
    export_wanted = Signal(str)
    """geojson, kml or png."""
    archived_toggled = Signal(bool)
    past_wanted = Signal()
    """Who drew, changed and removed what, also what is gone."""

    def __init__(self, symbols: Mapping[str, GraphicSymbol], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("graphicBoard")
        self.setWindowTitle(_("Plotting for command"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._symbols = symbols
        self._rows: dict[str, GraphicRow] = {}
        self.tools: dict[tuple[GraphicKind, str], QToolButton] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)
        self.form = GraphicForm()
        self.notice = Banner("refused")
        self.hint, self.figures = QLabel(), QLabel()
        self.place = QLineEdit()
        self.snap = QCheckBox(_("Snap to corners"))
        self.end, self.cancel, self.back = QPushButton(), QPushButton(), QPushButton()
        self.list = QTreeWidget()
        self.archived = QCheckBox(_("Also of closed incidents"))
        self.undo, self.redo = QPushButton(_("Undo")), QPushButton(_("Redo"))
        self.show_, self.reshape = QPushButton(_("Show")), QPushButton(_("Corners"))
        self.change, self.remove = QPushButton(_("Take over the look")), QPushButton(_("Remove"))
        self.files = QPushButton(_("File"))
        self._build()
        EmptyWords(self.list, _("Nothing is drawn yet"))
        self._connect()
        self._keys()
        self.set_sketch("", False, False)
        self._choose()
        self.resize(1120, 620)

    # ---------------------------------------------------------------- what others tell

    def set_rows(self, rows: Sequence[GraphicRow]) -> None:
        """What stands, in order; the chosen ones stay chosen."""
        held = {row.mark.id: row for row in rows}
        if list(held) == list(self._rows):
            for index, row in enumerate(rows):
                if row != self._rows[row.mark.id]:
                    self._fill(self.list.topLevelItem(index), row)
        else:
            chosen = set(self.chosen_ids)
            self.list.blockSignals(True)
            self.list.clear()
            for row in rows:
                item = QTreeWidgetItem(self.list)
                self._fill(item, row)
                item.setSelected(row.mark.id in chosen)
            self.list.blockSignals(False)
        self._rows = held
        self._choose()

    def set_incidents(self, incidents: Sequence[tuple[str, str]]) -> None:
        """Open incidents a graphic may be of: id, title."""
        self.form.set_incidents(incidents)

    def set_sketch(self, hint: str, active: bool, enough: bool) -> None:
        """What the hand draws just now."""
        self.hint.setText(hint or _("Choose a tool, then click on the map. Every map of this seat takes the clicks."))
        self.end.setEnabled(active and enough)
        self.cancel.setEnabled(active)
        self.back.setEnabled(active)
        self.place.setEnabled(active)
        if not active:
            for button in self.tools.values():
                button.setChecked(False)

    def set_steps(self, undo: bool, redo: bool) -> None:
        """Whether own steps can be taken back or done again."""
        self.undo.setEnabled(undo)
        self.redo.setEnabled(redo)

    def set_figures(self, text: str) -> None:
        """Length, area and who is inside, of the chosen one."""
        self.figures.setText(text)
        self.figures.setVisible(bool(text))

    def add_row(self, widget: QWidget) -> None:
        """Put something about the chosen graphic below its figures."""
        self._beside.insertWidget(self._beside.indexOf(self.figures) + 1, widget)

    def select(self, identity: str) -> None:
        """Mark the line of a graphic, as a click on the map does it."""
        if identity in self._rows and self.chosen_ids != [identity]:
            for index in range(self.list.topLevelItemCount()):
                item = self.list.topLevelItem(index)
                if item is not None and item.data(0, _ID) == identity:
                    self.list.setCurrentItem(item)

    def show_drawing(self, drawing: Drawing) -> None:
        """The look of a graphic in the fields."""
        self.form.show_drawing(drawing)

    @property
    def chosen_ids(self) -> list[str]:
        """The graphics whose lines are marked."""
        return [str(item.data(0, _ID)) for item in self.list.selectedItems()]

    # ---------------------------------------------------------------- building

    def _build(self) -> None:
        for label in (self.hint, self.figures):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.hint.setProperty("faint", True)
        self.place.setPlaceholderText(_("Corner by coordinates, Enter puts it"))
        self.snap.setChecked(True)
        for button, words in (
            (self.end, _("Finish")),
            (self.cancel, _("Give up")),
            (self.back, _("Corner back")),
        ):
            button.setText(words)
            button.setAutoDefault(False)
        for button in (self.undo, self.redo, self.show_, self.reshape, self.change, self.remove, self.files):
            button.setAutoDefault(False)
        left, right = QWidget(), QWidget()
        column = QVBoxLayout(left)
        column.addLayout(self._tools())
        column.addWidget(self.form)
        column.addStretch(1)
        column.addWidget(self.place)
        column.addWidget(self.hint)
        column.addLayout(button_row(self.back, self.cancel, None, self.end))
        self._build_list()
        beside = QVBoxLayout(right)
        beside.addLayout(button_row(self.undo, self.redo, None, self.archived, self.files))
        beside.addWidget(self.notice)
        beside.addWidget(self.list, 1)
        beside.addWidget(self.figures)
        self._beside = beside
        beside.addLayout(button_row(self.remove, None, self.change, self.reshape, self.show_))
        split = QSplitter()
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(right)
        split.setSizes([430, 670])
        QVBoxLayout(self).addWidget(split)

    def _tools(self) -> QVBoxLayout:
        column, grid = QVBoxLayout(), QGridLayout()
        grid.setSpacing(3)
        for place, kind in enumerate(_KINDS):
            grid.addWidget(self._tool(kind, "", kind_word(kind)), 0, place)
        for place, (key, symbol) in enumerate(self._symbols.items()):
            button = self._tool(GraphicKind.SYMBOL, key, symbol_name(symbol))
            grid.addWidget(button, 1 + place // _COLUMNS, place % _COLUMNS)
        house = QLabel(_("Symbols of this program; they follow no standard."))
        house.setProperty("faint", True)
        column.addLayout(grid)
        column.addLayout(button_row(house, None, self.snap))
        return column

    def _tool(self, kind: GraphicKind, key: str, words: str) -> QToolButton:
        button = QToolButton()
        button.setIconSize(QSize(26, 26))
        button.setIcon(self._icon(kind, key))
        button.setCheckable(True)
        button.setText(_on_two_lines(words))
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        font = button.font()
        font.setPixelSize(11)
        button.setFont(font)
        button.setSizePolicy(button.sizePolicy().Policy.Expanding, button.sizePolicy().Policy.Preferred)
        button.clicked.connect(partial(self._take, kind, key))
        self.tools[(kind, key)] = button
        return button

    def _icon(self, kind: GraphicKind, key: str) -> QIcon:
        symbol = self._symbols.get(key)
        mark = GraphicMark(
            id="",
            kind=kind,
            lon=0.0,
            lat=0.0,
            glyph=symbol_sign(symbol) if symbol else "",
            shape=symbol.shape if symbol else "",
            colour=symbol.colour if symbol else self.form.usual_colour(kind),
        )
        return QIcon(swatch(mark, is_dark(self.palette()), 26, self.devicePixelRatioF()))

    def _build_list(self) -> None:
        self.list.setObjectName("graphics")
        self.list.setHeaderLabels([_("What"), _("Incident"), _("Last by"), _("Age")])
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        self.list.setIconSize(QSize(22, 22))
        self.list.setAccessibleName(_("Graphics on the map"))
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, width in ((1, 130), (2, 120), (3, 96)):
            self.list.setColumnWidth(column, width)

    def _connect(self) -> None:
        self.form.changed.connect(self._look)
        self.end.clicked.connect(partial(self.hand.emit, "end"))
        self.cancel.clicked.connect(partial(self.hand.emit, "cancel"))
        self.back.clicked.connect(partial(self.hand.emit, "back"))
        self.place.returnPressed.connect(self._enter)
        self.snap.toggled.connect(self.snap_toggled)
        self.list.itemSelectionChanged.connect(self._choose)
        self.list.itemActivated.connect(self._show)
        self.archived.toggled.connect(self.archived_toggled)
        self.undo.clicked.connect(self.undo_wanted)
        self.redo.clicked.connect(self.redo_wanted)
        self.show_.clicked.connect(self._show)
        self.reshape.clicked.connect(self._reshape)
        self.change.clicked.connect(self._change)
        self.remove.clicked.connect(self._remove)
        menu = QMenu(self.files)
        menu.addAction(_("Take from GeoJSON or KML…"), self.import_wanted.emit)
        menu.addSeparator()
        for kind, words in (("geojson", "GeoJSON…"), ("kml", "KML…"), ("png", _("Picture of the map (PNG)…"))):
            menu.addAction(words, partial(self.export_wanted.emit, kind))
        menu.addSeparator()
        menu.addAction(_("Who drew and removed what…"), self.past_wanted.emit)
        self.files.setMenu(menu)

    def _keys(self) -> None:
        """Keys of the board; those of the hand on the map are the map's own."""
        for keys, act in (
            ("Ctrl+Z", self.undo_wanted.emit),
            ("Ctrl+Y", self.redo_wanted.emit),
            ("Ctrl+Shift+Z", self.redo_wanted.emit),
        ):
            action = QAction(self)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(act)
            self.addAction(action)
        for words, keys, act in ((_("Remove"), "Del", self._remove), (_("Corners"), "E", self._reshape)):
            action = QAction(words, self.list)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(act)
            self.list.addAction(action)

    # ---------------------------------------------------------------- what the officer does

    def _take(self, kind: GraphicKind, key: str) -> None:
        for tool, button in self.tools.items():
            button.setChecked(tool == (kind, key))
        symbol = self._symbols.get(key)
        self.form.show_kind(kind, key, symbol.colour if symbol else None)
        self.notice.hush()
        self.tool_chosen.emit(self.form.drawing())

    def _look(self) -> None:
        if self.cancel.isEnabled():
            self.look_changed.emit(self.form.drawing())

    def _enter(self) -> None:
        if self.place.text().strip():
            self.place_entered.emit(self.place.text())

    def _choose(self) -> None:
        ids = self.chosen_ids
        free = bool(ids) and not any(self._rows[i].mark.archived for i in ids if i in self._rows)
        self.show_.setEnabled(len(ids) == 1)
        self.reshape.setEnabled(len(ids) == 1 and free)
        self.change.setEnabled(len(ids) == 1 and free)
        self.remove.setEnabled(free)
        if len(ids) == 1:
            self.chosen.emit(ids[0])
        else:
            self.set_figures("")

    def _show(self) -> None:
        for identity in self.chosen_ids[:1]:
            self.shown.emit(identity)

    def _reshape(self) -> None:
        if self.reshape.isEnabled():
            self.reshape_wanted.emit(self.chosen_ids[0])

    def _change(self) -> None:
        if self.change.isEnabled():
            self.change_wanted.emit(self.chosen_ids[0], self.form.drawing())

    def _remove(self) -> None:
        if self.remove.isEnabled():
            self.remove_wanted.emit(self.chosen_ids)

    def _fill(self, item: QTreeWidgetItem | None, row: GraphicRow) -> None:
        if item is None:
            return
        mark = msgspec.structs.replace(row.mark, archived=False)
        item.setIcon(0, QIcon(swatch(mark, is_dark(self.palette()), 22, self.devicePixelRatioF())))
        title = _("{title} (archived)").format(title=row.title) if row.mark.archived else row.title
        for column, text in enumerate((title, row.incident, row.author, row.age)):
            item.setText(column, text)
            item.setToolTip(column, text)
        item.setData(0, _ID, row.mark.id)


def _on_two_lines(words: str) -> str:
    """Broken at the blank nearest its middle where it is long: Qt would cut it in the middle."""
    blanks = [place for place, letter in enumerate(words) if letter == " "]
    if not blanks or len(words) <= _LONGEST:
        return words
    place = min(blanks, key=lambda place: abs(place - len(words) / 2))
    return f"{words[:place]}\n{words[place + 1 :]}"
