"""Hands on the real map page: boxes, polygons, following, locks, trails, menus, and what survives a lost renderer."""

import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from controlroom.domain.severity import Severity
from controlroom.mapping.layers import AlarmMark, CameraState, IncidentMark, Selection, SensorState
from controlroom.mapping.trail_feed import TrailMode
from controlroom.mapping.viewpoint import ViewRule
from widgets.map_view import MapView
from widgets.map_web import WebSurface

HERE = (116.45, 39.62)
NOW = 1_700_000_000_000
SHIFT, NONE = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def chart(qtbot: QtBot) -> Iterator[MapView]:
    """A map on the screen that looks at HERE from zoom 15."""
    view = MapView()
    view.set_theme(True)
    view.resize(700, 560)
    view.fly_to(*HERE)
    qtbot.addWidget(view)
    with qtbot.waitSignal(view.ready, timeout=20_000):
        view.show()
    view.activateWindow()
    yield view
    view.close()


def web(chart: MapView) -> WebSurface:
    assert isinstance(chart.surface, WebSurface)
    return chart.surface


def page(chart: MapView) -> QWidget:
    target = web(chart).view.focusProxy()
    assert target is not None
    return target


def evaluate(qtbot: QtBot, chart: MapView, script: str) -> Any:
    with qtbot.waitCallback(timeout=10_000) as answered:
        web(chart).page.runJavaScript(f"JSON.stringify(({script}) ?? null)", answered)
    return json.loads(answered.args[0])


def middle(chart: MapView) -> QPoint:
    return page(chart).rect().center()


def drag(chart: MapView, one: QPoint, other: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
    target = page(chart)
    QTest.mousePress(target, LEFT, keys, one)
    for step in (1, 2, 3):
        QTest.mouseMove(target, one + (other - one) * step / 3)
    QTest.mouseRelease(target, LEFT, keys, other)


def three_kinds(chart: MapView) -> None:
    lon = [HERE[0] - 0.002, HERE[0], HERE[0] + 0.002, HERE[0] + 0.2]
    lat = [HERE[1]] * 4
    chart.set_sensors(list("abcd"), list("ABCD"), lon, lat, [1, SensorState.RED, 1, 1])
    chart.set_cameras(["k"], ["K"], [HERE[0]], [HERE[1] + 0.001], [CameraState.OFFLINE])
    chart.set_vehicles(["v"], ["京A1"], ["patrol"])
    chart.update_positions([0], [HERE[0]], [HERE[1] - 0.001], [0.0], [NOW])
    chart.set_alarms([AlarmMark("x", Severity.RED, HERE[0] + 0.001, HERE[1], "燃气泄漏")])


def groups(chart: MapView) -> dict[str, tuple[str, ...]]:
    return {group.kind: group.ids for group in chart.choosing.choice.groups}


def test_shift_and_a_drag_choose_what_is_in_the_box_and_mark_it(qtbot: QtBot, chart: MapView) -> None:
    three_kinds(chart)
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "controlroom.room.movers.count") == 1)
    with qtbot.waitSignal(chart.choosing.changed, timeout=5000):
        drag(chart, middle(chart) - QPoint(120, 100), middle(chart) + QPoint(120, 100), SHIFT)
    assert groups(chart) == {"alarm": ("x",), "camera": ("k",), "sensor": ("b", "a", "c"), "vehicle": ("v",)}
    assert chart.scene.selection is None
    marked = "[[...(controlroom.room.points.get(1).chosen || [])], [...controlroom.room.movers.chosen]]"
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, marked) == [[1, 1, 1, 0], [0]])
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "document.querySelectorAll('.alarm.chosen').length") == 1)
    assert evaluate(qtbot, chart, "document.querySelectorAll('path.chosen-area').length") == 1
    with qtbot.waitSignal(chart.choosing.changed, timeout=5000):
        QTest.keyClick(page(chart), Qt.Key.Key_Escape)
    assert groups(chart) == {}
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "document.querySelectorAll('path.chosen-area').length") == 0)


