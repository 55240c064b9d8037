"""What lies inside a box or a polygon, and how a map keeps it."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.domain.severity import Severity
from controlroom.mapping.choosing import NOTHING, box, inside
from controlroom.mapping.coordinates import to_fixed
from controlroom.mapping.frames import CHOSEN_FLEET, ChosenFrame
from controlroom.mapping.layers import AlarmMark, MapCentre, SensorState
from controlroom.mapping.scene import Scene
from tests.mapping.batch_reading import decode_batch

SQUARE = box((116.3, 39.5), (116.5, 39.7))


def within(points: list[tuple[float, float]], ring: list[tuple[float, float]]) -> list[int]:
    return inside(*to_fixed([p[0] for p in points], [p[1] for p in points]), ring).tolist()


def test_a_box_and_a_polygon_hold_what_is_inside() -> None:
    points = [(116.4, 39.6), (116.2, 39.6), (116.4, 39.8), (float("nan"), 39.6), (116.31, 39.69)]
    assert within(points, list(SQUARE)) == [0, 4]
    triangle = [(116.3, 39.5), (116.5, 39.5), (116.4, 39.7)]
    assert within(points, triangle) == [0]


def test_a_polygon_that_crosses_itself_holds_its_lobes_and_not_what_it_winds_round_twice() -> None:
    bow = [(116.3, 39.5), (116.5, 39.7), (116.5, 39.5), (116.3, 39.7)]
    assert within([(116.32, 39.6), (116.48, 39.6), (116.4, 39.68)], bow) == [0, 1]
    twice = [*SQUARE, *SQUARE]
    assert within([(116.4, 39.6)], twice) == []


@pytest.mark.parametrize("ring", [[], [(1.0, 1.0)] * 2, [(1.0, 1.0)] * 501, [(1.0, 1.0), (2.0, 1.0), (500.0, 2.0)]])
def test_what_is_no_polygon_is_refused(ring: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match=r"polygon|world"):
        within([(1.0, 1.0)], ring)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(116, 117), st.floats(39, 40)), min_size=3, max_size=12))
def test_any_ring_holds_no_more_than_its_box(ring: list[tuple[float, float]]) -> None:
    points = [(116 + i / 15, 39 + j / 15) for i in range(16) for j in range(16)]
    held = set(within(points, ring))
    west, east = min(p[0] for p in ring), max(p[0] for p in ring)
    assert all(west - 1e-6 <= points[k][0] <= east + 1e-6 for k in held)


@pytest.fixture
def scene() -> Scene:
    scene = Scene(MapCentre(116.4, 39.6, 12), lambda: None)
    lon, lat = [116.4, 116.41, 116.42, 117.4], [39.6] * 4
    scene.replace_points("sensor", list("abcd"), list("ABCD"), lon, lat, [1, SensorState.RED, 2, 1], list("xxyx"))
    scene.replace_points("camera", ["k"], ["K"], [116.4], [39.61], [1])
    scene.replace_vehicles(["v"], ["V"], ["bus"])
    scene.move_vehicles([0], [116.4], [39.6], [0.0], [1])
    scene.set_alarms([AlarmMark("z", Severity.BLUE, 116.4, 39.6, "t")])
    return scene


def chosen(scene: Scene) -> dict[str, tuple[str, ...]]:
    return {group.kind: group.ids for group in scene.inside(SQUARE).groups}


def test_only_what_is_shown_is_chosen_the_worst_first(scene: Scene) -> None:
    assert chosen(scene) == {"alarm": ("z",), "camera": ("k",), "sensor": ("b", "c", "a"), "vehicle": ("v",)}
    scene.set_visible("cameras", False)
    scene.set_visible("alarms", False)
    assert chosen(scene) == {"sensor": ("b", "c", "a"), "vehicle": ("v",)}


def test_the_page_is_told_what_is_chosen_also_after_the_columns_changed(scene: Scene) -> None:
    scene.choose(scene.inside(SQUARE))

    def told() -> dict[int, list[int]]:
        data = scene.take_batch()
        assert data is not None
        return {f.layer: f.index.tolist() for f in decode_batch(data).frames if isinstance(f, ChosenFrame)}

    assert told() == {0: [0], 1: [1, 2, 0], CHOSEN_FLEET: [0]}
    scene.replace_points("sensor", ["c", "n", "b"], ["", "", ""], [116.4] * 3, [39.6] * 3, [1] * 3)
    assert told()[1] == [2, 0]
    scene.choose(NOTHING)
    assert told() == {0: [], 1: [], CHOSEN_FLEET: []}


def test_one_object_joins_and_leaves(scene: Scene) -> None:
    scene.choose(scene.with_toggled("sensor", "a"))
    scene.choose(scene.with_toggled("camera", "k"))
    scene.choose(scene.with_toggled("sensor", "nobody"))
    assert {g.kind: g.ids for g in scene.chosen.choice.groups} == {"sensor": ("a",), "camera": ("k",)}
    scene.choose(scene.with_toggled("sensor", "a"))
    assert {g.kind: g.ids for g in scene.chosen.choice.groups} == {"camera": ("k",)}


def test_169_000_points_are_chosen_faster_than_a_hand_notices() -> None:
    generator = np.random.default_rng(1)
    scene = Scene(MapCentre(116.4, 39.6, 12), lambda: None)
    for kind, n in (("sensor", 130_000), ("camera", 39_000)):
        ids = [f"{kind}{i}" for i in range(n)]
        scene.replace_points(
            kind, ids, ids, generator.uniform(116.3, 116.5, n), generator.uniform(39.5, 39.7, n), [1] * n
        )
    ring = [(116.4 + 0.2 * np.cos(turn), 39.6 + 0.2 * np.sin(turn)) for turn in np.linspace(0, 6.2, 40)]
    took = []
    for _round in range(3):
        start = time.perf_counter()
        found = scene.inside(ring)
        scene.choose(found)
        took.append(time.perf_counter() - start)
    assert found.count > 168_000
    # A house figure with room for a busy machine; the bench tells the real one.
    assert min(took) < 0.5
