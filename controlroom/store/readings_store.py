"""What keeps readings, whatever it keeps them in: SQLite files on this disk, memory, a server's PostgreSQL one day.

Times are ms since 1970 UTC; readings are sorted by index and time when they are given back. One thread owns a store.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from controlroom.domain.past_readings import BinColumns, Span
from controlroom.domain.readings import ReadingColumns

Look = Callable[[], None]
"""Called between two pieces of work; raises what ends the reading, such as `Forsaken`."""


class Forsaken(Exception):  # nothing went wrong: whoever asked does not want the answer any more
    """Whoever asked does not wait for the answer any more."""


def unhurried() -> None:
    """The look of whoever reads to the end."""


class ReadingsStore(Protocol):
    """Answers what was measured. Faults of the store never raise: what cannot be read is left out and told as a gap."""

    @property
    def oldest_ms(self) -> int:
        """How far back anything is kept."""

    @property
    def full_ms(self) -> int:
        """How far back every reading is kept."""

    def read(self, indices: Sequence[int], since_ms: int, until_ms: int, look: Look = unhurried) -> ReadingColumns:
        """The readings of these sensors with `since_ms` <= time < `until_ms`."""

    def estimate(self, indices: Sequence[int], since_ms: int, until_ms: int) -> int:
        """About how many readings `read` would give."""

    def bins(
        self, indices: Sequence[int], since_ms: int, until_ms: int, count: int, look: Look = unhurried
    ) -> BinColumns:
        """`count` equal bins. Raises ValueError for a time without length and for no bins."""

    def at(self, indices: Sequence[int], at_ms: int, reach_ms: int, look: Look = unhurried) -> ReadingColumns:
        """The last reading of each sensor at or before a time, at most `reach_ms` old."""

    def finest_ms(self, since_ms: int, until_ms: int) -> int:
        """The width of the finest bins that can be had for all of a time; 0 where every reading is kept."""

    def gaps(self, since_ms: int, until_ms: int, indices: Sequence[int]) -> tuple[Span, ...]:
        """The stretches of this time in which what was kept of these sensors is damaged."""


class ReadingsKeeper(ReadingsStore, Protocol):
    """A store that is fed, and does its work (sealing, summarising, deleting) in steps when its owner has time.

    `condition` is ok, full, locked, denied, failing or corrupt; `dropped` counts readings that were given up, `damaged`
    what was passed over.
    """

    condition: str
    dropped: int

    @property
    def damaged(self) -> int:
        """How many parts were passed over."""

    def append(self, readings: ReadingColumns, now_ms: int) -> None:
        """Keep readings; after `sync` they survive the end of the process and of the machine."""

    def work(self, now_ms: int) -> bool:
        """Do one step of what is to be done; whether there is more at once."""

    def sync(self) -> None:
        """Have the disk hold what was given."""

    def close(self) -> None:
        """Leave everything for the next owner."""
