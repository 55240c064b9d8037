import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from controlroom.domain.limits import Freshness, LimitTable
from controlroom.domain.readings import Latest
from controlroom.domain.sensor import Limit, Sensor
from controlroom.domain.severity import Severity

FLOOD = (
    Limit(severity=Severity.BLUE, above=15.0),
    Limit(severity=Severity.YELLOW, above=27.0),
    Limit(severity=Severity.ORANGE, above=40.0),
    Limit(severity=Severity.RED, above=60.0),
)


def sensor(number: int = 0, **fields) -> Sensor:
    return Sensor(id=f"s{number}", name=f"点{number}", kind="flood_depth", **fields)


class Point:
    """One flood gauge and its table."""

    def __init__(self, **fields) -> None:
        self.table = LimitTable.from_sensors([sensor(limits=FLOOD, deadband=2.0, **fields)], [0])
        self.latest = Latest(1)
        self.now_ms = 1_000_000

    def tell(self, value: float, quality: int = 0, age_ms: int = 0) -> list[tuple[Severity | None, float]]:
        self.now_ms += 1000
        self.latest.apply(
            np.array([0], np.uint32),
            np.array([value], np.float32),
            np.array([self.now_ms - age_ms], np.int64),
            np.array([quality], np.uint8),
        )
        return [(t.severity, t.limit) for t in self.table.evaluate(self.latest, self.now_ms)]


def test_a_limit_is_crossed_at_its_threshold_and_told_once() -> None:
    point = Point()
    assert point.tell(14.9) == []
    assert point.tell(15.0) == [(Severity.BLUE, 15.0)]
    assert point.tell(16.0) == []


def test_rising_water_becomes_worse_and_tells_the_worst_limit_it_crossed() -> None:
    point = Point()
    assert point.tell(61.0) == [(Severity.RED, 60.0)]
    assert point.tell(45.0) == [(Severity.ORANGE, 40.0)]


def test_a_limit_is_left_only_the_deadband_below_its_threshold() -> None:
    point = Point()
    point.tell(15.5)
    assert point.tell(13.1) == []
    assert point.tell(13.0) == [(None, 15.0)]
    assert point.tell(14.9) == []


def test_a_missing_infinite_doubtful_or_stale_value_neither_raises_nor_clears() -> None:
    point = Point(stale_after_s=60.0)
    for value, quality, age_ms in ((math.nan, 0, 0), (math.inf, 0, 0), (70.0, 1, 0), (70.0, 0, 500)):
        point.now_ms += 61_000 if age_ms else 0
        told = point.tell(value, quality, age_ms)
        assert told == ([(Severity.RED, 60.0)] if age_ms else [])
    for value, quality in ((math.nan, 0), (-math.inf, 0), (0.0, 1)):
        assert point.tell(value, quality) == []
    point.now_ms += 200_000
    assert point.table.evaluate(point.latest, point.now_ms) == []


def test_an_old_value_that_is_told_late_does_not_raise() -> None:
    point = Point(stale_after_s=60.0)
    assert point.tell(70.0, age_ms=60_001) == []


def test_a_value_just_at_a_decimal_limit_counts_as_reaching_it() -> None:
    table = LimitTable.from_sensors([sensor(limits=(Limit(severity=Severity.ORANGE, below=0.1),))], [0])
    latest = Latest(1)
    latest.apply(np.array([0]), np.array([0.1], np.float32), np.array([5]), np.array([0], np.uint8))
    (told,) = table.evaluate(latest, 5)
    assert (told.severity, told.above, told.previous) == (Severity.ORANGE, False, None)


def test_a_sensor_that_swings_from_too_high_to_too_low_tells_the_other_side() -> None:
    oxygen = (Limit(severity=Severity.ORANGE, above=23.5, below=19.5),)
    table, latest = LimitTable.from_sensors([sensor(limits=oxygen)], [0]), Latest(1)
    told = []
    for time_ms, value in enumerate((24.0, 19.0, 21.0), 1):
        latest.apply(np.array([0]), np.array([value], np.float32), np.array([time_ms]), np.array([0], np.uint8))
        told += [(t.severity, t.above, t.limit) for t in table.evaluate(latest, time_ms)]
    assert told == [(Severity.ORANGE, True, 23.5), (Severity.ORANGE, False, 19.5), (None, False, 19.5)]


def test_after_a_restart_a_known_alarm_is_not_told_again_and_a_gone_one_is_cleared() -> None:
    point = Point()
    point.table.restore({0: Severity.YELLOW, 7: Severity.RED})
    assert point.table.level.tolist() == [3]
    assert point.tell(30.0) == []
    point = Point()
    point.table.restore({0: Severity.YELLOW})
    assert point.tell(3.0) == [(None, 27.0)]


