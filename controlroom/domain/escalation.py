"""Whom an alarm is brought to when nobody takes it: chains of steps as data, and the engine as pure functions.

A chain begins when an alarm begins to wait (or, for the stage `untaken`, when it was acknowledged and nobody took it)
and is over when it is acknowledged (`waiting` only), taken, set aside or gone.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from controlroom.domain.alarm import Alarm, AlarmState, Escalation
from controlroom.domain.duty import Duty
from controlroom.domain.severity import Severity

Stage = Literal["", "waiting", "untaken"]
REPEAT_MOST = 5


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """After `wait_s` without an answer a role is called: everybody in it, or with `next` only the next one on duty."""

    wait_s: Annotated[float, Meta(gt=0.0, le=1e6)]
    role: str
    next: bool = False


class Chain(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The steps for alarms of these severities and departments (none = all); gone through 1 + `repeat` times."""

    severities: tuple[Severity, ...]
    steps: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=20)]
    departments: tuple[str, ...] = ()
    stage: Literal["waiting", "untaken"] = "waiting"
    repeat: Annotated[int, Meta(ge=0, le=REPEAT_MOST)] = 0

    def following(self, held: Escalation | None) -> tuple[int, int] | None:
        """The step and turn (both from 1) after those of `held`; None when the chain is at its end."""
        if held is None:
            return 1, 1
        if held.step < len(self.steps):
            return held.step + 1, held.turn
        return (1, held.turn + 1) if held.turn <= self.repeat else None


class EscalationPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The chains; the first that fits an alarm is its own."""

    edition: str
    chain: tuple[Chain, ...] = ()

    def chain_of(self, severity: Severity, department: str, stage: Stage) -> Chain | None:
        """The chain of alarms of this severity, department and stage."""
        for chain in self.chain:
            if (
                chain.stage == stage
                and severity in chain.severities
                and (not chain.departments or department in chain.departments)
            ):
                return chain
        return None


def stage_of(alarm: Alarm) -> Stage:
    """What an alarm lacks: somebody who takes note, somebody who has it, or nothing."""
    if alarm.owner is not None or alarm.parent or alarm.aside is not None:
        return ""
    if alarm.unseen:
        return "waiting"
    return "untaken" if alarm.state is AlarmState.ACKNOWLEDGED else ""


def due_at(chain: Chain, held: Escalation | None, since: datetime) -> datetime | None:
    """When the next step of a chain is due: its wait after the step before it, or after `since`; None at the end."""
    following = chain.following(held)
    if following is None:
        return None
    begun = since if held is None else held.at
    return begun + timedelta(seconds=chain.steps[following[0] - 1].wait_s)


def escalated(chain: Chain, alarm: Alarm, duties: Mapping[str, Duty], now: datetime) -> Alarm:
    """The alarm after its next step was taken; the same when the chain is at its end."""
    following = chain.following(alarm.escalation)
    if following is None:
        return alarm
    step, turn = following
    told = chain.steps[step - 1]
    duty = duties.get(told.role)
    officers = duty.officers if duty is not None and duty.begins_at <= now < duty.ends_at else ()
    if told.next and officers:
        alike = [number for number, one in enumerate(chain.steps, 1) if one.next and one.role == told.role]
        officers = (officers[((turn - 1) * len(alike) + alike.index(step)) % len(officers)],)
    escalation = Escalation(step=step, turn=turn, role=told.role, officers=officers, at=now)
    return msgspec.structs.replace(alarm, escalation=escalation)


def addresses(escalation: Escalation, duty: Duty | None, officer: str, in_role: bool) -> bool:
    """Whether an officer, at a seat of the role or not, is called.

    Who is named is called. In the role also who is not on its list: the list may name posts, and an officer too many
    is better than none.
    """
    if officer and officer in escalation.officers:
        return True
    return in_role and (duty is None or officer not in duty.officers)


def decode_escalation(text: bytes) -> EscalationPlan:
    """The chains of an `escalation.toml`. Raises msgspec.ValidationError."""
    return msgspec.toml.decode(text, type=EscalationPlan)
