import asyncio
import math
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QColor, QDropEvent, QPalette
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.kinds import decode_kinds
from controlroom.domain.past_readings import PastReadings, Series, series_of_readings
from controlroom.domain.sensor import Limit, Sensor
from controlroom.domain.severity import Severity
from controlroom.errors import LinkLost
from controlroom.wire.frames import Readings
from widgets.plot import MOST_CURVES, PlotPanel
from widgets.plot_axis import round_range

KINDS = decode_kinds((files("resources") / "data" / "sensor_kinds.toml").read_bytes())
NOW = datetime(2026, 11, 21, 4, 0, 0, tzinfo=UTC)
GAUGE = Sensor(
    id="flood-07",
    name="京开路下凹桥",
    kind="flood_depth",
    unit="cm",
    limits=KINDS["flood_depth"].limits,
    deadband=2.0,
    stale_after_s=60.0,
)
OTHER = Sensor(id="flood-08", name="团河路", kind="flood_depth", unit="cm", limits=GAUGE.limits)
HYDRANT = Sensor(id="h-1", name="消火栓", kind="hydrant_pressure", unit="MPa", limits=KINDS["hydrant_pressure"].limits)


class StoppedClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - NOW).total_seconds()


def readings(index: int, ages_s: list[float], values: list[float], quality: int = 0) -> Readings:
    now_ms = round(NOW.timestamp() * 1000)
    return Readings(
        np.full(len(values), index, np.uint32),
        np.array(values, np.float32),
        np.array([now_ms - round(age * 1000) for age in ages_s], np.int64),
        np.full(len(values), quality, np.uint8),
    )


NOTHING = readings(0, [], [])


def alarm(sensor: str, age_s: float) -> Alarm:
    at = NOW - timedelta(seconds=age_s)
    return Alarm(
        id=f"limits/{sensor}",
        source="limits",
        key=sensor,
        severity=Severity.ORANGE,
        title="积水",
        state=AlarmState.UNACKNOWLEDGED,
        occurred_at=at,
        received_at=at,
        changed_at=at,
        sensor=sensor,
    )


