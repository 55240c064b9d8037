"""What a seat may ask about the sources of its hub, and what the hub answers: as it is now, beside the journal."""

from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.times import Instant


class SourcesWanted(Struct, frozen=True, kw_only=True, tag="sources"):
    """Asks how every source stands now."""


class RefusedWanted(Struct, frozen=True, kw_only=True, tag="refused"):
    """Asks for the messages of a source that were turned away last, at most 100."""

    source: Annotated[str, Meta(max_length=200)]


class SourceNow(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A source at the time of the answer: `records` taken since the hub started, `rate_per_s` over the last 10 s.

    `skew_s` is its clock minus the hub's, 0 while it is not flagged; `kept` counts refused messages to be looked at.
    """

    id: str
    seen_at: Instant
    silent: bool = False
    records: int = 0
    rate_per_s: float = 0.0
    skew_s: float = 0.0
    refused: int = 0
    refusal: str = ""
    kept: int = 0


class SourcesNow(Struct, frozen=True, kw_only=True, tag="sources"):
    """Every source as it is at `at` (the hub's clock)."""

    at: Instant
    sources: tuple[SourceNow, ...]


class RefusedMessage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message, or one record of it, that was turned away: `body` are its first bytes, `size` is how many it had."""

    at: Instant
    code: str
    text: str
    size: int
    body: bytes


class RefusedMessages(Struct, frozen=True, kw_only=True, tag="refused"):
    """What was turned away from a source, newest first; `total` counts all that ever were."""

    source: str
    total: int
    messages: tuple[RefusedMessage, ...]


class UnknownWanted(Struct, frozen=True, kw_only=True, tag="unknown_sensors"):
    """Asks for the sensors that readings came of although nobody declared them."""


class UnknownSensor(Struct, frozen=True, kw_only=True):
    """A sensor that nobody declared: who told of it, how many records named it, and when first and last."""

    id: str
    source: str
    count: int
    first_at: Instant
    last_at: Instant


class UnknownSensors(Struct, frozen=True, kw_only=True, tag="unknown_sensors"):
    """Sensors that nobody declared, the newest first, at most 1000; `total` counts those that are known of."""

    total: int
    sensors: tuple[UnknownSensor, ...]
