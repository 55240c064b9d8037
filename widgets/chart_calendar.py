"""The air of a year: a row for each month, a cell for each day with its index and the colour of its level."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from controlroom.domain.air_calendar import AirCalendar, AirDay
from controlroom.domain.standards.air import AirLevel
from controlroom.i18n import _, _n
from widgets.chart_sheet import ChartLook, Spot, hatch, legible_on, write

_LEFT_PX = 70.0
_NUMBER_PX = 22.0


def level_word(key: str) -> str:
    """The class of the index in words (HJ 633 table 2)."""
    return {
        "excellent": _("Excellent air"),
        "good": _("Good air"),
        "light": _("Light pollution"),
        "moderate": _("Moderate pollution"),
        "heavy": _("Heavy pollution"),
        "severe": _("Severe pollution"),
    }.get(key, key)


def pollutant_word(key: str) -> str:
    """A pollutant as it is written."""
    return {"pm25": "PM2.5", "pm10": "PM10", "so2": "SO₂", "no2": "NO₂", "co": "CO", "o3": "O₃"}.get(key, key)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarSheet:
    """The days of a calendar at a place; `levels` are all classes of the standard; `damaged`: the hub lost some
    of the history."""

    name: str
    calendar: AirCalendar
    levels: Sequence[AirLevel]
    damaged: bool = False

    @property
    def title(self) -> str:
        """What is shown."""
        days = self.calendar.days
        years = f"{days[0].day:%Y}" if days else ""
        if days and days[-1].day.year != days[0].day.year:
            years += f"–{days[-1].day:%Y}"
        return _("Air quality calendar of {name}, {years}").format(name=self.name, years=years)

    @property
    def said(self) -> str:
        """How many days of each level, how many gaps, by which pollutants and editions."""
        calendar = self.calendar
        words = []
        for level, count in calendar.counts():
            days = _n("{count} day", "{count} days", count).format(count=count)
            words.append(f"{level_word(level.key)} {days}")
        told = _("; ").join(words) if words else _("No day has enough hours for an index")
        told += " · " + _("{count} days without an index").format(count=calendar.gaps)
        told += " · " + _("from {pollutants}").format(pollutants=_(", ").join(map(pollutant_word, calendar.pollutants)))
        if calendar.editions:
            told += " · " + _("by {editions}, each day by the edition in force").format(
                editions=" / ".join(calendar.editions)
            )
        if self.damaged:
            told += " · " + _("Part of the hub's history of this time is damaged.")
        return told

    def paint(self, painter: QPainter, area: QRectF, look: ChartLook) -> list[Spot]:
        """Months downwards, days across, then the legend."""
        months = sorted({(each.day.year, each.day.month) for each in self.calendar.days})
        foot = 2 * look.line_px + 14
        grid = area.adjusted(_LEFT_PX, look.line_px + 4, 0, -foot)
        wide, tall = grid.width() / 31, min(grid.height() / max(len(months), 1), 60.0)
        painter.setPen(look.faint)
        for number in range(1, 32):
            box = QRectF(grid.left() + (number - 1) * wide, area.top(), wide, look.line_px)
            write(painter, box, str(number), Qt.AlignmentFlag.AlignHCenter)
        rows = {month: row for row, month in enumerate(months)}
        for (year, month), row in rows.items():
            painter.setPen(look.faint)
            box = QRectF(area.left(), grid.top() + row * tall, _LEFT_PX - 8, tall)
            write(painter, box, f"{year}-{month:02d}", Qt.AlignmentFlag.AlignRight)
        spots = []
        for each in self.calendar.days:
            row = rows[each.day.year, each.day.month]
            box = QRectF(grid.left() + (each.day.day - 1) * wide, grid.top() + row * tall, wide - 2, tall - 2)
            self._paint_day(painter, box, each, look)
            spots.append(Spot(box, partial(day_words, each)))
        self._paint_legend(painter, area, grid.top() + len(months) * tall + 8, look)
        return spots

    def rows(self) -> Iterator[Sequence[object]]:
        """A day a row."""
        yield ("day", "aqi", "level", "primary", "off_scale", "edition", "hours", "unfinished")
        for each in self.calendar.days:
            found = each.index
            if found is None:
                yield (each.day.isoformat(), "", "", "", "", "", each.hours, int(each.unfinished))
            else:
                marks = (int(found.off_scale), found.edition, each.hours, int(each.unfinished))
                yield (each.day.isoformat(), found.value, found.level.key, "+".join(found.primary), *marks)

    def _paint_day(self, painter: QPainter, box: QRectF, each: AirDay, look: ChartLook) -> None:
        if each.index is None:
            hatch(painter, box, look)
            painter.drawRect(box)
            return
        colour = QColor(*each.index.level.rgb)
        painter.fillRect(box, colour)
        if each.unfinished:
            painter.setPen(look.text)
            painter.drawRect(box)
        if box.width() >= _NUMBER_PX:
            painter.setPen(legible_on(colour))
            write(painter, box, str(each.index.value), Qt.AlignmentFlag.AlignHCenter)

    def _paint_legend(self, painter: QPainter, area: QRectF, top: float, look: ChartLook) -> None:
        left, begins = area.left() + _LEFT_PX, 0
        for level in self.levels:
            words = f"{level_word(level.key)} {begins}–{level.upto}"
            begins = level.upto + 1
            width = math.ceil(look.metrics.horizontalAdvance(words)) + 2
            if left + width + 23 > area.right():
                left, top = area.left() + _LEFT_PX, top + look.line_px + 3
            painter.fillRect(QRectF(left, top + 2, 18, look.line_px - 4), QColor(*level.rgb))
            painter.setPen(look.text)
            painter.drawText(QRectF(left + 23, top, width, look.line_px), Qt.AlignmentFlag.AlignVCenter, words)
            left += width + 41
        box = QRectF(left, top + 2, 18, look.line_px - 4)
        hatch(painter, box, look)
        painter.drawRect(box)
        painter.setPen(look.text)
        write(painter, QRectF(left + 23, top, area.right() - left - 23, look.line_px), _("no index: too few hours"))


def day_words(each: AirDay) -> str:
    """All that is known of a day."""
    when = f"{each.day:%Y-%m-%d}"
    if each.index is None:
        return f"{when} · " + _("no index: {hours} hours with readings").format(hours=each.hours)
    found = each.index
    words = [when, f"AQI {found.value}", level_word(found.level.key)]
    if found.primary:
        words.append(_("primary: {pollutants}").format(pollutants=", ".join(map(pollutant_word, found.primary))))
    if found.off_scale:
        words.append(_("beyond the table"))
    words += [found.edition, _("{hours} hours").format(hours=each.hours)]
    if each.unfinished:
        words.append(_("the day goes on"))
    return " · ".join(words)
