"""What the map's page draws again, and what it does not: real pixels of its tiles."""

import json

import numpy as np
import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from controlroom.mapping.kinds import SENSOR_KIND
from controlroom.mapping.layer_tree import Layer, LayerGroup
from controlroom.mapping.layers import (
    ColourClass,
    LayerPoint,
    LayerSpec,
    SensorState,
)
from tests.widgets.map_pages import (
    GROUND,
    HERE,
    RED,
    click_middle,
    evaluate,
    middle,
    near,
    picture,
    shows,
    web,
)
from widgets.map_view import MapView


def test_a_flight_takes_the_canvases_along_but_nothing_that_was_on_them(qtbot: QtBot, chart: MapView) -> None:
    """Tiles of the new place use those of the old one: what stood there, at the same place in its tile, is gone."""
    tile_deg = 512 * 360 / (256 * 2**15)
    there = HERE[0] + 6 * tile_deg
    beside = there + 40 * tile_deg / 512
    chart.set_sensors(["old", "new"], ["", ""], [HERE[0], beside], [HERE[1]] * 2, [SensorState.RED, SensorState.RED])
    chart.set_vehicles(["v1", "v2"], ["", ""], ["ambulance"] * 2)
    for second in range(0, 30, 3):
        lon = [HERE[0] - 3e-4 + second * 1e-5, beside]
        chart.update_positions(
            [0, 1], lon, [HERE[1] - 2e-4, HERE[1] - 1e-3], [90.0, 0.0], [1_700_000_000_000 + second * 1000] * 2
        )
    qtbot.waitUntil(lambda: shows(chart, RED))
    layers = "[...document.querySelectorAll('canvas.leaflet-tile')].filter((one) => one.width)"
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "controlroom.room.trails._filled.size") > 0)
    evaluate(qtbot, chart, f"{layers}.forEach((one) => (one.was = true))")
    chart.fly_to(there, HERE[1])

    def beside_is_red() -> bool:
        image = picture(chart)
        return near(image.pixelColor(image.width() // 2 + 40, image.height() // 2), RED)

    qtbot.waitUntil(beside_is_red)
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "controlroom.room.trails._new.size") == 0)
    assert evaluate(qtbot, chart, f"{layers}.filter((one) => one.was).length") > 4
    image = picture(chart)
    left = [
        image.pixelColor(image.width() // 2 + x, image.height() // 2 + y) for x in range(-25, 15) for y in range(-9, 25)
    ]
    assert all(near(colour, GROUND) for colour in left)
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "controlroom.spareTiles.count()") == 0)


def test_the_ground_is_copied_into_no_frame_that_does_not_change_it(qtbot: QtBot, chart: MapView) -> None:
    ground = "[...document.querySelectorAll('.leaflet-ground-pane canvas')].filter((one) => one.width)"
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, f"{ground}.length > 0") is True)
    apart = f"{ground}.every((one) => one.getContext('2d').getContextAttributes().desynchronized)"
    assert evaluate(qtbot, chart, apart) is True


def test_what_changed_beyond_the_edges_is_right_when_it_comes_into_sight(qtbot: QtBot, chart: MapView) -> None:
    """Beside the edge, in a tile that is seen in part, and far away, in one that is kept but not seen."""
    degrees = 360 / (256 * 2**15)
    near_lon, far_lon = HERE[0] + 340 * degrees, HERE[0] + 900 * degrees
    chart.set_sensors(["near", "far"], ["", ""], [near_lon, far_lon], [HERE[1]] * 2, [SensorState.NORMAL] * 2)
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "controlroom.room.points.get(1).x.length") == 2)
    pan = "controlroom.room.map.panBy([{}, 0], {{animate: false}}) && 0"

    def pan_to(lon: float) -> None:
        shift = "controlroom.room.map.latLngToContainerPoint([{}, {}]).x - controlroom.room.map.getSize().x / 2"
        evaluate(qtbot, chart, pan.format(round(evaluate(qtbot, chart, shift.format(HERE[1], lon)))))

    pan_to(far_lon)
    qtbot.waitUntil(lambda: shows(chart, QColor("#8fa3b3")))
    pan_to(HERE[0])
    chart.update_sensor_states([0, 1], [SensorState.RED, SensorState.RED])
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "controlroom.room.points.get(1).state[1]") == SensorState.RED)
    pan_to(near_lon)
    qtbot.waitUntil(lambda: shows(chart, RED))
    pan_to(far_lon)
    qtbot.waitUntil(lambda: shows(chart, RED))


