from datetime import timedelta
from zoneinfo import ZoneInfo

import msgspec
from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from controlroom.bridge.models.alarm_index import AlarmColumn, AlarmFilter
from controlroom.bridge.models.alarm_model import AlarmModel, PastAlarm
from controlroom.domain.alarm import AlarmState, acknowledged
from controlroom.domain.severity import Severity
from tests.bridge.models.district import NOW, alarms

BEIJING = ZoneInfo("Asia/Shanghai")
ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.UserRole,
    Qt.ItemDataRole.TextAlignmentRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.DecorationRole,
)


def filled(count: int = 30) -> AlarmModel:
    model = AlarmModel(NOW, BEIJING)
    model.reset(alarms(count))
    return model


def test_no_cell_is_ever_a_numpy_scalar() -> None:
    model = filled()
    for column in AlarmColumn:
        model.sort(column)
        for row in range(model.rowCount()):
            for role in ROLES:
                value = model.data(model.index(row, column), role)
                assert type(value).__module__ != "numpy"
                assert value is None or isinstance(value, (str, int))


def test_the_model_keeps_the_rules_of_qt(qtmodeltester: ModelTester) -> None:
    model = filled()
    model.change([msgspec.structs.replace(alarm, count=7) for alarm in alarms(3)])
    qtmodeltester.check(model)


def test_an_alarm_that_became_normal_leaves_the_list() -> None:
    model = filled()
    gone = model.alarm(4)
    model.change([msgspec.structs.replace(gone, state=AlarmState.NORMAL)])
    assert model.rowCount() == 29
    assert model.row(gone.id) == -1
    assert not model.holds(gone.id)


def test_a_row_is_followed_wherever_its_alarm_moves() -> None:
    model = filled()
    alarm = model.alarm(20)
    held = QPersistentModelIndex(model.index(20, 0))
    model.change([msgspec.structs.replace(alarm, severity=Severity.RED, occurred_at=NOW + timedelta(seconds=1))])
    assert model.key(held.row()) == alarm.id
    model.set_filter(AlarmFilter(text="nothing has this"))
    assert not held.isValid()


def test_waiting_alarms_are_counted_whatever_the_filter_is(qtbot: QtBot) -> None:
    model = filled()
    total = sum(model.counts.values())
    model.set_filter(AlarmFilter(severities=frozenset({Severity.BLUE})))
    waiting = next(alarm for alarm in alarms(30) if alarm.waiting and alarm.severity is Severity.RED)
    with qtbot.waitSignal(model.counted) as told:
        model.change([acknowledged(waiting, "李敏", NOW)])
    assert told.args is not None
    assert sum(told.args[0].values()) == total - 1


def test_a_batch_is_one_layout_change_however_large(qtbot: QtBot) -> None:
    model = filled()
    seen: list[int] = []
    model.layoutChanged.connect(lambda: seen.append(1))
    model.change(alarms(500, seed=3))
    assert len(seen) == 1


def test_the_last_state_told_in_a_batch_counts() -> None:
    model = filled(0)
    alarm = alarms(1)[0]
    model.change([alarm, msgspec.structs.replace(alarm, state=AlarmState.NORMAL)])
    assert model.rowCount() == 0
    model.change([msgspec.structs.replace(alarm, state=AlarmState.NORMAL), alarm])
    assert model.rowCount() == 1


def test_the_past_has_a_row_for_each_transition_of_the_same_alarm() -> None:
    model = AlarmModel(NOW, BEIJING)
    alarm = alarms(1)[0]
    over = msgspec.structs.replace(alarm, state=AlarmState.NORMAL)
    model.reset_past([PastAlarm(9, NOW, over), PastAlarm(4, NOW, alarm)])
    model.append_past([PastAlarm(2, NOW, alarm)])
    assert model.rowCount() == 3
    assert model.of("9") == over


def test_times_are_told_in_the_given_zone_and_ages_against_the_tick() -> None:
    model = AlarmModel(NOW, BEIJING)
    alarm = msgspec.structs.replace(alarms(1)[0], occurred_at=NOW - timedelta(minutes=3, seconds=12))
    model.reset([alarm])
    assert model.text(alarm, AlarmColumn.OCCURRED) == "14:28:58"
    assert model.text(alarm, AlarmColumn.AGE) == "3 分 12 秒前"
    model.tick(NOW + timedelta(seconds=60))
    assert model.text(alarm, AlarmColumn.AGE) == "4 分 12 秒前"
