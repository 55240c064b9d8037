"""The drawing area of a plot panel: stacked charts, one per unit, over one time axis, with one cursor."""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent, QPaintEvent, QPalette

from controlroom.domain.alarm import Alarm
from widgets.plot_chart import Chart, Curve


class PlotCanvas(pg.GraphicsLayoutWidget):  # type: ignore[misc]  # pyqtgraph is untyped
    """Charts of curves. It is told when to redraw and never redraws by itself; `charge` is told what painting cost."""

    pointed = Signal(object)
    """The time under the mouse (aware UTC), or None when the mouse left."""

    def __init__(self, charge: Callable[[float], None]) -> None:
        super().__init__()
        self._charge = charge
        self._charts: list[Chart] = []
        self._now_s = 0.0
        self._span_s = 300.0
        self._chosen = ""
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)
        self.viewport().installEventFilter(self)
        self.ci.setContentsMargins(2, 2, 8, 2)
        self.ci.setSpacing(2)
        self.setBackground(self.palette().color(QPalette.ColorRole.Base))

    @property
    def charts(self) -> Sequence[Chart]:
        """The charts from top to bottom."""
        return self._charts

    def set_curves(self, curves: Iterable[Curve]) -> None:
        """Show these curves, one chart for each unit in the order of their first curve."""
        by_unit: dict[str, list[Curve]] = {}
        for curve in curves:
            by_unit.setdefault(curve.sensor.unit, []).append(curve)
        self.ci.clear()
        self._charts = [Chart(unit, group, self.palette(), self._small_font()) for unit, group in by_unit.items()]
        for row, chart in enumerate(self._charts):
            self.ci.addItem(chart.plot, row, 0)
            chart.set_span(self._span_s)
            chart.show_times(row == len(self._charts) - 1)
        self.choose(self._chosen)

    def set_span(self, span_s: float) -> None:
        """The length of the time axis in seconds."""
        self._span_s = span_s
        for chart in self._charts:
            chart.set_span(span_s)

    def choose(self, sensor_id: str) -> None:
        """The sensor whose limits are drawn where the sensors of a chart have different ones."""
        self._chosen = sensor_id
        for chart in self._charts:
            chart.limit_by(sensor_id)

    def redraw(
        self,
        now_s: float,
        lost_from_s: float | None,
        lost_text: str,
        alarms: Sequence[Alarm],
        cursor: datetime | None,
    ) -> None:
        """Draw everything as of now (seconds since 1970 UTC)."""
        self._now_s = now_s
        for chart in self._charts:
            chart.redraw(now_s, lost_from_s, lost_text)
            chart.mark(alarms, now_s)
            chart.point_at(cursor, now_s)

    def point_at(self, cursor: datetime | None) -> None:
        """Move the cursor without drawing the curves again."""
        for chart in self._charts:
            chart.point_at(cursor, self._now_s)

    def recolour(self) -> None:
        """Take the colours of the palette again."""
        self.setBackground(self.palette().color(QPalette.ColorRole.Base))
        for chart in self._charts:
            chart.recolour(self.palette(), self._small_font())
        self.choose(self._chosen)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint and tell what it cost."""
        began = time.perf_counter()
        super().paintEvent(event)
        self._charge(time.perf_counter() - began)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the mouse ourselves; pyqtgraph's own handling of every move costs more than the curves."""
        if event.type() is QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            at_s = (
                self._charts[0].time_at(self.mapToScene(event.position().toPoint()).x(), self._now_s)
                if self._charts
                else None
            )
            self.pointed.emit(None if at_s is None else datetime.fromtimestamp(at_s, UTC))
            return True
        if event.type() is QEvent.Type.Leave:
            self.pointed.emit(None)
        return event.type() is QEvent.Type.Wheel or bool(super().eventFilter(watched, event))

    def _small_font(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(max(font.pointSizeF() * 0.9, 7.0))
        return font