def test_a_polygon_is_drawn_by_clicks_and_by_keys(qtbot: QtBot, chart: MapView) -> None:
    three_kinds(chart)
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "controlroom.room.movers.count") == 1)
    chart.draw_polygon()
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "Array.isArray(controlroom.room.chooser.corners)"))
    assert "双击" in chart.toolbar.status.text()
    for at in (QPoint(-60, -60), QPoint(60, -60), QPoint(0, 90)):
        QTest.mouseClick(page(chart), LEFT, NONE, middle(chart) + at)
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "controlroom.room.chooser.corners.length") == 3)
    assert chart.scene.selection is None
    with qtbot.waitSignal(chart.choosing.changed, timeout=5000):
        QTest.keyClick(page(chart), Qt.Key.Key_Return)
    assert groups(chart)["sensor"] == ("b",) and chart.toolbar.status.text() == ""
    chart.draw_polygon()
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "Array.isArray(controlroom.room.chooser.corners)"))
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Backspace, Qt.Key.Key_Space):
        QTest.keyClick(page(chart), key)
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "controlroom.room.chooser.corners.length") == 1)
    with qtbot.assertNotEmitted(chart.choosing.changed), qtbot.waitSignal(chart.surface.area_chosen, timeout=5000):
        QTest.keyClick(page(chart), Qt.Key.Key_Escape)


def test_ctrl_and_a_click_add_one_object_and_take_it_back(qtbot: QtBot, chart: MapView) -> None:
    three_kinds(chart)
    chart.set_alarms([])
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "controlroom.room.points.get(1).x.length") == 4)
    control = Qt.KeyboardModifier.ControlModifier
    for expected in ({"sensor": ("b",)}, {}):
        with qtbot.waitSignal(chart.choosing.changed, timeout=5000):
            QTest.mouseClick(page(chart), LEFT, control, middle(chart))
        assert groups(chart) == expected


def test_a_followed_vehicle_stays_in_the_middle_until_a_hand_drags_the_map(qtbot: QtBot, chart: MapView) -> None:
    three_kinds(chart)
    chart.select("vehicle", "v")
    QTest.keyClick(page(chart), Qt.Key.Key_F)
    qtbot.waitUntil(lambda: chart.hold.viewpoint.followed == Selection("vehicle", "v"))
    there = (HERE[0] + 0.01, HERE[1] + 0.005)
    chart.update_positions([0], [there[0]], [there[1]], [45.0], [NOW + 1000])
    assert (chart.scene.centre.lon, chart.scene.centre.lat) == pytest.approx(there, abs=1e-6)
    qtbot.waitUntil(lambda: abs(evaluate(qtbot, chart, "controlroom.room.map.getCenter().lng") - there[0]) < 1e-4)
    assert chart.badge.isVisible() and "京A1" in chart.badge.words.text()
    drag(chart, middle(chart), middle(chart) + QPoint(90, 0))
    qtbot.waitUntil(lambda: chart.hold.viewpoint.followed is None)
    assert not chart.badge.isVisible()
    held = chart.scene.centre
    chart.update_positions([0], [HERE[0]], [HERE[1]], [45.0], [NOW + 2000])
    assert chart.scene.centre == held


def test_a_fitted_set_moves_the_map_only_when_it_changes_and_a_hand_locks_it(qtbot: QtBot, chart: MapView) -> None:
    marks = [AlarmMark("a", Severity.RED, 116.3, 39.5, "甲"), AlarmMark("b", Severity.BLUE, 116.5, 39.7, "乙")]
    chart.set_alarms(marks)
    chart.hold.fit(ViewRule.ALARMS)
    fitted = chart.scene.centre
    assert (fitted.lon, fitted.lat) == pytest.approx((116.4, 39.6), abs=0.01)
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "controlroom.room.map.getZoom()") == fitted.zoom)
    chart.set_alarms([*marks[:1], AlarmMark("b", Severity.BLUE, 116.5, 39.7, "乙", waiting=False)])
    assert chart.scene.centre == fitted
    drag(chart, middle(chart), middle(chart) + QPoint(90, 0))
    qtbot.waitUntil(lambda: chart.hold.viewpoint.held.locked)
    assert chart.badge.property("locked") is True and chart.badge.lock.isVisible()
    qtbot.waitUntil(lambda: chart.scene.centre != fitted)
    held = chart.scene.centre
    chart.set_alarms(marks[:1])
    assert chart.scene.centre == held and chart.hold.viewpoint.missed
    qtbot.mouseClick(chart.badge.lock, LEFT)
    assert (chart.scene.centre.lon, chart.scene.centre.lat) == pytest.approx((116.3, 39.5), abs=1e-6)


def trail_rows(qtbot: QtBot, chart: MapView) -> int:
    return int(evaluate(qtbot, chart, "[...controlroom.room.trails.held.values()].reduce((n, t) => n + t.x.length, 0)"))


