"""The district's plans for its officers: duty, whom untaken alarms are brought to, and what walls show by rule."""

from msgspec import Struct

import resources
from controlroom.domain.duty import DutyPlan, decode_duty_plan
from controlroom.domain.escalation import EscalationPlan, decode_escalation
from controlroom.domain.ptz_rules import PtzBook, decode_book
from controlroom.domain.wall_rules import WallRule, decode_rules


class WatchPlans(Struct, frozen=True, kw_only=True):
    """Chains of escalation, roles with shifts and teams, and rules of walls and cameras that officers may switch on."""

    escalation: EscalationPlan
    duty: DutyPlan
    walls: tuple[WallRule, ...] = ()
    ptz: PtzBook = PtzBook()


NO_PLANS = WatchPlans(escalation=EscalationPlan(edition=""), duty=DutyPlan(edition="", role=(), shift=()))
"""Nobody is put on duty, and alarms are brought to nobody."""


def district_plans() -> WatchPlans:
    """The plans that travel with the program."""
    return WatchPlans(
        escalation=decode_escalation(resources.path("data", "escalation.toml").read_bytes()),
        duty=decode_duty_plan(resources.path("data", "duty.toml").read_bytes()),
        walls=decode_rules(resources.path("data", "wall_rules.toml").read_bytes()),
        ptz=decode_book(resources.path("data", "ptz_rules.toml").read_bytes()),
    )
