"""What moves and changes on the map: states, vehicles, the flight to an alarm, four windows at once."""

import os
import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer

from controlroom.domain.severity import Severity
from controlroom.mapping.layers import AlarmMark
from tests.bench.map_rig import CENTRE, cpu_s, evaluate
from tests.bench.report import Measure
from widgets.map_view import MapView
from widgets.map_web import WebSurface

VEHICLES = 900
_CLOSE_ZOOM = 16
_BEGIN_MS = 1_700_000_000_000

TELL_WHEN_SHOWN = """(() => {
  const room = controlroom.room, apply = room.apply.bind(room), decode = controlroom.decodeBatch;
  let arrived = 0;
  window.shown = {};
  controlroom.decodeBatch = (buffer) => {
    arrived = performance.now();
    return decode(buffer);
  };
  const waiting = () => [...room.points.values(), room.trails, room.movers].some((layer) => layer.waits());
  room.apply = (batch) => {
    const began = arrived;
    apply(batch);
    // The frame that shows it is over when the task after its drawing runs.
    const look = () => requestAnimationFrame(() => {
      if (waiting()) return look();
      setTimeout(() => {
        window.shown[batch.sequence] = performance.now() - began;
        room.channel.ponged(-batch.sequence);
      });
    });
    look();
  };
})()"""


def web(chart: MapView) -> WebSurface:
    """The page of a map; it must not be the painted one."""
    assert isinstance(chart.surface, WebSurface)
    return chart.surface


def rest(seconds: float) -> None:
    """Runs the event loop without asking anything."""
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop, loop.quit)
    loop.exec()


def shown(chart: MapView, work: Callable[[], None]) -> tuple[float, float]:
    """Does the work until the page tells that it has shown it: ms in the page since it arrived, ms since the call.

    Needs TELL_WHEN_SHOWN.
    """
    seen: list[int] = []
    loop = QEventLoop()
    channel = web(chart).channel

    def heard(number: int) -> None:
        seen.append(-number)
        loop.quit()

    channel.pong_received.connect(heard)
    start = time.perf_counter()
    work()
    sequence = chart.scene.sequence + 1
    while not any(number >= sequence for number in seen):
        loop.exec()
    seen_ms = (time.perf_counter() - start) * 1000
    channel.pong_received.disconnect(heard)
    number = min(number for number in seen if number >= sequence)
    return float(evaluate(web(chart).page, f"window.shown[{number}]")), seen_ms


def measure_updates(chart: MapView, points: int, rounds: int, peer: dict[str, object], live: str) -> list[Measure]:
    """Changed states: in the page as the peers are measured, and beside it from the call until Python hears of it."""
    generator = np.random.default_rng(3)
    evaluate(web(chart).page, TELL_WHEN_SHOWN)
    found = []
    for name, count in (("update_1k", 1000), ("update_all", points)):
        times: list[tuple[float, float]] = []
        for _round in range(rounds):
            index, states = generator.choice(points, count, replace=False), generator.integers(1, 7, count)
            times.append(shown(chart, partial(chart.update_sensor_states, index, states)))
        in_page, seen = np.median(times, 0).tolist()
        baseline = peer[name]
        assert baseline is None or isinstance(baseline, float)
        note = f"in the page, from the arrival of the batch to the frame that shows it; {live}"
        found.append(Measure(f"{name}_ms", in_page, "ms", baseline, note))
        note = "from the call in Python until the page has told that the frame was shown"
        found.append(Measure(f"{name}_seen_ms", seen, "ms", note=note))
    return found


def measure_flight(chart: MapView, rounds: int) -> Measure:
    """What the officer waits for when an alarm is chosen; needs TELL_WHEN_SHOWN."""
    generator = np.random.default_rng(6)

    def fly() -> None:
        lon, lat = generator.uniform(116.3, 116.5), generator.uniform(39.55, 39.75)
        chart.set_alarms([AlarmMark("a", Severity.RED, lon, lat, "暴雨红色预警")])
        chart.select("alarm", "a")
        chart.fly_to(lon, lat)

    fly_ms = statistics.median(shown(chart, fly)[1] for _round in range(rounds))
    chart.set_alarms([])
    note = "mark, selection and new view painted, trails and vehicles too"
    return Measure("alarm_flyto_ms", fly_ms, "ms", note=note)