class Hub:
    """Answers for history as the commands of the bridge would."""

    def __init__(self) -> None:
        self.asked: list[tuple[list[int], datetime, datetime, int]] = []
        self.answer: Readings | Exception = NOTHING
        self.bins: Series | None = None

    async def history(self, indices: list[int], since: datetime, until: datetime, bins: int) -> PastReadings:
        self.asked.append((indices, since, until, bins))
        if isinstance(self.answer, Exception):
            raise self.answer
        series = (self.bins,) if self.bins is not None else tuple(series_of_readings(self.answer, indices))
        return PastReadings(0, 0, series, 0, 0)

    def spawn(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        asyncio.run(coroutine)


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def panel(qtbot: QtBot, hub: Hub) -> PlotPanel:
    made = PlotPanel(StoppedClock(), hub.history, hub.spawn, KINDS)
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show()
    return made


def test_curves_come_from_history_and_go_on_with_live_readings(panel: PlotPanel, hub: Hub) -> None:
    hub.answer = readings(3, [120, 60, 30], [5, 6, 7])
    panel.show_sensors([GAUGE], [3])
    panel.add_readings(readings(3, [10, 0], [8, 9]))
    panel.add_readings(readings(4, [0], [99]))
    panel.redraw()
    (chart,) = panel.canvas.charts
    assert chart.curves[0].ring.value.tolist() == [5, 6, 7, 8, 9]
    grid = chart.frame.grid
    columns = chart.curves[0].columns(grid, grid.first, grid.first + grid.columns, True)
    assert columns.mean.tolist() == [5, 6, 7, 8, 9]
    assert grid.x(columns.last_s[-1]) == pytest.approx(grid.columns / 1.01, abs=2)
    ((indices, since, until, bins),) = hub.asked
    assert indices == [3]
    assert since <= NOW - timedelta(seconds=300) < NOW <= until
    assert bins >= 3 * panel.canvas.columns


def test_the_row_tells_value_unit_level_and_age(panel: PlotPanel) -> None:
    panel.show_sensors([GAUGE], [3])
    panel.add_readings(readings(3, [3], [28.4]))
    panel.set_now(NOW)
    (row,) = panel.legend
    assert "京开路下凹桥" in row
    assert "28 cm" in row
    assert "黄色" in row
    assert "3" in row.split("黄色")[1]


def test_a_sensor_that_stopped_is_shown_as_stale_with_a_hatched_band_and_a_tail(panel: PlotPanel) -> None:
    panel.show_sensors([GAUGE], [3])
    panel.add_readings(readings(3, [220, 200], [5, 6]))
    panel.set_now(NOW)
    panel.redraw()
    scene = panel.canvas.charts[0].scene
    assert "数据过期" in panel.legend[0]
    assert "数据过期" in scene.stale_text
    assert scene.stale_from_s == pytest.approx(NOW.timestamp() - 200.0)
    assert [(NOW.timestamp() - tail.time_s, tail.value) for tail in scene.tails] == [(pytest.approx(200.0), 6.0)]


def test_stale_means_older_than_the_sensor_may_be_and_ends_with_a_new_reading(panel: PlotPanel) -> None:
    panel.show_sensors([GAUGE], [3])
    panel.add_readings(readings(3, [60], [5]))
    panel.set_now(NOW)
    assert "数据过期" not in panel.legend[0]
    panel.set_now(NOW + timedelta(seconds=1))
    assert "数据过期" in panel.legend[0]
    panel.add_readings(readings(3, [0], [5]))
    panel.set_now(NOW)
    panel.redraw()
    assert "数据过期" not in panel.legend[0]
    assert panel.canvas.charts[0].scene.stale_from_s is None


def test_a_sensor_that_was_never_heard_says_so(panel: PlotPanel) -> None:
    panel.show_sensors([GAUGE], [3])
    panel.set_now(NOW)
    panel.redraw()
    assert "从未上报" in panel.legend[0]
    assert panel.canvas.charts[0].scene.stale_text == "从未上报"


def test_doubtful_readings_are_marked_and_not_joined(panel: PlotPanel) -> None:
    panel.show_sensors([GAUGE], [3])
    panel.add_readings(readings(3, [50, 40], [5, 6]))
    panel.add_readings(readings(3, [30, 20], [50, 51], quality=1))
    panel.add_readings(readings(3, [10], [7]))
    panel.add_readings(readings(3, [5], [70], quality=1))
    panel.set_now(NOW)
    panel.redraw()
    (chart,) = panel.canvas.charts
    grid = chart.frame.grid
    columns = chart.curves[0].columns(grid, grid.first, grid.first + grid.columns, True)
    assert np.isnan(columns.mean).sum() == 3
    assert columns.broken.tolist() == [True, False, True, True, True, True]
    assert sorted(dot.value for dot in chart.scene.doubts) == [50, 51, 70]
    assert "质量存疑" in panel.legend[0]
    assert "红色" not in panel.legend[0]


def test_a_lost_link_marks_every_curve_and_comes_back(panel: PlotPanel) -> None:
    panel.show_sensors([GAUGE, HYDRANT], [3, 4])
    panel.add_readings(readings(3, [0], [5]))
    panel.set_stale_link(NOW - timedelta(seconds=20))
    panel.redraw()
    heard, silent = (chart.scene for chart in panel.canvas.charts)
    assert "11:59:40" in heard.stale_text
    assert "11:59:40" in silent.stale_text
    assert heard.stale_from_s == NOW.timestamp() - 20.0
    assert silent.stale_from_s == -math.inf
    assert "通信中断" in panel.legend[0]
    panel.set_stale_link(None)
    panel.redraw()
    assert "通信中断" not in panel.legend[0]
    assert panel.canvas.charts[0].scene.stale_from_s is None


def test_what_was_missed_while_the_link_was_lost_is_asked_for(panel: PlotPanel, hub: Hub) -> None:
    panel.show_sensors([GAUGE], [3])
    panel.set_stale_link(NOW - timedelta(seconds=20))
    hub.answer = readings(3, [15, 5], [7, 8])
    panel.set_stale_link(None)
    indices, since, until, _bins = hub.asked[-1]
    assert indices == [3]
    assert since <= NOW - timedelta(seconds=20) < NOW <= until
    assert panel.curves[0].at(NOW.timestamp() - 5) == (NOW.timestamp() - 5, 8)


def test_after_another_snapshot_the_old_readings_are_forgotten(panel: PlotPanel, hub: Hub) -> None:
    panel.show_sensors([GAUGE], [3])
    panel.add_readings(readings(3, [-500], [70]))
    hub.answer = readings(3, [1], [5])
    panel.start_anew()
    assert panel.canvas.charts[0].curves[0].ring.value.tolist() == [5]
    assert "红色" not in panel.legend[0]


def test_a_sensor_that_is_asked_for_twice_is_shown_once(panel: PlotPanel) -> None:
    panel.show_sensors([GAUGE, OTHER, GAUGE], [3, 5, 3])
    assert panel.sensor_ids == ["flood-07", "flood-08"]


def test_units_are_stacked_over_one_time_axis_and_shared_limits_are_drawn_once(panel: PlotPanel) -> None:
    panel.show_sensors([GAUGE, HYDRANT, OTHER], [3, 4, 5])
    panel.redraw()
    assert [chart.units for chart in panel.canvas.charts] == [["cm"], ["MPa"]]
    assert [len(chart.scene.periods[0].lines) for chart in panel.canvas.charts] == [4, 3]
    assert len({chart.frame.grid for chart in panel.canvas.charts}) == 1


def test_where_limits_differ_those_of_the_chosen_sensor_are_drawn_with_its_name(panel: PlotPanel) -> None:
    strict = Sensor(id="s", name="严点", kind="x", unit="cm", limits=(Limit(severity=Severity.RED, above=5.0),))
    panel.show_sensors([GAUGE, strict], [3, 4])
    chart = panel.canvas.charts[0]
    panel.redraw()
    assert [line.value for line in chart.scene.periods[0].lines] == [15, 27, 40, 60]
    panel.canvas.choose("s")
    panel.redraw()
    (line,) = chart.scene.periods[0].lines
    assert (line.value, line.severity) == (5.0, Severity.RED)
    assert "严点" in line.label


def test_alarms_of_shown_sensors_are_marked_at_their_time(panel: PlotPanel) -> None:
    panel.show_sensors([GAUGE], [3])
    panel.set_alarms([alarm("flood-07", 42), alarm("h-1", 42)])
    panel.redraw()
    (mark,) = panel.canvas.charts[0].scene.marks
    assert (NOW.timestamp() - mark.time_s, mark.severity, mark.active) == (pytest.approx(42.0), Severity.ORANGE, True)


def test_spans_are_reached_by_keys_and_a_longer_one_asks_for_the_missing_history(panel: PlotPanel, hub: Hub) -> None:
    panel.show_sensors([GAUGE], [3])
    QTest.keyClick(panel, Qt.Key.Key_1)
    assert panel.span_s == 60
    assert len(hub.asked) == 1
    QTest.keyClick(panel, Qt.Key.Key_4)
    assert panel.span_s == 3600
    assert hub.asked[-1][1] <= NOW - timedelta(hours=1)
    QTest.keyClick(panel, Qt.Key.Key_Minus)
    QTest.keyClick(panel, Qt.Key.Key_Minus)
    assert panel.span_s == 300
    for _ in range(9):
        QTest.keyClick(panel, Qt.Key.Key_Plus)
    assert panel.span_s == 7 * 24 * 3600


def test_the_cursor_moves_by_arrows_tells_values_and_goes_with_escape(panel: PlotPanel) -> None:
    panel.show_sensors([GAUGE], [3])
    panel.add_readings(readings(3, [4, 2, 0], [11, 12, 13]))
    panel.redraw()
    QTest.keyClick(panel, Qt.Key.Key_Left)
    assert panel.cursor_at == NOW - timedelta(seconds=3)
    assert "11:59:57" in panel.legend[0]
    assert "11 cm" in panel.legend[0]
    assert panel.canvas.charts[0].scene.cursor_s == NOW.timestamp() - 3.0
    QTest.keyClick(panel, Qt.Key.Key_Right)
    QTest.keyClick(panel, Qt.Key.Key_Right)
    assert panel.cursor_at == NOW
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    assert panel.cursor_at is None
    assert "11:59:57" not in panel.legend[0]


def test_the_mouse_moves_the_cursor_and_leaving_takes_it_away(panel: PlotPanel, qtbot: QtBot) -> None:
    panel.show_sensors([GAUGE], [3])
    with qtbot.waitExposed(panel):
        panel.redraw()
    qtbot.waitUntil(lambda: panel.canvas.picture.area.width() > 300)
    panel.redraw()
    QTest.mouseMove(panel.canvas, panel.canvas.rect().center())
    qtbot.waitUntil(lambda: panel.cursor_at is not None)
    assert NOW - timedelta(seconds=250) < panel.cursor_at < NOW - timedelta(seconds=50)
    panel.canvas.pointed.emit(None)
    assert panel.cursor_at is None


def test_a_dropped_sensor_is_told_and_anything_else_is_not(panel: PlotPanel, qtbot: QtBot) -> None:
    told: list[str] = []
    panel.sensor_dropped.connect(told.append)
    for text in ("sensor:flood-07\nsensor:h-1", "camera:7", ""):
        data = QMimeData()
        data.setText(text)
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        panel.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, buttons, keys))
    assert told == ["flood-07", "h-1"]


