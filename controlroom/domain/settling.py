"""Conditions that are told only when they last, and are over only when they stay away: over columns."""

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
Flags = NDArray[np.bool_]
Milliseconds = NDArray[np.int64]


class Settling:
    """One condition of n sensors. Not thread-safe: one thread owns an instance."""

    def __init__(self) -> None:
        self.held: Flags = np.empty(0, np.bool_)
        self._delay: Milliseconds = np.empty(0, np.int64)
        self._hold: Milliseconds = np.empty(0, np.int64)
        self._since: Milliseconds = np.empty(0, np.int64)
        self._waiting: Places = np.empty(0, np.int64)

    def grow(self, size: int) -> None:
        """Make room for at least `size` sensors."""
        more = size - len(self.held)
        if more > 0:
            self.held = np.pad(self.held, (0, more))
            self._delay = np.pad(self._delay, (0, more))
            self._hold = np.pad(self._hold, (0, more))
            self._since = np.pad(self._since, (0, more))

    def set_spans(self, at: Places, delay_ms: int, hold_ms: int) -> None:
        """How long the condition of these sensors must last, and stay away."""
        self._delay[at] = delay_ms
        self._hold[at] = hold_ms

    def settle(self, seen: Flags, now_ms: int) -> tuple[Places, Places]:
        """The sensors whose condition is now held, and those for which it is over; `seen` has length n."""
        differs = seen != self.held[: len(seen)]
        at = np.flatnonzero(differs)
        if len(self._waiting):
            self._since[self._waiting[~differs[self._waiting]]] = 0
        self._waiting = at
        if not len(at):
            return at, at
        since = self._since[at]
        since = np.where((since == 0) | (since > now_ms), now_ms, since)
        self._since[at] = since
        begins = seen[at]
        due = now_ms - since >= np.where(begins, self._delay[at], self._hold[at])
        told = at[due]
        self.held[told] = begins[due]
        self._since[told] = 0
        return at[due & begins], at[due & ~begins]
