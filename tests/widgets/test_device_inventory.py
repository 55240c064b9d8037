import asyncio
import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from controlroom.domain.inventory import By, Flaw, Inventory
from controlroom.domain.sensor import Sensor
from tests.domain.test_inventory import NOW_MS, sensor, stock
from widgets.device_inventory import DeviceInventory, Stranger

NOW = datetime.fromtimestamp(NOW_MS / 1000, UTC)


def some() -> Inventory:
    sensors: list[Sensor] = [
        sensor(0, departments=("区应急局",)),
        sensor(1, town="礼贤镇"),
        sensor(2, kind="noise", name="=2+3"),
        sensor(3, kind="noise", department=""),
    ]
    return stock(sensors, {0: (1000, 900, 0), 1: (90_000, 89_000, 0), 2: (1000, 900, 0)})


@pytest.fixture
def dialog(qtbot: QtBot) -> DeviceInventory:
    made = DeviceInventory(
        some(), {"rain": "小时雨量", "noise": "环境噪声"}.__getitem__, UTC, lambda work, _name: asyncio.run(work)
    )
    qtbot.addWidget(made)
    made.show_stock(NOW)
    made.show()
    return made


def rows(dialog: DeviceInventory, by: By) -> list[list[str]]:
    model = dialog.tables[by].model
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def listed(dialog: DeviceInventory) -> list[str]:
    return [str(dialog.devices.index(row, 1).data()) for row in range(dialog.devices.rowCount())]


def test_counts_and_rates_are_told_by_kind_department_and_place(dialog: DeviceInventory) -> None:
    assert rows(dialog, By.KIND)[1][:4] == ["小时雨量", "2", "1", "50.0%"]
    assert rows(dialog, By.KIND)[0][1:4] == ["4", "2", "50.0%"]
    assert {row[0] for row in rows(dialog, By.DEPARTMENT)} >= {"区水务局", "区应急局"}
    assert "4" in dialog.summary.text() and "50.0%" in dialog.summary.text()


def test_choosing_a_row_and_a_flaw_lists_the_devices_behind_the_number(dialog: DeviceInventory) -> None:
    assert listed(dialog) == ["s0", "s1", "s2", "s3"]
    dialog.tables[By.KIND].choose("/noise")
    assert listed(dialog) == ["s2", "s3"]
    dialog.flaw.setCurrentIndex(dialog.flaw.findData(Flaw.NEVER.value))
    assert listed(dialog) == ["s3"]
    dialog.tabs.setCurrentIndex(list(By).index(By.DEPARTMENT))
    dialog.flaw.setCurrentIndex(0)
    dialog.tables[By.DEPARTMENT].choose("/区应急局")
    assert listed(dialog) == ["s0"]
    dialog.tables[By.DEPARTMENT].choose("/")
    assert listed(dialog) == ["s3"]


def test_a_new_look_keeps_what_was_chosen(dialog: DeviceInventory) -> None:
    dialog.tables[By.KIND].choose("/noise")
    dialog.show_stock(NOW)
    assert listed(dialog) == ["s2", "s3"]


def test_enter_on_a_device_tells_which_one_is_wanted(dialog: DeviceInventory, qtbot: QtBot) -> None:
    dialog.view.selectRow(1)
    with qtbot.waitSignal(dialog.device_chosen) as told:
        qtbot.keyClick(dialog.view, Qt.Key.Key_Return)
    assert told.args == ["s1"]


def test_the_export_has_what_is_listed_and_no_formula(dialog: DeviceInventory, tmp_path: Path) -> None:
    dialog.save_devices(tmp_path / "devices.csv")
    with (tmp_path / "devices.csv").open(encoding="utf-8-sig", newline="") as file:
        told = list(csv.reader(file))
    assert NOW.isoformat(timespec="seconds") in told[0][0]
    assert [row[1] for row in told[2:]] == ["s0", "s1", "s2", "s3"]
    assert told[4][0] == "'=2+3"
    assert told[2][4] == "区水务局、区应急局"
    dialog.save_counts(tmp_path / "counts.csv")
    with (tmp_path / "counts.csv").open(encoding="utf-8-sig", newline="") as file:
        told = list(csv.reader(file))
    assert told[2][:4] == ["小时雨量", "2", "1", "50.0%"]
    assert told[-1][1:4] == ["4", "2", "50.0%"]


def test_a_file_that_cannot_be_written_is_told(dialog: DeviceInventory, tmp_path: Path) -> None:
    dialog.save_devices(tmp_path / "none" / "devices.csv")
    assert dialog.notice.isVisible()


def test_devices_that_nobody_declared_are_listed_with_their_source(dialog: DeviceInventory) -> None:
    dialog.show_strangers(70, [Stranger("x-9", "backend", 12, NOW)], NOW)
    assert "70" in dialog.tabs.tabText(3)
    dialog.tabs.setCurrentIndex(3)
    assert dialog.unknown.model.index(0, 0).data() == "x-9"
    assert not dialog.export_devices.isEnabled()
    assert listed(dialog) == []
