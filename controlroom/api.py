"""The only door for departments' plugins: everything that a plugin may use is named here, and nothing else.

A plugin is a folder with a `plugin.toml` (see `Manifest`) and, where a declaration cannot say it, a module. The module
holds a class that fits `Plugin`; the host makes one instance with a `Context` when a panel or a map layer of it is
first wanted, and calls it in the GUI thread only. What the plugin raises becomes a card in its panels and stops the
plugin, not the room. Keep every callback below `BUDGET_MS`: a slow plugin is told so and hears of the room less often.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from controlroom.domain.alarm import Alarm, AlarmState, Aside, AsideKind, Note, Owner
from controlroom.domain.camera import Camera, CameraHealth
from controlroom.domain.place import Point
from controlroom.domain.sensor import Limit, Sensor
from controlroom.domain.severity import Severity
from controlroom.domain.standards import air, noise, water
from controlroom.domain.standards.air import AirEdition, AirIndex, AirLevel, AirStandard, air_index, pollutant_of
from controlroom.domain.standards.noise import NoiseStandard, excess, noise_limit
from controlroom.domain.standards.water import WaterClass, WaterQuality, WaterStandard, water_quality
from controlroom.i18n import N_, _, _n
from resources.data import table
from widgets.age import AgeLabel, age_text
from widgets.small_trend import SmallTrend
from widgets.value_table import Cell, Row, ValueTable
from widgets.value_tile import ValueTile

API_VERSION = 1
"""The major version of this door; a manifest names the one it was written for."""

BUDGET_MS = 8.0
"""How long one callback of a plugin may take before it counts as slow."""

LOCAL = ZoneInfo("Asia/Shanghai")
"""The district's time, for what the officer reads and for the days and hours of standards."""


class Reading(Struct, frozen=True):
    """The newest value of a sensor: NaN when missing; `quality` 0 is good; `at` is the source's time."""

    sensor: str
    value: float
    at: datetime
    quality: int


class Series(Struct, frozen=True):
    """Recent readings of one sensor, oldest first: i64 ms since 1970 UTC and f32 values, of equal length."""

    sensor: str
    time_ms: NDArray[np.int64]
    value: NDArray[np.float32]


class Mark(Struct, frozen=True, kw_only=True):
    """One point of a map layer: `level` chooses one of the classes that the manifest declares for the layer.

    `label` names the place; `value`, where there is one, is drawn beside it.
    """

    id: str
    point: Point
    label: str
    level: int = 0
    value: float | None = None


class MapLayer(Protocol):
    """A layer of the map that the manifest declared."""

    def update(self, marks: Iterable[Mark], data_at: datetime | None = None) -> None:
        """Replace all marks. At most 5,000; raises ValueError above.

        `data_at` (aware) is the time of their newest data: the map tells it beside the layer.
        """


class Subscription(Protocol):
    """Something that a plugin listens to."""

    def close(self) -> None:
        """Hear no more; may be called again."""


class Context(Protocol):
    """What a plugin sees of the room and may ask of it. GUI thread only; callbacks are called there too.

    A plugin sees the sensors of the kinds that its manifest declares, and no others.
    """

    @property
    def department(self) -> str:
        """The department that the manifest names."""

    def now(self) -> datetime:
        """The room's time, aware, UTC: in a drill that of the drill."""

    def sensors(self) -> list[Sensor]:
        """The declared sensors of the plugin's kinds, by id."""

    def cameras(self) -> list[Camera]:
        """The declared cameras, by id."""

    def alarms(self) -> list[Alarm]:
        """The alarms that are not normal."""

    def reading(self, sensor: str) -> Reading | None:
        """The newest reading of a sensor; None when it was never heard or is not of the plugin's kinds."""

    def on_readings(self, sensors: Iterable[str], told: Callable[[list[Reading]], None]) -> Subscription:
        """Hear of new readings of these sensors, in batches with each sensor once; unknown ids are left out."""

    def on_declared(self, told: Callable[[], None]) -> Subscription:
        """Hear that sensors or cameras were declared, or that the room was read anew."""

    def on_alarms(self, told: Callable[[list[Alarm]], None]) -> Subscription:
        """Hear of alarms that changed, each with its whole new state."""

    def on_tick(self, told: Callable[[datetime], None]) -> Subscription:
        """Hear the room's time once a second: redraw ages and stale states from it."""

    def history(self, sensors: Iterable[str], since: datetime, told: Callable[[list[Series]], None]) -> None:
        """Ask the hub for recent readings of at most 64 sensors; the answer may be empty, or never come."""

    def map_layer(self, layer: str) -> MapLayer:
        """A layer by the id that the manifest gave it. Raises KeyError for one that it does not declare."""

    def open_incident(
        self, title: str, grade: Severity, *, text: str = "", point: Point | None = None, alarms: Iterable[str] = ()
    ) -> None:
        """Ask the officer's desk to open an incident; the officer sees and may change it first."""

    def select(self, kind: str, subject: str) -> None:
        """Select a `sensor`, `camera` or `alarm` by id in the whole room."""


class Plugin(Protocol):
    """What the manifest's class must be: made with a `Context`, then asked for its panels."""

    def build(self, panel: str) -> QWidget:
        """The widget of a panel that the manifest declares, new each time. May be asked more than once."""


PluginFactory = Callable[[Context], Plugin]
"""The type of the class itself."""


class Standards(Struct, frozen=True):
    """The standards' tables, read once."""

    air: AirStandard
    water: WaterStandard
    noise: NoiseStandard


def standards() -> Standards:
    """Read the tables of the standards that the room judges by."""
    return Standards(
        air.parse(table("standards/air.toml")),
        water.parse(table("standards/water.toml")),
        noise.parse(table("standards/noise.toml")),
    )


def judge_air(tables: Standards, concentrations: Mapping[str, float], at: datetime) -> AirIndex | None:
    """The air quality index of concentrations by column, in the edition of HJ 633 in force on the local day."""
    return air_index(tables.air, concentrations, at.astimezone(LOCAL).date())


__all__ = [
    "API_VERSION",
    "BUDGET_MS",
    "LOCAL",
    "N_",
    "AgeLabel",
    "AirEdition",
    "AirIndex",
    "AirLevel",
    "AirStandard",
    "Alarm",
    "AlarmState",
    "Aside",
    "AsideKind",
    "Camera",
    "CameraHealth",
    "Cell",
    "Context",
    "Limit",
    "MapLayer",
    "Mark",
    "NoiseStandard",
    "Note",
    "Owner",
    "Plugin",
    "PluginFactory",
    "Point",
    "Reading",
    "Row",
    "Sensor",
    "Series",
    "Severity",
    "SmallTrend",
    "Standards",
    "Subscription",
    "ValueTable",
    "ValueTile",
    "WaterClass",
    "WaterQuality",
    "WaterStandard",
    "_",
    "_n",
    "age_text",
    "excess",
    "judge_air",
    "noise_limit",
    "pollutant_of",
    "standards",
    "water_quality",
]
