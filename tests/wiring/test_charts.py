"""Charts connected to a seat: they ask for the past in parts, go on live, follow the room's time and say when not."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from controlroom.bridge.past_parts import PastParts, Stretch
from controlroom.domain.events import SensorsDeclared, ValueSnapshotChanged
from controlroom.domain.limits import Freshness
from controlroom.domain.past_readings import PastReadings, Series
from controlroom.domain.place import Point
from controlroom.domain.sensor import Sensor
from controlroom.domain.times import to_ms
from controlroom.domain.value_snapshot import Threshold, ValueSnapshot
from controlroom.errors import LinkLost
from controlroom.seat.status import LinkState
from controlroom.shell.actions import Actions
from controlroom.wire.frames import Readings
from controlroom.wire.snapshots import ChangeSavedValues, RemoveSavedValues, SaveValues
from controlroom.wiring.chart_compare import CompareRun
from controlroom.wiring.chart_plans import level_of
from controlroom.wiring.chart_run import ChartRun
from controlroom.wiring.chart_wall import WallRun
from controlroom.wiring.charts import CHARTS, ChartDesk
from controlroom.wiring.plots import PlotWiring
from controlroom.wiring.sensors import SensorsWiring
from tests.shell.room_feed import NOON
from tests.wiring.conftest import Desk
from widgets.chart_calendar import CalendarSheet
from widgets.chart_compare import CompareSheet
from widgets.chart_envelope import EnvelopeSheet
from widgets.chart_heat import HeatSheet
from widgets.chart_rose import RoseSheet
from widgets.chart_scatter import ScatterSheet
from widgets.chart_then import ThenSheet
from widgets.chart_threshold import NameDialog
from widgets.chart_wall import WallSheet

MINUTE_MS = 60_000


class Past:
    """A hub's history: a reading a minute of every sensor, of value `level` + its index."""

    def __init__(self) -> None:
        self.asked: list[tuple[datetime, datetime | None, int]] = []
        self.until_ms = to_ms(NOON)
        self.fault: Exception | None = None
        self.odd: dict[int, float] = {}

    async def history(
        self, indices: Sequence[int], since: datetime, until: datetime | None = None, bins: int = 0
    ) -> PastReadings:
        self.asked.append((since, until, bins))
        if self.fault is not None:
            raise self.fault
        begin, end = to_ms(since), self.until_ms if until is None else min(to_ms(until), self.until_ms)
        time = np.arange(-(-begin // MINUTE_MS) * MINUTE_MS, max(end, begin), 15 * MINUTE_MS, dtype=np.int64)
        found = []
        for index in indices:
            course = 5.0 * np.sin(time / 7e6)
            value = (self.odd.get(index, 40.0) + course).astype(np.float32)
            ones, good = np.ones(len(time), np.int64), np.zeros(len(time), np.uint8)
            found.append(Series(index, 0, time, value, value, value, ones, good))
        return PastReadings(begin, end, tuple(found), 0, 0)


@pytest.fixture
def past(desk: Desk) -> Past:
    made = Past()
    desk.sent.history = made.history
    at = [Point(116.3 + 0.01 * n, 39.7) for n in range(8)]
    sensors = [Sensor(id=f"pm-{n}", name=f"站{n} PM2.5", kind="pm25", unit="µg/m³", point=at[n]) for n in range(8)]
    sensors += [
        Sensor(id="speed", name="站0 风速", kind="wind_speed", unit="m/s", point=at[0]),
        Sensor(id="turn", name="站0 风向", kind="wind_direction", unit="°", point=at[0]),
        Sensor(id="no2", name="站0 NO2", kind="no2", unit="µg/m³", point=at[0]),
    ]
    desk.happen(SensorsDeclared(tuple(range(len(sensors))), tuple(sensors)))
    return made


@pytest.fixture
def charts(desk: Desk, past: Past) -> ChartDesk:
    return ChartDesk(desk.seat, lambda: None, desk.owner)


def opened(charts: ChartDesk, qtbot: QtBot, name: str, *sensors: str) -> ChartRun:
    run = charts.open(name, list(sensors))
    assert isinstance(run, ChartRun)
    qtbot.addWidget(run.window)
    return run


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("heat", HeatSheet),
        ("neighbours", EnvelopeSheet),
        ("correlation", ScatterSheet),
        ("rose", RoseSheet),
        ("then", ThenSheet),
        ("air", CalendarSheet),
    ],
)
def test_every_chart_opens_with_what_the_history_holds(
    charts: ChartDesk, past: Past, qtbot: QtBot, name: str, kind: type
) -> None:
    run = opened(charts, qtbot, name, "pm-0")
    assert isinstance(run.window.canvas.sheet, kind)
    assert run.window.said.text() == run.window.canvas.sheet.said
    assert run.window.progress.isHidden() and not run.window.fault.text


