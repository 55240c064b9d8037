from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from widgets.plot_scheduler import FRAME_MS, PlotScheduler


class Plot(QWidget):
    def __init__(self, time: list[float], cost_s: float = 0.0) -> None:
        super().__init__()
        self.drawn = 0
        self._time = time
        self._cost_s = cost_s

    def redraw(self) -> None:
        self.drawn += 1
        self._time[0] += self._cost_s


def scheduler_and_plots(qtbot: QtBot, count: int, cost_s: float) -> tuple[PlotScheduler, list[Plot]]:
    time = [0.0]
    plots = [Plot(time, cost_s) for _ in range(count)]
    for plot in plots:
        qtbot.addWidget(plot)
        plot.show()
    return PlotScheduler(monotonic=lambda: time[0]), plots


def test_asking_often_draws_once_a_tick_and_then_the_clock_stands_still(qtbot: QtBot) -> None:
    scheduler, (plot,) = scheduler_and_plots(qtbot, 1, 0.001)
    for _ in range(100):
        scheduler.ask(plot, plot.redraw)
    scheduler.tick()
    assert plot.drawn == 1
    scheduler.tick()
    assert plot.drawn == 1
    assert scheduler.idle


def test_a_hidden_plot_is_not_drawn_until_it_is_seen(qtbot: QtBot) -> None:
    scheduler, (plot,) = scheduler_and_plots(qtbot, 1, 0.001)
    plot.hide()
    scheduler.ask(plot, plot.redraw)
    scheduler.tick()
    assert (plot.drawn, scheduler.idle) == (0, True)
    plot.show()
    scheduler.ask(plot, plot.redraw)
    scheduler.tick()
    assert plot.drawn == 1


def test_dear_plots_take_turns_so_that_no_tick_is_long_and_it_is_said(qtbot: QtBot) -> None:
    scheduler, plots = scheduler_and_plots(qtbot, 12, 0.006)
    told: list[bool] = []
    scheduler.slowed.connect(told.append)
    for _ in range(80):
        for plot in plots:
            scheduler.ask(plot, plot.redraw)
        before = sum(plot.drawn for plot in plots)
        scheduler.tick()
    assert sum(plot.drawn for plot in plots) - before <= 3
    drawn = [plot.drawn for plot in plots]
    assert max(drawn) - min(drawn) <= 1
    assert told == [True]
    assert scheduler.rate_hz < 8.0


def test_one_plot_that_is_too_dear_slows_the_clock_itself(qtbot: QtBot) -> None:
    scheduler, (plot,) = scheduler_and_plots(qtbot, 1, 0.2)
    for _ in range(60):
        scheduler.ask(plot, plot.redraw)
        scheduler.tick()
    assert scheduler.rate_hz < 1000.0 / FRAME_MS / 5
    assert scheduler.slow


def test_painting_after_the_tick_counts_as_cost(qtbot: QtBot) -> None:
    scheduler, (plot,) = scheduler_and_plots(qtbot, 1, 0.0)
    for _ in range(60):
        scheduler.ask(plot, plot.redraw)
        scheduler.tick()
        scheduler.charge(0.2)
    assert scheduler.slow


def test_a_plot_that_is_gone_is_forgotten(qtbot: QtBot) -> None:
    scheduler, (plot,) = scheduler_and_plots(qtbot, 1, 0.0)
    scheduler.ask(plot, plot.redraw)
    scheduler.forget(plot)
    scheduler.tick()
    assert plot.drawn == 0


def test_a_plot_whose_window_was_closed_while_it_waited_is_let_go(qtbot: QtBot) -> None:
    scheduler, (closed, kept) = scheduler_and_plots(qtbot, 2, 0.0)
    scheduler.ask(closed, closed.redraw)
    scheduler.ask(kept, kept.redraw)
    with qtbot.waitSignal(closed.destroyed):
        closed.deleteLater()
    scheduler.tick()
    assert kept.drawn == 1
