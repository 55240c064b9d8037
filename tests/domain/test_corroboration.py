"""Worked examples of the verdict, as an officer would tell them, and what it never claims."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.domain.corroboration import Crossing, Evidence, Finding, Kind, Verdict, Witness, crossing, finding
from controlroom.domain.limits import Freshness
from controlroom.domain.movement import Movement
from controlroom.domain.sensor import Limit
from controlroom.domain.severity import Severity

LIMITS = (Limit(severity=Severity.BLUE, above=15.0), Limit(severity=Severity.ORANGE, above=40.0))
RISING = Movement(span_s=3600.0, readings=120, middle=20.0, direction=1, change=30.0, pace_per_h=45.0)
JUMPED = Movement(span_s=3600.0, readings=120, middle=2.0, jump=38.0, jump_ago_s=90.0)
QUIET = Movement(span_s=3600.0, readings=120, middle=2.0)
STUCK = Movement(span_s=3600.0, readings=120, middle=42.0, still_s=3600.0)


def says(name: str, value: float, fresh: Freshness = Freshness.LIVE, moved: Movement | None = None) -> Witness:
    return Witness(
        id=name, name=name, value=value, freshness=fresh, crossed=crossing(LIMITS, value), moved=moved, distance_m=300.0
    )


def kinds(found: Finding) -> set[Kind]:
    return {each.kind for each in found.evidence}


def piece(found: Finding, kind: Kind) -> Evidence:
    return next(each for each in found.evidence if each.kind is kind)


def test_the_worst_limit_beyond_which_a_value_is() -> None:
    assert crossing(LIMITS, 14.9) is None
    assert crossing(LIMITS, 42.0) == Crossing(LIMITS[1], True)
    low = Limit(severity=Severity.RED, below=19.5)
    assert crossing((low,), 19.5) == Crossing(low, False) and crossing((low,), 19.5).bound == 19.5
    assert crossing(LIMITS, math.nan) is None


def test_one_probe_leaps_while_four_around_it_are_dry_so_it_is_the_device() -> None:
    found = finding(says("s", 42.0, moved=JUMPED), [says(str(n), 1.0, moved=QUIET) for n in range(4)], yesterday=0.5)
    assert found.verdict is Verdict.SINGLE
    assert piece(found, Kind.OTHERS_WITHIN).count == 4
    assert piece(found, Kind.JUMPED).speaks_for is Verdict.SINGLE
    assert Kind.YESTERDAY_WITHIN in kinds(found)


def test_a_value_that_stands_still_beyond_its_limit_speaks_for_the_device() -> None:
    found = finding(says("s", 42.0, moved=STUCK), [says("a", 1.0), says("b", 2.0)])
    assert found.verdict is Verdict.SINGLE and piece(found, Kind.STILL).speaks_for is Verdict.SINGLE


def test_three_underpasses_under_water_are_a_cluster_however_it_came() -> None:
    others = [says("a", 30.0), says("b", 17.0), says("c", 3.0), says("d", 2.0)]
    for moved in (RISING, JUMPED, None):
        found = finding(says("s", 42.0, moved=moved), others)
        assert found.verdict is Verdict.CLUSTER
        assert piece(found, Kind.OTHERS_BEYOND).names == ("a", "b")


def test_where_only_one_can_be_asked_one_is_enough() -> None:
    assert finding(says("s", 42.0), [says("a", 30.0)]).verdict is Verdict.CLUSTER
    assert finding(says("s", 42.0), [says("a", 30.0), says("b", 1.0), says("c", 1.0)]).verdict is Verdict.UNKNOWN


def test_water_that_rises_at_one_place_alone_is_a_trend() -> None:
    found = finding(says("s", 42.0, moved=RISING), [says(str(n), 1.0, moved=RISING) for n in range(3)])
    assert found.verdict is Verdict.TREND
    assert piece(found, Kind.STEADY).bound == 45.0 and piece(found, Kind.OTHERS_MOVE).count == 3


def test_a_value_that_falls_back_from_beyond_is_no_trend_towards_it() -> None:
    falling = Movement(span_s=3600.0, readings=120, middle=60.0, direction=-1, change=-30.0, pace_per_h=-45.0)
    found = finding(says("s", 42.0, moved=falling), [])
    assert found.verdict is Verdict.UNKNOWN and piece(found, Kind.STEADY).speaks_for is None


def test_whoever_says_the_opposite_is_no_company() -> None:
    cold = Witness(
        id="a",
        name="a",
        value=1.0,
        freshness=Freshness.LIVE,
        crossed=Crossing(Limit(severity=Severity.RED, below=5.0), False),
    )
    assert finding(says("s", 42.0), [cold]).verdict is Verdict.UNKNOWN


def test_nothing_is_said_of_a_sensor_that_is_not_heard_or_within_its_limits() -> None:
    for fresh in (Freshness.STALE, Freshness.DOUBTFUL, Freshness.NEVER):
        assert finding(says("s", 42.0, fresh), [says("a", 30.0)]).verdict is Verdict.UNKNOWN
    found = finding(says("s", 4.0, moved=QUIET), [says("a", 30.0)])
    assert found.verdict is Verdict.NORMAL and {Kind.WITHIN, Kind.OTHERS_BEYOND} <= kinds(found)


def test_alone_without_anybody_to_ask_is_not_known() -> None:
    found = finding(says("s", 42.0, moved=JUMPED), [])
    assert found.verdict is Verdict.UNKNOWN and Kind.NOBODY in kinds(found)


def test_yesterday_is_told_beside() -> None:
    assert Kind.YESTERDAY_BEYOND in kinds(finding(says("s", 42.0), [], yesterday=41.0))


values = st.floats(-10.0, 100.0)
fresh = st.sampled_from(Freshness)
moves = st.sampled_from([None, RISING, JUMPED, QUIET, STUCK])
witnesses = st.lists(st.tuples(values, fresh, moves), max_size=8).map(
    lambda rows: [says(f"w{n}", value, state, moved) for n, (value, state, moved) in enumerate(rows)]
)
subjects = st.tuples(values, fresh, moves).map(lambda row: says("s", *row))


@settings(max_examples=200)
@given(subjects, witnesses)
def test_it_never_claims_what_it_cannot_know(subject: Witness, others: list[Witness]) -> None:
    found = finding(subject, others)
    heard = [w for w in others if w.freshness is Freshness.LIVE]
    beyond = [w for w in heard if w.crossed is not None]
    if found.verdict is Verdict.CLUSTER:
        assert beyond and subject.heard and subject.crossed is not None
    if found.verdict is Verdict.SINGLE:
        assert len(heard) >= 2 and not beyond and subject.heard
    if found.verdict is Verdict.TREND:
        assert subject.moved is RISING
    if found.verdict not in (Verdict.UNKNOWN, Verdict.NORMAL):
        assert any(each.speaks_for is found.verdict for each in found.evidence)


@settings(max_examples=100)
@given(subjects, witnesses, st.lists(values, max_size=4))
def test_stale_witnesses_change_nothing_but_that_they_are_named(subject, others, stale) -> None:
    silent = [says(f"x{n}", value, Freshness.STALE) for n, value in enumerate(stale)]
    assert finding(subject, others).verdict is finding(subject, others + silent).verdict


@settings(max_examples=100)
@given(subjects, witnesses)
def test_one_more_beyond_its_limit_never_makes_a_cluster_less(subject: Witness, others: list[Witness]) -> None:
    before = finding(subject, others).verdict
    after = finding(subject, [*others, says("more", 50.0)]).verdict
    if before is Verdict.CLUSTER:
        assert after is Verdict.CLUSTER
    assert after is not Verdict.SINGLE