def test_history_that_cannot_be_had_is_said_and_the_live_curve_goes_on(panel: PlotPanel, hub: Hub) -> None:
    hub.answer = LinkLost("the hub does not answer, check the network")
    panel.show_sensors([GAUGE], [3])
    panel.add_readings(readings(3, [0], [5]))
    assert any("check the network" in note for note in panel.notes)
    hub.answer = NOTHING
    QTest.keyClick(panel, Qt.Key.Key_3)
    assert panel.notes == []


def test_showing_more_sensors_keeps_what_the_curves_hold(panel: PlotPanel, hub: Hub) -> None:
    panel.show_sensors([GAUGE], [3])
    panel.add_readings(readings(3, [1], [30]))
    with_other: list[list[str]] = []
    panel.sensors_changed.connect(with_other.append)
    panel.show_sensors([GAUGE, OTHER], [3, 5])
    assert with_other == [["flood-07", "flood-08"]]
    assert hub.asked[-1][0] == [5]
    assert "黄色" in panel.legend[0]


def test_a_curve_is_removed_by_its_button(panel: PlotPanel) -> None:
    panel.show_sensors([GAUGE, OTHER], [3, 5])
    panel.remove("flood-07")
    assert panel.sensor_ids == ["flood-08"]
    panel.remove("flood-08")
    assert panel.sensor_ids == []


