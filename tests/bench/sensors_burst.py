"""A second's burst of the whole fleet, the whole way: source, hub in a process of its own, seat, judged and painted."""

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import resources
from controlroom.bridge.models.sensor_model import SensorModel
from controlroom.clock import SystemClock
from controlroom.domain.kinds import decode_kinds
from controlroom.domain.limit_book import district_limits
from controlroom.domain.sensor import Sensor
from controlroom.domain.times import to_ms
from controlroom.sources.client import HubClient
from controlroom.sources.feed import Feed
from controlroom.sources.outbox import Values
from tests.bench.report import Measure
from tests.rooms import HubProcess, Seat, seat_on
from widgets.sensor_browser import SensorBrowser

SENSORS = 130_000
BEYOND = 100
"""Sensors that the burst takes beyond a limit: each becomes an alarm."""

HEAVY_MM = 120.0
"""Rain in an hour beyond every limit and within what a gauge can tell."""

BATCH = 2600
WAIT_S = 30.0


def measure(process_events: Callable[[], None]) -> Measure:
    """Seconds from the first reading handed to the source's client until all are at the seat, judged and painted."""
    kinds = decode_kinds(resources.path("data", "sensor_kinds.toml").read_bytes())
    rain = kinds["rain"]
    fleet = [
        Sensor(id=f"s-{n:06d}", name=f"监测点{n:06d}", kind="rain", unit=rain.unit, town=f"镇{n % 22}")
        for n in range(SENSORS)
    ]
    with tempfile.TemporaryDirectory(prefix="burst-bench-") as folder:
        hub = HubProcess(Path(folder))
        client = HubClient(f"tcp://127.0.0.1:{hub.ports.requests}")
        try:
            client.start()
            feed = client.feed("bench")
            with seat_on(hub.ports.requests) as seat:
                feed.declare_sensors(fleet)
                seat.until(lambda: len(seat.mirror.room.sensors) == SENSORS, WAIT_S)
                model = SensorModel(seat.mirror.latest, kinds, book=district_limits(kinds))
                browser = SensorBrowser(model)
                browser.resize(1280, 720)
                browser.show()
                model.set_sensors(seat.mirror.room.sensors, seat.mirror.room.sensor_index)
                _burst(seat, feed, browser, process_events, 0)  # the first one warms everything up
                took_s, judged_s = _burst(seat, feed, browser, process_events, BEYOND)
                browser.close()
        finally:
            client.close()
            hub.close()
    note = (
        f"50 batches of 2,600 through source, hub with journal and history, and seat; all {BEYOND} alarms there after "
        f"{judged_s:.2f} s; judged and painted by the seat"
    )
    return Measure("burst_130k_s", took_s, "s", 1.0, note)


def _burst(
    seat: Seat, feed: Feed, browser: SensorBrowser, process_events: Callable[[], None], beyond: int
) -> tuple[float, float]:
    """Seconds until all readings are painted, and until the alarms of those beyond a limit are at the seat."""
    clock, latest, room = SystemClock(), seat.mirror.latest, seat.mirror.room
    now_ms = to_ms(clock.now())
    value = np.zeros(SENSORS, np.float32)
    value[:beyond] = HEAVY_MM
    began, judged_s = time.perf_counter(), 0.0
    for start in range(0, SENSORS, BATCH):
        row = np.arange(start, start + BATCH, dtype=np.int64)
        at, good = np.full(BATCH, now_ms, np.int64), np.zeros(BATCH, np.uint8)
        feed.send_values(Values(row, value[start : start + BATCH], at, good))
    pause, painted_s = threading.Event(), 0.0
    while not (painted_s and judged_s):
        assert time.perf_counter() - began < WAIT_S, "the burst did not arrive"
        seat.drain()
        if not judged_s and sum(alarm.source == "limits" for alarm in room.alarms.values()) >= beyond:
            judged_s = time.perf_counter() - began
        if not painted_s and latest.size >= SENSORS and bool((latest.time_ms[:SENSORS] >= now_ms).all()):
            browser.set_now(clock.now())
            browser.table.viewport().repaint()
            process_events()
            painted_s = time.perf_counter() - began
        pause.wait(0.002)
    return painted_s, judged_s
