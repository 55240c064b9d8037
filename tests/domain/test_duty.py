"""Who is on duty by the plan."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from controlroom.domain.duty import DutyPlan, decode_duty_plan
from resources import path

BEIJING = timezone(timedelta(hours=8))
PLAN = decode_duty_plan(path("data", "duty.toml").read_bytes())


def officers(plan: DutyPlan, now: datetime) -> list[tuple[str, tuple[str, ...]]]:
    return [(duty.role, duty.officers) for duty in plan.duties(now, BEIJING)]


def test_the_night_shift_lasts_over_midnight_and_the_same_team_stays() -> None:
    evening = datetime(2026, 11, 21, 20, 0, tzinfo=BEIJING)
    night = PLAN.duties(evening, BEIJING)
    assert {duty.shift for duty in night} == {"夜班"}
    assert night[0].begins_at == evening and night[0].ends_at == evening + timedelta(hours=12)
    small_hours = (evening + timedelta(hours=11, minutes=59)).astimezone(UTC)
    assert officers(PLAN, small_hours) == officers(PLAN, evening)
    morning = PLAN.duties(evening + timedelta(hours=12), BEIJING)
    assert {duty.shift for duty in morning} == {"白班"} and morning[0].officers != night[0].officers


def test_every_team_has_its_turn_and_no_moment_is_without_a_shift() -> None:
    begins = datetime(2026, 11, 21, 8, 0, tzinfo=BEIJING)
    turns = [officers(PLAN, begins + timedelta(hours=12 * turn)) for turn in range(8)]
    assert len({turn[0][1] for turn in turns[:4]}) == 4
    assert turns[:4] == turns[4:]
    assert all(PLAN.duties(begins + timedelta(minutes=30 * step), BEIJING) for step in range(48))


def test_a_plan_without_teams_names_the_roles_with_nobody_in_them() -> None:
    plan = msgspec.structs.replace(PLAN, team=())
    assert [duty.officers for duty in plan.duties(datetime(2026, 11, 21, 12, tzinfo=BEIJING), BEIJING)] == [()] * 3


@pytest.mark.parametrize("name", ["值班长", "Shift lead", " shift lead ", "shift_lead"])
def test_a_role_is_known_by_any_of_its_names(name: str) -> None:
    role = PLAN.named("shift_lead")
    assert role is not None and role.is_called(name) and not role.is_called("值班")
