"""Which sensors are listed and in which order: an index over columns, since a proxy model takes seconds for it."""

import enum
from bisect import bisect
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from controlroom.bridge.models.sensor_groups import SensorGroups
from controlroom.bridge.reading_wording import limits_origin
from controlroom.domain.limits import Freshness, LimitTable
from controlroom.domain.limits_in_force import Limiting
from controlroom.domain.readings import Latest
from controlroom.domain.sensor import Sensor
from controlroom.domain.times import from_ms


class SensorColumn(enum.IntEnum):
    """What is told of each sensor."""

    NAME = 0
    KIND = 1
    TOWN = 2
    VALUE = 3
    LEVEL = 4
    AGE = 5


@dataclass(frozen=True, slots=True)
class SensorFilter:
    """Which sensors are listed: all words of `text` occur in id, name, kind, town or departments; None is any.

    A sensor that is shown to several departments is one of each. Of `levels` the worst is 1, no limit crossed is 0.
    """

    text: str = ""
    kind: str | None = None
    town: str | None = None
    abnormal: bool = False
    """Only sensors beyond a limit or with a reading that cannot be believed."""
    department: str | None = None
    levels: frozenset[int] | None = None
    stale: bool = False
    """Only sensors whose newest reading is stale, or that were never heard."""

    @property
    def by_state(self) -> bool:
        """Whether what is listed changes with the readings."""
        return self.abnormal or self.stale or self.levels is not None


@dataclass(frozen=True, slots=True)
class SensorGroup:
    """The sensors of a kind in a town: how many, how many of them beyond a limit, and the worst severity (0 none)."""

    kind: str
    town: str
    count: int
    abnormal: int
    worst: int


_WORST_LEVEL = 5

FEW = 50
"""So many members of groups are listed one by one when words were typed that find them."""


