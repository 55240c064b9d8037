from datetime import UTC, datetime
from importlib.resources import files

import numpy as np
import pytest
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from controlroom.bridge.models.sensor_index import SensorColumn
from controlroom.bridge.models.sensor_model import SensorModel
from controlroom.domain.kinds import decode_kinds
from controlroom.domain.readings import Latest
from controlroom.domain.sensor import Sensor
from controlroom.domain.times import to_ms
from widgets.sensor_browser import SensorBrowser
from widgets.sensor_drag import dragged_sensors

KINDS = decode_kinds((files("resources") / "data" / "sensor_kinds.toml").read_bytes())
NOW = datetime(2026, 11, 21, 4, 0, 0, tzinfo=UTC)
TOWNS = ("黄村镇", "旧宫镇", "采育镇")


def fleet(count: int) -> tuple[dict[str, Sensor], dict[str, int]]:
    kinds = ("flood_depth", "pm25")
    sensors = [
        Sensor(
            id=f"s-{n:06d}",
            name=f"{TOWNS[n % 3]}第{n}点",
            kind=kinds[n % 2],
            unit=KINDS[kinds[n % 2]].unit,
            town=TOWNS[n % 3],
            limits=KINDS[kinds[n % 2]].limits,
        )
        for n in range(count)
    ]
    return {each.id: each for each in sensors}, {each.id: n for n, each in enumerate(sensors)}


def tell(latest: Latest, values: dict[int, float]) -> None:
    count = len(values)
    latest.apply(
        np.array(list(values), np.uint32),
        np.array(list(values.values()), np.float32),
        np.full(count, to_ms(NOW)),
        np.zeros(count, np.uint8),
    )


@pytest.fixture
def latest() -> Latest:
    return Latest()


@pytest.fixture
def browser(latest: Latest, qtbot: QtBot) -> SensorBrowser:
    model = SensorModel(latest, KINDS)
    made = SensorBrowser(model)
    qtbot.addWidget(made)
    made.resize(1000, 500)
    made.show()
    model.set_sensors(*fleet(12))
    return made


def model_of(browser: SensorBrowser) -> SensorModel:
    model = browser.table.model()
    assert isinstance(model, SensorModel)
    return model


def kinds(browser: SensorBrowser) -> list[QTreeWidgetItem]:
    return [browser.tree.topLevelItem(n) for n in range(browser.tree.topLevelItemCount())]


def test_the_tree_counts_kinds_and_towns_and_what_is_beyond_a_limit(browser: SensorBrowser, latest: Latest) -> None:
    tell(latest, {0: 61.0, 1: 1.0})
    browser.set_now(NOW)
    everything, pm25, flood = kinds(browser)
    assert (everything.text(0), everything.text(1)) == ("全部监测点", "1 / 12")
    assert (flood.text(0), flood.text(1)) == ("易涝点积水", "1 / 6")
    assert pm25.text(1) == "6"
    assert [flood.child(n).text(0) for n in range(3)] == sorted(TOWNS)
    assert not flood.icon(0).isNull()
    assert pm25.icon(0).isNull()


def test_choosing_a_town_in_the_tree_narrows_the_table(browser: SensorBrowser) -> None:
    flood = kinds(browser)[2]
    browser.tree.setCurrentItem(flood)
    assert model_of(browser).rowCount() == 6
    browser.tree.setCurrentItem(flood.child(0))
    assert model_of(browser).rowCount() == 2
    browser.tree.setCurrentItem(kinds(browser)[0])
    assert model_of(browser).rowCount() == 12


def test_a_chosen_kind_stays_chosen_when_sensors_join(browser: SensorBrowser) -> None:
    browser.tree.setCurrentItem(kinds(browser)[2])
    model_of(browser).set_sensors(*fleet(14))
    assert browser.tree.currentItem().text(0) == "易涝点积水"
    assert model_of(browser).rowCount() == 7


def test_typing_finds_down_goes_to_the_table_and_enter_wants_the_sensor_plotted(
    browser: SensorBrowser, qtbot: QtBot
) -> None:
    wanted: list[str] = []
    selected: list[str] = []
    browser.sensor_activated.connect(wanted.append)
    browser.sensor_selected.connect(selected.append)
    QTest.keyClicks(browser.search, "s-000007")
    assert model_of(browser).rowCount() == 1
    QTest.keyClick(browser.search, Qt.Key.Key_Down)
    assert selected == ["s-000007"]
    QTest.keyClick(browser.table, Qt.Key.Key_Return)
    assert wanted == ["s-000007"]


def test_a_sensor_chosen_elsewhere_is_found_although_a_filter_hid_it(browser: SensorBrowser) -> None:
    selected: list[str] = []
    browser.sensor_selected.connect(selected.append)
    browser.search.setText("nothing")
    browser.tree.setCurrentItem(kinds(browser)[1])
    browser.select_sensor("s-000004")
    assert selected[-1] == "s-000004"
    assert browser.table.currentIndex().row() == model_of(browser).row_of("s-000004")
    browser.select_sensor("there is none")
    assert selected[-1] == "s-000004"


def test_a_selected_row_can_be_dragged_to_a_plot(browser: SensorBrowser) -> None:
    browser.select_sensor("s-000003")
    data = model_of(browser).mimeData(browser.table.selectionModel().selectedIndexes())
    assert dragged_sensors(data) == ["s-000003"]
    assert browser.table.dragEnabled()


