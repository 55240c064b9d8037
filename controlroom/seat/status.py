"""What a seat knows of its link to the hub; shown at all times."""

import enum
from dataclasses import dataclass
from datetime import datetime


class LinkState(enum.StrEnum):
    """How far the seat's picture of the room can be trusted."""

    CONNECTING = "connecting"
    LIVE = "live"
    LATE = "late"
    RESYNCING = "resyncing"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStatus:
    """The link at one moment. `since` is when this state began, `store` the hub's own word on its store."""

    state: LinkState
    since: datetime
    sequence: int = 0
    store: str = "ok"
    insecure: bool = False
    lost_frames: int = 0
    refused: int = 0
    realm: str = ""
    trouble: str = ""
