"""The plots' part of `bench sensors`: one picture of the product's own widgets against plain peers, 1280x720."""

import importlib
import os
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtWidgets import QApplication, QGridLayout, QWidget

from controlroom.domain.limits import Freshness
from controlroom.domain.sensor import Sensor
from tests.bench.report import Measure
from widgets.chart_canvas import ChartCanvas
from widgets.chart_wall import Trace, WallSheet
from widgets.plot_canvas import PlotCanvas
from widgets.plot_chart import PlotState
from widgets.plot_curve import Curve
from widgets.plot_painter import CurvePainter
from widgets.plot_scheduler import PlotScheduler
from widgets.plot_series import SeriesRing
from widgets.plot_window import Stretch

SIZE = (1280, 720)
SPAN_S = 300.0
NOW_S = 1_795_000_000.0


def application() -> QApplication:
    """The one application, on the off-screen raster platform where nothing else was chosen."""
    if not os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    held = QApplication.instance()
    return held if isinstance(held, QApplication) else QApplication(["bench"])


def instant(ms: int) -> datetime:
    """The aware time of milliseconds since 1970."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def measure(quick: bool) -> list[Measure]:
    """A picture is: new readings into every curve, redrawn and painted; `anew`: all of it, as after a zoom."""
    frames = 8 if quick else 30
    eight = [_series(number, 100_000) for number in range(8)]
    ours, anew = _canvas_ms(eight, frames)
    plain = _pyqtgraph_ms(eight, 3 if quick else 8)
    peer, reason = _matplotlib_ms(eight, 2 if quick else 5)
    many, many_anew = _canvas_ms([_series(n, 100_000) for n in range(64)], frames)
    long = [_series(0, 10_000_000)]
    panned, zoomed = _panned_ms(long[0], frames)
    plain_long = _pyqtgraph_ms(long, 1 if quick else 3)
    small, small_peer = _small_plots_ms(frames), _plot_widgets_ms(min(frames, 8))
    return [
        Measure("plots_8x100k_ms", ours, "ms", plain, "baseline: plain pyqtgraph, setData of all points"),
        Measure("plots_8x100k_anew_ms", anew, "ms", plain, "nothing kept of the picture before"),
        Measure("plots_vs_pyqtgraph", ours / plain, "ratio", 1.0, f"plain pyqtgraph {plain:.1f} ms"),
        Measure("plots_vs_matplotlib", ours / peer if peer else None, "ratio", 1.0, reason),
        Measure("plots_64x100k_ms", many, "ms", None, f"one chart; anew {many_anew:.1f} ms"),
        Measure("plot_10m_ms", panned, "ms", plain_long, f"panned; zoomed anew {zoomed:.1f} ms"),
        Measure(
            "small_plots_64_ms",
            small,
            "ms",
            small_peer,
            "one chart, with name, value, level and age; baseline: 64 PlotWidgets, fixed range",
        ),
    ]


def _series(number: int, count: int) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    chance = np.random.default_rng(number)
    walk = np.cumsum(chance.normal(size=count)) / np.sqrt(count)
    return np.linspace(NOW_S - SPAN_S, NOW_S, count), (10.0 * walk + 3.0 * number).astype(np.float32)


def _ring(time_s: NDArray[np.float64], value: NDArray[np.float32]) -> SeriesRing:
    ring = SeriesRing(len(time_s))
    ring.add(time_s, value, np.zeros(len(time_s), np.uint8))
    return ring


def _median_ms(picture: Callable[[int], None], frames: int) -> float:
    picture(0)
    took = []
    for number in range(1, frames + 1):
        began = time.perf_counter()
        picture(number)
        took.append(time.perf_counter() - began)
    return 1000.0 * statistics.median(took)


def _shown(widget: QWidget) -> QWidget:
    widget.resize(*SIZE)
    widget.show()
    for _ in range(3):
        QApplication.processEvents()
    return widget


def _canvas(series: list[tuple[NDArray[np.float64], NDArray[np.float32]]]) -> tuple[PlotCanvas, list[Curve]]:
    curves = []
    for number, (time_s, value) in enumerate(series):
        curve = Curve(Sensor(id=f"s{number}", name=f"点{number}", kind="x", unit="cm"), number, number, None)
        curve.ring, curve.freshness = _ring(time_s, value), Freshness.LIVE
        curve.listen(float(time_s[0]))
        curves.append(curve)
    canvas = PlotCanvas(lambda spent_s: None)
    canvas.set_curves(curves)
    _shown(canvas)
    return canvas, curves


def _canvas_ms(series: list[tuple[NDArray[np.float64], NDArray[np.float32]]], frames: int) -> tuple[float, float]:
    """The product's canvas: ten new readings a curve, then everything redrawn and painted; and all of it anew."""
    canvas, curves = _canvas(series)
    marks = np.zeros(10, np.uint8)

    def picture(number: int) -> None:
        now_s = NOW_S + number
        new = np.linspace(now_s - 0.9, now_s, 10)
        for curve in curves:
            curve.ring.add(new, np.full(10, 3.0 * curve.number, np.float32), marks)
        canvas.redraw(PlotState(now_s=now_s, stretch=Stretch(now_s - SPAN_S, now_s)))
        canvas.repaint()

    def anew(number: int) -> None:
        stretch = Stretch(NOW_S - SPAN_S + number, NOW_S - number)
        canvas.redraw(PlotState(now_s=NOW_S + frames, stretch=stretch))
        canvas.repaint()

    took = _median_ms(picture, frames), _median_ms(anew, frames)
    canvas.close()
    return took


