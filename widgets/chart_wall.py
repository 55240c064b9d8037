"""Small multiples: many sensors of a kind side by side, each a curve with its value, age and level, worst first."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen

from controlroom.bridge.reading_wording import freshness_text, level_text, value_text
from controlroom.bridge.wording import age_text
from controlroom.domain.kinds import SensorKind
from controlroom.domain.limits import Freshness
from controlroom.domain.sensor import Sensor
from controlroom.domain.severity import Severity
from controlroom.i18n import _
from widgets.chart_sheet import ChartLook, Spot, write
from widgets.plot_axis import DISTRICT
from widgets.plot_columns import few, of_ring
from widgets.plot_curve import curve_colour
from widgets.plot_frame import TimeGrid
from widgets.plot_painter import CurvePainter
from widgets.plot_series import SeriesRing
from widgets.plot_window import Stretch
from widgets.severity import blend, paint_symbol, severity_colour, severity_colour_word

_CELL_PX = 230.0
_MOST_COLUMNS = 8
_PAD_PX = 6.0
_RIGHT = Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True, slots=True)
class Trace:
    """One sensor as of now: its readings, and how the newest of them is judged (`level` 0 normal, 1 worst)."""

    sensor: Sensor
    ring: SeriesRing
    value: float
    level: int
    freshness: Freshness
    age_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WallSheet:
    """`traces` of `total` sensors of a group, the worst first, over the last `span_s` seconds before `now_s`."""

    group: str
    kind: SensorKind | None
    traces: Sequence[Trace]
    total: int
    abnormal: int
    span_s: float
    span_words: str
    gap_s: float
    now_s: float
    curves: CurvePainter = field(default_factory=CurvePainter, compare=False)

    @property
    def title(self) -> str:
        """What is shown."""
        return _("{group}: small multiples, {period}").format(group=self.group, period=self.span_words)

    @property
    def said(self) -> str:
        """How many are shown of how many, and how many are beyond a limit."""
        return _("{shown} of {total} sensors, worst first; {abnormal} beyond a limit.").format(
            shown=len(self.traces), total=self.total, abnormal=self.abnormal
        )

    def paint(self, painter: QPainter, area: QRectF, look: ChartLook) -> list[Spot]:
        """Cells row by row."""
        count = max(len(self.traces), 1)
        columns = min(max(int(area.width() // _CELL_PX), 1), _MOST_COLUMNS, count)
        rows = -(-count // columns)
        wide, tall = area.width() / columns, min(area.height() / rows, 160.0)
        spots = []
        for place, trace in enumerate(self.traces):
            row, column = divmod(place, columns)
            box = QRectF(area.left() + column * wide, area.top() + row * tall, wide, tall).adjusted(2, 2, -2, -2)
            self._paint_trace(painter, box, trace, look)
            spots.append(Spot(box, partial(self._words, trace), trace.sensor.id))
        return spots

    def rows(self) -> Iterator[Sequence[object]]:
        """The readings that are shown, a row each."""
        yield ("sensor", "name", "town", "unit", "level_now", "time", "value")
        for trace in self.traces:
            sensor = trace.sensor
            head = (sensor.id, sensor.name, sensor.town, sensor.unit, trace.level)
            begin = int(np.searchsorted(trace.ring.time_s, self.now_s - self.span_s))
            for at_s, value in zip(trace.ring.time_s[begin:].tolist(), trace.ring.curve[begin:].tolist(), strict=True):
                when = datetime.fromtimestamp(at_s, DISTRICT).isoformat(timespec="seconds")
                yield (*head, when, f"{value:.7g}" if math.isfinite(value) else "")

    def _words(self, trace: Trace) -> str:
        parts = [trace.sensor.name, value_text(trace.value, trace.sensor.unit, self.kind), level_text(trace.level)]
        doubt = freshness_text(trace.freshness, trace.age_s or 0.0)
        parts += [doubt] if doubt else []
        parts += [age_text(trace.age_s)] if trace.age_s is not None and trace.freshness is not Freshness.STALE else []
        return " · ".join(parts)

    def _paint_trace(self, painter: QPainter, box: QRectF, trace: Trace, look: ChartLook) -> None:
        live = trace.freshness is Freshness.LIVE
        edge = severity_colour(Severity(trace.level), look.dark) if trace.level else look.grid
        painter.setPen(QPen(edge, 1.5 if trace.level else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        line, inner = look.line_px, box.adjusted(_PAD_PX, 3, -_PAD_PX, -3)
        left = inner.left()
        if trace.level:
            sign = QRectF(left, inner.top() + 1, line - 2, line - 2)
            paint_symbol(painter, sign, Severity(trace.level), dark=look.dark)
            left += line + 2
        painter.setPen(look.text)
        right = inner.right()
        if trace.level:
            severity = Severity(trace.level)
            word = f"{severity_colour_word(severity)} {severity.numeral}"
            right -= look.metrics.horizontalAdvance(word) + 8
            write(painter, QRectF(right + 6, inner.top(), inner.right() - right - 6, line), word, _RIGHT)
        write(painter, QRectF(left, inner.top(), right - left, line), trace.sensor.name)
        bold = QFont(look.font)
        bold.setBold(True)
        bold.setItalic(not live)
        painter.setFont(bold)
        painter.setPen(look.text if live else look.faint)
        value = value_text(trace.value, trace.sensor.unit, self.kind)
        second = QRectF(inner.left(), inner.top() + line, inner.width() * 0.5, line)
        write(painter, second, value)
        painter.setFont(look.font)
        painter.setPen(look.faint)
        doubt = freshness_text(trace.freshness, trace.age_s or 0.0)
        age = doubt or (age_text(trace.age_s) if trace.age_s is not None else "—")
        write(
            painter,
            QRectF(second.right(), second.top(), inner.right() - second.right(), line),
            age,
            Qt.AlignmentFlag.AlignRight,
        )
        self._paint_curve(painter, inner.adjusted(0, 2 * line + 2, 0, 0), trace, look, live)

    def _paint_curve(self, painter: QPainter, box: QRectF, trace: Trace, look: ChartLook, live: bool) -> None:
        ring = trace.ring
        if not len(ring) or box.height() < 8:
            return
        grid = TimeGrid.over(Stretch(self.now_s - self.span_s, self.now_s), int(box.width()))
        begin, end = (int(place) for place in np.searchsorted(ring.time_s, [grid.start_s, grid.end_s]))
        low, high = ring.extremes(begin, end)
        if not np.isfinite(low):
            return
        columns = of_ring(ring, begin, end, grid.width_s, self.gap_s, few(end - begin, grid.columns))
        colour = curve_colour(0, look.palette)
        if not live:
            colour = blend(colour, look.ground, 0.5)
        factor = -(box.height() - 4) / (high - low) if high > low else 0.0
        offset = box.height() - 2 - low * factor if factor else box.height() / 2
        painter.save()
        painter.translate(QPointF(box.left(), box.top()))
        painter.setClipRect(QRectF(0, 0, box.width(), box.height()))
        band = blend(colour, look.ground, 0.5)
        self.curves.paint(painter, columns, grid.first, (offset, factor), colour, band, False)
        painter.restore()
