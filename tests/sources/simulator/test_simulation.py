from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from controlroom.domain.alarm import Alarm
from controlroom.domain.camera import CameraHealth
from controlroom.domain.events import AlarmChanged
from controlroom.domain.kinds import SensorKind
from controlroom.domain.room import Room
from controlroom.domain.severity import Severity
from controlroom.hub.core import Core
from controlroom.hub.district_rules import load_rules
from controlroom.sources.outbox import Values
from controlroom.sources.simulator import backends, bureau, scenario, signals
from controlroom.sources.simulator.district import District
from controlroom.sources.simulator.geography import distance_km
from controlroom.sources.simulator.network import Network
from controlroom.sources.simulator.scenario import Scenario
from controlroom.sources.simulator.simulation import Simulation
from controlroom.wire.messages import AlarmRecord, ClearRecord, HealthRecord, Position, Record

BEGIN = datetime(2026, 11, 21, 2, tzinfo=UTC)


class Ears:
    """Remembers everything that the simulation tells."""

    def __init__(self, sensors: int) -> None:
        self.told: list[tuple[float, str, Record]] = []
        self.now_s = 0.0
        self.value = np.full(sensors, np.nan, np.float32)
        self.time = np.zeros(sensors, np.int64)
        self.heard = np.zeros(sensors, np.int64)
        self.highest = np.full(sensors, -np.inf, np.float32)
        self.where: dict[str, Position] = {}
        self.held: list[tuple[str, bool]] = []
        self.faults: list[tuple[str, str]] = []
        self.raining = 0.0

    def tell(self, source: str, record: Record) -> None:
        self.told.append((self.now_s, source, record))

    def values(self, values: Values) -> None:
        self.value[values.row] = values.value
        self.time[values.row] = values.time
        self.heard[values.row] += 1
        self.highest[values.row] = np.maximum(self.highest[values.row], values.value)

    def positions(self, positions: list[Position]) -> None:
        self.where.update((p.vehicle, p) for p in positions)

    def hold(self, source: str, held: bool) -> None:
        self.held.append((source, held))

    def rain(self, mm_h: float) -> None:
        self.raining = mm_h

    def camera_fault(self, camera: str, fault: str) -> None:
        self.faults.append((camera, fault))

    def alarms(self, source: str = "") -> list[tuple[float, AlarmRecord]]:
        return [(at, r) for at, s, r in self.told if isinstance(r, AlarmRecord) and source in ("", s)]


class World:
    """A district that is played without waiting."""

    def __init__(
        self, built: District, network: Network, kinds: dict[str, SensorKind], script: Scenario, seed: int = 1
    ) -> None:
        self.ears = Ears(len(built.sensors))
        self.signals = signals.Signals(built, kinds, signals.load_signals(), seed=seed)
        self.simulation = Simulation(
            built,
            network,
            self.signals,
            script,
            backends.load_templates(),
            bureau.load_editions().get(script.warnings),
            kinds,
            self.ears,
            seed=seed,
        )

    def play(self, seconds: int) -> Ears:
        for _n in range(seconds):
            self.ears.now_s = self.simulation.elapsed_s + 1.0
            self.simulation.tick(1.0, BEGIN + timedelta(seconds=self.ears.now_s))
        return self.ears


@pytest.fixture
def play(built: District, network: Network, kinds: dict[str, SensorKind]):
    def made(script: Scenario, seed: int = 1) -> World:
        return World(built, network, kinds, script, seed)

    return made


def script(*steps: scenario.Action, **more: object) -> Scenario:
    return Scenario(title="x", calm_events_s=1e6, calm_excursions_s=1e6, step=steps, **more)


def crossing(built: District, value: np.ndarray) -> list[str]:
    return [
        sensor.kind
        for sensor, v in zip(built.sensors, value.tolist(), strict=True)
        if any((x.above is not None and v >= x.above) or (x.below is not None and v <= x.below) for x in sensor.limits)
    ]


