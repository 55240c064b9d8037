"""One sensor's last day over the day before: both curves, and what lies between them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from controlroom.bridge.reading_wording import value_text
from controlroom.domain.kinds import SensorKind
from controlroom.domain.sensor import Sensor
from controlroom.domain.then_and_now import ThenAndNow
from controlroom.i18n import _
from widgets.chart_axes import Axes, paint_band, paint_key, paint_line, paint_times, paint_values, range_of
from widgets.chart_sheet import ChartLook, Spot
from widgets.plot_axis import DISTRICT
from widgets.plot_curve import curve_colour
from widgets.severity import blend

_LEFT_PX = 74.0
_DELTA_SHARE = 0.26


@dataclass(frozen=True, slots=True, kw_only=True)
class ThenSheet:
    """Cells that begin at `time_s` now; `then_word` names the other day."""

    sensor: Sensor
    kind: SensorKind | None
    found: ThenAndNow
    time_s: NDArray[np.float64]
    then_word: str

    @property
    def title(self) -> str:
        """What is shown."""
        return _("{name}: now and {reference}").format(name=self.sensor.name, reference=self.then_word)

    @property
    def said(self) -> str:
        """The mean and the greatest difference."""
        found = self.found
        if found.at is None:
            return _("Nothing to compare: there are no readings of both days at the same times.")
        return _("On average {mean} against {reference}; most at {time}: {most} ({count} pairs).").format(
            mean=self._signed(found.mean),
            reference=self.then_word,
            time=f"{self._at(found.at):%m-%d %H:%M}",
            most=self._signed(float(found.delta[found.at])),
            count=found.pairs,
        )

    def paint(self, painter: QPainter, area: QRectF, look: ChartLook) -> list[Spot]:
        """Both curves above, the difference below."""
        found = self.found
        frame = area.adjusted(_LEFT_PX, look.line_px + 6, -16, -look.line_px - 6)
        tall = frame.height() * _DELTA_SHARE
        across = (float(self.time_s[0]), float(self.time_s[-1]) + self._cell_s)
        upper = Axes(frame.adjusted(0, 0, 0, -tall - 14), across, range_of(found.now, found.then))
        lower = Axes(
            QRectF(frame.left(), frame.bottom() - tall, frame.width(), tall),
            across,
            range_of(found.delta, np.zeros(1)),
        )
        middle = self.time_s + self._cell_s / 2
        own, other, gap = (curve_colour(number, look.palette) for number in (0, 6, 1))
        ground = blend(look.ground, gap, 0.4)
        paint_times(painter, upper, look, labelled=False)
        paint_times(painter, lower, look)
        for axes, unit in ((upper, self.sensor.unit), (lower, _("difference"))):
            paint_values(painter, axes, look, unit)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_line(painter, upper, middle, found.then, QPen(other, 1.5, Qt.PenStyle.DashLine))
        paint_line(painter, upper, middle, found.now, QPen(own, 2))
        zero = np.where(np.isfinite(found.delta), 0.0, np.nan)
        paint_band(painter, lower, middle, np.fmin(found.delta, zero), np.fmax(found.delta, zero), ground)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._paint_keys(painter, area, look, own, other)
        wide = frame.width() / max(len(self.time_s), 1)
        return [
            Spot(QRectF(frame.left() + place * wide, frame.top(), wide, frame.height()), partial(self._words, place))
            for place in range(len(self.time_s))
        ]

    def rows(self) -> Iterator[Sequence[object]]:
        """A cell of time a row."""
        yield ("time", "sensor", "unit", "now", "then", "difference")
        for place in range(len(self.time_s)):
            numbers = (float(column[place]) for column in (self.found.now, self.found.then, self.found.delta))
            figures = [f"{value:.7g}" if math.isfinite(value) else "" for value in numbers]
            yield (self._at(place).isoformat(timespec="seconds"), self.sensor.id, self.sensor.unit, *figures)

    @property
    def _cell_s(self) -> float:
        return float(self.time_s[1] - self.time_s[0]) if len(self.time_s) > 1 else 300.0

    def _at(self, place: int) -> datetime:
        return datetime.fromtimestamp(float(self.time_s[place]), DISTRICT)

    def _signed(self, value: float) -> str:
        text = value_text(value, self.sensor.unit, self.kind)
        return f"+{text}" if value > 0 else text

    def _words(self, place: int) -> str:
        found, unit = self.found, self.sensor.unit
        now, then = (value_text(float(column[place]), unit, self.kind) for column in (found.now, found.then))
        delta = float(found.delta[place])
        told = self._signed(delta) if math.isfinite(delta) else "—"
        return _("{time} · now {now} · then {then} · difference {difference}").format(
            time=f"{self._at(place):%m-%d %H:%M}", now=now, then=then, difference=told
        )

    def _paint_keys(self, painter: QPainter, area: QRectF, look: ChartLook, own: QColor, other: QColor) -> None:
        def line(pen: QPen, box: QRectF) -> None:
            painter.setPen(pen)
            painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()))

        def paint_own(box: QRectF) -> None:
            line(QPen(own, 2), box)

        def paint_other(box: QRectF) -> None:
            line(QPen(other, 1.5, Qt.PenStyle.DashLine), box)

        left = paint_key(painter, area.left() + _LEFT_PX, area.top(), look, paint_own, self.sensor.name)
        paint_key(painter, left, area.top(), look, paint_other, self.then_word)
