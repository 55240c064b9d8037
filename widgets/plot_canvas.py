"""The drawing area of a plot panel: paints the charts and tells what the mouse wants of them."""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFont, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from widgets.plot_chart import Chart, PlotState
from widgets.plot_curve import Curve
from widgets.plot_frame import Range
from widgets.plot_layers import note_box
from widgets.plot_picture import PlotPicture

_RUBBER_PX = 6.0
_TALL_PX = 24.0
_WHEEL_FACTOR = 0.8
_WHEEL_SHARE = 0.1


class PlotCanvas(QWidget):
    """Charts of curves. It is told when to redraw and never redraws curves by itself.

    Drag: a rubber band to zoom; with the middle button, Ctrl or Shift: move in time. Wheel: zoom at the mouse;
    with Shift or sideways: move in time. Double click: automatic ranges. `charge` is told what painting cost.
    """

    pointed = Signal(object)
    """The time under the mouse (aware UTC), or None when the mouse left."""
    fixed = Signal(object)
    """The officer clicked at this time (aware UTC): differences are told from there."""
    panned = Signal(float)
    """Move by so many seconds."""
    zoomed = Signal(float, float)
    """At this time (seconds since 1970 UTC), show this times as much time."""
    banded = Signal(float, float, object)
    """A rubber band was drawn: from, to (seconds since 1970 UTC), and ranges by unit where it was tall."""
    gesture_ended = Signal()
    """A drag or a turn of the wheel is over."""
    released = Signal()
    """Automatic ranges are wanted again."""
    note_activated = Signal(str)
    """The words of this annotation were double clicked."""
    menu_wanted = Signal(object, object)
    """The context menu is wanted at a QPoint of the screen, over this time (aware UTC or None)."""

    def __init__(self, charge: Callable[[float], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._charge = charge
        self.picture = PlotPicture(self.palette(), self._small_font())
        self._state: PlotState | None = None
        self._pressed: QPointF | None = None
        self._moving: float | None = None
        self._rubber: QRectF | None = None
        self._mouse_x: float | None = None
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(60)

    @property
    def charts(self) -> Sequence[Chart]:
        """The charts from top to bottom."""
        return self.picture.charts

    @property
    def columns(self) -> int:
        """How many columns of pixels the time axis has."""
        laid_out = self.picture.grid.columns > 1
        return self.picture.grid.columns if laid_out else max(self.width(), 1)

    def set_curves(self, curves: Iterable[Curve], together: bool = False) -> None:
        """Show these curves, one chart for each unit or all in one."""
        self.picture.set_curves(list(curves), together)

    def choose(self, sensor_id: str) -> None:
        """The sensor whose limits are drawn."""
        self.picture.choose(sensor_id)

    def redraw(self, state: PlotState) -> None:
        """Draw everything as of now and have it painted."""
        self._state = state
        self.picture.update(state, QRectF(self.rect()))
        self.picture.draw(state, self.devicePixelRatioF())
        if self._mouse_x is not None and state.live and self._moving is None:
            # The mouse stands still, the time below it does not.
            self._tell_time(self._mouse_x)
        self.update()

    def point(self, cursor_s: float | None, reference_s: float | None) -> None:
        """Move the cursors without drawing the curves again."""
        for chart in self.charts:
            chart.point(cursor_s, reference_s)
        self.update()

    def recolour(self) -> None:
        """Take the colours of the palette again."""
        self.picture.recolour(self.palette(), self._small_font())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint and tell what it cost."""
        began = time.perf_counter()
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Base))
        self.picture.paint(painter)
        if self._rubber is not None:
            colour = self.palette().color(QPalette.ColorRole.Highlight)
            painter.setPen(QPen(colour, 1))
            painter.drawRect(self._rubber)
            colour.setAlpha(50)
            painter.fillRect(self._rubber, colour)
        painter.end()
        self._charge(time.perf_counter() - began)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a rubber band or a move in time."""
        moves = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        if event.button() is Qt.MouseButton.MiddleButton or (event.button() is Qt.MouseButton.LeftButton and moves):
            self._moving = event.position().x()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() is Qt.MouseButton.LeftButton:
            self._pressed = event.position()
        event.ignore()  # the panel takes the focus

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the time under the mouse; go on with a band or a move."""
        at = event.position()
        if self._moving is not None:
            columns = round(at.x() - self._moving)
            if columns:
                self._moving += columns
                self.panned.emit(-columns * self.picture.grid.width_s)
            return
        if self._pressed is not None and abs(at.x() - self._pressed.x()) > _RUBBER_PX:
            self._rubber = self._band(self._pressed, at)
            self.update()
        self._mouse_x = at.x()
        self._tell_time(at.x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a band or a move; a click sets the reference."""
        if self._moving is not None:
            self._moving = None
            self.unsetCursor()
            self.gesture_ended.emit()
            return
        pressed, rubber = self._pressed, self._rubber
        self._pressed = self._rubber = None
        if event.button() is not Qt.MouseButton.LeftButton or pressed is None:
            return
        if rubber is not None:
            start_s, end_s = self.picture.time_at(rubber.left()), self.picture.time_at(rubber.right())
            if start_s is not None and end_s is not None and end_s > start_s:
                self.banded.emit(start_s, end_s, self._ranges(rubber))
            self.update()
            return
        at_s = self.picture.time_at(pressed.x())
        if at_s is not None:
            self.fixed.emit(datetime.fromtimestamp(at_s, UTC))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open a note, or go back to automatic ranges."""
        self._pressed = None
        note = self.note_at(event.position())
        if note:
            self.note_activated.emit(note)
        else:
            self.released.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the mouse or move in time."""
        turned = event.angleDelta()
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        sideways = turned.x() if abs(turned.x()) > abs(turned.y()) else (turned.y() if shifted else 0)
        grid = self.picture.grid
        if not self.charts:
            return
        if sideways:
            columns = round(grid.columns * _WHEEL_SHARE * -sideways / 120)
            self.panned.emit(columns * grid.width_s)
        elif turned.y():
            x = min(max(event.position().x(), self.picture.area.left()), self.picture.area.right())
            at_s = grid.time_s(x - self.picture.area.left())
            self.zoomed.emit(at_s, _WHEEL_FACTOR ** (turned.y() / 120))
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of this place."""
        at_s = self.picture.time_at(event.pos().x())
        self.menu_wanted.emit(event.globalPos(), None if at_s is None else datetime.fromtimestamp(at_s, UTC))

    def leaveEvent(self, event: QEvent) -> None:
        """The cursor goes with the mouse."""
        self._mouse_x = None
        self.pointed.emit(None)
        super().leaveEvent(event)

    def note_at(self, at: QPointF) -> str:
        """The annotation whose words stand at a place; empty without one."""
        for chart in self.charts:
            for number, note in enumerate(chart.scene.notes):
                if note_box(chart.frame, chart.scene, number).contains(at):
                    return note.id
        return ""

    def cancel_band(self) -> bool:
        """Take a rubber band away that is being drawn; False without one."""
        held = self._rubber is not None
        self._pressed = self._rubber = None
        self.update()
        return held

    def _tell_time(self, x: float) -> None:
        at_s = self.picture.time_at(x)
        self.pointed.emit(None if at_s is None else datetime.fromtimestamp(at_s, UTC))

    def _band(self, start: QPointF, end: QPointF) -> QRectF:
        area, chart = self.picture.area, self.picture.chart_at(start.y())
        left, right = sorted((start.x(), end.x()))
        left, right = max(left, area.left()), min(right, area.right())
        if chart is None or abs(end.y() - start.y()) < _TALL_PX:
            return QRectF(left, area.top(), right - left, area.height())
        top, bottom = sorted((start.y(), end.y()))
        own = chart.frame.area
        top, bottom = max(top, own.top()), min(bottom, own.bottom())
        return QRectF(left, top, right - left, bottom - top)

    def _ranges(self, rubber: QRectF) -> dict[str, Range]:
        """The ranges of the chart in which a tall band was drawn."""
        if rubber.height() >= self.picture.area.height():
            return {}
        chart = self.picture.chart_at(rubber.center().y())
        if chart is None:
            return {}
        frame, ranges = chart.frame, chart.scene.ranges
        return {
            unit: (frame.value(rubber.bottom(), ranges[unit]), frame.value(rubber.top(), ranges[unit]))
            for unit in chart.units
        }

    def _small_font(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(max(font.pointSizeF() * 0.9, 7.0))
        return font
