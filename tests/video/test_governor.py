import hypothesis.strategies as st
from hypothesis import given

from controlroom.video.governor import Claim, Grant, Rung, Strain, allotted, cost, governed, ladder, strained
from controlroom.video.load import MOST_KEYS_HZ, Depth, Load
from controlroom.video.share import Rank

MAIN = Load((0.004, 0.003, 0.003), (0.5, 24.5, 0.0), base=0.002)
SUB = Load((0.001, 0.0008, 0.0008), (0.5, 24.5, 0.0), base=0.001)
SPARING = Load((0.004, 0.003, 0.003), (0.5, 12.0, 12.5), base=0.002)

costs = st.floats(1e-5, 0.02)
rates = st.floats(0.0, 60.0)
loads = st.builds(
    Load, st.tuples(costs, costs, costs), st.tuples(st.floats(0.1, 25.0), rates, rates), st.floats(0.0, 0.01)
)


@st.composite
def wishes(draw: st.DrawFn) -> list[Claim]:
    count = draw(st.integers(0, 12))
    return [
        Claim(
            f"camera-{k}",
            draw(st.sampled_from(Rank)),
            draw(st.booleans()),
            True,
            draw(st.booleans()),
            draw(st.none() | loads),
            draw(st.none() | loads),
            draw(st.integers(0, 10)),
        )
        for k in range(count)
    ]


def total(claims: list[Claim], plan: dict[str, Rung]) -> float:
    return sum(cost(claim, plan[claim.camera]) for claim in claims)


@given(wishes(), st.floats(0.0, 8.0))
def test_the_budget_is_kept_unless_everybody_has_the_least_already(claims: list[Claim], cores: float) -> None:
    plan = allotted(claims, cores)
    least = all(plan[claim.camera] == ladder(claim)[-1] for claim in claims)
    assert least or total(claims, plan) <= cores + 1e-9


@given(wishes(), st.floats(0.0, 8.0))
def test_nothing_is_taken_from_a_rank_before_the_lower_ones_have_the_least(claims: list[Claim], cores: float) -> None:
    plan = allotted(claims, cores)
    shortened = [claim.rank for claim in claims if plan[claim.camera] != ladder(claim)[0]]
    for claim in claims:
        if shortened and claim.rank < max(shortened):
            assert plan[claim.camera] == ladder(claim)[-1]


@given(wishes(), st.floats(0.0, 8.0), st.floats(1.0, 3.0))
def test_a_larger_budget_takes_nothing_from_anybody(claims: list[Claim], cores: float, factor: float) -> None:
    small, large = allotted(claims, cores), allotted(claims, cores * factor)
    for claim in claims:
        rungs = ladder(claim)
        assert rungs.index(large[claim.camera]) <= rungs.index(small[claim.camera])


@given(wishes())
def test_everybody_gets_something_that_moves(claims: list[Claim]) -> None:
    assert set(allotted(claims, 0.0)) == {claim.camera for claim in claims}


@given(wishes(), st.floats(0.0, 4.0), st.lists(st.floats(0.0, 4.0), min_size=1, max_size=5))
def test_grants_settle_and_then_stay(claims: list[Claim], last: float, before: list[float]) -> None:
    held: dict[str, Grant] = {}
    now_s = 0.0
    for cores in before:
        held = governed(claims, cores, held, now_s)
        now_s += 0.5
    for _round in range(60):
        held = governed(claims, last, held, now_s)
        now_s += 3.0
    again = governed(claims, last, held, now_s)
    assert again == held
    least = all(held[claim.camera].rung == ladder(claim)[-1] for claim in claims)
    assert (
        least
        or total(claims, {camera: grant.rung for camera, grant in held.items()}) <= last + 1e-9
        or any(
            cost(claim, rung) > cost(claim, better)
            for claim in claims
            for better, rung in zip(ladder(claim), ladder(claim)[1:], strict=False)
        )
    ), "a sub-stream that costs more than the main one may be kept beyond the budget while it is calm"


