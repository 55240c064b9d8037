"""The inventory of devices: who is online, silent, never heard, doubtful, double or has a clock that is off."""

import enum
from collections.abc import Mapping, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.readings import GOOD, Latest, Quality
from controlroom.domain.sensor import Sensor

AHEAD_MS = 5_000
BEHIND_MS = 60_000
"""A device whose readings are told from further in the future or the past than this has a clock that is off.

House figures.
"""

CLOCK_OVER_MS = 600_000.0
"""How fast the estimate of a clock falls: a house figure. What is late for another reason moves it only slowly."""

_PLACES = 5


class By(enum.StrEnum):
    """By what devices are counted together."""

    KIND = "kind"
    DEPARTMENT = "department"
    TOWN = "town"


class Flaw(enum.StrEnum):
    """What can be wrong with a device; a device may have several."""

    SILENT = "silent"
    """Heard before, but its newest reading is stale."""
    NEVER = "never"
    DOUBTFUL = "doubtful"
    """Its newest reading is missing or of bad quality."""
    CLOCK = "clock"
    DOUBLE = "double"
    """Another device has the same name, kind and place, or two sources declare it."""


@dataclass(frozen=True, slots=True)
class Count:
    """The devices of a kind, department or town: how many there are, are online and have which flaw."""

    key: str
    devices: int
    online: int
    flaws: Mapping[Flaw, int]

    @property
    def online_share(self) -> float:
        """Share of the devices that are online, 0…1."""
        return self.online / self.devices if self.devices else 0.0


