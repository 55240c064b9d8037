"""What a night leaves behind: the page's memory after many flights, changes and alarms, and back at the same view."""

from collections.abc import Callable

import numpy as np
import psutil

from controlroom.domain.severity import Severity
from controlroom.mapping.layers import AlarmMark
from tests.bench.map_live import Fleet, rest, web
from tests.bench.map_rig import CENTRE, evaluate, until
from tests.bench.report import Measure
from widgets.map_view import MapView

_WARM = 100
_SETTLE_S = 7.0
_BEGIN_MS = 1_700_000_000_000


def measure_growth(chart: MapView, points: int, operations: int) -> Measure:
    """What the page holds more, shared memory included, than after the first operations; it ends at CENTRE."""
    work = _Night(chart, points)
    work.run(_WARM)
    before = _held_mb(chart)
    work.run(operations)
    after = _held_mb(chart)
    chart.set_alarms([])
    told = f"after {_WARM} operations {before:.0f} MB, after {operations} more {after:.0f}"
    note = f"{told}: flights, states, alarms, vehicles, layers"
    return Measure("renderer_growth_mb", after - before, "MB", note=note)


def _held_mb(chart: MapView) -> float:
    """Memory of the page, its shared blocks too, when it rests at the same view without what waits to be collected."""
    chart.set_alarms([])
    chart.fly_to(CENTRE.lon, CENTRE.lat, CENTRE.zoom)
    rest(_SETTLE_S)
    evaluate(web(chart).page, "window.gc && (gc(), 0)")
    rest(0.5)
    return float(psutil.Process(web(chart).renderer_pid).memory_info().rss) / 1e6


class _Night:
    """Operations one after the other, each applied by the page before the next one comes."""

    def __init__(self, chart: MapView, points: int) -> None:
        self._chart = chart
        self._points = points
        self._generator = np.random.default_rng(12)
        self._fleet = Fleet()
        self._fleet.declare(chart)
        self._done = 0

    def run(self, operations: int) -> None:
        kinds: tuple[Callable[[], None], ...] = (self._fly, self._change, self._alarm, self._move, self._hide)
        for _turn in range(operations):
            kinds[self._done % len(kinds)]()
            self._done += 1
            drawn = "window.drawn = 0, requestAnimationFrame(() => { window.drawn = 1; }), 0"
            evaluate(web(self._chart).page, drawn)
            until(lambda: evaluate(web(self._chart).page, "window.drawn") == 1)

    def _place(self) -> tuple[float, float]:
        return self._generator.uniform(116.3, 116.5), self._generator.uniform(39.55, 39.75)

    def _fly(self) -> None:
        self._chart.fly_to(*self._place(), int(self._generator.integers(11, 17)))

    def _change(self) -> None:
        index = self._generator.choice(self._points, 1000, replace=False)
        self._chart.update_sensor_states(index, self._generator.integers(1, 7, 1000))

    def _alarm(self) -> None:
        marks = [AlarmMark(f"{self._done}-{i}", Severity.RED, *self._place(), "暴雨") for i in range(40)]
        self._chart.set_alarms(marks)

    def _move(self) -> None:
        self._fleet.go([self._chart], _BEGIN_MS + self._done * 1000)

    def _hide(self) -> None:
        layers = ("sensors", "vehicles", "cameras", "towns")
        name = layers[self._done // 10 % len(layers)]
        self._chart.scene.set_visible(name, self._done // 5 % 2 == 1)
