"""Where a chart is painted: by the plots' one paint clock, with what is pointed at in words, by mouse and keys."""

import time

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from widgets.chart_sheet import ChartLook, ChartSheet, Spot
from widgets.plot_scheduler import PlotScheduler

_MARGIN_PX = 6.0
_STEPS = {
    Qt.Key.Key_Left: QPointF(-1, 0),
    Qt.Key.Key_Right: QPointF(1, 0),
    Qt.Key.Key_Up: QPointF(0, -1),
    Qt.Key.Key_Down: QPointF(0, 1),
}


class ChartCanvas(QWidget):
    """Shows one sheet. Arrows go from spot to spot, Enter or a click opens what the spot belongs to."""

    pointed = Signal(str)
    """What lies under the pointer or the keys' mark, in words; empty where nothing does."""
    chosen = Signal(str)
    """The target of a spot that was clicked or entered."""

    def __init__(self, scheduler: PlotScheduler, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scheduler = scheduler
        self._sheet: ChartSheet | None = None
        self._empty = ""
        self._faded = False
        self._spots: list[Spot] = []
        self._at = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(320, 220)

    @property
    def sheet(self) -> ChartSheet | None:
        """What is shown."""
        return self._sheet

    @property
    def spots(self) -> list[Spot]:
        """What could be pointed at in the last picture."""
        return self._spots

    def show_sheet(self, sheet: ChartSheet | None, empty: str = "", *, faded: bool = False) -> None:
        """Paint this at the next turn; without a sheet the words `empty`. `faded` tells that it is not up to date."""
        self._sheet, self._empty, self._faded = sheet, empty, faded
        self._scheduler.ask(self, self.redraw)

    @property
    def look(self) -> ChartLook:
        """The colours and font it is painted with."""
        return ChartLook(self.palette(), self.font())

    def repaint_soon(self) -> None:
        """What the sheet shows has gone on: paint it at the next turn."""
        self._scheduler.ask(self, self.redraw)

    def redraw(self) -> None:
        """Paint now; the scheduler calls this when it is this chart's turn."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The sheet, or why there is none; the keys' mark over it."""
        began = time.perf_counter()
        painter = QPainter(self)
        look = self.look
        painter.fillRect(self.rect(), look.ground)
        painter.setFont(look.font)
        area = self.rect().toRectF().adjusted(_MARGIN_PX, _MARGIN_PX, -_MARGIN_PX, -_MARGIN_PX)
        if self._sheet is None:
            painter.setPen(look.faint)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty)
            self._spots = []
        else:
            painter.setOpacity(0.55 if self._faded else 1.0)
            self._spots = self._sheet.paint(painter, area, look)
            painter.setOpacity(1.0)
        if self.hasFocus() and 0 <= self._at < len(self._spots):
            painter.setPen(QPen(look.text, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._spots[self._at].box)
        painter.end()
        self._scheduler.charge(time.perf_counter() - began)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what lies under the pointer."""
        spot = self._under(event.position())
        self.pointed.emit(spot.words if spot else "")
        opens = spot is not None and bool(spot.target)
        self.setCursor(Qt.CursorShape.PointingHandCursor if opens else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open what was clicked."""
        spot = self._under(event.position())
        if spot is not None and event.button() == Qt.MouseButton.LeftButton:
            self._mark(self._spots.index(spot))
            if spot.target:
                self.chosen.emit(spot.target)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go to the nearest spot on that side, Home and End to the first and last, Enter opens it."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and 0 <= self._at < len(self._spots):
            if self._spots[self._at].target:
                self.chosen.emit(self._spots[self._at].target)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and self._spots:
            self._mark(0 if key == Qt.Key.Key_Home else len(self._spots) - 1)
        elif key in _STEPS and self._spots:
            self._mark(self._beside(_STEPS[Qt.Key(key)]))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size is painted anew."""
        super().resizeEvent(event)
        self._scheduler.ask(self, self.redraw)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.update()

    def _under(self, at: QPointF) -> Spot | None:
        return next((spot for spot in reversed(self._spots) if spot.box.contains(at)), None)

    def _mark(self, place: int) -> None:
        self._at = place
        if 0 <= place < len(self._spots):
            self.pointed.emit(self._spots[place].words)
        self.update()

    def _beside(self, step: QPointF) -> int:
        """The spot whose middle is nearest on a side of the marked one; the first where none is marked."""
        if not 0 <= self._at < len(self._spots):
            return 0
        here, best, nearest = self._spots[self._at].box.center(), self._at, float("inf")
        for place, spot in enumerate(self._spots):
            way = spot.box.center() - here
            ahead = way.x() * step.x() + way.y() * step.y()
            aside = abs(way.x() * step.y()) + abs(way.y() * step.x())
            if ahead > 0.5 and ahead + 3.0 * aside < nearest:
                best, nearest = place, ahead + 3.0 * aside
        return best
