"""One sensor's curve before the band of its nearest neighbours: is it this one, or the district?"""

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
from controlroom.domain.neighbour_envelope import Envelope, Verdict
from controlroom.domain.neighbours import LEAST
from controlroom.domain.sensor import Sensor
from controlroom.domain.series_grid import Cells
from controlroom.i18n import _
from widgets.chart_axes import Axes, paint_band, paint_key, paint_line, paint_times, paint_values, range_of
from widgets.chart_sheet import ChartLook, Spot, write
from widgets.plot_axis import DISTRICT
from widgets.plot_curve import curve_colour
from widgets.severity import blend

_LEFT_PX, _LIST_PX = 74.0, 250.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeSheet:
    """A sensor (`own`, in cells that begin at `time_s`) and the band of `neighbours` with their distances in km."""

    sensor: Sensor
    kind: SensorKind | None
    neighbours: Sequence[tuple[Sensor, float]]
    newest: Sequence[float]
    time_s: NDArray[np.float64]
    own: Cells
    band: Envelope
    period: str

    @property
    def title(self) -> str:
        """What is shown."""
        return _("{name} and its neighbours, {period}").format(name=self.sensor.name, period=self.period)

    @property
    def said(self) -> str:
        """The verdict, in a line."""
        band, count = self.band, len(self.neighbours)
        if band.verdict is Verdict.UNKNOWN:
            if count < LEAST:
                return _("Cannot be said: {count} neighbours of this kind, {least} are needed.").format(
                    count=count, least=LEAST
                )
            return _("Cannot be said: too few readings of it and its neighbours in the newest quarter of this time.")
        offset, moved = self._signed(band.offset), self._signed(band.moved)
        if band.verdict is Verdict.SENSOR:
            return _(
                "It is this one sensor: for {share} of the newest quarter further from the median of its {count} "
                "neighbours than they are from each other, by {offset}."
            ).format(share=f"{100 * band.apart:.0f} %", count=count, offset=offset)
        if band.verdict is Verdict.DISTRICT:
            return _(
                "It is the district: the median of its {count} neighbours moved by {moved}; it is {offset} from it."
            ).format(count=count, moved=moved, offset=offset)
        return _("Nothing apart: it is as its {count} neighbours are ({offset} from their median).").format(
            count=count, offset=offset
        )

    def paint(self, painter: QPainter, area: QRectF, look: ChartLook) -> list[Spot]:
        """Band, median and curve over time; at the side who the neighbours are."""
        listed = min(_LIST_PX, area.width() * 0.3)
        frame = area.adjusted(_LEFT_PX, look.line_px + 6, -listed - 12, -look.line_px - 6)
        axes = Axes(
            frame,
            (float(self.time_s[0]), float(self.time_s[-1] + self._cell_s)),
            range_of(self.own.mean, self.band.least, self.band.greatest),
        )
        paint_times(painter, axes, look)
        paint_values(painter, axes, look, self.sensor.unit)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.time_s + self._cell_s / 2
        own, others = curve_colour(0, look.palette), curve_colour(6, look.palette)
        ground = blend(look.ground, others, 0.28)
        paint_band(painter, axes, middle, self.band.least, self.band.greatest, ground)
        dash = QPen(others, 1.5, Qt.PenStyle.DashLine)
        paint_line(painter, axes, middle, self.band.median, dash)
        paint_line(painter, axes, middle, self.own.mean, QPen(own, 2))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._paint_keys(painter, area, look, (own, others, ground))
        self._paint_list(painter, QRectF(frame.right() + 16, area.top(), listed - 4, area.height()), look)
        wide = frame.width() / max(len(self.time_s), 1)
        return [
            Spot(QRectF(frame.left() + place * wide, frame.top(), wide, frame.height()), partial(self._words, place))
            for place in range(len(self.time_s))
        ]

    def rows(self) -> Iterator[Sequence[object]]:
        """A cell of time a row."""
        yield ("time", "sensor", "unit", "mean", "neighbours", "least", "median", "greatest", "worst_quality")
        band = self.band
        for place, at_s in enumerate(self.time_s.tolist()):
            numbers = [
                f"{value:.7g}" if math.isfinite(value) else ""
                for value in (float(c[place]) for c in (self.own.mean, band.least, band.median, band.greatest))
            ]
            head = (_iso(at_s), self.sensor.id, self.sensor.unit, numbers[0], int(band.usable[place]))
            yield (*head, *numbers[1:], int(self.own.quality[place]))

    @property
    def _cell_s(self) -> float:
        return float(self.time_s[1] - self.time_s[0]) if len(self.time_s) > 1 else 60.0

    def _signed(self, value: float) -> str:
        if not math.isfinite(value):
            return "—"
        text = value_text(value, self.sensor.unit, self.kind)
        return text if text.startswith("-") else f"+{text}"

    def _words(self, place: int) -> str:
        band = self.band
        numbers = [
            value_text(float(column[place]), self.sensor.unit, self.kind)
            for column in (self.own.mean, band.least, band.median, band.greatest)
        ]
        return _("{time} · it {own} · neighbours {least} … {median} … {greatest} ({count})").format(
            time=_iso(float(self.time_s[place]))[:16].replace("T", " "),
            own=numbers[0],
            least=numbers[1],
            median=numbers[2],
            greatest=numbers[3],
            count=int(band.usable[place]),
        )

    def _paint_keys(
        self, painter: QPainter, area: QRectF, look: ChartLook, colours: tuple[QColor, QColor, QColor]
    ) -> None:
        own, others, ground = colours
        left = area.left() + _LEFT_PX

        def paint_own(box: QRectF) -> None:
            painter.setPen(QPen(own, 2))
            painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()))

        def paint_median(box: QRectF) -> None:
            painter.setPen(QPen(others, 1.5, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()))

        def paint_ground(box: QRectF) -> None:
            painter.fillRect(box.adjusted(0, 3, 0, -3), ground)

        left = paint_key(painter, left, area.top(), look, paint_own, self.sensor.name)
        left = paint_key(painter, left, area.top(), look, paint_median, _("median of the neighbours"))
        paint_key(painter, left, area.top(), look, paint_ground, _("least to greatest"))

    def _paint_list(self, painter: QPainter, box: QRectF, look: ChartLook) -> None:
        painter.setPen(look.text)
        write(painter, QRectF(box.left(), box.top(), box.width(), look.line_px), _("Neighbours, nearest first"))
        top = box.top() + look.line_px + 6
        for (other, km), value in zip(self.neighbours, self.newest, strict=True):
            if top + 2 * look.line_px > box.bottom():
                break
            painter.setPen(look.text)
            write(painter, QRectF(box.left(), top, box.width(), look.line_px), other.name)
            painter.setPen(look.faint)
            figures = f"{km:.1f} km · {value_text(value, other.unit, self.kind)}"
            write(painter, QRectF(box.left(), top + look.line_px, box.width(), look.line_px), figures)
            top += 2 * look.line_px + 5


def _iso(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, DISTRICT).isoformat(timespec="seconds")
