"""The guard tours of the room in a list: put one on a tile, let it stand, go on or step, change it."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from controlroom.domain.tour import TourStep
from controlroom.i18n import _
from widgets.empty_words import EmptyWords


class TourLine(NamedTuple):
    """One tour: its text tells where it is, whose it is and who let it stand."""

    id: str
    text: str
    is_paused: bool


class TourList(QWidget):
    """Asks by signals and is shown what came of it. Space lets a tour stand or go on, Enter puts it on the tile."""

    put_wanted = Signal(str)
    """Show this tour on the chosen tile."""
    stepped = Signal(str, str)
    """A tour and a TourStep."""
    edit_wanted = Signal(str)
    """A tour to change; empty for a new one."""
    removed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[TourLine] = []
        self.rows = QListWidget()
        self.rows.setAccessibleName(_("Tours"))
        self.rows.setWordWrap(True)
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        EmptyWords(self.rows, _("No tour yet: “New…” makes one"))
        self.rows.currentRowChanged.connect(self._judge)
        self.rows.itemActivated.connect(lambda _item: self._with_current(self.put_wanted.emit))
        self.put = _button(_("Show here"), partial(self._with_current, self.put_wanted.emit))
        self.put.setToolTip(_("Shows the tour on the chosen tile"))
        self.pause = _button(_("Pause"), self._pause)
        self.previous = _button("◀", partial(self._step, TourStep.PREVIOUS))
        self.previous.setAccessibleName(_("Previous stop"))
        self.next = _button("▶", partial(self._step, TourStep.NEXT))
        self.next.setAccessibleName(_("Next stop"))
        for button in (self.previous, self.next):
            button.setToolTip(button.accessibleName())
        self.new = _button(_("New…"), lambda: self.edit_wanted.emit(""))
        self.change = _button(_("Change…"), partial(self._with_current, self.edit_wanted.emit))
        self.remove = _button(_("Remove"), partial(self._with_current, self.removed.emit))
        row = QHBoxLayout()
        for button in (self.put, self.pause, self.previous, self.next, self.new, self.change, self.remove):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 0)
        column.addWidget(self.rows, 1)
        column.addLayout(row)
        self._judge()

    def show_tours(self, lines: Sequence[TourLine]) -> None:
        """The tours of the room; where they are the same ones only their words change."""
        if [line.id for line in lines] != [line.id for line in self._lines]:
            current = self.current()
            self.rows.clear()
            for line in lines:
                item = QListWidgetItem(line.text)
                item.setData(Qt.ItemDataRole.UserRole, line.id)
                self.rows.addItem(item)
            place = next((k for k, line in enumerate(lines) if line.id == current), 0 if lines else -1)
            self.rows.setCurrentRow(place)
        for k, line in enumerate(lines):
            if self.rows.item(k).text() != line.text:
                self.rows.item(k).setText(line.text)
        self._lines = list(lines)
        self._judge()

    def current(self) -> str:
        """The id of the chosen tour, empty without one."""
        item = self.rows.currentItem()
        return str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else ""

    def _line(self) -> TourLine | None:
        return next((line for line in self._lines if line.id == self.current()), None)

    def _with_current(self, act: Callable[[str], object]) -> None:
        if self.current():
            act(self.current())

    def _pause(self) -> None:
        line = self._line()
        if line is not None:
            self._step(TourStep.GO_ON if line.is_paused else TourStep.PAUSE)

    def _step(self, step: TourStep) -> None:
        if self.current():
            self.stepped.emit(self.current(), step.value)

    def _judge(self, _row: int = 0) -> None:
        line = self._line()
        for button in (self.put, self.pause, self.previous, self.next, self.change, self.remove):
            button.setEnabled(line is not None)
        self.pause.setText(_("Go on") if line is not None and line.is_paused else _("Pause"))


def _button(text: str, pressed: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.clicked.connect(lambda _checked=False: pressed())
    return button
