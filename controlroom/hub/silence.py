"""Sensors that are heard of no more: one alarm for an area that fell silent, and for single sensors that matter."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.kinds import SensorKind
from controlroom.domain.rule_table import RuleTable
from controlroom.domain.sensor import Sensor
from controlroom.domain.sensor_rules import Rule
from controlroom.domain.severity import Severity
from controlroom.domain.times import to_ms
from controlroom.wire.messages import AlarmRecord, ClearRecord

AREA_KEY = "stale-area/"
DISTRICT = "*"
_DISTRICT_AREAS = 3
"""So many silent areas, when they are more than half of all, are one alarm of the district."""

_RETOLD = 0.25


class Silence:
    """Who is silent, by area (town) and kind. One thread owns an instance.

    A single sensor is told only after half the time again in which its readings are live: the sensors behind a dead
    gateway fall silent one after the other, and by then it is known that the whole area did.
    """

    def __init__(self, kinds: Mapping[str, SensorKind], rules: RuleTable) -> None:
        self._kinds, self._rules = kinds, rules
        self._towns: dict[str, int] = {}
        self._kind_codes: dict[str, int] = {}
        size = 0
        self._town = np.full(size, -1, np.int32)
        self._kind = np.full(size, -1, np.int32)
        self._each = np.zeros(size, np.bool_)
        self._grace_ms = np.zeros(size, np.int64)
        self._since_ms = np.zeros(size, np.int64)
        self._told = np.zeros(size, np.bool_)
        self._rolled: NDArray[np.bool_] = np.zeros((0, 0), np.bool_)
        self._areas: dict[str, int] = {}

    def declare(self, sensors: Sequence[Sensor], indices: Sequence[int]) -> None:
        """Sensors joined or changed."""
        if not sensors:
            return
        size = max(indices) + 1
        if size > len(self._town):
            more = (0, max(size, 2 * len(self._town)) - len(self._town))
            self._town = np.pad(self._town, more, constant_values=-1)
            self._kind = np.pad(self._kind, more, constant_values=-1)
            self._each, self._told = np.pad(self._each, more), np.pad(self._told, more)
            self._grace_ms, self._since_ms = np.pad(self._grace_ms, more), np.pad(self._since_ms, more)
        for sensor, index in zip(sensors, indices, strict=True):
            stale = self._rules.figures(sensor.kind).stale
            kind = self._kinds.get(sensor.kind)
            self._town[index] = self._towns.setdefault(sensor.town, len(self._towns))
            self._kind[index] = self._kind_codes.setdefault(sensor.kind, len(self._kind_codes))
            self._each[index] = stale is not None and stale.each and not (kind is not None and kind.grouped)
            self._grace_ms[index] = round(500 * sensor.stale_after_s)
        held = self._rolled
        self._rolled = np.zeros((len(self._kind_codes), len(self._towns)), np.bool_)
        self._rolled[: held.shape[0], : held.shape[1]] = held

    def restore(self, sensors: Sequence[int], keys: Mapping[str, Severity]) -> None:
        """After a restart: these sensors and these areas are known to be silent."""
        self._told[list(sensors)] = True
        for town, code in self._towns.items():
            if AREA_KEY + town in keys or AREA_KEY + DISTRICT in keys:
                self._rolled[:, code] = True
        for key in keys:
            self._areas[key.removeprefix(AREA_KEY)] = 0

    def look(self, now: datetime) -> tuple[list[int], list[int], list[AlarmRecord | ClearRecord]]:
        """The sensors that are to be told silent and heard again, and what is to be told of areas."""
        size = self._rules.size
        stale = self._rules.holds(Rule.STALE)
        silent = stale | self._rules.never_heard(to_ms(now))
        self._roll(silent, self._rules.live(), size)
        now_ms = to_ms(now)
        since = self._since_ms[:size]
        since[~stale] = 0
        since[stale & (since == 0)] = now_ms
        rolled = self._rolled[self._kind[:size], self._town[:size]] & (self._kind[:size] >= 0)
        wanted = stale & self._each[:size] & ~rolled & (self._told[:size] | (now_ms - since >= self._grace_ms[:size]))
        begun, ended = np.flatnonzero(wanted & ~self._told[:size]), np.flatnonzero(~wanted & self._told[:size])
        self._told[:size] = wanted
        return begun.tolist(), ended.tolist(), self._tell_areas(silent, now)

    def _roll(self, silent: NDArray[np.bool_], live: NDArray[np.bool_], size: int) -> None:
        """Which kinds are silent in which towns; one that was stays so until most of its sensors are heard again."""
        shape = self._rolled.shape
        known = self._kind[:size] >= 0
        if not known.any():
            return
        cell = np.where(known, self._kind[:size] * shape[1] + self._town[:size], 0)
        total, quiet, heard = (
            np.bincount(cell[known], weights=flags[known], minlength=shape[0] * shape[1]).reshape(shape)
            for flags in (known, silent, live)
        )
        share, least = np.ones((shape[0], 1)), np.full((shape[0], 1), np.inf)
        for kind, code in self._kind_codes.items():
            rule = self._rules.figures(kind).stale
            if rule is not None:
                share[code], least[code] = rule.area_share, rule.area_least
        falls = (quiet >= least) & (quiet >= share * total)
        rises = heard > (1.0 - share) * total + 0.1 * total
        self._rolled = falls | (self._rolled & ~rises & (total > 0))

    def _tell_areas(self, silent: NDArray[np.bool_], now: datetime) -> list[AlarmRecord | ClearRecord]:
        quiet = [town for town, code in self._towns.items() if self._rolled[:, code].any()]
        many = len(quiet) >= _DISTRICT_AREAS and 2 * len(quiet) > len(self._towns)
        wanted = {DISTRICT: quiet} if many else {town: [town] for town in quiet}
        records: list[AlarmRecord | ClearRecord] = []
        for area in [area for area in self._areas if area not in wanted]:
            del self._areas[area]
            records.append(ClearRecord(key=AREA_KEY + area, occurred_at=now))
        for area, towns in wanted.items():
            counts = self._counts(silent, towns)
            number = sum(count for _kind, count, _all in counts)
            if area not in self._areas or abs(number - self._areas[area]) > _RETOLD * max(self._areas[area], 1):
                self._areas[area] = number
                records.append(self._record(area, towns, counts, now))
        return records

    def _counts(self, silent: NDArray[np.bool_], towns: list[str]) -> list[tuple[str, int, int]]:
        """Of each kind that is silent in these towns: its id, how many are silent there, how many there are."""
        size = len(silent)
        there = np.isin(self._town[:size], [self._towns[town] for town in towns])
        rolled = np.flatnonzero(self._rolled[:, [self._towns[town] for town in towns]].any(axis=1)).tolist()
        found = []
        for kind, code in self._kind_codes.items():
            of_kind = there & (self._kind[:size] == code)
            if code in rolled:
                found.append((kind, int((of_kind & silent).sum()), int(of_kind.sum())))
        return sorted(found, key=lambda each: -each[1])

    def _record(self, area: str, towns: list[str], counts: list[tuple[str, int, int]], now: datetime) -> AlarmRecord:
        number, whole = sum(each[1] for each in counts), sum(each[2] for each in counts)
        rules = [self._rules.figures(kind).stale for kind, _count, _all in counts]
        worst = min((rule.severity for rule in rules if rule is not None), default=Severity.BLUE)
        named = "、".join(
            f"{self._kinds[kind].name if kind in self._kinds else kind} {count}/{of}" for kind, count, of in counts
        )
        where = "全区" if area == DISTRICT else area or "未注明乡镇"
        text = f"同一区域的监测点同时没有读数，可能是网关、网络或平台故障。{named}。"
        if area == DISTRICT:
            text += f"涉及：{'、'.join(towns)}。"
        return AlarmRecord(
            key=AREA_KEY + area,
            severity=worst,
            title=f"{where} {number} / {whole} 个监测点失联"[:400],
            occurred_at=now,
            text=text[:4000],
            place="" if area == DISTRICT else area[:400],
        )
