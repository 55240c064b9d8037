"""The district as it lives: weather, sensors, vehicles and backends moved on together, told to whatever listens."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.camera import CameraHealth
from controlroom.domain.kinds import SensorKind
from controlroom.domain.place import Point
from controlroom.domain.times import to_ms
from controlroom.sources.outbox import Values
from controlroom.sources.simulator import bureau, scenario
from controlroom.sources.simulator.assets import SOURCE as ASSETS
from controlroom.sources.simulator.assets import Assets
from controlroom.sources.simulator.backends import Backends, Template
from controlroom.sources.simulator.bureau import Bureau, Edition
from controlroom.sources.simulator.district import District
from controlroom.sources.simulator.network import Network
from controlroom.sources.simulator.scenario import Action, Player, Scenario
from controlroom.sources.simulator.signals import Signals
from controlroom.sources.simulator.vehicles import Fleet
from controlroom.sources.simulator.weather import Weather
from controlroom.wire.messages import AlarmRecord, ClearRecord, HealthRecord, Position, Record

_LOCAL = ZoneInfo("Asia/Shanghai")
_FLOODED_CM = 27.0
_EXCURSION_S = (60.0, 180.0)
_BEYOND_DEADBANDS = 2.0


class Outlets(Protocol):
    """Where the simulated backends speak."""

    def tell(self, source: str, record: Record) -> None:
        """A backend hands in a record."""

    def values(self, values: Values) -> None:
        """Sensors report; rows are those of the district."""

    def positions(self, positions: list[Position]) -> None:
        """Vehicles report."""

    def hold(self, source: str, held: bool) -> None:
        """A backend falls silent or speaks again."""

    def rain(self, mm_h: float) -> None:
        """It rains on the cameras."""

    def camera_fault(self, camera: str, fault: str) -> None:
        """A camera breaks; "none" repairs it."""


class Simulation:
    """Moves everything on. One thread owns an instance; seconds are the scenario's, `now` is the clock's."""

    def __init__(
        self,
        district: District,
        network: Network,
        signals: Signals,
        script: Scenario,
        templates: tuple[Template, ...],
        edition: Edition | None,
        kinds: Mapping[str, SensorKind],
        outlets: Outlets,
        *,
        seed: int,
        assets: Assets | None = None,
    ) -> None:
        self._assets = assets
        self.elapsed_s = 0.0
        self.weather = Weather(script.weather, script.weather_speed)
        self._district = district
        self._signals = signals
        self._script = script
        self._kinds = kinds
        self._outlets = outlets
        self._random = np.random.default_rng([seed, 6])
        self._fleet = Fleet(
            list(district.vehicles), list(district.paces_kmh), network, np.random.default_rng([seed, 7])
        )
        self._backends = Backends(
            templates, district, seed=seed, mean_s=script.calm_events_s, first_s=script.first_events_s
        )
        self._bureau = Bureau(edition) if edition is not None else None
        self._player = Player(script)
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._flapping: list[tuple[float, scenario.Alarm, bool]] = []
        self._flood_rows = np.flatnonzero(signals.kind == "flood_depth")
        self._excursive = np.isin(signals.kind, script.excursion_kinds) & np.array(
            [bool(s.limits) for s in district.sensors]
        )
        self._next_excursion_s = self._pause()
        for row in self._candidates()[: script.standing]:
            self._cross(int(row))

    def tick(self, seconds: float, now: datetime) -> None:
        """Let so many seconds pass and tell what came of it."""
        self.elapsed_s += seconds
        hours = self.weather.step(seconds)
        self._signals.step(self.weather, hours)
        self._play(now)
        self._excursion()
        for source, record in self._backends.step(self.elapsed_s, now):
            self._outlets.tell(source, record)
        warning = self._bureau.look(self.weather, now) if self._bureau else None
        if warning is not None:
            self._outlets.tell(bureau.SOURCE, warning)
        self._outlets.rain(self.weather.rain_mm_h)
        local = now.astimezone(_LOCAL)
        hour = local.hour + local.minute / 60.0 + local.second / 3600.0
        values = self._signals.due(self.elapsed_s, to_ms(now), hour, self.weather)
        if len(values.row):
            self._outlets.values(values)
        positions = self._fleet.step(seconds, to_ms(now))
        if positions:
            self._outlets.positions(positions)
        for told in self._assets.step(seconds, now) if self._assets is not None else ():
            self._outlets.tell(ASSETS, told)

    def report_all(self) -> None:
        """Let every sensor report with the next tick: somebody listens who has heard nothing yet."""
        self._signals.report_all()

    def measures(self) -> dict[str, float]:
        """What the conditions of a script can ask for."""
        depth = self._signals.depth_cm[self._flood_rows]
        weather = self.weather
        return {
            "elapsed_s": self.elapsed_s,
            "rain_mm_h": weather.rain_mm_h,
            "rain_1h_mm": weather.fallen_mm(1.0),
            "rain_3h_mm": weather.fallen_mm(3.0),
            "rain_6h_mm": weather.fallen_mm(6.0),
            "flood_max_cm": float(depth.max(initial=0.0)),
            "flood_points": float(np.count_nonzero(depth >= _FLOODED_CM)),
            "arrived": float(len(self._fleet.arrived())),
        }

    def _play(self, now: datetime) -> None:
        ready = [action for at_s, action in self._later if at_s <= self.elapsed_s]
        self._later = [(at_s, action) for at_s, action in self._later if at_s > self.elapsed_s]
        for action in ready:
            action()
        self._flap(now)
        for step in self._player.due(self.measures()):
            self._do(step, now)

    def _do(self, step: Action, now: datetime) -> None:
        match step:
            case scenario.Rain():
                self.weather.head_for(step.mm_h, step.over_s)
            case scenario.Alarm():
                self._outlets.tell(step.source, self._alarm(step, now))
                turns = ((self.elapsed_s + n * step.every_s, n % 2 == 0) for n in range(1, 2 * step.flaps + 1))
                self._flapping += [(at_s, step, raised) for at_s, raised in turns]
            case scenario.Clear():
                self._outlets.tell(step.source, ClearRecord(key=step.key, occurred_at=now))
            case scenario.CameraFault():
                self._break(step, now)
            case scenario.Dispatch():
                target = self._target(step.to)[0]
                self._fleet.dispatch(step.kind, step.count, target.lon, target.lat, step.hurry)
                if self._assets is not None:
                    self._assets.dispatch(step.kind, step.count, target, step.hurry)
            case scenario.Recall():
                self._fleet.recall()
                if self._assets is not None:
                    self._assets.recall()
            case scenario.Silence():
                self._outlets.hold(step.source, True)
                self._after(step.for_s, lambda: self._outlets.hold(step.source, False))
            case _:
                self._disturb(step)

    def _flap(self, now: datetime) -> None:
        """Let what flaps change sides."""
        due = [(step, raised) for at_s, step, raised in self._flapping if at_s <= self.elapsed_s]
        self._flapping = [turn for turn in self._flapping if turn[0] > self.elapsed_s]
        for step, raised in due:
            record = self._alarm(step, now) if raised else ClearRecord(key=step.key, occurred_at=now)
            self._outlets.tell(step.source, record)

    def _disturb(self, step: scenario.Stuck | scenario.Dropout | scenario.Skew | scenario.Push) -> None:
        rows = self._rows(step.sensor_kind, step.count)
        signals = self._signals
        if isinstance(step, scenario.Push):
            signals.push(rows, step.value)
            self._after(step.for_s, lambda: signals.push(rows, np.nan))
        elif isinstance(step, scenario.Skew):
            signals.skew_ms[rows] += round(step.seconds * 1000)
            self._after(step.for_s, lambda: signals.skew_ms.__setitem__(rows, 0))
        else:
            flags = signals.stuck if isinstance(step, scenario.Stuck) else signals.silent
            flags[rows] = True
            self._after(step.for_s, lambda: flags.__setitem__(rows, False))

    def _break(self, step: scenario.CameraFault, now: datetime) -> None:
        if not 1 <= step.camera <= len(self._district.cameras):
            return
        camera = self._district.cameras[step.camera - 1].id
        platform_sees_it = step.fault in ("silent", "dropped", "gone")
        self._outlets.camera_fault(camera, step.fault)
        if platform_sees_it:
            self._outlets.tell("sim-video", HealthRecord(camera=camera, health=CameraHealth.OFFLINE, occurred_at=now))

        def repair() -> None:
            self._outlets.camera_fault(camera, "none")
            if platform_sees_it:
                self._outlets.tell(
                    "sim-video", HealthRecord(camera=camera, health=CameraHealth.ONLINE, occurred_at=now)
                )

        self._after(step.for_s, repair)

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        self._later.append((self.elapsed_s + seconds, action))

    def _alarm(self, step: scenario.Alarm, now: datetime) -> AlarmRecord:
        point: Point | None = None
        place = sensor = camera = ""
        if step.town:
            point, place, sensor = self._target(step.town)
        if 1 <= step.camera <= len(self._district.cameras):
            seen = self._district.cameras[step.camera - 1]
            point, place, camera = seen.point, seen.name, seen.id
        return AlarmRecord(
            key=step.key,
            severity=step.severity,
            title=step.title,
            text=step.text,
            kind=step.kind,
            department=step.department,
            occurred_at=now,
            point=point,
            place=place,
            sensor=sensor,
            camera=camera,
        )

    def _target(self, to: str) -> tuple[Point, str, str]:
        """A point, its name and its sensor: where the water is deepest, or a town."""
        rank = {"deepest": 0, "next_deepest": 1}.get(to)
        if rank is not None and len(self._flood_rows):
            order = self._flood_rows[np.argsort(-self._signals.depth_cm[self._flood_rows])]
            sensor = self._district.sensors[int(order[min(rank, len(order) - 1)])]
            if sensor.point is not None:
                return sensor.point, f"{sensor.town} {sensor.name}", sensor.id
        town = next((town for town in self._district.towns if town.name == to), self._district.towns[0])
        return town.point, town.name, ""

    def _rows(self, kind: str, count: int) -> NDArray[np.int64]:
        """Sensors of a kind; of the flood points those where most water gathers."""
        rows = np.flatnonzero(self._signals.kind == kind)
        if kind == "flood_depth":
            return rows[np.argsort(-self._signals.depth_cm[rows])][:count]
        return self._random.permutation(rows)[:count]

    def _candidates(self) -> NDArray[np.int64]:
        """Sensors that may cross a limit on a calm day, in random order."""
        signals = self._signals
        usable = self._excursive & ~signals.silent & ~signals.stuck & ~signals.pushed()
        return self._random.permutation(np.flatnonzero(usable))

    def _cross(self, row: int) -> None:
        """Let a sensor go just beyond its mildest limit."""
        sensor = self._district.sensors[row]
        kind = self._kinds[sensor.kind]
        limit = max(sensor.limits, key=lambda held: held.severity)
        beyond = _BEYOND_DEADBANDS * kind.deadband
        at = limit.above + beyond if limit.above is not None else (limit.below or 0.0) - beyond
        self._signals.push(np.array([row]), at)

    def _excursion(self) -> None:
        if self.elapsed_s < self._next_excursion_s:
            return
        self._next_excursion_s = self.elapsed_s + self._pause()
        candidates = self._candidates()
        if len(candidates):
            row = int(candidates[0])
            self._cross(row)
            self._after(float(self._random.uniform(*_EXCURSION_S)), lambda: self._signals.push(np.array([row]), np.nan))

    def _pause(self) -> float:
        return self._script.calm_excursions_s * float(self._random.uniform(0.5, 1.5))
