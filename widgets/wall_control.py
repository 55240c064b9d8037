"""A wall driven from a desk: its miniature, and under it what lies on it, what is saved, and its rules."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from controlroom.domain.wall import TileKind
from controlroom.domain.wall_layout import LAYOUTS
from controlroom.i18n import _
from widgets.empty_words import EmptyWords
from widgets.look import mark
from widgets.tour_list import TourList
from widgets.wall_miniature import WallMiniature, kind_word

LEASES_S = (0, 60, 300, 900, 3600)
"""For good, and the lengths that are offered."""

_OF_LINE = "ofLine"
_ASKED = frozenset({TileKind.TEXT, TileKind.IMAGE, TileKind.WEB})


class Line(NamedTuple):
    """One line of a list: what it stands for, its text, and, of a rule, whether it is on."""

    id: str
    text: str
    is_on: bool | None = None


class WallControl(QWidget):
    """Knows nothing of the hub: it asks by signals and is shown what came of it."""

    wall_chosen = Signal(str)
    laid_out = Signal(int, str)
    """Screen and the name of a layout."""
    merge_wanted = Signal()
    split_wanted = Signal()
    content_wanted = Signal(object, str)
    """A TileKind for the chosen tile, and its text."""
    dwell_wanted = Signal(int)
    view_pushed = Signal()
    identify_wanted = Signal()
    clear_wanted = Signal()
    screen_added = Signal()
    screen_removed = Signal()
    push_ended = Signal(str)
    push_extended = Signal(str)
    matrix_saved = Signal(str, bool)
    """A name, and whether only the chosen screen is saved."""
    matrix_loaded = Signal(str)
    matrix_removed = Signal(str)
    rule_switched = Signal(str, bool)
    rule_wanted = Signal(str)
    """A rule to change; empty for a new one."""
    rule_removed = Signal(str)
    consented = Signal(bool)
    """The officer was told whose place it is: take it, or leave it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Wall control"))
        self.miniature = WallMiniature()
        self.walls = QComboBox()
        self.walls.setAccessibleName(_("Wall"))
        self.walls.setEditable(True)
        self.walls.setToolTip(_("A wall by its name; a new name makes a new wall"))
        self.walls.activated.connect(lambda _index: self.wall_chosen.emit(self.walls.currentText().strip()))
        self.lease = QComboBox()
        self.lease.setAccessibleName(_("How long"))
        for seconds in LEASES_S:
            self.lease.addItem(_lease_word(seconds), seconds)
        self.lease.setCurrentIndex(2)
        self.lease.setToolTip(_("How long what you put on the wall stays; then what was there comes back by itself"))
        self.question = QLabel()
        self.question.setWordWrap(True)
        self.question.setTextFormat(Qt.TextFormat.PlainText)
        self.take = _button(_("Put it there anyway"), lambda: self._answer(True))
        self.leave = _button(_("Leave it"), lambda: self._answer(False))
        self.pushes, self.matrices, self.rules = QListWidget(), QListWidget(), QListWidget()
        self.tours = TourList()
        self.rules.itemChanged.connect(self._switched)
        self._filling = False
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(4)
        column.addLayout(self._top())
        self._asking = QWidget()
        asking = QHBoxLayout(self._asking)
        asking.setContentsMargins(4, 2, 4, 2)
        asking.addWidget(self.question, 1)
        asking.addWidget(self.take)
        asking.addWidget(self.leave)
        mark(self._asking, warning=True)
        self._asking.hide()
        column.addWidget(self._asking)
        column.addWidget(self.miniature, 3)
        column.addLayout(self._tools())
        column.addWidget(self._lists(), 2)
        self.setFocusProxy(self.miniature)

    @property
    def lease_s(self) -> int:
        """How long what is put on the wall now stays; 0 for good."""
        return int(self.lease.currentData())

    def ask(self, sentence: str) -> None:
        """Tell that another seat holds the place and wait for an answer; an empty sentence takes the question away."""
        self.question.setText(sentence)
        self._asking.setVisible(bool(sentence))
        if sentence:
            self.take.setFocus()

    def show_walls(self, names: Sequence[str], chosen: str) -> None:
        """The walls that are known."""
        if [self.walls.itemText(k) for k in range(self.walls.count())] != list(names):
            self.walls.clear()
            self.walls.addItems(list(names))
        self.walls.setCurrentText(chosen)

    def show_lists(self, pushes: Sequence[Line], matrices: Sequence[Line], rules: Sequence[Line]) -> None:
        """What lies on the wall, what is saved, and the rules."""
        self._filling = True
        for view, lines in ((self.pushes, pushes), (self.matrices, matrices), (self.rules, rules)):
            _fill(view, lines)
        self._filling = False
        self._tabs.setTabText(0, _("On the wall now ({count})").format(count=len(pushes)))

    # ---- parts

    def _top(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(self.walls, 1)
        row.addWidget(self.lease, 1)
        row.addWidget(
            _button(_("Push my view"), self.view_pushed.emit, _("Puts what the wall on this desk shows here"))
        )
        row.addWidget(_button(_("Identify"), self.identify_wanted.emit, _("Every screen shows its number")))
        row.addWidget(_button(_("Clear"), self.clear_wanted.emit, _("Empties the chosen screen")))
        return row

    def _tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        layout, content, screen = QMenu(self), QMenu(self), QMenu(self)
        for name in LAYOUTS:
            layout.addAction(name, partial(self._lay_out, name))
        layout.addSeparator()
        layout.addAction(_("Merge the marked tiles, or with the one beside"), self.merge_wanted.emit)
        layout.addAction(_("Split in four"), self.split_wanted.emit)
        for kind in TileKind:
            if kind not in (TileKind.CAMERA, TileKind.CAROUSEL):
                content.addAction(kind_word(kind), partial(self._content, kind))
        content.addSeparator()
        content.addAction(_("Dwell of the tour…"), self._dwell)
        screen.addAction(_("Add a screen"), self.screen_added.emit)
        screen.addAction(_("Remove the chosen screen"), self.screen_removed.emit)
        for title, menu in ((_("Layout"), layout), (_("Content"), content), (_("Screens"), screen)):
            button = QToolButton()
            button.setText(title)
            button.setMenu(menu)
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            row.addWidget(button)
        hint = QLabel(_("Drag cameras here, or Enter for the chosen camera; several make a tour"))
        hint.setProperty("faint", True)
        hint.setMinimumWidth(60)
        hint.setWordWrap(True)
        hint.setToolTip(_("Drag with Shift, or Shift and arrows, marks several tiles: Layout merges or splits them"))
        row.addWidget(hint, 1)
        return row

    def _lists(self) -> QTabWidget:
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        pushed = (
            _of_line(_button(_("Take away"), lambda: _each(self.pushes, self.push_ended.emit))),
            _of_line(_button(_("Keep it longer"), lambda: _each(self.pushes, self.push_extended.emit))),
        )
        saved = (
            _of_line(_button(_("Show"), lambda: _each(self.matrices, self.matrix_loaded.emit))),
            _button(_("Save the wall…"), lambda: self._save(False)),
            _button(_("Save the screen…"), lambda: self._save(True)),
            _of_line(_button(_("Remove"), lambda: _each(self.matrices, self.matrix_removed.emit))),
        )
        ruled = (
            _button(_("New…"), lambda: self.rule_wanted.emit("")),
            _of_line(_button(_("Change…"), lambda: _each(self.rules, self.rule_wanted.emit))),
            _of_line(_button(_("Remove"), lambda: _each(self.rules, self.rule_removed.emit))),
        )
        self.matrices.itemActivated.connect(lambda item: self.matrix_loaded.emit(item.data(Qt.ItemDataRole.UserRole)))
        for title, view, buttons, empty in (
            (_("On the wall now"), self.pushes, pushed, _("Nothing was put on this wall")),
            (_("Saved states"), self.matrices, saved, _("No state of this wall is saved")),
            (_("Rules"), self.rules, ruled, _("No rule acts on this wall")),
        ):
            page = QWidget()
            column = QVBoxLayout(page)
            column.setContentsMargins(0, 2, 0, 0)
            view.setAccessibleName(title)
            acting = tuple(button for button in buttons if button.property(_OF_LINE))
            _allow(view, acting)
            view.currentRowChanged.connect(partial(_allow, view, acting))
            view.setWordWrap(True)
            view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            EmptyWords(view, empty)
            column.addWidget(view, 1)
            row = QHBoxLayout()
            for button in buttons:
                row.addWidget(button)
            row.addStretch(1)
            column.addLayout(row)
            self._tabs.addTab(page, title)
        self._tabs.addTab(self.tours, _("Tours"))
        return self._tabs

    # ---- what the officer does

    def _answer(self, is_taken: bool) -> None:
        self.ask("")
        self.consented.emit(is_taken)
        self.miniature.setFocus()

    def _lay_out(self, name: str) -> None:
        self.laid_out.emit(self.miniature.chosen[0], name)

    def _content(self, kind: TileKind) -> None:
        text, done = "", True
        if kind in _ASKED:
            prompts = {
                TileKind.TEXT: _("The text"),
                TileKind.IMAGE: _("Name of a picture file on the wall's machine"),
                TileKind.WEB: _("Address of the page"),
            }
            text, done = QInputDialog.getText(self, kind_word(kind), prompts[kind])
        if done and (text.strip() or kind not in _ASKED):
            self.content_wanted.emit(kind, text.strip()[:400])

    def _dwell(self) -> None:
        seconds, done = QInputDialog.getInt(self, _("Tour"), _("Seconds at each camera"), 10, 3, 3600)
        if done:
            self.dwell_wanted.emit(seconds)

    def _save(self, is_partial: bool) -> None:
        name, done = QInputDialog.getText(self, _("Save what the wall shows"), _("Name"))
        if done and name.strip():
            self.matrix_saved.emit(name.strip()[:80], is_partial)

    def _switched(self, item: QListWidgetItem) -> None:
        if not self._filling:
            is_on = item.checkState() is Qt.CheckState.Checked
            self.rule_switched.emit(item.data(Qt.ItemDataRole.UserRole), is_on)


def _lease_word(seconds: int) -> str:
    return _("For {minutes} min").format(minutes=seconds // 60) if seconds else _("For good")


def _button(text: str, pressed: Callable[[], object], tip: str = "") -> QPushButton:
    button = QPushButton(text)
    button.clicked.connect(lambda _checked=False: pressed())
    button.setToolTip(tip)
    return button


def _each(view: QListWidget, act: Callable[[str], object]) -> None:
    """Do something with the line that is current."""
    item = view.currentItem()
    if item is not None:
        act(item.data(Qt.ItemDataRole.UserRole))


def _of_line(button: QPushButton) -> QPushButton:
    """A button that acts on the line that is current."""
    button.setProperty(_OF_LINE, True)
    return button


def _allow(view: QListWidget, buttons: Sequence[QPushButton], _row: int = 0) -> None:
    for button in buttons:
        button.setEnabled(view.currentItem() is not None)


def _fill(view: QListWidget, lines: Sequence[Line]) -> None:
    """Show lines; where they are the same ones only their words change, so that the current line stays."""
    ids = [view.item(k).data(Qt.ItemDataRole.UserRole) for k in range(view.count())]
    if ids != [line.id for line in lines]:
        view.clear()
        for line in lines:
            item = QListWidgetItem()
            item.setData(Qt.ItemDataRole.UserRole, line.id)
            view.addItem(item)
    for k, line in enumerate(lines):
        item = view.item(k)
        if item.text() != line.text:
            item.setText(line.text)
        if line.is_on is not None:
            state = Qt.CheckState.Checked if line.is_on else Qt.CheckState.Unchecked
            if item.data(Qt.ItemDataRole.CheckStateRole) is None or item.checkState() is not state:
                item.setCheckState(state)
