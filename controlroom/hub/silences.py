"""How silences end: by an officer, or because their time is over."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from controlroom.domain.silence import Silence


def ended(silence: Silence, at: datetime, by: str = "") -> Silence:
    """A silence that is over; without `by` its time was."""
    return msgspec.structs.replace(silence, ended_at=at, ended_by=by)


def due(silences: Mapping[str, Silence], now: datetime) -> list[Silence]:
    """The silences whose time is over, ended."""
    return [ended(silence, now) for silence in silences.values() if silence.until <= now]