def test_a_calm_day_shows_a_newcomer_something_at_once_and_then_about_one_alarm_in_a_minute_or_two(
    play, built: District
) -> None:
    world = play(scenario.load("calm"))
    ears = world.play(20)
    assert ears.alarms()[0][0] <= 10
    world.play(1780)
    assert 15 <= len(ears.alarms()) <= 30
    assert 1 <= len(crossing(built, ears.value)) <= 8


def test_a_calm_value_crosses_no_limit_by_itself(play, built: District) -> None:
    ears = play(script()).play(900)
    assert crossing(built, ears.value) == []
    heard = ears.heard[~np.isnan(ears.value)]
    assert (heard > 5).all()
    assert np.isnan(ears.value).mean() < 0.02


def test_every_weather_station_tells_speed_and_direction_and_the_wind_turns_about(play, built: District) -> None:
    points = {kind: {s.point for s in built.sensors if s.kind == kind} for kind in ("wind_speed", "wind_direction")}
    assert points["wind_speed"] == points["wind_direction"] != set()
    value = play(script()).play(60).value[np.array([s.kind == "wind_direction" for s in built.sensors])]
    degrees = value[np.isfinite(value)]
    assert ((degrees >= 0.0) & (degrees < 360.0)).all()
    resultant = np.abs(np.exp(1j * np.radians(degrees)).mean())
    assert 0.5 < resultant < 0.999


def test_the_rainstorm_floods_low_points_raises_the_warning_by_colour_and_recedes(play, built: District) -> None:
    world = play(scenario.load("rainstorm"))
    ears = world.play(600)
    warnings = [a.severity for _, a in ears.alarms("sim-weather")]
    assert warnings == [Severity.BLUE, Severity.YELLOW, Severity.ORANGE, Severity.RED]
    floods = np.array([s.kind == "flood_depth" for s in built.sensors])
    assert ears.highest[floods].max() >= 60.0
    assert np.median(ears.highest[floods]) < 27.0
    assert ears.value[floods].max() < 27.0
    assert [f for _, f in ears.faults] == ["stuck", "none"]
    assert ears.held == [("sim-fleet", True), ("sim-fleet", False)]
    titles = [a.title for _, a in ears.alarms("sim-grid") if a.key == "storm/trapped-car"]
    assert len(titles) == 1
    assert world.simulation.measures()["rain_mm_h"] == 0.0


def test_the_rainstorm_shows_what_the_alarm_rules_do(play) -> None:
    told = play(scenario.load("rainstorm")).play(600).told
    core = Core("live", Room(), rules=load_rules(Path("nowhere")))
    seen: dict[str, list[Alarm]] = {}
    for at_s in range(601):
        now = BEGIN + timedelta(seconds=at_s)
        events = [
            event
            for told_s, source, record in told
            if at_s - 1 < told_s <= at_s and isinstance(record, AlarmRecord | ClearRecord)
            for event in core.record(source, record, "WGS-84", now)
        ]
        for event in events + core.look(now):
            if isinstance(event, AlarmChanged):
                seen.setdefault(event.alarm.key, []).append(event.alarm)
    flaps = [alarm.flapping for alarm in seen["storm/level-switch"]]
    assert any(flaps) and flaps[-1] is None
    for key in ("telemetry", "pump-1", "pump-2", "link"):
        assert any(alarm.parent == "sim-iot/storm/power" for alarm in seen[f"storm/{key}"]), key
    assert any(
        not a.parent and a.waiting and a.changed_at > BEGIN + timedelta(seconds=400) for a in seen["storm/pump-2"]
    )


def test_pump_trucks_reach_the_deepest_point(play, built: District) -> None:
    world = play(scenario.load("rainstorm"))
    ears = world.play(480)
    closed = next(a for _, a in ears.alarms() if a.key == "storm/road-closed")
    assert closed.point is not None
    here = np.array([closed.point.lon, closed.point.lat])
    pumps = [p for p in ears.where.values() if p.vehicle.startswith("pump") and p.speed_kmh == 0.0]
    assert min(distance_km(np.array([p.lon, p.lat]), here) for p in pumps) < 3.0


