"""Alarm floods: when one begins and ends, and how much it carried (ANSI/ISA-18.2-2016 clause 16).

Time is told to the machine, it asks no clock. New alarms are counted by whole seconds, so that 10,000 a second cost
no more than one.
"""

from collections import deque
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.alarm_bands import Band, FloodFigures
from controlroom.domain.times import Instant


class Flood(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A flood of new alarms in the view of one seat, or of the whole room where `view` is empty.

    `count` are all new alarms from the window that began it to its end, `peak` the most in one window.
    """

    id: str
    view: str
    started_at: Instant
    count: int
    peak: int
    peak_at: Instant
    ended_at: Instant | None = None

    def duration_s(self, now: datetime) -> float:
        """Seconds from its beginning to its end, or until now while it goes on."""
        return max(0.0, ((self.ended_at or now) - self.started_at).total_seconds())


class Load(Struct, frozen=True):
    """New alarms of a seat in the window of `window_s`, the band that means, and the flood it is in."""

    count: int
    window_s: int
    band: Band
    flood: Flood | None = None


_UNACKNOWLEDGED = AlarmState.UNACKNOWLEDGED


def rings(before: Alarm | None, after: Alarm) -> bool:
    """Whether a change makes an alarm a new one for an operator: it was raised, came again, got worse,
    or what muted it is over.

    Repeats of what waits already are none, nor is what an officer brought back or un-acknowledged.
    """
    if after.state is not _UNACKNOWLEDGED or not after.waiting:
        return False
    if before is None or not before.active:
        return True
    return after.severity < before.severity or bool(before.parent)


def begins(alarm: Alarm) -> bool:
    """Whether an alarm whose state before is not known was raised by this change, and does not merely go on."""
    return alarm.changed_at == alarm.received_at


class Window:
    """How many there were in the last `window_s` seconds. One thread owns an instance."""

    def __init__(self, window_s: int) -> None:
        self._window_s = window_s
        self._buckets: deque[tuple[int, int]] = deque()
        self.count = 0

    def add(self, at: datetime, count: int = 1) -> None:
        """There were more at a time; what is told late counts for the newest second."""
        second = int(at.timestamp())
        buckets = self._buckets
        if buckets and buckets[-1][0] >= second:
            newest, held = buckets[-1]
            buckets[-1] = newest, held + count
        else:
            buckets.append((second, count))
        self.count += count
        self._drop(second)

    def slide(self, at: datetime) -> None:
        """Let go of what is older than the window."""
        self._drop(int(at.timestamp()))

    def _drop(self, second: int) -> None:
        last, buckets = second - self._window_s, self._buckets
        while buckets and buckets[0][0] <= last:
            self.count -= buckets.popleft()[1]

    def next_change(self) -> datetime | None:
        """When the oldest second leaves; None where there is none."""
        if not self._buckets:
            return None
        return datetime.fromtimestamp(self._buckets[0][0] + self._window_s, UTC)


class FloodWatch:
    """The state machine of one view. One thread owns an instance."""

    def __init__(self, figures: FloodFigures, view: str = "", flood: Flood | None = None) -> None:
        self._figures = figures
        self._view = view
        self._window = Window(figures.window_s)
        self._begun = flood
        # In a flood these run ahead of `_begun`: a new struct for each of 10,000 alarms a second would cost too much.
        self._count = 0 if flood is None else flood.count
        self._peak = 0 if flood is None else flood.peak
        self._peak_at = None if flood is None else flood.peak_at

    @property
    def count(self) -> int:
        """New alarms in the window, as of the last `ring` or `look`."""
        return self._window.count

    @property
    def flood(self) -> Flood | None:
        """The flood that goes on, as of the last new alarm, or None."""
        held = self._begun
        if held is None or held.count == self._count:
            return held
        peak_at = self._peak_at or held.peak_at
        self._begun = msgspec.structs.replace(held, count=self._count, peak=self._peak, peak_at=peak_at)
        return self._begun

    def remember(self, at: datetime) -> None:
        """A new alarm of before a restart: it fills the window, but was judged already."""
        self._window.add(at)

    def ring(self, at: datetime) -> Flood | None:
        """A new alarm; the flood where this one began it."""
        self._window.add(at)
        count = self._window.count
        if self._begun is not None:
            self._count += 1
            if count > self._peak:
                self._peak, self._peak_at = count, at
            return None
        if count <= self._figures.starts_above:
            return None
        self._count = self._peak = count
        self._peak_at = at
        identity = f"{self._view}@{at.isoformat()}"
        self._begun = Flood(id=identity, view=self._view, started_at=at, count=count, peak=count, peak_at=at)
        return self._begun

    def next_change(self) -> datetime | None:
        """When the oldest second leaves the window; None where it is empty."""
        return self._window.next_change()

    def look(self, at: datetime) -> Flood | None:
        """Time went on; the flood where it ended by that."""
        self._window.slide(at)
        if self._begun is None or self._window.count >= self._figures.ends_below:
            return None
        return self.end(at)

    def end(self, at: datetime) -> Flood | None:
        """The view is over, and with it its flood."""
        flood, self._begun = self.flood, None
        return None if flood is None else msgspec.structs.replace(flood, ended_at=max(at, flood.started_at))
