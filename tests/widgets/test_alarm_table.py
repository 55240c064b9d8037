from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from controlroom.bridge.models.alarm_index import AlarmColumn
from controlroom.bridge.models.alarm_model import AlarmModel, PastAlarm
from controlroom.domain.alarm import AlarmState, acknowledged
from controlroom.domain.severity import Severity
from controlroom.errors import CommandRefused, LinkLost
from tests.bridge.models.district import NOW, alarms
from tests.widgets.officer_desk import run_at_once
from widgets.alarm_rows import AlarmRows
from widgets.alarm_table import AlarmTable
from widgets.severity import severity_colour

BEIJING = ZoneInfo("Asia/Shanghai")
Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


def yes(parent: QWidget, question: str, deed: str) -> bool:
    return True


def shown(qtbot: QtBot, count: int = 60, confirm: Callable[[QWidget, str, str], bool] = yes) -> AlarmTable:
    model = AlarmModel(NOW, BEIJING)
    model.reset(alarms(count))
    table = AlarmTable(model, zone=BEIJING, confirm=confirm)
    qtbot.addWidget(table)
    table.resize(1400, 500)
    table.show()
    qtbot.waitExposed(table)
    with qtbot.waitActive(table):
        table.activateWindow()
    table.rows.setFocus()
    return table


def click(qtbot: QtBot, rows: AlarmRows, row: int, modifier: Qt.KeyboardModifier | None = None) -> None:
    height = rows.verticalHeader().defaultSectionSize()
    at = QPoint(300, row * height + height // 2)
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, modifier or Qt.KeyboardModifier.NoModifier, at)


def test_a_selected_alarm_stays_selected_wherever_it_moves(qtbot: QtBot) -> None:
    table = shown(qtbot)
    click(qtbot, table.rows, 3)
    chosen = table.rows.keys()
    assert chosen == [table.model.key(3)]
    newer = msgspec.structs.replace(table.model.alarm(10), severity=Severity.RED, occurred_at=NOW)
    table.model.change([newer])
    assert table.rows.keys() == chosen
    assert table.model.row(chosen[0]) == 4
    assert table.rows.currentIndex().row() == 4


def test_everything_selected_does_not_select_what_comes_later(qtbot: QtBot) -> None:
    table = shown(qtbot, 400)
    qtbot.keyClick(table.rows, Key.Key_A, CONTROL)
    assert len(table.rows.keys()) == 400
    fresh = [msgspec.structs.replace(alarm, id=f"new/{alarm.id}") for alarm in alarms(50)]
    table.model.change(fresh)
    assert len(table.rows.keys()) == 400
    assert not {alarm.id for alarm in fresh} & set(table.rows.keys())


def test_mouse_and_keyboard_select_as_everywhere(qtbot: QtBot) -> None:
    table = shown(qtbot)
    rows, key = table.rows, table.model.key
    click(qtbot, rows, 2)
    click(qtbot, rows, 5, SHIFT)
    assert rows.keys() == [key(2), key(3), key(4), key(5)]
    click(qtbot, rows, 3, CONTROL)
    assert rows.keys() == [key(2), key(4), key(5)]
    qtbot.keyClick(rows, Key.Key_Home)
    qtbot.keyClick(rows, Key.Key_Down, SHIFT)
    assert rows.keys() == [key(0), key(1)]
    qtbot.keyClick(rows, Key.Key_End)
    assert rows.keys() == [key(59)]


def test_the_keyboard_goes_on_where_an_alarm_has_left(qtbot: QtBot) -> None:
    table = shown(qtbot)
    click(qtbot, table.rows, 4)
    following = table.model.key(5)
    table.model.change([msgspec.structs.replace(table.model.alarm(4), state=AlarmState.NORMAL)])
    assert table.rows.count == 0, "what is gone is selected no more"
    qtbot.keyClick(table.rows, Key.Key_Down)
    assert table.rows.keys() == [following]


def test_a_acknowledges_only_those_of_the_selection_that_wait(qtbot: QtBot) -> None:
    table = shown(qtbot)
    qtbot.keyClick(table.rows, Key.Key_A, CONTROL)
    waiting = {alarm.id for alarm in alarms(60) if alarm.waiting}
    with qtbot.waitSignal(table.acknowledged) as told:
        qtbot.keyClick(table.rows, Key.Key_A)
    assert told.args is not None
    assert set(told.args[0]) == waiting


