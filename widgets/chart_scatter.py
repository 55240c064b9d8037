"""How two sensors go together: a point for each time at which both have a value, the coefficients and the delay."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from controlroom.bridge.wording import span_text
from controlroom.domain.correlation import LEAST_PAIRS, Correlation
from controlroom.domain.sensor import Sensor
from controlroom.i18n import _
from widgets.chart_axes import Axes, paint_across, paint_values, range_of
from widgets.chart_sheet import ChartLook, Spot, heat_colour, write
from widgets.plot_axis import DISTRICT
from widgets.plot_curve import curve_colour

_LEFT_PX = 74.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScatterSheet:
    """Two sensors over a time; `time_s` [n] are the times of the pairs, `cell_s` how long a cell of the grid is."""

    first: Sensor
    second: Sensor
    found: Correlation
    time_s: NDArray[np.float64]
    cell_s: float
    period: str

    @property
    def title(self) -> str:
        """What is shown."""
        return _("{first} and {second}, {period}").format(
            first=self.first.name, second=self.second.name, period=self.period
        )

    @property
    def said(self) -> str:
        """The coefficients, or why there are none."""
        found = self.found
        if not found.enough:
            return _("Too few pairs: {pairs} of the {least} that are needed to say how they go together.").format(
                pairs=found.pairs, least=LEAST_PAIRS
            )
        if not math.isfinite(found.pearson):
            return _("One of them does not move in this time, so there is no correlation ({pairs} pairs).").format(
                pairs=found.pairs
            )
        words = _("Pearson r = {pearson}, Spearman ρ = {spearman}, n = {pairs} pairs of {span} each.").format(
            pearson=f"{found.pearson:+.3f}",
            spearman=f"{found.spearman:+.3f}",
            pairs=found.pairs,
            span=span_text(self.cell_s),
        )
        if found.lag == 0:
            return f"{words} " + _("They match best without a delay.")
        delay = span_text(abs(found.lag) * self.cell_s)
        later, earlier = (self.second, self.first) if found.lag > 0 else (self.first, self.second)
        return f"{words} " + _(
            "They match best (r = {r}, n = {pairs}) when {later} follows {earlier} by {delay}."
        ).format(
            r=f"{found.lag_pearson:+.3f}", pairs=found.lag_pairs, later=later.name, earlier=earlier.name, delay=delay
        )

    def paint(self, painter: QPainter, area: QRectF, look: ChartLook) -> list[Spot]:
        """Two axes, the points from early (dark) to late (light), and the line of least squares."""
        found = self.found
        frame = area.adjusted(_LEFT_PX, look.line_px * 3 // 2 + 6, -16, -2 * look.line_px - 8)
        axes = Axes(frame, range_of(found.first), range_of(found.second))
        paint_values(painter, axes, look, "")
        paint_across(painter, axes, look)
        painter.setPen(look.text)
        write(painter, QRectF(area.left(), area.top(), area.width(), look.line_px), _label(self.second))
        below = QRectF(frame.left(), frame.bottom() + look.line_px + 6, frame.width(), look.line_px)
        write(painter, below, _label(self.first), Qt.AlignmentFlag.AlignHCenter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.grid, 1))
        count = max(len(found.first) - 1, 1)
        size = 3.0 if len(found.first) < 600 else 2.0
        for place, (x, y) in enumerate(zip(found.first.tolist(), found.second.tolist(), strict=True)):
            painter.setBrush(heat_colour(place / count))
            painter.drawEllipse(axes.at(x, y), size, size)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if found.enough and math.isfinite(found.pearson):
            slope = found.pearson * float(found.second.std() / found.first.std())
            offset = float(found.second.mean()) - slope * float(found.first.mean())
            ends = (float(found.first.min()), float(found.first.max()))
            painter.setPen(QPen(curve_colour(1, look.palette), 2, Qt.PenStyle.DashLine))
            painter.drawLine(*(axes.at(x, offset + slope * x) for x in ends))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._paint_key(painter, area, look)
        return []

    def rows(self) -> Iterator[Sequence[object]]:
        """A pair a row."""
        yield ("time", f"{self.first.id} / {self.first.unit}", f"{self.second.id} / {self.second.unit}")
        columns = (self.time_s, self.found.first, self.found.second)
        for at_s, x, y in zip(*(column.tolist() for column in columns), strict=True):
            yield (datetime.fromtimestamp(at_s, DISTRICT).isoformat(timespec="seconds"), f"{x:.7g}", f"{y:.7g}")

    def _paint_key(self, painter: QPainter, area: QRectF, look: ChartLook) -> None:
        words = (_("early"), _("late"))
        widths = [look.metrics.horizontalAdvance(word) for word in words]
        left, top = area.right() - 16 - 100 - sum(widths), area.top()
        painter.setPen(look.faint)
        painter.drawText(QPointF(left, top + look.metrics.ascent()), words[0])
        for step in range(20):
            box = QRectF(left + widths[0] + 8 + step * 4, top + 3, 4, look.line_px - 6)
            painter.fillRect(box, heat_colour(step / 19))
        painter.drawText(QPointF(left + widths[0] + 96, top + look.metrics.ascent()), words[1])


def _label(sensor: Sensor) -> str:
    return f"{sensor.name} / {sensor.unit}" if sensor.unit else sensor.name
