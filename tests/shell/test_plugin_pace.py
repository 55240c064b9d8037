from hypothesis import given
from hypothesis import strategies as st

from controlroom.shell.plugin_pace import BUDGET_MS, HOPELESS_MS, REST_S, SLOW_AFTER, STOPPED_AFTER, Pace, Verdict

FAST, OVER, HOPELESS = BUDGET_MS / 2000, BUDGET_MS / 500, HOPELESS_MS / 500


def slow_pace() -> Pace:
    pace = Pace()
    while not pace.slow:
        pace.spent(OVER, 0.0)
    return pace


def test_a_hiccup_is_forgiven() -> None:
    pace = Pace()
    verdicts = [pace.spent(cost, 0.0) for cost in [OVER, FAST] * 500]
    assert set(verdicts) == {Verdict.KEEP}


def test_a_slow_plugin_rests_between_calls() -> None:
    pace = slow_pace()
    assert not pace.due(REST_S - 0.01)
    assert pace.due(REST_S)


@given(st.lists(st.sampled_from([FAST, OVER, HOPELESS]), max_size=400))
def test_only_a_slow_plugin_that_freezes_the_room_in_a_row_is_stopped(costs: list[float]) -> None:
    pace = Pace()
    for at, cost in enumerate(costs):
        was_slow = pace.slow
        verdict = pace.spent(cost, float(at))
        assert pace.last_ms == cost * 1000
        if verdict is Verdict.STOPPED:
            assert was_slow and costs[at - STOPPED_AFTER + 1 : at + 1] == [HOPELESS] * STOPPED_AFTER
            return
        if verdict is Verdict.SLOWED:
            assert sum(c > FAST for c in costs[: at + 1]) >= SLOW_AFTER
        assert pace.slow is (verdict is Verdict.SLOWED or (was_slow and verdict is not Verdict.RECOVERED))
