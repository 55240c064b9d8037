"""One chart of a plot panel: all curves of one unit over the shared time axis."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor, QFont, QPalette

from controlroom.bridge.reading_wording import freshness_text, value_text
from controlroom.bridge.wording import severity_colour_word
from controlroom.domain.alarm import Alarm
from controlroom.domain.kinds import SensorKind
from controlroom.domain.limits import Freshness
from controlroom.domain.sensor import Sensor
from widgets.plot_axis import TimeAxis
from widgets.plot_layers import AlarmMark, FrontLayer, GroundLayer, LimitLine, Scene, Tail
from widgets.plot_series import SeriesRing, Thinner
from widgets.severity import blend, is_dark

_LEFT_PX = 62
_MOST_DOUBTFUL = 400

_DARK = ("#7fd1b9", "#c9a0ff", "#a3d977", "#ff9ecb", "#9fd8ef", "#d9bb98", "#b9c3d3", "#57a89a")
_LIGHT = ("#0b6e5b", "#6636b0", "#3c7a1e", "#a82d77", "#1d6b86", "#75502c", "#4a5768", "#1f4a44")


def curve_colour(number: int, palette: QPalette) -> QColor:
    """A colour for the curve of this number, none of them a severity's; they repeat after eight."""
    colours = _DARK if is_dark(palette) else _LIGHT
    return QColor(colours[number % len(colours)])


class Curve:
    """One sensor in a chart: its readings, its number (for the colour) and what of it is believed now."""

    def __init__(self, sensor: Sensor, index: int, number: int, kind: SensorKind | None) -> None:
        self.sensor = sensor
        self.index = index
        self.number = number
        self.kind = kind
        self.ring = SeriesRing()
        self.thinner = Thinner()
        self.freshness = Freshness.NEVER
        self.line = pg.PlotCurveItem()
        self._colour = QColor()
        self.doubtful: pg.ScatterPlotItem | None = None

    def set_colour(self, colour: QColor) -> None:
        """Draw in this colour; a new pen makes pyqtgraph paint anew, so an equal one is not set."""
        if colour != self._colour:
            self._colour = colour
            self.line.setPen(pg.mkPen(colour, width=1))

    def last_good(self) -> tuple[float, float] | None:
        """Time (seconds since 1970 UTC) and value of the newest reading that can be believed."""
        good = np.flatnonzero(np.isfinite(self.ring.curve[-5000:]))
        if not len(good):
            return None
        at = len(self.ring) - min(len(self.ring), 5000) + int(good[-1])
        return float(self.ring.time_s[at]), float(self.ring.value[at])

    def at(self, time_s: float) -> tuple[float, float] | None:
        """Time and value of the reading that held at a time; None where it was missing or too old by then."""
        place = int(np.searchsorted(self.ring.time_s, time_s, "right")) - 1
        if place < 0 or time_s - self.ring.time_s[place] > self.sensor.stale_after_s:
            return None
        value = float(self.ring.curve[place])
        return (float(self.ring.time_s[place]), value) if math.isfinite(value) else None


