"""How far a stream has fallen behind."""


class Lag:
    """Compares a stream's own time with the clock; the smallest difference seen counts as no lag.

    The smallest difference is let go slowly, so that a camera's clock that runs slow is not taken for lag, and at once
    when the stream's time jumps.
    """

    _JUMP_S = 3.0
    _DRIFT = 0.001

    def __init__(self) -> None:
        self._least_s: float | None = None
        self._stream_s = 0.0
        self._at_s = 0.0

    def behind_s(self, stream_s: float, at_s: float) -> float:
        """Seconds that the packet with stream time `stream_s`, read at `at_s`, came later than the best one."""
        difference_s = at_s - stream_s
        if self._least_s is None or abs(stream_s - self._stream_s) > self._JUMP_S:
            self._least_s = difference_s
        else:
            self._least_s = min(difference_s, self._least_s + self._DRIFT * max(0.0, at_s - self._at_s))
        self._stream_s, self._at_s = stream_s, at_s
        return difference_s - self._least_s

    def forgive(self) -> None:
        """Nothing newer has come yet, so the last packet was not late: its clock is not that of its stream."""
        self._least_s = self._at_s - self._stream_s
