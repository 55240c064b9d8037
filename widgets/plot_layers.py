"""What is painted around curves in pixels: limits and their bands, what is stale, alarm marks and the cursor."""

from dataclasses import dataclass, field
from typing import Protocol

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPalette, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from controlroom.domain.severity import Severity
from widgets.severity import blend, is_dark, paint_symbol, severity_colour

_BAND_OPACITY = 0.13
_MARK_PX = 12.0


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit in a chart: values on its far side are abnormal."""

    value: float
    above: bool
    severity: Severity
    label: str


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a curve that has no live value any more: from its last point (x in seconds before now, y) to now."""

    x: float
    y: float
    colour: QColor


@dataclass(frozen=True, slots=True)
class AlarmMark:
    """An alarm at a time (x in seconds before now)."""

    x: float
    severity: Severity
    active: bool


@dataclass(slots=True)
class Scene:
    """Everything that the layers of one chart paint; x in seconds before now, y in the chart's unit."""

    palette: QPalette
    font: QFont
    x_range: tuple[float, float] = (-300.0, 0.0)
    y_range: tuple[float, float] = (0.0, 1.0)
    grid: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())
    limits: tuple[LimitLine, ...] = ()
    stale_from: float | None = None
    stale_text: str = ""
    tails: tuple[Tail, ...] = ()
    marks: tuple[AlarmMark, ...] = ()
    cursor: float | None = None
    cursor_points: tuple[Tail, ...] = field(default=())


class Frame(Protocol):
    """The area that the layers fill, such as a pyqtgraph ViewBox."""

    def rect(self) -> QRectF:
        """Its place in its own pixels."""


class _Layer(QGraphicsItem):
    """A child of the view that paints in its pixels and fills it."""

    def __init__(self, frame: Frame, scene: Scene) -> None:
        super().__init__(frame)  # type: ignore[arg-type]  # a ViewBox is a graphics item, untyped
        self._frame = frame
        self.state = scene
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def boundingRect(self) -> QRectF:
        return self._frame.rect()

    def _x(self, value: float) -> float:
        area, (low, high) = self._frame.rect(), self.state.x_range
        return area.left() + (value - low) / (high - low) * area.width()

    def _y(self, value: float) -> float:
        area, (low, high) = self._frame.rect(), self.state.y_range
        return area.bottom() - (value - low) / (high - low) * area.height()


