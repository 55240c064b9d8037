"""The last hour of one sensor over the same hour of yesterday, with its limits."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from controlroom.domain.past_readings import Series
from controlroom.domain.sensor import Limit
from controlroom.i18n import _
from widgets.severity import is_dark, severity_colour, severity_shape

_HOUR_MS = 3_600_000
_DAY_MS = 86_400_000
_GAP_MS = 300_000
"""Two readings further apart are not joined by a line."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 44, 22, 20


class CorroborationChart(QWidget):
    """Two lines, told apart by solid and dashed and by words; without readings it says so."""

    def __init__(self, zone: tzinfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self._until: datetime | None = None
        self._hour: Series | None = None
        self._yesterday: Series | None = None
        self._limits: Sequence[Limit] = ()
        self._fault = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(130)

    def sizeHint(self) -> QSize:
        """Small."""
        return QSize(380, 170)

    def show_past(
        self, until: datetime, hour: Series | None, yesterday: Series | None, limits: Sequence[Limit], fault: str
    ) -> None:
        """Draw the hour that ends at `until`; `fault` is said while nothing is known."""
        self._until, self._hour, self._yesterday, self._limits, self._fault = until, hour, yesterday, limits, fault
        told = self._told()
        self.setAccessibleName(told or _("The last hour and the same hour yesterday"))
        self.update()

    def _told(self) -> str:
        if any(series is not None and len(series.time) for series in (self._hour, self._yesterday)):
            return ""
        if self._fault:
            return self._fault
        return _("No readings in this hour, nor in the same hour yesterday") if self._hour is not None else _("Asking…")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Axes, limits, yesterday dashed, today solid."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Base))
        told = self._told()
        faint = palette.color(QPalette.ColorRole.PlaceholderText)
        if told or self._until is None:
            painter.setPen(faint)
            flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(self.rect().adjusted(10, 4, -10, -4), flags, told)
            painter.end()
            return
        area = QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)
        low, high = self._range()
        self._paint_axes(painter, area, low, high, self._until)
        self._paint_limits(painter, area, low, high)
        begin = int(self._until.timestamp() * 1000) - _HOUR_MS
        solid = QPen(palette.color(QPalette.ColorRole.Link), 2.0)
        dashed = QPen(faint, 1.6, Qt.PenStyle.DashLine)
        for series, start, pen in ((self._yesterday, begin - _DAY_MS, dashed), (self._hour, begin, solid)):
            if series is not None and len(series.time):
                painter.setPen(pen)
                _paint_line(painter, area, series, start, low, high)
        self._paint_legend(painter, solid, dashed)
        painter.end()

    def _range(self) -> tuple[float, float]:
        """Least to greatest of what is drawn, and the nearest limit if it is not far off."""
        drawn = [s.value[np.isfinite(s.value)] for s in (self._hour, self._yesterday) if s is not None]
        values = np.concatenate(drawn) if drawn else np.empty(0, np.float32)
        low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
        bounds = [b for limit in self._limits for b in (limit.above, limit.below) if b is not None]
        if bounds:
            nearest = min(bounds, key=lambda bound: max(low - bound, bound - high, 0.0))
            low, high = min(low, nearest), max(high, nearest)
        margin = (high - low) * 0.08 or max(abs(high) * 0.05, 0.5)
        return (0.0 if 0.0 <= low < margin else low - margin), high + margin

    def _paint_axes(self, painter: QPainter, area: QRectF, low: float, high: float, until: datetime) -> None:
        faint = self.palette().color(QPalette.ColorRole.PlaceholderText)
        line = self.palette().color(QPalette.ColorRole.Mid)
        for value in _ticks(low, high):
            y = area.bottom() - area.height() * (value - low) / (high - low)
            painter.setPen(QPen(line, 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(faint)
            box = QRectF(2, y - 8, _LEFT - 8, 16)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), f"{value:.4g}")
        for step in range(5):
            at = (until - timedelta(minutes=60 - 15 * step)).astimezone(self._zone)
            x = area.left() + area.width() * step / 4
            box = QRectF(x - 30, area.bottom() + 3, 60, 16)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop), f"{at:%H:%M}")

    def _paint_limits(self, painter: QPainter, area: QRectF, low: float, high: float) -> None:
        dark = is_dark(self.palette())
        for limit in self._limits:
            for bound in (limit.above, limit.below):
                if bound is None or not low <= bound <= high:
                    continue
                y = area.bottom() - area.height() * (bound - low) / (high - low)
                painter.setPen(QPen(severity_colour(limit.severity, dark), 1.2))
                painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
                box = QRectF(area.right() + 3, y - 8, _RIGHT - 4, 16)
                text = f"{severity_shape(limit.severity)}{bound:g}"
                painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)

    def _paint_legend(self, painter: QPainter, solid: QPen, dashed: QPen) -> None:
        text = self.palette().color(QPalette.ColorRole.Text)
        x = float(_LEFT)
        for pen, word in ((solid, _("the last 60 minutes")), (dashed, _("same hour yesterday"))):
            painter.setPen(pen)
            painter.drawLine(QPointF(x, 11), QPointF(x + 26, 11))
            painter.setPen(text)
            painter.drawText(QPointF(x + 32, 15), word)
            x += 48 + painter.fontMetrics().horizontalAdvance(word)


def _ticks(low: float, high: float) -> list[float]:
    """Round values between, three to seven of them."""
    rough = (high - low) / 4.0
    unit = 10.0 ** math.floor(math.log10(rough))
    step = unit * next(factor for factor in (1.0, 2.0, 5.0, 10.0) if factor * unit >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(n * step, 10) for n in range(first, math.floor(high / step + 1e-9) + 1)]


def _paint_line(painter: QPainter, area: QRectF, series: Series, begin: int, low: float, high: float) -> None:
    """The readings as a line that is broken where readings are missing."""
    good = np.isfinite(series.value)
    at, value = series.time[good], series.value[good].astype(np.float64)
    if not len(at):
        return
    x = area.left() + (at - begin) / _HOUR_MS * area.width()
    y = area.bottom() - (value - low) / (high - low) * area.height()
    x = np.clip(x, area.left(), area.right())
    starts = np.flatnonzero(np.diff(at) > _GAP_MS) + 1
    for part in np.split(np.arange(len(at)), starts):
        points = [QPointF(px, py) for px, py in zip(x[part].tolist(), y[part].tolist(), strict=True)]
        if len(points) == 1:
            painter.drawEllipse(points[0], 1.5, 1.5)
        else:
            painter.drawPolyline(QPolygonF(points))
