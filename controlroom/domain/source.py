"""What the hub knows of each source that feeds it."""

from msgspec import Struct

from controlroom.domain.times import Instant


class Source(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Health of one source: `skew_s` is its clock minus the hub's, `refused` counts messages that were turned away."""

    id: str
    seen_at: Instant
    silent: bool = False
    refused: int = 0
    refusal: str = ""
    skew_s: float = 0.0
