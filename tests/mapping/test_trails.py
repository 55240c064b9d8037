"""Where vehicles have been: bounded, thinned, found again by id, and told to a page bit by bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.mapping.frames import TrailsFrame
from controlroom.mapping.trail_feed import TrailFeed, TrailMode
from controlroom.mapping.trails import KEPT_MS, Trails

START = 1_700_000_000_000


def driven(seconds: int, vehicles: int = 2) -> Trails:
    """Every vehicle goes east, a report a second."""
    trails = Trails()
    trails.replace([f"v{i}" for i in range(vehicles)])
    for second in range(seconds):
        index = np.arange(vehicles)
        trails.add(index, 116.3 + second * 1e-4 + index * 0.01, [39.6] * vehicles, [START + 1000 * second] * vehicles)
    return trails


def test_a_trail_keeps_a_place_every_three_seconds_and_half_an_hour_of_them() -> None:
    trails = driven(10)
    assert trails.rows(which=[0]).time_ms.tolist() == [START + 1000 * s for s in (0, 3, 6, 9)]
    long = driven(2400)
    rows = long.rows(which=[1])
    assert len(rows) == KEPT_MS // 3000
    assert rows.time_ms[-1] - rows.time_ms[0] == KEPT_MS - 3000
    assert np.all(np.diff(rows.time_ms) == 3000) and np.all(np.diff(rows.x.astype(np.int64)) > 0)


def test_many_vehicles_take_no_more_memory_but_fewer_places_each() -> None:
    trails = Trails()
    trails.replace([str(i) for i in range(900)])
    few = trails.nbytes
    trails.replace([str(i) for i in range(20_000)])
    assert few < 10_000_000 and trails.nbytes < 10_000_000 and trails.step_ms > 3000


def test_a_trail_is_found_again_by_its_vehicles_id() -> None:
    trails = driven(30)
    before = trails.rows(which=[1])
    trails.replace(["new", "v1"])
    after = trails.rows(which=[1])
    assert after.x.tolist() == before.x.tolist() and after.time_ms.tolist() == before.time_ms.tolist()
    assert not len(trails.rows(which=[0]))


def test_what_makes_no_sense_leaves_no_trail() -> None:
    trails = driven(1, vehicles=1)
    nan = float("nan")
    trails.add([0, 0, 7, -1], [nan, 500, 116, 116], [39, 39, 39, 39], [START + 9000] * 4)
    trails.add([0], [116.3], [39.6], [START - 2000])
    assert len(trails.rows()) == 1
    trails.add([0], [116.4], [39.6], [START - 120_000])
    assert trails.rows().time_ms.tolist() == [START - 120_000]


def test_the_places_at_a_moment_come_with_a_heading() -> None:
    trails = driven(60)
    rows, heading = trails.at(START + 30_500, 60_000)
    assert rows.index.tolist() == [0, 1] and rows.time_ms.tolist() == [START + 30_000] * 2
    assert heading.tolist() == pytest.approx([90, 90], abs=0.5)
    assert not len(trails.at(START - 1, 60_000)[0])


def frames(feed: TrailFeed, clock_ms: int) -> list[TrailsFrame]:
    found = feed.take_frames(clock_ms)
    assert all(isinstance(frame, TrailsFrame) for frame in found)
    return found


def test_a_page_is_told_everything_once_and_then_what_is_new() -> None:
    trails = driven(30)
    feed = TrailFeed(trails)
    (whole,) = frames(feed, START + 29_000)
    assert whole.anew and len(whole.index) == 20
    assert frames(feed, START + 29_000) == []
    trails.add([1], [116.5], [39.6], [START + 40_000])
    (more,) = frames(feed, START + 40_000)
    assert not more.anew and more.index.tolist() == [1]
    feed.mark((0,))
    assert frames(feed, START + 40_000) == []
    feed.set(TrailMode.CHOSEN, 2)
    (chosen,) = frames(feed, START + 40_000)
    assert chosen.anew and set(chosen.index.tolist()) == {0}
    feed.show_until(START + 10_000)
    (past,) = frames(feed, START + 40_000)
    assert past.time_ms.max() == START + 9_000
    feed.set(TrailMode.OFF, 2)
    (none,) = frames(feed, START + 40_000)
    assert none.anew and not len(none.index)
    with pytest.raises(ValueError, match="minutes"):
        feed.set(TrailMode.ALL, 7)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-1, 4), st.floats(-200, 200), st.floats(-100, 100), st.integers(-10, 4_000_000)),
        max_size=60,
    )
)
def test_whatever_comes_trails_stay_in_order_and_in_the_world(reports: list[tuple[int, float, float, int]]) -> None:
    trails = Trails()
    trails.replace(list("abcd"))
    for start in range(0, len(reports), 7):
        index, lon, lat, time_ms = zip(*reports[start : start + 7], strict=True)
        trails.add(index, lon, lat, time_ms)
    rows = trails.rows()
    for vehicle in range(4):
        assert np.all(np.diff(rows.time_ms[rows.index == vehicle]) >= trails.step_ms)
