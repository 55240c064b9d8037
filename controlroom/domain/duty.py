"""Who is on duty in which role, and the plan that says so when nobody has said otherwise."""

from datetime import datetime, time, timedelta, tzinfo
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from controlroom.domain.times import Instant

Word = Annotated[str, Meta(min_length=1, max_length=60)]
OFFICERS_MOST = 20
"""Officers in one role at the most."""


class Duty(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The officers who hold a role from `begins_at` to `ends_at`, in the order in which they are called.

    `by` is the officer who said so, empty for the plan; `shift` is the shift's name of the plan.
    """

    role: str
    officers: tuple[str, ...]
    begins_at: Instant
    ends_at: Instant
    at: Instant
    by: str = ""
    shift: str = ""


class Role(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A role of the room, with its names in Chinese and English."""

    id: Word
    name: Word
    name_en: Word

    def is_called(self, name: str) -> bool:
        """Whether a seat that calls its officer so means this role."""
        return name.strip().casefold() in (self.id.casefold(), self.name.casefold(), self.name_en.casefold())


class Shift(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the day; one that ends before it begins ends on the next day."""

    name: Word
    name_en: Word
    begins: time
    ends: time


class Team(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """People who are on duty together: officers by the id of their role."""

    name: Word
    officers: dict[str, Annotated[tuple[Word, ...], Meta(max_length=OFFICERS_MOST)]]


class DutyPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Roles, the shifts of a day, and the teams that take the shifts in turn."""

    edition: str
    role: Annotated[tuple[Role, ...], Meta(min_length=1)]
    shift: Annotated[tuple[Shift, ...], Meta(min_length=1)]
    team: tuple[Team, ...] = ()

    def named(self, role: str) -> Role | None:
        """The role of an id."""
        return next((one for one in self.role if one.id == role), None)

    def duties(self, now: datetime, zone: tzinfo) -> tuple[Duty, ...]:
        """Who is on duty now by this plan, role by role; empty between two shifts."""
        day = now.astimezone(zone).date()
        for date in (day, day - timedelta(days=1)):
            for number, shift in enumerate(self.shift):
                begins_at = datetime.combine(date, shift.begins, zone)
                ends_on = date if shift.ends > shift.begins else date + timedelta(days=1)
                ends_at = datetime.combine(ends_on, shift.ends, zone)
                if begins_at <= now < ends_at:
                    turn = date.toordinal() * len(self.shift) + number
                    team = self.team[turn % len(self.team)] if self.team else None
                    return tuple(
                        Duty(
                            role=role.id,
                            officers=team.officers.get(role.id, ()) if team is not None else (),
                            begins_at=begins_at,
                            ends_at=ends_at,
                            at=now,
                            shift=shift.name,
                        )
                        for role in self.role
                    )
        return ()


def decode_duty_plan(text: bytes) -> DutyPlan:
    """The plan of a `duty.toml`. Raises msgspec.ValidationError."""
    return msgspec.toml.decode(text, type=DutyPlan)