class SensorIndex:
    """All sensors in columns by place (the order of declaration), and the places that are listed.

    `names` gives the name of a kind in the officer's language.
    """

    def __init__(
        self, names: Callable[[str], str], book: Limiting | None = None, grouped: AbstractSet[str] = frozenset()
    ) -> None:
        """With a book the limits are those in force at the time of the look, as the hub judges too.

        Sensors of `grouped` kinds are listed as one row for each town and model, until a town is chosen.
        """
        self._name_of = names
        self.grouping = SensorGroups(grouped)
        self._book = book
        self._validity: tuple[object, ...] = ()
        self._looked_ms = 0
        self.sensors: list[Sensor] = []
        self.place_of: dict[str, int] = {}
        self.index: NDArray[np.int64] = np.empty(0, np.int64)
        # Places of sensors; a row of the group g stands as -1 - g.
        self.listed: NDArray[np.int64] = np.empty(0, np.int64)
        self.limits = LimitTable()
        self.filter = SensorFilter()
        self.column = SensorColumn.LEVEL
        self.descending = False
        self._held: dict[str, Sensor] = {}
        self._search: list[str] = []
        self._kinds: list[str] = []
        self._towns: list[str] = []
        self._kind: NDArray[np.int64] = np.empty(0, np.int64)
        self._town: NDArray[np.int64] = np.empty(0, np.int64)
        self._shown_to: dict[str, list[int]] = {}
        self._name_rank: NDArray[np.int64] | None = None
        # By place, as of the last look.
        self.value: NDArray[np.float32] = np.empty(0, np.float32)
        self.level: NDArray[np.int8] = np.empty(0, np.int8)
        self.freshness: NDArray[np.uint8] = np.empty(0, np.uint8)
        self.age_ms: NDArray[np.int64] = np.empty(0, np.int64)

    def differs(self, sensors: Mapping[str, Sensor]) -> bool:
        """Whether a sensor joined, changed or went since the last declaration."""
        held = self._held
        return len(sensors) != len(held) or any(held.get(key) is not sensor for key, sensor in sensors.items())

    def declare(self, sensors: Mapping[str, Sensor], index: Mapping[str, int]) -> None:
        """Take the sensors of the room."""
        new = [sensor for key, sensor in sensors.items() if self._held.get(key) is not sensor]
        self._held = dict(sensors)
        self._declare_limits(new, [index[sensor.id] for sensor in new])
        self.sensors = list(sensors.values())
        self.place_of = {sensor.id: place for place, sensor in enumerate(self.sensors)}
        self.index = np.fromiter((index[sensor.id] for sensor in self.sensors), np.int64, len(self.sensors))
        self._kinds, self._kind = _coded([sensor.kind for sensor in self.sensors])
        self._towns, self._town = _coded([sensor.town for sensor in self.sensors])
        kinds = {kind: self._name_of(kind) for kind in self._kinds}
        self._search = [
            "\n".join((s.name, s.id, kinds[s.kind], s.town, s.model, *s.shown_to)).casefold() for s in self.sensors
        ]
        self._shown_to = {}
        for place, sensor in enumerate(self.sensors):
            for department in sensor.shown_to:
                self._shown_to.setdefault(department, []).append(place)
        self._name_rank = None
        self.grouping.declare(self.sensors)
        count = len(self.sensors)
        self.value = np.full(count, np.nan, np.float32)
        self.level = np.zeros(count, np.int8)
        self.freshness = np.full(count, Freshness.NEVER, np.uint8)
        self.age_ms = np.full(count, -1, np.int64)

    @property
    def departments(self) -> list[str]:
        """The departments that sensors are shown to."""
        return sorted(self._shown_to)

    def judge_anew(self, index: Mapping[str, int]) -> None:
        """Other readings come, of another time: nothing of the earlier ones is kept, held levels neither."""
        self.limits = LimitTable()
        self._declare_limits(self.sensors, [index[sensor.id] for sensor in self.sensors])
        self.value[:] = np.nan
        self.age_ms[:] = -1

    def origin(self, place: int) -> str:
        """Whose limits a sensor has; empty without a book."""
        if self._book is None:
            return ""
        return limits_origin(self._book, self.sensors[place], from_ms(max(self._looked_ms, 1)))

    def look(self, latest: Latest, now_ms: int) -> bool:
        """Judge all sensors as of now; returns whether any level or freshness changed."""
        self._looked_ms = now_ms
        if self._book is not None and self._validity != (validity := self._book.validity(from_ms(max(now_ms, 1)))):
            self._validity = validity
            dated = [place for place, sensor in enumerate(self.sensors) if self._book.dated(sensor)]
            self._declare_limits([self.sensors[place] for place in dated], self.index[dated].tolist())
        self.limits.evaluate(latest, now_ms)
        heard = self.index < latest.size
        at = self.index[heard]
        self.value[heard] = latest.value[at]
        self.age_ms[heard] = latest.age_ms(now_ms)[at]
        level, freshness = self.limits.level[self.index], self.limits.freshness(latest, now_ms)[self.index]
        changed = not (np.array_equal(level, self.level) and np.array_equal(freshness, self.freshness))
        self.level, self.freshness = level, freshness
        self.grouping.look(self.value, level, freshness, self.age_ms)
        return changed

    def _declare_limits(self, sensors: list[Sensor], indices: list[int]) -> None:
        book = self._book
        if book is not None:
            at = from_ms(max(self._looked_ms, 1))
            sensors = [book.judged(sensor, at) for sensor in sensors]
        self.limits.declare(sensors, indices)

    def arrange(self) -> None:
        """List what passes the filter in the chosen order; equal ones keep the order of declaration."""
        wanted = self.filter
        passes = np.ones(len(self.sensors), np.bool_)
        if wanted.kind is not None:
            passes &= self._kind == _code(self._kinds, wanted.kind)
        if wanted.town is not None:
            passes &= self._town == _code(self._towns, wanted.town)
        if wanted.abnormal:
            passes &= (self.level > 0) | (self.freshness != Freshness.LIVE)
        if wanted.department is not None:
            shown = np.zeros(len(self.sensors), np.bool_)
            shown[self._shown_to.get(wanted.department, [])] = True
            passes &= shown
        if wanted.levels is not None:
            passes &= np.isin(self.level, list(wanted.levels))
        if wanted.stale:
            passes &= np.isin(self.freshness, [Freshness.STALE, Freshness.NEVER])
        places = np.flatnonzero(passes)
        for word in wanted.text.casefold().split():
            search = self._search
            places = np.array([place for place in places.tolist() if word in search[place]], np.int64)
        rows = self._summed(places)
        self.listed = rows[np.argsort(self._keys(rows), kind="stable")]

    def _summed(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows of these places: members of a group become a row of the group, unless the officer asked for them.

        That is by choosing kind and town, or by words that only a few of them have.
        """
        group = self.grouping.of_place[places]
        members = group >= 0
        wanted = self.filter
        few = bool(wanted.text or wanted.department or wanted.levels or wanted.stale) and int(members.sum()) <= FEW
        if (wanted.kind is not None and wanted.town is not None) or few:
            return places
        return np.concatenate([places[~members], -1 - np.unique(group[members])])

    def groups(self) -> Iterable[SensorGroup]:
        """Counts for each kind and town that has sensors."""
        towns = len(self._towns)
        group = self._kind * towns + self._town
        size = len(self._kinds) * towns
        count = np.bincount(group, minlength=size)
        abnormal = np.bincount(group[self.level > 0], minlength=size)
        worst = np.zeros(size, np.int64)
        for level in range(4, 0, -1):
            worst[group[self.level == level]] = level
        for at in np.flatnonzero(count).tolist():
            kind, town = self._kinds[at // towns], self._towns[at % towns]
            yield SensorGroup(kind, town, int(count[at]), int(abnormal[at]), int(worst[at]))

    def worst_of(self, kind: str | None, town: str | None, most: int) -> list[str]:
        """The ids of a kind's or town's sensors (None: any), the worst first, at most so many."""
        passes = np.ones(len(self.sensors), np.bool_)
        if kind is not None:
            passes &= self._kind == _code(self._kinds, kind)
        if town is not None:
            passes &= self._town == _code(self._towns, town)
        places = np.flatnonzero(passes)
        level = np.where(self.level[places] == 0, _WORST_LEVEL, self.level[places])
        return [self.sensors[place].id for place in places[np.argsort(level, kind="stable")][:most].tolist()]

    def _keys(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Numbers by which the rows are put in order; what is missing comes last either way."""
        keys = np.empty(len(rows))
        single = rows >= 0
        keys[single] = self._keys_of_places(rows[single])
        keys[~single] = self._keys_of_groups(-1 - rows[~single])
        if self.descending:
            keys = -keys
        return np.where(np.isnan(keys), np.inf, keys)

    def _keys_of_groups(self, groups: NDArray[np.int64]) -> NDArray[np.float64]:
        held = self.grouping
        match self.column:
            case SensorColumn.NAME:
                # Beside the sensor whose name would follow, so that all sort by one alphabet.
                names = sorted(sensor.name for sensor in self.sensors)
                return np.array([bisect(names, self.group_name(g)) - 0.5 for g in groups.tolist()], np.float64)
            case SensorColumn.KIND:
                ranks = _ranks([self._name_of(kind) for kind in self._kinds])
                return np.array([ranks[self._kinds.index(held.keys[g][0])] for g in groups.tolist()], np.float64)
            case SensorColumn.TOWN:
                ranks = _ranks(self._towns)
                return np.array([ranks[self._towns.index(held.keys[g][1])] for g in groups.tolist()], np.float64)
            case SensorColumn.VALUE:
                return np.asarray(held.mean[groups], np.float64)
            case SensorColumn.LEVEL:
                worst = held.worst[groups].astype(np.float64)
                doubt = np.where(held.online[groups] < held.count[groups], 0.1, 0.0)
                return np.where(worst == 0, _WORST_LEVEL - doubt, worst)
            case SensorColumn.AGE:
                return np.where(held.age_ms[groups] < 0, np.nan, held.age_ms[groups].astype(np.float64))

    def group_name(self, group: int) -> str:
        """What a group is called: its model, else its kind."""
        kind, _town, model = self.grouping.keys[group]
        return model or self._name_of(kind)

    def _keys_of_places(self, places: NDArray[np.int64]) -> NDArray[np.float64]:
        match self.column:
            case SensorColumn.NAME:
                keys = self._ranked()[places].astype(np.float64)
            case SensorColumn.KIND:
                keys = _ranks([self._name_of(kind) for kind in self._kinds])[self._kind[places]].astype(np.float64)
            case SensorColumn.TOWN:
                keys = _ranks(self._towns)[self._town[places]].astype(np.float64)
            case SensorColumn.VALUE:
                keys = self.value[places].astype(np.float64)
            case SensorColumn.LEVEL:
                level = self.level[places].astype(np.float64)
                doubt = self.freshness[places] / 10.0
                keys = np.where(level == 0, _WORST_LEVEL - doubt, level)
            case SensorColumn.AGE:
                keys = np.where(self.age_ms[places] < 0, np.nan, self.age_ms[places].astype(np.float64))
        return keys

    def _ranked(self) -> NDArray[np.int64]:
        if self._name_rank is None:
            self._name_rank = _ranks([sensor.name for sensor in self.sensors])
        return self._name_rank


def _coded(texts: list[str]) -> tuple[list[str], NDArray[np.int64]]:
    """The different texts in order of appearance, and for each text its number among them."""
    codes = {text: code for code, text in enumerate(dict.fromkeys(texts))}
    return list(codes), np.fromiter((codes[text] for text in texts), np.int64, len(texts))


def _code(texts: list[str], text: str) -> int:
    return texts.index(text) if text in texts else -1


def _ranks(texts: list[str]) -> NDArray[np.int64]:
    """For each text its rank among all."""
    ranks = np.empty(len(texts), np.int64)
    ranks[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts))
    return ranks
