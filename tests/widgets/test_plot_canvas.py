"""The mouse on a plot: rubber band, moving in time, wheel, click, double click; dragging sensors into it."""

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from controlroom.bridge.models.sensor_model import sensors_dragged
from tests.widgets.test_plot import GAUGE, HYDRANT, KINDS, NOW, Hub, StoppedClock, readings
from widgets.plot import PlotPanel
from widgets.sensor_drag import SensorHandle, dragged_sensors


@pytest.fixture
def panel(qtbot: QtBot) -> PlotPanel:
    hub = Hub()
    made = PlotPanel(StoppedClock(), hub.history, hub.spawn, KINDS)
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show()
    made.show_sensors([GAUGE, HYDRANT], [3, 4])
    made.add_readings(readings(3, [200, 100, 0], [5, 6, 7]))
    made.redraw()
    return made


def time_at(panel: PlotPanel, x: int) -> float:
    at_s = panel.canvas.picture.time_at(x)
    assert at_s is not None
    return at_s


def mouse(panel: PlotPanel, what: QEvent.Type, at: QPoint, held: Qt.MouseButton, keys: Qt.KeyboardModifier) -> None:
    """Sent by hand: the off-screen platform does not tell of every move."""
    place, button = QPointF(at), Qt.MouseButton.NoButton if what is QEvent.Type.MouseMove else held
    buttons = Qt.MouseButton.NoButton if what is QEvent.Type.MouseButtonRelease else held
    QApplication.sendEvent(
        panel.canvas, QMouseEvent(what, place, panel.canvas.mapToGlobal(place), button, buttons, keys)
    )


def drag(panel: PlotPanel, start: QPoint, end: QPoint, keys: Qt.KeyboardModifier) -> None:
    left = Qt.MouseButton.LeftButton
    mouse(panel, QEvent.Type.MouseButtonPress, start, left, keys)
    for at in ((start + end) / 2, end):
        mouse(panel, QEvent.Type.MouseMove, at, left, keys)
    mouse(panel, QEvent.Type.MouseButtonRelease, end, left, keys)


