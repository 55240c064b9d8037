"""The map as an officer meets it: a real web engine, real pixels, real clicks."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from controlroom.domain.severity import Severity
from controlroom.i18n import set_language
from controlroom.mapping.kinds import SENSOR_KIND
from controlroom.mapping.layer_tree import Layer, LayerGroup
from controlroom.mapping.layers import (
    AlarmMark,
    CameraState,
    ColourClass,
    LayerPoint,
    LayerSpec,
    MapCentre,
    SensorState,
)
from tests.ways_out import HOSTILE, WAYS_OUT, Listener
from widgets.map_engine import web_surface
from widgets.map_painted import PaintedSurface
from widgets.map_view import MapView
from widgets.map_web import MOST_LOSSES, WebSurface

HERE = (116.45, 39.62)
RED, GROUND = QColor("#d7263d"), QColor("#1d232a")


@pytest.fixture
def chart(qtbot: QtBot) -> Iterator[MapView]:
    """A map of 640x480 in the dark theme, on the screen, that looks at HERE from zoom 15."""
    view = MapView()
    view.set_theme(True)
    view.resize(640, 480)
    view.fly_to(*HERE)
    qtbot.addWidget(view)
    with qtbot.waitSignal(view.ready, timeout=20_000):
        view.show()
    yield view
    view.close()


def web(chart: MapView) -> WebSurface:
    assert isinstance(chart.surface, WebSurface)
    return chart.surface


def picture(chart: MapView) -> QImage:
    return web(chart).view.grab().toImage()


def near(a: QColor, b: QColor) -> bool:
    return max(abs(a.red() - b.red()), abs(a.green() - b.green()), abs(a.blue() - b.blue())) < 20


def middle(chart: MapView) -> QColor:
    """The colour in the middle of the map."""
    image = picture(chart)
    return image.pixelColor(image.width() // 2, image.height() // 2)


def shows(chart: MapView, colour: QColor) -> bool:
    return near(middle(chart), colour)


def evaluate(qtbot: QtBot, chart: MapView, script: str) -> Any:
    """The value of a script in the page."""
    with qtbot.waitCallback(timeout=10_000) as answered:
        web(chart).page.runJavaScript(f"JSON.stringify(({script}) ?? null)", answered)
    return json.loads(answered.args[0])


def one_sensor(chart: MapView, state: int = SensorState.NORMAL) -> None:
    chart.set_sensors(["s1"], ["井盖 1"], [HERE[0]], [HERE[1]], [state])


def click_middle(qtbot: QtBot, chart: MapView) -> None:
    target = web(chart).view.focusProxy()
    assert target is not None
    middle_at = QPoint(target.width() // 2, target.height() // 2)
    qtbot.mouseMove(target, middle_at)
    qtbot.mouseClick(target, Qt.MouseButton.LeftButton, pos=middle_at)


def test_a_state_that_is_pushed_changes_the_picture(qtbot: QtBot, chart: MapView) -> None:
    one_sensor(chart)
    qtbot.waitUntil(lambda: near(middle(chart), QColor("#8fa3b3")))
    chart.update_sensor_states([0], [SensorState.RED])
    qtbot.waitUntil(lambda: shows(chart, RED))


def test_alarms_that_come_and_go_all_night_take_no_canvas_with_them(qtbot: QtBot, chart: MapView) -> None:
    """Each would be a surface of its own in every frame, and stay in memory for a while when its alarm is gone."""
    canvases = "document.querySelectorAll('.leaflet-alarms-pane canvas').length"
    made = "document.querySelectorAll('.alarm img').length"
    places = [(severity, HERE[0] - 0.003 + 0.002 * number) for number, severity in enumerate(Severity)]
    chart.set_alarms([AlarmMark(f"a{lon}", severity, lon, HERE[1], "积水") for severity, lon in places])
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, made) == len(places))
    assert evaluate(qtbot, chart, canvases) == 0
    sides = "[...document.querySelectorAll('.alarm img')].map((one) => [one.naturalWidth, one.offsetWidth])"
    ratio = evaluate(qtbot, chart, "window.devicePixelRatio")
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, sides) == [[round(28 * ratio), 28]] * len(places))


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="tells what a process maps on Linux only")
def test_a_map_at_rest_gives_back_the_spare_copies_of_its_canvases(qtbot: QtBot, chart: MapView) -> None:
    lon, lat = np.meshgrid(HERE[0] + np.linspace(-0.01, 0.01, 40), HERE[1] + np.linspace(-0.01, 0.01, 40))
    ids, index = [f"s{i}" for i in range(lon.size)], np.arange(lon.size)
    chart.set_sensors(ids, ids, lon.ravel(), lat.ravel(), np.ones(lon.size, np.uint8))

    def tiles() -> int:
        """Blocks of the size of a tile that the page shares with what composes its picture."""
        blocks = Path(f"/proc/{web(chart).renderer_pid}/maps").read_text().splitlines()
        ends = [line.split(maxsplit=1)[0].split("-") for line in blocks if "shm" in line or ".org.chromium" in line]
        return sum(int(end, 16) - int(start, 16) == 512 * 512 * 4 for start, end in ends)

    most = 0
    for state in (SensorState.RED, SensorState.NORMAL) * 6:
        chart.update_sensor_states(index, np.full(lon.size, state))
        qtbot.waitUntil(lambda state=state: evaluate(qtbot, chart, "controlroom.room.points.get(1).state[0]") == state)
        most = max(most, tiles())
    assert most > 0
    qtbot.waitUntil(lambda: tiles() <= 0.75 * most, timeout=12_000)


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


def test_a_real_click_selects_and_marks_a_sensor(qtbot: QtBot, chart: MapView) -> None:
    one_sensor(chart, SensorState.RED)
    qtbot.waitUntil(lambda: shows(chart, RED))
    with qtbot.waitSignal(chart.object_selected, timeout=5000) as selected:
        click_middle(qtbot, chart)
    assert selected.args == ["sensor", "s1"]
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "document.querySelector('.selected span')?.textContent") == "井盖 1")


@pytest.mark.parametrize("kind", ["camera", "vehicle", "alarm", "air"])
def test_a_click_tells_what_kind_of_object_it_is(qtbot: QtBot, chart: MapView, kind: str) -> None:
    if kind == "camera":
        chart.set_cameras(["x1"], ["球机"], [HERE[0]], [HERE[1]], [CameraState.OFFLINE])
    elif kind == "vehicle":
        chart.set_vehicles(["x1"], ["救护 1"], ["ambulance"])
        chart.update_positions([0], [HERE[0]], [HERE[1]], [45.0], [1_700_000_000_000])
    elif kind == "alarm":
        chart.set_alarms([AlarmMark("x1", Severity.RED, *HERE, "燃气泄漏")])
    else:
        chart.add_layer(LayerSpec(id="air", title="空气", classes=(ColourClass("差", "#a23fa3"),)))
        chart.update_layer("air", [LayerPoint("x1", "站", *HERE, 12.0)])
    qtbot.waitUntil(lambda: not shows(chart, GROUND))
    with qtbot.waitSignal(chart.object_selected, timeout=5000) as selected:
        click_middle(qtbot, chart)
    assert selected.args == [kind, "x1"]


def test_a_click_on_the_ground_selects_nothing(qtbot: QtBot, chart: MapView) -> None:
    one_sensor(chart)
    chart.select("sensor", "s1")
    chart.fly_to(116.6, 39.7)
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "!!document.querySelector('.selected')"))
    with qtbot.assertNotEmitted(chart.object_selected):
        click_middle(qtbot, chart)
        qtbot.waitUntil(lambda: not evaluate(qtbot, chart, "!!document.querySelector('.selected')"))
    assert chart.scene.selection is None


def test_a_killed_renderer_comes_back_as_it_was(qtbot: QtBot, chart: MapView) -> None:
    one_sensor(chart, SensorState.RED)
    for name in ("air", "soil", "noise"):
        chart.add_layer(LayerSpec(id=name, title=name))
    chart.tree.move("noise", -2)
    chart.tree.fade("air", 0.5)
    chart.tree.show("soil", False)
    chart.tree.limit("noise", 12, 16)
    chart.set_alarms([AlarmMark("a", Severity.BLUE, HERE[0] + 0.004, HERE[1], "x")])
    qtbot.waitUntil(lambda: shows(chart, RED))
    centre = chart.scene.centre
    arranged = "[...controlroom.room.stack.held].map(([id, l]) => [id, l.on, l.opacity, l.rank])"
    before = evaluate(qtbot, chart, arranged)
    killed = time.monotonic()
    with (
        qtbot.waitSignal(chart.renderer_lost, timeout=10_000),
        qtbot.waitSignal(chart.ready, timeout=10_000),
    ):
        os.kill(web(chart).renderer_pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: shows(chart, RED), timeout=10_000)
    assert time.monotonic() - killed < 3.0
    assert evaluate(qtbot, chart, "[...controlroom.room.plugins.keys()]") == ["air", "soil", "noise"]
    assert evaluate(qtbot, chart, arranged) == before
    assert ["air", True, 0.5] in [row[:3] for row in before]
    assert evaluate(qtbot, chart, "document.querySelectorAll('.alarm').length") == 1
    after = chart.scene.centre
    assert after.zoom == centre.zoom
    assert (after.lon, after.lat) == pytest.approx((centre.lon, centre.lat), abs=1e-4)


def test_a_page_that_hangs_is_ended_and_comes_back(qtbot: QtBot, chart: MapView) -> None:
    with (
        qtbot.waitSignal(chart.renderer_lost, timeout=15_000),
        qtbot.waitSignal(chart.ready, timeout=20_000),
    ):
        web(chart).page.runJavaScript("for (;;) {}")


def test_a_renderer_that_keeps_dying_gives_way_to_the_painted_map(qtbot: QtBot, chart: MapView) -> None:
    one_sensor(chart)
    for loss in range(MOST_LOSSES + 1):
        with (
            qtbot.waitSignal(chart.renderer_lost, timeout=10_000),
            qtbot.waitSignal(chart.ready, timeout=10_000),
        ):
            os.kill(web(chart).renderer_pid, signal.SIGKILL)
        assert isinstance(chart.surface, PaintedSurface) == (loss == MOST_LOSSES)
    assert "崩溃" in chart.toolbar.status.text()
    with qtbot.waitSignal(chart.object_selected) as selected:
        qtbot.mouseClick(chart.surface, Qt.MouseButton.LeftButton, pos=chart.surface.rect().center())
    assert selected.args == ["sensor", "s1"]


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.close()


@pytest.mark.parametrize("with_policy", [True, False])
def test_no_way_leads_out_of_the_page(
    qtbot: QtBot,
    chart: MapView,
    listener: Listener,
    allow_log: Callable[[str, str], None],
    with_policy: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    allow_log("widgets.map_guard", "map page: ")
    surface = web(chart)
    if not with_policy:
        plain = surface._document().split(b'<meta http-equiv="Content-Security-Policy"', 1)
        bare = plain[0] + plain[1].split(b">", 1)[1]
        monkeypatch.setattr(surface.handler, "_document", lambda: bare)
        with qtbot.waitSignal(chart.ready, timeout=10_000):
            os.kill(surface.renderer_pid, signal.SIGKILL)
    pongs: list[int] = []
    surface.channel.pong_received.connect(pongs.append)
    surface.page.runJavaScript(WAYS_OUT.replace("HOST", f"127.0.0.1:{listener.port}"))
    qtbot.waitUntil(lambda: 4711 in pongs, timeout=15_000)
    assert surface.guard.blocked >= 8
    assert surface.page.url().host() == "app"
    assert listener.reached == 0


def test_hostile_names_are_shown_as_text_and_never_run(qtbot: QtBot, chart: MapView) -> None:
    one_sensor(chart, SensorState.RED)
    chart.set_sensors(["s1"], [HOSTILE], [HERE[0]], [HERE[1]], [SensorState.RED])
    chart.set_vehicles(["v"], [HOSTILE], [HOSTILE])
    chart.set_alarms([AlarmMark(HOSTILE, Severity.RED, HERE[0] + 0.002, HERE[1], HOSTILE)])
    chart.add_layer(
        LayerSpec(id=HOSTILE, title=HOSTILE, classes=(ColourClass(HOSTILE, "red;}</style>"),), unit=HOSTILE)
    )
    chart.update_layer(HOSTILE, [LayerPoint(HOSTILE, HOSTILE, HERE[0], HERE[1] + 0.002, 1.0)])
    chart.toolbar.legend.setChecked(True)
    chart.select("sensor", "s1")
    shown = "document.querySelector('.selected span')?.textContent"
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, shown) == HOSTILE)
    evaluate(qtbot, chart, "controlroom.tip.show(" + json.dumps(HOSTILE) + ", {x: 5, y: 5}) || 0")
    assert evaluate(qtbot, chart, "document.querySelector('.legend').textContent.includes('onerror')")
    assert evaluate(qtbot, chart, "[window.hit || 0, document.querySelectorAll('img[src=x]').length]") == [0, 0]
    assert web(chart).guard.blocked == 0


def test_an_inline_script_in_the_page_is_refused_by_its_policy(
    qtbot: QtBot, chart: MapView, expect_log: Callable[[str, str], Any]
) -> None:
    with expect_log("widgets.map_guard", "Content Security Policy|Executing inline"):
        script = "(() => { const s = document.createElement('script'); s.textContent = 'window.hit=1'; "
        evaluate(qtbot, chart, script + "document.body.append(s); return window.hit || 0; })()")
        assert evaluate(qtbot, chart, "window.hit || 0") == 0
        web(chart)


def test_a_batch_that_makes_no_sense_is_told_and_the_next_one_is_applied(
    qtbot: QtBot, chart: MapView, expect_log: Callable[[str, str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = web(chart)._feed
    take = feed._take
    answers = [b"junk", b"CRM1" + bytes(21), b""]
    monkeypatch.setattr(feed, "_take", lambda: answers.pop() if answers else take())
    with expect_log("widgets.map_guard", "could not apply a batch"):
        one_sensor(chart, SensorState.RED)
        qtbot.waitUntil(lambda: (feed.wake(), shows(chart, RED))[1], timeout=10_000)


def test_places_that_are_none_are_dropped_and_counted(qtbot: QtBot, chart: MapView) -> None:
    nan = float("nan")
    chart.set_sensors(list("abc"), list("abc"), [nan, 999, HERE[0]], [39, 39, HERE[1]], [6, 6, 6])
    chart.set_vehicles(["v"], ["v"], [""])
    chart.update_positions([0], [nan], [nan], [nan], [0])
    assert chart.rejected == 3
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


def test_vehicles_glide_between_two_reports_and_turn_dim_when_silent(qtbot: QtBot, chart: MapView) -> None:
    now = 1_700_000_000_000
    chart.set_vehicles(["v", "w"], ["V", "W"], ["patrol", "bus"])
    chart.update_positions([0, 1], [HERE[0]] * 2, [HERE[1], 39.7], [0, 0], [now, now])
    place = "controlroom.room.movers._place(0, performance.now())[0]"
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "controlroom.room.movers.count") == 2)
    start = evaluate(qtbot, chart, place)
    chart.update_positions([0], [HERE[0] + 0.003], [HERE[1]], [90], [now + 2000])
    end = float(chart.scene.fleet.x[0])
    seen: list[float] = []
    qtbot.waitUntil(lambda: seen.append(evaluate(qtbot, chart, place)) or seen[-1] == end, timeout=10_000)  # type: ignore[func-returns-value]
    assert len({value for value in seen if start < value < end}) >= 5
    assert chart.toolbar.age.text().endswith("22")
    chart.update_positions([0], [HERE[0]], [HERE[1]], [90], [now + 60_000])
    stale = "controlroom.room.movers.clock - controlroom.room.movers.time[1] > controlroom.room.movers.staleAfterMs"
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, stale))


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


def test_the_veil_says_since_when_no_data_comes(qtbot: QtBot, chart: MapView) -> None:
    chart.set_stale(True)
    veil = "document.querySelector('.veil').hidden"
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, veil) is False)
    assert chart.toolbar.age.property("stale") is True
    chart.set_stale(False)
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, veil) is True)


def test_layers_are_shown_and_hidden_from_the_keyboard(qtbot: QtBot, chart: MapView) -> None:
    one_sensor(chart, SensorState.RED)
    qtbot.waitUntil(lambda: shows(chart, RED))
    button = chart.toolbar.layers["sensors"]
    assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    qtbot.keyClick(button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: shows(chart, GROUND))
    qtbot.keyClick(button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: shows(chart, RED))


def test_layers_lie_in_their_order_and_as_faintly_as_wished(qtbot: QtBot, chart: MapView) -> None:
    for name, colour in (("a", "#00c000"), ("b", "#0000c0")):
        chart.add_layer(LayerSpec(id=name, title=name, classes=(ColourClass("", colour),)))
        chart.update_layer(name, [LayerPoint("x", "", *HERE)])
    qtbot.waitUntil(lambda: shows(chart, QColor("#00c000")))
    chart.tree.move("b", -1)
    qtbot.waitUntil(lambda: shows(chart, QColor("#0000c0")))
    chart.tree.fade("b", 0.5)
    qtbot.waitUntil(lambda: shows(chart, QColor("#006060")))
    chart.tree.limit("b", 8, 14)
    qtbot.waitUntil(lambda: shows(chart, QColor("#00c000")))
    with qtbot.waitSignal(chart.object_selected, timeout=5000) as selected:
        click_middle(qtbot, chart)
    assert selected.args == ["a", "x"]


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


def test_the_keyboard_zooms_and_goes_home(qtbot: QtBot, chart: MapView) -> None:
    target = web(chart).view.focusProxy()
    assert target is not None
    target.setFocus()
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "document.activeElement.classList.contains('leaflet-container')"))
    qtbot.keyClick(target, Qt.Key.Key_Plus)
    qtbot.waitUntil(lambda: chart.scene.centre.zoom == 16)
    qtbot.keyClick(target, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: chart.scene.centre.zoom == 11)


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


def test_light_and_dark_follow_the_theme(qtbot: QtBot, chart: MapView) -> None:
    qtbot.waitUntil(lambda: shows(chart, GROUND))
    chart.set_theme(False)
    qtbot.waitUntil(lambda: shows(chart, QColor("#f8f9fa")))


def test_the_words_follow_the_language(qtbot: QtBot, chart: MapView) -> None:
    assert chart.toolbar.layers["cameras"].text() == "摄像机"
    set_language("en")
    chart.toolbar.retranslate()
    assert chart.toolbar.layers["cameras"].text() == "Cameras"


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


def test_what_loading_left_over_is_given_back(qtbot: QtBot, chart: MapView) -> None:
    swept = "window.swept = 0, window.gc = () => (window.swept += 1), typeof controlroom.sweepSoon"
    assert evaluate(qtbot, chart, "typeof gc") == "function"
    assert evaluate(qtbot, chart, swept) == "function"
    one_sensor(chart)
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "window.swept") == 1, timeout=10_000)


def test_maps_open_and_close_without_a_word(qtbot: QtBot) -> None:
    for _round in range(3):
        view = MapView()
        with qtbot.waitSignal(view.ready, timeout=20_000):
            view.show()
        gone: list[bool] = []
        view.destroyed.connect(lambda _view, gone=gone: gone.append(True))
        view.close()
        view.deleteLater()
        qtbot.waitUntil(lambda gone=gone: bool(gone))


def test_without_the_pages_scripts_the_painted_map_says_why(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr("widgets.map_scheme.path", lambda *_parts: tmp_path)
    view = MapView()
    qtbot.addWidget(view)
    assert isinstance(view.surface, PaintedSurface)
    assert "脚本" in view.toolbar.status.text()


def test_without_the_web_engine_there_is_a_sentence(chart: MapView, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> None:
        raise ImportError("no QtWebEngineCore")

    monkeypatch.setattr("widgets.map_engine.importlib.import_module", missing)
    assert "网页引擎" in str(web_surface(chart.scene, chart._district, chart))


def test_a_blank_page_gives_way_to_the_painted_map(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("widgets.map_watchdog.LOOKS", 3)
    monkeypatch.setattr(WebSurface, "_sees_canary", lambda _self: False)
    view = MapView()
    qtbot.addWidget(view)
    view.show()
    qtbot.waitUntil(lambda: isinstance(view.surface, PaintedSurface), timeout=15_000)
    assert "空白" in view.toolbar.status.text()
    assert view.scene.centre == MapCentre(view.scene.centre.lon, view.scene.centre.lat, 11)