def test_acknowledging_everything_listed_asks_with_the_count_and_does_nothing_on_no(qtbot: QtBot) -> None:
    questions: list[str] = []

    def no(parent: QWidget, question: str, deed: str) -> bool:
        questions.extend((question, deed))
        return False

    table = shown(qtbot, confirm=no)
    with qtbot.assertNotEmitted(table.acknowledged):
        qtbot.keyClick(table.rows, Key.Key_A, SHIFT)
    waiting = sum(alarm.waiting for alarm in alarms(60))
    assert questions == [f"将列表中全部 {waiting} 条未确认告警置为已确认？", f"确认 {waiting} 条"]


def test_what_came_while_the_officer_was_asked_is_not_acknowledged(qtbot: QtBot) -> None:
    late = msgspec.structs.replace(alarms(1)[0], id="late/1", state=AlarmState.UNACKNOWLEDGED)

    def slow_yes(parent: QWidget, question: str, deed: str) -> bool:
        table.model.change([late])
        return True

    table = shown(qtbot, confirm=slow_yes)
    with qtbot.waitSignal(table.acknowledged) as told:
        table.acknowledge_listed()
    assert told.args is not None
    assert "late/1" not in told.args[0]


def test_i_wants_an_incident_enter_the_map_w_the_wall(qtbot: QtBot) -> None:
    table = shown(qtbot)
    click(qtbot, table.rows, 1)
    key = table.model.key(1)
    for pressed, signal, expected in (
        (Key.Key_I, table.incident_wanted, [key]),
        (Key.Key_Return, table.map_wanted, key),
        (Key.Key_W, table.wall_wanted, key),
    ):
        with qtbot.waitSignal(signal) as told:
            qtbot.keyClick(table.rows, pressed)
        assert told.args == [expected]