class Inventory:
    """The devices of a room in columns by place (the order of declaration). One thread owns an instance.

    A device is online while its newest reading is live, whatever its quality. One that is shown to several
    departments is counted in each of them.
    """

    def __init__(self) -> None:
        self.sensors: list[Sensor] = []
        self.index: NDArray[np.int64] = np.empty(0, np.int64)
        self.online: NDArray[np.bool_] = np.empty(0, np.bool_)
        self.age_ms: NDArray[np.int64] = np.empty(0, np.int64)
        self.flaws: dict[Flaw, NDArray[np.bool_]] = {flaw: np.empty(0, np.bool_) for flaw in Flaw}
        self.skew_ms: NDArray[np.float64] = np.empty(0)
        """By place: how far the clock is ahead (negative: behind), in ms with the way of a reading; NaN not known."""
        self.clock_replaced: NDArray[np.bool_] = np.empty(0, np.bool_)
        """By place: the hub put its own time in the place of the newest one, so that nobody knows how far it is off."""
        # By telemetry index: the estimate, and the arrival that it goes up to.
        self._skew_ms: NDArray[np.float64] = np.empty(0)
        self._skew_at_ms: NDArray[np.int64] = np.empty(0, np.int64)
        self._stale_ms: NDArray[np.int64] = np.empty(0, np.int64)
        self._held: dict[str, Sensor] = {}
        # Rows of (place, group) for each way of counting: a shared device has a row for each of its departments.
        self._rows: dict[By, tuple[list[str], NDArray[np.int64], NDArray[np.int64]]] = {}
        self._double: NDArray[np.bool_] = np.empty(0, np.bool_)
        self._declared_twice: list[int] = []

    def declare(self, sensors: Mapping[str, Sensor], index: Mapping[str, int]) -> bool:
        """Take the sensors of the room; False when nothing changed."""
        held = self._held
        if len(sensors) == len(held) and all(held.get(key) is sensor for key, sensor in sensors.items()):
            return False
        self._held = dict(sensors)
        self.sensors = list(sensors.values())
        self.index = np.fromiter((index[sensor.id] for sensor in self.sensors), np.int64, len(self.sensors))
        self._stale_ms = np.array([round(1000 * sensor.stale_after_s) for sensor in self.sensors], np.int64)
        keys: dict[By, list[tuple[str, ...]]] = {
            By.KIND: [(sensor.kind,) for sensor in self.sensors],
            By.DEPARTMENT: [sensor.shown_to or ("",) for sensor in self.sensors],
            By.TOWN: [(sensor.town,) for sensor in self.sensors],
        }
        self._rows = {by: _coded(of) for by, of in keys.items()}
        self._find_doubles()
        return True

    def hear(self, latest: Latest) -> None:
        """Follow the clocks: call about once a second. A reading can be late for many reasons, early for one only.

        So the estimate rises at once and falls slowly.
        """
        size = latest.size
        more = max(size - len(self._skew_ms), 0)
        skew_ms = np.pad(self._skew_ms, (0, more), constant_values=np.nan)
        at_ms = np.pad(self._skew_at_ms, (0, more))
        time_ms, received_ms = latest.time_ms, latest.received_ms
        # Told out of the history a reading has no arrival of its own.
        told = (received_ms != at_ms[:size]) & (received_ms != time_ms) & (latest.quality != Quality.CLOCK_OFF)
        at = np.flatnonzero(told)
        sample, held = (time_ms[at] - received_ms[at]).astype(np.float64), skew_ms[at]
        keeps = np.exp(-np.maximum(received_ms[at] - at_ms[at], 0) / CLOCK_OVER_MS)
        rises = np.isnan(held) | (sample >= held)
        skew_ms[at] = np.where(rises, sample, sample + (held - sample) * keeps)
        at_ms[at] = received_ms[at]
        self._skew_ms, self._skew_at_ms = skew_ms, at_ms

    def look(self, latest: Latest, now_ms: int, silent_sources: Set[str] = frozenset()) -> None:
        """Take stock as of now; a source that is silent no longer makes another's device a double."""
        count = len(self.sensors)
        heard = self.index < latest.size
        at = self.index[heard]
        time_ms, received_ms = np.zeros(count, np.int64), np.zeros(count, np.int64)
        good, off = np.ones(count, np.bool_), np.zeros(count, np.bool_)
        time_ms[heard], received_ms[heard] = latest.time_ms[at], latest.received_ms[at]
        good[heard] = (latest.quality[at] == GOOD) & np.isfinite(latest.value[at])
        off[heard] = latest.quality[at] == Quality.CLOCK_OFF
        never = time_ms == 0
        self.age_ms = np.where(never, -1, np.maximum(now_ms - np.minimum(time_ms, received_ms), 0))
        self.online = ~never & (self.age_ms <= self._stale_ms)
        self.hear(latest)
        skew_ms = np.full(count, np.nan)
        skew_ms[heard] = self._skew_ms[at]
        self.skew_ms, self.clock_replaced = skew_ms, ~never & off
        double = self._double.copy()
        for place in self._declared_twice:
            double[place] |= sum(source not in silent_sources for source in self.sensors[place].sources) > 1
        self.flaws = {
            Flaw.SILENT: ~never & ~self.online,
            Flaw.NEVER: never,
            Flaw.DOUBTFUL: ~never & ~good,
            Flaw.CLOCK: ~never & (off | (skew_ms > AHEAD_MS) | (skew_ms < -BEHIND_MS)),
            Flaw.DOUBLE: double,
        }

    def total(self) -> Count:
        """All devices, each counted once."""
        flaws = {flaw: int(column.sum()) for flaw, column in self.flaws.items()}
        return Count("", len(self.sensors), int(self.online.sum()), flaws)

    def counts(self, by: By) -> list[Count]:
        """A count for each kind, department or town that has devices, the largest first."""
        if by not in self._rows:
            return []
        names, place, group = self._rows[by]
        devices = np.bincount(group, minlength=len(names))
        online = np.bincount(group[self.online[place]], minlength=len(names))
        flawed = {flaw: np.bincount(group[of[place]], minlength=len(names)) for flaw, of in self.flaws.items()}
        found = [
            Count(name, int(devices[at]), int(online[at]), {flaw: int(of[at]) for flaw, of in flawed.items()})
            for at, name in enumerate(names)
        ]
        return sorted(found, key=lambda count: -count.devices)

    def devices(self, by: By | None = None, key: str = "", flaw: Flaw | None = None) -> list[int]:
        """The places of the devices of a group (all where `by` is None), with a flaw (any where it is None)."""
        chosen = np.ones(len(self.sensors), np.bool_)
        if by is not None:
            names, place, group = self._rows[by]
            chosen[:] = False
            if key in names:
                chosen[place[group == names.index(key)]] = True
        if flaw is not None:
            chosen &= self.flaws[flaw]
        return np.flatnonzero(chosen).tolist()

    def flaws_of(self, place: int) -> list[Flaw]:
        """What is wrong with one device."""
        return [flaw for flaw, column in self.flaws.items() if column[place]]

    def _find_doubles(self) -> None:
        """Same name, kind, town and point under two ids; and ids that more than one source declared."""
        seen: dict[tuple[object, ...], list[int]] = {}
        for place, sensor in enumerate(self.sensors):
            point = sensor.point
            where = None if point is None else (round(point.lon, _PLACES), round(point.lat, _PLACES))
            seen.setdefault((sensor.name, sensor.kind, sensor.town, where), []).append(place)
        self._double = np.zeros(len(self.sensors), np.bool_)
        self._double[[place for places in seen.values() if len(places) > 1 for place in places]] = True
        self._declared_twice = [place for place, sensor in enumerate(self.sensors) if len(sensor.sources) > 1]


def _coded(keys: list[tuple[str, ...]]) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
    """Names of the groups, and rows of place and group."""
    codes: dict[str, int] = {}
    place = [at for at, names in enumerate(keys) for _name in names]
    group = [codes.setdefault(name, len(codes)) for names in keys for name in names]
    return list(codes), np.array(place, np.int64), np.array(group, np.int64)
