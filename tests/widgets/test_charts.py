"""Charts as they are seen, pointed at, walked through by keys and saved."""

import csv
import math
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from controlroom.domain.air_calendar import air_calendar
from controlroom.domain.correlation import correlate
from controlroom.domain.heat_strip import HeatStrip
from controlroom.domain.neighbour_envelope import envelope
from controlroom.domain.sensor import Sensor
from controlroom.domain.series_grid import Cells
from controlroom.domain.standards import air
from controlroom.domain.wind_rose import CLASSES_M_S, DIRECTIONS, WindRose
from resources.data import table
from tests.rooms import NOON
from widgets.chart_calendar import CalendarSheet
from widgets.chart_envelope import EnvelopeSheet
from widgets.chart_heat import HeatSheet
from widgets.chart_rose import RoseSheet
from widgets.chart_scatter import ScatterSheet
from widgets.chart_sheet import ChartLook, ChartSheet, Spot
from widgets.chart_window import ChartWindow
from widgets.plot_axis import DISTRICT
from widgets.plot_scheduler import PlotScheduler

DUST = Sensor(id="d-1", name="站 PM2.5", kind="pm25", unit="µg/m³")
OTHER = Sensor(id="d-2", name="站 NO2", kind="no2", unit="µg/m³")
NAN = math.nan


def cells(mean: Sequence[float]) -> Cells:
    column = np.array(mean, np.float64)
    known = np.isfinite(column)
    return Cells(column, column - 1, column + 1, known.astype(np.int64) * 4, np.zeros(len(column), np.uint8))


def heat() -> HeatSheet:
    hours = [10.0 + hour for hour in range(24)] + [NAN] * 12 + [80.0] * 12
    strip = HeatStrip(date(2026, 11, 20), 2, cells(hours))
    return HeatSheet(
        sensor=DUST, kind=None, strip=strip, level_at=lambda value, _cell: 3 if value >= 75 else 0, hours=40
    )


def rose(calm: int = 10) -> RoseSheet:
    counts = np.zeros((16, len(CLASSES_M_S)), np.int64)
    counts[4, 1], counts[12, 2] = 60, 30
    return RoseSheet(name="站", period="x", rose=WindRose(counts, calm, 2, 0, 2.5))


def calendar(days: int = 40) -> CalendarSheet:
    standard = air.parse(table("standards/air.toml"))
    hours = np.full(24 * days, 40.0)
    hours[24:48] = NAN
    hours[48:72] = 200.0
    made = air_calendar(standard, {"pm25": hours}, date(2026, 2, 1), date(2026, 2, 1) + timedelta(days=days - 1))
    return CalendarSheet(name="站", calendar=made, levels=standard.levels)


def scatter(count: int = 40) -> ScatterSheet:
    x = np.arange(float(count))
    found = correlate(x, 2 * x + 1, 4)
    return ScatterSheet(first=DUST, second=OTHER, found=found, time_s=1e9 + 60 * x, cell_s=60.0, period="x")


def neighbours(broken: bool = True) -> EnvelopeSheet:
    own = np.full(40, 10.0)
    own[30:] = 90.0 if broken else 10.0
    others = [np.full(40, 10.0 + shift) for shift in range(-2, 3)]
    others[0][5:8] = NAN
    return EnvelopeSheet(
        sensor=DUST,
        kind=None,
        neighbours=[(OTHER, 0.4 + number) for number in range(5)],
        newest=[8.0, 9.0, 10.0, 11.0, NAN],
        time_s=1e9 + 60.0 * np.arange(40),
        own=cells(own.tolist()),
        band=envelope(own, others, 1.0),
        period="x",
    )


ALL = {"heat": heat, "rose": rose, "calendar": calendar, "scatter": scatter, "neighbours": neighbours}


def painted(sheet: ChartSheet, look: ChartLook) -> tuple[QImage, list[Spot]]:
    image = QImage(900, 560, QImage.Format.Format_RGB32)
    image.fill(look.ground)
    painter = QPainter(image)
    painter.setFont(look.font)
    spots = sheet.paint(painter, QRectF(6, 6, 888, 548), look)
    painter.end()
    return image, spots


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[ChartWindow]:
    scheduler = PlotScheduler()
    made = ChartWindow("x", scheduler, DISTRICT)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()


@pytest.mark.parametrize("name", ALL)
def test_every_chart_paints_says_and_tells_its_rows(window: ChartWindow, name: str) -> None:
    sheet = ALL[name]()
    image, spots = painted(sheet, ChartLook(window.palette(), window.font()))
    colours = {image.pixel(x, y) for x in range(0, 900, 7) for y in range(0, 560, 5)}
    assert len(colours) > 5 and sheet.title and sheet.said
    assert all(spot.words and QRectF(0, 0, 900, 560).contains(spot.box) for spot in spots)
    rows = list(sheet.rows())
    assert len(rows) > 10 and len({len(row) for row in rows}) == 1


