"""Judges all sensors by the rules beside their limits, as columns: rate, stuck, neighbours, range, stale, forecast."""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from controlroom.domain import neighbours
from controlroom.domain.kinds import SensorKind
from controlroom.domain.limits import LimitTable
from controlroom.domain.readings import GOOD, Latest, Quality
from controlroom.domain.sensor import Sensor
from controlroom.domain.sensor_rules import KindRules, Rule, RuleBook
from controlroom.domain.settling import Settling
from controlroom.domain.tracks import Tracks
from controlroom.domain.trend import Trends

JUMP_MS = 60_000
"""Two judgements never lie further apart unless the clock was set or the hub was away: then nobody is stale at once."""

_BUILT = 8
"""Steps of the table of neighbours that are made in one judgement, some milliseconds together."""

_CHUNK = 16_384
"""Sensors whose columns are worked on together: as many as stay near the processor."""

_NEVER = np.int64(2**62)


class Finding(Struct, frozen=True):
    """A rule began to hold for a sensor, or ended. The figures are the evidence, in the unit of the sensor.

    `reference` is what the value is compared with: an earlier value (rate, stuck), the neighbours' median
    (deviation), the limit ahead (forecast). `span_s` is the time between them (rate), unchanged (stuck), silent
    (stale) or left (forecast, with `error_s`). `spread` is the neighbours' robust deviation or the slope per second.
    """

    rule: Rule
    index: int
    begins: bool
    value: float
    time_ms: int
    reference: float = math.nan
    span_s: float = 0.0
    error_s: float = 0.0
    spread: float = math.nan
    count: int = 0


