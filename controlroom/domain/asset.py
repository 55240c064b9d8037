"""What stands or moves in the district beside cameras, sensors and vehicles: teams, hazard sources and spaces."""

import enum
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.place import Latitude, Longitude, Point
from controlroom.domain.times import Instant


class AssetKind(enum.StrEnum):
    """What a thing is to the officer."""

    TEAM = "team"
    """People who can be sent: rescue, sanitation, urban management, medical, repair."""
    HAZARD = "hazard"
    """A hazard source; its `rank` is the grade of a major hazard installation (GB 18218-2018), 1 the gravest."""
    SPACE = "space"
    """Where people or vehicles are: underground spaces, parking, shelters."""


class AssetState(enum.StrEnum):
    """How it stands with an asset; which states a kind can be in is STATES_OF."""

    UNKNOWN = "unknown"
    READY = "ready"
    UNDERWAY = "underway"
    WORKING = "working"
    RESTING = "resting"
    RUNNING = "running"
    STOPPED = "stopped"
    ABNORMAL = "abnormal"
    OPEN = "open"
    FULL = "full"
    CLOSED = "closed"


STATES_OF: dict[AssetKind, tuple[AssetState, ...]] = {
    AssetKind.TEAM: (
        AssetState.UNKNOWN,
        AssetState.RESTING,
        AssetState.READY,
        AssetState.UNDERWAY,
        AssetState.WORKING,
    ),
    AssetKind.HAZARD: (AssetState.UNKNOWN, AssetState.STOPPED, AssetState.RUNNING, AssetState.ABNORMAL),
    AssetKind.SPACE: (AssetState.UNKNOWN, AssetState.OPEN, AssetState.FULL, AssetState.CLOSED),
}
"""The states of each kind, what calls for the most attention last."""

STALE_AFTER_S: dict[AssetKind, float] = {AssetKind.TEAM: 600.0, AssetKind.HAZARD: 86_400.0, AssetKind.SPACE: 3_600.0}
"""House figures: after so long a team may be anywhere, and a state that is told by the day or the hour is old."""

MOST_TEXT = 400
Words = Annotated[str, Meta(max_length=MOST_TEXT)]
Count = Annotated[int, Meta(ge=0, le=10_000_000)]


class Asset(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One team, hazard source or space.

    `sort` is what its source calls its sort (rescue, sanitation, urban_management, medical, repair; underground,
    parking, shelter). `state` is of `state_at`; `point` of `seen_at`. `strength` counts a team's people; `occupied` of
    `capacity` places of a space are taken. `source` is who declared it (the hub writes it), `schematic` tells that it
    is invented, `removed` that it is no more. `stale_after_s` 0 takes STALE_AFTER_S.
    """

    id: Annotated[str, Meta(min_length=1, max_length=200)]
    name: Words
    kind: AssetKind
    sort: Words = ""
    state: AssetState = AssetState.UNKNOWN
    state_at: Instant | None = None
    point: Point | None = None
    seen_at: Instant | None = None
    strength: Count | None = None
    rank: Annotated[int, Meta(ge=0, le=4)] = 0
    capacity: Count | None = None
    occupied: Count | None = None
    department: Words = ""
    contact: Words = ""
    note: Words = ""
    stale_after_s: Annotated[float, Meta(ge=0.0, le=1e8)] = 0.0
    source: Words = ""
    schematic: bool = False
    removed: bool = False

    @property
    def told_at(self) -> datetime | None:
        """Of what time the newest is that is known of it: a team's place, else its state."""
        if self.kind is AssetKind.TEAM:
            return self.seen_at
        return max((at for at in (self.state_at, self.seen_at) if at is not None), default=None)

    def age_s(self, now: datetime) -> float | None:
        """How old that is, never below 0; None where nobody told a time."""
        told = self.told_at
        return None if told is None else max(0.0, (now - told).total_seconds())

    def stale(self, now: datetime) -> bool:
        """Whether what is known is too old to be relied on; what has no time never was reliable."""
        told = self.told_at
        if told is None:
            return True
        return (now - told).total_seconds() > (self.stale_after_s or STALE_AFTER_S[self.kind])


class Move(Struct, frozen=True, gc=False, array_like=True):
    """Where a team was at a time: degrees in the declared CRS, ms since 1970 UTC."""

    asset: Annotated[str, Meta(min_length=1, max_length=200)]
    lon: Longitude
    lat: Latitude
    time: int
