"""A wind rose: sixteen directions as petals, classes of speed as rings of colour, the share of calms in the middle."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from controlroom.domain.wind_rose import CLASSES_M_S, DIRECTIONS, WindRose
from controlroom.i18n import _, sentences
from widgets.chart_sheet import ChartLook, Spot, heat_colour, write

_HALF_DEG = 9.5
_LEGEND_PX = 220.0


def _mark(place: int) -> str:
    """What stands at the edge of the rose for a main direction of DIRECTIONS."""
    marks = (_("N"), _("NE"), _("E"), _("SE"), _("S"), _("SW"), _("W"), _("NW"))
    return marks[place // 2]


def direction_word(place: int) -> str:
    """The name of a direction of DIRECTIONS as people say it."""
    words = (
        _("north"),
        _("north-northeast"),
        _("northeast"),
        _("east-northeast"),
        _("east"),
        _("east-southeast"),
        _("southeast"),
        _("south-southeast"),
        _("south"),
        _("south-southwest"),
        _("southwest"),
        _("west-southwest"),
        _("west"),
        _("west-northwest"),
        _("northwest"),
        _("north-northwest"),
    )
    return words[place]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoseSheet:
    """The rose of a station; `period` says of which time, `damaged` whether the hub lost some of it."""

    name: str
    period: str
    rose: WindRose
    damaged: bool = False

    @property
    def title(self) -> str:
        """What is shown."""
        return _("Wind rose of {name}, {period}").format(name=self.name, period=self.period)

    @property
    def said(self) -> str:
        """Where the wind came from most, how often it was calm, and what could not be counted."""
        rose, leading = self.rose, self.rose.leading
        if not rose.total:
            return _("No wind was measured in this time.")
        words = [
            _("Calm {share}, mean {mean} m/s, {count} readings.").format(
                share=_percent(rose.calm_share), mean=f"{rose.mean_m_s:.1f}", count=rose.total
            )
        ]
        if leading is not None:
            words.insert(
                0,
                _("Most often from {direction} ({share}).").format(
                    direction=direction_word(leading), share=_percent(float(rose.shares[leading].sum()))
                ),
            )
        if rose.unpaired:
            words.append(_("Left out: {count} of speed without a direction beside them.").format(count=rose.unpaired))
        if rose.variable:
            words.append(
                _("Left out: {count} whose direction went round within their bin.").format(count=rose.variable)
            )
        if self.damaged:
            words.append(_("Part of the hub's history of this time is damaged."))
        return sentences(*words)

    def paint(self, painter: QPainter, area: QRectF, look: ChartLook) -> list[Spot]:
        """Rings, petals, names of directions, the legend."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = max(min(area.width() - _LEGEND_PX, area.height()) / 2 - look.line_px - 8, 20.0)
        centre = QPointF(area.left() + (area.width() - _LEGEND_PX) / 2, area.center().y())
        by_direction = self.rose.shares.sum(axis=1)
        full = _full(float(by_direction.max()) if self.rose.total else 0.0)
        hub = radius * 0.16
        self._paint_rings(painter, centre, hub, radius, full, look)
        spots = []
        for place in range(len(DIRECTIONS)):
            begin = hub
            for number, share in enumerate(self.rose.shares[place].tolist()):
                end = begin + share / full * (radius - hub)
                if share:
                    path = _petal(centre, place, begin, end)
                    painter.fillPath(path, heat_colour((number + 0.6) / len(CLASSES_M_S)))
                    painter.setPen(QPen(look.ground, 1))
                    painter.drawPath(path)
                begin = end
            tip = _at(centre, place, radius * 0.62)
            reach = radius * 0.11
            box = QRectF(tip.x() - reach, tip.y() - reach, 2 * reach, 2 * reach)
            spots.append(Spot(box, partial(self._words, place)))
        painter.setPen(look.grid)
        painter.setBrush(look.ground)
        painter.drawEllipse(centre, hub, hub)
        painter.setPen(look.text)
        middle = QRectF(centre.x() - hub, centre.y() - look.line_px, 2 * hub, look.line_px)
        write(painter, middle, _("calm"), Qt.AlignmentFlag.AlignHCenter)
        middle.translate(0, look.line_px)
        write(painter, middle, _percent(self.rose.calm_share), Qt.AlignmentFlag.AlignHCenter)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._paint_legend(painter, area, look)
        return spots

    def rows(self) -> Iterator[Sequence[object]]:
        """A direction and class a row, calms first."""
        yield ("direction", "from_deg", "from_m_s", "below_m_s", "readings", "share")
        yield ("calm", "", 0, CLASSES_M_S[0], self.rose.calm, f"{self.rose.calm_share:.5f}")
        for place, name in enumerate(DIRECTIONS):
            for number, least in enumerate(CLASSES_M_S):
                below = CLASSES_M_S[number + 1] if number + 1 < len(CLASSES_M_S) else ""
                share = f"{self.rose.shares[place, number]:.5f}"
                yield (name, place * 22.5, least, below, int(self.rose.counts[place, number]), share)

    def _words(self, place: int) -> str:
        shares = self.rose.shares[place]
        parts = [
            f"{_class_text(number)} {_percent(share)}" for number, share in enumerate(shares.tolist()) if share > 0.0
        ]
        return " · ".join([f"{direction_word(place)} {_percent(float(shares.sum()))}", *parts])

    def _paint_rings(
        self, painter: QPainter, centre: QPointF, hub: float, radius: float, full: float, look: ChartLook
    ) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # The figures stand where the petals beside them are shortest.
        petals = self.rose.shares.sum(axis=1)
        quiet = int(np.argmin(petals + np.roll(petals, -1)))
        for ring in range(1, 5):
            reach = hub + (radius - hub) * ring / 4
            painter.setPen(look.grid)
            painter.drawEllipse(centre, reach, reach)
            painter.setPen(look.faint)
            at = _at(centre, quiet, reach, 0.5)
            write(painter, QRectF(at.x() + 3, at.y() - look.line_px / 2, 60, look.line_px), _percent(full * ring / 4))
        for place in range(0, 16, 2):
            painter.setPen(look.grid)
            painter.drawLine(_at(centre, place, hub), _at(centre, place, radius))
            painter.setPen(look.text)
            at = _at(centre, place, radius + look.line_px * 0.75)
            box = QRectF(at.x() - 24, at.y() - look.line_px / 2, 48, look.line_px)
            write(painter, box, _mark(place), Qt.AlignmentFlag.AlignHCenter)

    def _paint_legend(self, painter: QPainter, area: QRectF, look: ChartLook) -> None:
        left, top = area.right() - _LEGEND_PX + 12, area.top() + 6
        painter.setPen(look.text)
        write(painter, QRectF(left, top, _LEGEND_PX - 12, look.line_px), _("Speed (m/s), share of all"))
        sums = self.rose.shares.sum(axis=0).tolist()
        for number in reversed(range(len(CLASSES_M_S))):
            top += look.line_px + 5
            painter.fillRect(
                QRectF(left, top + 1, 22, look.line_px - 2), heat_colour((number + 0.6) / len(CLASSES_M_S))
            )
            painter.setPen(look.text)
            words = f"{_class_text(number)}  {_percent(sums[number])}"
            write(painter, QRectF(left + 30, top, _LEGEND_PX - 42, look.line_px), words)
        top += look.line_px + 5
        calm = _("calm, below {least}  {share}").format(least=CLASSES_M_S[0], share=_percent(self.rose.calm_share))
        write(painter, QRectF(left + 30, top, _LEGEND_PX - 42, look.line_px), calm)
        painter.setPen(look.faint)
        top += look.line_px + 10
        note = _("Directions are where the wind comes from; classes: forces 1 to 5, and 6 and more (GB/T 28591-2012).")
        wrap = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(QRectF(left, top, _LEGEND_PX - 16, 6 * look.line_px), wrap, note)