class RuleTable:
    """The rules of all sensors and which of them hold. Not thread-safe: one thread owns an instance.

    A sensor with too little data for a rule is not judged by it and goes on being judged by the others.
    """

    def __init__(self, book: RuleBook, kinds: Mapping[str, SensorKind], limits: LimitTable, latest: Latest) -> None:
        self._book, self._kinds, self._limits, self._latest = book, kinds, limits, latest
        self.size = 0
        self._settling = {rule: Settling() for rule in Rule}
        self._tracks = Tracks()
        self._low, self._high = np.empty(0, np.float32), np.empty(0, np.float32)
        self._stale_ms = np.empty(0, np.int64)
        self._lon, self._lat = np.empty(0), np.empty(0)
        self._kind_of = np.empty(0, np.int32)
        self._kind_number: dict[str, int] = {}
        self._alive_ms = self._judged_ms = 0
        # Deviation: the sensors that have neighbours, and those by columns.
        self._unbuilt: set[str] = set()
        self._building: Iterator[NDArray[np.int64]] | None = None
        self._around: dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]] = {}
        self._compared, self._nearby = np.empty(0, np.int64), np.empty((neighbours.COUNT, 0), np.int64)
        self._least, self._factor = np.empty(0, np.float32), np.empty(0, np.float32)
        # Forecast: a place in the trends for each sensor that has them.
        self._trends = Trends()
        self._trend_of = np.empty(0, np.int64)
        self._foreseen = np.empty(0, np.int64)
        self._horizon_s, self._sureness = np.empty(0), np.empty(0)

    def holds(self, rule: Rule) -> NDArray[np.bool_]:
        """Which sensors the rule holds for, by telemetry index."""
        return self._settling[rule].held[: self.size]

    def never_heard(self, now_ms: int) -> NDArray[np.bool_]:
        """The sensors that were not heard of since the hub began, for longer than their readings stay live."""
        heard = np.zeros(self.size, np.bool_)
        count = min(self.size, self._latest.size)
        heard[:count] = self._latest.time_ms[:count] > 0
        return ~heard & (now_ms - self._alive_ms > self._stale_ms[: self.size])

    def live(self) -> NDArray[np.bool_]:
        """The sensors that were heard of and are not stale."""
        live = np.zeros(self.size, np.bool_)
        count = min(self.size, self._latest.size)
        live[:count] = self._latest.time_ms[:count] > 0
        return live & ~self.holds(Rule.STALE)

    def figures(self, kind: str) -> KindRules:
        """The rules that are on for a kind."""
        return self._book.of(kind)

    def declare(self, sensors: Sequence[Sensor], indices: Sequence[int]) -> None:
        """Sensors joined or changed; those of a kind are written together."""
        if not sensors:
            return
        self._grow(max(indices) + 1)
        by_kind: dict[str, list[int]] = {}
        for sensor, index in zip(sensors, indices, strict=True):
            by_kind.setdefault(sensor.kind, []).append(index)
            point = sensor.point
            self._lon[index], self._lat[index] = (math.nan, math.nan) if point is None else (point.lon, point.lat)
            self._stale_ms[index] = round(sensor.stale_after_s * 1000)
        for kind, held in by_kind.items():
            self._declare(kind, np.array(held, np.int64))

    def _declare(self, kind: str, at: NDArray[np.int64]) -> None:
        rules, known = self._book.of(kind), self._kinds.get(kind)
        self._kind_of[at] = self._kind_number.setdefault(kind, len(self._kind_number))
        ranged = rules.range is not None and known is not None
        self._low[at] = known.low if ranged and known else -np.inf
        self._high[at] = known.high if ranged and known else np.inf
        for rule, settling in self._settling.items():
            figures = rules.of(rule)
            if figures is not None:
                settling.set_spans(at, round(figures.delay_s * 1000), round(figures.hold_s * 1000))
        self._tracks.set_figures(at, rules.rate, rules.stuck)
        if rules.stale is None:
            self._stale_ms[at] = _NEVER
        if rules.deviation is not None:
            self._unbuilt.add(kind)
        if rules.forecast is not None:
            finest = 10.0 ** -(known.decimals if known else 1)
            for index in at.tolist():
                place = int(self._trend_of[index])
                if place < 0:
                    self._trend_of[index] = self._trends.add(rules.forecast.over_s, finest)
                else:
                    self._trends.forget(place, rules.forecast.over_s, finest)
            self._foreseen = np.flatnonzero(self._trend_of[: self.size] >= 0)
            self._foreseen = self._foreseen[np.argsort(self._trend_of[self._foreseen])]
            of_kind = self._kind_of[self._foreseen] == self._kind_number[kind]
            more = len(self._foreseen) - len(self._horizon_s)
            self._horizon_s, self._sureness = np.pad(self._horizon_s, (0, more)), np.pad(self._sureness, (0, more))
            self._horizon_s[of_kind], self._sureness[of_kind] = rules.forecast.horizon_s, rules.forecast.sureness

    def restore(self, rule: Rule, indices: Sequence[int]) -> None:
        """After a restart: this rule is known to hold for these sensors."""
        self._settling[rule].held[[index for index in indices if index < self.size]] = True

    def beyond(self, index: NDArray[np.uint32], value: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which of these readings lie outside what their instrument can tell; sensors not declared are not judged."""
        if not len(index) or not self.size:
            return np.zeros(len(index), np.bool_)
        at = np.minimum(index, self.size - 1)
        found: NDArray[np.bool_] = ((value < self._low[at]) | (value > self._high[at])) & (index < self.size)
        return found

    def take(self, rows: NDArray[np.int64] | None = None) -> None:
        """New readings of these sensors are in the columns of the latest; None is all of them."""
        count = min(self.size, self._latest.size)
        if rows is not None and 2 * len(rows) <= count:
            self._take(np.sort(rows[rows < count]))
            return
        for start in range(0, count, _CHUNK):
            self._take(slice(start, min(start + _CHUNK, count)))

    def _take(self, at: NDArray[np.int64] | slice) -> None:
        latest = self._latest
        value, time_ms = latest.value[at], latest.time_ms[at]
        fresh = (latest.quality[at] == GOOD) & np.isfinite(value)
        fresh &= time_ms > self._tracks.time_ms[at]
        self._tracks.take(at, value, time_ms, fresh)

    def judge(self, now_ms: int) -> list[Finding]:
        """What began and ended since the last judgement, every rule over every sensor."""
        if not 0 <= now_ms - self._judged_ms <= JUMP_MS:
            self._alive_ms = now_ms
        self._judged_ms = now_ms
        count = min(self.size, self._latest.size)
        latest = self._latest
        value, quality = latest.value[:count], latest.quality[:count]
        heard_ms = np.minimum(latest.time_ms[:count], latest.received_ms[:count])
        stale = now_ms - np.maximum(heard_ms, self._alive_ms) > self._stale_ms[:count]
        # Of what a rule held for before a restart, silence proves nothing.
        heard = heard_ms > 0
        stale = np.where(heard, stale, self._settling[Rule.STALE].held[:count])
        fresh = ~stale & heard
        tracks = self._tracks
        found = self._told(Rule.STALE, stale, now_ms)
        found += self._told(Rule.RANGE, fresh & (quality == Quality.OUT_OF_RANGE), now_ms)
        found += self._told(Rule.RATE, fresh & tracks.fast[:count], now_ms)
        found += self._told(Rule.STUCK, fresh & tracks.still[:count], now_ms)
        usable = fresh & (quality == GOOD) & np.isfinite(value)
        found += self._deviating(value, usable, now_ms)
        found += self._foreseeing(usable, now_ms)
        return found

    def _told(self, rule: Rule, seen: NDArray[np.bool_], now_ms: int) -> list[Finding]:
        begun, ended = self._settling[rule].settle(seen, now_ms)
        return [self._finding(rule, index, True, now_ms) for index in begun.tolist()] + [
            self._finding(rule, index, False, now_ms) for index in ended.tolist()
        ]

    def _finding(self, rule: Rule, index: int, begins: bool, now_ms: int) -> Finding:
        value, time_ms = float(self._latest.value[index]), int(self._latest.time_ms[index])
        reference, span_s = math.nan, 0.0
        if rule is Rule.RATE:
            reference, span_s = self._tracks.before(index)
        elif rule is Rule.STUCK:
            reference, span_s = self._tracks.rest(index)
        elif rule is Rule.STALE:
            span_s = (now_ms - time_ms) / 1000.0
        elif rule is Rule.RANGE:
            reference = float(self._low[index] if value < self._low[index] else self._high[index])
        return Finding(rule, index, begins, value, time_ms, reference, span_s)

    def _deviating(self, value: NDArray[np.float32], usable: NDArray[np.bool_], now_ms: int) -> list[Finding]:
        self._build()
        seen = np.zeros(len(value), np.bool_)
        at = self._compared
        if len(at) and at[-1] < len(value):
            known = np.where(usable, value, np.float32(np.inf))
            around = np.empty(self._nearby.shape, np.float32)
            # The last place stands for a neighbour that there is not.
            known = np.append(known, np.float32(np.inf))
            for row, places in enumerate(self._nearby):
                np.take(known, places, out=around[row], mode="clip")
            median, spread, usables = neighbours.centre(around)
            own = value[at]
            with np.errstate(invalid="ignore"):
                seen[at] = (np.abs(own - median) > np.maximum(self._least, self._factor * 1.4826 * spread)) & usable[at]
        begun, ended = self._settling[Rule.DEVIATION].settle(seen, now_ms)
        found = [self._finding(Rule.DEVIATION, index, False, now_ms) for index in ended.tolist()]
        for index in begun.tolist():
            place = int(np.searchsorted(at, index))
            found.append(
                Finding(
                    Rule.DEVIATION,
                    index,
                    True,
                    float(value[index]),
                    int(self._latest.time_ms[index]),
                    reference=float(median[place]),
                    spread=float(1.4826 * spread[place]),
                    count=int(usables[place]),
                )
            )
        return found

    def _foreseeing(self, usable: NDArray[np.bool_], now_ms: int) -> list[Finding]:
        seen = np.zeros(len(usable), np.bool_)
        at = self._foreseen
        if not len(at) or at.max() >= len(usable):
            return []
        readings_ms = self._latest.time_ms[at]
        told = usable[at] & (readings_ms > self._trends.time_ms)
        if told.any():
            self._trends.take(told, self._latest.value[at].astype(np.float64), readings_ms)
        level, slope, level_error, slope_error = self._trends.lines()
        with np.errstate(invalid="ignore"):
            sure = np.flatnonzero((np.abs(slope) >= self._sureness * slope_error) & usable[at])
        limit, left_s = self._limits.ahead(at[sure], level[sure], slope[sure])
        error_s = np.hypot(level_error[sure], slope_error[sure] * left_s) / np.abs(slope[sure])
        near = np.flatnonzero((left_s <= self._horizon_s[sure]) & (error_s <= left_s))
        seen[at[sure[near]]] = True
        ahead = {int(at[sure[n]]): (float(limit[n]), float(left_s[n]), float(error_s[n])) for n in near.tolist()}
        begun, ended = self._settling[Rule.FORECAST].settle(seen, now_ms)
        found = [self._finding(Rule.FORECAST, index, False, now_ms) for index in ended.tolist()]
        for index in begun.tolist():
            at_limit, seconds, off_s = ahead[index]
            found.append(
                Finding(
                    Rule.FORECAST,
                    index,
                    True,
                    float(self._latest.value[index]),
                    int(self._latest.time_ms[index]),
                    reference=at_limit,
                    span_s=seconds,
                    error_s=off_s,
                    spread=float(slope[self._trend_of[index]]),
                )
            )
        return found

    def _build(self) -> None:
        """Go on with the tables of neighbours, one kind after the other, some steps at a time."""
        if self._building is None:
            if not self._unbuilt:
                return
            kind = self._unbuilt.pop()
            self._building = self._built(kind)
        for _step in range(_BUILT):
            if next(self._building, None) is None:
                self._building = None
                self._join()
                return

    def _built(self, kind: str) -> Iterator[NDArray[np.int64]]:
        rule = self._book.of(kind).deviation
        at = np.flatnonzero(self._kind_of[: self.size] == self._kind_number[kind])
        if rule is None:
            return
        table = np.empty((0, neighbours.COUNT), np.int64)
        for table in neighbours.nearest(self._lon[at], self._lat[at], rule.within_km):
            yield table
        places = np.where(table >= 0, at[table], np.int64(-1))
        enough = (table >= 0).sum(axis=1) >= neighbours.LEAST
        self._around[kind] = (at[enough], places[enough])

    def _join(self) -> None:
        """All kinds' neighbours as columns in the order of the indices; -1 becomes the place behind the last."""
        parts = [(kind, at, places) for kind, (at, places) in self._around.items()]
        if not parts:
            return
        at = np.concatenate([part[1] for part in parts])
        order = np.argsort(at, kind="stable")
        nearby = np.concatenate([part[2] for part in parts])[order].T
        self._compared = at[order]
        self._nearby = np.ascontiguousarray(np.where(nearby < 0, np.iinfo(np.int64).max, nearby))
        rules = {kind: self._book.of(kind).deviation for kind, _, _ in parts}
        least = [np.full(len(a), rule.least if (rule := rules[kind]) else np.inf) for kind, a, _ in parts]
        factor = [np.full(len(a), rule.factor if (rule := rules[kind]) else np.inf) for kind, a, _ in parts]
        self._least = np.concatenate(least)[order].astype(np.float32)
        self._factor = np.concatenate(factor)[order].astype(np.float32)

    def _grow(self, size: int) -> None:
        room = len(self._low)
        if size > room:
            room = max(size, 2 * room)
            more = (0, room - len(self._low))
            self._low = np.pad(self._low, more, constant_values=-np.inf)
            self._high = np.pad(self._high, more, constant_values=np.inf)
            self._stale_ms = np.pad(self._stale_ms, more, constant_values=_NEVER)
            self._lon, self._lat = (np.pad(column, more, constant_values=np.nan) for column in (self._lon, self._lat))
            self._kind_of = np.pad(self._kind_of, more, constant_values=-1)
            self._trend_of = np.pad(self._trend_of, more, constant_values=-1)
            self._tracks.grow(room)
            for settling in self._settling.values():
                settling.grow(room)
        self.size = max(self.size, size)
