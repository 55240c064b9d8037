from typing import Any

import msgspec
import numpy as np
import pytest

from controlroom.domain.severity import Severity
from controlroom.mapping.frames import (
    AllStatesFrame,
    Batch,
    CommandFrame,
    FleetFrame,
    MovesFrame,
    PointsFrame,
    StatesFrame,
)
from controlroom.mapping.layers import (
    AlarmMark,
    LayerPoint,
    LayerSpec,
    MapCentre,
    Selection,
    SensorState,
)
from controlroom.mapping.scene import MOST_ALARM_MARKS, Scene
from tests.mapping.batch_reading import decode_batch

CENTRE = MapCentre(116.4, 39.65, 11)


@pytest.fixture
def scene() -> Scene:
    return Scene(CENTRE, lambda: None)


def take(scene: Scene) -> Batch:
    data = scene.take_batch()
    assert data is not None
    return decode_batch(data)


def command(batch: Batch) -> dict[str, Any]:
    found = [frame for frame in batch.frames if isinstance(frame, CommandFrame)]
    assert len(found) == 1
    decoded: dict[str, Any] = msgspec.json.decode(found[0].body)
    return decoded


def four_sensors(scene: Scene) -> None:
    scene.replace_points("sensor", list("abcd"), list("ABCD"), [116.1, 116.2, np.nan, 500], [39, 39, 39, 39], [1] * 4)
    scene.take_batch()


def test_a_new_scene_tells_a_page_everything_and_then_nothing(scene: Scene) -> None:
    scene.invalidate()
    batch = take(scene)
    assert {"look", "texts", "layers", "kinds", "tree", "alarms", "selection"} <= command(batch).keys()
    assert sum(isinstance(frame, PointsFrame) for frame in batch.frames) == 2
    assert scene.take_batch() is None


def test_many_changes_of_one_point_go_out_once_with_the_last_state(scene: Scene) -> None:
    scene.replace_points("sensor", [str(i) for i in range(20)], [""] * 20, [116.4] * 20, [39.6] * 20, [1] * 20)
    scene.take_batch()
    for state in (3, 4, 5, 6):
        scene.set_states("sensor", [7], [state])
    (frame,) = take(scene).frames
    assert isinstance(frame, StatesFrame)
    assert (frame.index.tolist(), frame.state.tolist()) == ([7], [6])


def test_when_most_states_change_all_are_sent(scene: Scene) -> None:
    four_sensors(scene)
    scene.set_states("sensor", [0, 1, 2], [6, 5, 4])
    (frame,) = take(scene).frames
    assert isinstance(frame, AllStatesFrame)
    assert frame.state.tolist() == [6, 5, 4, 1]


def test_a_state_that_stays_the_same_is_not_sent(scene: Scene) -> None:
    four_sensors(scene)
    scene.set_states("sensor", [0], [1])
    assert scene.take_batch() is None


def test_points_without_a_place_keep_their_index_and_are_counted(scene: Scene) -> None:
    four_sensors(scene)
    assert scene.rejected == 2
    assert scene.place_of(Selection("sensor", "c")) is None
    assert scene.place_of(Selection("sensor", "b")) == pytest.approx((116.2, 39.0), abs=1e-6)


def test_unknown_indices_and_states_are_dropped_and_counted(scene: Scene) -> None:
    four_sensors(scene)
    scene.set_states("sensor", [-1, 4, 2**40, 0], [6, 6, 6, 99])
    assert scene.rejected == 2 + 3
    assert scene.sensors.state.tolist() == [SensorState.NEVER_HEARD, 1, 1, 1]


def test_columns_of_different_lengths_are_refused(scene: Scene) -> None:
    with pytest.raises(ValueError, match="columns of"):
        scene.replace_points("camera", ["a"], ["A"], [1.0, 2.0], [1.0, 2.0], [1, 1])


def test_vehicles_keep_their_places_when_others_join(scene: Scene) -> None:
    scene.replace_vehicles(["a", "b"], ["A", "B"], ["bus", "ambulance"])
    scene.move_vehicles([0, 1], [116.1, 116.2], [39.1, 39.2], [0, 90], [1000, 2000])
    scene.replace_vehicles(["c", "b", "a"], ["C", "B", "A"], ["", "ambulance", "bus"])
    batch = take(scene)
    fleet = next(frame for frame in batch.frames if isinstance(frame, FleetFrame))
    moves = next(frame for frame in batch.frames if isinstance(frame, MovesFrame))
    assert fleet.vehicle_class.tolist() == [0, 1, 0]
    assert moves.index.tolist() == [1, 2]
    assert moves.time_ms.tolist() == [2000, 1000]
    assert batch.clock_ms == 2000


