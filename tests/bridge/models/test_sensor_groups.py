from datetime import UTC, datetime
from importlib.resources import files

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from controlroom.bridge.models.sensor_index import FEW, SensorColumn, SensorFilter
from controlroom.bridge.models.sensor_model import ID_ROLE, LEVEL_ROLE, SensorModel
from controlroom.domain.kinds import decode_kinds
from controlroom.domain.readings import Latest
from controlroom.domain.sensor import Sensor
from controlroom.domain.times import to_ms

KINDS = decode_kinds((files("resources") / "data" / "sensor_kinds.toml").read_bytes())
NOW = datetime(2026, 11, 21, 4, 0, 0, tzinfo=UTC)
PUMPS = 240


def fleet() -> list[Sensor]:
    pump = KINDS["heat_pump_outlet"]
    gauge = Sensor(id="gauge", name="下凹桥", kind="flood_depth", unit="cm", town="黄村镇")
    return [gauge] + [
        Sensor(
            id=f"pump-{n:04}",
            name=f"户{n:04}",
            kind="heat_pump_outlet",
            unit=pump.unit,
            town=("黄村镇", "礼贤镇")[n % 2],
            model=("空气源", "地源")[n // 2 % 2],
            limits=pump.limits,
            stale_after_s=60.0,
        )
        for n in range(PUMPS)
    ]


def tell(latest: Latest, values: dict[int, float], age_s: float = 3.0, quality: int = 0) -> None:
    count = len(values)
    latest.apply(
        np.array(list(values), np.uint32),
        np.array(list(values.values()), np.float32),
        np.full(count, to_ms(NOW) - round(age_s * 1000)),
        np.full(count, quality, np.uint8),
    )


@pytest.fixture
def latest() -> Latest:
    return Latest()


@pytest.fixture
def model(latest: Latest, qtbot: QtBot) -> SensorModel:
    made = SensorModel(latest, KINDS)
    sensors = fleet()
    made.set_sensors({s.id: s for s in sensors}, {s.id: n for n, s in enumerate(sensors)})
    return made


def texts(model: SensorModel, column: SensorColumn) -> list[str]:
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


def test_a_large_kind_is_a_row_for_each_town_and_type(model: SensorModel) -> None:
    assert model.rowCount() == 5
    groups = [model.group_at(row) for row in range(5)]
    assert sum(group is None for group in groups) == 1
    assert {group for group in groups if group} == {
        ("heat_pump_outlet", town, kind) for town in ("黄村镇", "礼贤镇") for kind in ("空气源", "地源")
    }
    assert all("60" in name for name, group in zip(texts(model, SensorColumn.NAME), groups, strict=True) if group)


def test_the_row_tells_number_online_mean_extent_and_the_worst(model: SensorModel, latest: Latest) -> None:
    air = [n for n in range(PUMPS) if n % 2 == 0 and n // 2 % 2 == 0]
    values = {1 + n: 45.0 for n in air}
    values[1 + air[0]], values[1 + air[1]] = 33.0, 57.0
    tell(latest, values)
    tell(latest, {1 + air[2]: 20.0}, quality=2)
    model.tick(NOW)
    model.sort(SensorColumn.LEVEL)
    assert model.group_at(0) == ("heat_pump_outlet", "黄村镇", "空气源")
    row = [str(model.index(0, column).data()) for column in SensorColumn]
    assert "45.0 ℃" in row[SensorColumn.VALUE] and "33.0…57.0" in row[SensorColumn.VALUE]
    assert "蓝色" in row[SensorColumn.LEVEL] and "98%" in row[SensorColumn.LEVEL]
    assert model.index(0, 0).data(LEVEL_ROLE) == 4
    assert model.index(0, 0).data(ID_ROLE) == ""
    silent = next(n for n in range(5) if model.group_at(n) == ("heat_pump_outlet", "礼贤镇", "地源"))
    assert str(model.index(silent, SensorColumn.VALUE).data()) == "—"
    assert "0%" in str(model.index(silent, SensorColumn.LEVEL).data())


def test_the_devices_are_listed_when_their_town_is_chosen_or_few_are_searched_for(model: SensorModel) -> None:
    model.set_filter(SensorFilter(kind="heat_pump_outlet", town="礼贤镇"))
    assert model.rowCount() == PUMPS // 2
    assert model.group_at(0) is None
    model.set_filter(SensorFilter("地源", kind="heat_pump_outlet", town="礼贤镇"))
    assert model.rowCount() == PUMPS // 4
    model.set_filter(SensorFilter("户0001"))
    assert texts(model, SensorColumn.NAME) == ["户0001"]
    assert PUMPS > FEW
    model.set_filter(SensorFilter("户"))
    assert model.rowCount() == 4
    model.set_filter(SensorFilter(kind="heat_pump_outlet"))
    assert model.rowCount() == 4


def test_only_abnormal_lists_the_groups_that_have_something_abnormal(model: SensorModel, latest: Latest) -> None:
    tell(latest, dict.fromkeys(range(PUMPS + 1), 45.0) | {0: 1.0})
    tell(latest, {2: 20.0}, age_s=2.0)
    model.tick(NOW)
    model.set_filter(SensorFilter(abnormal=True))
    assert [model.group_at(row) for row in range(model.rowCount())] == [("heat_pump_outlet", "礼贤镇", "空气源")]


def test_every_column_sorts_groups_among_sensors_both_ways(model: SensorModel, latest: Latest) -> None:
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    tell(latest, {n: float(n) for n in range(100)})
    model.tick(NOW)
    for column in SensorColumn:
        for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
            model.sort(column, order)
            assert len({(model.group_at(row), model.index(row, 0).data(ID_ROLE)) for row in range(5)}) == 5
    model.sort(SensorColumn.VALUE)
    assert model.index(0, 0).data(ID_ROLE) == "gauge"
    assert tester.model() is model


def test_a_drag_of_a_group_carries_no_sensor(model: SensorModel) -> None:
    rows = [model.index(row, 0) for row in range(model.rowCount())]
    assert model.mimeData(rows).text() == "sensor:gauge"
