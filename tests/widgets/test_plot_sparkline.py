import numpy as np
from PySide6.QtGui import QColor, QImage, QPalette
from pytestqt.qtbot import QtBot

from widgets.plot_series import SeriesRing
from widgets.plot_sparkline import Sparkline


def painted_columns(spark: Sparkline) -> np.ndarray:
    """For each pixel column, whether anything but the background was painted."""
    image = spark.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return (pixels[:, : image.width()] != pixels[0, 0]).any(axis=0)


def spark_of(qtbot: QtBot, time_s: np.ndarray, value: np.ndarray, stale: bool = False) -> Sparkline:
    ring = SeriesRing()
    ring.add(time_s, value.astype(np.float32), np.zeros(len(time_s), np.uint8))
    spark = Sparkline(100.0, 10.0)
    qtbot.addWidget(spark)
    palette = QPalette(QColor("#202020"))
    spark.setPalette(palette)
    spark.resize(200, 40)
    spark.show_series(ring, 1000.0, stale)
    return spark


def test_a_gap_in_the_readings_is_a_gap_in_the_picture(qtbot: QtBot) -> None:
    time_s = np.concatenate([np.arange(900.0, 930.0), np.arange(970.0, 1000.0)])
    painted = painted_columns(spark_of(qtbot, time_s, np.sin(time_s)))
    assert painted[5:55].all()
    assert not painted[65:135].any()
    assert painted[145:195].all()


def test_a_flat_curve_and_an_empty_one_are_painted_without_fuss(qtbot: QtBot) -> None:
    time_s = np.arange(900.0, 1000.0)
    assert painted_columns(spark_of(qtbot, time_s, np.zeros(100)))[5:190].all()
    assert not painted_columns(spark_of(qtbot, time_s, np.full(100, np.nan))).any()
    assert not painted_columns(spark_of(qtbot, np.empty(0), np.empty(0))).any()


def test_a_stale_curve_is_paler(qtbot: QtBot) -> None:
    time_s = np.arange(900.0, 1000.0)
    live, stale = (spark_of(qtbot, time_s, np.sin(time_s), stale).grab().toImage() for stale in (False, True))
    assert live != stale
