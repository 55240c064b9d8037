"""Who moves a map: story by story, and any order of hands and changes."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from controlroom.mapping.layers import MapCentre, Selection
from controlroom.mapping.viewpoint import CLOSEST, FARTHEST, FITS, Viewpoint, ViewRule, fitted, leaves

BUS = Selection("vehicle", "bus")


def test_a_set_is_fitted_when_it_changes_and_only_then() -> None:
    point = Viewpoint()
    point.hold(ViewRule.ALARMS)
    assert point.due({"a"}) and not point.due({"a"}) and point.due({"a", "b"})
    assert not point.due(set())
    assert point.due({"a", "b"})


def test_a_hand_locks_and_a_release_fits_at_once() -> None:
    point = Viewpoint()
    point.hold(ViewRule.ALARMS)
    point.due({"a"})
    assert point.touch() and not point.touch()
    assert not point.due({"a"}) and not point.missed
    assert not point.due({"b"}) and point.missed
    assert point.release() and not point.missed and point.due({"b"})


def test_a_hand_ends_following() -> None:
    point = Viewpoint()
    point.hold(ViewRule.FOLLOW, [BUS])
    assert point.followed == BUS
    assert point.touch() and point.followed is None and not point.touch()


def test_nobody_is_neither_followed_nor_fitted_as_a_group() -> None:
    for one in (ViewRule.FOLLOW, ViewRule.GROUP, ViewRule.INCIDENT):
        with pytest.raises(ValueError, match="nobody"):
            Viewpoint().hold(one)


def test_the_state_is_plain_and_comes_back_and_nonsense_leaves_the_map_free() -> None:
    point, other = Viewpoint(), Viewpoint()
    point.hold(ViewRule.GROUP, [BUS])
    point.touch()
    assert other.restore(point.state()) and other.held == point.held
    for junk in (None, [], {"rule": "follow"}, {"rule": "away"}, {"rule": "group", "members": [3]}):
        assert not Viewpoint().restore(junk)


def test_places_are_fitted_with_a_margin_and_within_the_zoom_levels() -> None:
    centre = fitted([(116.3, 39.5), (116.5, 39.7), (500.0, 0.0)], 800, 600)
    assert centre is not None and (centre.lon, centre.lat) == pytest.approx((116.4, 39.6), abs=0.001)
    assert not leaves((116.3, 39.5), centre, 800, 600)
    closer = MapCentre(centre.lon, centre.lat, centre.zoom + 1)
    assert leaves((116.3, 39.5), closer, 800, 600)
    one = fitted([(116.3, 39.5)], 800, 600)
    assert one is not None and one.zoom == CLOSEST
    world = fitted([(-179.0, -80.0), (179.0, 80.0)], 800, 600)
    assert world is not None and world.zoom == FARTHEST
    assert fitted([], 800, 600) is None and fitted([(500.0, 0.0)], 800, 600) is None


class Hands(RuleBasedStateMachine):
    """Whatever happens, a locked or free map is never moved, and a fitted one has seen the newest set."""

    def __init__(self) -> None:
        super().__init__()
        self.point = Viewpoint()
        self.seen: frozenset[str] | None = None

    @rule(wanted=st.sampled_from(list(ViewRule)))
    def hold(self, wanted: ViewRule) -> None:
        self.point.hold(wanted, [BUS])
        self.seen = None

    @rule(members=st.frozensets(st.sampled_from("abc")))
    def change(self, members: frozenset[str]) -> None:
        moves = self.point.due(members)
        assert not (moves and (self.point.held.locked or not self.point.fits))
        if self.point.fits and not self.point.held.locked:
            assert moves == (members != self.seen and bool(members))
            self.seen = members

    @rule()
    def touch(self) -> None:
        self.point.touch()
        assert self.point.followed is None

    @rule()
    def release(self) -> None:
        if self.point.release():
            self.seen = None

    @invariant()
    def a_lock_is_that_of_a_set(self) -> None:
        assert not self.point.held.locked or self.point.held.rule in FITS
        assert not self.point.missed or self.point.held.locked


TestHands = Hands.TestCase
TestHands.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
