"""Large kinds are told by town and model: one alarm of a group says how many of its devices are beyond what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.kinds import SensorKind
from controlroom.domain.limits import LimitTable
from controlroom.domain.readings import Latest
from controlroom.domain.rule_table import RuleTable
from controlroom.domain.sensor import Sensor
from controlroom.domain.sensor_rules import Rule
from controlroom.domain.severity import Severity
from controlroom.hub.rule_wording import RULE_NAMES
from controlroom.wire.messages import AlarmRecord, ClearRecord

_COLOURS = {Severity.RED: "红色", Severity.ORANGE: "橙色", Severity.YELLOW: "黄色", Severity.BLUE: "蓝色"}
_RETOLD = 0.25
"""A group is told anew when so much of its number has changed, or its severity."""

_NAMED = 3
_LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Group:
    """The devices of a kind and model in a town."""

    kind: str
    town: str
    model: str

    def key(self, rule: str) -> str:
        """The alarm key of a rule of the group."""
        return f"group/{rule}/{self.kind}/{self.town}/{self.model}"


class Groups:
    """The groups of all grouped kinds. One thread owns an instance."""

    def __init__(self, kinds: Mapping[str, SensorKind], limits: LimitTable, rules: RuleTable, latest: Latest) -> None:
        self._kinds, self._limits, self._rules, self._latest = kinds, limits, rules, latest
        self._members: dict[Group, list[int]] = {}
        self._group_of: dict[int, Group] = {}
        self._names: dict[int, str] = {}
        self._dirty: set[tuple[Group, str]] = set()
        self._told: dict[tuple[Group, str], tuple[Severity, int]] = {}
        self._unheard: set[tuple[Group, str]] = set()

    def __contains__(self, index: int) -> bool:
        return index in self._group_of

    def declare(self, sensors: Iterable[Sensor], indices: Iterable[int]) -> None:
        """Sensors joined or changed; those of other kinds are passed over."""
        for sensor, index in zip(sensors, indices, strict=True):
            kind = self._kinds.get(sensor.kind)
            held = self._group_of.get(index)
            new = Group(sensor.kind, sensor.town, sensor.model) if kind is not None and kind.grouped else None
            self._names[index] = sensor.name
            if new == held:
                continue
            if held is not None:
                self._members[held].remove(index)
                del self._group_of[index]
            if new is not None:
                self._members.setdefault(new, []).append(index)
                self._group_of[index] = new

    def touch(self, index: int, rule: Rule | None) -> None:
        """A member crossed a limit (None), or a rule began or ended for it."""
        self._dirty.add((self._group_of[index], _LIMIT if rule is None else rule.value))

    def restore(self, keys: Mapping[str, Severity]) -> None:
        """After a restart: these alarms of groups stand."""
        for group in self._members:
            for rule in (_LIMIT, *(rule.value for rule in Rule)):
                severity = keys.get(group.key(rule))
                if severity is not None:
                    self._told[group, rule] = (severity, 0)
                    self._unheard.add((group, rule))

    def look(self, now: datetime) -> list[AlarmRecord | ClearRecord]:
        """What is to be told of the groups that were touched since the last look."""
        for group, rule in [each for each in self._unheard if self._heard(each[0])]:
            self._unheard.remove((group, rule))
            self._dirty.add((group, rule))
        records: list[AlarmRecord | ClearRecord] = []
        for group, rule in sorted(self._dirty, key=lambda each: (each[0].kind, each[0].town, each[0].model, each[1])):
            members = np.array(self._members[group], np.int64)
            level = self._levels(group, rule, members)
            beyond = members[level > 0]
            told = self._told.get((group, rule))
            if not len(beyond):
                if told is not None:
                    del self._told[group, rule]
                    records.append(ClearRecord(key=group.key(rule), occurred_at=now))
                continue
            worst = Severity(int(level[level > 0].min()))
            if told is None or told[0] is not worst or abs(len(beyond) - told[1]) > _RETOLD * max(told[1], 1):
                self._told[group, rule] = (worst, len(beyond))
                records.append(self._record(group, rule, worst, members, level, now))
        self._dirty.clear()
        return records

    def _heard(self, group: Group) -> bool:
        """Whether most of a group was heard of since a restart, so that an alarm from before it can be judged."""
        members = np.array(self._members[group], np.int64)
        heard = members[members < self._latest.size]
        return 2 * int((self._latest.time_ms[heard] > 0).sum()) > len(members)

    def _levels(self, group: Group, rule: str, members: NDArray[np.int64]) -> NDArray[np.int8]:
        """The severity of each member by this rule, 0 where it does not hold."""
        if rule == _LIMIT:
            return self._limits.level[members]
        figures = self._rules.figures(group.kind).of(Rule(rule))
        severity = 0 if figures is None else int(figures.severity)
        return np.where(self._rules.holds(Rule(rule))[members], severity, 0).astype(np.int8)

    def _record(
        self,
        group: Group,
        rule: str,
        worst: Severity,
        members: NDArray[np.int64],
        level: NDArray[np.int8],
        now: datetime,
    ) -> AlarmRecord:
        kind = self._kinds[group.kind]
        what = f"超出{_COLOURS[worst]}限值" if rule == _LIMIT else RULE_NAMES[Rule(rule)]
        beyond = members[level > 0]
        counts = "、".join(
            f"{_COLOURS[each]} {count}" for each in Severity if (count := int((level == int(each)).sum()))
        )
        heard = beyond[beyond < self._latest.size]
        values = self._latest.value[heard]
        values = values[np.isfinite(values)]
        unit = f" {kind.unit}" if kind.unit else ""
        places = kind.decimals
        extent = f"读数 {values.min():.{places}f} 至 {values.max():.{places}f}{unit}。" if len(values) else ""
        named = "、".join(self._names[index] for index in members[level == int(worst)][:_NAMED].tolist())
        model = f" {group.model}" if group.model else ""
        return AlarmRecord(
            key=group.key(rule),
            severity=worst,
            title=f"{group.town}{model} {kind.name}：{len(beyond)} / {len(members)} 台{what}"[:400],
            occurred_at=now,
            kind=group.kind,
            text=f"按乡镇和机型汇总。{counts}。{extent}例如：{named}。"[:4000],
            place=group.town[:400],
        )
