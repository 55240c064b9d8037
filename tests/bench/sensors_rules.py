"""The rules of the hub over a whole fleet: one cycle of all of them, and a second's burst until its alarms are told."""

import math
import statistics
import time
from datetime import UTC, datetime

import numpy as np

import resources
from controlroom.domain.kinds import SensorKind, decode_kinds
from controlroom.domain.limit_book import district_limits
from controlroom.domain.limits import LimitTable
from controlroom.domain.place import Point
from controlroom.domain.readings import Latest
from controlroom.domain.room import Room
from controlroom.domain.rule_table import RuleTable
from controlroom.domain.sensor import Sensor
from controlroom.domain.sensor_rules import decode_rules
from controlroom.hub.core import Core
from controlroom.hub.limits_watch import district_watch
from controlroom.wire.frames import Readings
from controlroom.wire.messages import SensorsRecord
from tests.bench.report import Measure

SENSORS = 130_000
PUMPS = 50_000
NOW_MS = 1_795_000_000_000
SETTLED = 400
"""Cycles before the first that is timed: the neighbours of all kinds are found then."""


def measure(quick: bool) -> list[Measure]:
    """One cycle of every rule, and the hub's part of a burst."""
    kinds = decode_kinds(resources.path("data", "sensor_kinds.toml").read_bytes())
    fleet = fleet_of(kinds)
    return [_evaluate(fleet, kinds, 7 if quick else 21), _burst(fleet)]


def fleet_of(kinds: dict[str, SensorKind]) -> list[Sensor]:
    """A district of every kind: 50,000 heat pumps, the other kinds in equal parts, which is harder than the real one.

    There a third of them have neighbours to be compared with, and a fifth a forecast.
    """
    chance = np.random.default_rng(1)
    names = [name for name in kinds if name != "heat_pump_outlet"]
    where = zip(chance.uniform(116.21, 116.72, SENSORS), chance.uniform(39.45, 39.83, SENSORS), strict=True)
    fleet = []
    for number, (lon, lat) in enumerate(where):
        kind = "heat_pump_outlet" if number < PUMPS else names[number % len(names)]
        known = kinds[kind]
        fleet.append(
            Sensor(
                id=f"s-{number:06d}",
                name=f"监测点{number:06d}",
                kind=kind,
                unit=known.unit,
                point=Point(float(lon), float(lat)),
                town=f"镇{number % 22}",
                model=("空气源", "地源")[number % 2] if number < PUMPS else "",
                deadband=known.deadband,
                stale_after_s=known.stale_after_s,
                delay_s=5.0,
            )
        )
    return fleet


class _Values:
    """Readings of the whole fleet within its limits; 1 in 100 is missing, 1 in 100 doubtful."""

    def __init__(self, fleet: list[Sensor], kinds: dict[str, SensorKind]) -> None:
        self._chance = np.random.default_rng(2)
        calm = {kind: _calm(kinds[kind]) for kind in kinds}
        self._base = np.array([calm[sensor.kind][0] for sensor in fleet], np.float32)
        self._spread = np.array([calm[sensor.kind][1] for sensor in fleet], np.float32)
        self.index = np.arange(SENSORS, dtype=np.uint32)

    def next(self, now_ms: int) -> Readings:
        """One reading of every sensor."""
        chance = self._chance
        value = (self._base + self._spread * chance.normal(0.0, 0.1, SENSORS)).astype(np.float32)
        value[chance.random(SENSORS) < 0.01] = np.nan
        quality = (chance.random(SENSORS) < 0.01).astype(np.uint8)
        return Readings(self.index, value, np.full(SENSORS, now_ms, np.int64), quality)


def _calm(kind: SensorKind) -> tuple[float, float]:
    """The middle of what crosses no limit, and how far it may swing."""
    low = max([kind.low, *(limit.below for limit in kind.limits if limit.below is not None)])
    high = min([kind.high, *(limit.above for limit in kind.limits if limit.above is not None)])
    return (low + high) / 2, (high - low) / 10


