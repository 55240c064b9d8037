"""Rules of walls: hours, alarms, holding on, and leases; stateful against a plain model."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

import resources
from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.severity import Severity
from controlroom.domain.wall import Matrix, Push, Spot, Wall, WallTile, conflicts, plain_screen, shown
from controlroom.domain.wall_rules import AlarmWanted, Hours, WallRule, decode_rules, holds, judged
from controlroom.hub.times import BEIJING

MONDAY = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 in Beijing
NIGHT = plain_screen("n", 1)
MATRIX = Matrix(id="m", wall="w", name="夜间", screens=(NIGHT,), by="王", at=MONDAY)


def alarm(severity: Severity = Severity.RED, **more: object) -> Alarm:
    plain = {"id": "s/a", "source": "s", "key": "a", "title": "积水", "state": AlarmState.UNACKNOWLEDGED}
    times = dict.fromkeys(("occurred_at", "received_at", "changed_at"), MONDAY)
    return Alarm(severity=severity, **(plain | times | more))


def test_hours_go_over_midnight_and_belong_to_the_day_they_begin_on() -> None:
    night = Hours(begins="22:00", ends="06:00", days=(1,))
    inside = [(23, 22, 0), (23, 23, 59), (24, 0, 0), (24, 5, 59)]
    outside = [(23, 5, 0), (23, 21, 59), (24, 6, 0), (24, 22, 0)]
    assert all(datetime(2026, 11, day, hour, minute, tzinfo=BEIJING) in night for day, hour, minute in inside)
    assert not any(datetime(2026, 11, day, hour, minute, tzinfo=BEIJING) in night for day, hour, minute in outside)
    assert datetime(2026, 11, 28, 9, tzinfo=BEIJING) in Hours(begins="08:00", ends="18:00")


def test_an_alarm_is_wanted_by_severity_kind_and_place_and_only_while_it_stands() -> None:
    wanted = AlarmWanted(at_least=Severity.ORANGE, kinds=("flood",), places=("黄村镇",))
    there = alarm(Severity.ORANGE, kind="flood", place="黄村镇兴华大街")
    assert wanted.admits(there)
    for other in (
        {"severity": Severity.YELLOW},
        {"kind": "gas"},
        {"place": "庞各庄镇"},
        {"state": AlarmState.RETURNED},
    ):
        assert not wanted.admits(msgspec.structs.replace(there, **other))


def test_a_rule_that_would_always_hold_or_shows_nothing_is_refused_at_the_door() -> None:
    for given in ({"matrix": "m"}, {"hours": {"begins": "08:00", "ends": "09:00"}}, {"alarm": {}, "screens": [99]}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"id": "r", "name": "r", "wall": "w"} | given, WallRule)


def test_the_rules_that_travel_with_the_program_are_off() -> None:
    rules = decode_rules(resources.path("data", "wall_rules.toml").read_bytes())
    assert rules and all(each.id.startswith("house-") and not each.enabled for each in rules)


def test_a_rule_goes_on_for_its_hold_and_an_unknown_past_is_given_the_full_hold() -> None:
    rules = {"r": WallRule(id="r", name="r", wall="w", matrix="m", alarm=AlarmWanted(), hold_s=60, enabled=True)}
    walls = {"w": Wall(name="w")}
    first = judged(walls, rules, {"m": MATRIX}, [alarm()], {}, MONDAY, BEIJING)
    (wall,) = first.walls
    assert shown(wall)[0].tiles == NIGHT.tiles
    for met_at in (first.met_at, {}):
        soon = judged({"w": wall}, rules, {"m": MATRIX}, [], met_at, MONDAY + timedelta(seconds=59), BEIJING)
        assert soon.walls == ()
        later = judged({"w": wall}, rules, {"m": MATRIX}, [], soon.met_at, MONDAY + timedelta(seconds=120), BEIJING)
        assert later.walls[0].pushes == ()


def test_what_an_officer_took_away_stays_away_until_the_rule_was_met_anew() -> None:
    rules = {"r": WallRule(id="r", name="r", wall="w", matrix="m", alarm=AlarmWanted(), hold_s=0, enabled=True)}
    walls = {"w": Wall(name="w", dismissed=("r",))}
    assert judged(walls, rules, {"m": MATRIX}, [alarm()], {}, MONDAY, BEIJING).walls == ()
    (wall,) = judged(walls, rules, {"m": MATRIX}, [], {}, MONDAY, BEIJING).walls
    assert wall.dismissed == () and wall.pushes == ()
    assert judged({"w": wall}, rules, {"m": MATRIX}, [alarm()], {}, MONDAY, BEIJING).walls[0].pushes


class Walls(RuleBasedStateMachine):
    """Seats push with leases, alarms come and go, rules are switched, time passes; a plain model tells the rest."""

    def __init__(self) -> None:
        super().__init__()
        self.now = MONDAY
        self.wall = Wall(name="w", screens=(plain_screen("abcd", 2),))
        self.rules = {
            "a": WallRule(id="a", name="a", wall="w", screens=(1,), layout="4", alarm=AlarmWanted(), hold_s=30),
            "h": WallRule(id="h", name="h", wall="w", matrix="m", hours=Hours(begins="12:05", ends="12:10"), hold_s=0),
        }
        self.alarms: list[Alarm] = []
        self.met_at: dict[str, datetime] = {}
        self.leases: dict[str, datetime] = {}
        self.count = 0

    @rule(seat=st.sampled_from("st"), place=st.integers(0, 3), lease_s=st.integers(10, 300))
    def push(self, seat: str, place: int, lease_s: int) -> None:
        self.count += 1
        tile = WallTile(left=place % 2, top=place // 2, cameras=(seat,))
        until = self.now + timedelta(seconds=lease_s)
        made = Push(
            id=f"p{self.count:04}",
            seat=seat,
            by=seat,
            at=self.now,
            until=until,
            spots=(Spot(screen=1, columns=2, rows=2, tile=tile),),
        )
        self.leases[made.id] = until
        self.wall = msgspec.structs.replace(self.wall, pushes=(*self.wall.pushes, made))

    @rule(stands=st.booleans())
    def alarms_come_and_go(self, stands: bool) -> None:
        self.alarms = [alarm()] if stands else []

    @rule(name=st.sampled_from("ah"), enabled=st.booleans())
    def switch(self, name: str, enabled: bool) -> None:
        self.rules[name] = msgspec.structs.replace(self.rules[name], enabled=enabled)

    @rule(seconds=st.integers(1, 200))
    def pass_time(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def restart(self) -> None:
        """The hub ends and comes back: what it remembers is only what is in the room."""
        self.met_at = {}
        self.wall = msgspec.json.decode(msgspec.json.encode(self.wall), type=Wall)

    @invariant()
    def looked_at(self) -> None:
        result = judged({"w": self.wall}, self.rules, {"m": MATRIX}, self.alarms, self.met_at, self.now, BEIJING)
        self.met_at = dict(result.met_at)
        self.wall = result.walls[0] if result.walls else self.wall
        pushed = {push.id for push in self.wall.pushes}
        alive = {name for name, until in self.leases.items() if until > self.now}
        assert {name for name in pushed if name.startswith("p")} == alive, "a lease ends when it ends, never before"
        by_rule = {push.rule for push in self.wall.pushes if push.rule}
        for name, each in self.rules.items():
            if holds(each, self.alarms, self.now, BEIJING):
                assert name in by_rule
            elif not each.enabled:
                assert name not in by_rule
        assert self.wall.base[0] == plain_screen("abcd", 2), "what is shown for good is never touched by what is not"
        if not self.wall.pushes:
            assert shown(self.wall) == self.wall.base
        again = judged({"w": self.wall}, self.rules, {"m": MATRIX}, self.alarms, self.met_at, self.now, BEIJING)
        assert again.walls == (), "a second look at the same moment changes nothing"
        for found in conflicts(self.wall):
            assert found.above.seat != found.below.seat and {found.above.id, found.below.id} <= alive


TestWalls = Walls.TestCase
TestWalls.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
