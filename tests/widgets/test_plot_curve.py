"""Live and archive on one axis: whatever came from where, the curve is that of one series."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPalette
from pytestqt.qtbot import QtBot

from controlroom.domain.past_readings import Series
from controlroom.domain.sensor import Limit, Sensor
from controlroom.domain.severity import Severity
from widgets.plot_chart import PlotState
from widgets.plot_curve import Curve
from widgets.plot_curve_layer import CurveLayer
from widgets.plot_frame import TimeGrid
from widgets.plot_picture import PlotPicture
from widgets.plot_scene import LimitLine, limit_periods
from widgets.plot_window import Stretch

NOW = 1_795_000_000.0
SENSOR = Sensor(id="g", name="点", kind="x", unit="cm", stale_after_s=60.0)


def raw(time_s: np.ndarray, value: np.ndarray, quality: np.ndarray | None = None) -> Series:
    told = value.astype(np.float32)
    quality = np.zeros(len(told), np.uint8) if quality is None else quality
    time_ms = np.round(time_s * 1000).astype(np.int64)
    return Series(0, 0, time_ms, told, told, told, np.ones(len(told), np.int64), quality)


def binned(time_s: np.ndarray, value: np.ndarray, width_s: float) -> Series:
    number = np.floor(time_s / width_s)
    starts = np.flatnonzero(np.diff(number, prepend=-1))
    low, high = np.minimum.reduceat(value, starts), np.maximum.reduceat(value, starts)
    count = np.diff(np.append(starts, len(value)))
    mean = np.add.reduceat(value, starts) / count
    begin = np.round(number[starts] * width_s * 1000).astype(np.int64)
    columns = (mean.astype(np.float32), low.astype(np.float32), high.astype(np.float32))
    return Series(0, round(width_s * 1000), begin, *columns, count, np.zeros(len(starts), np.uint8))


def live_curve(time_s: np.ndarray, value: np.ndarray) -> Curve:
    curve = Curve(SENSOR, 0, 0, None)
    curve.listen(float(time_s[0]) if len(time_s) else NOW)
    curve.add(time_s, value.astype(np.float32), np.zeros(len(time_s), np.uint8))
    return curve


def seen(curve: Curve, grid: TimeGrid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    columns = curve.columns(grid, grid.first, grid.first + grid.columns, curve.single(grid))
    inside = (columns.x >= grid.first) & (columns.x < grid.first + grid.columns)
    return columns.x[inside], columns.mean[inside], columns.broken[inside]


@given(st.integers(1, 590))
def test_wherever_live_begins_the_curve_is_that_of_one_series(split: int) -> None:
    time_s = NOW - 600 + np.arange(600.0)
    value = np.sin(time_s / 17.0)
    grid = TimeGrid.over(Stretch(NOW - 580, NOW), 1000)
    whole = live_curve(time_s, value)
    parted = live_curve(time_s[split:], value[split:])
    parted.take_past(raw(time_s[: split + 5], value[: split + 5]), Stretch(NOW - 700, float(time_s[split]) + 4.5), 0.2)
    for one, other in zip(seen(whole, grid), seen(parted, grid), strict=True):
        np.testing.assert_allclose(one, other)
    assert not parted.missing(Stretch(grid.start_s, NOW), 0.2)


def test_bins_and_live_readings_are_one_line_without_a_gap_or_a_step() -> None:
    time_s = NOW - 86_400 + np.arange(0.0, 86_400.0, 10.0)
    value = np.sin(time_s / 5000.0)
    curve = live_curve(time_s[-300:], value[-300:])
    curve.take_past(binned(time_s, value, 30.0), Stretch(NOW - 90_000, NOW + 1), 30.0)
    grid = TimeGrid.over(Stretch(NOW - 86_000, NOW), 960)
    x, mean, broken = seen(curve, grid)
    assert not broken[1:].any()
    assert (np.diff(x) >= 0).all()
    assert np.abs(mean - np.sin((x * grid.width_s) / 5000.0)).max() < 0.02


def test_a_fine_piece_is_drawn_where_it_is_and_a_coarse_one_beside_it() -> None:
    time_s = NOW - 7200 + np.arange(7000.0)
    curve = Curve(SENSOR, 0, 0, None)
    curve.listen(NOW)
    curve.take_past(binned(time_s, np.zeros(7000), 60.0), Stretch(NOW - 7200, NOW - 200), 60.0)
    curve.take_past(raw(time_s[3000:4000], np.ones(1000)), Stretch(NOW - 4200, NOW - 3200), 1.0)
    grid = TimeGrid.over(Stretch(NOW - 7200, NOW - 200), 7000)
    x, mean, _broken = seen(curve, grid)
    fine = (x * grid.width_s >= NOW - 4200) & (x * grid.width_s < NOW - 3200)
    assert (mean[fine] == 1.0).all() and fine.sum() == 1000
    assert (mean[~fine] == 0.0).all() and (~fine).sum() > 90
    assert curve.missing(Stretch(NOW - 4200, NOW - 3200), 1.0) == []
    assert curve.missing(Stretch(NOW - 5000, NOW - 3200), 1.0) == [(NOW - 5000, NOW - 4200)]
    assert curve.unknown(Stretch(NOW - 8000, NOW - 3200)) == [(NOW - 8000, NOW - 7200)]


def test_a_piece_that_is_finer_and_longer_replaces_the_others() -> None:
    curve = Curve(SENSOR, 0, 0, None)
    time_s = NOW - 100 + np.arange(100.0)
    for number in range(20):
        curve.take_past(raw(time_s, np.ones(100)), Stretch(NOW - 1000 - number, NOW - number), 1.0)
    assert len(list(curve.archive.parts(Stretch(NOW - 2000, NOW)))) <= 8
    curve.take_past(raw(time_s, np.zeros(100)), Stretch(NOW - 3000, NOW), 1.0)
    assert len(list(curve.archive.parts(Stretch(NOW - 2000, NOW)))) == 1


def test_after_a_lost_link_what_was_missed_is_unknown_and_not_a_straight_line() -> None:
    time_s = NOW - 100 + np.arange(80.0)
    curve = live_curve(time_s, np.ones(80))
    curve.listen_again(NOW - 20, NOW)
    curve.add(NOW + np.arange(3.0), np.ones(3, np.float32), np.zeros(3, np.uint8))
    assert curve.unknown(Stretch(NOW - 100, NOW)) == [(NOW - 20, NOW)]
    assert curve.at(NOW - 30) == (NOW - 30, 1.0)


def test_bad_readings_of_the_past_are_doubts_and_not_joined() -> None:
    time_s, quality = NOW - 100 + np.arange(10.0), np.zeros(10, np.uint8)
    quality[4] = 1
    curve = Curve(SENSOR, 0, 0, None)
    curve.listen(NOW)
    curve.take_past(raw(time_s, np.arange(10.0), quality), Stretch(NOW - 100, NOW - 50), 1.0)
    doubts = curve.doubts(Stretch(NOW - 100, NOW))
    assert (doubts.time_s.tolist(), doubts.value.tolist()) == ([time_s[4]], [4.0])
    assert curve.at(float(time_s[4])) is None
    assert curve.extremes(Stretch(NOW - 100, NOW)) == (0.0, 9.0)


def test_the_mean_of_a_bin_is_what_the_cursor_reads() -> None:
    time_s = NOW - 600 + np.arange(600.0)
    curve = Curve(SENSOR, 0, 0, None)
    curve.listen(NOW)
    curve.take_past(binned(time_s, time_s - NOW, 60.0), Stretch(NOW - 600, NOW), 60.0)
    at_s, value = curve.at(NOW - 300.0) or (0.0, 0.0)
    assert at_s <= NOW - 300.0 < at_s + 60.0
    assert value == pytest.approx(at_s + 29.5 - NOW)


def shifted(layer: CurveLayer, curve: Curve, grid: TimeGrid) -> QImage:
    layer.draw([(curve, "cm", QColor("#7fd1b9"))], grid, 200, {"cm": (-2.0, 2.0)}, QColor("#202020"), False)
    return layer.pixmap.toImage().convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def pixels(image: QImage) -> np.ndarray:
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine()).copy()


@given(st.lists(st.tuples(st.integers(-40, 60), st.integers(0, 8)), min_size=1, max_size=6))
def test_a_shifted_picture_is_the_one_that_would_be_drawn_anew(qapp: object, moves: list[tuple[int, int]]) -> None:
    time_s = NOW - 4000 + np.arange(0.0, 3800.0, 0.2)
    curve = live_curve(time_s, np.sin(time_s / 7.0) + 0.3 * np.sin(time_s * 31.0))
    layer, end_s, last_s = CurveLayer(), NOW - 200.0, float(time_s[-1])
    for columns, readings in ((0, 0), *moves):
        end_s += columns * 1.25
        new = last_s + 0.3 * np.arange(1, readings + 1)
        curve.add(new, np.cos(new).astype(np.float32), np.zeros(readings, np.uint8))
        last_s = float(curve.ring.time_s[-1])
        grid = TimeGrid.over(Stretch(end_s - 500.0, end_s), 400)
        moved, anew = pixels(shifted(layer, curve, grid)), pixels(shifted(CurveLayer(), curve, grid))
        differing = (np.abs(moved.astype(int) - anew.astype(int)) > 40).any(axis=0).reshape(-1, 4).any(axis=1)
        assert differing.sum() <= 2 * (len(moves) + 1)


def test_only_what_is_new_is_drawn(qapp: object) -> None:
    time_s = NOW - 4000 + np.arange(0.0, 4000.0, 0.2)
    curve, layer = live_curve(time_s, np.sin(time_s)), CurveLayer()
    drawn = []
    for second in (0.0, 2.5, 2.5):
        grid = TimeGrid.over(Stretch(NOW + second - 500.0, NOW + second), 400)
        drawn.append(layer.draw([(curve, "cm", QColor("#fff"))], grid, 200, {"cm": (-2.0, 2.0)}, QColor("#000"), False))
    assert drawn == [400, 2, 0]


def test_limits_that_changed_are_drawn_as_they_were() -> None:
    border = NOW - 12_345.0

    def lines_at(at_s: float) -> tuple[LimitLine, ...]:
        return (LimitLine(10.0 if at_s < border else 20.0, True, Severity.RED, "x"),)

    before, after = limit_periods(lines_at, Stretch(NOW - 86_400, NOW), 48, 1.0)
    assert before.stretch.end_s == after.stretch.start_s == pytest.approx(border, abs=1.0)
    assert [period.lines[0].value for period in (before, after)] == [10.0, 20.0]
    assert len(limit_periods(lines_at, Stretch(border, NOW), 48, 1.0)) == 1


def test_units_have_their_axes_left_and_right_in_turns(qtbot: QtBot) -> None:
    curves = [
        Curve(
            Sensor(id=unit, name=unit, kind="x", unit=unit, limits=(Limit(severity=Severity.RED, above=5.0),)),
            n,
            n,
            None,
        )
        for n, unit in enumerate(("cm", "MPa", "℃"))
    ]
    picture = PlotPicture(QPalette(QColor("#fff")), QFont())
    picture.set_curves(curves, together=True)
    state = PlotState(now_s=NOW, stretch=Stretch(NOW - 300, NOW))
    picture.update(state, QRectF(0, 0, 800, 400))
    (chart,) = picture.charts
    assert chart.units == ["cm", "MPa", "℃"]
    assert (chart.left_px, chart.right_px) == (116.0, 58.0)
    assert chart.frame.area.left() == 116.0 and chart.frame.area.right() == pytest.approx(800.0 - 58.0)
    image = QImage(800, 400, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    picture.paint(painter, state)
    painter.end()
    picture.set_curves(curves, together=False)
    assert [chart.units for chart in picture.charts] == [["cm"], ["MPa"], ["℃"]]
