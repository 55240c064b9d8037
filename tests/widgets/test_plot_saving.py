"""Files of a plot: picture, drawing and tables say what they show, in which units, of when, and how old it is."""

import asyncio
import csv
import xml.etree.ElementTree as ElementTree
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from controlroom.domain.past_readings import PastReadings, Series
from controlroom.domain.sensor import Sensor
from controlroom.errors import LinkLost
from tests.widgets.test_plot import GAUGE, HYDRANT, KINDS, NOW, StoppedClock, readings
from widgets.plot import PlotPanel
from widgets.plot_saving import PlotSaving
from widgets.plot_table_file import BINNED, RAW


class Hub:
    """A reading a second of everything, one of them bad; bins where they are asked for."""

    def __init__(self) -> None:
        self.fault: Exception | None = None
        self.asked = 0
        self.held: list[Coroutine[Any, Any, None]] | None = None

    async def history(self, indices: list[int], since: Any, until: Any, bins: int) -> PastReadings:
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        time = np.arange(since.timestamp(), until.timestamp(), 60.0)
        value = np.full(len(time), 12.5, np.float32)
        quality = np.zeros(len(time), np.uint8)
        quality[:1] = 2
        width = 60_000 if bins else 0
        columns = (value, value - 1, value + 1) if bins else (value, value, value)
        times, count = (time * 1000).astype(np.int64), np.ones(len(time), np.int64)
        return PastReadings(0, 0, tuple(Series(i, width, times, *columns, count, quality) for i in indices), 0, 0)

    def spawn(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        if self.held is not None and name == "plot table":
            self.held.append(coroutine)
        else:
            asyncio.run(coroutine)


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def panel(qtbot: QtBot, hub: Hub) -> PlotPanel:
    made = PlotPanel(StoppedClock(), hub.history, hub.spawn, KINDS)
    qtbot.addWidget(made)
    made.resize(900, 500)
    formula = Sensor(id="=x", name="=1+1", kind="x", unit="m")
    made.show_sensors([GAUGE, HYDRANT, formula], [3, 4, 5])
    made.add_readings(readings(3, [20, 10], [5, 6]))
    return made


def told(saving: PlotSaving) -> list[str]:
    sentences: list[str] = []
    saving.told.connect(lambda text, _busy: sentences.append(text))
    return sentences


def test_a_drawing_has_title_legend_units_time_and_age_as_text(panel: PlotPanel, tmp_path: Path) -> None:
    panel.saving.origin = "drill/flood"
    file = tmp_path / "plot.svg"
    panel.saving.save_picture(str(file))
    words = "".join("".join(ElementTree.parse(file).getroot().itertext()).split())
    named = ("drill/flood", "京开路下凹桥", "(flood-07)/cm", "MPa")
    for expected in (*named, "UTC+08:00", "2026-11-2112:00:00", "10秒前"):
        assert expected in words


def test_a_picture_is_large_white_and_not_empty(panel: PlotPanel, tmp_path: Path) -> None:
    file = tmp_path / "plot.png"
    panel.saving.save_picture(str(file))
    image = QImage(str(file))
    assert (image.width(), image.height()) == (2800, 1600)
    assert image.pixelColor(2, 2).name() == "#ffffff"
    pixels = np.frombuffer(image.convertToFormat(QImage.Format.Format_Grayscale8).constBits(), np.uint8)
    assert (pixels < 128).mean() > 0.002
    assert "10 秒前" in image.text("Description")


def rows_of(file: Path) -> tuple[str, list[list[str]]]:
    lines = list(csv.reader(file.read_text("utf-8-sig").splitlines()))
    return lines[0][0], lines[1:]


def test_a_table_of_readings_has_quality_and_unit_of_each(panel: PlotPanel, hub: Hub, tmp_path: Path) -> None:
    panel.steering.set_span(7 * 3600)
    before, file = hub.asked, tmp_path / "raw.csv"
    panel.saving.save_raw(str(file))
    remark, (head, *rows) = rows_of(file)
    assert remark.startswith("#") and "10" in remark
    assert head == list(RAW)
    assert len(rows) == 3 * 416
    assert rows[0][1:] == ["flood-07", "京开路下凹桥", "", "flood_depth", "cm", "12.5", "2"]
    assert rows[0][0].endswith("+08:00")
    assert rows[1][-1] == "0"
    assert hub.asked - before == 6
    assert rows[-1][1:3] == ["'=x", "'=1+1"]


def test_a_table_of_bins_has_least_greatest_and_mean(panel: PlotPanel, tmp_path: Path) -> None:
    file = tmp_path / "bins.csv"
    panel.saving.save_binned(str(file))
    _remark, (head, *rows) = rows_of(file)
    assert head == list(BINNED)
    assert rows[0][7:] == ["11.5", "13.5", "12.5", "2"]


def test_a_file_that_cannot_be_written_is_said(panel: PlotPanel, tmp_path: Path) -> None:
    sentences = told(panel.saving)
    saving = panel.saving
    for save, name in ((saving.save_picture, "x.png"), (saving.save_picture, "x.svg"), (saving.save_raw, "x.csv")):
        save(str(tmp_path / "nowhere" / name))
        assert name in sentences[-1] and "未保存" in sentences[-1]


def test_a_hub_that_does_not_answer_ends_the_table_with_a_sentence(panel: PlotPanel, hub: Hub, tmp_path: Path) -> None:
    sentences = told(panel.saving)
    hub.fault = LinkLost("no answer")
    panel.saving.save_raw(str(tmp_path / "x.csv"))
    assert "no answer" in sentences[-1] and not panel.saving.busy


def test_a_table_that_is_cancelled_leaves_no_half_file(panel: PlotPanel, hub: Hub, tmp_path: Path) -> None:
    hub.held, file = [], tmp_path / "x.csv"
    panel.saving.save_raw(str(file))
    assert panel.saving.busy and file.exists()
    panel.saving.cancel()
    assert not panel.saving.busy and not file.exists()
    for coroutine in hub.held:
        asyncio.run(coroutine)
    assert not file.exists()


def test_the_stretch_that_is_shown_is_the_one_that_is_saved(panel: PlotPanel, tmp_path: Path) -> None:
    panel.steering.show(NOW.timestamp() - 7200, NOW.timestamp() - 3600)
    file = tmp_path / "x.csv"
    panel.saving.save_raw(str(file))
    _remark, (_head, *rows) = rows_of(file)
    times = [row[0] for row in rows]
    assert min(times) >= "2026-11-21T10:00:00" and max(times) < "2026-11-21T11:00:00"
