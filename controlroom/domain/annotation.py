"""What an officer wrote on curves: a stretch of time of some sensors, and a text."""

from msgspec import Struct

from controlroom.domain.times import Instant


class Annotation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A text over a stretch of time on the curves of `sensors` (ids), seen at every seat.

    `by` at `seat` wrote it `at`; `changed_by` changed it last. A removed one is told once and held by no room.
    """

    id: str
    sensors: tuple[str, ...]
    begins_at: Instant
    ends_at: Instant
    text: str
    by: str
    at: Instant
    seat: str = ""
    changed_by: str = ""
    changed_at: Instant | None = None
    removed: bool = False
