"""A table view in which nothing moves under the cursor: rows are followed by key, and the scrolling makes up for it."""

from typing import Protocol

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QCursor, QFocusEvent, QFontMetrics, QPainter, QPalette, QWheelEvent
from PySide6.QtWidgets import QTableView, QWidget

from controlroom.i18n import _n

_MARGIN = 6


class Keyed(Protocol):
    """A model whose rows have keys."""

    def row(self, key: str) -> int:
        """The row of a key, -1 when it is not listed."""

    def key(self, row: int) -> str:
        """The key of a row."""

    def rowCount(self) -> int:
        """How many rows there are."""


class StillRows(QTableView):
    """Holds still the row that the pointer rests on, or the current one while the keyboard is here.

    Whoever inherits tells `_current_row`, connects `hold` and `settle` to changes of the order, paints `passed`.
    All rows have the vertical header's default height.
    """

    def __init__(self, keyed: Keyed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keyed = keyed
        self._slack = 0, 0
        self._held: list[tuple[str, int]] = []
        self._pinned = False
        self._passed = 0

    def _current_row(self) -> int:
        """The row that the keyboard is on, or -1."""
        return self.currentIndex().row()

    def hold(self) -> None:
        """Before the order changes: remember what must not move, and those below it should it go away.

        That is the row under the pointer, else the current row where the keyboard is; with neither, the list is free
        and new alarms come in at its top.
        """
        self._held = []
        if not self.isVisible():
            return
        row = self._current_row() if self.hasFocus() else -1
        if self._pointed():
            row = self.rowAt(self.viewport().mapFromGlobal(QCursor.pos()).y())
        height = self.verticalHeader().defaultSectionSize()
        first = row * height - self.verticalOffset()
        if row < 0 or not -height < first < self.viewport().height():
            return
        shown = range(row, min(row + self.viewport().height() // height + 1, self._keyed.rowCount()))
        self._held = [(self._keyed.key(number), number * height - self.verticalOffset()) for number in shown]

    def _pointed(self) -> bool:
        view = self.viewport()
        return view.underMouse() and view.rect().contains(view.mapFromGlobal(QCursor.pos()))

    def settle(self) -> None:
        """After it: scroll so that the held row is where it was, beyond the ends of the list if that must be."""
        height = self.verticalHeader().defaultSectionSize()
        found = ((self._keyed.row(key), top) for key, top in self._held)
        row, top = next(((row, top) for row, top in found if row >= 0), (-1, 0))
        if row < 0:
            return
        bar = self.verticalScrollBar()
        if not self._pinned and bar.value() <= 0:
            self._pinned = True  # the list was at its top: it goes back there once it is let go
            self._passed = 0
        wanted = row * height - top
        most = max(0, self._keyed.rowCount() * height - self.viewport().height())
        self._passed += max(0, (wanted - bar.value()) // height)
        self._slack = max(0, -wanted), max(0, wanted - most)
        self.updateGeometries()
        bar.setValue(wanted)

    def updateGeometries(self) -> None:
        """Qt's own range of scrolling, and what is needed beyond it to keep a row where it is."""
        bar = self.verticalScrollBar()
        value = bar.value()
        super().updateGeometries()
        before, behind = self.__dict__.get("_slack", (0, 0))  # Qt asks before the constructor has ended
        if before or behind:
            bar.setRange(-before, bar.maximum() + behind)
            bar.setValue(value)

    def let_go(self) -> None:
        """The pointer or the keyboard has left: end beyond the ends, go back to the top if the list was there."""
        if self._pointed() or not (self._pinned or any(self._slack)):
            return
        self._slack = 0, 0
        self._passed = 0
        self.updateGeometries()
        if self._pinned:
            self.verticalScrollBar().setValue(0)
        self._pinned = False
        self.viewport().update()

    @property
    def passed(self) -> int:
        """How many rows came in above while the list was held, and were not looked at yet."""
        return self._passed if self.verticalOffset() > 0 else 0

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer has left."""
        super().leaveEvent(event)
        if not self.hasFocus():
            self.let_go()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The keyboard has left."""
        super().focusOutEvent(event)
        self.let_go()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The officer scrolls: the list stays where he puts it."""
        self._pinned = False
        super().wheelEvent(event)

    def paint_passed(self, painter: QPainter) -> None:
        """Say that there is more above the first row."""
        if not self.passed:
            return
        text = _n("▲ {count} new row above (Home)", "▲ {count} new rows above (Home)", self.passed).format(
            count=self.passed
        )
        metrics = QFontMetrics(self.font())
        width = metrics.horizontalAdvance(text) + 4 * _MARGIN
        box = QRect((self.viewport().width() - width) // 2, 2, width, metrics.height() + _MARGIN)
        painter.fillRect(box, self.palette().color(QPalette.ColorRole.Highlight))
        painter.setPen(self.palette().color(QPalette.ColorRole.HighlightedText))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