def _class_text(number: int) -> str:
    least = CLASSES_M_S[number]
    return f"{least:g}–{CLASSES_M_S[number + 1]:g}" if number + 1 < len(CLASSES_M_S) else f"≥ {least:g}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _full(most: float) -> float:
    """A round share that the outer ring stands for."""
    return next((share for share in (0.04, 0.08, 0.12, 0.16, 0.2, 0.32, 0.4, 0.6, 0.8) if share >= most), 1.0)


def _at(centre: QPointF, place: float, reach: float, more: float = 0.0) -> QPointF:
    angle = math.radians((place + more) * 22.5)
    return QPointF(centre.x() + reach * math.sin(angle), centre.y() - reach * math.cos(angle))


def _petal(centre: QPointF, place: int, begin: float, end: float) -> QPainterPath:
    """A piece of a ring around a direction; Qt counts angles from the east and against the clock."""
    start = 90.0 - place * 22.5 - _HALF_DEG
    outer = QRectF(centre.x() - end, centre.y() - end, 2 * end, 2 * end)
    inner = QRectF(centre.x() - begin, centre.y() - begin, 2 * begin, 2 * begin)
    path = QPainterPath()
    path.arcMoveTo(outer, start)
    path.arcTo(outer, start, 2 * _HALF_DEG)
    path.arcTo(inner, start + 2 * _HALF_DEG, -2 * _HALF_DEG)
    path.closeSubpath()
    return path