class GroundLayer(_Layer):
    """Below the curves: bands beyond the limits, hatching over the time of which nothing is known."""

    def __init__(self, frame: Frame, scene: Scene) -> None:
        super().__init__(frame, scene)
        self.setZValue(-50.0)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paint bands and hatching."""
        area, state = self._frame.rect(), self.state
        dark, base = is_dark(state.palette), state.palette.color(QPalette.ColorRole.Base)
        for above in (True, False):
            side = sorted((line for line in state.limits if line.above is above), key=lambda line: line.severity)
            edge = area.top() if above else area.bottom()
            for line in side:
                colour = severity_colour(line.severity, dark)
                colour.setAlphaF(_BAND_OPACITY)
                until = min(max(self._y(line.value), area.top()), area.bottom())
                painter.fillRect(QRectF(area.left(), min(edge, until), area.width(), abs(until - edge)), colour)
                edge = until
        painter.setPen(QPen(blend(base, state.palette.color(QPalette.ColorRole.Mid), 0.35), 1))
        for x in state.grid[0]:
            at = round(self._x(x)) + 0.5
            painter.drawLine(QLineF(at, area.top(), at, area.bottom()))
        for y in state.grid[1]:
            at = round(self._y(y)) + 0.5
            painter.drawLine(QLineF(area.left(), at, area.right(), at))
        if state.stale_from is not None:
            left = max(self._x(state.stale_from), area.left())
            band = QRectF(left, area.top(), max(self._x(0.0) - left, 0.0), area.height())
            hatch = QColor(state.palette.color(QPalette.ColorRole.PlaceholderText))
            hatch.setAlpha(90)
            painter.fillRect(band, QBrush(hatch, Qt.BrushStyle.BDiagPattern))


class FrontLayer(_Layer):
    """Above the curves: lines and words of the limits, tails of stale curves, alarms, the cursor."""

    def __init__(self, frame: Frame, scene: Scene) -> None:
        super().__init__(frame, scene)
        self.setZValue(50.0)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paint lines, marks and words."""
        painter.setFont(self.state.font)
        self._paint_limits(painter)
        self._paint_marks(painter)
        self._paint_tails(painter)
        self._paint_stale_text(painter)
        self._paint_cursor(painter)

    def _paint_limits(self, painter: QPainter) -> None:
        area, dark = self._frame.rect(), is_dark(self.state.palette)
        metrics = QFontMetricsF(self.state.font)
        backing = QColor(self.state.palette.color(QPalette.ColorRole.Base))
        backing.setAlpha(190)
        taken: list[QRectF] = []
        for line in sorted(self.state.limits, key=lambda line: line.severity):
            y = round(self._y(line.value)) + 0.5
            if not area.top() <= y <= area.bottom():
                continue
            colour = severity_colour(line.severity, dark)
            painter.setPen(QPen(colour, 1, Qt.PenStyle.DashLine))
            painter.drawLine(QLineF(area.left(), y, area.right(), y))
            height = metrics.height()
            top = y - height if line.above else y
            box = QRectF(area.left() + 4, top, height + metrics.horizontalAdvance(line.label) + 6, height)
            if box.top() < area.top() or box.bottom() > area.bottom() or any(box.intersects(other) for other in taken):
                continue
            taken.append(box)
            painter.fillRect(box, backing)
            paint_symbol(painter, QRectF(box.left(), box.top() + 1, height - 2, height - 2), line.severity, dark=dark)
            painter.setPen(colour)
            painter.drawText(QPointF(box.left() + height + 2, box.top() + metrics.ascent()), line.label)

    def _paint_marks(self, painter: QPainter) -> None:
        area, dark = self._frame.rect(), is_dark(self.state.palette)
        for mark in self.state.marks:
            x = round(self._x(mark.x)) + 0.5
            if not area.left() <= x <= area.right():
                continue
            colour = severity_colour(mark.severity, dark)
            painter.setPen(QPen(colour, 1, Qt.PenStyle.SolidLine if mark.active else Qt.PenStyle.DotLine))
            painter.drawLine(QLineF(x, area.top() + _MARK_PX, x, area.bottom()))
            box = QRectF(x - _MARK_PX / 2 - 1, area.top(), _MARK_PX + 2, _MARK_PX + 2)
            paint_symbol(painter, box, mark.severity, dark=dark)

    def _paint_tails(self, painter: QPainter) -> None:
        for tail in self.state.tails:
            x, y, now = self._x(tail.x), self._y(tail.y), self._x(0.0)
            painter.setPen(QPen(tail.colour, 1, Qt.PenStyle.DotLine))
            painter.drawLine(QLineF(max(x, self._frame.rect().left()), y, now, y))
            painter.setPen(QPen(tail.colour, 1))
            painter.drawEllipse(QPointF(x, y), 3.0, 3.0)

    def _paint_stale_text(self, painter: QPainter) -> None:
        if not self.state.stale_text:
            return
        metrics = QFontMetricsF(self.state.font)
        area, width = self._frame.rect(), metrics.horizontalAdvance(self.state.stale_text) + 12
        box = QRectF(self._x(0.0) - width - 4, area.bottom() - metrics.height() - 10, width, metrics.height() + 4)
        painter.fillRect(box, self.state.palette.color(QPalette.ColorRole.AlternateBase))
        painter.setPen(self.state.palette.color(QPalette.ColorRole.Text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.state.stale_text)

    def _paint_cursor(self, painter: QPainter) -> None:
        if self.state.cursor is None:
            return
        area, x = self._frame.rect(), round(self._x(self.state.cursor)) + 0.5
        painter.setPen(QPen(self.state.palette.color(QPalette.ColorRole.Text), 1))
        painter.drawLine(QLineF(x, area.top(), x, area.bottom()))
        for point in self.state.cursor_points:
            painter.setBrush(point.colour)
            painter.drawEllipse(QPointF(self._x(point.x), self._y(point.y)), 3.0, 3.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
