"""What a link hands over to the thread that keeps the mirror."""

from dataclasses import dataclass

from msgspec import Struct

from controlroom.domain.events import Event
from controlroom.wire.frames import Positions, Readings


@dataclass(frozen=True, slots=True)
class Reset:
    """A snapshot: forget what you had."""

    sequence: int
    events: list[Event]


class Change(Struct, frozen=True, gc=False):
    """The next event. A Struct, since it is made ten times as fast as a frozen dataclass."""

    sequence: int
    event: Event


Delivery = Reset | Change | Readings | Positions
