"""Which seats are there, which alarms each of them sees, and which areas they have handed to one another."""

import enum
import re
from collections.abc import Iterable, Mapping
from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.alarm import Alarm
from controlroom.domain.severity import Severity
from controlroom.domain.times import Instant

Wanted = Annotated[str, Meta(max_length=400)]
_AREA = re.compile(r"^\s*([^\s·,，/;；]*?(?:街道|地区|镇|乡|开发区|园区)|[^\s·,，/;；]+)")


def area_of(place: str) -> str:
    """The town or sub-district that a place begins with, else its first word: 黄村镇 of 黄村镇兴华大街."""
    found = _AREA.match(place)
    return found.group(1) if found is not None else ""


class SeatView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which alarms a seat is there for; an empty part admits all. Places are looked for as a part of the alarm's.

    An alarm that names no department, or no place, is nobody's in particular and every seat's.
    """

    severities: Annotated[tuple[Severity, ...], Meta(max_length=4)] = ()
    places: Annotated[tuple[Wanted, ...], Meta(max_length=100)] = ()
    departments: Annotated[tuple[Wanted, ...], Meta(max_length=100)] = ()

    def admits(self, alarm: Alarm) -> bool:
        """Whether the seat is there for an alarm."""
        return (
            (not self.severities or alarm.severity in self.severities)
            and (not self.departments or not alarm.department or alarm.department in self.departments)
            and (not self.places or not alarm.place or any(place in alarm.place for place in self.places))
        )


EVERYTHING = SeatView()


class SeatPresence(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A seat that the hub hears: since when, who sits there, what it is there for. With `gone_at` it has left."""

    name: str
    officer: str
    since: Instant
    view: SeatView = EVERYTHING
    gone_at: Instant | None = None


class HandoverState(enum.StrEnum):
    """What became of an area that one seat hands to another."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    """Nobody answered in time."""
    RETURNED = "returned"
    """One of the two gave or took it back."""
    LOST = "lost"
    """The seat that had it is gone."""


class AreaHandover(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The new alarms of an area go from one seat to another, from `accepted_at` until it is ended.

    An area without a `kind` is every alarm there. Until `answer_by` the taker may accept an offer.
    """

    id: str
    area: str
    giver: str
    taker: str
    offered_by: str
    offered_at: Instant
    answer_by: Instant
    state: HandoverState = HandoverState.OFFERED
    kind: str = ""
    accepted_by: str = ""
    accepted_at: Instant | None = None
    ended_by: str = ""
    ended_at: Instant | None = None

    @property
    def live(self) -> bool:
        """Whether it is offered or in force."""
        return self.state in (HandoverState.OFFERED, HandoverState.ACCEPTED)

    def carries(self, alarm: Alarm) -> bool:
        """Whether an alarm went to the taker by this: it is of the area, and new since the taker accepted."""
        return (
            self.state is HandoverState.ACCEPTED
            and self.accepted_at is not None
            and alarm.received_at >= self.accepted_at
            and (not self.kind or alarm.kind == self.kind)
            and area_of(alarm.place) == self.area
        )


class Route(enum.IntEnum):
    """What an alarm is to one seat."""

    MINE = 0
    HANDED_OVER = 1
    """Another seat has it from this one."""
    ELSEWHERE = 2
    """Other seats are there for it."""


class Routing:
    """Where alarms belong while these seats are there and these handovers are in force.

    Never nobody's: an alarm that no present seat is there for belongs to all, areas handed round in a circle to every
    seat in it, and what was handed to a seat that is not there to the one that handed it.
    """

    def __init__(self, seats: Mapping[str, SeatPresence], handovers: Iterable[AreaHandover]) -> None:
        self._views = {name: seat.view for name, seat in seats.items()}
        self._handovers: dict[str, list[AreaHandover]] = {}
        for handover in handovers:
            if handover.state is HandoverState.ACCEPTED and handover.taker in self._views:
                self._handovers.setdefault(handover.giver, []).append(handover)
        self._restricted = any(view != EVERYTHING for view in self._views.values())
        self.plain = not self._restricted and not self._handovers
        """Whether every alarm belongs to every seat."""

    def route(self, alarm: Alarm, seat: str) -> Route:
        """What an alarm is to a seat; to one that the hub does not hear everything is its own."""
        if self.plain or seat not in self._views:
            return Route.MINE
        holder = self._holder(alarm, seat)
        if holder != seat:
            return Route.HANDED_OVER
        if self._there_for(alarm, seat) or not any(self._there_for(alarm, other) for other in self._views):
            return Route.MINE
        for giver in self._handovers:
            if giver != seat and self._holder(alarm, giver) == seat:
                return Route.MINE
        return Route.ELSEWHERE

    def handover(self, alarm: Alarm, seat: str) -> AreaHandover | None:
        """By what a seat handed an alarm on; None when it did not."""
        return next((handed for handed in self._handovers.get(seat, ()) if handed.carries(alarm)), None)

    def _there_for(self, alarm: Alarm, seat: str) -> bool:
        view = self._views.get(seat)
        return view is not None and view.admits(alarm)

    def _holder(self, alarm: Alarm, seat: str) -> str:
        """The seat at the end of the way of handovers from `seat` on; itself where that is a circle."""
        at, seen = seat, {seat}
        while (handed := self.handover(alarm, at)) is not None:
            at = handed.taker
            if at in seen:
                return seat
            seen.add(at)
        return at