def test_all_go_to_the_sub_stream_before_any_goes_to_key_pictures() -> None:
    claims = [Claim(str(k), Rank.ORDINARY, True, True, True, MAIN, SUB) for k in range(4)]
    full, small = MAIN.share(Depth.FULL), SUB.share(Depth.FULL)
    plan = allotted(claims, 4 * small + 0.001)
    assert set(plan.values()) == {Rung(True, Depth.FULL)}
    plan = allotted(claims, 2 * full + 2 * small + 0.001)
    assert [plan[str(k)].is_sub for k in range(4)] == [False, False, True, True], "the last tiles give way first"


def test_a_must_watch_keeps_its_full_rate_while_36_others_move() -> None:
    claims = [Claim(str(k), Rank.ORDINARY, main=MAIN) for k in range(36)]
    claims[30] = Claim("30", Rank.MUST_WATCH, main=MAIN)
    claims[20] = Claim("20", Rank.ALARM, main=MAIN)
    plan = allotted(claims, 1.6)
    assert plan["30"].depth is plan["20"].depth is Depth.FULL
    assert total(claims, plan) <= 1.6
    assert sum(rung.depth is Depth.FULL for rung in plan.values()) >= 15, "what is left is not wasted"


def test_spare_pictures_are_left_out_first_where_a_camera_sends_any() -> None:
    assert Rung(False, Depth.SPARED) in ladder(Claim("a", main=SPARING))
    assert Rung(False, Depth.SPARED) not in ladder(Claim("a", main=MAIN)), "it would save nothing"
    plan = allotted([Claim("a", main=SPARING)], 0.7 * SPARING.share(Depth.FULL))
    assert plan["a"].depth is Depth.SPARED


def test_what_is_too_much_is_taken_at_once_and_given_back_slowly() -> None:
    claims = [Claim(str(k), main=MAIN) for k in range(10)]
    full = 10 * MAIN.share(Depth.FULL)
    held = governed(claims, full / 2, {}, 0.0)
    short = [camera for camera, grant in held.items() if not grant.is_best]
    assert len(short) >= 4
    assert governed(claims, full * 2, held, 1.0) == held, "not before three seconds"
    later = governed(claims, full * 2, held, 3.5)
    assert sum(later[camera].is_best for camera in short) == 2, "two at a time"


def test_a_camera_that_becomes_must_watch_is_served_at_once() -> None:
    claims = [Claim(str(k), main=MAIN) for k in range(10)]
    held = governed(claims, 0.3, {}, 0.0)
    assert held["9"].rung.depth is Depth.KEYS
    claims[9] = Claim("9", Rank.MUST_WATCH, main=MAIN)
    assert governed(claims, 0.3, held, 0.5)["9"].rung.depth is Depth.FULL


def test_nothing_but_key_pictures_costs_at_most_two_a_second() -> None:
    motion_jpeg = Load((0.002, 0.0, 0.0), (25.0, 0.0, 0.0))
    assert motion_jpeg.share(Depth.KEYS) == 0.002 * MOST_KEYS_HZ
    assert motion_jpeg.share(Depth.FULL) == 0.05


def test_many_late_streams_lower_the_budget_and_one_does_not() -> None:
    calm = Strain()
    assert strained(calm, [9.0] + [0.0] * 9, 1.0, 1.6) == calm, "that is its network"
    once = strained(calm, [0.5] * 5 + [0.0] * 5, 1.0, 1.6)
    assert once.part == 1.0, "a hiccup"
    twice = strained(once, [0.5] * 5 + [0.0] * 5, 1.0, 1.6)
    assert twice.part < 0.6
    assert strained(twice, [0.0] * 10, 0.5, 1.6).part > twice.part


@given(st.lists(st.lists(st.floats(0.0, 20.0), max_size=8), max_size=30), st.floats(0.0, 4.0))
def test_the_budget_never_falls_to_nothing(rounds: list[list[float]], used: float) -> None:
    held = Strain()
    for late_s in rounds:
        held = strained(held, late_s, used, 1.6)
        assert 0.3 <= held.part <= 1.0
