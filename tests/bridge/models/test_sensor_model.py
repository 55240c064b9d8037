from datetime import UTC, datetime, timedelta
from importlib.resources import files

import numpy as np
import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy
from pytestqt.qtbot import QtBot

from controlroom import i18n
from controlroom.bridge.models.sensor_index import SensorColumn, SensorFilter
from controlroom.bridge.models.sensor_model import ID_ROLE, LEVEL_ROLE, SensorModel
from controlroom.domain.kinds import decode_kinds
from controlroom.domain.readings import Latest
from controlroom.domain.sensor import Sensor
from controlroom.domain.times import to_ms

KINDS = decode_kinds((files("resources") / "data" / "sensor_kinds.toml").read_bytes())
NOW = datetime(2026, 11, 21, 4, 0, 0, tzinfo=UTC)
ASCENDING, DESCENDING = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


def sensor(number: int, kind: str = "flood_depth", town: str = "黄村镇") -> Sensor:
    known = KINDS[kind]
    return Sensor(id=f"{kind}-{number}", name=f"点{number}", kind=kind, unit=known.unit, town=town, limits=known.limits)


def tell(latest: Latest, values: dict[int, float], age_s: float = 3.0, quality: int = 0) -> None:
    count = len(values)
    latest.apply(
        np.array(list(values), np.uint32),
        np.array(list(values.values()), np.float32),
        np.full(count, to_ms(NOW) - round(age_s * 1000)),
        np.full(count, quality, np.uint8),
    )


def room(*sensors: Sensor) -> tuple[dict[str, Sensor], dict[str, int]]:
    return {each.id: each for each in sensors}, {each.id: index for index, each in enumerate(sensors)}


@pytest.fixture
def latest() -> Latest:
    return Latest()


@pytest.fixture
def model(latest: Latest, qtbot: QtBot) -> SensorModel:
    made = SensorModel(latest, KINDS)
    made.set_sensors(
        *room(
            sensor(0),
            sensor(1, town="旧宫镇"),
            sensor(2, "pm25"),
            sensor(3, "hydrant_pressure", "旧宫镇"),
            sensor(4, "pm25", ""),
        )
    )
    return made


def names(model: SensorModel) -> list[str]:
    return [model.data(model.index(row, SensorColumn.NAME)) for row in range(model.rowCount())]


def row_texts(model: SensorModel, row: int) -> list[str]:
    return [model.data(model.index(row, column)) for column in SensorColumn]


def test_a_row_tells_everything_of_its_sensor(model: SensorModel, latest: Latest) -> None:
    tell(latest, {0: 28.0})
    model.tick(NOW)
    name, kind, town, value, level, age = row_texts(model, 0)
    assert (name, kind, town, value) == ("点0", "易涝点积水", "黄村镇", "28 cm")
    assert "黄色" in level
    assert "3" in age


def test_never_heard_stale_and_doubtful_sensors_say_so(model: SensorModel, latest: Latest) -> None:
    tell(latest, {1: 61.0}, age_s=100.0)
    model.tick(NOW)
    tell(latest, {2: 30.0}, quality=1)
    model.tick(NOW + timedelta(seconds=120))
    model.sort(SensorColumn.NAME)
    levels = [row_texts(model, row)[SensorColumn.LEVEL] for row in range(3)]
    assert levels[0] == "从未上报"
    assert "红色" in levels[1] and "数据过期" in levels[1]
    assert levels[2] == "质量存疑"
    assert row_texts(model, 0)[SensorColumn.VALUE] == "—"


def test_no_data_is_a_scalar_of_numpy(model: SensorModel, latest: Latest) -> None:
    tell(latest, {0: 28.0, 1: 3.0, 2: float("nan")})
    model.tick(NOW)
    roles = [role.value for role in Qt.ItemDataRole] + [ID_ROLE, LEVEL_ROLE, LEVEL_ROLE + 1]
    for row in range(model.rowCount()):
        for column in SensorColumn:
            for role in roles:
                assert type(model.data(model.index(row, column), role)).__module__ != "numpy"


def test_the_worst_come_first_and_doubtful_ones_before_normal(model: SensorModel, latest: Latest) -> None:
    tell(latest, {0: 1.0, 1: 28.0, 2: 30.0, 3: 0.05})
    model.tick(NOW)
    assert names(model) == ["点3", "点1", "点4", "点0", "点2"]


