"""The one clock that everything asks, so that a test or a drill can swap it."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The aware UTC time of the day."""

    def monotonic(self) -> float:
        """Seconds that only ever go forward, for ages and delays."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """The aware UTC time of the day."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def monotonic(self) -> float:
        """Seconds that only ever go forward."""
        return time.monotonic()