class Fleet:
    """900 vehicles that wander about the district."""

    def __init__(self) -> None:
        self._generator = np.random.default_rng(5)
        self.lon = self._generator.uniform(116.3, 116.55, VEHICLES)
        self.lat = self._generator.uniform(39.55, 39.75, VEHICLES)

    def declare(self, chart: MapView) -> None:
        """Tells a map of them."""
        names = [f"v{i}" for i in range(VEHICLES)]
        chart.set_vehicles(names, names, ["bus"] * 600 + ["patrol"] * 300)

    def go(self, charts: list[MapView], time_ms: int) -> None:
        """One report of each, to every map."""
        self.lon += self._generator.normal(0, 2e-4, VEHICLES)
        heading, times = self.lon * 1000 % 360, np.full(VEHICLES, time_ms)
        for chart in charts:
            chart.update_positions(np.arange(VEHICLES), self.lon, self.lat, heading, times)


def _run(charts: list[MapView], fleet: Fleet, seconds: int, each_s: Callable[[], None] | None = None) -> list[float]:
    """Percent of a core that each page takes, and last the GUI process, while the fleet reports once a second."""
    pids = [*(web(chart).renderer_pid for chart in charts), os.getpid()]
    spent, start = [0.0] * len(pids), 0.0
    for second in range(seconds + 1):
        if second == 1:
            spent, start = [cpu_s([pid]) for pid in pids], time.perf_counter()
        fleet.go(charts, _BEGIN_MS + second * 1000)
        if each_s is not None:
            each_s()
        # Nothing asks in between: a look every millisecond would be a tenth of a core of its own.
        rest(1)
    wall = time.perf_counter() - start
    return [(cpu_s([pid]) - before) / wall * 100 for pid, before in zip(pids, spent, strict=True)]


def measure_movers(chart: MapView, seconds: int) -> list[Measure]:
    """900 vehicles with trails over the whole district, and from near, where they move by many pixels a second."""
    fleet = Fleet()
    fleet.declare(chart)
    for second in range(-300, 0, 3):
        fleet.go([chart], _BEGIN_MS + second * 1000)
    page, gui = _run([chart], fleet, seconds)
    chart.fly_to(CENTRE.lon, CENTRE.lat, _CLOSE_ZOOM)
    rest(1)
    near_page, near_gui = _run([chart], fleet, seconds)
    chart.fly_to(CENTRE.lon, CENTRE.lat, CENTRE.zoom)
    rest(1)
    note = "of one core, 900 at 1 Hz with 5 min of trails"
    return [
        Measure("movers_cpu_pct", page + gui, "%", note=f"{note}, zoom {CENTRE.zoom}: page {page:.0f}, GUI {gui:.1f}"),
        Measure("movers_gui_cpu_pct", gui, "%", note="the GUI process's part of it"),
        Measure(
            "movers_near_cpu_pct",
            near_page + near_gui,
            "%",
            note=f"{note}, zoom {_CLOSE_ZOOM}: page {near_page:.0f}, GUI {near_gui:.1f}",
        ),
    ]


def measure_windows(charts: list[MapView], points: int, seconds: int) -> Measure:
    """Four maps of the same things: 900 vehicles at 1 Hz with trails and 1,000 changed states a second on each."""
    generator = np.random.default_rng(8)
    fleet = Fleet()
    for chart in charts:
        fleet.declare(chart)

    def change() -> None:
        index, states = generator.choice(points, 1000, replace=False), generator.integers(1, 7, 1000)
        for chart in charts:
            chart.update_sensor_states(index, states)

    *pages, gui = _run(charts, fleet, seconds, change)
    note = f"of one core, {len(charts)} maps, 900 vehicles, 1,000 states/s each: pages {sum(pages):.0f}, GUI {gui:.0f}"
    return Measure("four_windows_cpu_pct", sum(pages) + gui, "%", note=note)
