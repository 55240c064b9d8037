import math
from importlib.resources import files

import msgspec
import numpy as np
import pytest

from controlroom.domain.kinds import decode_kinds
from controlroom.domain.limits import LimitTable
from controlroom.domain.place import Point
from controlroom.domain.readings import Latest, Quality
from controlroom.domain.rule_table import Finding, RuleTable
from controlroom.domain.sensor import Limit, Sensor
from controlroom.domain.sensor_rules import (
    DeviationRule,
    ForecastRule,
    KindRules,
    RangeRule,
    RateRule,
    Rule,
    RuleBook,
    StaleRule,
    StuckRule,
    decode_rules,
)
from controlroom.domain.severity import Severity

DATA = files("resources") / "data"
KINDS = decode_kinds((DATA / "sensor_kinds.toml").read_bytes())
START_MS = 1_795_000_000_000


def book(**rules) -> RuleBook:
    return RuleBook(edition="t", source="t", defaults=KindRules(), kinds={"flood_depth": KindRules(**rules)})


class Room:
    """Some sensors under one set of rules and a clock."""

    def __init__(self, count: int = 1, **rules) -> None:
        self.latest = Latest(count)
        self.sensors = [
            Sensor(
                id=f"s{n}",
                name=f"点{n}",
                kind="flood_depth",
                unit="cm",
                point=Point(116.3 + 0.001 * n, 39.7),
                limits=(Limit(severity=Severity.ORANGE, above=40.0),),
                stale_after_s=100.0,
            )
            for n in range(count)
        ]
        self.limits = LimitTable.from_sensors(self.sensors, range(count))
        self.table = RuleTable(book(**rules), KINDS, self.limits, self.latest)
        self.table.declare(self.sensors, range(count))
        self.now_ms = START_MS

    def tell(self, *values: float, quality: int = 0, after_s: float = 10.0) -> list[tuple[str, int, bool]]:
        """All sensors tell these values (one for all, or one each), and are judged."""
        self.now_ms += int(1000 * after_s)
        count = len(self.sensors)
        column = np.array(values if len(values) == count else values * count, np.float32)
        index, marks = np.arange(count, dtype=np.uint32), np.full(count, quality, np.uint8)
        changed = self.latest.apply(index, column, np.full(count, self.now_ms), marks, self.now_ms)
        self.table.take(changed)
        return self.wait(0)

    def wait(self, seconds: float) -> list[tuple[str, int, bool]]:
        self.found: list[Finding] = []
        # A judgement a second, as the hub makes them.
        for _second in range(max(1, int(seconds))):
            self.now_ms += 1000 if seconds else 0
            self.found += self.table.judge(self.now_ms)
        return [(each.rule.value, each.index, each.begins) for each in self.found]


def test_a_rise_within_the_window_is_told_with_what_it_rose_from_and_is_over_when_it_stays() -> None:
    room = Room(rate=RateRule(over_s=60.0, rise=10.0, hold_s=30.0))
    assert [room.tell(5.0) for _ in range(6)] == [[]] * 6
    assert room.tell(16.0) == [("rate", 0, True)]
    assert (room.found[0].reference, room.found[0].value) == (5.0, 16.0)
    assert 30 <= room.found[0].span_s <= 60
    told = [each for _ in range(12) for each in room.tell(16.0)]
    assert told == [("rate", 0, False)]


def test_the_same_rise_slowly_is_none_and_a_fall_needs_a_figure_of_its_own() -> None:
    room = Room(rate=RateRule(over_s=60.0, rise=10.0))
    assert [each for n in range(60) for each in room.tell(1.0 * n)] == []
    assert room.tell(0.0) == []


def test_readings_that_come_seldom_may_move_further_and_after_a_gap_nothing_is_said() -> None:
    room = Room(rate=RateRule(over_s=60.0, rise=10.0))
    room.tell(0.0, after_s=600)
    assert room.tell(60.0, after_s=600) == [], "10 in 60 s allows 100 in 600 s"
    assert room.tell(200.0, after_s=600) == [("rate", 0, True)]
    room = Room(rate=RateRule(over_s=60.0, rise=10.0))
    room.tell(0.0)
    assert ("rate", 0, True) not in room.tell(4000.0, after_s=3600)


def test_a_value_that_does_not_move_is_stuck_after_its_time_and_free_when_it_moves() -> None:
    room = Room(stuck=StuckRule(after_s=100.0, within=0.05, rest=(-1.0, 3.0), hold_s=0.0))
    told = [each for n in range(9) for each in room.tell(20.0 + 0.04 * (n % 2))]
    assert told == []
    told = [each for _ in range(4) for each in room.tell(20.0)]
    assert told == [("stuck", 0, True)]
    assert room.tell(22.0) == [("stuck", 0, False)]


def test_a_dry_gauge_may_stand_still_and_a_silent_one_is_not_stuck() -> None:
    room = Room(stuck=StuckRule(after_s=100.0, rest=(-1.0, 3.0)))
    assert [each for _ in range(30) for each in room.tell(0.0)] == []
    room.tell(20.0)
    assert room.wait(300) == []


def test_the_one_that_deviates_is_told_and_a_district_that_rises_together_is_not() -> None:
    room = Room(9, deviation=DeviationRule(least=5.0, delay_s=30.0))
    room.tell(10.0)
    together = [each for _ in range(6) for each in room.tell(60.0)]
    assert together == []
    values = [60.0 + 0.1 * n for n in range(9)]
    values[4] = 20.0
    told = [each for _ in range(5) for each in room.tell(*values)]
    assert told == [("deviation", 4, True)]


