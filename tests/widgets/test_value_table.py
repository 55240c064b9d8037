from pytestqt.qtbot import QtBot

from widgets.value_table import Cell, Row, ValueTable, shared


def test_columns_share_a_room_that_is_too_narrow_and_the_widest_give_way() -> None:
    assert shared((50, 60), 200, 40) == [50, 60]
    assert shared((50, 300, 100), 250, 40) == [50, 100, 100]
    assert shared((50, 300, 100), 220, 40) == [50, 85, 85]
    assert shared((50, 300, 100), 10, 40) == [40, 40, 40], "below the least nothing can be read"
    assert shared((), 100, 40) == []


def test_no_column_of_a_narrow_table_is_out_of_sight(qtbot: QtBot) -> None:
    table = ValueTable(["Station", "Index", "State"])
    qtbot.addWidget(table)
    table.empty.say("Nothing is over its limit")
    table.resize(260, 200)
    table.show()
    qtbot.waitExposed(table)
    assert table.empty.isVisible()
    table.set_rows([Row("a", (Cell("a name that is far too long for such a narrow table"), Cell("88"), Cell("valid")))])
    assert not table.empty.isVisible()
    qtbot.waitUntil(lambda: not table.view.horizontalScrollBar().isVisible())
    assert table.view.horizontalHeader().length() <= table.view.viewport().width() + 1
    assert table.view.model().index(0, 0).data(3) == "a name that is far too long for such a narrow table"