def test_the_warning_is_lifted_when_the_rain_has_ended(play) -> None:
    ears = play(
        script(
            scenario.Rain(mm_h=60.0, over_s=1.0),
            scenario.Rain(mm_h=0.0, over_s=1.0, at_s=150.0),
            weather_speed=24.0,
            warnings="beijing-2013",
        )
    ).play(500)
    told = [r for _, s, r in ears.told if s == bureau.SOURCE]
    assert isinstance(told[0], AlarmRecord)
    assert isinstance(told[-1], ClearRecord)
    assert {r.key for r in told if isinstance(r, AlarmRecord | ClearRecord)} == {bureau.KEY}


def test_the_same_seed_plays_the_same_course(play) -> None:
    first, again, other = (play(scenario.load("rainstorm"), seed).play(200) for seed in (1, 1, 2))
    assert first.told == again.told
    assert first.where == again.where
    assert np.array_equal(first.value, again.value, equal_nan=True)
    assert first.told != other.told


def test_devices_can_be_stuck_silent_skewed_and_pushed_for_a_while(play, built: District) -> None:
    world = play(
        script(
            scenario.Stuck(sensor_kind="noise", count=30, for_s=60.0, at_s=20.0),
            scenario.Dropout(sensor_kind="rain", count=36, for_s=60.0, at_s=20.0),
            scenario.Skew(sensor_kind="river_level", count=18, seconds=45.0, for_s=60.0, at_s=20.0),
            scenario.Push(sensor_kind="flood_depth", count=5, value=45.0, for_s=60.0, at_s=20.0),
        )
    )
    kind = np.array([s.kind for s in built.sensors])
    ears = world.play(25)
    stuck, rained = ears.value[kind == "noise"].copy(), ears.heard[kind == "rain"].copy()
    world.play(30)
    assert np.array_equal(ears.value[kind == "noise"], stuck)
    assert np.array_equal(ears.heard[kind == "rain"], rained)
    ahead = ears.time[kind == "river_level"] - (BEGIN.timestamp() + ears.now_s) * 1000
    assert (ahead > 25_000).all()
    assert np.count_nonzero(ears.value[kind == "flood_depth"] > 30) == 5
    world.play(60)
    assert not np.array_equal(ears.value[kind == "noise"], stuck)
    assert (ears.heard[kind == "rain"] > rained).all()
    assert np.count_nonzero(ears.value[kind == "flood_depth"] > 30) == 0


def test_a_camera_that_breaks_off_is_told_by_the_video_platform_and_comes_back(play, built: District) -> None:
    ears = play(script(scenario.CameraFault(camera=2, fault="gone", for_s=30.0, at_s=5.0))).play(60)
    told = [r for _, s, r in ears.told if isinstance(r, HealthRecord) and s == "sim-video"]
    assert [(r.camera, r.health) for r in told] == [
        (built.cameras[1].id, CameraHealth.OFFLINE),
        (built.cameras[1].id, CameraHealth.ONLINE),
    ]
    assert [f for _, f in ears.faults] == ["gone", "none"]


def test_vehicles_move_at_most_as_far_as_their_speed_allows(play, network: Network) -> None:
    world = play(script())
    before = dict(world.play(1).where)
    moved = 0
    for _n in range(60):
        after = dict(world.play(1).where)
        for vehicle, position in after.items():
            km = float(
                distance_km(
                    np.array([position.lon, position.lat]), np.array([before[vehicle].lon, before[vehicle].lat])
                )
            )
            assert km <= 70.0 / 3600.0
            moved += km > 0.0
            assert 0.0 <= position.heading_deg <= 360.0
        before = after
    assert moved > 60 * len(before) * 0.6
    nodes = network.nodes
    assert all(distance_km(nodes, np.array([p.lon, p.lat])).min() < 2.0 for p in before.values())


def test_an_alarm_of_a_backend_is_cleared_after_a_while(play) -> None:
    ears = play(Scenario(title="x", calm_events_s=1e6, first_events_s=(1.0,))).play(1600)
    (at, alarm), *_ = ears.alarms()
    cleared = [t for t, _, r in ears.told if isinstance(r, ClearRecord) and r.key == alarm.key and t > at]
    assert cleared
    assert cleared[0] - at <= 600