def test_a_kind_or_town_of_the_tree_is_dragged_or_entered_as_its_worst_sensors(
    browser: SensorBrowser, latest: Latest
) -> None:
    tree, item = browser.tree, kinds(browser)[0]
    ids = dragged_sensors(tree.mimeData([item]))
    assert 0 < len(ids) <= 16
    assert all(model_of(browser).row_of(identity) is not None for identity in ids)
    assert tree.dragEnabled()
    wanted: list[str] = []
    browser.sensor_activated.connect(wanted.append)
    tree.setCurrentItem(item)
    QTest.keyClick(tree, Qt.Key.Key_Return)
    assert wanted == ids


def test_a_hidden_browser_costs_nothing_and_catches_up_when_shown(browser: SensorBrowser, latest: Latest) -> None:
    browser.hide()
    tell(latest, {0: 61.0})
    browser.set_now(NOW)
    assert kinds(browser)[0].text(1) == "12"
    browser.show()
    browser.set_now(NOW)
    assert kinds(browser)[0].text(1) == "1 / 12"


class CountingModel(SensorModel):
    """Remembers which rows a view asked for."""

    def __init__(self, latest: Latest) -> None:
        super().__init__(latest, KINDS)
        self.asked: set[int] = set()

    def data(self, index, role=Qt.ItemDataRole.DisplayRole):
        self.asked.add(index.row())
        return super().data(index, role)


def test_a_second_of_a_hundred_and_thirty_thousand_sensors_asks_only_for_rows_in_sight(
    latest: Latest, qtbot: QtBot
) -> None:
    model = CountingModel(latest)
    browser = SensorBrowser(model)
    qtbot.addWidget(browser)
    browser.resize(1000, 500)
    with qtbot.waitExposed(browser):
        browser.show()
    model.set_sensors(*fleet(130_000))
    tell(latest, dict.fromkeys(range(130_000), 20.0))
    browser.set_now(NOW)
    qtbot.waitUntil(lambda: len(model.asked) > 5)
    model.asked.clear()
    browser.set_now(NOW)
    browser.table.viewport().repaint()
    assert 5 < len(model.asked) < 60
    assert model.rowCount() == 130_000
    assert model.index(129_999, SensorColumn.LEVEL).data()


def pumps(count: int) -> tuple[dict[str, Sensor], dict[str, int]]:
    made = [
        Sensor(id=f"p{n}", name=f"户{n}", kind="heat_pump_outlet", town=TOWNS[n % 2], model=f"型{n % 4 // 2}")
        for n in range(count)
    ]
    return {each.id: each for each in made}, {each.id: n for n, each in enumerate(made)}


def test_enter_on_a_group_lists_its_devices_and_a_device_chosen_elsewhere_is_found(
    browser: SensorBrowser, latest: Latest, qtbot: QtBot
) -> None:
    model = browser.table.model()
    assert isinstance(model, SensorModel)
    model.set_sensors(*pumps(200))
    assert model.rowCount() == 4
    row = next(n for n in range(4) if model.group_at(n) == ("heat_pump_outlet", TOWNS[1], "型0"))
    browser.table.selectRow(row)
    with qtbot.assertNotEmitted(browser.sensor_activated):
        QTest.keyClick(browser.table, Qt.Key.Key_Return)
    assert model.rowCount() == 50
    browser.select_sensor("p2")
    assert model.filter.town == TOWNS[0]
    assert browser.table.selectionModel().selectedRows()[0].row() == model.row_of("p2")


def listed(browser: SensorBrowser) -> list[str]:
    model = model_of(browser)
    return sorted(sensor.id for row in range(model.rowCount()) if (sensor := model.sensor_at(row)) is not None)


def test_a_department_and_a_state_are_chosen_by_keyboard_and_a_shared_sensor_is_one_of_each_department(
    browser: SensorBrowser, latest: Latest
) -> None:
    sensors, index = fleet(6)
    shown = [("区水务局",), ("区水务局", "区应急局"), ("区应急局",), (), (), ()]
    sensors = {
        each.id: structs.replace(each, departments=departments)
        for each, departments in zip(sensors.values(), shown, strict=True)
    }
    model_of(browser).set_sensors(sensors, index)
    tell(latest, {0: 61.0, 1: 1.0, 2: 30.0, 3: 1.0})
    browser.set_now(NOW)
    department, state = browser.line.department, browser.line.state
    QTest.keyClick(department, Qt.Key.Key_Down)
    assert department.currentText() == "区应急局" and listed(browser) == ["s-000001", "s-000002"]
    QTest.keyClick(department, Qt.Key.Key_Down)
    assert listed(browser) == ["s-000000", "s-000001"]
    QTest.keyClick(state, Qt.Key.Key_Down)
    assert listed(browser) == ["s-000000"]
    QTest.keyClick(department, Qt.Key.Key_Home)
    assert listed(browser) == ["s-000000", "s-000002"]
    QTest.keyClick(state, Qt.Key.Key_Down)
    assert listed(browser) == ["s-000000"]
    tell(latest, {2: 61.0})
    browser.set_now(NOW)
    assert listed(browser) == ["s-000000", "s-000002"]
    QTest.keyClick(state, Qt.Key.Key_End)
    assert listed(browser) == ["s-000004", "s-000005"]
    browser.select_sensor("s-000000")
    assert len(listed(browser)) == 6 and department.currentIndex() == state.currentIndex() == 0
