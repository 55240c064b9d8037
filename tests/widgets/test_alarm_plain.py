"""What a screen reader hears of the alarms, asked as it asks: through QAccessible."""

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from pytestqt.qtbot import QtBot

from controlroom.bridge.models.alarm_index import AlarmColumn
from controlroom.bridge.models.alarm_model import AlarmModel
from controlroom.domain.alarm import AlarmState
from controlroom.domain.severity import Severity
from tests.bridge.models.district import NOW, alarms
from widgets.alarm_plain import AlarmPlain
from widgets.alarm_table import AlarmTable

Key = Qt.Key


def shown(qtbot: QtBot) -> tuple[AlarmTable, AlarmPlain]:
    model = AlarmModel(NOW)
    model.reset(alarms(40))
    table = AlarmTable(model)
    model.setParent(table)
    qtbot.addWidget(table)
    table.resize(1200, 500)
    table.show()
    qtbot.waitExposed(table)
    with qtbot.waitActive(table):
        table.activateWindow()
    table.rows.setFocus()
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(table.rows, Key.Key_P, both)
    plain = table.findChild(AlarmPlain)
    assert isinstance(plain, AlarmPlain) and plain.isVisible()
    return table, plain


def rows_heard(plain: AlarmPlain) -> int:
    """Rows of cells below the row of headers; every row has a header of its own and a cell for each column."""
    told = QAccessible.queryAccessibleInterface(plain.table)
    assert told is not None
    return told.childCount() // (len(AlarmColumn) + 1) - 1


def heard(plain: AlarmPlain, row: int, column: AlarmColumn) -> str:
    told = QAccessible.queryAccessibleInterface(plain.table)
    assert told is not None
    cell = told.child((row + 1) * (len(AlarmColumn) + 1) + 1 + column)
    assert cell.role() is QAccessible.Role.Cell
    return cell.text(QAccessible.Text.Name)


def test_the_twin_is_a_table_with_every_row_and_reads_an_alarm_as_one_sentence(qtbot: QtBot) -> None:
    table, plain = shown(qtbot)
    told = QAccessible.queryAccessibleInterface(plain.table)
    assert told is not None and told.role() is QAccessible.Role.Table
    assert told.text(QAccessible.Text.Name) == "告警"
    assert rows_heard(plain) == table.model.rowCount() == 40
    first = table.model.alarm(0)
    said = heard(plain, 0, AlarmColumn.SEVERITY)
    assert first.title in said and first.place in said
    assert heard(plain, 0, AlarmColumn.PLACE) == f"地点: {first.place}"


def test_the_twin_follows_the_same_model_and_commands_obey_it(qtbot: QtBot) -> None:
    table, plain = shown(qtbot)
    plain.choose(table.model.key(3))
    key = plain.current_key()
    fresh = msgspec.structs.replace(
        alarms(1)[0], id="new", severity=Severity.RED, state=AlarmState.UNACKNOWLEDGED, occurred_at=NOW
    )
    table.model.change([fresh])
    assert plain.keys() == [key] and plain.current_key() == key
    assert rows_heard(plain) == 41
    plain.choose("new")
    with qtbot.waitSignal(table.acknowledged) as acknowledged:
        qtbot.keyClick(plain.table, Key.Key_A)
    assert acknowledged.args == [["new"]]