def test_a_chart_that_goes_on_asks_only_for_its_newest_part(
    desk: Desk, charts: ChartDesk, past: Past, qtbot: QtBot
) -> None:
    run = opened(charts, qtbot, "heat", "pm-0")
    first = len(past.asked)
    assert first > 5
    past.until_ms += 11_000
    for _second in range(11):
        desk.second()
    assert len(past.asked) == first + 1 and past.asked[-1][1] is None
    assert run.window.canvas.sheet is not None


def test_a_chart_follows_the_room_and_can_leave_it(desk: Desk, charts: ChartDesk, past: Past, qtbot: QtBot) -> None:
    run = opened(charts, qtbot, "neighbours", "pm-0")
    desk.seat.room_time.stand_at(NOON - timedelta(hours=3))
    sheet = run.window.canvas.sheet
    assert isinstance(sheet, EnvelopeSheet) and not run.window.notice.isHidden()
    known = sheet.time_s[np.isfinite(sheet.own.mean)]
    assert known[-1] <= (NOON - timedelta(hours=3)).timestamp()
    run.window.notice.button.click()
    sheet = run.window.canvas.sheet
    assert isinstance(sheet, EnvelopeSheet) and not run.follower.past and not run.window.notice.isHidden()
    assert sheet.time_s[np.isfinite(sheet.own.mean)][-1] > (NOON - timedelta(hours=1)).timestamp()


def test_the_verdict_is_of_the_sensor_that_was_asked_for(charts: ChartDesk, past: Past, qtbot: QtBot) -> None:
    past.odd[0] = 190.0
    run = opened(charts, qtbot, "neighbours", "pm-0", "pm-3")
    run.window.choose("span", "24h")
    assert "100 %" in run.window.said.text()
    run.window.choose("sensor", "pm-3")
    assert "100 %" not in run.window.said.text()


def test_a_history_that_cannot_be_had_is_told_and_asked_for_again_by_choice(
    charts: ChartDesk, past: Past, qtbot: QtBot
) -> None:
    past.fault = LinkLost("gone")
    run = opened(charts, qtbot, "heat", "pm-0")
    assert "gone" in run.window.fault.text and run.window.canvas.sheet is None
    past.fault = None
    run.window.choose("days", "7d")
    assert not run.window.fault.text and run.window.canvas.sheet is not None


def test_a_lost_link_is_said_and_the_chart_is_marked_as_not_up_to_date(
    desk: Desk, charts: ChartDesk, past: Past, qtbot: QtBot
) -> None:
    run = opened(charts, qtbot, "heat", "pm-0")
    desk.link(LinkState.LOST)
    assert run.window.lost.text
    run.look()
    assert run.window.age.property("stale")


def test_what_cannot_be_charted_is_said_in_words(desk: Desk, past: Past, qtbot: QtBot) -> None:
    charts = ChartDesk(desk.seat, lambda: None, desk.owner)
    run = opened(charts, qtbot, "correlation", "pm-0")
    run.window.choose("second", "pm-0")
    assert run.window.canvas.sheet is None and not run.window.findChild(QObject, "png").isEnabled()


@pytest.mark.parametrize("by_escape", [True, False])
def test_charts_open_by_key_for_the_chosen_sensor_and_close(
    desk: Desk, charts: ChartDesk, past: Past, qtbot: QtBot, by_escape: bool
) -> None:
    actions = Actions(desk.owner)
    charts.register(actions)
    assert {action.objectName() for action in actions.all()} == {f"chart_{name}" for name in CHARTS}
    desk.seat.selection.select("sensor", "pm-5")
    actions.trigger("chart_heat")
    (run,) = charts.charts
    sheet = run.window.canvas.sheet
    assert isinstance(sheet, HeatSheet) and sheet.sensor.id == "pm-5"
    ended: list[str] = []
    run.window.closed.connect(lambda: ended.append("closed"))
    run.window.destroyed.connect(lambda: ended.append("gone"))
    if by_escape:
        qtbot.keyClick(run.window, Qt.Key.Key_Escape)
    else:
        run.window.close()
    qtbot.waitUntil(lambda: "gone" in ended)
    assert charts.charts == [] and ended == ["closed", "gone"]
    desk.second()


