"""What is known of a past is told apart from what is not."""

from hypothesis import given
from hypothesis import strategies as st

from controlroom.domain.past_readings import down_between

instant = st.integers(1, 60)


@given(st.lists(st.tuples(instant, st.integers(0, 20)), max_size=6), instant, st.integers(1, 40))
def test_no_hub_was_there_in_exactly_the_time_between_runs(
    begun: list[tuple[int, int]], since: int, length: int
) -> None:
    runs = [(start, start + lasted) for start, lasted in begun]
    until = since + length
    told = down_between(runs, since, until)
    for at in range(since, until):
        up = any(start <= at < end for start, end in runs)
        between = any(end <= at for _start, end in runs) and any(start > at for start, _end in runs)
        assert any(start <= at < end for start, end in told) == (between and not up)
    assert all(since <= start < end <= until for start, end in told)
