"""Turns what sensors read into alarms of the hub's own: by their limits, and by the rules of their kind."""

from collections.abc import Mapping
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from controlroom.district_data import OURS, DistrictData
from controlroom.domain.alarm_names import LIMITS
from controlroom.domain.events import Event, LimitsInForceChanged
from controlroom.domain.kinds import SensorKind
from controlroom.domain.limit_book import LimitBook
from controlroom.domain.limits import LimitTable, Transition
from controlroom.domain.readings import GOOD, Latest, Quality
from controlroom.domain.rule_table import Finding, RuleTable
from controlroom.domain.sensor import Sensor
from controlroom.domain.sensor_rules import Rule, RuleBook, decode_rules
from controlroom.domain.severity import Severity
from controlroom.domain.times import to_ms
from controlroom.hub import rules
from controlroom.hub.alarm_context import ContextLimits, still_told
from controlroom.hub.core import Core
from controlroom.hub.grouping import Groups
from controlroom.hub.rule_wording import finding_record, rule_key
from controlroom.hub.silence import AREA_KEY, Silence
from controlroom.wire.frames import Readings
from controlroom.wire.messages import AlarmRecord, ClearRecord

TOLD_A_TURN = 300
"""Alarms raised or ended in one turn; when all happens at once the others come in the next turns, worst first."""


