"""The map as an officer meets it: a real web engine, real pixels, real clicks."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from controlroom.domain.severity import Severity
from controlroom.i18n import set_language
from controlroom.mapping.layers import (
    AlarmMark,
    CameraState,
    ColourClass,
    LayerPoint,
    LayerSpec,
    SensorState,
)
from tests.widgets.map_pages import GROUND, HERE, RED, click_middle, evaluate, middle, near, one_sensor, shows, web
from widgets.map_view import MapView


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


def test_places_that_are_none_are_dropped_and_counted(qtbot: QtBot, chart: MapView) -> None:
    nan = float("nan")
    chart.set_sensors(list("abc"), list("abc"), [nan, 999, HERE[0]], [39, 39, HERE[1]], [6, 6, 6])
    chart.set_vehicles(["v"], ["v"], [""])
    chart.update_positions([0], [nan], [nan], [nan], [0])
    assert chart.rejected == 3
    qtbot.waitUntil(lambda: shows(chart, RED))


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


def test_the_veil_says_since_when_no_data_comes(qtbot: QtBot, chart: MapView) -> None:
    chart.set_stale(True)
    veil = "document.querySelector('.veil').hidden"
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, veil) is False)
    assert chart.toolbar.age.property("stale") is True
    chart.set_stale(False)
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, veil) is True)


def test_the_veil_comes_a_frame_before_the_marks_of_now_go_and_waits_for_no_redraw(
    qtbot: QtBot, chart: MapView
) -> None:
    one_sensor(chart, SensorState.RED)
    qtbot.waitUntil(lambda: shows(chart, RED))
    watch = """(() => {
        const room = controlroom.room, apply = room.apply.bind(room);
        window.told = { dressed: 0, veiled: [] };
        const dress = room.ground.dress.bind(room.ground);
        room.ground.dress = (theme) => { told.dressed++; dress(theme); };
        let frames = 0;
        const count = () => { frames += room.panels.veil.hidden ? 0 : 1; requestAnimationFrame(count); };
        count();
        room.apply = (batch) => {
            const takes = batch.frames.some((one) => one.kind === "points");
            if (takes) told.veiled.push([frames, room.panels.veilText.textContent]);
            apply(batch);
        };
    })()"""
    evaluate(qtbot, chart, watch)
    chart.set_stale(True, past=True)
    chart.set_sensors([], [], [], [], [])
    qtbot.waitUntil(lambda: bool(evaluate(qtbot, chart, "told.veiled")))
    qtbot.waitUntil(lambda: not shows(chart, RED))
    ((frames, words),) = evaluate(qtbot, chart, "told.veiled")
    assert frames >= 1
    assert "The past" in words or "过去" in words
    assert evaluate(qtbot, chart, "told.dressed") == 0, "the veil alone draws no ground anew"


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


def test_the_keyboard_zooms_and_goes_home(qtbot: QtBot, chart: MapView) -> None:
    target = web(chart).view.focusProxy()
    assert target is not None
    target.setFocus()
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "document.activeElement.classList.contains('leaflet-container')"))
    qtbot.keyClick(target, Qt.Key.Key_Plus)
    qtbot.waitUntil(lambda: chart.scene.centre.zoom == 16)
    qtbot.keyClick(target, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: chart.scene.centre.zoom == 11)


def test_light_and_dark_follow_the_theme(qtbot: QtBot, chart: MapView) -> None:
    qtbot.waitUntil(lambda: shows(chart, GROUND))
    chart.set_theme(False)
    qtbot.waitUntil(lambda: shows(chart, QColor("#f8f9fa")))


def test_the_words_follow_the_language(qtbot: QtBot, chart: MapView) -> None:
    assert chart.toolbar.layers["cameras"].text() == "摄像机"
    set_language("en")
    chart.toolbar.retranslate()
    assert chart.toolbar.layers["cameras"].text() == "Cameras"