def test_every_column_sorts_both_ways_and_what_is_missing_comes_last(model: SensorModel, latest: Latest) -> None:
    tell(latest, {0: 5.0, 1: 2.0, 2: 30.0})
    tell(latest, {3: 0.5}, age_s=50.0)
    model.tick(NOW)
    model.sort(SensorColumn.VALUE, ASCENDING)
    assert names(model) == ["点3", "点1", "点0", "点2", "点4"]
    model.sort(SensorColumn.VALUE, DESCENDING)
    assert names(model) == ["点2", "点0", "点1", "点3", "点4"]
    model.sort(SensorColumn.AGE, DESCENDING)
    assert names(model) == ["点3", "点0", "点1", "点2", "点4"]
    model.sort(SensorColumn.KIND, ASCENDING)
    assert names(model)[:2] == ["点2", "点4"]
    model.sort(SensorColumn.TOWN, ASCENDING)
    assert names(model) == ["点4", "点1", "点3", "点0", "点2"]
    model.sort(SensorColumn.NAME, DESCENDING)
    assert names(model) == ["点4", "点3", "点2", "点1", "点0"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (SensorFilter("消火栓"), ["点3"]),
        (SensorFilter("旧宫 flood"), ["点1"]),
        (SensorFilter("PM25-4"), ["点4"]),
        (SensorFilter("点", kind="pm25"), ["点2", "点4"]),
        (SensorFilter(kind="pm25", town=""), ["点4"]),
        (SensorFilter(kind="gone"), []),
        (SensorFilter(town="旧宫镇"), ["点1", "点3"]),
        (SensorFilter("(a+"), []),
    ],
)
def test_words_kind_and_town_narrow_the_list(model: SensorModel, wanted: SensorFilter, expected: list[str]) -> None:
    model.set_filter(wanted)
    assert names(model) == expected


def test_only_abnormal_follows_the_readings(model: SensorModel, latest: Latest) -> None:
    tell(latest, {0: 1.0, 1: 28.0, 2: 30.0, 3: 0.5, 4: 20.0})
    model.tick(NOW)
    model.set_filter(SensorFilter(abnormal=True))
    assert names(model) == ["点1"]
    tell(latest, {0: 70.0}, age_s=1.0)
    assert model.tick(NOW)
    assert names(model) == ["点0", "点1"]


def test_a_selection_stays_on_its_sensor_when_the_order_changes(model: SensorModel, latest: Latest) -> None:
    tell(latest, dict.fromkeys(range(5), 1.0))
    model.tick(NOW)
    row = model.row_of("pm25-2")
    assert row is not None
    held = QPersistentModelIndex(model.index(row, 0))
    model.sort(SensorColumn.NAME, DESCENDING)
    assert held.data(ID_ROLE) == "pm25-2"
    model.set_filter(SensorFilter(kind="flood_depth"))
    assert not held.isValid()
    assert model.row_of("pm25-2") is None


def test_a_tick_announces_only_the_rows_in_sight(model: SensorModel, latest: Latest) -> None:
    spy = QSignalSpy(model.dataChanged)
    model.tick(NOW)
    assert spy.count() == 0
    model.refresh(1, 99)
    (first, last, *_rest) = spy.at(0)
    assert (first.row(), last.row()) == (1, 4)


def test_sensors_that_did_not_change_cost_no_reset(model: SensorModel) -> None:
    sensors, index = room(sensor(0), sensor(1))
    assert model.set_sensors(sensors, index)
    spy = QSignalSpy(model.modelReset)
    assert not model.set_sensors(sensors, index)
    assert spy.count() == 0
    sensors["flood_depth-1"] = sensor(1, town="采育镇")
    assert model.set_sensors(sensors, index)
    assert spy.count() == 1
    assert model.total == 2


def test_groups_count_each_kind_and_town_with_its_worst(model: SensorModel, latest: Latest) -> None:
    tell(latest, {0: 28.0, 1: 61.0, 2: 1.0})
    model.tick(NOW)
    told = {(g.kind, g.town): (g.count, g.abnormal, g.worst) for g in model.groups()}
    assert told[("flood_depth", "黄村镇")] == (1, 1, 3)
    assert told[("flood_depth", "旧宫镇")] == (1, 1, 1)
    assert told[("pm25", "")] == (1, 0, 0)


def test_kinds_have_their_english_names_in_english(model: SensorModel) -> None:
    i18n.set_language("en")
    assert model.kind_name("flood_depth") == "Road flood depth"
    assert model.kind_name("made_up") == "made_up"


def test_a_drag_carries_one_sensor_a_line(model: SensorModel) -> None:
    model.sort(SensorColumn.NAME)
    data = model.mimeData([model.index(row, column) for row in (0, 3) for column in (0, 1)])
    assert data.text() == "sensor:flood_depth-0\nsensor:hydrant_pressure-3"


def test_the_model_keeps_qts_own_rules_while_everything_changes(model: SensorModel, latest: Latest) -> None:
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    tell(latest, {n: float(20 * n) for n in range(5)})
    model.tick(NOW)
    model.set_filter(SensorFilter("点"))
    model.sort(SensorColumn.VALUE, DESCENDING)
    model.set_filter(SensorFilter("nothing like it"))
    model.set_sensors(*room())
    assert tester.model() is model
    assert model.rowCount() == 0