def drive(chart: MapView, minutes: int) -> None:
    """A vehicle on its way from the west to the middle of the map, a report every three seconds."""
    chart.set_vehicles(["v", "w"], ["京A1", "京B2"], ["patrol", "bus"])
    steps = minutes * 20
    for step in range(steps + 1):
        lon = HERE[0] - 0.008 * (steps - step) / steps
        chart.update_positions([0, 1], [lon] * 2, [HERE[1], HERE[1] + 0.004], [90.0] * 2, [NOW + 3000 * step] * 2)


def test_trails_show_where_vehicles_were_as_long_as_was_chosen(qtbot: QtBot, chart: MapView) -> None:
    drive(chart, 8)
    # The page's clock goes on, so that the oldest rows go meanwhile.
    qtbot.waitUntil(lambda: 2 * 97 <= trail_rows(qtbot, chart) <= 2 * 101)
    chart.set_trails(TrailMode.ALL, 2)
    qtbot.waitUntil(lambda: 2 * 37 <= trail_rows(qtbot, chart) <= 2 * 41)
    chart.select("vehicle", "v")
    chart.set_trails(TrailMode.CHOSEN, 10)
    qtbot.waitUntil(lambda: trail_rows(qtbot, chart) == 161)

    def painted() -> bool:
        image = web(chart).view.grab().toImage()
        at = image.pixelColor(image.width() // 2 - 60, image.height() // 2)
        return abs(at.red() - 0x62) < 40 and abs(at.green() - 0xD0) < 40

    qtbot.waitUntil(painted)
    times = "controlroom.room.trails._times([...controlroom.room.trails.held.values()][0], 1).length"
    assert evaluate(qtbot, chart, times) == 4
    QTest.keyClick(page(chart), Qt.Key.Key_T)
    qtbot.waitUntil(lambda: trail_rows(qtbot, chart) == 0 and chart.trail_mode is TrailMode.OFF)


def test_a_killed_renderer_keeps_view_follow_choice_and_trails(qtbot: QtBot, chart: MapView) -> None:
    three_kinds(chart)
    drive(chart, 4)
    chart.hold.follow("vehicle", "v")
    chart.choose_shown()
    qtbot.waitUntil(lambda: trail_rows(qtbot, chart) == 2 * 81)
    before, chosen = chart.scene.centre, groups(chart)
    with qtbot.waitSignal(chart.renderer_lost, timeout=10_000), qtbot.waitSignal(chart.ready, timeout=10_000):
        os.kill(web(chart).renderer_pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: trail_rows(qtbot, chart) == 2 * 81)
    assert chart.hold.viewpoint.followed == Selection("vehicle", "v")
    assert chart.scene.centre.zoom == before.zoom
    assert (chart.scene.centre.lon, chart.scene.centre.lat) == pytest.approx((before.lon, before.lat), abs=1e-4)
    assert groups(chart) == chosen
    assert evaluate(qtbot, chart, "[...controlroom.room.points.get(1).chosen]") == [1, 1, 1, 0]
    assert evaluate(qtbot, chart, "[...controlroom.room.movers.chosen]") == [0, 1]


def test_the_menu_opens_by_key_and_by_the_right_button_with_what_stands_there(qtbot: QtBot, chart: MapView) -> None:
    three_kinds(chart)
    chart.set_alarms([])
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "controlroom.room.points.get(1).x.length") == 4)
    asked: list[tuple[float, float, str, str]] = []

    def fill(menu: QMenu, lon: float, lat: float, kind: str, identity: str) -> None:
        asked.append((lon, lat, kind, identity))

    chart.menu_filled.connect(fill)
    chart.select("sensor", "b")
    for key, keys in ((Qt.Key.Key_Menu, NONE), (Qt.Key.Key_F10, SHIFT)):
        QTest.keyClick(page(chart), key, keys)
        qtbot.waitUntil(lambda: chart.findChild(QMenu, "placeMenu") is not None)
        menu = chart.findChild(QMenu, "placeMenu")
        assert menu is not None
        menu.close()
        qtbot.waitUntil(lambda: chart.findChild(QMenu, "placeMenu") is None)
    QTest.mouseClick(page(chart), Qt.MouseButton.RightButton, NONE, middle(chart))
    qtbot.waitUntil(lambda: len(asked) == 3, timeout=5000)
    assert [one[2:] for one in asked] == [("sensor", "b")] * 3
    for lon, lat, _kind, _identity in asked:
        assert (lon, lat) == pytest.approx(HERE, abs=2e-4)


