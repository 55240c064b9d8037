"""Whether the stamps of a stream can be trusted, by what its server reports of them (RTP, RFC 3550)."""

import struct

_REPORT = struct.Struct("!BBHIQI")
_SENDER = 200
_LEAST_S = 0.2
"""Reports nearer to each other tell too little."""
_TOLERANCE = 0.02
_FRACTIONS = 2.0**32


def sender_report(data: memoryview) -> tuple[float, int] | None:
    """The server's time in seconds and the stamp that stands for it (section 6.4.1); None in other packets."""
    if len(data) < _REPORT.size:
        return None
    head, kind, _length, _source, ntp, stamp = _REPORT.unpack_from(data)
    return (ntp / _FRACTIONS, stamp) if head >> 6 == 2 and kind == _SENDER else None


class Pace:
    """Compares how stamps grow with the server's own time; used by one thread.

    `is_proven` is false while nothing is known: cameras exist whose stamps stand, run at another rate or jump.
    """

    def __init__(self, clock_hz: int) -> None:
        self._clock_hz = clock_hz
        self._first: tuple[float, int] | None = None
        self.is_proven = False

    def note(self, at_s: float, stamp: int) -> None:
        """Take up one report."""
        if self._first is None or at_s < self._first[0]:
            self._first, self.is_proven = (at_s, stamp), False
            return
        lasted_s = at_s - self._first[0]
        if lasted_s >= _LEAST_S:
            told_s = ((stamp - self._first[1]) & 0xFFFFFFFF) / self._clock_hz
            self.is_proven = abs(told_s / lasted_s - 1.0) <= _TOLERANCE
            self._first = at_s, stamp