def _evaluate(fleet: list[Sensor], kinds: dict[str, SensorKind], repeats: int) -> Measure:
    """Every sensor has a new reading and every rule is judged, against a loop over the sensors for limits alone."""
    rules = decode_rules(resources.path("data", "sensor_rules.toml").read_bytes())
    book, at = district_limits(kinds), datetime.fromtimestamp(NOW_MS / 1000, UTC)
    judged = [book.judged(sensor, at) for sensor in fleet]
    limits, latest = LimitTable.from_sensors(judged, range(SENSORS)), Latest(SENSORS)
    table = RuleTable(rules, kinds, limits, latest)
    table.declare(judged, range(SENSORS))
    values, now_ms = _Values(judged, kinds), NOW_MS
    for _cycle in range(SETTLED):
        now_ms += 1000
        table.judge(now_ms)
    took, found = [], 0
    for number in range(repeats + 10):
        now_ms += 1000
        readings = values.next(now_ms)
        latest.apply(readings.index, readings.value, readings.time, readings.quality, now_ms)
        began = time.perf_counter()
        table.take()
        limits.evaluate(latest, now_ms)
        found += len(table.judge(now_ms))
        if number >= 10:
            took.append(1000.0 * (time.perf_counter() - began))
    began = time.perf_counter()
    _limits_in_a_loop(judged, latest, now_ms)
    loop_ms = 1000.0 * (time.perf_counter() - began)
    note = (
        f"limits, delay, rate, stuck, neighbours, range, stale, forecast; every sensor told a new value; "
        f"fastest {min(took):.1f}; baseline: a loop over the sensors for limits alone"
    )
    return Measure("evaluate_130k_ms", statistics.median(took), "ms", loop_ms, note)


def _limits_in_a_loop(fleet: list[Sensor], latest: Latest, now_ms: int) -> list[tuple[int, int]]:
    found = []
    columns = (latest.value.tolist(), latest.time_ms.tolist(), latest.quality.tolist())
    for at, (sensor, value, time_ms, quality) in enumerate(zip(fleet, *columns, strict=True)):
        if quality or not math.isfinite(value) or now_ms - time_ms > sensor.stale_after_s * 1000:
            continue
        level = 0
        for limit in sensor.limits:
            above, below = limit.above, limit.below
            beyond = (above is not None and value >= above) or (below is not None and value <= below)
            if beyond and (not level or limit.severity < level):
                level = limit.severity
        if level:
            found.append((at, level))
    return found


def _burst(fleet: list[Sensor]) -> Measure:
    """A second's burst of the whole fleet with one in a hundred beyond a limit, until every alarm is an event."""
    kinds = decode_kinds(resources.path("data", "sensor_kinds.toml").read_bytes())
    core, latest, now = Core("live", Room()), Latest(SENSORS), datetime.fromtimestamp(NOW_MS / 1000, UTC)
    watch = district_watch(core, latest, now)
    for start in range(0, SENSORS, 2000):
        for event in core.record("bench", SensorsRecord(sensors=fleet[start : start + 2000]), "WGS-84", now):
            watch.declare(event.sensors, now)
    readings = _Values(fleet, kinds).next(NOW_MS)
    value = readings.value.copy()
    gauges = np.array([n for n, sensor in enumerate(fleet) if sensor.kind == "combustible_gas"])[:1300]
    value[gauges] = 60.0
    began, longest_s, events = time.perf_counter(), 0.0, 0
    for start in range(0, SENSORS, 1000):
        turn = time.perf_counter()
        part = slice(start, start + 1000)
        r = watch.marked(Readings(readings.index[part], value[part], readings.time[part], readings.quality[part]))
        watch.take(latest.apply(r.index, r.value, r.time, r.quality, NOW_MS))
        events += len(watch.judge(now))
        longest_s = max(longest_s, time.perf_counter() - turn)
    for second in (5, 6):
        later = datetime.fromtimestamp(NOW_MS / 1000 + second, UTC)
        events += len(watch.cycle(later))
        while watch.owing:
            turn = time.perf_counter()
            events += len(watch.judge(later))
            longest_s = max(longest_s, time.perf_counter() - turn)
    took_s = time.perf_counter() - began
    note = f"130 messages of 1,000; {events} alarms as events; longest turn {1000 * longest_s:.0f} ms; no journal"
    return Measure("burst_hub_130k_s", took_s, "s", None, note)
