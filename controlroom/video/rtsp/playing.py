"""What is asked of a server when it is to play: from when on, and how fast (RFC 2326 sections 12.29 and 12.34)."""

import re
from datetime import UTC, datetime

from msgspec import Struct

_CLOCK = re.compile(r"clock\s*=\s*(\d{8}T\d{6})(\.\d{1,6})?Z", re.IGNORECASE)
_FORM = "%Y%m%dT%H%M%S"
LIVE = "npt=0.000-"
"""From its beginning on, which servers of cameras take for now."""


class Playing(Struct, frozen=True):
    """Recordings are asked for by time (`from_s`, seconds since 1970; None: from the beginning) and speed."""

    from_s: float | None = None
    speed: float = 1.0

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """What the request says."""
        told = LIVE if self.from_s is None else f"clock={_written(self.from_s)}-"
        return (("Range", told), ("Scale", f"{self.speed:.3f}")) if self.speed != 1.0 else (("Range", told),)


class Played(Struct, frozen=True):
    """What the server says it plays: from when on (None where it does not tell a time of day), and how fast."""

    from_s: float | None = None
    speed: float = 1.0


def played(told_range: str, told_scale: str) -> Played:
    """The fields `Range` and `Scale` of an answer; what makes no sense is as if it were not there."""
    from_s, speed = None, 1.0
    found = _CLOCK.search(told_range)
    try:
        if found is not None:
            from_s = datetime.strptime(found[1], _FORM).replace(tzinfo=UTC).timestamp() + float(found[2] or 0.0)
        speed = float(told_scale or 1.0)
    except ValueError:
        pass
    return Played(from_s, speed if 0.01 <= speed <= 256.0 else 1.0)


def _written(at_s: float) -> str:
    at = datetime.fromtimestamp(round(at_s, 3), UTC)
    return f"{at:{_FORM}}.{at.microsecond // 1000:03d}Z"
