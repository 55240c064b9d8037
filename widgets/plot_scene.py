"""What stands around the curves of one chart, as values: limits over time, alarms, notes, doubts, what is not known."""

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtGui import QColor, QFont, QPalette

from controlroom.domain.severity import Severity
from widgets.plot_frame import Range
from widgets.plot_window import Stretch


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit in a chart: values on its far side are abnormal."""

    value: float
    above: bool
    severity: Severity
    label: str


@dataclass(frozen=True, slots=True)
class LimitPeriod:
    """The limits that were valid over a stretch of time."""

    stretch: Stretch
    lines: tuple[LimitLine, ...]


@dataclass(frozen=True, slots=True)
class Dot:
    """A place of a curve (seconds since 1970 UTC, value on the axis `unit`) in its colour."""

    time_s: float
    value: float
    unit: str
    colour: QColor


@dataclass(frozen=True, slots=True)
class AlarmMark:
    """An alarm at a time (seconds since 1970 UTC)."""

    time_s: float
    severity: Severity
    active: bool


@dataclass(frozen=True, slots=True)
class Note:
    """What an officer wrote over a stretch of time."""

    id: str
    stretch: Stretch
    text: str
    author: str


@dataclass(slots=True)
class Scene:
    """Everything that is painted around the curves of one chart; times in seconds since 1970 UTC.

    `ranges` are the shown ranges of its axes by unit, the limits belong to the axis `limit_unit`.
    """

    palette: QPalette
    font: QFont
    ranges: dict[str, Range] = field(default_factory=dict)
    limit_unit: str = ""
    periods: tuple[LimitPeriod, ...] = ()
    grid_unit: str = ""
    marks: tuple[AlarmMark, ...] = ()
    notes: tuple[Note, ...] = ()
    doubts: tuple[Dot, ...] = ()
    doubted_bins: tuple[float, ...] = ()
    unknown: tuple[Stretch, ...] = ()
    damaged: tuple[Stretch, ...] = ()
    down: tuple[Stretch, ...] = ()
    """When no hub ran."""
    tails: tuple[Dot, ...] = ()
    now_s: float = 0.0
    stale_from_s: float | None = None
    stale_text: str = ""
    cursor_s: float | None = None
    reference_s: float | None = None
    cursor_dots: tuple[Dot, ...] = ()
    hint: str = ""


LimitLines = Callable[[float], tuple[LimitLine, ...]]
"""The limit lines that were valid at a time in seconds since 1970 UTC."""


def limit_periods(lines_at: LimitLines, stretch: Stretch, samples: int, resolution_s: float) -> tuple[LimitPeriod, ...]:
    """The periods of a stretch in which the same limits were valid, their borders found to `resolution_s`.

    `lines_at` is asked at `samples` times of equal distance and between those that differ; a period that is shorter
    than that distance may be missed.
    """
    step_s = stretch.span_s / max(samples, 1)
    at_s, held = stretch.start_s, lines_at(stretch.start_s)
    periods = []
    for number in range(1, max(samples, 1) + 1):
        next_s = stretch.start_s + number * step_s
        following = lines_at(next_s)
        if following == held:
            continue
        low_s, high_s = next_s - step_s, next_s
        while high_s - low_s > resolution_s:
            middle_s = (low_s + high_s) / 2
            if lines_at(middle_s) == held:
                low_s = middle_s
            else:
                high_s = middle_s
        periods.append(LimitPeriod(Stretch(at_s, high_s), held))
        at_s, held = high_s, following
    periods.append(LimitPeriod(Stretch(at_s, stretch.end_s), held))
    return tuple(periods)