def test_alarms_in_one_place_are_one_mark_of_the_worst_with_a_count(qtbot: QtBot, chart: MapView) -> None:
    near = [AlarmMark(f"n{i}", Severity.BLUE, HERE[0] + i * 1e-6, HERE[1], "轻") for i in range(4)]
    chart.set_alarms(
        [
            *near,
            AlarmMark("worst", Severity.RED, *HERE, "重"),
            AlarmMark("far", Severity.BLUE, HERE[0] + 0.004, HERE[1], "远"),
        ]
    )
    count = "m.querySelector('i')?.textContent || 1"
    told = f"(m) => m.className.match(/severity-./)[0] + ' ' + ({count})"
    marks = f"[...document.querySelectorAll('.alarm')].map({told}).sort()"
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, marks) == ["severity-1 5", "severity-4 1"])
    with qtbot.waitSignal(chart.choosing.changed, timeout=5000):
        QTest.mouseClick(page(chart), LEFT, NONE, middle(chart))
    assert set(groups(chart)["alarm"]) == {"worst", "n0", "n1", "n2", "n3"}
    chart.fly_to(*HERE, 10)
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, marks) == ["severity-1 6"])


def test_a_cell_of_cameras_shows_its_worst_by_colour_and_shape(qtbot: QtBot, chart: MapView) -> None:
    n = 40
    states = np.full(n, CameraState.ONLINE)
    chart.set_cameras([str(i) for i in range(n)], [""] * n, [HERE[0]] * n, [HERE[1]] * n, states)
    chart.fly_to(*HERE, 11)

    def has(colour: str) -> bool:
        image = web(chart).view.grab().toImage()
        wanted = QColor(colour)
        x0, y0 = image.width() // 2, image.height() // 2
        return any(
            max(abs(p.red() - wanted.red()), abs(p.green() - wanted.green()), abs(p.blue() - wanted.blue())) < 20
            for p in (image.pixelColor(x, y) for x in range(x0 - 45, x0 + 45) for y in range(y0 - 45, y0 + 45))
        )

    faulty, offline = "#e9c46a", "#d9894a"
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "controlroom.room.points.get(0).x.length") == n)
    chart.update_camera_states([3], [CameraState.FAULTY])
    qtbot.waitUntil(lambda: has(faulty))
    chart.update_camera_states([4], [CameraState.OFFLINE])
    qtbot.waitUntil(lambda: has(offline) and not has(faulty))


def test_what_a_map_kept_comes_back_in_another(qtbot: QtBot) -> None:
    one, other = MapView(painted=True), MapView(painted=True)
    for view in (one, other):
        qtbot.addWidget(view)
    one.fly_to(116.31, 39.55, 13)
    one.toolbar.layers["sensors"].setChecked(False)
    one.set_trails(TrailMode.CHOSEN, 30)
    one.hold.fit(ViewRule.ALARMS)
    one.hold.touch()
    other.restore(json.loads(json.dumps(one.state())))
    assert other.scene.centre == one.scene.centre
    assert not other.scene.visible["sensors"] and other.scene.visible["cameras"]
    assert (other.trail_mode, other.trail_minutes) == (TrailMode.CHOSEN, 30)
    assert other.hold.viewpoint.held.locked and other.badge.property("locked") is True
    other.restore({"centre": "no"})
    other.restore({"centre": [500, 0, 3], "hold": {"rule": "follow"}, "trails": ["all", 7]})
    assert other.scene.centre == one.scene.centre and other.hold.viewpoint.held.locked


def test_an_incident_is_a_flag_that_is_clicked_and_its_title_is_text(qtbot: QtBot, chart: MapView) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    chart.set_alarms([AlarmMark("a", Severity.BLUE, *HERE, "轻")])
    chart.set_incidents([IncidentMark("i1", Severity.ORANGE, *HERE, hostile)])
    told = "[...document.querySelectorAll('.incident')].map((flag) => flag.textContent)"
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, told) == ["Ⅱ"])
    with qtbot.waitSignal(chart.object_selected, timeout=5000) as picked:
        QTest.mouseClick(page(chart), LEFT, NONE, middle(chart) + QPoint(10, -34))
    assert picked.args == ["incident", "i1"]
    with qtbot.waitSignal(chart.object_selected, timeout=5000) as picked:
        QTest.mouseClick(page(chart), LEFT, NONE, middle(chart))
    assert picked.args == ["alarm", "a"], "the alarm at its foot stays to be reached"
    chart.select("incident", "i1")
    named = "document.querySelector('.selected span')?.textContent"
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, named) == hostile)
    assert evaluate(qtbot, chart, "document.querySelectorAll('.leaflet-container img[src=x]').length") == 0
    chart.scene.set_visible("incidents", False)
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, told) == [])