@pytest.mark.parametrize("name", ALL)
def test_every_chart_is_saved_as_picture_drawing_and_rows(window: ChartWindow, tmp_path: Path, name: str) -> None:
    sheet = ALL[name]()
    window.origin = "drill/one"
    window.tick(NOON)
    window.show_sheet(sheet, NOON)
    for ending in ("png", "svg", "csv"):
        window.save(tmp_path / f"chart.{ending}")
    image = QImage(str(tmp_path / "chart.png"))
    assert image.text("Title") == sheet.title and "drill/one" in image.text("Description")
    assert image.pixelColor(2, 2).name() == "#ffffff"
    assert "<svg" in (tmp_path / "chart.svg").read_text("utf-8")
    with (tmp_path / "chart.csv").open(encoding="utf-8-sig", newline="") as lines:
        held = list(csv.reader(lines))
    assert held[0] == [f"# {sheet.title}"] and len(held) == 3 + len(list(sheet.rows()))


def test_a_file_that_cannot_be_written_is_told(window: ChartWindow, tmp_path: Path) -> None:
    window.tick(NOON)
    window.show_sheet(heat(), NOON)
    window.save(tmp_path / "nowhere" / "chart.csv")
    assert "chart.csv" in window.fault.text


def test_keys_walk_through_the_cells_and_open_the_sensor(window: ChartWindow, qtbot: QtBot) -> None:
    window.show_sheet(heat(), NOON)
    canvas = window.canvas
    qtbot.waitUntil(lambda: len(canvas.spots) == 40)
    for key, words in (
        (Qt.Key.Key_Home, "2026-11-20 00:00"),
        (Qt.Key.Key_Down, "2026-11-20 01:00"),
        (Qt.Key.Key_Right, "2026-11-21 01:00"),
        (Qt.Key.Key_End, "2026-11-21 15:00"),
    ):
        qtbot.keyClick(canvas, key)
        assert window.pointed.text().startswith(words)
    with qtbot.waitSignal(window.target_chosen) as chosen:
        qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert chosen.args == ["d-1"]


def test_a_click_opens_what_lies_there_and_pointing_tells_it(window: ChartWindow, qtbot: QtBot) -> None:
    window.show_sheet(heat(), NOON)
    qtbot.waitUntil(lambda: bool(window.canvas.spots))
    spot = window.canvas.spots[3]
    qtbot.mouseMove(window.canvas, spot.box.center().toPoint())
    qtbot.waitUntil(lambda: window.pointed.text() == spot.words)
    with qtbot.waitSignal(window.target_chosen):
        qtbot.mouseClick(window.canvas, Qt.MouseButton.LeftButton, pos=spot.box.center().toPoint())


def test_hours_to_come_are_not_told_as_missing() -> None:
    assert "4" in heat().said and "40" in heat().said
    assert len(list(heat().rows())) == 41


def test_a_gap_of_the_calendar_is_hatched_and_not_coloured(window: ChartWindow) -> None:
    look = ChartLook(window.palette(), window.font())
    image, spots = painted(calendar(), look)
    gap, high = spots[1].box, spots[2].box
    assert image.pixelColor((gap.topLeft() + (gap.center() - gap.topLeft()) * 0.3).toPoint()) == look.ground
    assert image.pixelColor((high.topLeft() + (high.center() - high.topLeft()) * 0.3).toPoint()).name() == "#99004c"
    assert "250" in spots[2].words and "HJ 633-2012" in spots[2].words and "HJ 633-2026" in spots[30].words


def test_the_rose_names_the_leading_direction_and_the_calms(window: ChartWindow) -> None:
    assert "60.0 %" in rose().said and "10.0 %" in rose().said
    assert len(painted(rose(), ChartLook(window.palette(), window.font()))[1]) == len(DIRECTIONS)
    nothing = RoseSheet(name="站", period="x", rose=WindRose(np.zeros((16, 6), np.int64), 0, 0, 0, NAN))
    assert "%" not in nothing.said


def test_too_few_pairs_are_told_in_place_of_a_coefficient() -> None:
    assert "+1.000" in scatter().said
    assert "+1.000" not in scatter(6).said and "6" in scatter(6).said


def test_the_verdict_tells_the_one_sensor_from_its_like() -> None:
    assert "100 %" in neighbours().said and "+80" in neighbours().said
    assert "100 %" not in neighbours(broken=False).said


def test_what_is_stale_or_cut_off_says_so(window: ChartWindow) -> None:
    window.tick(NOON + timedelta(minutes=5))
    window.show_sheet(heat(), NOON, stale=True)
    assert window.age.property("stale") and "5 " in window.age.text()
    window.show_lost(NOON)
    assert "12:00:00" in window.lost.text
    window.show_lost(None)
    assert not window.lost.text
