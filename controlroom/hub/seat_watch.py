"""Which seats the hub hears, and what becomes of the areas they handed to one another."""

from datetime import datetime, timedelta

import msgspec

from controlroom.domain.alarm_bands import SeatFigures
from controlroom.domain.events import Event, HandoverChanged, SeatChanged
from controlroom.domain.room import Room
from controlroom.domain.seating import HandoverState, SeatPresence, SeatView


class SeatWatch:
    """Remembers when each seat was heard last. Times are the hub's. One thread owns an instance."""

    def __init__(self, figures: SeatFigures, room: Room) -> None:
        self._gone_after = timedelta(seconds=figures.gone_after_s)
        self._room = room
        self._heard: dict[str, datetime] = {}

    def present(self, name: str, officer: str, view: SeatView, now: datetime) -> list[Event]:
        """A seat was heard; an event where it is new or has changed."""
        self._heard[name] = now
        held = self._room.seats.get(name)
        if held is None:
            return [SeatChanged(SeatPresence(name=name, officer=officer, since=now, view=view))]
        if (held.officer, held.view) == (officer, view):
            return []
        return [SeatChanged(msgspec.structs.replace(held, officer=officer, view=view))]

    def look(self, now: datetime) -> list[Event]:
        """Seats that are gone, and handovers that came back by themselves: unanswered ones, and those of lost seats.

        After a restart of the hub every seat is given the full time to be heard again.
        """
        gone = [
            seat
            for name, seat in self._room.seats.items()
            if now - self._heard.setdefault(name, now) >= self._gone_after
        ]
        events: list[Event] = [SeatChanged(msgspec.structs.replace(seat, gone_at=now)) for seat in gone]
        left = {seat.name for seat in gone}
        for name in left:
            del self._heard[name]
        for handover in self._room.handovers.values():
            if handover.taker in left or handover.taker not in self._room.seats:
                state = HandoverState.LOST
            elif handover.state is HandoverState.OFFERED and now >= handover.answer_by:
                state = HandoverState.LAPSED
            else:
                continue
            events.append(HandoverChanged(msgspec.structs.replace(handover, state=state, ended_at=now)))
        return events
