"""Real series: which labelled anomalies the rules catch at how many false alarms, and a station's air of four years."""

import csv
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.limits import LimitTable
from controlroom.domain.place import Point
from controlroom.domain.readings import Latest
from controlroom.domain.rule_table import RuleTable
from controlroom.domain.sensor import Sensor
from controlroom.domain.sensor_rules import DeviationRule, KindRules, RateRule, Rule, RuleBook, StuckRule
from controlroom.domain.standards import air
from controlroom.domain.standards.air_day import day_index
from resources.data import table
from tests.bench.report import Measure

RULES = {Rule.STUCK: "stuck", Rule.RATE: "step", Rule.DEVIATION: "deviation"}
DAYS = 7
"""A series stands alone, so its neighbours are itself at the same time of the seven days before."""

DAY_S, WEEK_S = 86_400.0, 604_800.0
LEARNT = 0.15
"""The first part of a series, before its first label, from which the figures are taken; it is not judged."""

_POLLUTANTS = {"pm25": "PM2.5", "pm10": "PM10", "so2": "SO2", "no2": "NO2", "co": "CO", "o3": "O3"}


def measure(quick: bool) -> list[Measure]:
    """Windows caught and false alarms per week for each rule; the air of four years by both editions."""
    shared = _shared()
    if shared is None:
        missing = "the shared series are not beside this checkout"
        names = [f"labelled_{name}_{what}" for name in RULES.values() for what in ("caught", "false_per_week")]
        return [Measure(name, None, "", None, missing) for name in (*names, "aqi_4_years_ms")]
    return [*_labelled(shared / "series"), _air(shared / "air")]


@dataclass(slots=True)
class _Score:
    """What one rule did over all series."""

    caught: int = 0
    windows: int = 0
    false: int = 0
    weeks: float = 0.0
    notes: list[str] = field(default_factory=list)


def _shared() -> Path | None:
    root = Path(__file__).resolve().parents[2]
    candidates = (root.parent / "shared" / "data", root.parents[1] / "shared" / "data")
    return next((folder for folder in candidates if (folder / "series").is_dir()), None)


def _labelled(folder: Path) -> list[Measure]:
    scores = {rule: _Score() for rule in RULES}
    for name, spans in json.loads((folder / "labels.json").read_text("utf-8")).items():
        path = folder / Path(name).name
        time_s, value = _read(path)
        windows = [(_seconds(begin), _seconds(end)) for begin, end in spans]
        told = _told(time_s, value)
        begins_s = float(time_s[int(LEARNT * len(time_s))])
        judged_s = float(time_s[-1]) - begins_s - sum(end - begin for begin, end in windows)
        for rule, score in scores.items():
            times = [at for at in told[rule] if at >= begins_s]
            hit = sum(any(begin <= at <= end for at in times) for begin, end in windows)
            false = sum(not any(begin <= at <= end for begin, end in windows) for at in times)
            score.caught += hit
            score.windows += len(windows)
            score.false += false
            score.weeks += judged_s / WEEK_S
            score.notes.append(f"{path.stem}: {hit} of {len(windows)}, {false} false in {judged_s / WEEK_S:.1f} weeks")
    found = []
    for rule, name in RULES.items():
        score = scores[rule]
        found += [
            Measure(f"labelled_{name}_caught", score.caught, f"of {score.windows}", None, "; ".join(score.notes)),
            Measure(
                f"labelled_{name}_false_per_week", score.false / score.weeks, "1/week", None, "outside all windows"
            ),
        ]
    return found


