"""Fetching: after the window stood still, sensor by sensor, cancelled when superseded, and said when it fails."""

import asyncio
from collections.abc import Coroutine, Iterator
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from controlroom.domain.past_readings import PastReadings, Series
from controlroom.domain.sensor import Sensor
from controlroom.errors import LinkLost
from widgets.plot_curve import Curve
from widgets.plot_frame import TimeGrid
from widgets.plot_history import BINS_PER_COLUMN, PlotHistory
from widgets.plot_window import Stretch

NOW = 1_795_000_000.0


class Running:
    """A coroutine that a test lets go on."""

    def __init__(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self.coroutine = coroutine
        self.cancelled = False

    def cancel(self, msg: Any = None) -> bool:
        self.cancelled = True
        self.coroutine.close()
        return True

    def finish(self) -> None:
        asyncio.run(self.coroutine)


class Hub:
    """Answers with one bin for each that was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[list[int], datetime, datetime, int]] = []
        self.running: list[Running] = []
        self.fault: Exception | None = None
        self.now_s = 0.0
        self.down: tuple[tuple[int, int], ...] = ()

    async def history(self, indices: list[int], since: datetime, until: datetime, bins: int) -> PastReadings:
        self.asked.append((indices, since, until, bins))
        if self.fault is not None:
            raise self.fault
        nothing = np.empty(0, np.float32)
        times = np.empty(0, np.int64)
        series = tuple(Series(i, 1000, times, nothing, nothing, nothing, times, np.empty(0, np.uint8)) for i in indices)
        return PastReadings(0, 0, series, 0, 0, ((int(NOW - 500) * 1000, int(NOW - 400) * 1000),), self.down)

    def spawn(self, coroutine: Coroutine[Any, Any, None], name: str) -> Running:
        self.running.append(Running(coroutine))
        return self.running[-1]

    def monotonic(self) -> float:
        return self.now_s


def curves(count: int) -> list[Curve]:
    made = [Curve(Sensor(id=f"s{n}", name="点", kind="x"), n, n, None) for n in range(count)]
    for curve in made:
        curve.listen(NOW)
    return made


@pytest.fixture
def hub() -> Iterator[Hub]:
    made = Hub()
    yield made
    for running in made.running:  # what a test let wait is given up, as at the end of a seat
        running.coroutine.close()


@pytest.fixture
def owner(qtbot: QtBot) -> QObject:
    return QObject()


def loader(hub: Hub, owner: QObject) -> PlotHistory:
    return PlotHistory(hub.history, hub.spawn, hub.monotonic, owner)


def test_what_is_missing_is_asked_sensor_by_sensor_at_three_bins_a_column(hub: Hub, owner: QObject) -> None:
    history, shown = loader(hub, owner), curves(2)
    told: list[tuple[int, int]] = []
    history.progressed.connect(lambda done, count: told.append((done, count)))
    history.look(shown, Stretch(NOW - 3600, NOW), 1000, NOW)
    assert not hub.running
    history.fetch()
    hub.running[0].finish()
    assert [indices for indices, *_rest in hub.asked] == [[0], [1]]
    _indices, since, until, bins = hub.asked[0]
    width_s = (until - since).total_seconds() / bins
    assert width_s == pytest.approx(3.6 / BINS_PER_COLUMN, rel=1e-3)
    assert since.timestamp() == NOW - 5400
    assert told == [(0, 2), (1, 2), (2, 2), (0, 0)]
    assert history.damaged == ((NOW - 500, NOW - 400),)
    history.fetch()
    assert len(hub.running) == 1


def test_nothing_is_asked_while_the_window_moves(hub: Hub, owner: QObject, qtbot: QtBot) -> None:
    history, shown = loader(hub, owner), curves(1)
    for step in range(10):
        history.moved()
        history.look(shown, Stretch(NOW - 3600 - step, NOW - step), 1000, NOW)
    assert not hub.running
    qtbot.waitUntil(lambda: len(hub.running) == 1)
    history.cancel()


def test_a_window_that_is_left_cancels_its_question(hub: Hub, owner: QObject) -> None:
    history, shown = loader(hub, owner), curves(1)
    history.look(shown, Stretch(NOW - 3600, NOW), 1000, NOW)
    history.fetch()
    history.look(shown, Stretch(NOW - 3700, NOW - 100), 1000, NOW)
    assert not hub.running[0].cancelled
    history.look(shown, Stretch(NOW - 90_000, NOW - 86_400), 1000, NOW)
    assert hub.running[0].cancelled
    history.fetch()
    assert not hub.running[1].cancelled
    hub.running[1].finish()
    assert hub.asked[-1][2].timestamp() <= NOW - 80_000


def test_a_finer_window_asks_again_and_one_that_is_covered_does_not(hub: Hub, owner: QObject) -> None:
    history, shown = loader(hub, owner), curves(1)
    for stretch, asked in (
        (Stretch(NOW - 7200, NOW - 3600), 1),
        (Stretch(NOW - 7000, NOW - 3700), 1),
        (Stretch(NOW - 6000, NOW - 5900), 2),
        (Stretch(NOW - 19_000, NOW - 3600), 3),
    ):
        history.look(shown, stretch, 1000, NOW)
        history.fetch()
        if history.busy:
            hub.running[-1].finish()
        assert len(hub.asked) == asked


def test_a_very_wide_plot_asks_for_no_more_bins_than_a_hub_gives(hub: Hub, owner: QObject) -> None:
    history, shown = loader(hub, owner), curves(1)
    history.look(shown, Stretch(NOW - 86_400, NOW - 3600), 7680, NOW)
    history.fetch()
    hub.running[0].finish()
    assert hub.asked[0][3] == 8000
    history.fetch()
    assert len(hub.asked) == 1


def test_a_fault_is_said_and_asked_again_after_a_while(hub: Hub, owner: QObject) -> None:
    history, shown = loader(hub, owner), curves(1)
    said: list[str] = []
    history.failed.connect(said.append)
    hub.fault = LinkLost("no link")
    history.look(shown, Stretch(NOW - 3600, NOW), 1000, NOW)
    history.fetch()
    hub.running[0].finish()
    assert said == ["no link"] and not history.busy
    history.look(shown, Stretch(NOW - 3600, NOW), 1000, NOW)
    assert not history._settled.isActive()
    hub.now_s += 30.0
    history.look(shown, Stretch(NOW - 3600, NOW), 1000, NOW)
    assert history._settled.isActive()


def test_what_the_officer_stopped_stays_stopped_until_the_window_moves(hub: Hub, owner: QObject) -> None:
    history, shown = loader(hub, owner), curves(1)
    history.look(shown, Stretch(NOW - 3600, NOW), 1000, NOW)
    history.fetch()
    history.stop()
    assert hub.running[0].cancelled
    hub.now_s += 1000.0
    history.look(shown, Stretch(NOW - 3600, NOW), 1000, NOW)
    assert not history._settled.isActive()
    history.moved()
    history.look(shown, Stretch(NOW - 3700, NOW - 100), 1000, NOW)
    assert history._settled.isActive()


def test_no_line_is_drawn_over_a_time_without_a_hub(hub: Hub, owner: QObject) -> None:
    history, curve = loader(hub, owner), curves(1)[0]
    curve = Curve(Sensor(id="s", name="点", kind="x", stale_after_s=3600), 0, 0, None)
    curve.listen(NOW - 1000)
    good = np.zeros(4, np.uint8)
    curve.add(NOW + np.array([-900.0, -800, -200, -100]), np.float32([1, 2, 3, 4]), good)
    grid = TimeGrid.over(Stretch(NOW - 1000, NOW), 1000)
    whole = curve.columns(grid, grid.first, grid.first + grid.columns, True)
    assert not whole.broken[1:].any() and curve.at(NOW - 400) == (NOW - 800, 2.0)
    hub.down = ((int(NOW - 790) * 1000, int(NOW - 210) * 1000),)
    history.look([curve], Stretch(NOW - 5000, NOW), 1000, NOW)
    history.fetch()
    hub.running[0].finish()
    assert history.down == ((NOW - 790, NOW - 210),)
    made = curve.columns(grid, grid.first, grid.first + grid.columns, True)
    assert made.broken[1:].tolist() == [False, True, False]
    assert curve.at(NOW - 400) is None and curve.at(NOW - 150) == (NOW - 200, 3.0)