def test_charts_open_from_the_menus_of_plot_and_browser(desk: Desk, past: Past, qtbot: QtBot) -> None:
    seen: list[tuple[str, list[str]]] = []
    desk.seat.requests.chart_wanted.connect(lambda name, sensors: seen.append((name, list(sensors))))
    plot = PlotWiring(desk.seat, ["pm-1"])
    qtbot.addWidget(plot.plot)
    menu = next(action.menu() for action in plot.plot.menus.more.actions() if action.menu() is not None)
    menu.actions()[0].trigger()
    wiring = SensorsWiring(desk.seat)
    qtbot.addWidget(wiring.browser)
    wiring.browser.select_sensor("pm-2")
    wiring.browser.table.customContextMenuRequested.emit(wiring.browser.rect().center())
    menu = wiring.browser.findChild(QMenu)
    menu.actions()[1].trigger()
    menu.close()
    assert seen == [("wall", ["pm-1"]), ("neighbours", ["pm-2"])]


def test_a_link_that_tells_its_status_again_does_not_ask_for_the_past_again(
    desk: Desk, charts: ChartDesk, past: Past, qtbot: QtBot
) -> None:
    for name in ("heat", "compare"):
        qtbot.addWidget(charts.open(name, ["pm-0"]).window)
    asked = len(past.asked)
    for _change in range(3):
        desk.pump.link_changed.emit(desk.pump.status)
    assert len(past.asked) == asked
    desk.link(LinkState.LOST)
    desk.link(LinkState.LIVE)
    assert len(past.asked) > asked


# ------------------------------------------------------------ small multiples


def told(desk: Desk, values: dict[int, float], quality: int = 0) -> None:
    """Readings of now arrive."""
    index = np.array(list(values), np.uint32)
    at = np.full(len(values), to_ms(desk.clock.now()), np.int64)
    value = np.array(list(values.values()), np.float32)
    readings = Readings(index, value, at, np.full(len(values), quality, np.uint8))
    desk.pump.latest.apply(index, value, at, readings.quality)
    desk.pump.readings_arrived.emit(readings)


def walled(charts: ChartDesk, qtbot: QtBot, *sensors: str) -> tuple[WallRun, WallSheet]:
    run = charts.open("wall", list(sensors))
    qtbot.addWidget(run.window)
    assert isinstance(run, WallRun) and isinstance(run.window.canvas.sheet, WallSheet)
    return run, run.window.canvas.sheet


def test_small_multiples_put_the_worst_first_and_go_on_live(
    desk: Desk, charts: ChartDesk, past: Past, qtbot: QtBot
) -> None:
    told(desk, dict.fromkeys(range(7), 30.0) | {4: 400.0, 6: 90.0})
    run, sheet = walled(charts, qtbot, "pm-0")
    assert [trace.sensor.id for trace in sheet.traces[:3]] == ["pm-4", "pm-6", "pm-7"]
    assert [trace.level for trace in sheet.traces[:3]] == [1, 4, 0] and sheet.total == 8 and sheet.abnormal == 2
    assert sheet.traces[2].freshness is Freshness.NEVER
    held = len(sheet.traces[0].ring)
    assert held > 3 and len(past.asked) == 1
    told(desk, {4: 30.0, 0: 300.0})
    desk.second()
    sheet = run.window.canvas.sheet
    assert isinstance(sheet, WallSheet)
    assert sheet.traces[0].sensor.id == "pm-0" and sheet.traces[0].ring.time_s[-1] == NOON.timestamp()
    assert len(past.asked) == 1


def test_small_multiples_are_of_one_kind_and_town_and_a_click_opens_the_plot(
    desk: Desk, charts: ChartDesk, past: Past, qtbot: QtBot
) -> None:
    run, _sheet = walled(charts, qtbot, "pm-0")
    run.window.choose("kind", "no2")
    sheet = run.window.canvas.sheet
    assert isinstance(sheet, WallSheet) and [trace.sensor.id for trace in sheet.traces] == ["no2"]
    qtbot.waitUntil(lambda: len(run.window.canvas.spots) == 1)
    with qtbot.waitSignal(desk.seat.requests.plot_wanted) as wanted:
        qtbot.mouseClick(
            run.window.canvas, Qt.MouseButton.LeftButton, pos=run.window.canvas.spots[0].box.center().toPoint()
        )
    assert wanted.args == ["no2"]


def test_a_wall_whose_history_cannot_be_had_says_so_and_asks_again(
    desk: Desk, charts: ChartDesk, past: Past, qtbot: QtBot
) -> None:
    past.fault = LinkLost("gone")
    run, sheet = walled(charts, qtbot, "pm-0")
    assert "gone" in run.window.fault.text and not len(sheet.traces[0].ring)
    past.fault = None
    for _second in range(11):
        desk.second()
    sheet = run.window.canvas.sheet
    assert isinstance(sheet, WallSheet) and len(sheet.traces[0].ring) and not run.window.fault.text


