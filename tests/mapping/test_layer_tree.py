"""What is shown of a map, how clearly, and above what."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from controlroom.mapping.layer_tree import (
    MAX_ZOOM,
    MIN_ZOOM,
    PINNED,
    Change,
    Hidden,
    Layer,
    LayerGroup,
    LayerTree,
)

THEME = LayerGroup.THEMATIC


def layer(name: str, group: LayerGroup = THEME, **more: Any) -> Layer:
    return Layer(id=name, title=name, group=group, **more)


@pytest.fixture
def tree() -> LayerTree:
    tree = LayerTree()
    for name in ("a", "b", "c"):
        tree.register(layer(name))
    tree.register(layer("alarms", LayerGroup.ALARMS))
    tree.register(layer("sensors", LayerGroup.SENSORS))
    tree.register(layer("gas", LayerGroup.SENSORS, whole="sensors"))
    return tree


def names(tree: LayerTree) -> list[str]:
    return [one.id for one in tree.members(THEME)]


def from_the_top(tree: LayerTree) -> list[str]:
    return [drawn.id for drawn in reversed(tree.drawn())]


def test_layers_are_drawn_in_the_order_of_the_tree(tree: LayerTree) -> None:
    assert from_the_top(tree) == ["alarms", "sensors", "gas", "a", "b", "c"]
    tree.move("c", -1)
    tree.put("a", "b", after=True)
    assert names(tree) == ["c", "b", "a"]
    tree.move_group(THEME, -1)
    assert from_the_top(tree) == ["alarms", "c", "b", "a", "sensors", "gas"]


def test_nothing_comes_above_the_alarms_or_below_the_ground(tree: LayerTree) -> None:
    for _step in range(20):
        tree.move_group(THEME, -1)
    assert tree.groups[:2] == (LayerGroup.ALARMS, LayerGroup.INCIDENTS)
    assert not tree.move_group(LayerGroup.ALARMS, 1)
    assert not tree.put_group(THEME, LayerGroup.ALARMS, after=False)
    assert tree.groups[-1] is LayerGroup.BASEMAP


def test_a_layer_says_why_it_is_not_drawn(tree: LayerTree) -> None:
    tree.limit("a", 12, 14)
    assert [tree.why_hidden("a", zoom) for zoom in (11, 12, 14, 15)] == [Hidden.TOO_FAR, None, None, Hidden.TOO_NEAR]
    tree.show_group(THEME, False)
    assert tree.why_hidden("b", 12) is Hidden.GROUP_OFF
    tree.show("b", False)
    assert tree.why_hidden("b", 12) is Hidden.OFF
    tree.show_group(THEME, True)
    assert tree.why_hidden("c", 12) is None
    tree.show("sensors", False)
    assert tree.why_hidden("gas", 12) is Hidden.WHOLE_OFF
    assert not tree.draws("nobody", 12)


def test_a_part_goes_with_its_whole(tree: LayerTree) -> None:
    assert not tree.move("gas", -1)
    assert not tree.put("gas", "sensors", after=False)
    tree.show("sensors", False)
    assert [d.shown for d in tree.drawn() if d.id in ("sensors", "gas")] == [False, False]


def test_a_part_is_limited_and_faded_within_its_whole_and_moved_among_its_like(tree: LayerTree) -> None:
    tree.register(layer("rain", LayerGroup.SENSORS, whole="sensors"))
    tree.limit("sensors", 10, 16)
    tree.limit("gas", 12, 18)
    told = [tree.why_hidden("gas", zoom) for zoom in (9, 11, 13, 17)]
    assert told == [Hidden.TOO_FAR, Hidden.TOO_FAR, None, Hidden.TOO_NEAR]
    assert tree.why_hidden("rain", 11) is None
    assert tree.move("rain", -1)
    assert [one.id for one in tree.members(LayerGroup.SENSORS)] == ["sensors", "rain", "gas"]
    assert not tree.put("rain", "sensors", after=False)
    tree.fade("gas", 0.4)
    kept = json.loads(json.dumps(tree.state()))
    later = LayerTree()
    later.restore(kept)
    for name in ("gas", "rain"):
        later.register(layer(name, LayerGroup.SENSORS, whole="sensors"))
    assert (later.wish("gas").opacity, later.wish("gas").min_zoom) == (0.4, 12)
    assert [one.id for one in later.members(LayerGroup.SENSORS)] == ["rain", "gas"]


def test_what_was_wished_of_a_layer_waits_for_it(tree: LayerTree) -> None:
    tree.fade("b", 0.25)
    tree.move("c", -2)
    kept = json.loads(json.dumps(tree.state()))
    later = LayerTree()
    later.restore(kept)
    for name in ("b", "a", "c", "new"):
        later.register(layer(name))
    assert names(later) == ["c", "a", "b", "new"]
    assert later.wish("b").opacity == 0.25
    later.withdraw("b")
    later.register(layer("b"))
    assert later.wish("b").opacity == 0.25
    assert names(later) == ["c", "a", "b", "new"]


def test_news_do_not_stir_what_is_drawn(tree: LayerTree) -> None:
    heard: list[Change] = []
    tree.watch(heard.append)
    tree.tell("a", count=3)
    tree.tell("a", count=3)
    tree.tell("gone", count=3)
    assert heard == [Change.NEWS]
    assert tree.news("a").count == 3


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
fields = st.sampled_from(["groups", "off", "order", "layers", "a", "thematic"])


@given(st.dictionaries(fields, plain | st.dictionaries(fields, plain, max_size=3), max_size=4))
def test_no_remembered_form_can_break_a_tree(state: dict[str, Any]) -> None:
    tree = LayerTree()
    tree.register(layer("a"))
    tree.restore(state)
    assert sorted(tree.groups) == sorted(LayerGroup)
    assert names(tree) == ["a"]
    assert len(tree.drawn()) == 1


GROUPS = st.sampled_from(list(LayerGroup))
STEPS = st.integers(-4, 4)


class Arranging(RuleBasedStateMachine):
    """An officer and the program work on one tree in any order."""

    ids: Bundle[str] = Bundle("ids")

    def __init__(self) -> None:
        super().__init__()
        self.tree = LayerTree()
        self.there: dict[str, LayerGroup] = {}

    @rule(target=ids, number=st.integers(0, 6), group=GROUPS)
    def register(self, number: int, group: LayerGroup) -> str:
        self.tree.register(layer(str(number), group))
        self.there[str(number)] = group
        return str(number)

    @rule(name=ids)
    def withdraw(self, name: str) -> None:
        self.tree.withdraw(name)
        self.there.pop(name, None)

    @rule(name=ids, steps=STEPS)
    def move(self, name: str, steps: int) -> None:
        if name in self.there:
            self.tree.move(name, steps)

    @rule(name=ids, other=ids, after=st.booleans())
    def put(self, name: str, other: str, after: bool) -> None:
        if name in self.there and other in self.there:
            moved = self.tree.put(name, other, after=after)
            if moved:
                order = [one.id for one in self.tree.members(self.there[name])]
                assert order.index(name) - order.index(other) == (1 if after else -1)

    @rule(group=GROUPS, steps=STEPS)
    def move_group(self, group: LayerGroup, steps: int) -> None:
        self.tree.move_group(group, steps)

    @rule(group=GROUPS, shown=st.booleans())
    def show_group(self, group: LayerGroup, shown: bool) -> None:
        self.tree.show_group(group, shown)

    @rule(name=ids, shown=st.booleans(), opacity=st.floats(), low=st.integers(), high=st.integers())
    def wish(self, name: str, shown: bool, opacity: float, low: int, high: int) -> None:
        if name in self.there:
            self.tree.show(name, shown)
            self.tree.fade(name, opacity)
            self.tree.limit(name, low, high)
            wish = self.tree.wish(name)
            assert wish.shown is shown
            assert 0.0 <= wish.opacity <= 1.0
            assert MIN_ZOOM <= wish.min_zoom <= wish.max_zoom <= MAX_ZOOM

    @invariant()
    def every_layer_is_drawn_once_in_its_group(self) -> None:
        drawn = self.tree.drawn()
        assert sorted(one.id for one in drawn) == sorted(self.there)
        assert [one.rank for one in drawn] == list(range(len(drawn)))
        places = [self.tree.groups.index(self.there[one.id]) for one in drawn]
        assert places == sorted(places, reverse=True)

    @invariant()
    def pinned_groups_stay(self) -> None:
        assert sorted(self.tree.groups) == sorted(LayerGroup)
        assert (*self.tree.groups[:2], self.tree.groups[-1]) == PINNED

    @invariant()
    def what_is_remembered_makes_the_same_tree(self) -> None:
        again = LayerTree()
        again.restore(self.tree.state())
        for name, group in self.there.items():
            again.register(layer(name, group))
        assert again.drawn() == self.tree.drawn()


TestArranging = Arranging.TestCase
TestArranging.settings = settings(max_examples=30, stateful_step_count=25)
