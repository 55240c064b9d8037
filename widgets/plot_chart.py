"""One chart of a plot: curves over the shared time axis, with an axis for each unit, left and right."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPalette, QPen

from controlroom.bridge.reading_wording import freshness_text
from controlroom.bridge.wording import severity_colour_word
from controlroom.domain.alarm import Alarm
from controlroom.domain.annotation import Annotation
from controlroom.domain.limits import Freshness
from controlroom.domain.sensor import Limit, Sensor
from widgets.plot_axis import round_range, round_values, value_label
from widgets.plot_curve import Curve, curve_colour
from widgets.plot_curve_layer import CurveLayer, Drawn
from widgets.plot_frame import Frame, Range, TimeGrid
from widgets.plot_layers import paint_front, paint_ground
from widgets.plot_scene import AlarmMark, Dot, LimitLine, Note, Scene, limit_periods
from widgets.plot_window import Stretch
from widgets.severity import blend

AXIS_PX = 58.0
_MOST_DOUBTFUL = 400
_LIMIT_SAMPLES = 48
_NO_RANGES: Mapping[str, Range] = MappingProxyType({})

LimitsAt = Callable[[Sensor, datetime], Sequence[Limit]]
"""The limits of a sensor as they were valid at a time."""


def declared_limits(sensor: Sensor, _at: datetime) -> Sequence[Limit]:
    """The limits as the sensor declares them now."""
    return sensor.limits


@dataclass(frozen=True, kw_only=True)
class PlotState:
    """Everything one picture shows besides the curves; times in seconds since 1970 UTC."""

    now_s: float
    stretch: Stretch
    ranges: Mapping[str, Range] = field(default_factory=lambda: _NO_RANGES)
    stepped: bool = False
    lost_from_s: float | None = None
    lost_text: str = ""
    alarms: Sequence[Alarm] = ()
    notes: Sequence[Annotation] = ()
    damaged: Sequence[Stretch] = ()
    down: Sequence[Stretch] = ()
    cursor_s: float | None = None
    reference_s: float | None = None
    limits_at: LimitsAt = declared_limits
    loading_text: str = ""
    kept_from_s: float = 0.0
    kept_text: str = ""
    live: bool = True


class Chart:
    """Curves of one or more units. The first unit's axis is left, the second's right, and so on in turns."""

    def __init__(self, curves: Sequence[Curve], palette: QPalette, font: QFont) -> None:
        self.curves = list(curves)
        self.units = list(dict.fromkeys(curve.sensor.unit for curve in curves))
        self.scene = Scene(palette, font, grid_unit=self.units[0])
        self.chosen = ""
        self.layer = CurveLayer()
        self.frame = Frame(QRectF(0, 0, 1, 1), TimeGrid(1.0, 0, 1))
        self._base = {unit: self._base_range(unit) for unit in self.units}
        self.scene.ranges = {unit: round_range(*self._base[unit]) for unit in self.units}
        self._limits_key: Any = None

    @property
    def left_px(self) -> float:
        """The width of the axes on the left."""
        return AXIS_PX * len(self.units[::2])

    @property
    def right_px(self) -> float:
        """The width of the axes on the right."""
        return AXIS_PX * len(self.units[1::2])

    def recolour(self, palette: QPalette, font: QFont) -> None:
        """Take the colours and the font of the theme."""
        self.scene.palette, self.scene.font = palette, font

    def limit_curve(self) -> Curve:
        """The curve whose limits are drawn: the chosen one, else the first."""
        return next((curve for curve in self.curves if curve.sensor.id == self.chosen), self.curves[0])

    def place(self, area: QRectF, grid: TimeGrid) -> None:
        """Where the curves are, without the axes."""
        self.frame = Frame(area, grid)

    def update(self, state: PlotState) -> None:
        """Look at the curves: ranges, limits, marks, ages."""
        grid, scene = self.frame.grid, self.scene
        shown = Stretch(grid.start_s, grid.end_s)
        scene.now_s = state.now_s
        for unit in self.units:
            fixed = state.ranges.get(unit)
            if fixed is not None:
                scene.ranges[unit] = fixed
            else:
                self._fit(unit, shown)
        self._show_limits(state, shown)
        self._show_doubts(shown)
        own = {curve.sensor.id for curve in self.curves}
        scene.marks = tuple(
            AlarmMark(alarm.occurred_at.timestamp(), alarm.severity, alarm.active)
            for alarm in state.alarms
            if alarm.sensor in own
        )
        scene.notes = tuple(
            Note(n.id, Stretch(n.begins_at.timestamp(), n.ends_at.timestamp()), n.text, n.by)
            for n in state.notes
            if own.intersection(n.sensors)
        )
        unknown = dict.fromkeys(part for curve in self.curves for part in curve.unknown(shown))
        scene.unknown = tuple(part for part in unknown if part.span_s > grid.width_s)
        scene.hint = state.loading_text if scene.unknown else ""
        if state.kept_from_s > shown.start_s + grid.width_s:
            scene.unknown += (Stretch(shown.start_s, state.kept_from_s),)
            scene.hint = state.kept_text
        scene.damaged, scene.down = tuple(state.damaged), tuple(state.down)
        self._show_age(state)
        self.point(state.cursor_s, state.reference_s)

    def point(self, cursor_s: float | None, reference_s: float | None) -> None:
        """Show the cursors; the curves are not drawn again for them."""
        scene = self.scene
        scene.cursor_s, scene.reference_s = cursor_s, reference_s
        dots = []
        if cursor_s is not None:
            for curve in self.curves:
                held = curve.at(cursor_s)
                if held is not None:
                    colour = curve_colour(curve.number, scene.palette)
                    dots.append(Dot(held[0], held[1], curve.sensor.unit, colour))
        scene.cursor_dots = tuple(dots)

    def draw(self, state: PlotState, ratio: float) -> int:
        """Draw the curves into their layer; returns how many columns of pixels were drawn."""
        height = round(self.frame.area.height() * ratio)
        base = self.scene.palette.color(QPalette.ColorRole.Base)
        grid = self.frame.grid.finer(ratio)
        return self.layer.draw(self._drawn(state), grid, height, self.scene.ranges, base, state.stepped)

    def paint(self, painter: QPainter, state: PlotState | None = None) -> None:
        """Paint the chart; with a state, for a file: curves as lines and not as the picture that was drawn."""
        area = self.frame.area
        painter.save()
        painter.setClipRect(area)
        paint_ground(painter, self.frame, self.scene)
        if state is None:
            painter.drawPixmap(area, self.layer.pixmap, QRectF(self.layer.pixmap.rect()))
        else:
            painter.save()
            painter.translate(area.topLeft())
            base, ranges = self.scene.palette.color(QPalette.ColorRole.Base), self.scene.ranges
            drawn = self._drawn(state)
            self.layer.paint_directly(painter, drawn, self.frame.grid, area.height(), ranges, base, state.stepped)
            painter.restore()
        paint_front(painter, self.frame, self.scene)
        painter.restore()
        self._paint_axes(painter)

    def _drawn(self, state: PlotState) -> Drawn:
        base, drawn = self.scene.palette.color(QPalette.ColorRole.Base), []
        for curve in self.curves:
            colour = curve_colour(curve.number, self.scene.palette)
            if state.live and not self._believed(curve, state):
                colour = blend(colour, base, 0.45)
            drawn.append((curve, curve.sensor.unit, colour))
        return drawn

    def _believed(self, curve: Curve, state: PlotState) -> bool:
        return curve.freshness is Freshness.LIVE and state.lost_from_s is None

    def _show_limits(self, state: PlotState, shown: Stretch) -> None:
        curve = self.limit_curve()
        sensor, slot_s = curve.sensor, shown.span_s / 64
        sets = {each.sensor.limits for each in self.curves}
        several = len(sets) > 1 or len(self.units) > 1
        key = (sensor, several, int(shown.start_s // slot_s), shown.span_s, state.limits_at)
        if key == self._limits_key:
            return
        self._limits_key = key
        named = f"{sensor.name} " if several else ""

        def lines_at(at_s: float) -> tuple[LimitLine, ...]:
            return tuple(_limit_lines(state.limits_at(sensor, datetime.fromtimestamp(at_s, UTC)), named, sensor.unit))

        wide = Stretch(shown.start_s - 2 * slot_s, shown.end_s + 2 * slot_s)
        self.scene.limit_unit = sensor.unit
        self.scene.periods = limit_periods(lines_at, wide, _LIMIT_SAMPLES, max(self.frame.grid.width_s, 1.0))

    def _show_doubts(self, shown: Stretch) -> None:
        dots, bins = [], []
        for curve in self.curves:
            doubts = curve.doubts(shown)
            if not len(doubts.time_s):
                continue
            colour, unit = curve_colour(curve.number, self.scene.palette), curve.sensor.unit
            told = np.isfinite(doubts.value)
            places = np.flatnonzero(told)
            for place in places[:: len(places) // _MOST_DOUBTFUL + 1].tolist():
                dots.append(Dot(float(doubts.time_s[place]), float(doubts.value[place]), unit, colour))
            rest = doubts.time_s[~told]
            bins += rest[:: len(rest) // _MOST_DOUBTFUL + 1].tolist()
        self.scene.doubts, self.scene.doubted_bins = tuple(dots), tuple(bins)

    def _show_age(self, state: PlotState) -> None:
        scene, tails, since = self.scene, [], []
        if not state.live:
            # A picture of the past does not say how the sensors stand now; the rows above it do.
            scene.tails, scene.stale_from_s, scene.stale_text = (), None, ""
            return
        faint = scene.palette.color(QPalette.ColorRole.PlaceholderText)
        for curve in self.curves:
            if self._believed(curve, state):
                continue
            last = curve.last_good()
            if last is not None:
                tails.append(Dot(last[0], last[1], curve.sensor.unit, faint))
            if curve.freshness in (Freshness.STALE, Freshness.NEVER):
                since.append(last[0] if last is not None else -math.inf)
        scene.tails = tuple(tails)
        all_stale = len(since) == len(self.curves)
        starts = ([max(since)] if all_stale else []) + ([state.lost_from_s] if state.lost_from_s is not None else [])
        scene.stale_from_s = min(starts) if starts else None
        scene.stale_text = state.lost_text
        if all_stale and not state.lost_text:
            never = all(curve.freshness is Freshness.NEVER for curve in self.curves)
            kind = Freshness.NEVER if never else Freshness.STALE
            age_s = 0.0 if never or math.isinf(max(since)) else state.now_s - max(since)
            scene.stale_text = freshness_text(kind, age_s)

    def _base_range(self, unit: str) -> Range:
        lows, highs = [], []
        for curve in (curve for curve in self.curves if curve.sensor.unit == unit):
            above = [limit.above for limit in curve.sensor.limits if limit.above is not None]
            below = [limit.below for limit in curve.sensor.limits if limit.below is not None]
            lows += [max(below)] if below else []
            highs += [min(above)] if above else []
            if curve.kind is not None:
                lows.append(curve.kind.scale[0])
                highs.append(curve.kind.scale[1])
        if not lows and not highs:
            return math.inf, -math.inf
        both = lows + highs
        return min(both), max(both) + 0.05 * (max(both) - min(both))

    def _fit(self, unit: str, shown: Stretch) -> None:
        """Keep the range while it fits, so that the eye can compare; change it in round steps."""
        low, high = self._base[unit]
        for curve in (curve for curve in self.curves if curve.sensor.unit == unit):
            least, greatest = curve.extremes(shown)
            if math.isfinite(least):
                low, high = min(low, least), max(high, greatest)
        held_low, held_high = self.scene.ranges[unit]
        if held_low <= low and high <= held_high and high - low > 0.5 * (held_high - held_low):
            return
        self.scene.ranges[unit] = round_range(low, high)

    def _paint_axes(self, painter: QPainter) -> None:
        area, palette = self.frame.area, self.scene.palette
        metrics = QFontMetricsF(self.scene.font)
        painter.setFont(self.scene.font)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1))
        painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
        for number, unit in enumerate(self.units):
            right, place = bool(number % 2), number // 2
            edge = area.right() + place * AXIS_PX if right else area.left() - place * AXIS_PX
            colour = palette.color(QPalette.ColorRole.PlaceholderText)
            if len(self.units) > 1:
                colour = self._axis_colour(unit, colour)
            self._paint_values(painter, metrics, unit, edge, right, colour)

    def _axis_colour(self, unit: str, otherwise: QColor) -> QColor:
        """An axis that has one curve has its colour."""
        own = [curve for curve in self.curves if curve.sensor.unit == unit]
        return curve_colour(own[0].number, self.scene.palette) if len(own) == 1 else otherwise

    def _paint_values(
        self, painter: QPainter, metrics: QFontMetricsF, unit: str, edge: float, right: bool, colour: QColor
    ) -> None:
        area, shown = self.frame.area, self.scene.ranges[unit]
        values = round_values(*shown, area.height())
        step = values[1] - values[0] if len(values) > 1 else abs(shown[1] - shown[0])
        painter.setPen(colour)
        align = (Qt.AlignmentFlag.AlignLeft if right else Qt.AlignmentFlag.AlignRight) | Qt.AlignmentFlag.AlignVCenter
        height = metrics.height()
        unit_box = QRectF(edge + 6 if right else edge - AXIS_PX + 2, area.top() - 1, AXIS_PX - 8, height)
        for value in values:
            y = self.frame.y(value, shown)
            box = QRectF(unit_box.left(), y - height / 2, unit_box.width(), height)
            if (unit and box.top() < unit_box.bottom()) or box.bottom() > area.bottom() + height / 2 + 1:
                continue
            painter.drawText(box, align, value_label(value, step))
            tick = edge + 4 if right else edge - 4
            painter.drawLine(QPointF(edge, y), QPointF(tick, y))
        if unit:
            painter.drawText(unit_box, align, unit)


def _limit_lines(limits: Sequence[Limit], named: str, unit: str) -> list[LimitLine]:
    lines = []
    for limit in limits:
        for value, above in ((limit.above, True), (limit.below, False)):
            if value is not None:
                sign = "≥" if above else "≤"
                text = f"{named}{severity_colour_word(limit.severity)} {sign} {value:g} {unit}".rstrip()
                lines.append(LimitLine(value, above, limit.severity, text))
    return lines
