"""What seats tell the hub of themselves, what it has to bear, areas that are handed over, and the journal by time."""

from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.seating import EVERYTHING, SeatView
from controlroom.domain.times import Instant
from controlroom.wire.terms import Name, Number, Short


class SpanWanted(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="span"):
    """Asks the journal for the events of a kind that were committed in a time, in their order; answered with `past`.

    `since_ms` is included, `until_ms` is not; go on behind the last sequence number with `after`.
    """

    kind: Short
    since_ms: Number
    until_ms: Number
    after: Number = 0
    limit: Annotated[int, Meta(ge=1, le=5000)] = 1000


class RunsWanted(Struct, frozen=True, kw_only=True, tag="runs"):
    """Asks when the hub was running; between its runs nothing was judged or kept."""


class Present(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="present"):
    """A seat lives: to be told every few seconds, else the hub takes it for gone. Answered with its load."""

    seat: Name
    officer: Name
    view: SeatView = EVERYTHING


class HandOver(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="hand_over"):
    """Offers the new alarms of an area (and kind, where given) to another seat, which may accept for a while.

    An area is the town or sub-district that the alarms' places begin with.
    """

    area: Annotated[str, Meta(max_length=400)]
    to: Name
    kind: Short = ""


class AnswerHandover(Struct, frozen=True, kw_only=True, tag="answer_handover"):
    """The seat that an area was offered to takes it or does not."""

    handover: Name
    accept: bool


class EndHandover(Struct, frozen=True, kw_only=True, tag="end_handover"):
    """One of the two seats ends a handover: its alarms are the giver's again."""

    handover: Name


class SeatLoad(Struct, frozen=True, kw_only=True, tag="load"):
    """How many new alarms a seat had in the last `window_s` seconds, at the hub's time `at`."""

    count: int
    window_s: int
    at: Instant


class Runs(Struct, frozen=True, kw_only=True, tag="runs"):
    """When the hub was started and last seen running, each run's two times in ms since 1970 UTC, the oldest first."""

    runs: tuple[tuple[int, int], ...]
