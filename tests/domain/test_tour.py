"""Where a guard tour is: the same on every display, never at a dead camera, and never jumping."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.domain.camera import Camera, CameraHealth
from controlroom.domain.camera_group import CameraGroup
from controlroom.domain.tour import (
    Route,
    Tour,
    TourOrder,
    TourStop,
    going_on,
    paused,
    route,
    stepped,
    watchable,
    where,
)
from tests.rooms import NOON

ABC = (TourStop(camera="a"), TourStop(camera="b", dwell_s=5), TourStop(camera="c"))


def tour(**more: object) -> Tour:
    return Tour(**({"id": "t", "name": "巡", "stops": ABC, "begun_at": NOON} | more))


def at(held: Tour, after_s: float, dead: str = "") -> str:
    return where(held, route(held, {}), lambda camera: camera not in dead, NOON + timedelta(seconds=after_s)).camera


def test_each_stop_is_shown_for_its_own_time_and_the_round_begins_anew() -> None:
    assert [at(tour(), s) for s in (0, 9.9, 10, 14.9, 15, 24.9, 25)] == ["a", "a", "b", "b", "c", "c", "a"]
    back = tour(order=TourOrder.REVERSED)
    assert [at(back, s) for s in (0, 10, 15)] == ["c", "b", "a"]


def test_a_dead_camera_is_passed_over_and_the_others_come_when_they_would() -> None:
    assert [at(tour(), s, "b") for s in (0, 10, 15, 25)] == ["a", "c", "c", "a"]
    told = where(tour(), route(tour(), {}), lambda camera: camera != "b", NOON)
    assert told.skipped == ("b",) and (told.stop, told.stops, told.left_s) == (1, 3, 10)
    assert at(tour(), 10, "abc") == "b", "where none can be watched the tile says so itself"


def test_a_group_is_its_cameras_and_one_that_is_gone_is_nothing() -> None:
    held = tour(stops=(TourStop(group="g", dwell_s=4), TourStop(camera="z"), TourStop(group="gone")))
    groups = {"g": CameraGroup(id="g", cameras=("x", "y"))}
    assert route(held, groups).stops == (("x", 4), ("y", 4), ("z", 10))
    assert where(held, Route(()), lambda _camera: True, NOON).camera == ""


def test_a_mixed_round_has_every_stop_once_and_is_the_same_everywhere() -> None:
    many = tuple(TourStop(camera=f"c{k}") for k in range(12))
    held = tour(stops=many, order=TourOrder.SHUFFLED)
    rounds = [[at(held, 120 * turn + 10 * k) for k in range(12)] for turn in range(3)]
    assert all(sorted(each) == sorted(stop.camera for stop in many) for each in rounds)
    assert len({tuple(each) for each in rounds}) == 3
    assert rounds[0] == [at(msgspec.structs.replace(held), 10 * k) for k in range(12)]


def test_it_stands_while_it_is_paused_and_goes_on_from_there() -> None:
    standing = paused(tour(), "王", NOON + timedelta(seconds=12))
    assert at(standing, 500) == "b" and standing.paused_by == "王"
    again = going_on(standing, NOON + timedelta(seconds=500))
    assert at(again, 502.9) == "b" and at(again, 503) == "c"
    assert paused(standing, "李", NOON) is standing and going_on(again, NOON) is again


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(list(TourOrder)),
    st.floats(0, 400),
    st.lists(st.sampled_from([1, -1]), max_size=6),
    st.sets(st.sampled_from("abc"), max_size=2),
    st.booleans(),
)
def test_stepping_leads_to_the_beginning_of_a_living_neighbour(
    order: TourOrder, after_s: float, steps: list[int], dead: set[str], is_paused: bool
) -> None:
    now = NOON + timedelta(seconds=after_s)
    held = paused(tour(order=order), "王", now) if is_paused else tour(order=order)
    way = route(held, {})

    def living(camera: str) -> bool:
        return camera not in dead

    for step in steps:
        before = where(held, way, living, now)
        held = stepped(held, way, living, step, now)
        after = where(held, way, living, now)
        assert after.camera not in dead and after.stood_s == pytest.approx(0.0, abs=1e-3)
        assert len(dead) == 2 or order is TourOrder.SHUFFLED or after.camera != before.camera
        assert (held.paused_at is not None) is is_paused


def test_what_is_worth_a_stop_and_what_is_a_tour() -> None:
    camera = Camera(id="a", name="a", url="rtsp://h/a")
    assert watchable(camera) and not watchable(None) and not watchable(Camera(id="b", name="b"))
    assert not watchable(msgspec.structs.replace(camera, health=CameraHealth.OFFLINE))
    for bad in ({}, {"camera": "a", "group": "g"}):
        with pytest.raises(ValueError, match="camera or a group"):
            TourStop(**bad)
    with pytest.raises(ValueError, match="seen"):
        tour(must_s=11)
