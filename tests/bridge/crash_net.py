"""A crash net that is spread, with a clock that goes a minute further at every look."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from controlroom.bridge.faults import CrashNet


class Steps:
    """A clock that goes a minute further at every look."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self.at += timedelta(minutes=1)
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


@contextmanager
def spread(folder: Path) -> Iterator[CrashNet]:
    made = CrashNet(folder, Steps())
    made.install()
    yield made
    made.close()


def fail() -> None:
    raise ValueError("the sum is wrong")
