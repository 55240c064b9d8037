"""Which trails a map draws, how long they are, and what of them its page has not seen yet."""

import enum
from typing import Any

import numpy as np

from controlroom.mapping.frames import Frame, TrailsFrame
from controlroom.mapping.trails import TrailRows, Trails

LENGTHS_MIN = (2, 5, 10, 30)
"""The lengths that can be chosen, minutes."""


class TrailMode(enum.StrEnum):
    """Whose trails are drawn."""

    OFF = "off"
    CHOSEN = "chosen"
    """The chosen and the followed vehicle's."""
    ALL = "all"


class TrailFeed:
    """One map's view of the seat's trails."""

    def __init__(self, trails: Trails) -> None:
        self.trails = trails
        self.mode = TrailMode.ALL
        self.minutes = 5
        self.marked: tuple[int, ...] = ()
        """Whose trail is drawn with its times."""
        self.until_ms: int | None = None
        """The moment of the past that the map shows; None is the present."""
        self._sent = np.zeros(0, np.int64)
        self._redraw = True

    def set(self, mode: TrailMode, minutes: int) -> None:
        """Whose trails, and how long. Raises ValueError for a length that cannot be chosen."""
        if minutes not in LENGTHS_MIN:
            raise ValueError(f"trails of {minutes} minutes")
        self.mode, self.minutes = mode, minutes
        self._redraw = True

    def mark(self, indices: tuple[int, ...]) -> bool:
        """Whose trail is drawn with its times; whether that is another."""
        if indices == self.marked:
            return False
        self.marked = indices
        self._redraw = self._redraw or self.mode is TrailMode.CHOSEN
        return True

    def show_until(self, until_ms: int | None) -> None:
        """Show the trails as they were at a moment, or as they are."""
        if until_ms != self.until_ms:
            self.until_ms = until_ms
            self._redraw = True

    def invalidate(self) -> None:
        """The page has lost everything, or the vehicles are others."""
        self._redraw = True

    def spelled(self, zone_ms: int) -> dict[str, Any]:
        """The page's command; `zone_ms` is what the district's time is ahead of UTC."""
        return {"mode": self.mode, "minutes": self.minutes, "marked": self.marked, "zone": zone_ms}

    def rows(self, clock_ms: int) -> TrailRows:
        """Everything that is to be drawn now."""
        since_ms, which = self._since(clock_ms), self._which()
        if self.mode is TrailMode.OFF or (which is not None and not which):
            return self.trails.rows(2**62)
        return self.trails.rows(since_ms, which, self.until_ms)

    def take_frames(self, clock_ms: int) -> list[Frame]:
        """What the page must be told, and remembers that it was."""
        newest = self.trails.newest_ms
        if self._redraw or len(self._sent) != len(newest):
            self._redraw = False
            self._sent = newest.copy()
            return [_frame(True, self.rows(clock_ms))]
        if self.mode is TrailMode.OFF or self.until_ms is not None or not bool((newest > self._sent).any()):
            return []
        which = self._which()
        rows = self.trails.after(self._sent, self._since(clock_ms), which)
        self._sent = newest.copy()
        return [_frame(False, rows)] if len(rows) else []

    def _since(self, clock_ms: int) -> int:
        return (clock_ms if self.until_ms is None else self.until_ms) - self.minutes * 60_000

    def _which(self) -> list[int] | None:
        if self.mode is TrailMode.ALL:
            return None
        return [index for index in self.marked if index < len(self.trails)]


def _frame(anew: bool, rows: TrailRows) -> TrailsFrame:
    return TrailsFrame(anew, rows.time_ms.astype(np.float64), rows.index.astype(np.uint32), rows.x, rows.y)
