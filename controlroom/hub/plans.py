"""The district's plans for its officers: who is on duty when, and whom alarms are brought to that nobody takes."""

from msgspec import Struct

import resources
from controlroom.domain.duty import DutyPlan, decode_duty_plan
from controlroom.domain.escalation import EscalationPlan, decode_escalation


class WatchPlans(Struct, frozen=True, kw_only=True):
    """Chains of escalation, and roles with shifts and teams."""

    escalation: EscalationPlan
    duty: DutyPlan


NO_PLANS = WatchPlans(escalation=EscalationPlan(edition=""), duty=DutyPlan(edition="", role=(), shift=()))
"""Nobody is put on duty, and alarms are brought to nobody."""


def district_plans() -> WatchPlans:
    """The plans that travel with the program."""
    return WatchPlans(
        escalation=decode_escalation(resources.path("data", "escalation.toml").read_bytes()),
        duty=decode_duty_plan(resources.path("data", "duty.toml").read_bytes()),
    )