def test_a_shape_of_a_million_corners_that_crosses_itself_is_drawn_and_the_map_still_moves(
    qtbot: QtBot, chart: MapView
) -> None:
    turns, rough = np.linspace(0, 2 * np.pi, 1_000_000), np.random.default_rng(1).normal(0, 2e-5, (2, 1_000_000))
    lon, lat = HERE[0] + 0.02 * np.sin(turns) + rough[0], HERE[1] + 0.01 * np.sin(2 * turns) + rough[1]
    ring = ",".join(f"[{x:.5f},{y:.5f}]" for x, y in zip(lon.tolist(), lat.tolist(), strict=True))
    shape = '{"type":"Feature","properties":{"class":0},"geometry":{"type":"Polygon","coordinates":[[' + ring + "]]}}"
    collection = '{"type":"FeatureCollection","features":[' + shape + "]}"
    chart.add_layer(
        LayerSpec(id="big", title="大", classes=(ColourClass("大", "#ff0000"),), geojson=collection, opacity=1)
    )
    drawn = "[...controlroom.room.plugins.values()][0]?.shapes._drawn.size"
    features = "[...controlroom.room.plugins.values()][0]?.shapes.sets[0].features.length"
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, features) == 1, timeout=15_000)
    assert evaluate(qtbot, chart, drawn) > 0
    moved = "(() => { const b = performance.now(); controlroom.room.map.panBy([200, 0], {animate: false}); "
    assert evaluate(qtbot, chart, moved + "return performance.now() - b; })()") < 3000
    qtbot.waitUntil(lambda: middle(chart).red() > 90 > middle(chart).green(), timeout=10_000)


def test_vehicles_are_drawn_as_often_as_they_move_by_pixels(qtbot: QtBot, chart: MapView) -> None:
    chart.set_vehicles(["v1"], ["巡查 1"], ["patrol"])
    begin_ms, lon = 1_700_000_000_000, HERE[0]
    steps = "(controlroom.room.movers.heard || [])[0] && controlroom.room.movers._pace"
    for turn, (move_deg, pace_ms) in enumerate([(0.0, 333), (1e-3, 83), (1e-5, 333)]):
        lon += move_deg
        chart.update_positions([0], [lon], [HERE[1]], [90.0], [begin_ms + turn * 1000])
        qtbot.waitUntil(lambda pace_ms=pace_ms: evaluate(qtbot, chart, steps) == pace_ms)
    qtbot.waitUntil(lambda: not near(picture(chart).pixelColor(320 + 23, picture(chart).height() // 2), GROUND))


def test_a_layer_whose_points_only_moved_is_not_dressed_anew(qtbot: QtBot, chart: MapView) -> None:
    chart.add_layer(LayerSpec(id="air", title="空气", classes=(ColourClass("差", "#a23fa3"),)))
    chart.update_layer("air", [LayerPoint("x1", "站", HERE[0] + 0.002, HERE[1])])
    layer = "controlroom.room.plugins.get('air').points"
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "controlroom.room.plugins.get('air')?.points.texts.length") == 1)
    evaluate(qtbot, chart, f"({layer}.held = {layer}._stamps) && 0")
    chart.update_layer("air", [LayerPoint("x1", "站", *HERE)])
    qtbot.waitUntil(lambda: shows(chart, QColor("#a23fa3")))
    assert evaluate(qtbot, chart, f"{layer}.held === {layer}._stamps") is True
    chart.update_layer("air", [LayerPoint("x1", "另一站", *HERE)])
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, f"{layer}.held !== {layer}._stamps") is True)