def _told(time_s: NDArray[np.float64], value: NDArray[np.float64]) -> dict[Rule, list[float]]:
    """When each rule began to hold for a series, seconds since 1970: the rules of the hub, reading by reading."""
    interval_s = float(np.median(np.diff(time_s)))
    columns = np.array([value, *_days_before(time_s, value, interval_s)], np.float32)
    sensors = [
        Sensor(id=f"{n}", name=f"{n}", kind="labelled", point=Point(116.3, 39.7), stale_after_s=10 * interval_s)
        for n in range(len(columns))
    ]
    latest, count = Latest(len(sensors)), len(sensors)
    book = RuleBook(edition="bench", source="bench", defaults=KindRules(), kinds={"labelled": _figures(time_s, value)})
    rules = RuleTable(book, {}, LimitTable(), latest)
    rules.declare(sensors, range(count))
    index, good = np.arange(count, dtype=np.uint32), np.zeros(count, np.uint8)
    told: dict[Rule, list[float]] = {rule: [] for rule in RULES}
    for at_s, row in zip(time_s.tolist(), columns.T, strict=True):
        at_ms = round(1000 * at_s)
        latest.apply(index, row, np.full(count, at_ms), good, at_ms)
        rules.take()
        for finding in rules.judge(at_ms):
            if finding.begins and finding.index == 0 and finding.rule in told:
                told[finding.rule].append(at_s)
    return told


def _figures(time_s: NDArray[np.float64], value: NDArray[np.float64]) -> KindRules:
    """Figures from the first part alone, alike for all: six robust deviations of a step, one of the level."""
    learnt = slice(0, int(LEARNT * len(value)))
    interval_s = float(np.median(np.diff(time_s)))
    steps = np.diff(value[learnt])
    step = 6.0 * 1.4826 * float(np.median(np.abs(steps - np.median(steps))))
    spread = 1.4826 * float(np.median(np.abs(value[learnt] - np.median(value[learnt]))))
    calm_s = max(6 * interval_s, 3600.0)
    return KindRules(
        rate=RateRule(over_s=interval_s, rise=step, fall=step, hold_s=calm_s),
        stuck=StuckRule(after_s=calm_s, hold_s=0.0),
        deviation=DeviationRule(least=spread, delay_s=2 * interval_s, hold_s=calm_s),
    )


def _days_before(
    time_s: NDArray[np.float64], value: NDArray[np.float64], interval_s: float
) -> Iterator[NDArray[np.float64]]:
    """The series one to seven days before each of its times, NaN where it has a gap there."""
    for days in range(1, DAYS + 1):
        wanted = time_s - days * DAY_S
        at = np.clip(np.searchsorted(time_s, wanted), 0, len(time_s) - 1)
        yield np.where(np.abs(time_s[at] - wanted) <= interval_s, value[at], np.nan)


def _read(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    with path.open(encoding="utf-8") as lines:
        rows = [(_seconds(row["timestamp"]), float(row["value"])) for row in csv.DictReader(lines)]
    columns = np.array(sorted(rows))
    return columns[:, 0], columns[:, 1]


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def _air(folder: Path) -> Measure:
    """Each day of four years by the edition of 2012 and by that of 2026; days with too few hours stay gaps."""
    standard = air.parse(table("standards/air.toml"))
    days: dict[date, dict[str, list[float]]] = {}
    with next(folder.glob("PRSA_*.csv")).open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            at = date(int(row["year"]), int(row["month"]), int(row["day"]))
            day = days.setdefault(at, {name: [math.nan] * 24 for name in _POLLUTANTS})
            for name, column in _POLLUTANTS.items():
                if row[column] != "NA":
                    day[name][int(row["hour"])] = float(row[column]) / (1000.0 if name == "co" else 1.0)
    began = time.perf_counter()
    both = [[day_index(standard, hours, edition.in_force) for hours in days.values()] for edition in standard.editions]
    took_ms = 1000.0 * (time.perf_counter() - began)
    gaps = sum(found is None for found in both[0])
    beyond = [sum(found is not None and found.value > 100 for found in found_all) for found_all in both]
    note = f"{len(days)} days, {gaps} without an index; above 100: {beyond[0]} by the 2012 edition, {beyond[1]} by 2026"
    return Measure("aqi_4_years_ms", took_ms, "ms", None, note)
