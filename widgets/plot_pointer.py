"""The cursor and its reference as one plot shows them: lines over the curves, values in the rows, the time between."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QObject

from widgets.plot_canvas import PlotCanvas
from widgets.plot_cursor import PlotCursor
from widgets.plot_legend import PlotLegend
from widgets.plot_times import delta_text
from widgets.plot_toolbar import PlotToolbar
from widgets.plot_window import Look


class PlotPointer(QObject):
    """Follows the cursor that all plots of a seat share; `look` tells which window the plot shows, `now` the time."""

    def __init__(
        self,
        shared: PlotCursor,
        canvas: PlotCanvas,
        legend: PlotLegend,
        toolbar: PlotToolbar,
        look: Callable[[], Look],
        now: Callable[[], datetime],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._shared, self._canvas, self._legend, self._toolbar = shared, canvas, legend, toolbar
        self._look, self._now = look, now
        shared.moved.connect(self._point)

    def show(self) -> None:
        """Tell in the rows what the curves read at the cursor."""
        at, reference, end_s = self._shared.at, self._shared.reference, self._look().end_s
        # The rows tell what is now; of a past picture without a cursor they also tell what was at its end.
        then = None if end_s is None else datetime.fromtimestamp(min(end_s, self._now().timestamp()), UTC)
        self._legend.show_cursor(at or then, reference, self._now())
        self._toolbar.show_delta("" if at is None or reference is None else delta_text(at - reference))

    def escape(self) -> bool:
        """Take away a rubber band, else the reference, else the cursor; False when there is none of them."""
        if self._canvas.cancel_band():
            return True
        if self._shared.reference is not None:
            self._shared.refer(None)
            return True
        held = self._shared.at is not None
        self._shared.point(None)
        return held

    def _point(self) -> None:
        at, reference = self._shared.at, self._shared.reference
        self._canvas.point(None if at is None else at.timestamp(), None if reference is None else reference.timestamp())
        self.show()
