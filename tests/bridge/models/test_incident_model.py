from datetime import timedelta

import msgspec
from PySide6.QtCore import QPersistentModelIndex
from pytestqt.modeltest import ModelTester

from controlroom.bridge.models.incident_model import (
    BoardColumn,
    IncidentModel,
    IncidentRecord,
    proposed,
    record_of,
    records_of,
)
from controlroom.domain.incident import IncidentStatus
from controlroom.domain.room import Room
from controlroom.domain.severity import Severity
from tests.bridge.models.district import NOW, alarms
from tests.bridge.models.incidents import ENTRIES, FLOOD, GAS, LIFT, PUMPS, RECORDS, ROADBLOCK


def filled() -> IncidentModel:
    model = IncidentModel(NOW)
    model.reset(RECORDS)
    return model


def cells(model: IncidentModel, row: int) -> list[str]:
    return [str(model.data(model.index(row, column))) for column in range(BoardColumn.COUNT)]


def test_the_model_keeps_the_rules_of_qt(qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(filled())


def test_open_incidents_are_listed_the_gravest_first_with_their_tasks_and_clocks() -> None:
    model = filled()
    assert [model.record(row).incident for row in range(model.rowCount())] == [FLOOD, GAS]
    assert cells(model, 0)[3:] == ["41 分 00 秒前", "1/2", "水务局：调派移动泵车 2 台（超时 6 分 12 秒）"]
    assert cells(model, 1)[3:] == ["2 小时 00 分前", "—", ""]
    assert model.overdue(0)
    assert not model.overdue(1)


def test_closed_incidents_show_how_long_they_took_and_why_they_were_closed() -> None:
    model = filled()
    model.show_status(IncidentStatus.CLOSED)
    assert cells(model, 0)[1] == LIFT.title
    assert cells(model, 0)[3:] == ["历时 40 分 00 秒", "—", "物业到场劝离，电梯恢复运行"]


def test_an_incident_is_followed_when_a_graver_one_comes_and_lost_when_it_is_closed() -> None:
    model = filled()
    held = QPersistentModelIndex(model.index(1, 0))
    worse = msgspec.structs.replace(FLOOD, id="20260721-004", opened_at=FLOOD.opened_at - timedelta(minutes=1))
    model.change([IncidentRecord(worse)])
    assert model.record(held.row()).incident == GAS
    closed = msgspec.structs.replace(
        GAS, status=IncidentStatus.CLOSED, closed_at=NOW, closed_by="李敏", closed_reason="误报"
    )
    model.change([IncidentRecord(closed)])
    assert not held.isValid()
    assert (model.count(IncidentStatus.OPEN), model.count(IncidentStatus.CLOSED)) == (2, 2)


def test_records_are_read_from_the_room() -> None:
    room = Room()
    room.incidents = {FLOOD.id: FLOOD, GAS.id: GAS}
    room.entries = {FLOOD.id: list(ENTRIES)}
    room.tasks = {task.id: task for task in (ROADBLOCK, PUMPS)}
    assert records_of(room) == [IncidentRecord(FLOOD, ENTRIES, (PUMPS, ROADBLOCK)), IncidentRecord(GAS)]
    assert record_of(room, FLOOD.id) == records_of(room)[0]
    assert record_of(room, "unknown") is None


def test_the_worst_alarm_proposes_title_grade_and_place() -> None:
    told = alarms(20)
    new = proposed(told)
    worst = min(told, key=lambda alarm: (alarm.severity, alarm.occurred_at))
    assert (new.title, new.grade, new.place) == (worst.title, Severity.RED, worst.place)
    assert new.alarms == tuple(alarm.id for alarm in told)
