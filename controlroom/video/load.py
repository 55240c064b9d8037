"""What decoding a stream costs here, measured while it is decoded."""

import enum
import time

from msgspec import Struct

MOST_KEYS_HZ = 2.0
"""A stream that is shown by its key pictures alone shows at most so many: streams of nothing but those exist."""

_WINDOW_S = 0.5
_NEW = 0.3
"""How much a new window says beside all earlier ones."""
_DELTA_OF_KEY = 0.7
"""What a picture costs beside a key picture where only those were decoded so far (house figure, on the safe side)."""


class Depth(enum.IntEnum):
    """How much of a stream is decoded, from all of it to the least."""

    FULL = 0
    SPARED = 1
    """Without the pictures that no other one refers to."""
    KEYS = 2


class Part(enum.IntEnum):
    """What a packet is to the others."""

    KEY = 0
    DELTA = 1
    SPARE = 2
    """No other picture refers to it."""


class Load(Struct, frozen=True):
    """CPU seconds per packet and packets a second of each part, in the order of `Part`.

    `base` is what reading alone takes, in CPU seconds a second; `late_s` how far the stream fell behind lately;
    `key_gap_s` the time between the last two key packets, 0 while it is unknown.
    """

    cost_s: tuple[float, float, float]
    rate_hz: tuple[float, float, float]
    base: float = 0.0
    late_s: float = 0.0
    key_gap_s: float = 0.0

    def share(self, depth: Depth) -> float:
        """The part of one core that decoding this much takes."""
        keys_s, deltas_s, spares_s = (cost * rate for cost, rate in zip(self.cost_s, self.rate_hz, strict=True))
        if depth is Depth.KEYS:
            return self.base + self.cost_s[Part.KEY] * min(self.rate_hz[Part.KEY], MOST_KEYS_HZ)
        return self.base + keys_s + deltas_s + (spares_s if depth is Depth.FULL else 0.0)


class Meter:
    """Measures one stream; used by the thread that decodes it, whose CPU time it reads."""

    def __init__(self, now_s: float) -> None:
        self._cost_s = [0.0, 0.0, 0.0]
        self._rate_hz = [0.0, 0.0, 0.0]
        self._base = 0.0
        self._is_first = True
        self._key_s = self._key_gap_s = self._late_s = 0.0
        self._begin(now_s)

    def count(self, part: Part, now_s: float, late_s: float) -> None:
        """A packet came; `late_s`: how far behind the stream is."""
        self._counts[part] += 1
        if part is Part.KEY:
            self._key_gap_s = now_s - self._key_s if self._key_s else 0.0
            self._key_s = now_s
        self._late_s = max(self._late_s, late_s)

    def spent(self, part: Part, cpu_s: float) -> None:
        """A packet was decoded (and shown) at this cost."""
        self._spent_s[part] += cpu_s
        self._decoded[part] += 1

    def load(self, now_s: float) -> Load | None:
        """A new measurement, twice a second; None in between."""
        lasted_s = now_s - self._began_s
        if lasted_s < _WINDOW_S:
            return None
        new = 1.0 if self._is_first else min(1.0, _NEW * lasted_s / _WINDOW_S)
        for part in Part:
            self._rate_hz[part] += new * (self._counts[part] / lasted_s - self._rate_hz[part])
            if self._decoded[part]:
                cost_s = self._spent_s[part] / self._decoded[part]
                self._cost_s[part] += (_NEW if self._cost_s[part] else 1.0) * (cost_s - self._cost_s[part])
        base = max(0.0, time.thread_time() - self._began_cpu_s - sum(self._spent_s)) / lasted_s
        self._base += new * (base - self._base)
        self._is_first = False
        if self._key_gap_s > 0.0:  # they are too seldom to be counted in so short a time
            self._rate_hz[Part.KEY] = 1.0 / self._key_gap_s
        late_s = self._late_s
        self._begin(now_s)
        key_s, delta_s, spare_s = self._cost_s
        delta_s = delta_s or _DELTA_OF_KEY * key_s
        return Load((key_s, delta_s, spare_s or delta_s), _three(self._rate_hz), self._base, late_s, self._key_gap_s)

    def _begin(self, now_s: float) -> None:
        self._began_s, self._began_cpu_s = now_s, time.thread_time()
        self._counts, self._decoded, self._spent_s = [0, 0, 0], [0, 0, 0], [0.0, 0.0, 0.0]
        self._late_s = 0.0


def _three(values: list[float]) -> tuple[float, float, float]:
    return values[0], values[1], values[2]
