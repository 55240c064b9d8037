"""All charts of a plot over one time axis, laid out and painted; a widget shows it, a file holds it."""

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPalette, QPen

from widgets.plot_axis import round_times, spacing_s, time_label
from widgets.plot_chart import Chart, PlotState
from widgets.plot_curve import Curve
from widgets.plot_frame import TimeGrid

_GAP_PX = 8.0
_EDGE_PX = 8.0


class PlotPicture:
    """Stacked charts, one for each unit, or all curves `together` in one chart with several axes."""

    def __init__(self, palette: QPalette, font: QFont) -> None:
        self._palette, self._font = palette, font
        self._curves: list[Curve] = []
        self._together = False
        self._chosen = ""
        self.charts: list[Chart] = []
        self.grid = TimeGrid(1.0, 0, 1)
        self.area = QRectF()

    def set_curves(self, curves: Sequence[Curve], together: bool) -> None:
        """Show these curves; charts stand in the order of their first curve."""
        self._curves, self._together = list(curves), together
        groups: dict[str, list[Curve]] = {}
        for curve in curves:
            groups.setdefault("" if together else curve.sensor.unit, []).append(curve)
        self.charts = [Chart(group, self._palette, self._font) for group in groups.values()]
        self.choose(self._chosen)

    def choose(self, sensor_id: str) -> None:
        """The sensor whose limits are drawn in its chart."""
        self._chosen = sensor_id
        for chart in self.charts:
            chart.chosen = sensor_id

    def recolour(self, palette: QPalette, font: QFont) -> None:
        """Take the colours and the font of the theme."""
        self._palette, self._font = palette, font
        for chart in self.charts:
            chart.recolour(palette, font)

    def update(self, state: PlotState, box: QRectF) -> None:
        """Lay out in a box of pixels and look at everything as of now."""
        if not self.charts:
            return
        metrics = QFontMetricsF(self._font)
        left = max(chart.left_px for chart in self.charts)
        right = max(max(chart.right_px for chart in self.charts), _EDGE_PX)
        foot = metrics.height() + 6
        width = max(round(box.width() - left - right), 2)
        self.area = QRectF(box.left() + left, box.top() + 4, width, max(box.height() - foot - 4, 2.0))
        self.grid = TimeGrid.over(state.stretch, width)
        count = len(self.charts)
        height = max((self.area.height() - _GAP_PX * (count - 1)) / count, 2.0)
        for number, chart in enumerate(self.charts):
            top = self.area.top() + number * (height + _GAP_PX)
            chart.place(QRectF(self.area.left(), round(top), width, round(height)), self.grid)
            chart.update(state)

    def draw(self, state: PlotState, ratio: float) -> int:
        """Draw the curves; returns how many columns of pixels were drawn in all charts."""
        return sum(chart.draw(state, ratio) for chart in self.charts)

    def paint(self, painter: QPainter, state: PlotState | None = None) -> None:
        """Paint everything; with a state as lines, for a file."""
        for chart in self.charts:
            chart.paint(painter, state)
        if self.charts:
            self._paint_times(painter)

    def chart_at(self, y: float) -> Chart | None:
        """The chart at a height; the nearest one beside all of them."""
        nearest = None
        for chart in self.charts:
            area = chart.frame.area
            distance = max(area.top() - y, y - area.bottom(), 0.0)
            if nearest is None or distance < nearest[0]:
                nearest = distance, chart
        return nearest[1] if nearest is not None else None

    def time_at(self, x: float) -> float | None:
        """The time under a pixel; None beside the charts."""
        if not self.charts or not self.area.left() <= x <= self.area.right():
            return None
        return self.grid.time_s(x - self.area.left())

    def _paint_times(self, painter: QPainter) -> None:
        metrics = QFontMetricsF(self._font)
        painter.setFont(self._font)
        painter.setPen(QPen(self._palette.color(QPalette.ColorRole.PlaceholderText), 1))
        spacing = spacing_s(self.grid.end_s - self.grid.start_s, self.area.width())
        bottom = self.charts[-1].frame.area.bottom()
        free_from = self.area.left() - 40.0
        for at_s in round_times(self.grid.start_s, self.grid.end_s, spacing):
            x = self.area.left() + self.grid.x(at_s)
            text = time_label(round(at_s), spacing)
            width = metrics.horizontalAdvance(text)
            left = min(x - width / 2, self.area.right() - width + 4)
            painter.drawLine(QLineF(x, bottom, x, bottom + 4))
            if left >= free_from:
                painter.drawText(QPointF(left, bottom + 5 + metrics.ascent()), text)
                free_from = left + width + 8