def test_what_the_neighbours_said_is_the_evidence() -> None:
    room = Room(9, deviation=DeviationRule(least=5.0))
    values = [60.0, 61.0, 59.0, 60.0, 20.0, 60.0, 61.0, 59.0, 60.0]
    assert room.tell(*[60.0] * 9) == []
    assert room.tell(*values) == [("deviation", 4, True)]
    found = room.found
    assert [(f.index, f.value, f.count) for f in found] == [(4, 20.0, 7)]
    assert found[0].reference == pytest.approx(60.0, abs=1.0)


def test_with_too_few_usable_neighbours_nothing_is_said_and_the_limits_go_on() -> None:
    room = Room(9, deviation=DeviationRule(least=5.0))
    values = [math.nan] * 6 + [60.0, 60.0, 200.0]
    assert [each for _ in range(4) for each in room.tell(*values)] == []
    assert [t.index for t in room.limits.evaluate(room.latest, room.now_ms)] == [6, 7, 8]


def test_a_value_outside_the_instrument_s_range_is_marked_and_told() -> None:
    room = Room(range=RangeRule(delay_s=15.0))
    beyond = room.table.beyond(np.array([0, 0, 7], np.uint32), np.array([300.0, 301.0, 999.0], np.float32))
    assert beyond.tolist() == [False, True, False]
    assert room.tell(301.0, quality=Quality.OUT_OF_RANGE) == []
    told = room.tell(301.0, quality=Quality.OUT_OF_RANGE) + room.tell(301.0, quality=Quality.OUT_OF_RANGE)
    assert told == [("range", 0, True)]
    assert [each.reference for each in room.found] == [300.0]


def test_a_sensor_that_is_heard_no_more_is_stale_once_and_heard_again_once() -> None:
    room = Room(stale=StaleRule(hold_s=0.0))
    room.tell(1.0)
    assert room.wait(100) == []
    assert room.wait(3) == [("stale", 0, True)]
    assert room.wait(50) == []
    assert room.tell(1.0) == [("stale", 0, False)]


def test_one_that_was_never_heard_is_not_stale_but_known_as_such() -> None:
    room = Room(stale=StaleRule())
    assert room.wait(150) == []
    assert room.table.never_heard(room.now_ms).tolist() == [True]


def test_a_clock_that_was_set_makes_nobody_stale_at_once() -> None:
    room = Room(stale=StaleRule())
    room.tell(1.0)
    room.now_ms += 7_200_000
    assert room.table.judge(room.now_ms) == []
    assert room.wait(90) == []
    assert room.wait(20) == [("stale", 0, True)]


def test_a_limit_is_foreseen_with_its_error_and_no_more_when_it_is_crossed() -> None:
    room = Room(forecast=ForecastRule(hold_s=0.0))
    told = [each for n in range(60) for each in room.tell(10.0 + 0.3 * n)]
    assert told[0] == ("forecast", 0, True)
    room = Room(forecast=ForecastRule(hold_s=0.0))
    first = None
    for n in range(101):
        room.tell(10.0 + 0.3 * n)
        first = first or next((each for each in room.found if each.begins), None)
    assert first is not None
    assert first.reference == 40.0
    left_s = (40.0 - first.value) / 0.03
    assert first.span_s == pytest.approx(left_s, rel=0.15)
    assert 0 < first.error_s < first.span_s
    assert not room.table.holds(Rule.FORECAST)[0], "the limit itself is crossed now"


def test_a_noisy_level_and_one_that_moves_away_foresee_nothing() -> None:
    chance = np.random.default_rng(5)
    room = Room(forecast=ForecastRule())
    assert [each for _ in range(100) for each in room.tell(35.0 + chance.normal(0, 1.0))] == []
    room = Room(forecast=ForecastRule())
    assert [each for n in range(60) for each in room.tell(38.0 - 0.3 * n)] == []


def test_missing_and_doubtful_readings_stop_no_rule_and_prove_nothing() -> None:
    room = Room(rate=RateRule(over_s=60.0, rise=10.0), stuck=StuckRule(after_s=100.0), stale=StaleRule())
    room.tell(5.0)
    assert room.tell(math.nan, quality=1) == []
    assert room.tell(90.0, quality=2) == []
    assert room.tell(16.0) == [("rate", 0, True)]


def test_a_rule_that_held_before_a_restart_can_end() -> None:
    room = Room(rate=RateRule(over_s=60.0, rise=10.0, hold_s=0.0), stale=StaleRule(hold_s=0.0))
    room.table.restore(Rule.RATE, [0])
    room.table.restore(Rule.STALE, [0])
    told = room.wait(1)
    assert ("rate", 0, False) in told
    assert ("stale", 0, False) not in told, "nothing was heard yet"
    assert ("stale", 0, False) in room.tell(5.0)


def test_the_book_of_the_product_names_kinds_that_there_are_and_calls_its_figures_the_house_s() -> None:
    rules = decode_rules((DATA / "sensor_rules.toml").read_bytes())
    assert set(rules.kinds) <= set(KINDS) and set(rules.off) <= set(KINDS)
    assert rules.source == "house figures"
    for kind in KINDS:
        held = rules.of(kind)
        assert held.stale is not None and held.range is not None, kind
        if held.forecast is not None:
            assert held.forecast.severity is Severity.BLUE and KINDS[kind].limits, kind
        if held.stuck is not None and held.stuck.rest is not None:
            assert held.stuck.rest[0] < held.stuck.rest[1], kind
    assert rules.of("manhole_tilt").stuck is None
    assert rules.of("a kind of somebody else").stale is not None


def test_an_unknown_rule_in_the_book_is_refused_by_name() -> None:
    text = (DATA / "sensor_rules.toml").read_bytes().replace(b"rise = 10.0 }", b"leap = 10.0 }", 1)
    with pytest.raises(msgspec.ValidationError, match="leap"):
        decode_rules(text)
