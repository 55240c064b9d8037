"""What seats may command about handing areas to one another, as functions of the room."""

from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from controlroom.domain.alarm_bands import SeatFigures
from controlroom.domain.events import Event, HandoverChanged
from controlroom.domain.room import Room
from controlroom.domain.seating import AreaHandover, HandoverState
from controlroom.hub.refusal import Refuse
from controlroom.wire.messages import (
    Command,
    Refusal,
)
from controlroom.wire.seats import (
    AnswerHandover,
    EndHandover,
    HandOver,
)


class Carried(NamedTuple):
    """The events a command leads to and the id of what it made."""

    events: list[Event]
    created: str = ""


DEFAULT_SEATS = SeatFigures(gone_after_s=10, answer_within_s=60, flood_told_every_s=10)


def command_seats(room: Room, command: Command, now: datetime, figures: SeatFigures) -> Carried | None:
    """The outcome of a command about seats, or None when it is another one. The room is not touched. Raises Refuse."""
    body = command.body
    if isinstance(body, HandOver):
        return _hand_over(room, command, body, now, figures)
    if isinstance(body, AnswerHandover):
        return _answer(room, command, body, now)
    if isinstance(body, EndHandover):
        return _end(room, command, body, now)
    return None


def _hand_over(room: Room, command: Command, body: HandOver, now: datetime, figures: SeatFigures) -> Carried:
    if body.to == command.seat:
        raise Refuse(Refusal.NOT_ALLOWED, "a seat hands areas to other seats")
    if body.to not in room.seats:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"the seat {body.to} is not there")
    for held in room.handovers.values():
        if (held.giver, held.area, held.kind) == (command.seat, body.area, body.kind):
            raise Refuse(Refusal.ALREADY_DONE, f"{held.area} was handed to {held.taker} already")
    handover = AreaHandover(
        id=f"handover-{room.sequence + 1}",
        area=body.area,
        kind=body.kind,
        giver=command.seat,
        taker=body.to,
        offered_by=command.officer,
        offered_at=now,
        answer_by=now + timedelta(seconds=figures.answer_within_s),
    )
    return Carried([HandoverChanged(handover)], handover.id)


def _answer(room: Room, command: Command, body: AnswerHandover, now: datetime) -> Carried:
    held = _live(room, body.handover)
    if held.taker != command.seat:
        raise Refuse(Refusal.NOT_ALLOWED, f"{held.area} was offered to {held.taker}")
    if held.state is not HandoverState.OFFERED:
        raise Refuse(Refusal.ALREADY_DONE, f"{held.area} was accepted already")
    if body.accept:
        state = HandoverState.ACCEPTED
        after = msgspec.structs.replace(held, state=state, accepted_by=command.officer, accepted_at=now)
    else:
        after = msgspec.structs.replace(held, state=HandoverState.DECLINED, ended_by=command.officer, ended_at=now)
    return Carried([HandoverChanged(after)])


def _end(room: Room, command: Command, body: EndHandover, now: datetime) -> Carried:
    held = _live(room, body.handover)
    if command.seat not in (held.giver, held.taker):
        raise Refuse(Refusal.NOT_ALLOWED, f"{held.area} is between {held.giver} and {held.taker}")
    after = msgspec.structs.replace(held, state=HandoverState.RETURNED, ended_by=command.officer, ended_at=now)
    return Carried([HandoverChanged(after)])


def _live(room: Room, identity: str) -> AreaHandover:
    held = room.handovers.get(identity)
    if held is None:
        raise Refuse(Refusal.ALREADY_DONE, f"the handover {identity} is over")
    return held
