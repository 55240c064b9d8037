"""What officers command about fences."""

from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.fence import DWELL_S, MARGIN_M, FenceTrigger, Ring
from controlroom.domain.severity import Severity
from controlroom.domain.wall_rules import Hours

_Id = Annotated[str, Meta(min_length=1, max_length=200)]
_Version = Annotated[int, Meta(ge=1)]


class SetFence(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="set_fence"):
    """Draws a fence, or changes the one that is named as it stood at `version`; the answer names it.

    It tells of crossings at `hours` alone where there are some.
    """

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    ring: Ring
    fence: Annotated[str, Meta(max_length=200)] = ""
    trigger: FenceTrigger = FenceTrigger.BOTH
    severity: Severity = Severity.YELLOW
    kinds: Annotated[tuple[Annotated[str, Meta(max_length=100)], ...], Meta(max_length=64)] = ()
    margin_m: Annotated[float, Meta(ge=0.0, le=5000.0)] = MARGIN_M
    dwell_s: Annotated[float, Meta(ge=0.0, le=3600.0)] = DWELL_S
    incident: Annotated[str, Meta(max_length=200)] = ""
    enabled: bool = True
    version: _Version = 1
    hours: Hours | None = None


class RemoveFence(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="remove_fence"):
    """Takes a fence away as it stood at `version`; its alarms are over."""

    fence: _Id
    version: _Version = 1
