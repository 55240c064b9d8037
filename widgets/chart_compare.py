"""What differs from then: values of a set of sensors now beside those of yesterday or of a saved snapshot."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QPainter

from controlroom.bridge.reading_wording import freshness_text, value_text
from controlroom.bridge.wording import age_text
from controlroom.domain.kinds import SensorKind
from controlroom.domain.limits import Freshness
from controlroom.domain.sensor import Sensor
from controlroom.domain.value_snapshot import Threshold
from controlroom.i18n import _
from widgets.chart_sheet import ChartLook, Spot, write
from widgets.plot_curve import curve_colour

_SHARES = (0.36, 0.15, 0.15, 0.24, 0.10)
_ROW_PX = 6.0


@dataclass(frozen=True, slots=True)
class Compared:
    """One sensor then and now; `delta` and `percent` NaN where they cannot be told."""

    sensor: Sensor
    kind: SensorKind | None
    then: float
    now: float
    delta: float
    percent: float
    beyond: bool
    freshness: Freshness
    age_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareSheet:
    """`compared` in the order in which they are listed; `reference` says what they are compared with."""

    reference: str
    threshold: Threshold
    compared: Sequence[Compared]
    only_beyond: bool

    @property
    def title(self) -> str:
        """What is shown."""
        return _("Now and {reference}").format(reference=self.reference)

    @property
    def said(self) -> str:
        """How many differ, and of how many nothing can be said."""
        beyond = sum(each.beyond for each in self.compared)
        missing = sum(not math.isfinite(each.delta) for each in self.compared)
        by = f"{self.threshold.by:g}"
        by = f"{by} %" if self.threshold.percent else _("{by} (own unit)").format(by=by)
        told = _("{beyond} of {count} differ by more than {by}").format(beyond=beyond, count=len(self.compared), by=by)
        if missing:
            told += _("; ") + _("of {missing} nothing can be said: a value is missing").format(missing=missing)
        return told

    @property
    def listed(self) -> Sequence[Compared]:
        """Those that are shown."""
        return [each for each in self.compared if each.beyond] if self.only_beyond else self.compared

    def least_height(self, look: ChartLook) -> int:
        """How many pixels all rows need."""
        return math.ceil((len(self.listed) + 2) * (look.line_px + _ROW_PX))

    def paint(self, painter: QPainter, area: QRectF, look: ChartLook) -> list[Spot]:
        """A row for each sensor, as many as fit; what differs has a mark, bold figures and a bar."""
        tall, listed, spots = look.line_px + _ROW_PX, self.listed, []
        titles = (_("Sensor"), _("Then"), _("Now"), _("Difference"), _("Age"))
        painter.setPen(look.faint)
        for words, box in zip(titles, _cells(area, area.top(), tall), strict=True):
            write(painter, box, words)
        painter.drawLine(QPointF(area.left(), area.top() + tall), QPointF(area.right(), area.top() + tall))
        room = max(int((area.height() - tall) // tall), 1)
        most = max((abs(each.percent) for each in listed if math.isfinite(each.percent)), default=0.0)
        shown = listed if len(listed) <= room else listed[: room - 1]
        for place, each in enumerate(shown):
            box = QRectF(area.left(), area.top() + (place + 1) * tall, area.width(), tall)
            self._paint_row(painter, box, each, most, look)
            spots.append(Spot(box, partial(self._words, each), each.sensor.id))
        if len(shown) < len(listed):
            painter.setPen(look.faint)
            box = QRectF(area.left(), area.top() + (len(shown) + 1) * tall, area.width(), tall)
            write(painter, box, _("… and {count} more, in the CSV file").format(count=len(listed) - len(shown)))
        return spots

    def rows(self) -> Iterator[Sequence[object]]:
        """All that was compared, a sensor a row."""
        yield ("sensor", "name", "kind", "town", "unit", "then", "now", "difference", "percent", "beyond", "state")
        for each in self.compared:
            sensor = each.sensor
            figures = [
                f"{value:.7g}" if math.isfinite(value) else ""
                for value in (each.then, each.now, each.delta, each.percent)
            ]
            head = (sensor.id, sensor.name, sensor.kind, sensor.town, sensor.unit)
            yield (*head, *figures, int(each.beyond), each.freshness.name.lower())

    def _words(self, each: Compared) -> str:
        return " · ".join((each.sensor.name, self._then_now(each), self._difference(each), self._age(each)))

    def _then_now(self, each: Compared) -> str:
        unit = each.sensor.unit
        return f"{value_text(each.then, unit, each.kind)} → {value_text(each.now, unit, each.kind)}"

    def _difference(self, each: Compared) -> str:
        if not math.isfinite(each.delta):
            return "—"
        # What rounds to nothing has no sign.
        words = value_text(each.delta, each.sensor.unit, each.kind)
        if not words.lstrip("-").partition(" ")[0].strip("0."):
            words = words.lstrip("-")
        elif each.delta > 0:
            words = f"+{words}"
        return f"{words} ({round(each.percent):+d} %)" if math.isfinite(each.percent) else words

    def _age(self, each: Compared) -> str:
        doubt = freshness_text(each.freshness, each.age_s or 0.0)
        return doubt or (age_text(each.age_s) if each.age_s is not None else "—")

    def _paint_row(self, painter: QPainter, row: QRectF, each: Compared, most: float, look: ChartLook) -> None:
        name, then, now, difference, age = _cells(row, row.top(), row.height())
        live = each.freshness is Freshness.LIVE
        if each.beyond and math.isfinite(each.percent) and most > 0:
            bar = QRectF(difference)
            bar.setWidth(max(difference.width() * abs(each.percent) / most - 8, 2))
            colour = curve_colour(1, look.palette)
            colour.setAlphaF(0.25)
            painter.fillRect(bar.adjusted(0, 2, 0, -2), colour)
        font = QFont(look.font)
        font.setBold(each.beyond)
        font.setItalic(not live)
        painter.setPen(look.text if live else look.faint)
        painter.setFont(font)
        write(painter, name, ("≠ " if each.beyond else "   ") + each.sensor.name)
        write(painter, then, value_text(each.then, each.sensor.unit, each.kind))
        write(painter, now, value_text(each.now, each.sensor.unit, each.kind))
        write(painter, difference, self._difference(each))
        painter.setFont(look.font)
        painter.setPen(look.faint)
        write(painter, age, self._age(each))


def _cells(area: QRectF, top: float, tall: float) -> list[QRectF]:
    """The boxes of a row."""
    boxes, left = [], area.left()
    for share in _SHARES:
        wide = area.width() * share
        boxes.append(QRectF(left, top, wide - 8, tall))
        left += wide
    return boxes
