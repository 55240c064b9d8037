"""Which stretch of time a plot shows: live, with its end at now, or held in the past; with undo and redo. No Qt."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple

SHORTEST_S = 5.0
LONGEST_S = 5 * 366 * 86_400.0
AHEAD = 0.01
"""How much of a live window lies ahead of now, so that the newest point is not at the edge."""

STEP = 1 / 12
"""A window that scrolls in steps moves by this share of its span."""

_UNDONE_MOST = 100
_NO_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType({})


class Stretch(NamedTuple):
    """From … to, seconds since 1970 UTC."""

    start_s: float
    end_s: float

    @property
    def span_s(self) -> float:
        """Its length."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class Look:
    """What an officer chose to see: a span that ends now (`end_s` None) or at a time, and ranges of axes by unit."""

    span_s: float = 300.0
    end_s: float | None = None
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=lambda: _NO_RANGES)

    @property
    def live(self) -> bool:
        """Whether the window goes on with time."""
        return self.end_s is None


class TimeWindow:
    """The window of one plot. Every change can be undone; a drag or a turn of the wheel is one change."""

    def __init__(self, span_s: float = 300.0) -> None:
        self.look = Look(span_s)
        self.stepped = False
        self._past: list[Look] = []
        self._future: list[Look] = []
        self._gesture = ""

    @property
    def can_undo(self) -> bool:
        """Whether there was another window before."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether a window was undone."""
        return bool(self._future)

    def stretch(self, now_s: float) -> Stretch:
        """What is shown at a time."""
        look = self.look
        if look.end_s is not None:
            return Stretch(look.end_s - look.span_s, look.end_s)
        end_s = now_s + look.span_s * AHEAD
        if self.stepped:
            step_s = look.span_s * STEP
            end_s = (now_s // step_s + 1) * step_s
        return Stretch(end_s - look.span_s, end_s)

    def show_span(self, span_s: float) -> None:
        """So much time: up to now when live, else around the middle of what is shown."""
        look = self.look
        end_s = None if look.end_s is None else look.end_s + (span_s - look.span_s) / 2
        self._take(replace(look, span_s=_bounded(span_s), end_s=end_s))

    def show(self, start_s: float, end_s: float, ranges: Mapping[str, tuple[float, float]] | None = None) -> None:
        """From … to, held; ValueError where the end is not after the start."""
        if not end_s > start_s:
            raise ValueError("a window ends after it starts")
        span_s = _bounded(end_s - start_s)
        middle_s = (start_s + end_s) / 2
        kept = self.look.ranges if ranges is None else MappingProxyType({**self.look.ranges, **ranges})
        self._take(Look(span_s, middle_s + span_s / 2, kept))

    def go_live(self) -> None:
        """Follow the time again, with automatic ranges."""
        self._take(Look(self.look.span_s))

    def hold(self, now_s: float) -> None:
        """Stand still where the window is."""
        if self.look.end_s is None:
            self._take(replace(self.look, end_s=self.stretch(now_s).end_s))

    def pan(self, by_s: float, now_s: float, gesture: str = "") -> None:
        """Move by so many seconds (into the past where negative); a window that reaches now follows it again."""
        stretch = self.stretch(now_s)
        end_s = stretch.end_s + by_s
        live = by_s > 0 and end_s >= now_s + stretch.span_s * AHEAD
        self._take(replace(self.look, end_s=None if live else end_s), gesture)

    def zoom(self, at_s: float, factor: float, now_s: float, gesture: str = "") -> None:
        """Show `factor` times as much time; what is under `at_s` stays there. A live window stays live at its end."""
        stretch = self.stretch(now_s)
        span_s = _bounded(stretch.span_s * factor)
        if self.look.live and at_s >= now_s - 0.02 * stretch.span_s:
            self._take(replace(self.look, span_s=span_s), gesture)
            return
        share = (stretch.end_s - at_s) / stretch.span_s
        end_s = at_s + share * span_s
        live = self.look.live and end_s >= now_s
        self._take(replace(self.look, span_s=span_s, end_s=None if live else end_s), gesture)

    def release_ranges(self) -> None:
        """Automatic ranges again."""
        if self.look.ranges:
            self._take(replace(self.look, ranges=_NO_RANGES))

    def end_gesture(self) -> None:
        """The next change is another one to undo."""
        self._gesture = ""

    def follow(self, end_s: float | None) -> None:
        """Show the time up to here (None: up to now), as somebody else moved on; not undone, since not chosen here."""
        self.look = replace(self.look, end_s=end_s)

    def undo(self) -> bool:
        """What was shown before; False when there is nothing."""
        if not self._past:
            return False
        self._future.append(self.look)
        self.look = self._past.pop()
        self._gesture = ""
        return True

    def redo(self) -> bool:
        """What was undone; False when there is nothing."""
        if not self._future:
            return False
        self._past.append(self.look)
        self.look = self._future.pop()
        self._gesture = ""
        return True

    def _take(self, look: Look, gesture: str = "") -> None:
        if look == self.look:
            return
        if not gesture or gesture != self._gesture:
            self._past = [*self._past[1 - _UNDONE_MOST :], self.look]
        self._future.clear()
        self._gesture = gesture
        self.look = look


def _bounded(span_s: float) -> float:
    return min(max(span_s, SHORTEST_S), LONGEST_S)
