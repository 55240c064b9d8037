"""The district's plans for its officers: duty, whom untaken alarms are brought to, and what walls show by rule."""

from msgspec import Struct

from controlroom.district_data import OURS, DistrictData
from controlroom.domain.duty import DutyPlan, decode_duty_plan
from controlroom.domain.escalation import EscalationPlan, decode_escalation
from controlroom.domain.picture_rules import PictureRules, decode_picture_rules
from controlroom.domain.ptz_rules import PtzBook, decode_book
from controlroom.domain.wall_rules import WallRule, decode_rules


class WatchPlans(Struct, frozen=True, kw_only=True):
    """Chains of escalation, roles with shifts and teams, and rules of walls and cameras that officers may switch on."""

    escalation: EscalationPlan
    duty: DutyPlan
    pictures: PictureRules | None = None
    """Which faults of pictures raise an alarm; without them the program's own say."""
    walls: tuple[WallRule, ...] = ()
    ptz: PtzBook = PtzBook()


NO_PLANS = WatchPlans(escalation=EscalationPlan(edition=""), duty=DutyPlan(edition="", role=(), shift=()))
"""Nobody is put on duty, and alarms are brought to nobody."""


def district_plans(data: DistrictData = OURS) -> WatchPlans:
    """The plans of the district, ours where it has none. Raises EnvironmentFault."""
    return WatchPlans(
        escalation=data.decoded("escalation.toml", decode_escalation),
        duty=data.decoded("duty.toml", decode_duty_plan),
        walls=data.decoded("wall_rules.toml", decode_rules),
        pictures=data.decoded("picture_rules.toml", decode_picture_rules),
        ptz=data.decoded("ptz_rules.toml", decode_book),
    )