def test_the_filter_takes_chinese_and_its_letters_are_no_commands(qtbot: QtBot) -> None:
    table = shown(qtbot, 2000)
    click(qtbot, table.rows, 0)
    with qtbot.assertNotEmitted(table.acknowledged):
        qtbot.keyClick(table.rows, Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        field = table.focusWidget()
        assert field is not None
        qtbot.keyClicks(field, "pAi")
        field.clear()
        field.insert("黄村镇 积水")
    assert 0 < table.model.rowCount() < 2000
    for row in range(table.model.rowCount()):
        assert "黄村镇" in table.model.alarm(row).place
        assert "积水" in table.model.alarm(row).title


def test_selecting_a_hidden_alarm_from_elsewhere_takes_the_filter_away(qtbot: QtBot) -> None:
    table = shown(qtbot)
    wanted = table.model.key(40)
    table._text.setText("nothing has this")
    assert table.model.rowCount() == 0
    with qtbot.waitSignal(table.chosen):
        table.select(wanted)
    assert table.rows.keys() == [wanted]


def test_the_unacknowledged_tab_loses_an_alarm_as_soon_as_it_is_acknowledged(qtbot: QtBot) -> None:
    table = shown(qtbot)
    table._tabs.setCurrentIndex(1)
    assert all(table.model.alarm(row).waiting for row in range(table.model.rowCount()))
    first = table.model.alarm(0)
    table.model.change([acknowledged(first, "李敏", NOW)])
    assert table.model.row(first.id) == -1


def test_a_lost_link_veils_the_list_says_of_when_it_is_and_takes_no_commands(qtbot: QtBot) -> None:
    table = shown(qtbot)
    click(qtbot, table.rows, 0)
    before = table.rows.viewport().grab().toImage()
    table.set_stale(True, NOW - timedelta(seconds=47))
    assert table._stale.text == "与中枢失联（47 秒前），以下为 14:31:23 的状态"
    assert table._stale.isVisible()
    assert table.rows.viewport().grab().toImage() != before
    with qtbot.assertNotEmitted(table.acknowledged):
        qtbot.keyClick(table.rows, Key.Key_A)
    table.tick(NOW + timedelta(seconds=13))
    assert "1 分 00 秒前" in table._stale.text
    table.set_stale(False)
    assert not table._stale.isVisible()
    with qtbot.waitSignal(table.acknowledged):
        table.acknowledge_listed()


def test_an_empty_list_says_why_it_is_empty(qtbot: QtBot) -> None:
    table = shown(qtbot, 0)
    assert table.rows._empty_text == "当前无告警"
    table._tabs.setCurrentIndex(1)
    assert table.rows._empty_text == "没有待确认的告警"
    table.model.change(alarms(10))
    table._text.setText("nothing has this")
    assert table.rows._empty_text == "没有符合筛选条件的告警"


def symbol_of(table: AlarmTable, row: int) -> QImage:
    rows = table.rows
    height = rows.verticalHeader().defaultSectionSize()
    return rows.viewport().grab().toImage().copy(4, row * height, 22, height)


def count_of(image: QImage, colour: QColor) -> int:
    return sum(image.pixelColor(x, y) == colour for x in range(image.width()) for y in range(image.height()))


def test_only_the_symbol_of_a_waiting_alarm_flashes_and_only_while_it_is_seen(qtbot: QtBot) -> None:
    model = AlarmModel(NOW, BEIJING)
    waiting = msgspec.structs.replace(alarms(1)[0], severity=Severity.RED, state=AlarmState.UNACKNOWLEDGED)
    noted = msgspec.structs.replace(waiting, id="noted/1", state=AlarmState.ACKNOWLEDGED)
    model.reset([waiting, noted])
    table = AlarmTable(model)
    qtbot.addWidget(table)
    table.show()
    qtbot.waitExposed(table)
    assert table.rows._flash.isActive()
    table.rows._flash.stop()
    lit = [symbol_of(table, row) for row in (0, 1)]
    whole = table.rows.viewport().grab().toImage()
    table.rows._blink()
    dark = [symbol_of(table, row) for row in (0, 1)]
    assert lit[0] != dark[0]
    assert lit[1] == dark[1]
    right = whole.copy(30, 0, whole.width() - 30, whole.height())
    assert table.rows.viewport().grab().toImage().copy(30, 0, whole.width() - 30, whole.height()) == right
    red = severity_colour(Severity.RED, dark=False)
    assert count_of(lit[0], red) > count_of(lit[1], red) > 0
    table.hide()
    assert not table.rows._flash.isActive()


def test_ages_are_painted_anew_each_second_without_painting_rows_anew(qtbot: QtBot) -> None:
    table = shown(qtbot, 10)
    table.rows.viewport().grab()
    painted = {key: pixmap.cacheKey() for key, (_state, pixmap) in table.rows._pictures._rows.items()}
    before = table.rows.viewport().grab().toImage()
    table.tick(NOW + timedelta(seconds=1))
    assert table.rows.viewport().grab().toImage() != before
    assert {key: pixmap.cacheKey() for key, (_state, pixmap) in table.rows._pictures._rows.items()} == painted


def test_a_changed_alarm_is_painted_anew_and_its_neighbours_are_not(qtbot: QtBot) -> None:
    table = shown(qtbot, 10)
    table.rows.viewport().grab()
    painted = {key: pixmap.cacheKey() for key, (_state, pixmap) in table.rows._pictures._rows.items()}
    changed = table.model.alarm(2)
    table.model.change([msgspec.structs.replace(changed, count=77)])
    table.rows.viewport().grab()
    after = {key: pixmap.cacheKey() for key, (_state, pixmap) in table.rows._pictures._rows.items()}
    assert {key for key in painted if painted[key] != after[key]} == {changed.id}


def test_a_refusal_is_said_and_goes_with_the_next_command(qtbot: QtBot) -> None:
    table = shown(qtbot)
    table.show_refusal("已有人办理过了。")
    assert table._refused.isVisible()
    table.acknowledge_listed()
    assert not table._refused.isVisible()


def test_no_column_is_cut_by_the_edge_until_the_officer_sets_widths(qtbot: QtBot) -> None:
    table = shown(qtbot)
    header, bar = table.rows.horizontalHeader(), table.rows.horizontalScrollBar()
    for width in (700, 1000, 1190, 1500):
        table.resize(width, 400)
        room = table.rows.viewport().width()
        edges = [header.sectionViewportPosition(k) + header.sectionSize(k) for k in range(header.count())]
        assert min(abs(edge - room) for edge in edges) <= 1, (width, room, edges)
        assert not bar.isVisible()
    edge = QPoint(header.sectionViewportPosition(AlarmColumn.PLACE) + header.sectionSize(AlarmColumn.PLACE) - 1, 8)
    QTest.mousePress(header.viewport(), Qt.MouseButton.LeftButton, pos=edge)
    QTest.mouseMove(header.viewport(), edge + QPoint(300, 0))
    QTest.mouseRelease(header.viewport(), Qt.MouseButton.LeftButton, pos=edge + QPoint(300, 0))
    qtbot.waitUntil(bar.isVisible)


def test_columns_that_were_kept_of_another_tab_are_not_those_of_this_one(qtbot: QtBot) -> None:
    table, other = shown(qtbot), shown(qtbot)
    header = table.rows.horizontalHeader()
    header.moveSection(header.visualIndex(AlarmColumn.PLACE), 1)
    table.rows.columns.show_aside(True)
    assert header.isSectionHidden(AlarmColumn.AGE) and not header.isSectionHidden(AlarmColumn.ASIDE_REASON)
    restored = other.rows.horizontalHeader()
    assert restored.restoreState(header.saveState())
    assert restored.visualIndex(AlarmColumn.PLACE) == 1
    assert not restored.isSectionHidden(AlarmColumn.AGE) and restored.isSectionHidden(AlarmColumn.ASIDE_REASON)


class Journal:
    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []
        self.failure: Exception | None = None

    async def past(self, before: int, limit: int) -> list[PastAlarm]:
        self.asked.append((before, limit))
        if self.failure is not None:
            raise self.failure
        newest = before - 1 if before else 1200
        alarm = alarms(1)[0]
        return [PastAlarm(number, NOW, alarm) for number in range(newest, max(newest - limit, 0), -1)]


def test_history_is_loaded_page_by_page(qtbot: QtBot) -> None:
    journal = Journal()
    table = AlarmTable(AlarmModel(NOW), journal.past, run_at_once)
    qtbot.addWidget(table)
    table._tabs.setCurrentIndex(4)
    past = table.past
    assert past is not None
    assert past.model.total == 500
    past._earlier.click()
    past._earlier.click()
    assert past.model.total == 1200
    assert not past._earlier.isEnabled()
    assert journal.asked == [(0, 500), (701, 500), (201, 500)]


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (CommandRefused("history_gone", ""), "中枢已不再保留这么早的历史。"),
        (LinkLost("The hub does not answer."), "The hub does not answer."),
    ],
)
def test_history_that_cannot_be_had_says_why_and_keeps_what_it_has(qtbot: QtBot, failure: Exception, said: str) -> None:
    journal = Journal()
    table = AlarmTable(AlarmModel(NOW), journal.past, run_at_once)
    qtbot.addWidget(table)
    table._tabs.setCurrentIndex(4)
    assert table.past is not None
    journal.failure = failure
    table.past._earlier.click()
    assert table.past._failed.text == said
    assert table.past.model.total == 500
    assert table.past._earlier.isEnabled()


def test_another_theme_paints_every_row_anew(qtbot: QtBot) -> None:
    table = shown(qtbot, 5)
    table.rows.viewport().grab()
    assert table.rows._pictures._rows
    table.rows.changeEvent(QEvent(QEvent.Type.PaletteChange))
    assert not table.rows._pictures._rows


def test_selecting_from_elsewhere_leaves_the_history(qtbot: QtBot) -> None:
    model = AlarmModel(NOW)
    model.reset(alarms(5))
    table = AlarmTable(model, Journal().past, run_at_once)
    qtbot.addWidget(table)
    table._tabs.setCurrentIndex(4)
    assert not table.acknowledge_action.isEnabled()
    table.select(model.key(3))
    assert table._tabs.currentIndex() == 0
    assert table.rows.keys() == [model.key(3)]


def test_symbols_follow_the_theme(qtbot: QtBot) -> None:
    table = shown(qtbot, 5)
    button = table._severities[Severity.YELLOW]
    before = button.icon().pixmap(16).toImage()
    palette = table.palette()
    palette.setColor(QPalette.ColorRole.Base, QColor("#15181c"))
    table.setPalette(palette)
    assert button.icon().pixmap(16).toImage() != before
