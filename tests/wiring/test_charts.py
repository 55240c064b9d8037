"""Charts connected to a seat: they ask for the past in parts, go on live, follow the room's time and say when not."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from controlroom.bridge.past_parts import PastParts, Stretch
from controlroom.domain.events import SensorsDeclared
from controlroom.domain.past_readings import PastReadings, Series
from controlroom.domain.place import Point
from controlroom.domain.sensor import Sensor
from controlroom.domain.times import to_ms
from controlroom.errors import LinkLost
from controlroom.seat.status import LinkState
from controlroom.shell.actions import Actions
from controlroom.wiring.chart_plans import level_of
from controlroom.wiring.chart_run import ChartRun
from controlroom.wiring.charts import PLANS, ChartDesk
from controlroom.wiring.plots import PlotWiring
from controlroom.wiring.sensors import SensorsWiring
from tests.shell.room_feed import NOON
from tests.wiring.conftest import Desk
from widgets.chart_calendar import CalendarSheet
from widgets.chart_envelope import EnvelopeSheet
from widgets.chart_heat import HeatSheet
from widgets.chart_rose import RoseSheet
from widgets.chart_scatter import ScatterSheet

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
    desk.sent.history = made.history  # type: ignore[method-assign]
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
    qtbot.addWidget(run.window)
    return run


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("heat", HeatSheet),
        ("neighbours", EnvelopeSheet),
        ("correlation", ScatterSheet),
        ("rose", RoseSheet),
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


def test_charts_open_by_key_for_the_chosen_sensor_and_close(
    desk: Desk, charts: ChartDesk, past: Past, qtbot: QtBot
) -> None:
    actions = Actions(desk.owner)
    charts.register(actions)
    assert {action.objectName() for action in actions.all()} == {f"chart_{name}" for name in PLANS}
    desk.seat.selection.select("sensor", "pm-5")
    actions.trigger("chart_heat")
    (run,) = charts.charts
    sheet = run.window.canvas.sheet
    assert isinstance(sheet, HeatSheet) and sheet.sensor.id == "pm-5"
    with qtbot.waitSignal(run.window.destroyed):
        run.window.close()
    assert charts.charts == []
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
    assert seen == [("heat", ["pm-1"]), ("neighbours", ["pm-2"])]


async def _fetched(parts: PastParts, wanted: Stretch, now_ms: int) -> list[float]:
    found = await parts.fetch(wanted, now_ms, lambda _done, _count: None)
    return [float(t) for one in found.series[0] for t in one.time.tolist()]


def run_now(coroutine: object) -> list[float]:
    try:
        coroutine.send(None)  # type: ignore[attr-defined]
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
