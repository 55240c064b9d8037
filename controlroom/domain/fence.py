"""Fences on the map: areas that tell when a vehicle enters or leaves them."""

import enum
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.place import Point
from controlroom.domain.severity import Severity
from controlroom.domain.times import Instant
from controlroom.domain.wall_rules import Hours

MOST_CORNERS = 500
MARGIN_M = 30.0
"""House figure: so far outside a vehicle must be before it has left; twice the error of a vehicle's receiver."""
DWELL_S = 10.0
"""House figure: so long it must stay on the other side before that is told."""

Ring = Annotated[tuple[Point, ...], Meta(min_length=3, max_length=MOST_CORNERS)]


class FenceTrigger(enum.StrEnum):
    """What a fence tells of."""

    ENTER = "enter"
    EXIT = "exit"
    BOTH = "both"

    @property
    def enters(self) -> bool:
        """Whether coming in is told."""
        return self is not FenceTrigger.EXIT

    @property
    def exits(self) -> bool:
        """Whether going out is told."""
        return self is not FenceTrigger.ENTER


class Fence(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An area of WGS-84 corners (not closed) and whom it concerns: vehicles of `kinds`, or all when that is empty.

    A vehicle is in when it is inside, and out when it is more than `margin_m` outside; either must last for `dwell_s`
    by the vehicle's own times. `by` at `seat` drew it `at`, `changed_by` at `changed_seat` changed it last; `version`
    counts its changes, so that nobody changes what somebody else changed meanwhile. One that is not `enabled` tells of
    nobody, nor does any outside of its `hours`. A removed one is told once and held by no room.
    """

    id: str
    name: str
    ring: Ring
    by: str
    at: Instant
    trigger: FenceTrigger = FenceTrigger.BOTH
    severity: Severity = Severity.YELLOW
    kinds: tuple[str, ...] = ()
    margin_m: float = MARGIN_M
    dwell_s: float = DWELL_S
    incident: str = ""
    enabled: bool = True
    seat: str = ""
    changed_by: str = ""
    changed_seat: str = ""
    changed_at: Instant | None = None
    version: int = 1
    hours: Hours | None = None
    removed: bool = False

    def holds(self, local: datetime) -> bool:
        """Whether it tells of crossings at a time of the district."""
        return self.enabled and (self.hours is None or local in self.hours)