class Chart:
    """Curves of one unit with their limits; x is in seconds before now, y in the unit, both ranges fixed by us."""

    def __init__(self, unit: str, curves: Sequence[Curve], palette: QPalette, font: QFont) -> None:
        self.unit = unit
        self.curves = list(curves)
        self.scene = Scene(palette, font)
        self.axis = TimeAxis()
        self.plot = pg.PlotItem(axisItems={"bottom": self.axis}, enableMenu=False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(False, False)
        self.plot.disableAutoRange()
        self.view = self.plot.getViewBox()
        self.view.setDefaultPadding(0.0)
        left = self.plot.getAxis("left")
        left.setWidth(_LEFT_PX)
        left.enableAutoSIPrefix(False)
        self._ground = GroundLayer(self.view, self.scene)
        self._front = FrontLayer(self.view, self.scene)
        for curve in self.curves:
            self.view.addItem(curve.line, ignoreBounds=True)
        self._base = self._base_range()
        self._set_y(self._base)
        self.recolour(palette, font)

    def show_times(self, shown: bool) -> None:
        """Whether the labels of the time axis are shown; only the lowest chart needs them."""
        self.axis.setStyle(showValues=shown)
        self.axis.setHeight(None if shown else 6)

    def set_span(self, span_s: float) -> None:
        """The window: from `span_s` seconds before now until now."""
        self.scene.x_range = (-span_s, span_s * 0.01)
        self.view.setXRange(*self.scene.x_range, padding=0)

    def recolour(self, palette: QPalette, font: QFont) -> None:
        """Take the colours and the font of the theme."""
        self.scene.palette, self.scene.font = palette, font
        faint, line = palette.color(QPalette.ColorRole.PlaceholderText), palette.color(QPalette.ColorRole.Mid)
        for axis in (self.axis, self.plot.getAxis("left")):
            axis.setTickFont(font)
            axis.setPen(pg.mkPen(line))
            axis.setTextPen(pg.mkPen(faint))
            axis.setStyle(maxTickLevel=0, tickLength=-4)
        if self.unit:
            size = f"{font.pointSizeF()}pt"
            self.plot.setLabel("left", self.unit, **{"color": faint.name(), "font-size": size})
        self.limit_by(self.curves[0].sensor.id)

    def limit_by(self, sensor_id: str) -> None:
        """Draw the limits that all sensors share, else those of this sensor (or of the first one)."""
        sets = {curve.sensor.limits for curve in self.curves}
        chosen = next((curve for curve in self.curves if curve.sensor.id == sensor_id), self.curves[0])
        named = "" if len(sets) == 1 else chosen.sensor.name + " "
        lines = []
        for limit in chosen.sensor.limits:
            for value, above in ((limit.above, True), (limit.below, False)):
                if value is not None:
                    sign = "≥" if above else "≤"
                    text = f"{named}{severity_colour_word(limit.severity)} {sign} {value:g} {self.unit}".rstrip()
                    lines.append(LimitLine(value, above, limit.severity, text))
        self.scene.limits = tuple(lines)
        self._ground.update()
        self._front.update()

    def redraw(self, now_s: float, lost_from_s: float | None, lost_text: str) -> None:
        """Draw what the curves hold as of now; `lost_from_s` is when the link to the hub was lost, if it is."""
        start, end = self.scene.x_range
        columns = max(int(self.view.width()), 1)
        self.axis.set_now(now_s)
        low, high = math.inf, -math.inf
        for curve in self.curves:
            ring = curve.ring
            gap_s = curve.sensor.stale_after_s
            line = curve.thinner.line(ring.time_s, ring.curve, ring.revision, now_s + end, end - start, columns, gap_s)
            connect = "finite" if line.broken else "all"
            curve.line.setData(line.x - now_s, line.y, connect=connect, skipFiniteCheck=not line.broken)
            if len(line.y):
                # With NaN, which is all there is where every reading is missing, min and max keep what they had.
                low, high = min(low, float(np.fmin.reduce(line.y))), max(high, float(np.fmax.reduce(line.y)))
            self._show_doubtful(curve, now_s, now_s + start)
        self._fit(low, high)
        self._rule()
        self._show_age(now_s, lost_from_s, lost_text)
        self._ground.update()
        self._front.update()

    def mark(self, alarms: Iterable[Alarm], now_s: float) -> None:
        """Mark the alarms of these curves' sensors."""
        own = {curve.sensor.id for curve in self.curves}
        self.scene.marks = tuple(
            AlarmMark(alarm.occurred_at.timestamp() - now_s, alarm.severity, alarm.active)
            for alarm in alarms
            if alarm.sensor in own
        )
        self._front.update()

    def point_at(self, at: datetime | None, now_s: float) -> None:
        """Show the cursor at a time, or nowhere."""
        self.scene.cursor = None if at is None else at.timestamp() - now_s
        held = [(curve, curve.at(at.timestamp())) for curve in self.curves] if at is not None else []
        self.scene.cursor_points = tuple(
            Tail(point[0] - now_s, point[1], curve_colour(curve.number, self.scene.palette))
            for curve, point in held
            if point is not None
        )
        self._front.update()

    def _show_doubtful(self, curve: Curve, now_s: float, start_s: float) -> None:
        ring = curve.ring
        if not ring.doubted:
            return
        if curve.doubtful is None:
            curve.doubtful = pg.ScatterPlotItem(symbol="x", size=6, pxMode=True)
            self.view.addItem(curve.doubtful, ignoreBounds=True)
        first = int(np.searchsorted(ring.time_s, start_s))
        time_s, value = ring.time_s[first:], ring.value[first:]
        place = np.flatnonzero(np.isnan(ring.curve[first:]) & np.isfinite(value))
        place = place[:: len(place) // _MOST_DOUBTFUL + 1]
        pen = pg.mkPen(self.scene.palette.color(QPalette.ColorRole.PlaceholderText))
        curve.doubtful.setData(time_s[place] - now_s, value[place], pen=pen, brush=None)

    def _show_age(self, now_s: float, lost_from_s: float | None, lost_text: str) -> None:
        palette, tails, since = self.scene.palette, [], []
        base, faint = palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.PlaceholderText)
        for curve in self.curves:
            colour = curve_colour(curve.number, palette)
            believed = curve.freshness is Freshness.LIVE and lost_from_s is None
            curve.set_colour(colour if believed else blend(colour, base, 0.45))
            if believed:
                continue
            last = curve.last_good()
            if last is not None:
                tails.append(Tail(last[0] - now_s, last[1], faint))
            if curve.freshness in (Freshness.STALE, Freshness.NEVER):
                since.append(last[0] if last is not None else -math.inf)
        self.scene.tails = tuple(tails)
        all_stale = len(since) == len(self.curves)
        starts = ([max(since)] if all_stale else []) + ([lost_from_s] if lost_from_s is not None else [])
        self.scene.stale_from = min(starts) - now_s if starts else None
        self.scene.stale_text = lost_text
        if all_stale and not lost_text:
            never = all(curve.freshness is Freshness.NEVER for curve in self.curves)
            kind = Freshness.NEVER if never else Freshness.STALE
            self.scene.stale_text = freshness_text(kind, 0.0 if never else now_s - max(since))

    def _rule(self) -> None:
        """Grid lines where the labels are; as a part of the axes they would cost more than the curves."""
        x = self.axis.tickValues(*self.scene.x_range, self.view.width())
        y = self.plot.getAxis("left").tickValues(*self.scene.y_range, self.view.height())
        self.scene.grid = (tuple(x[0][1]) if x else (), tuple(y[0][1]) if y else ())

    def _base_range(self) -> tuple[float, float]:
        lows, highs = [], []
        for curve in self.curves:
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

    def _fit(self, low: float, high: float) -> None:
        """Keep the range while it fits, so that the eye can compare; change it in round steps."""
        low, high = min(low, self._base[0]), max(high, self._base[1])
        held_low, held_high = self.scene.y_range
        if held_low <= low and high <= held_high and high - low > 0.5 * (held_high - held_low):
            return
        self._set_y((low, high))

    def _set_y(self, wanted: tuple[float, float]) -> None:
        low, high = round_range(*wanted)
        self.scene.y_range = (low, high)
        self.view.setYRange(low, high, padding=0)

    def value_text(self, curve: Curve, value: float) -> str:
        """A value of a curve as people write it down."""
        return value_text(value, self.unit, curve.kind)

    def time_at(self, scene_x: float, now_s: float) -> float | None:
        """The time (seconds since 1970 UTC) under an x of the graphics scene; None beside the curves."""
        area = self.view.sceneBoundingRect()
        left, width = float(area.left()), float(area.width())
        if width <= 0 or not left <= scene_x <= left + width:
            return None
        start, end = self.scene.x_range
        return now_s + start + (scene_x - left) / width * (end - start)


def round_range(low: float, high: float) -> tuple[float, float]:
    """The least range of round numbers that holds these with a little air; 0 to 1 where there is nothing."""
    if not math.isfinite(low) or not math.isfinite(high) or low > high:
        return 0.0, 1.0
    width = high - low if high > low else max(abs(high) * 0.1, 1.0)
    middle = (high + low) / 2
    low, high = min(low, middle - width / 2), max(high, middle + width / 2)
    magnitude = 10.0 ** math.floor(math.log10(width / 4))
    step = next(magnitude * factor for factor in (1, 2, 5, 10) if magnitude * factor >= width / 8)
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