def test_a_changed_declaration_keeps_what_is_crossed_and_an_abolished_limit_clears() -> None:
    point = Point()
    point.tell(28.0)
    higher = tuple(Limit(severity=limit.severity, above=limit.above + 0.5) for limit in FLOOD if limit.above)
    point.table.declare([sensor(limits=higher, deadband=2.0)], [0])
    assert point.tell(27.0) == []
    point.table.declare([sensor()], [0])
    assert point.tell(27.0) == [(None, 27.0)]


def test_sensors_may_join_with_more_limits_than_there_were() -> None:
    table, latest = LimitTable.from_sensors([sensor(0)], [0]), Latest(3000)
    table.declare([sensor(2999, limits=FLOOD)], [2999])
    latest.apply(np.array([2999]), np.array([50.0], np.float32), np.array([9]), np.array([0], np.uint8))
    (told,) = table.evaluate(latest, 9, only=np.array([2999, 2_000_000]))
    assert (told.index, told.severity, told.value, told.time_ms) == (2999, Severity.ORANGE, 50.0, 9)
    assert table.level[2999] == 2


thresholds = st.integers(-5, 5).map(float)
limit = st.builds(
    Limit,
    severity=st.sampled_from(Severity),
    above=st.none() | thresholds,
    below=st.none() | thresholds,
)
fleet = st.lists(
    st.tuples(st.lists(limit, max_size=4), st.sampled_from([0.0, 1.0, 2.0]), st.sampled_from([2.0, 1000.0])),
    min_size=1,
    max_size=4,
)
step = st.tuples(
    st.integers(0, 3),
    st.integers(-8, 8).map(float) | st.just(math.nan) | st.just(math.inf),
    st.integers(0, 1),
    st.integers(0, 3000),
)


class Reference:
    """One sensor judged value by value, as one would write it down."""

    def __init__(self, declared: Sensor) -> None:
        self.declared = declared
        self.crossed: set[tuple[int, int, float]] = set()
        self.told = 0

    def judge(self, value: float, quality: int, age_ms: int) -> bool:
        if math.isfinite(value) and quality == 0 and age_ms <= self.declared.stale_after_s * 1000:
            for each in self.declared.limits:
                for side, at in ((1, each.above), (-1, each.below)):
                    if at is None:
                        continue
                    name = (int(each.severity), side, at)
                    over = (value - at) * side
                    if over >= 0:
                        self.crossed.add(name)
                    elif over <= -self.declared.deadband:
                        self.crossed.discard(name)
        worst = min((name[0] for name in self.crossed), default=0)
        changed = worst != self.told
        self.told = worst
        return changed


@given(fleet, st.lists(step, max_size=30), st.booleans())
def test_judging_columns_equals_judging_each_sensor_by_itself(rows, steps, only_changed: bool) -> None:
    sensors = [
        sensor(n, limits=tuple(limits), deadband=deadband, stale_after_s=stale)
        for n, (limits, deadband, stale) in enumerate(rows)
    ]
    table, latest = LimitTable.from_sensors(sensors, range(len(sensors))), Latest(len(sensors))
    references = [Reference(each) for each in sensors]
    now_ms = 10_000
    for index, value, quality, pause_ms in steps:
        index %= len(sensors)
        changed = latest.apply(
            np.array([index]), np.array([value], np.float32), np.array([now_ms]), np.array([quality], np.uint8)
        )
        told = table.evaluate(latest, now_ms, only=changed if only_changed else None)
        moved = references[index].judge(value, quality, 0)
        levels = [t.severity or 0 for t in told if (t.severity or 0) != (t.previous or 0)]
        assert levels == ([references[index].told] if moved else [])
        assert all(t.index == index for t in told)
        assert table.level.tolist() == [reference.told for reference in references]
        now_ms += pause_ms


def test_freshness_tells_live_doubtful_stale_and_never_heard_apart() -> None:
    table = LimitTable.from_sensors([sensor(n, stale_after_s=60.0) for n in range(6)], range(6))
    latest = Latest()
    latest.apply(
        np.arange(5),
        np.array([1.0, np.nan, 1.0, 1.0, np.nan], np.float32),
        np.array([100_000, 100_000, 100_000, 39_999, 1_000]),
        np.array([0, 0, 3, 0, 0], np.uint8),
    )
    F = Freshness
    assert table.freshness(latest, 100_000).tolist() == [F.LIVE, F.DOUBTFUL, F.DOUBTFUL, F.STALE, F.STALE, F.NEVER]
