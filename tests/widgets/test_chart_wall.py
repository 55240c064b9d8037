"""Small plots of many sensors, by the pixels that are painted."""

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QImage, QPainter, QPalette
from pytestqt.qtbot import QtBot

from controlroom.domain.limits import Freshness
from controlroom.domain.sensor import Sensor
from widgets.chart_sheet import ChartLook
from widgets.chart_wall import Trace, WallSheet
from widgets.plot_series import SeriesRing

NOW_S, SPAN_S, WIDTH = 1000.0, 100.0, 212


def curve(time_s: np.ndarray, value: np.ndarray, freshness: Freshness = Freshness.LIVE) -> np.ndarray:
    """The pixels below the words of one small plot, without its frame; `SPAN_S` is about as wide as they are."""
    ring = SeriesRing()
    ring.add(time_s, value.astype(np.float32), np.zeros(len(time_s), np.uint8))
    trace = Trace(Sensor(id="s", name="s", kind="x", unit="cm"), ring, 1.0, 0, freshness, 2.0)
    sheet = WallSheet(
        group="x",
        kind=None,
        traces=[trace],
        total=1,
        abnormal=0,
        span_s=SPAN_S,
        span_words="",
        gap_s=10.0,
        now_s=NOW_S,
    )
    look = ChartLook(QPalette(), QFont())
    image = QImage(WIDTH, 120, QImage.Format.Format_RGB32)
    image.fill(look.ground)
    painter = QPainter(image)
    painter.setFont(look.font)
    sheet.paint(painter, QRectF(0, 0, WIDTH, 120), look)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(120, image.bytesPerLine() // 4)
    below = int(6 + 2 * look.line_px)
    return pixels[below:116, 8 : WIDTH - 8].copy()


def columns(pixels: np.ndarray) -> np.ndarray:
    """For each column of pixels, whether anything but the ground was painted."""
    return (pixels != pixels[0, 98]).any(axis=0)


def test_a_gap_in_the_readings_is_a_gap_in_the_picture(qtbot: QtBot) -> None:
    time_s = np.concatenate([np.arange(900.0, 930.0), np.arange(970.0, 1000.0)])
    painted = columns(curve(time_s, np.sin(time_s)))
    assert painted[5:55].all()
    assert not painted[65:130].any()
    assert painted[145:190].all()


def test_a_flat_curve_and_one_without_readings_are_painted_without_fuss(qtbot: QtBot) -> None:
    time_s = np.arange(900.0, 1000.0)
    assert columns(curve(time_s, np.zeros(100)))[5:185].all()
    assert not columns(curve(time_s, np.full(100, np.nan))).any()
    assert not columns(curve(np.empty(0), np.empty(0))).any()


def test_a_stale_curve_is_paler(qtbot: QtBot) -> None:
    time_s = np.arange(900.0, 1000.0)
    live, stale = (curve(time_s, np.sin(time_s), one) for one in (Freshness.LIVE, Freshness.STALE))
    assert (live != stale).any()
    assert (columns(live) == columns(stale)).all()
