"""The one clock that everything asks, so that a test or a drill can swap it."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from controlroom.domain.drill import Drill, Transport


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


class PlaybackClock:
    """The clock of a drill: the time of the recording that is being played; without a drill that of `base`.

    Hub and seat of a drill each have one and let it `follow` what the player tells, so that ages and limits are those
    of the recorded time, stand still in a pause, and run at the pace of the playback. Any thread may ask.
    """

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._followed: tuple[Drill, float] | None = None

    def follow(self, drill: Drill) -> None:
        """The playback stands here now."""
        self._followed = drill, self._base.monotonic()

    def now(self) -> datetime:
        """The aware UTC time of the recording, going on at the playback's pace up to its end."""
        followed = self._followed
        if followed is None:
            return self._base.now()
        drill, since_s = followed
        if drill.transport is not Transport.PLAYING:
            return drill.clock
        elapsed_s = (self._base.monotonic() - since_s) * drill.speed
        return max(drill.clock, min(drill.ends_at, drill.clock + timedelta(seconds=elapsed_s)))

    def monotonic(self) -> float:
        """Seconds that only ever go forward, at the pace of the machine."""
        return self._base.monotonic()
