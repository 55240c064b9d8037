import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from widgets.plot_frame import TimeGrid
from widgets.plot_window import LONGEST_S, SHORTEST_S, Stretch, TimeWindow

NOW = 1_795_000_000.0


def test_a_live_window_ends_a_little_after_now_and_goes_with_the_time() -> None:
    window = TimeWindow(300.0)
    assert window.stretch(NOW) == (NOW - 297.0, NOW + 3.0)
    assert window.stretch(NOW + 60).end_s == NOW + 63.0


def test_in_steps_the_picture_stands_still_while_readings_come() -> None:
    window = TimeWindow(1200.0)
    window.stepped = True
    ends = {window.stretch(NOW + second).end_s for second in range(200)}
    assert len(ends) in (2, 3)
    assert all(window.stretch(NOW + second).end_s > NOW + second for second in range(200))


def test_into_the_past_and_back_to_now_follows_the_time_again() -> None:
    window = TimeWindow(300.0)
    window.pan(-600.0, NOW)
    assert not window.look.live
    assert window.stretch(NOW + 1000).end_s == NOW - 597.0
    window.pan(600.0, NOW)
    assert window.look.live


def test_zooming_keeps_what_is_under_the_mouse() -> None:
    window = TimeWindow(300.0)
    at_s = NOW - 150.0
    before = (window.stretch(NOW).end_s - at_s) / 300.0
    window.zoom(at_s, 0.5, NOW)
    stretch = window.stretch(NOW)
    assert stretch.span_s == pytest.approx(150.0)
    assert (stretch.end_s - at_s) / stretch.span_s == pytest.approx(before)


def test_zooming_at_the_end_of_a_live_window_stays_live() -> None:
    window = TimeWindow(300.0)
    window.zoom(NOW, 0.5, NOW)
    assert window.look.live and window.look.span_s == 150.0


def test_a_drag_is_undone_as_one_change() -> None:
    window = TimeWindow(300.0)
    for _ in range(20):
        window.pan(-5.0, NOW, "pan")
    window.end_gesture()
    window.pan(-5.0, NOW, "pan")
    assert window.undo() and window.stretch(NOW).end_s == pytest.approx(NOW - 97.0)
    assert window.undo() and window.look.live
    assert not window.undo()
    assert window.redo() and window.redo() and not window.redo()


def test_a_rubber_band_keeps_the_ranges_it_did_not_touch() -> None:
    window = TimeWindow(300.0)
    window.show(NOW - 200, NOW - 100, {"cm": (0.0, 10.0)})
    window.show(NOW - 180, NOW - 120, {"MPa": (0.0, 1.0)})
    assert dict(window.look.ranges) == {"cm": (0.0, 10.0), "MPa": (0.0, 1.0)}
    window.release_ranges()
    assert not window.look.ranges and not window.look.live
    with pytest.raises(ValueError, match="ends after"):
        window.show(NOW, NOW)


class Officer(RuleBasedStateMachine):
    """Whatever an officer does, a window has a sane length, and undo and redo are each other's reverse."""

    def __init__(self) -> None:
        super().__init__()
        self.window = TimeWindow(300.0)
        self.seen = [self.window.look]

    @rule(by=st.floats(-1e6, 1e6))
    def pan(self, by: float) -> None:
        self.window.pan(by, NOW)

    @rule(at=st.floats(NOW - 1e6, NOW), factor=st.floats(0.01, 100.0))
    def zoom(self, at: float, factor: float) -> None:
        self.window.zoom(at, factor, NOW)

    @rule(span=st.floats(0.001, 1e10))
    def span(self, span: float) -> None:
        self.window.show_span(span)

    @rule()
    def undo_and_redo(self) -> None:
        before = self.window.look
        if self.window.undo():
            assert self.window.redo()
        assert self.window.look == before

    @rule()
    def undo(self) -> None:
        self.window.undo()

    @rule()
    def live(self) -> None:
        self.window.go_live()

    @invariant()
    def sane(self) -> None:
        stretch = self.window.stretch(NOW)
        assert SHORTEST_S * 0.999 <= stretch.span_s <= LONGEST_S * 1.001


TestOfficer = Officer.TestCase


def test_columns_of_a_moving_window_lie_at_fixed_times() -> None:
    first, second = (TimeGrid.over(Stretch(at - 300, at), 1000) for at in (NOW, NOW + 1.0))
    assert first.width_s == second.width_s
    assert second.first - first.first in (3, 4)
    assert first.end_s >= NOW
    assert first.time_s(first.x(NOW - 12.5)) == pytest.approx(NOW - 12.5)
    assert first.finer(2.0).start_s == pytest.approx(first.start_s, abs=first.width_s)
    assert first.finer(1.0) is first