def test_a_flat_rubber_band_zooms_in_time_and_undo_takes_it_back(panel: PlotPanel) -> None:
    start, end = time_at(panel, 300), time_at(panel, 500)
    drag(panel, QPoint(300, 80), QPoint(500, 84), Qt.KeyboardModifier.NoModifier)
    stretch = panel.steering.stretch()
    assert (stretch.start_s, stretch.end_s) == (pytest.approx(start), pytest.approx(end))
    assert not panel.look.ranges
    QTest.keyClick(panel, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert panel.look.live and panel.span_s == 300
    QTest.keyClick(panel, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert panel.steering.stretch() == stretch


def test_a_tall_rubber_band_zooms_the_values_of_its_chart_only(panel: PlotPanel) -> None:
    chart = panel.canvas.charts[0]
    frame, shown = chart.frame, chart.scene.ranges["cm"]
    top, bottom = round(frame.area.top() + 20), round(frame.area.top() + 90)
    drag(panel, QPoint(300, top), QPoint(500, bottom), Qt.KeyboardModifier.NoModifier)
    low, high = panel.look.ranges["cm"]
    assert (low, high) == (pytest.approx(frame.value(bottom, shown)), pytest.approx(frame.value(top, shown)))
    assert set(panel.look.ranges) == {"cm"}
    panel.redraw()
    assert panel.canvas.charts[0].scene.ranges["cm"] == (low, high)
    QTest.mouseDClick(panel.canvas, Qt.MouseButton.LeftButton, pos=QPoint(400, 100))
    assert not panel.look.ranges


def test_a_drag_with_control_moves_in_time(panel: PlotPanel) -> None:
    before = panel.steering.stretch()
    drag(panel, QPoint(300, 80), QPoint(500, 80), Qt.KeyboardModifier.ControlModifier)
    moved_s = before.end_s - panel.steering.stretch().end_s
    assert moved_s == pytest.approx(200 * panel.canvas.picture.grid.width_s, rel=0.02)
    assert not panel.look.live and any("历史" in told for told in panel.notes)
    QTest.keyClick(panel, Qt.Key.Key_Home)
    assert panel.look.live


def wheel(panel: PlotPanel, x: int, turned: QPoint, keys: Qt.KeyboardModifier) -> None:
    at = QPointF(x, 80)
    phase, buttons = Qt.ScrollPhase.NoScrollPhase, Qt.MouseButton.NoButton
    event = QWheelEvent(at, panel.canvas.mapToGlobal(at), QPoint(), turned, buttons, keys, phase, False)
    QApplication.sendEvent(panel.canvas, event)


def test_the_wheel_zooms_at_the_mouse_and_with_shift_moves(panel: PlotPanel) -> None:
    at_s = time_at(panel, 400)
    wheel(panel, 400, QPoint(0, 120), Qt.KeyboardModifier.NoModifier)
    assert panel.span_s == pytest.approx(240.0)
    panel.redraw()
    assert time_at(panel, 400) == pytest.approx(at_s, abs=1.0)
    before = panel.steering.stretch()
    wheel(panel, 400, QPoint(0, 120), Qt.KeyboardModifier.ShiftModifier)
    assert before.end_s - panel.steering.stretch().end_s == pytest.approx(24.0, rel=0.05)


def test_a_click_sets_where_differences_are_told_from(panel: PlotPanel) -> None:
    x = round(panel.canvas.picture.area.left() + panel.canvas.picture.grid.x(NOW.timestamp() - 100)) + 1
    QTest.mouseClick(panel.canvas, Qt.MouseButton.LeftButton, pos=QPoint(x, 80))
    panel.set_cursor(NOW)
    assert "Δ +1 cm" in panel.legend[0]
    assert any(told.startswith("Δt 00:01:") for told in panel.notes)
    assert panel.canvas.charts[0].scene.reference_s == pytest.approx(NOW.timestamp() - 100, abs=2.0)


def test_the_cursor_below_a_mouse_that_stands_still_goes_with_the_time(panel: PlotPanel) -> None:
    plain, none = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.NoButton
    mouse(panel, QEvent.Type.MouseMove, QPoint(400, 80), none, plain)
    before = panel.cursor_at
    assert before is not None
    panel.set_now(NOW + timedelta(seconds=30))
    panel.redraw()
    assert panel.cursor_at is not None
    assert (panel.cursor_at - before).total_seconds() == pytest.approx(30.0, abs=1.0)


def test_a_gap_of_the_past_that_is_not_fetched_says_so(panel: PlotPanel) -> None:
    for curve in panel.curves:
        curve.listen(NOW.timestamp() - 100)
        curve.archive.clear()
    panel.redraw()
    scene = panel.canvas.charts[0].scene
    assert scene.unknown and scene.hint


def test_what_is_older_than_the_hub_keeps_is_no_gap_of_the_sensor(panel: PlotPanel) -> None:
    panel._history.kept_from_s = NOW.timestamp() - 100
    panel.redraw()
    scene = panel.canvas.charts[0].scene
    assert scene.unknown[-1].end_s == NOW.timestamp() - 100
    assert "11:58" in scene.hint
    panel._history.kept_from_s = NOW.timestamp() - 1000
    panel.redraw()
    assert not panel.canvas.charts[0].scene.hint


def test_a_dragged_sensor_is_taken_and_other_things_are_not(panel: PlotPanel) -> None:
    told: list[str] = []
    panel.sensor_dropped.connect(told.append)
    buttons, keys, copy = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    data = sensors_dragged(["flood-09", "h-2"])
    enter = QDragEnterEvent(QPoint(5, 5), copy, data, buttons, keys)
    enter.ignore()
    panel.dragEnterEvent(enter)
    assert enter.isAccepted()
    panel.dropEvent(QDropEvent(QPointF(5, 5), copy, data, buttons, keys))
    assert told == ["flood-09", "h-2"]
    assert dragged_sensors(data) == told
    assert data.text() == "sensor:flood-09\nsensor:h-2"


def test_a_handle_stands_for_one_sensor(qtbot: QtBot) -> None:
    handle = SensorHandle()
    qtbot.addWidget(handle)
    wanted: list[str] = []
    handle.wanted.connect(wanted.append)
    handle.click()
    handle.set_sensor("g-1")
    handle.click()
    assert wanted == ["g-1"]


def test_the_window_can_be_shown_at_any_time(panel: PlotPanel) -> None:
    at = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
    panel.steering.show_at(at)
    stretch = panel.steering.stretch()
    assert (stretch.start_s + stretch.end_s) / 2 == at.timestamp()
    QTest.keyClick(panel, Qt.Key.Key_Y)
    assert panel.steering.stretch().end_s == stretch.end_s - 86_400
    panel.steering.show_today()
    assert panel.look.live and panel.span_s == 12 * 3600


def test_a_past_picture_tells_what_was_at_its_end_and_nothing_of_now(panel: PlotPanel) -> None:
    panel.steering.show(NOW.timestamp() - 250, NOW.timestamp() - 90)
    panel.redraw()
    scene = panel.canvas.charts[0].scene
    assert (scene.tails, scene.stale_from_s, scene.stale_text) == ((), None, "")
    assert "11:58:30 读数 6 cm" in panel.legend[0]
    panel.steering.go_live()
    assert "读数" not in panel.legend[0]