@pytest.mark.parametrize("hole", [False, True], ids=["whole", "with a hole"])
def test_an_area_whose_edges_are_out_of_sight_is_filled_and_its_hole_is_not(
    qtbot: QtBot, chart: MapView, hole: bool
) -> None:
    """The edges are several tiles away, those of the hole too."""

    def ring(reach_deg: float) -> list[list[float]]:
        (lon, lat), far = HERE, reach_deg
        corners = [(-far, -far), (far, -far), (far, far), (-far, far), (-far, -far)]
        return [[lon + x, lat + y] for x, y in corners]

    rings = [ring(0.3), ring(0.1)] if hole else [ring(0.3)]
    area = {"type": "Polygon", "coordinates": rings}
    feature = {"type": "Feature", "properties": {"class": 0}, "geometry": area}
    geojson = json.dumps({"type": "FeatureCollection", "features": [feature]})
    chart.add_layer(
        LayerSpec(id="area", title="区", classes=(ColourClass("区", "#a23fa3"),), geojson=geojson, opacity=1.0)
    )
    qtbot.waitUntil(
        lambda: evaluate(qtbot, chart, "controlroom.room.plugins.get('area')?.shapes?.sets[0].features.length") == 1
    )
    qtbot.waitUntil(lambda: shows(chart, GROUND if hole else QColor("#a23fa3")))
    if hole:
        chart.fly_to(HERE[0] + 0.2, HERE[1])
        qtbot.waitUntil(lambda: shows(chart, QColor("#a23fa3")))


def test_a_kind_of_sensors_is_hidden_without_sending_a_point_again(qtbot: QtBot, chart: MapView) -> None:
    for kind in ("gas", "water"):
        chart.tree.register(Layer(id=SENSOR_KIND + kind, title=kind, group=LayerGroup.SENSORS, whole="sensors"))
    n = 20_000
    where = np.full(n, HERE[0]), np.full(n, HERE[1])
    names, kinds = [str(i) for i in range(n)], ["gas", "water"] * (n // 2)
    chart.set_sensors(names, names, *where, [SensorState.RED, SensorState.BLUE] * (n // 2), kinds)
    qtbot.waitUntil(lambda: shows(chart, RED))
    sent: list[int] = []
    take = chart.scene.take_batch
    feed = web(chart)._feed
    feed._take = lambda: ((batch := take()) and sent.append(len(batch))) or batch  # type: ignore[func-returns-value]
    chart.tree.show(SENSOR_KIND + "gas", False)
    qtbot.waitUntil(lambda: shows(chart, QColor("#3f88c5")))
    chart.fly_to(*HERE, 11)
    hit = f"controlroom.room.points.get(1).pick(L.latLng({HERE[1]}, {HERE[0]}), 11, 10)?.count"
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, hit) == n // 2)
    assert sum(sent) < 5000


def test_below_zoom_13_many_points_are_one_count_with_the_worst_state(qtbot: QtBot, chart: MapView) -> None:
    n = 60
    chart.set_sensors([str(i) for i in range(n)], [""] * n, [HERE[0]] * n, [HERE[1]] * n, [1] * n)
    chart.fly_to(*HERE, 11)
    tile = "controlroom.room.points.get(1)"
    hit = f"{tile}.pick(L.latLng({HERE[1]}, {HERE[0]}), 11, 10)?.count"
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, hit) == n)

    def has_red() -> bool:
        image = picture(chart)
        x0, y0 = image.width() // 2, image.height() // 2
        return any(
            near(image.pixelColor(x, y), RED) for x in range(x0 - 40, x0 + 40, 2) for y in range(y0 - 45, y0 + 45, 2)
        )

    qtbot.waitUntil(lambda: not has_red())
    chart.update_sensor_states([17], [SensorState.RED])
    qtbot.waitUntil(has_red)


def test_169_000_points_hold(qtbot: QtBot, chart: MapView) -> None:
    generator = np.random.default_rng(5)
    n = 169_000
    lon, lat = generator.uniform(116.2, 116.7, n), generator.uniform(39.45, 39.85, n)
    lon[0], lat[0] = HERE
    state = np.ones(n, np.uint8)
    state[0] = SensorState.RED
    names = [f"s{i}" for i in range(n)]
    chart.set_sensors(names, names, lon, lat, state)
    qtbot.waitUntil(lambda: shows(chart, RED), timeout=10_000)
    with qtbot.waitSignal(chart.object_selected, timeout=5000) as selected:
        click_middle(qtbot, chart)
    assert selected.args == ["sensor", "s0"]
