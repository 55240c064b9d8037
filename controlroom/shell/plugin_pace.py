"""How much of the GUI thread a plugin may take: judged over many calls, so that one hiccup is forgiven."""

import enum

from controlroom.api import BUDGET_MS

SLOW_AFTER = 20
"""So many calls over budget, less the calls within it, and a plugin is slow."""

REST_S = 1.0
"""How often a slow plugin still hears of the room."""

HOPELESS_MS = 250.0
"""A slow plugin whose calls take this long freezes the room even once a second …"""

STOPPED_AFTER = 5
"""… and is stopped after this many of them in a row."""

CALM_AFTER = 10
"""So many calls within budget in a row, and a slow plugin hears everything again."""


class Verdict(enum.Enum):
    """What one more measured call changes."""

    KEEP = "keep"
    SLOWED = "slowed"
    RECOVERED = "recovered"
    STOPPED = "stopped"


class Pace:
    """Counts the calls of one plugin. Times are of a monotonic clock, in seconds."""

    def __init__(self, budget_ms: float = BUDGET_MS) -> None:
        self.slow = False
        self.last_ms = 0.0
        self._budget_ms = budget_ms
        self._strikes = 0
        self._calm = 0
        self._hopeless = 0
        self._called_at = float("-inf")

    def due(self, now: float) -> bool:
        """Whether the plugin may be called now: always, unless it is slow and was called just before."""
        return not self.slow or now - self._called_at >= REST_S

    def spent(self, seconds: float, now: float) -> Verdict:
        """Account for a call that took so long and ended now."""
        self._called_at = now
        self.last_ms = seconds * 1000.0
        over = self.last_ms > self._budget_ms
        if not self.slow:
            self._strikes = max(0, self._strikes + (1 if over else -1))
            if self._strikes < SLOW_AFTER:
                return Verdict.KEEP
            self.slow, self._strikes, self._calm, self._hopeless = True, 0, 0, 0
            return Verdict.SLOWED
        self._calm = 0 if over else self._calm + 1
        self._hopeless = self._hopeless + 1 if self.last_ms > HOPELESS_MS else 0
        if self._hopeless >= STOPPED_AFTER:
            return Verdict.STOPPED
        if self._calm >= CALM_AFTER:
            self.slow = False
            return Verdict.RECOVERED
        return Verdict.KEEP