def test_positions_that_cannot_be_drawn_are_dropped_and_counted(scene: Scene) -> None:
    scene.replace_vehicles(["a", "b"], ["A", "B"], ["", ""])
    scene.take_batch()
    nan = float("nan")
    scene.move_vehicles([0, 1, 7, 1], [nan, 181, 116, 116], [39, 39, 39, 39], [0, 0, 0, nan], [5, 5, 5, 5])
    assert scene.rejected == 3
    (frame,) = take(scene).frames
    assert isinstance(frame, MovesFrame)
    assert (frame.index.tolist(), frame.heading.tolist()) == ([1], [0.0])


def mark(number: int, severity: Severity = Severity.BLUE, lon: float = 116.4) -> AlarmMark:
    return AlarmMark(f"a{number}", severity, lon, 39.6, f"title {number}")


def test_the_worst_alarms_are_drawn_and_the_rest_is_counted(scene: Scene) -> None:
    scene.set_alarms([*(mark(i) for i in range(MOST_ALARM_MARKS + 4)), mark(9999, Severity.RED), mark(5, lon=400.0)])
    assert scene.alarms[0].severity is Severity.RED
    assert len(command(take(scene))["alarms"]) == MOST_ALARM_MARKS
    assert scene.undrawn_alarms == 5
    assert scene.rejected == 1


def test_a_selected_vehicle_is_followed(scene: Scene) -> None:
    scene.replace_vehicles(["v"], ["巡逻 1"], ["patrol"])
    scene.select(Selection("vehicle", "v"))
    assert command(take(scene))["selection"] is None
    scene.move_vehicles([0], [116.4], [39.6], [0], [1])
    x, _y, name = command(take(scene))["selection"]
    assert (x, name) == (int(scene.fleet.x[0]), "巡逻 1")


def test_a_departments_layer_comes_is_fed_and_goes(scene: Scene) -> None:
    scene.add_layer(LayerSpec(id="air", title="空气", unit="µg"))
    scene.update_layer("air", [LayerPoint("1", "站", 116.4, 39.6, 35.25), LayerPoint("2", "坏", 116.4, float("inf"))])
    (layer,) = command(take(scene))["layers"]
    assert layer["texts"] == ["站 35.25 µg", "坏"]
    assert scene.rejected == 1
    assert scene.name_of(Selection("air", "1")) == "站 35.25 µg"
    scene.remove_layer("air")
    assert command(take(scene))["layers"] == []
    with pytest.raises(KeyError):
        scene.update_layer("air", [])


@pytest.mark.parametrize("taken", ["sensor", "sensors", "towns", "air"])
def test_a_layer_cannot_take_a_name_that_is_taken(scene: Scene, taken: str) -> None:
    scene.add_layer(LayerSpec(id="air", title="空气"))
    with pytest.raises(ValueError, match="already"):
        scene.add_layer(LayerSpec(id=taken, title="x"))


def test_flying_outside_the_world_is_refused(scene: Scene) -> None:
    with pytest.raises(ValueError, match="no place"):
        scene.fly_to(MapCentre(float("nan"), 39.0, 15))
    assert scene.centre == CENTRE


def test_a_lost_page_is_told_everything_again(scene: Scene) -> None:
    four_sensors(scene)
    scene.set_states("sensor", [0], [6])
    scene.take_batch()
    scene.invalidate()
    points = [frame for frame in take(scene).frames if isinstance(frame, PointsFrame)]
    assert points[1].state.tolist() == [6, 1, 1, 1]


def test_every_severity_has_a_state_and_the_worst_is_the_highest() -> None:
    states = [SensorState.of(severity) for severity in Severity]
    assert states == [SensorState.RED, SensorState.ORANGE, SensorState.YELLOW, SensorState.BLUE]


def test_the_card_of_a_silent_vehicle_says_how_old_its_place_is(scene: Scene) -> None:
    scene.set_texts({"heard": "heard {age} s ago"})
    scene.replace_vehicles(["v"], ["京A1"], ["bus"])
    scene.move_vehicles([0], [116.4], [39.6], [0.0], [1_000_000])
    vehicle = Selection("vehicle", "v")
    assert scene.card_of(vehicle) == "京A1"
    scene.select(vehicle)
    scene.take_batch()
    scene.set_clock(1_042_000)
    assert scene.card_of(vehicle) == "京A1 · heard 42 s ago"
    assert command(take(scene))["selection"][2] == "京A1 · heard 42 s ago"


def test_the_areas_of_a_layer_are_counted_with_its_points() -> None:
    scene = Scene(MapCentre(116.4, 39.6, 11), lambda: None)
    collection = '{"type":"FeatureCollection","features":[{"type":"Feature"},{"type":"Feature"}]}'
    for name, geojson, count in (("density", collection, 3), ("broken", '{"features":', 1), ("odd", "[1]", 1)):
        scene.add_layer(LayerSpec(id=name, title=name, geojson=geojson))
        scene.update_layer(name, [LayerPoint("1", "", 116.4, 39.6)])
        assert scene.tree.news(name).count == count