class LimitsWatch:
    """Judges the newest readings: limits once a turn, every rule once a second. One thread owns an instance."""

    def __init__(
        self,
        core: Core,
        latest: Latest,
        kinds: Mapping[str, SensorKind],
        book: RuleBook,
        limit_book: LimitBook,
        now: datetime,
    ) -> None:
        self._core = core
        self._latest = latest
        self._kinds = kinds
        self._limit_book = limit_book
        self._limits_of = limit_book.validity(now)
        self._contexts = ContextLimits(core.conditioning, LIMITS)
        self._table = LimitTable()
        self._rules = RuleTable(book, kinds, self._table, latest)
        self._groups = Groups(kinds, self._table, self._rules, latest)
        self._silence = Silence(kinds, self._rules)
        self._by_index: dict[int, Sensor] = {}
        self._changed: list[NDArray[np.int64]] = []
        self._owed: dict[tuple[int, Rule | None], Transition | Finding] = {}
        self._restore(now)

    @property
    def touched(self) -> bool:
        """Whether there is something to judge or to tell now."""
        return bool(self._changed or self._owed)

    @property
    def owing(self) -> bool:
        """Whether alarms wait for the next turn."""
        return bool(self._owed)

    def declare(self, sensors: tuple[Sensor, ...], now: datetime) -> None:
        """Sensors joined or changed."""
        indices = [self._core.room.sensor_index[s.id] for s in sensors]
        self._by_index.update(zip(indices, sensors, strict=True))
        self._table.declare([self._judged(s, now) for s in sensors], indices)
        self._rules.declare(sensors, indices)
        self._groups.declare(sensors, indices)
        self._silence.declare(sensors, indices)

    def marked(self, readings: Readings) -> Readings:
        """The readings with those that lie outside what their instrument can tell marked as such."""
        beyond = self._rules.beyond(readings.index, readings.value) & (readings.quality == GOOD)
        if not beyond.any():
            return readings
        quality = readings.quality.copy()
        quality[beyond] = Quality.OUT_OF_RANGE
        return Readings(readings.index, readings.value, readings.time, quality)

    def take(self, changed: NDArray[np.int64]) -> None:
        """These sensors have a new reading in the columns of the latest."""
        self._rules.take(changed)
        self._changed.append(changed)

    def judge(self, now: datetime) -> list[Event]:
        """The alarms that the limits raised or cleared by the readings since the last call, folded."""
        if self._changed:
            rows = np.unique(np.concatenate(self._changed))
            self._changed.clear()
            few = 2 * len(rows) < self._table.size
            for transition in self._table.evaluate(self._latest, to_ms(now), rows if few else None):
                self._owe(transition.index, None, transition)
        return self._tell(now)

    def cycle(self, now: datetime) -> list[Event]:
        """Every rule over every sensor, the limits with their delays among them; call about once a second."""
        self._follow_book(now)
        now_ms = to_ms(now)
        for transition in self._table.evaluate(self._latest, now_ms):
            self._owe(transition.index, None, transition)
        for finding in self._rules.judge(now_ms):
            if finding.rule is not Rule.STALE:
                self._owe(finding.index, finding.rule, finding)
        begun, ended, records = self._silence.look(now)
        for index in begun:
            self._owe(index, Rule.STALE, self._stale(index, True, now_ms))
        for index in ended:
            self._owe(index, Rule.STALE, self._stale(index, False, now_ms))
        events = self._record(records, now)
        events += self._record(self._groups.look(now), now)
        in_force = self._contexts.told(self._core.room.limits_in_force, now)
        events += self._core.fold([LimitsInForceChanged(limits) for limits in in_force])
        return events + self._tell(now)

    def _stale(self, index: int, begins: bool, now_ms: int) -> Finding:
        told_ms = int(self._latest.time_ms[index]) if index < self._latest.size else 0
        span_s = (now_ms - told_ms) / 1000.0
        return Finding(Rule.STALE, index, begins, float("nan"), told_ms if begins else now_ms, span_s=span_s)

    def _follow_book(self, now: datetime) -> None:
        """When other limits come into force (an edition, the night, a context), their sensors are declared anew."""
        validity = self._limit_book.validity(now)
        if validity != self._limits_of:
            self._limits_of = validity
            dated = [(i, s) for i, s in self._by_index.items() if self._limit_book.dated(s)]
            self._table.declare([self._judged(s, now) for _i, s in dated], [i for i, _s in dated])
        room = self._core.room
        other = [room.sensors[identity] for identity in self._contexts.changed(now) if identity in room.sensors]
        self._table.declare([self._judged(s, now) for s in other], [room.sensor_index[s.id] for s in other])

    def _judged(self, sensor: Sensor, now: datetime) -> Sensor:
        """The sensor with the limits of its standard, or those of the alarm rules while their context holds."""
        return self._contexts.judged(self._limit_book.judged(sensor, now), now)

    def _owe(self, index: int, rule: Rule | None, told: Transition | Finding) -> None:
        if index in self._groups:
            self._groups.touch(index, rule)
            return
        self._owed.pop((index, rule), None)
        self._owed[index, rule] = told

    def _tell(self, now: datetime) -> list[Event]:
        keys = list(self._owed)
        if len(keys) > TOLD_A_TURN:
            keys = sorted(keys, key=self._urgency)[:TOLD_A_TURN]
        records: list[AlarmRecord | ClearRecord] = []
        for index, rule in keys:
            told, sensor = self._owed.pop((index, rule)), self._by_index.get(index)
            if sensor is None:
                continue
            if isinstance(told, Transition):
                records.append(rules.record_of(sensor, told, self._kinds))
            else:
                figures = self._rules.figures(sensor.kind).of(told.rule)
                severity = Severity.BLUE if figures is None else figures.severity
                records.append(finding_record(sensor, told, severity, self._kinds))
        return self._record(records, now)

    def _urgency(self, key: tuple[int, Rule | None]) -> int:
        """Limits by their severity come before the rules."""
        told = self._owed[key]
        return int(told.severity or told.previous or 4) if isinstance(told, Transition) else 5

    def _record(self, records: list[AlarmRecord | ClearRecord], now: datetime) -> list[Event]:
        events: list[Event] = []
        for record in records:
            events.extend(self._core.record(LIMITS, record, "WGS-84", now))
        return events

    def _restore(self, now: datetime) -> None:
        """Know again what stood before the restart."""
        room = self._core.room
        self.declare(tuple(room.sensors.values()), now)
        own = still_told(room, LIMITS)
        index = room.sensor_index
        self._table.restore(
            {
                index[alarm.sensor]: alarm.told_severity or alarm.severity
                for key, alarm in own.items()
                if alarm.sensor in index and key.startswith("limit/")
            }
        )
        for rule in Rule:
            held = [index[a.sensor] for k, a in own.items() if a.sensor in index and k == rule_key(rule, a.sensor)]
            self._rules.restore(rule, held)
            if rule is Rule.STALE:
                areas = {key: alarm.severity for key, alarm in own.items() if key.startswith(AREA_KEY)}
                self._silence.restore(held, areas)
        self._groups.restore({key: alarm.severity for key, alarm in own.items()})


def district_watch(core: Core, latest: Latest, now: datetime, data: DistrictData = OURS) -> LimitsWatch:
    """What judges the sensors of a room, with the district's kinds, rules and standards. Raises EnvironmentFault."""
    kinds = data.kinds()
    book = data.decoded("sensor_rules.toml", decode_rules)
    return LimitsWatch(core, latest, kinds, book, data.limit_book(kinds), now)
