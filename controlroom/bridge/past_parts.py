"""Long stretches of the past in parts of a fixed length: a chart that goes on asks only for what is not held yet."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from controlroom.domain.past_readings import PastReadings, Series, Span
from controlroom.domain.times import from_ms

History = Callable[[Sequence[int], datetime, datetime | None, int], Coroutine[Any, Any, PastReadings]]

_HELD_MOST = 400


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is wanted: `since_ms` <= time < `until_ms` of sensors, in parts of `part_ms` (`bins` 0: every reading)."""

    indices: tuple[int, ...]
    since_ms: int
    until_ms: int
    part_ms: int
    bins: int


@dataclass(frozen=True, slots=True)
class Parts:
    """For each sensor, in the order asked, its series one after the other; and where the hub's history is damaged."""

    series: tuple[tuple[Series, ...], ...]
    gaps: tuple[Span, ...]

    @property
    def newest_ms(self) -> int:
        """The time of the newest reading or bin of all; 0 without any."""
        ends = [int(one.time[-1]) for parts in self.series for one in parts if len(one.time)]
        return max(ends, default=0)


class PastParts:
    """Asks for the parts that are not held; those that were over when they were asked for never change and are kept.

    One task at a time; a cancelled one keeps what had come.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._held: dict[tuple[tuple[int, ...], int, int, int], PastReadings] = {}

    async def fetch(self, wanted: Stretch, now_ms: int, progressed: Callable[[int, int], None]) -> Parts:
        """The whole stretch. `progressed` is told how many of how many parts are there. Raises as the history does."""
        numbers = range(wanted.since_ms // wanted.part_ms, -(-wanted.until_ms // wanted.part_ms))
        found: list[PastReadings] = []
        for done, number in enumerate(numbers):
            key = (wanted.indices, wanted.part_ms, wanted.bins, number)
            part = self._held.get(key)
            if part is None:
                progressed(done, len(numbers))
                begin, end = number * wanted.part_ms, (number + 1) * wanted.part_ms
                over = end <= now_ms
                part = await self._history(wanted.indices, from_ms(begin), from_ms(end) if over else None, wanted.bins)
                if over:
                    self._keep(key, part)
            found.append(part)
        progressed(len(numbers), len(numbers))
        series = tuple(
            tuple(_cut(part.series[place], wanted) for part in found if place < len(part.series))
            for place in range(len(wanted.indices))
        )
        return Parts(series, tuple(dict.fromkeys(gap for part in found for gap in part.gaps)))

    def forget(self) -> None:
        """The seat took another snapshot, perhaps of another room."""
        self._held.clear()

    def _keep(self, key: tuple[tuple[int, ...], int, int, int], part: PastReadings) -> None:
        self._held[key] = part
        while len(self._held) > _HELD_MOST:
            del self._held[next(iter(self._held))]


def _cut(series: Series, wanted: Stretch) -> Series:
    """The series within the stretch."""
    first, last = np.searchsorted(series.time, [wanted.since_ms, wanted.until_ms]).tolist()
    if (first, last) == (0, len(series.time)):
        return series
    part = slice(first, last)
    return Series(
        series.index,
        series.width_ms,
        series.time[part],
        series.value[part],
        series.least[part],
        series.greatest[part],
        series.count[part],
        series.quality[part],
    )
