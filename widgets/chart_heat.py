"""A heat strip: the hours of the day downwards, the days across, a colour for each hourly mean."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from controlroom.bridge.reading_wording import level_text, value_text
from controlroom.domain.heat_strip import HeatStrip
from controlroom.domain.kinds import SensorKind
from controlroom.domain.readings import GOOD
from controlroom.domain.sensor import Sensor
from controlroom.domain.severity import Severity
from controlroom.i18n import _, sentences
from widgets.chart_sheet import ChartLook, Spot, hatch, heat_colour, legible_on, write
from widgets.severity import paint_symbol

_LEFT_PX, _SCALE_PX = 46.0, 96.0
_NUMBER_PX = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatSheet:
    """Hourly means of one sensor; `level_at(value, cell)` is the severity (0 normal) by the limits of that hour."""

    sensor: Sensor
    kind: SensorKind | None
    strip: HeatStrip
    level_at: Callable[[float, int], int]
    hours: int
    """Cells that have begun by the time that is looked at."""

    @property
    def title(self) -> str:
        """What is shown."""
        return _("{name}: hours and days").format(name=self.sensor.name)

    @property
    def said(self) -> str:
        """When of the day it is highest and lowest, and what is missing."""
        means = self.strip.cells.mean.reshape(self.strip.days, 24)
        known = np.isfinite(means)
        if not known.any():
            return _("No readings in these {days} days.").format(days=self.strip.days)
        hours = np.where(known.any(axis=0), np.nansum(means, axis=0) / np.maximum(known.sum(axis=0), 1), np.nan)
        high, low = int(np.nanargmax(hours)), int(np.nanargmin(hours))
        if high == low:
            words = _("All readings are of the hour from {high}: {most} on average.")
        else:
            words = _("On average highest at {high} ({most}), lowest at {low} ({least}).")
        words = words.format(
            high=f"{high:02d}:00",
            most=self._value(float(hours[high])),
            low=f"{low:02d}:00",
            least=self._value(float(hours[low])),
        )
        beyond = sum(self.level_at(float(means.flat[cell]), cell) > 0 for cell in np.flatnonzero(known).tolist())
        missing = self.hours - int(known.sum())
        gaps = _("{beyond} hours beyond a limit, {missing} of {all} hours without readings.").format(
            beyond=beyond, missing=missing, all=self.hours
        )
        return sentences(words, gaps)

    def paint(self, painter: QPainter, area: QRectF, look: ChartLook) -> list[Spot]:
        """Hours, days, cells, and the scale of colours."""
        days, cells = self.strip.days, self.strip.cells
        low, high = self._range()
        grid = area.adjusted(_LEFT_PX, 0, -_SCALE_PX, -look.line_px - 4)
        wide, tall = grid.width() / days, grid.height() / 24
        self._paint_axes(painter, grid, look, wide, tall)
        spots = []
        for cell, mean in enumerate(cells.mean.tolist()):
            day, hour = divmod(cell, 24)
            box = QRectF(grid.left() + day * wide, grid.top() + hour * tall, wide - 1, tall - 1)
            if cell >= self.hours:
                continue
            if not math.isfinite(mean):
                hatch(painter, box, look)
            else:
                self._paint_cell(painter, box, mean, (mean - low) / (high - low) if high > low else 0.5, cell, look)
            spots.append(Spot(box, partial(self._words, cell), self.sensor.id))
        self._paint_scale(painter, QRectF(grid.right() + 14, grid.top(), 14, grid.height()), low, high, look)
        return spots

    def rows(self) -> Iterator[Sequence[object]]:
        """An hour a row."""
        yield ("day", "hour", "sensor", "unit", "mean", "least", "greatest", "readings", "worst_quality", "level")
        cells = self.strip.cells
        for cell in range(self.hours):
            day, hour = divmod(cell, 24)
            numbers = [float(column[cell]) for column in (cells.mean, cells.least, cells.greatest)]
            level = self.level_at(numbers[0], cell) if math.isfinite(numbers[0]) else ""
            figures = [f"{number:.7g}" if math.isfinite(number) else "" for number in numbers]
            marks = (int(cells.count[cell]), int(cells.quality[cell]))
            yield (self.strip.day(day).isoformat(), hour, self.sensor.id, self.sensor.unit, *figures, *marks, level)

    def _value(self, value: float) -> str:
        return value_text(value, self.sensor.unit, self.kind)

    def _range(self) -> tuple[float, float]:
        known = self.strip.cells.mean[np.isfinite(self.strip.cells.mean)]
        return (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)

    def _words(self, cell: int) -> str:
        day, hour = divmod(cell, 24)
        cells, mean = self.strip.cells, float(self.strip.cells.mean[cell])
        when = f"{self.strip.day(day):%Y-%m-%d} {hour:02d}:00"
        if not math.isfinite(mean):
            doubted = cells.quality[cell] != GOOD
            return f"{when} · " + (_("only readings of doubtful quality") if doubted else _("no readings"))
        words = [
            when,
            self._value(mean),
            f"{self._value(float(cells.least[cell]))} … {self._value(float(cells.greatest[cell]))}",
            _("{count} readings").format(count=int(cells.count[cell])),
            level_text(self.level_at(mean, cell)),
        ]
        if cells.quality[cell] != GOOD:
            words.append(_("Quality doubtful"))
        return " · ".join(words)

    def _paint_cell(
        self, painter: QPainter, box: QRectF, mean: float, share: float, cell: int, look: ChartLook
    ) -> None:
        colour = heat_colour(share)
        painter.fillRect(box, colour)
        level = self.level_at(mean, cell)
        if level:
            side = min(box.height(), box.width(), 12.0)
            place = QRectF(box.right() - side, box.top(), side, side)
            painter.fillRect(place, look.ground)
            paint_symbol(painter, place, Severity(level), dark=look.dark)
        elif box.width() >= _NUMBER_PX and box.height() >= look.line_px - 2:
            painter.setPen(legible_on(colour))
            number = value_text(mean, "", self.kind)
            if look.metrics.horizontalAdvance(number) <= box.width():
                write(painter, box, number, Qt.AlignmentFlag.AlignHCenter)

    def _paint_axes(self, painter: QPainter, grid: QRectF, look: ChartLook, wide: float, tall: float) -> None:
        painter.setPen(look.faint)
        step = next(s for s in (1, 2, 3, 6, 12) if tall * s >= look.line_px or s == 12)
        for hour in range(0, 24, step):
            box = QRectF(grid.left() - _LEFT_PX, grid.top() + hour * tall, _LEFT_PX - 6, max(tall, look.line_px))
            write(painter, box, f"{hour:02d}:00", Qt.AlignmentFlag.AlignRight)
        label_px = look.metrics.horizontalAdvance("00-00") + 10
        every = max(1, math.ceil(label_px / wide))
        for day in range(0, self.strip.days, every):
            box = QRectF(grid.left() + day * wide, grid.bottom() + 3, max(wide, label_px), look.line_px)
            write(painter, box, f"{self.strip.day(day):%m-%d}")

    def _paint_scale(self, painter: QPainter, bar: QRectF, low: float, high: float, look: ChartLook) -> None:
        steps = 40
        for step in range(steps):
            top = bar.bottom() - (step + 1) * bar.height() / steps
            painter.fillRect(
                QRectF(bar.left(), top, bar.width(), bar.height() / steps + 1), heat_colour(step / (steps - 1))
            )
        painter.setPen(look.text)
        unit = QRectF(bar.right() + 5, bar.center().y() - look.line_px / 2, _SCALE_PX - 40, look.line_px)
        for value, top in ((high, bar.top()), (low, bar.bottom() - look.line_px)):
            write(painter, QRectF(bar.right() + 5, top, _SCALE_PX - 36, look.line_px), value_text(value, "", self.kind))
        write(painter, unit, self.sensor.unit)
