"""Clocks for tests of ages."""

from controlroom.clock import SystemClock


class ShiftedClock(SystemClock):
    """The machine's clock, some seconds ahead."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead_s
