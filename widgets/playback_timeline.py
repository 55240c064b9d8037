"""The time axis of played back cameras: where one looks, the alarms, and the officer's marks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from controlroom.domain.severity import Severity
from controlroom.i18n import _
from widgets.severity import is_dark, paint_symbol, severity_colour, severity_word
from widgets.video_past import PAST

SHORTEST = timedelta(seconds=20)
LONGEST = timedelta(days=7)
_STEPS_S = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 10800, 21600, 43200, 86400)
_LABEL_PX = 84
_NEAR_PX = 6
_ZOOM = 1.25
_SIDE = 12.0


@dataclass(frozen=True)
class TimelineAlarm:
    """An alarm on the axis."""

    at: datetime
    severity: Severity
    title: str


@dataclass(frozen=True)
class TimelineMark:
    """A moment that the officer marked."""

    at: datetime
    text: str


class PlaybackTimeline(QWidget):
    """Paints what it is given; a press or drag asks for a moment, the wheel shows more or less time.

    Times are aware; they are told in `zone`.
    """

    moment_asked = Signal(object)
    """datetime: look there."""
    span_changed = Signal()
    """Another stretch of time is shown: look at `since` and `until`."""

    def __init__(self, zone: tzinfo, now: datetime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self.until = now
        self.since = now - timedelta(minutes=10)
        self.at = now
        self._alarms: tuple[TimelineAlarm, ...] = ()
        self._marks: tuple[TimelineMark, ...] = ()
        self.setMinimumHeight(64)
        self.setAccessibleName(_("Time axis of the playback"))

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(600, 64)

    def show_at(self, at: datetime, now: datetime) -> None:
        """Look at a moment; the stretch moves with it where it would leave it."""
        self.at = at
        length = self.until - self.since
        if at > self.until or at < self.since:
            until = min(now, at + length / 2) if at < now else at
            self._span(max(until, at) - length, max(until, at))
        self.update()

    def show_span(self, since: datetime, until: datetime) -> None:
        """Show this stretch of time, within bounds."""
        length = min(max(until - since, SHORTEST), LONGEST)
        self._span(until - length, until)

    def set_alarms(self, alarms: Sequence[TimelineAlarm]) -> None:
        """The alarms of the stretch."""
        self._alarms = tuple(sorted(alarms, key=lambda alarm: (alarm.at, alarm.title)))
        self.update()

    def set_marks(self, marks: Sequence[TimelineMark]) -> None:
        """The officer's marks."""
        self._marks = tuple(sorted(marks, key=lambda mark: (mark.at, mark.text)))
        self.update()

    def alarm_beside(self, at: datetime, forward: bool) -> TimelineAlarm | None:
        """The next alarm after a moment, or the last one before it; None where there is none in the stretch."""
        if forward:
            return next((alarm for alarm in self._alarms if alarm.at > at), None)
        return next((alarm for alarm in reversed(self._alarms) if alarm.at < at), None)

    def mark_beside(self, at: datetime, forward: bool) -> TimelineMark | None:
        """The next mark after a moment, or the last one before it; None where there is none."""
        if forward:
            return next((mark for mark in self._marks if mark.at > at), None)
        return next((mark for mark in reversed(self._marks) if mark.at < at), None)

    def time_at(self, x: float) -> datetime:
        """The moment at a place."""
        part = min(1.0, max(0.0, (x - _SIDE) / max(1.0, self.width() - 2 * _SIDE)))
        return self.since + (self.until - self.since) * part

    def place_of(self, at: datetime) -> float:
        """Where a moment lies."""
        return _SIDE + (at - self.since) / (self.until - self.since) * (self.width() - 2 * _SIDE)

    def _span(self, since: datetime, until: datetime) -> None:
        if (since, until) != (self.since, self.until):
            self.since, self.until = since, until
            self.update()
            self.span_changed.emit()

    # ---- painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the axis, the alarms above it, the marks below it, and where one looks."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Base))
        axis = self.height() - 26.0
        self._paint_scale(painter, palette, axis)
        dark = is_dark(palette)
        for alarm in self._alarms:
            if self.since <= alarm.at <= self.until:
                box = QRectF(self.place_of(alarm.at) - 6, 4, 12, 12)
                paint_symbol(painter, box, alarm.severity, dark=dark)
                painter.setPen(QPen(severity_colour(alarm.severity, dark), 1))
                painter.drawLine(QPointF(box.center().x(), 17), QPointF(box.center().x(), axis))
        for mark in self._marks:
            if self.since <= mark.at <= self.until:
                self._paint_flag(painter, palette, self.place_of(mark.at), axis)
        x = self.place_of(self.at)
        painter.setPen(QPen(PAST, 3))
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        painter.end()

    def _paint_scale(self, painter: QPainter, palette: QPalette, axis: float) -> None:
        length_s = (self.until - self.since).total_seconds()
        least_s = length_s / max(1.0, self.width() / _LABEL_PX)
        step_s = next((step for step in _STEPS_S if step >= least_s), _STEPS_S[-1])
        form = "%H:%M:%S" if step_s < 60 else "%H:%M" if step_s < 86400 else "%m-%d"
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
        painter.drawLine(QPointF(_SIDE, axis), QPointF(self.width() - _SIDE, axis))
        local = self.since.astimezone(self._zone)
        offset = local.utcoffset() or timedelta(0)
        first = -(-(local.timestamp() + offset.total_seconds()) // step_s) * step_s - offset.total_seconds()
        moment = datetime.fromtimestamp(first, self._zone)
        while moment <= self.until:
            x = self.place_of(moment)
            painter.setPen(palette.color(QPalette.ColorRole.Mid))
            painter.drawLine(QPointF(x, axis), QPointF(x, axis + 5))
            painter.setPen(palette.color(QPalette.ColorRole.Text))
            text = f"{moment:{form}}"
            wide = painter.fontMetrics().horizontalAdvance(text)
            left = min(max(0.0, x - wide / 2), self.width() - float(wide))
            painter.drawText(QPointF(left, self.height() - 6.0), text)
            moment += timedelta(seconds=step_s)

    def _paint_flag(self, painter: QPainter, palette: QPalette, x: float, axis: float) -> None:
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Text), 1.5))
        painter.setBrush(palette.color(QPalette.ColorRole.Highlight))
        painter.drawLine(QPointF(x, axis - 16), QPointF(x, axis + 4))
        painter.drawPolygon(QPolygonF([QPointF(x, axis - 16), QPointF(x + 9, axis - 12), QPointF(x, axis - 8)]))

    # ---- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Look at the moment under the pointer."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.moment_asked.emit(self.time_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.moment_asked.emit(self.time_at(event.position().x()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Show more or less time around the pointer."""
        self.zoom(event.angleDelta().y() > 0, self.time_at(event.position().x()))

    def zoom(self, closer: bool, around: datetime) -> None:
        """Show less time (closer) or more, with a moment staying where it is."""
        length = self.until - self.since
        wanted = min(max(length / _ZOOM if closer else length * _ZOOM, SHORTEST), LONGEST)
        part = (around - self.since) / length
        self._span(around - wanted * part, around + wanted * (1.0 - part))

    def event(self, event: QEvent) -> bool:
        """Say in words what is under the pointer."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.describe(event.pos()), self)
            return True
        return super().event(event)

    def describe(self, point: QPoint) -> str:
        """What lies at a place, in words."""
        told = [f"{self.time_at(point.x()).astimezone(self._zone):%m-%d %H:%M:%S}"]
        for alarm in self._alarms:
            if abs(self.place_of(alarm.at) - point.x()) <= _NEAR_PX:
                told.append(_("{severity}: {title}").format(severity=severity_word(alarm.severity), title=alarm.title))
        told += [mark.text for mark in self._marks if abs(self.place_of(mark.at) - point.x()) <= _NEAR_PX]
        return "\n".join(told[:8])
