"""How a feed speaks to its hub, and how it says that it stands."""

import enum

from msgspec import Struct

from controlroom.wire.messages import Crs


class FeedState(enum.StrEnum):
    """Where a feed stands with its hub."""

    CONNECTING = "connecting"
    LIVE = "live"
    LATE = "late"
    REFUSED = "refused"
    HELD = "held"


class FeedStatus(Struct, frozen=True, kw_only=True):
    """What a source can tell about its stream: `pending` of at most `limit` handovers wait for the hub."""

    source: str
    state: FeedState
    pending: int
    limit: int
    handed_in: int
    resent: int
    refused: int
    refusal: str
    telemetry_sent: int
    telemetry_dropped: int
    fault: str


class Terms(Struct, frozen=True, kw_only=True):
    """How a feed speaks: its realm, declared CRS, JSON or msgpack, keep-alive and patience in seconds."""

    source: str
    realm: str
    crs: Crs = "WGS-84"
    json: bool = False
    keepalive_s: float = 5.0
    ack_timeout_s: float = 2.0
    window: int = 256
