"""The lease of a camera as a state machine: every function gives the lease that follows, none changes one."""

from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from controlroom.domain.ptz import Ask, LeaseEnd, PtzLease

ASKS_MOST = 8


class PtzFigures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long things last, all house figures; `roles` are the duty roles in the order of who may take from whom.

    `commanders` are those of them that may take a camera at all from one who ranks lower.
    """

    lease_s: int = 300
    idle_s: int = 60
    answer_s: int = 20
    stretch_s: int = 10
    roles: tuple[str, ...] = ()
    commanders: tuple[str, ...] = ()


class Claim(Struct, frozen=True, kw_only=True):
    """Who wants a camera, and why; `rank` counts the roles below theirs, `commands` whether they may take it over."""

    seat: str
    officer: str
    rank: int
    reason: str
    commands: bool = False


class Held(Exception):
    """Somebody else holds the camera."""

    def __init__(self, lease: PtzLease) -> None:
        super().__init__(lease.camera)
        self.lease = lease


def granted(camera: str, claim: Claim, now: datetime, figures: PtzFigures) -> PtzLease:
    """A new lease."""
    return PtzLease(
        camera=camera,
        seat=claim.seat,
        officer=claim.officer,
        rank=claim.rank,
        reason=claim.reason,
        since=now,
        until=now + timedelta(seconds=figures.lease_s),
        used_at=now,
    )


def taken(held: PtzLease | None, camera: str, claim: Claim, now: datetime, figures: PtzFigures) -> list[PtzLease]:
    """The leases that follow when a seat takes a camera: its own goes on for longer, a free one is granted.

    Raises Held where another seat has it.
    """
    if held is None:
        return [granted(camera, claim, now, figures)]
    if held.seat != claim.seat:
        raise Held(held)
    longer = now + timedelta(seconds=figures.lease_s)
    return [msgspec.structs.replace(held, officer=claim.officer, rank=claim.rank, until=longer, used_at=now)]


def taken_over(held: PtzLease, claim: Claim, now: datetime, figures: PtzFigures) -> list[PtzLease]:
    """The ended lease and the new one, for a commander who ranks higher and gave a reason. Raises Held."""
    if not claim.commands or claim.rank <= held.rank or not claim.reason.strip() or claim.seat == held.seat:
        raise Held(held)
    over = ended(held, LeaseEnd.TAKEN, now, claim.officer, claim.reason)
    kept = tuple(ask for ask in held.asks if ask.seat != claim.seat)
    return [over, msgspec.structs.replace(granted(held.camera, claim, now, figures), asks=kept)]


def asked(held: PtzLease, claim: Claim, now: datetime, figures: PtzFigures) -> PtzLease:
    """The lease with one more who asks for it; asking again begins the time anew. Raises Held at the bound."""
    others = tuple(ask for ask in held.asks if ask.seat != claim.seat)
    if len(others) >= ASKS_MOST or claim.seat == held.seat:
        raise Held(held)
    by = now + timedelta(seconds=figures.answer_s)
    ask = Ask(seat=claim.seat, officer=claim.officer, reason=claim.reason, at=now, answer_by=by)
    return msgspec.structs.replace(held, asks=(*others, ask))


def declined(held: PtzLease, seat: str) -> PtzLease:
    """The lease without the question of a seat."""
    return msgspec.structs.replace(held, asks=tuple(ask for ask in held.asks if ask.seat != seat))


def handed(held: PtzLease, claim: Claim, now: datetime, figures: PtzFigures) -> list[PtzLease]:
    """The ended lease and that of the seat it was handed to."""
    over = ended(held, LeaseEnd.HANDED, now, claim.officer, claim.reason)
    kept = tuple(ask for ask in held.asks if ask.seat != claim.seat)
    return [over, msgspec.structs.replace(granted(held.camera, claim, now, figures), asks=kept)]


def ended(held: PtzLease, how: LeaseEnd, now: datetime, by: str = "", why: str = "") -> PtzLease:
    """The lease at its end."""
    return msgspec.structs.replace(held, ended=how, ended_at=now, ended_by=by, ended_why=why, patrol=None, asks=())


def used(held: PtzLease, now: datetime) -> PtzLease:
    """The lease after a movement; it never lasts longer by that than it was granted for."""
    return msgspec.structs.replace(held, used_at=now)


def due(held: PtzLease, used_at: datetime, seats: Collection[str], now: datetime, figures: PtzFigures) -> PtzLease:
    """The lease as it is at `now`: over, idle, its seat gone, questions that nobody answered gone; else itself.

    `used_at` is the last movement, which may be newer than what the lease tells.
    """
    if held.seat not in seats:
        return ended(held, LeaseEnd.GONE, now)
    if now >= held.until:
        return ended(held, LeaseEnd.OVER, now)
    if held.patrol is None and now - max(used_at, held.used_at) >= timedelta(seconds=figures.idle_s):
        return ended(held, LeaseEnd.IDLE, now)
    asks = tuple(ask for ask in held.asks if now < ask.answer_by and ask.seat in seats)
    return held if asks == held.asks else msgspec.structs.replace(held, asks=asks)


def next_of(held: PtzLease, seats: Collection[str], now: datetime) -> Ask | None:
    """Who gets the camera once this lease ended by itself or was given back: who asked first and is still there."""
    return next((ask for ask in held.asks if ask.seat in seats and now < ask.answer_by), None)
