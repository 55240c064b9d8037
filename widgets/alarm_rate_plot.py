"""New alarms by window as bars over the bands, with the floods marked."""

import itertools
from datetime import timedelta, tzinfo

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from controlroom.domain.alarm_bands import AlarmBands
from controlroom.domain.alarm_report import AlarmReport, ViewReport
from controlroom.domain.severity import Severity
from controlroom.i18n import _
from widgets.severity import blend, is_dark, severity_colour

_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 26, 26
_TICKS = 6


class AlarmRatePlot(QWidget):
    """A bar is the most new alarms that any window in it had; bars are never thinner than a pixel."""

    def __init__(self, bands: AlarmBands, zone: tzinfo | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bands = bands
        self._zone = zone
        self._report: AlarmReport | None = None
        self._view: ViewReport | None = None
        self.setMinimumSize(360, 180)

    def show_view(self, report: AlarmReport, view: ViewReport) -> None:
        """Draw the period in one view."""
        self._report, self._view = report, view
        minutes = report.window_s // 60
        self.setAccessibleName(
            _("New alarms in {minutes} min, {count} in all, {peak} at the most").format(
                minutes=minutes, count=view.count, peak=view.peak
            )
        )
        self.update()

    def bars(self, width: int) -> list[int]:
        """The heights of at most so many bars, in new alarms by window."""
        if self._view is None:
            return []
        windows = self._view.windows
        number = max(1, min(width, len(windows)))
        edges = [place * len(windows) // number for place in range(number + 1)]
        return [max(windows[a:b]) for a, b in itertools.pairwise(edges)]

    def sizeHint(self) -> QSize:
        """Wide rather than high."""
        return QSize(720, 300)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Floods, bars, band lines, axes."""
        painter = QPainter(self)
        palette, dark = self.palette(), is_dark(self.palette())
        painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Base))
        if self._report is None or self._view is None:
            painter.end()
            return
        box = QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)
        bars = self.bars(int(box.width()))
        flood = self._bands.flood.starts_above
        highest = max([*bars, flood + 2]) * 1.05
        self._paint_floods(painter, box, dark)
        self._paint_bars(painter, box, bars, highest, dark)
        text = palette.color(QPalette.ColorRole.Text)
        faint = blend(text, palette.color(QPalette.ColorRole.Base), 0.45)
        metrics = QFontMetrics(self.font())
        for most in (band.most for band in self._bands.band if band.most is not None):
            y = box.bottom() - box.height() * most / highest
            painter.setPen(QPen(faint, 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
        for value in dict.fromkeys((0, flood, round(highest / 1.05))):
            y = box.bottom() - box.height() * value / highest
            painter.setPen(text)
            at = QRectF(0, y - metrics.height() / 2, _LEFT - 6, metrics.height())
            painter.drawText(at, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(value))
        title = _("New alarms in {minutes} min; dashed: bands; tinted: flood").format(
            minutes=self._report.window_s // 60
        )
        painter.drawText(QRectF(_LEFT, 2, box.width(), _TOP - 4), Qt.AlignmentFlag.AlignLeft, title)
        self._paint_times(painter, box, metrics)
        painter.end()

    def _paint_floods(self, painter: QPainter, box: QRectF, dark: bool) -> None:
        assert self._report is not None and self._view is not None
        tint = blend(self.palette().color(QPalette.ColorRole.Base), severity_colour(Severity.RED, dark), 0.25)
        for flood in self._view.floods:
            left = self._x(box, (flood.started_at - self._report.since).total_seconds())
            right = self._x(box, ((flood.ended_at or self._report.until) - self._report.since).total_seconds())
            painter.fillRect(QRectF(left, box.top(), max(1.0, right - left), box.height()), tint)

    def _paint_bars(self, painter: QPainter, box: QRectF, bars: list[int], highest: float, dark: bool) -> None:
        calm, hot = severity_colour(Severity.BLUE, dark), severity_colour(Severity.RED, dark)
        wide = box.width() / max(1, len(bars))
        gap = 1.0 if wide > 4 else 0.0
        for place, value in enumerate(bars):
            if value:
                high = box.height() * value / highest
                bar = QRectF(box.left() + place * wide, box.bottom() - high, max(1.0, wide - gap), high)
                painter.fillRect(bar, hot if value > self._bands.flood.starts_above else calm)

    def _paint_times(self, painter: QPainter, box: QRectF, metrics: QFontMetrics) -> None:
        assert self._report is not None
        span_s = (self._report.until - self._report.since).total_seconds()
        style = "%H:%M" if span_s <= 36 * 3600 else "%m-%d"
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        for tick in range(_TICKS + 1):
            at_s = span_s * tick / _TICKS
            label = (self._report.since + timedelta(seconds=at_s)).astimezone(self._zone).strftime(style)
            width = metrics.horizontalAdvance(label) + 4
            left = min(max(self._x(box, at_s) - width / 2, box.left()), box.right() - width)
            painter.drawText(
                QRectF(left, box.bottom() + 4, width, metrics.height()), Qt.AlignmentFlag.AlignHCenter, label
            )

    def _x(self, box: QRectF, at_s: float) -> float:
        assert self._report is not None
        span_s = max((self._report.until - self._report.since).total_seconds(), 1.0)
        return box.left() + box.width() * min(max(at_s / span_s, 0.0), 1.0)
