"""The bureau's picture of the district: every station judged by its standard, anew when something changed."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from controlroom.api import (
    LOCAL,
    AirIndex,
    Context,
    Mark,
    Reading,
    Standards,
    Subscription,
    WaterClass,
    WaterQuality,
    excess,
    judge_air,
    noise_limit,
    standards,
    water_quality,
)
from plugins.environment.stations import AIR, NOISE, WATER, Station, Values, concentration, stations_of, values_of

POLLUTED_ABOVE = 100
"""An index above this is over the limit: the concentrations of IAQI 100 are those of GB 3095, grade two."""

WATER_TARGET = WaterClass.III
"""The class that the sections of the district are held to, until each declares its own."""

ZONES = ("0", "1", "2", "3", "4a", "4b")
DEFAULT_ZONE = "2"


class AirState(Struct, frozen=True):
    """A station of air: `index` is None when nothing fresh can be judged."""

    station: Station
    values: Values
    index: AirIndex | None


class WaterState(Struct, frozen=True):
    """A section of water: `quality` is None when nothing fresh can be judged."""

    station: Station
    values: Values
    quality: WaterQuality | None


class NoiseState(Struct, frozen=True):
    """A point of noise: its level in dB(A), None when it is not fresh, and by how much it is over the limit."""

    station: Station
    values: Values
    level: float | None
    limit: float
    excess: float


class _Listener:
    def __init__(self, told: Callable[[], None], drop: Callable[["_Listener"], None]) -> None:
        self.told = told
        self._drop = drop

    def close(self) -> None:
        self._drop(self)


class Board:
    """Judges once a second at most, and only when a reading came or a minute passed (a value may have gone stale)."""

    def __init__(self, context: Context, tables: Standards | None = None) -> None:
        self.tables = tables or standards()
        self.air: list[AirState] = []
        self.water: list[WaterState] = []
        self.noise: list[NoiseState] = []
        self.zone = DEFAULT_ZONE
        self.now = context.now()
        self._context = context
        self._layer = context.map_layer("air")
        self._heard: Subscription | None = None
        self._listeners: list[_Listener] = []
        self._stations: dict[str, list[Station]] = {}
        self._changed = True
        self._judged_at: datetime | None = None
        context.on_declared(self._declare)
        context.on_tick(self._tick)
        self._declare()

    @property
    def stations(self) -> list[Station]:
        """All stations: air, water, noise."""
        return [station for medium in ("air", "water", "noise") for station in self._stations[medium]]

    def listen(self, told: Callable[[], None]) -> Subscription:
        """Hear every second, after the judgement: ages are redrawn then."""
        listener = _Listener(told, self._forget)
        self._listeners.append(listener)
        return listener

    def choose_zone(self, zone: str) -> None:
        """Judge noise as of this zone class from now on."""
        self.zone = zone
        self._judge()
        self._tell()

    def _declare(self) -> None:
        sensors = self._context.sensors()
        self._stations = {
            "air": stations_of(sensors, AIR),
            "water": stations_of(sensors, WATER),
            "noise": stations_of(sensors, (NOISE,)),
        }
        if self._heard is not None:
            self._heard.close()
        self._heard = self._context.on_readings((sensor.id for sensor in sensors), self._hear)
        self._judge()
        self._tell()

    def _hear(self, _readings: list[Reading]) -> None:
        self._changed = True

    def _tick(self, now: datetime) -> None:
        self.now = now
        if self._changed or self._judged_at is None or (now - self._judged_at).total_seconds() >= 60:
            self._judge()
        self._tell()

    def _judge(self) -> None:
        self._changed = False
        self.now = self._judged_at = self._context.now()
        self.air = [self._judge_air(station) for station in self._stations["air"]]
        self.water = [self._judge_water(station) for station in self._stations["water"]]
        self.noise = [self._judge_noise(station) for station in self._stations["noise"]]
        times = [state.values.newest for state in self.air if state.values.newest is not None]
        self._layer.update(self._marks(), max(times, default=None))

    def _judge_air(self, station: Station) -> AirState:
        values = values_of(station, self._context.reading, self.now)
        columns = {AIR[kind]: concentration(station.sensors[kind], value) for kind, value in values.fresh.items()}
        return AirState(station, values, judge_air(self.tables, columns, self.now))

    def _judge_water(self, station: Station) -> WaterState:
        values = values_of(station, self._context.reading, self.now)
        factors = {WATER[kind]: value for kind, value in values.fresh.items()}
        return WaterState(station, values, water_quality(self.tables.water, factors))

    def _judge_noise(self, station: Station) -> NoiseState:
        values = values_of(station, self._context.reading, self.now)
        local = self.now.astimezone(LOCAL).time()
        limit = noise_limit(self.tables.noise, self.zone, local)
        level = values.fresh.get(NOISE)
        over = excess(self.tables.noise, self.zone, local, level) if level is not None else 0.0
        return NoiseState(station, values, level, limit, over)

    def _marks(self) -> list[Mark]:
        unknown = len(self.tables.air.levels)
        marks = []
        for state in self.air:
            if state.station.point is None:
                continue
            level = self.tables.air.levels.index(state.index.level) if state.index is not None else unknown
            marks.append(
                Mark(
                    id=state.station.id,
                    point=state.station.point,
                    label=state.station.name,
                    level=level,
                    value=float(state.index.value) if state.index is not None else None,
                )
            )
        return marks

    def _tell(self) -> None:
        for listener in list(self._listeners):
            listener.told()

    def _forget(self, listener: _Listener) -> None:
        if listener in self._listeners:
            self._listeners.remove(listener)
