"""Scripted scenarios: steps by time or by condition, read from TOML and played without any outside of their own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

import resources
from controlroom.domain.severity import Severity
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.sources.simulator.weather import Sky

Seconds = Annotated[float, Meta(ge=0.0, le=1e6)]
Count = Annotated[int, Meta(ge=1, le=1000)]
Measure = Literal[
    "rain_mm_h", "rain_1h_mm", "rain_3h_mm", "rain_6h_mm", "flood_max_cm", "flood_points", "elapsed_s", "arrived"
]


class When(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A condition on what the scenario measures; `flood_points` are points at or above 27 cm."""

    measure: Measure
    at_least: float | None = None
    at_most: float | None = None

    def holds(self, measures: Mapping[str, float]) -> bool:
        """Whether it is so now."""
        value = measures[self.measure]
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do"):
    """Something that happens once: not before `at_s`, and `delay_s` after `when` holds, both in scenario seconds."""

    at_s: Seconds = 0.0
    when: When | None = None
    delay_s: Seconds = 0.0


class Rain(Step, frozen=True, kw_only=True, tag="rain"):
    """The heaviest rain becomes so much."""

    mm_h: Annotated[float, Meta(ge=0.0, le=500.0)]
    over_s: Seconds = 30.0


class Alarm(Step, frozen=True, kw_only=True, tag="alarm"):
    """A backend raises an alarm; `town` may be "deepest", `camera` counts from 1.

    It then ends and comes back `flaps` times, changing sides every `every_s`.
    """

    source: str
    key: str
    severity: Severity
    title: str
    text: str = ""
    kind: str = ""
    department: str = ""
    town: str = ""
    camera: int = 0
    flaps: Annotated[int, Meta(ge=0, le=100)] = 0
    every_s: Annotated[float, Meta(gt=0.0, le=1e4)] = 8.0


class Clear(Step, frozen=True, kw_only=True, tag="clear"):
    """A backend's alarm is over."""

    source: str
    key: str


class CameraFault(Step, frozen=True, kw_only=True, tag="camera_fault"):
    """A camera (counted from 1) breaks: silent, stuck, blind, garbage, dropped, gone or forbidden."""

    camera: int
    fault: Literal["silent", "stuck", "blind", "garbage", "dropped", "gone", "forbidden"]
    for_s: Seconds


class Dispatch(Step, frozen=True, kw_only=True, tag="dispatch"):
    """Vehicles go to the deepest (or next deepest) flooded point, or to a town, `hurry` times their usual pace."""

    kind: str
    count: Count
    to: str
    hurry: Annotated[float, Meta(ge=1.0, le=60.0)] = 1.5


class Recall(Step, frozen=True, kw_only=True, tag="recall"):
    """Everybody who was sent somewhere is free again."""


class Silence(Step, frozen=True, kw_only=True, tag="silence"):
    """A source says nothing for a while."""

    source: str
    for_s: Seconds


class Stuck(Step, frozen=True, kw_only=True, tag="stuck"):
    """Sensors of a kind repeat their last value."""

    sensor_kind: str
    count: Count
    for_s: Seconds


class Dropout(Step, frozen=True, kw_only=True, tag="dropout"):
    """Sensors of a kind say nothing."""

    sensor_kind: str
    count: Count
    for_s: Seconds


class Skew(Step, frozen=True, kw_only=True, tag="skew"):
    """The clocks of sensors of a kind are off by so many seconds."""

    sensor_kind: str
    count: Count
    seconds: float
    for_s: Seconds


class Push(Step, frozen=True, kw_only=True, tag="push"):
    """Sensors of a kind measure about this value."""

    sensor_kind: str
    count: Count
    value: float
    for_s: Seconds


Action = Rain | Alarm | Clear | CameraFault | Dispatch | Recall | Silence | Stuck | Dropout | Skew | Push


class Scenario(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A script: `duration_s` 0 has no end; `weather_speed` is how much faster the weather runs than the clock."""

    title: str
    duration_s: Seconds = 0.0
    weather_speed: Annotated[float, Meta(gt=0.0, le=1000.0)] = 1.0
    calm_events_s: Annotated[float, Meta(gt=0.0)] = 90.0
    calm_excursions_s: Annotated[float, Meta(gt=0.0)] = 300.0
    first_events_s: tuple[Seconds, ...] = ()
    standing: Annotated[int, Meta(ge=0, le=1000)] = 0
    excursion_kinds: tuple[str, ...] = ()
    warnings: str = ""
    weather: Sky = Sky()
    step: tuple[Action, ...] = ()


class Player:
    """Tells which steps are due. One thread owns an instance."""

    def __init__(self, scenario: Scenario) -> None:
        self._waiting: list[tuple[Action, float | None]] = [(step, None) for step in scenario.step]

    def due(self, measures: Mapping[str, float]) -> list[Action]:
        """The steps that happen now, in the order of the script; `elapsed_s` is one of the measures."""
        elapsed_s = measures["elapsed_s"]
        due: list[Action] = []
        waiting: list[tuple[Action, float | None]] = []
        for step, held_since in self._waiting:
            since = held_since
            if since is None and elapsed_s >= step.at_s and (step.when is None or step.when.holds(measures)):
                since = elapsed_s
            if since is not None and elapsed_s >= since + step.delay_s:
                due.append(step)
            else:
                waiting.append((step, since))
        self._waiting = waiting
        return due

    @property
    def done(self) -> bool:
        """Whether every step has happened."""
        return not self._waiting


def names() -> list[str]:
    """The scenarios that travel with the program."""
    return sorted(path.stem for path in resources.path("scenarios").glob("*.toml"))


def load(name: str) -> Scenario:
    """A scenario by its name, or by the path of a TOML file. Raises EnvironmentFault."""
    path = resources.path("scenarios", f"{name}.toml") if name in names() else Path(name)
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Scenario)
    except OSError as error:
        sentence = _("There is no scenario “{name}”. Known are: {names}; or give the path of a file.")
        raise EnvironmentFault(sentence.format(name=name, names=", ".join(names()))) from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        sentence = _("The scenario {path} cannot be used: {reason}.")
        raise EnvironmentFault(sentence.format(path=path, reason=error)) from error