def test_more_sensors_than_can_be_told_apart_are_left_out_and_counted(panel: PlotPanel) -> None:
    many = [Sensor(id=f"s{n}", name=f"点{n}", kind="flood_depth", unit="cm") for n in range(MOST_CURVES + 4)]
    panel.show_sensors(many, list(range(len(many))))
    assert len(panel.sensor_ids) == MOST_CURVES
    assert any("4" in note for note in panel.notes)


def test_the_range_stays_while_values_fit_and_grows_in_round_steps(panel: PlotPanel) -> None:
    panel.show_sensors([GAUGE], [3])
    panel.add_readings(readings(3, [2], [10]))
    panel.redraw()
    chart = panel.canvas.charts[0]
    before = chart.scene.ranges["cm"]
    panel.add_readings(readings(3, [1], [50]))
    panel.redraw()
    assert chart.scene.ranges["cm"] == before
    panel.add_readings(readings(3, [0], [133]))
    panel.redraw()
    low, high = chart.scene.ranges["cm"]
    assert low <= 0.0
    assert 133 <= high <= 180


def test_the_theme_recolours_the_curves(panel: PlotPanel, qtbot: QtBot) -> None:
    panel.show_sensors([GAUGE], [3])
    panel.add_readings(readings(3, [1, 0], [5, 6]))
    panel.set_now(NOW)
    seen = []
    for base, text in (("#202020", "#ffffff"), ("#ffffff", "#000000")):
        palette = QPalette(QColor(base))
        palette.setColor(QPalette.ColorRole.Base, QColor(base))
        palette.setColor(QPalette.ColorRole.Text, QColor(text))
        panel.setPalette(palette)
        panel.redraw()
        seen.append(panel.canvas.charts[0].layer.pixmap.toImage())
    assert seen[0] != seen[1]


def test_a_panel_that_is_closed_while_history_is_fetched_does_not_fail(qtbot: QtBot) -> None:
    waiting: list[Coroutine[Any, Any, None]] = []
    hub = Hub()
    panel = PlotPanel(StoppedClock(), hub.history, lambda coroutine, name: waiting.append(coroutine), KINDS)
    panel.show_sensors([GAUGE], [3])
    with qtbot.waitSignal(panel.destroyed):
        panel.deleteLater()
    for coroutine in waiting:
        asyncio.run(coroutine)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=2))
def test_a_round_range_holds_its_values_and_is_not_much_wider(values: list[float]) -> None:
    low, high = round_range(min(values), max(values))
    slack = 1e-6 * max(abs(low), abs(high))
    assert low - slack <= min(values) <= max(values) <= high + slack
    width = max(values) - min(values)
    assert low < high
    assert width < 1e-3 or high - low <= 3 * max(width, 0.2 * abs(values[0]), 2.0)


def test_the_range_of_nothing_is_zero_to_one() -> None:
    assert round_range(math.inf, -math.inf) == (0.0, 1.0)
