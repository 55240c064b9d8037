"""Floods while the pointer or the keyboard rests on a row: it stays exactly where it is."""

from datetime import timedelta

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor
from pytestqt.qtbot import QtBot

from controlroom.bridge.models.alarm_groups import AlarmGroupModel
from controlroom.bridge.models.alarm_model import AlarmModel
from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.severity import Severity
from tests.bridge.models.district import NOW, alarms
from widgets.alarm_flood import AlarmFlood
from widgets.alarm_rows import AlarmRows


def shown(qtbot: QtBot, count: int = 200) -> AlarmRows:
    model = AlarmModel(NOW)
    model.reset(alarms(count))
    rows = AlarmRows(model)
    model.setParent(rows)
    qtbot.addWidget(rows)
    rows.resize(900, 420)
    rows.move(40, 40)
    rows.show()
    qtbot.waitExposed(rows)
    with qtbot.waitActive(rows):
        rows.activateWindow()
    return rows


def top_of(rows: AlarmRows, key: str) -> int:
    model = rows.model()
    assert isinstance(model, AlarmModel)
    return model.row(key) * rows.verticalHeader().defaultSectionSize() - rows.verticalOffset()


def rest_pointer(qtbot: QtBot, rows: AlarmRows, row: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """The pointer rests on a row: a real one where the platform has it, else what Qt would say of it."""
    height = rows.verticalHeader().defaultSectionSize()
    at = QPoint(120, row * height - rows.verticalOffset() + height // 2)
    monkeypatch.setattr(type(rows), "_pointed", lambda self: True)
    monkeypatch.setattr(QCursor, "pos", lambda: rows.viewport().mapToGlobal(at))
    model = rows.model()
    assert isinstance(model, AlarmModel)
    return model.key(row)


def flood(rows: AlarmRows, batch: int, worst: bool = True) -> list[Alarm]:
    model = rows.model()
    assert isinstance(model, AlarmModel)
    severity = Severity.RED if worst else Severity.BLUE
    fresh = [
        msgspec.structs.replace(
            alarm,
            id=f"flood{batch}/{alarm.id}",
            severity=severity,
            state=AlarmState.UNACKNOWLEDGED,
            occurred_at=NOW + timedelta(seconds=batch),
            aside=None,
        )
        for alarm in alarms(40)
    ]
    model.change(fresh)
    return fresh


@pytest.mark.parametrize("row", [0, 3, 8])
def test_the_row_under_the_pointer_stays_while_hundreds_come_in_above(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, row: int
) -> None:
    rows = shown(qtbot)
    key = rest_pointer(qtbot, rows, row, monkeypatch)
    before = top_of(rows, key)
    for batch in range(6):
        flood(rows, batch)
        assert top_of(rows, key) == before
    assert rows.passed == 240


def test_the_row_stays_too_when_all_above_it_go_away(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = shown(qtbot)
    model = rows.model()
    assert isinstance(model, AlarmModel)
    key = rest_pointer(qtbot, rows, 9, monkeypatch)
    before = top_of(rows, key)
    gone = [msgspec.structs.replace(model.alarm(row), state=AlarmState.NORMAL) for row in range(9)]
    model.change(gone)
    assert model.row(key) == 0 and top_of(rows, key) == before
    # Nothing but this row's place is left of the list: it is short and stays still all the same.
    rest = [msgspec.structs.replace(model.alarm(r), state=AlarmState.NORMAL) for r in range(1, model.rowCount())]
    model.change(rest)
    assert model.rowCount() == 1 and top_of(rows, key) == before
    assert rows.grab().toImage().height() > 0


def test_when_the_row_itself_goes_the_next_one_takes_no_jump(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = shown(qtbot)
    model = rows.model()
    assert isinstance(model, AlarmModel)
    rest_pointer(qtbot, rows, 4, monkeypatch)
    following = model.key(5)
    before = top_of(rows, following)
    model.change([msgspec.structs.replace(model.alarm(4), state=AlarmState.NORMAL)])
    flood(rows, 1)
    assert top_of(rows, following) == before


def test_the_current_row_stays_while_the_keyboard_is_here(qtbot: QtBot) -> None:
    rows = shown(qtbot)
    QCursor.setPos(rows.mapToGlobal(QPoint(-30, -30)))
    rows.setFocus()
    model = rows.model()
    assert isinstance(model, AlarmModel)
    rows.choose(model.key(6))
    key, before = model.key(6), top_of(rows, model.key(6))
    for batch in range(4):
        flood(rows, batch)
        assert top_of(rows, key) == before
    assert rows.keys() == [key]
    qtbot.keyClick(rows, Qt.Key.Key_Home)
    assert rows.verticalOffset() <= 0 and rows.passed == 0


def test_once_let_go_the_list_goes_back_to_its_top(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = shown(qtbot)
    rest_pointer(qtbot, rows, 2, monkeypatch)
    flood(rows, 1)
    assert rows.verticalOffset() > 0
    monkeypatch.setattr(type(rows), "_pointed", lambda self: False)
    rows.let_go()
    assert rows.verticalOffset() == 0 and rows.passed == 0


def test_a_list_that_nobody_points_at_shows_what_comes_at_its_top(qtbot: QtBot) -> None:
    rows = shown(qtbot)
    QCursor.setPos(rows.mapToGlobal(QPoint(-30, -30)))
    rows.clearFocus()
    fresh = {alarm.id for alarm in flood(rows, 1)}
    model = rows.model()
    assert isinstance(model, AlarmModel)
    assert rows.verticalOffset() == 0 and model.key(0) in fresh


def test_in_the_flood_view_no_row_moves_though_an_open_group_above_grows(qtbot: QtBot) -> None:
    model = AlarmGroupModel(NOW)
    model.build(alarms(300))
    page = AlarmFlood(model)
    model.setParent(page)
    qtbot.addWidget(page)
    page.resize(900, 360)
    page.show()
    qtbot.waitExposed(page)
    QCursor.setPos(page.mapToGlobal(QPoint(-30, -30)))
    rows = page.rows
    first = model.index(0, 0)
    rows.expand(first)
    rows.setCurrentIndex(model.index(1, 0))
    rows.scrollTo(model.index(1, 0))
    held, before = model.index(1, 0), rows.visualRect(model.index(1, 0)).top()
    lead = model.groups[0].first
    for batch in range(5):
        model.change([msgspec.structs.replace(lead, id=f"more{batch}/{number}") for number in range(30)])
        model.change([msgspec.structs.replace(lead, id=f"new{batch}", place=f"新镇{batch}")])
        assert rows.visualRect(held).top() == before
    assert model.rowCount(first) >= 150
