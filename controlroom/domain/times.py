"""Aware UTC instants with the milliseconds that the wire carries."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta

Instant = Annotated[datetime, Meta(tz=True)]
"""An aware time; a message with a naive time is refused at decoding."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(at: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC of an aware time."""
    delta = at - EPOCH
    return delta.days * 86_400_000 + delta.seconds * 1000 + delta.microseconds // 1000


def from_ms(ms: int) -> datetime:
    """The aware UTC time of milliseconds since 1970. Raises OverflowError outside years 1–9999."""
    return datetime.fromtimestamp(ms / 1000, UTC)
