"""One curve with its limits: the trend of a single value beside the figures of a department's panel."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

_STEPS_S = (1, 5, 15, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86_400, 7 * 86_400)
_STEP_PX = 80


class _TimeAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """Local times along the bottom, at full hours and days; figures only, so that no language is needed."""

    def __init__(self, zone: tzinfo) -> None:
        super().__init__("bottom")
        self._zone = zone
        offset = datetime.now(UTC).astimezone(zone).utcoffset()
        self._ahead_s = offset.total_seconds() if offset is not None else 0.0

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        """The smallest step whose labels do not touch."""
        wanted = (high - low) / max(1.0, size / _STEP_PX)
        return [(float(next((step for step in _STEPS_S if step >= wanted), _STEPS_S[-1])), 0.0)]

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Multiples of the step in local time."""
        found = super().tickValues(low + self._ahead_s, high + self._ahead_s, size)
        return [(spacing, [value - self._ahead_s for value in values]) for spacing, values in found]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """The time of the day; at midnight the date."""
        return [self._text(datetime.fromtimestamp(value, UTC).astimezone(self._zone), spacing) for value in values]

    def _text(self, at: datetime, spacing: float) -> str:
        if spacing < 60:
            return f"{at:%H:%M:%S}"
        return f"{at:%m-%d}" if (at.hour, at.minute) == (0, 0) else f"{at:%H:%M}"


class SmallTrend(QWidget):
    """Shows one series and horizontal limits; without points it says so instead of showing an empty frame."""

    def __init__(self, zone: tzinfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plot = pg.PlotWidget(axisItems={"bottom": _TimeAxis(zone)})
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.setMouseEnabled(x=True, y=False)
        self._plot.enableAutoRange()
        self._curve = self._plot.plot(connect="finite")
        self._limits: list[pg.InfiniteLine] = []
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.empty = QLabel()
        self.empty.setProperty("faint", True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addWidget(self.title)
        rows.addWidget(self._plot, 1)
        rows.addWidget(self.empty, 1)
        self.show_series("", np.empty(0, np.int64), np.empty(0, np.float32), ())
        self._dress()

    def show_series(
        self,
        title: str,
        time_ms: NDArray[np.int64],
        value: NDArray[np.float32],
        limits: Sequence[tuple[float, str, str]],
        empty: str = "",
    ) -> None:
        """Show values over times (ms since 1970 UTC, rising); NaN breaks the curve.

        `limits` are (value, word, #rrggbb); `empty` is said when there is no point.
        """
        self.title.setText(title)
        self.empty.setText(empty)
        self.empty.setVisible(not len(time_ms))
        self._plot.setVisible(bool(len(time_ms)))
        self._curve.setData(time_ms / 1000.0, value)
        for line in self._limits:
            self._plot.removeItem(line)
        text = self.palette().color(QPalette.ColorRole.WindowText)
        self._limits = [
            pg.InfiniteLine(
                limit,
                angle=0,
                pen=pg.mkPen(colour, width=1, style=Qt.PenStyle.DashLine),
                label=word,
                labelOpts={"position": 0.06, "color": text, "anchors": [(0, 1), (0, 1)]},
            )
            for limit, word, colour in limits
        ]
        for line in self._limits:
            self._plot.addItem(line, ignoreBounds=True)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange):
            self._dress()

    def _dress(self) -> None:
        palette = self.palette()
        text = palette.color(QPalette.ColorRole.WindowText)
        faint = QColor(text)
        faint.setAlphaF(0.6)
        self._plot.setBackground(palette.color(QPalette.ColorRole.Base))
        for side in ("left", "bottom"):
            axis = self._plot.getAxis(side)
            axis.setPen(faint)
            axis.setTextPen(faint)
        self._curve.setPen(pg.mkPen(palette.color(QPalette.ColorRole.Link), width=1))
