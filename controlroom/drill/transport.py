"""Where a playback stands: play, pause, pace and step as pure functions of an injected time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from controlroom.domain.drill import Transport

MIN_SPEED = 0.1
MAX_SPEED = 32.0


class Timed(Protocol):
    """Something that happened at a time, ms since 1970 UTC."""

    @property
    def t_ms(self) -> int:
        """When it happened."""


Entry = TypeVar("Entry", bound=Timed)


@dataclass(frozen=True, slots=True)
class Playhead:
    """The state of a playback between `begin_ms` and `end_ms` (ms since 1970 UTC).

    `since_s` is the monotonic time at which the position was `from_ms`. Every change gives a new playhead whose
    position at that moment is the same: pace and pause never jump. Times given later must not be earlier.
    """

    begin_ms: int
    end_ms: int
    from_ms: float
    since_s: float
    speed: float = 1.0
    playing: bool = False

    def __post_init__(self) -> None:
        if self.end_ms < self.begin_ms:
            raise ValueError(f"a recording that ends at {self.end_ms} before it begins at {self.begin_ms}")
        if not MIN_SPEED <= self.speed <= MAX_SPEED:
            raise ValueError(f"speed {self.speed} is not within {MIN_SPEED} and {MAX_SPEED}")

    def position_ms(self, now_s: float) -> float:
        """The time of the recording that is being played now."""
        if not self.playing:
            return self.from_ms
        moved = self.from_ms + max(0.0, now_s - self.since_s) * 1000.0 * self.speed
        return min(float(self.end_ms), moved)

    def ended(self, now_s: float) -> bool:
        """Whether everything was played."""
        return self.position_ms(now_s) >= self.end_ms

    def transport(self, now_s: float) -> Transport:
        """What the playback does, in the words of the wire."""
        if self.ended(now_s):
            return Transport.ENDED
        return Transport.PLAYING if self.playing else Transport.PAUSED

    def play(self, now_s: float) -> "Playhead":
        """Go on from here."""
        return self._at(now_s, self.speed, playing=True)

    def pause(self, now_s: float) -> "Playhead":
        """Stop here."""
        return self._at(now_s, self.speed, playing=False)

    def pace(self, speed: float, now_s: float) -> "Playhead":
        """Go on at another speed. Raises ValueError outside 0.1 … 32."""
        return self._at(now_s, speed, playing=self.playing)

    def obey(self, transport: Transport, speed: float, now_s: float) -> "Playhead":
        """Do what an officer commanded; ENDED stops."""
        return self._at(now_s, speed, playing=transport is Transport.PLAYING)

    def _at(self, now_s: float, speed: float, *, playing: bool) -> "Playhead":
        return Playhead(self.begin_ms, self.end_ms, self.position_ms(now_s), now_s, speed, playing)


class Cue(Generic[Entry]):
    """Hands out entries when the playhead reaches them: each once, all of them, in the order of the recording.

    An entry whose time lies before that of its predecessor (a clock that was set back) comes right after it.
    """

    def __init__(self, entries: Iterator[Entry]) -> None:
        self._entries = entries
        self._next: Entry | None = next(entries, None)
        self.taken = 0

    @property
    def exhausted(self) -> bool:
        """Whether everything was handed out."""
        return self._next is None

    def take(self, position_ms: float, most: int) -> list[Entry]:
        """At most `most` of the entries up to and including this position."""
        out: list[Entry] = []
        while self._next is not None and self._next.t_ms <= position_ms and len(out) < most:
            out.append(self._next)
            self._next = next(self._entries, None)
        self.taken += len(out)
        return out
