"""Telemetry that waits for the seat's other thread: the newest wins, what is lost on the way is counted."""

import contextlib
from collections import deque

from controlroom.wire import frames
from controlroom.wire.frames import Head, Kind, Positions, Readings

MOST = 2000
"""Frames that wait for the other thread at the most; older ones are dropped and counted."""


class TelemetryInbox:
    """The wire thread puts in, one other thread takes."""

    def __init__(self) -> None:
        self._waiting: deque[Readings | Positions] = deque()
        self._expected = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def start_over(self) -> None:
        """Another connection: its numbers say nothing of what came before."""
        self._expected = 0

    def put(self, head: Head, body: "memoryview[int]") -> int:
        """Decode a frame and keep it; returns how many frames were lost, on the way or here."""
        lost = max(0, head.sequence - self._expected) if self._expected else 0
        self._expected = head.sequence + 1
        decode = frames.decode_readings if head.kind is Kind.READINGS else frames.decode_positions
        self._waiting.append(decode(body))
        if len(self._waiting) > MOST:
            with contextlib.suppress(IndexError):
                self._waiting.popleft()
            lost += 1
        return lost

    def take(self) -> Readings | Positions | None:
        """The next frame or None."""
        try:
            return self._waiting.popleft()
        except IndexError:
            return None