# ------------------------------------------------------------ comparison


def compared(charts: ChartDesk, qtbot: QtBot, *sensors: str) -> CompareRun:
    run = charts.open("compare", list(sensors))
    qtbot.addWidget(run.window)
    assert isinstance(run, CompareRun)
    return run


def sheet_of(run: CompareRun) -> CompareSheet:
    sheet = run.window.canvas.sheet
    assert isinstance(sheet, CompareSheet)
    return sheet


def test_now_is_compared_with_yesterday_at_this_time(desk: Desk, charts: ChartDesk, past: Past, qtbot: QtBot) -> None:
    told(desk, dict.fromkeys(range(8), 40.0) | {3: 120.0})
    run = compared(charts, qtbot, "pm-0")
    assert past.asked[-1][1] == NOON - timedelta(days=1)
    first = sheet_of(run).compared[0]
    assert first.sensor.id == "pm-3" and first.beyond and first.delta == pytest.approx(120.0 - first.then)
    assert len(sheet_of(run).compared) == 8
    run.bar.by.setValue(900.0)
    assert not any(each.beyond for each in sheet_of(run).compared)
    run.bar.only.setChecked(True)
    assert sheet_of(run).listed == []


def test_values_are_saved_compared_with_and_removed(desk: Desk, charts: ChartDesk, past: Past, qtbot: QtBot) -> None:
    told(desk, {n: 40.0 + n for n in range(7)})
    run = compared(charts, qtbot, "pm-0", "pm-1", "pm-7")
    run.bar.save_wanted.emit("旱季")
    (body,) = desk.sent.bodies
    assert isinstance(body, SaveValues)
    assert (body.name, body.sensors, body.values) == ("旱季", ["pm-0", "pm-1", "pm-7"], [40.0, 41.0, None])
    held = ValueSnapshot(
        id="values-9",
        name="旱季",
        sensors=tuple(body.sensors),
        values=(40.0, 61.5, None),
        taken_at=NOON,
        by="王",
        at=NOON,
        threshold=Threshold(by=5.0, percent=False),
    )
    desk.happen(ValueSnapshotChanged(held))
    run.window.choose("reference", "values-9")
    assert [each.beyond for each in sheet_of(run).compared] == [True, False, False]
    assert sheet_of(run).compared[0].delta == -20.5 and run.bar.threshold == held.threshold
    run.bar.by.setValue(30.0)
    assert not sheet_of(run).compared[0].beyond
    run.bar.keep_wanted.emit()
    run.bar.removal_wanted.emit()
    changed, removed = desk.sent.bodies[1:]
    assert isinstance(changed, ChangeSavedValues) and changed.threshold == Threshold(by=30.0, percent=False)
    assert isinstance(removed, RemoveSavedValues) and removed.snapshot == "values-9"
    desk.happen(ValueSnapshotChanged(msgspec.structs.replace(held, removed=True)))
    assert run.window.choice("reference") == "day"


def test_a_snapshot_needs_a_name(qtbot: QtBot) -> None:
    dialog = NameDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.accepts.isEnabled()
    dialog.name.setText("  ")
    assert not dialog.accepts.isEnabled()
    dialog.name.setText(" 旱季 ")
    with qtbot.waitSignal(dialog.named) as named:
        dialog.accepts.click()
    assert named.args == ["旱季"]


async def _fetched(parts: PastParts, wanted: Stretch, now_ms: int) -> list[float]:
    found = await parts.fetch(wanted, now_ms, lambda _done, _count: None)
    return [float(t) for one in found.series[0] for t in one.time.tolist()]


def run_now(coroutine: object) -> list[float]:
    try:
        coroutine.send(None)
    except StopIteration as ended:
        value: list[float] = ended.value
        return value
    raise AssertionError("it waits")


def test_parts_that_are_over_are_asked_for_once_and_cut_to_what_is_wanted(past: Past) -> None:
    now_ms, hour = to_ms(NOON), 60 * MINUTE_MS
    parts = PastParts(past.history)
    wanted = Stretch((0,), now_ms - 5 * hour // 2, now_ms, hour, 0)
    times = run_now(_fetched(parts, wanted, now_ms))
    assert times == sorted(times) and times[0] >= wanted.since_ms and times[-1] < wanted.until_ms
    assert len(past.asked) == 3
    assert run_now(_fetched(parts, wanted, now_ms)) == times and len(past.asked) == 3
    parts.forget()
    run_now(_fetched(parts, wanted, now_ms))
    assert len(past.asked) == 6


def test_the_worst_limit_that_is_crossed_counts() -> None:
    limits = Sensor(id="x", name="x", kind="pm25").limits
    assert level_of(math.inf, limits) == 0