def _panned_ms(series: tuple[NDArray[np.float64], NDArray[np.float32]], frames: int) -> tuple[float, float]:
    """Half of a long curve is shown and moved by a hand's width; and zoomed, which draws everything anew."""
    canvas, _curves = _canvas([series])

    def at(start_s: float, span_s: float) -> None:
        canvas.redraw(PlotState(now_s=NOW_S, stretch=Stretch(start_s, start_s + span_s), live=False))
        canvas.repaint()

    def panned(number: int) -> None:
        at(NOW_S - SPAN_S + (number * 7 % 40), SPAN_S / 2)

    def zoomed(number: int) -> None:
        at(NOW_S - SPAN_S, SPAN_S * (0.4 + 0.5 * number / frames))

    took = _median_ms(panned, frames), _median_ms(zoomed, frames)
    canvas.close()
    return took


def _pyqtgraph_ms(series: list[tuple[NDArray[np.float64], NDArray[np.float32]]], frames: int) -> float:
    """Plain pyqtgraph as its examples do it: setData of all points with the range following."""
    plot = pg.PlotWidget()
    lines = [plot.plot(time_s, value, pen=pg.mkPen(pg.intColor(n))) for n, (time_s, value) in enumerate(series)]
    _shown(plot)

    def picture(number: int) -> None:
        for line, (time_s, value) in zip(lines, series, strict=True):
            line.setData(time_s + number, value)
        plot.viewport().repaint()

    took = _median_ms(picture, frames)
    plot.close()
    return took


def _matplotlib_ms(
    series: list[tuple[NDArray[np.float64], NDArray[np.float32]]], frames: int
) -> tuple[float | None, str]:
    """Matplotlib with its raster canvas, drawn without showing it; None where it is not installed."""
    try:
        agg: Any = importlib.import_module("matplotlib.backends.backend_agg")
        figures: Any = importlib.import_module("matplotlib.figure")
    except ImportError:
        return None, "matplotlib is not installed"
    figure = figures.Figure(figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100)
    canvas, axes = agg.FigureCanvasAgg(figure), figure.add_subplot()
    lines = [axes.plot(time_s, value, linewidth=1)[0] for time_s, value in series]

    def picture(number: int) -> None:
        for line, (time_s, value) in zip(lines, series, strict=True):
            line.set_data(time_s + number, value)
        axes.relim()
        axes.autoscale_view()
        canvas.draw()

    took = _median_ms(picture, frames)
    return took, f"matplotlib {took:.1f} ms, drawn to memory"


def _small_plots_ms(frames: int) -> float:
    """The product's chart of 64 sensors with 1,440 readings each, all of it painted."""
    traces = []
    for number in range(64):
        sensor = Sensor(id=f"s{number}", name=f"点{number}", kind="x", unit="cm")
        traces.append(Trace(sensor, _ring(*_series(number, 1440)), 3.0 * number, number % 5, Freshness.LIVE, 2.0))
    canvas = ChartCanvas(PlotScheduler())
    _shown(canvas)
    curves = CurvePainter()

    def picture(number: int) -> None:
        sheet = WallSheet(
            group="x",
            kind=None,
            traces=traces,
            total=64,
            abnormal=51,
            span_s=SPAN_S,
            span_words="",
            gap_s=60.0,
            now_s=NOW_S + number,
            curves=curves,
        )
        canvas.show_sheet(sheet)
        canvas.repaint()

    took = _median_ms(picture, frames)
    canvas.close()
    return took


def _plot_widgets_ms(frames: int) -> float:
    """The same 64 curves in a grid, a PlotWidget of pyqtgraph each."""
    data = [_series(number, 1440) for number in range(64)]
    wall, grid = QWidget(), QGridLayout()
    wall.setLayout(grid)
    plots = [pg.PlotWidget() for _ in data]
    lines = []
    for number, (plot, (time_s, value)) in enumerate(zip(plots, data, strict=True)):
        grid.addWidget(plot, number // 8, number % 8)
        lines.append(plot.plot(time_s, value))
        plot.setXRange(NOW_S - SPAN_S, NOW_S)
        plot.setYRange(float(value.min()), float(value.max()))
    _shown(wall)

    def plain(number: int) -> None:
        for plot, line, (time_s, value) in zip(plots, lines, data, strict=True):
            line.setData(time_s + number, value)
            plot.viewport().repaint()

    took = _median_ms(plain, frames)
    wall.close()
    return took
