"""The newest reading of every sensor, as columns by telemetry index; hub and seat hold it alike."""

import enum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

MAX_INDICES = 4_194_304
"""Telemetry indices from here on are turned away: a damaged frame may not claim all memory."""

GOOD = 0
"""The quality of a reading that may be judged; any other value says that the source itself doubts it."""


class Quality(enum.IntEnum):
    """What the hub itself says of a reading; other numbers are the source's own doubts and travel on as they are."""

    GOOD = GOOD
    MISSING = 1
    """No value came."""
    DOUBTFUL = 2
    """An infinite value, or the source's doubt."""
    OUT_OF_RANGE = 3
    """Outside what an instrument of its kind can tell."""
    CLOCK_OFF = 4
    """Its time lay in the future and was replaced by that of its arrival."""


_FIRST = 1024


class ReadingColumns(Protocol):
    """A batch of readings as columns of equal length, such as the wire's."""

    @property
    def index(self) -> NDArray[np.uint32]:
        """Telemetry indices."""

    @property
    def value(self) -> NDArray[np.float32]:
        """Values in the sensors' units, NaN where missing."""

    @property
    def time(self) -> NDArray[np.int64]:
        """The sources' times in ms since 1970 UTC."""

    @property
    def quality(self) -> NDArray[np.uint8]:
        """The sources' doubts, 0 is good."""


class Latest:
    """Newest reading per telemetry index. Not thread-safe: one thread owns an instance.

    `value` f32 (NaN while never heard), `time_ms` i64 (the source's, ms since 1970 UTC; 0 while never heard),
    `quality` u8 (0 good) and `received_ms` i64 (arrival here) are views of length `size`. They may be replaced
    when a reading with a higher index comes, so keep the object and not its columns.
    """

    def __init__(self, size: int = 0) -> None:
        self.size = 0
        self.refused = 0
        self._value = np.empty(0, np.float32)
        self._time = np.empty(0, np.int64)
        self._quality = np.empty(0, np.uint8)
        self._received = np.empty(0, np.int64)
        self._slot = np.empty(0, np.int64)
        self.grow(size)

    @property
    def value(self) -> NDArray[np.float32]:
        """The newest values in the sensors' units, NaN where missing or never heard."""
        return self._value[: self.size]

    @property
    def time_ms(self) -> NDArray[np.int64]:
        """The sources' times of the newest values, 0 where never heard."""
        return self._time[: self.size]

    @property
    def quality(self) -> NDArray[np.uint8]:
        """The sources' doubts, 0 is good."""
        return self._quality[: self.size]

    @property
    def received_ms(self) -> NDArray[np.int64]:
        """When the newest values arrived here, 0 where never heard."""
        return self._received[: self.size]

    def grow(self, size: int) -> None:
        """Make room for at least `size` indices. Raises ValueError beyond MAX_INDICES."""
        if size > MAX_INDICES:
            raise ValueError(f"{size} telemetry indices, at most {MAX_INDICES} are allowed")
        held = len(self._value)
        if size > held:
            more = min(max(size, 2 * held, _FIRST), MAX_INDICES) - held
            self._value = np.concatenate([self._value, np.full(more, np.nan, np.float32)])
            self._time = np.concatenate([self._time, np.zeros(more, np.int64)])
            self._quality = np.concatenate([self._quality, np.zeros(more, np.uint8)])
            self._received = np.concatenate([self._received, np.zeros(more, np.int64)])
            self._slot = np.zeros(held + more, np.int64)
        self.size = max(self.size, size)

    def apply(
        self,
        index: NDArray[np.uint32],
        value: NDArray[np.float32],
        time_ms: NDArray[np.int64],
        quality: NDArray[np.uint8],
        received_ms: int | None = None,
    ) -> NDArray[np.int64]:
        """Take a batch of n readings; the newest time of an index wins, of equal times the one told last.

        `received_ms` is the arrival of the batch; without it each reading counts as received at its own time.
        Returns the indices that changed, each once, in no particular order. Readings with an index or time
        that cannot be are dropped and counted in `refused`. Raises ValueError when the columns differ in length.
        """
        if not len(index) == len(value) == len(time_ms) == len(quality):
            raise ValueError("the columns of a batch differ in length")
        if len(index) and (index.max() >= MAX_INDICES or time_ms.min() <= 0):
            known = (index < MAX_INDICES) & (time_ms > 0)
            self.refused += int(len(index) - np.count_nonzero(known))
            index, value, time_ms, quality = index[known], value[known], time_ms[known], quality[known]
        if len(index) == 0:
            return np.empty(0, np.int64)
        at = index.astype(np.int64)
        self.grow(int(at.max()) + 1)
        newest = self._newest(at, time_ms)
        if len(newest) < len(at):
            at, value, time_ms, quality = at[newest], value[newest], time_ms[newest], quality[newest]
        self._value[at] = value
        self._time[at] = time_ms
        self._quality[at] = quality
        self._received[at] = time_ms if received_ms is None else received_ms
        return at

    def age_ms(self, now_ms: int) -> NDArray[np.int64]:
        """Age of the newest readings, counted from the earlier of the source's time and arrival; -1 never heard.

        A source with a fast clock thus cannot keep a dead value young.
        """
        age: NDArray[np.int64] = np.maximum(now_ms - np.minimum(self.time_ms, self.received_ms), 0)
        age[self.time_ms == 0] = -1
        return age

    def _newest(self, at: NDArray[np.int64], time_ms: NDArray[np.int64]) -> NDArray[np.int64]:
        """Positions in the batch that replace what is held, at most one of each index."""
        place = np.flatnonzero(time_ms >= self._time[at])
        if len(place) < 2:
            return place
        at = at[place]
        if not (at[1:] > at[:-1]).all():
            # Whichever repeated write stays, all of them stay only when no index was repeated.
            self._slot[at] = place
            if not (self._slot[at] == place).all():
                order = np.lexsort((place, time_ms[place], at))
                sorted_at = at[order]
                ends = np.append(sorted_at[1:] != sorted_at[:-1], True)
                place = place[order[ends]]
        return place
