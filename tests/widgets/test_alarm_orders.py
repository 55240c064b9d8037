"""Shelving, suppressing and taking back, as an officer does them with the keyboard."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from controlroom.bridge.models.alarm_index import AlarmColumn
from controlroom.bridge.models.alarm_model import AlarmModel
from controlroom.domain.alarm import Alarm, AlarmState, Aside, AsideKind, Note, Owner, noted, set_aside, taken
from tests.bridge.models.district import NOW, alarms
from widgets.alarm_aside import AsideDialog
from widgets.alarm_detail import AlarmDetail
from widgets.alarm_table import AlarmTable

BEIJING = ZoneInfo("Asia/Shanghai")
Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier


def shelved(alarm: Alarm, kind: AsideKind = AsideKind.SHELVED, reason: str = "泵站检修") -> Alarm:
    until = NOW + timedelta(hours=6) if kind is AsideKind.SHELVED else None
    at = NOW - timedelta(minutes=3)
    return set_aside(alarm, Aside(kind=kind, by="李敏", at=at, reason=reason, severity=alarm.severity, until=until))


def shown(qtbot: QtBot, aside: AsideKind | None = None) -> AlarmTable:
    held = alarms(20)
    if aside is not None:
        held[0] = shelved(held[0], aside)
    model = AlarmModel(NOW, BEIJING)
    model.reset(held)
    table = AlarmTable(model, zone=BEIJING)
    qtbot.addWidget(table)
    table.resize(1400, 500)
    table.show()
    with qtbot.waitActive(table):
        table.activateWindow()
    table.rows.setFocus()
    return table


def tabs(table: AlarmTable) -> list[str]:
    return [table._tabs.tabText(tab) for tab in range(table._tabs.count())]


def dialog_of(table: AlarmTable) -> AsideDialog:
    dialog = table.orders.dialog
    assert dialog is not None
    return dialog


def test_the_key_s_asks_for_how_long_and_why_and_shelves(qtbot: QtBot) -> None:
    table = shown(qtbot)
    table.rows.choose(table.model.key(0))
    qtbot.keyClick(table.rows, Key.Key_S)
    dialog = dialog_of(table)
    assert [button.text() for button in dialog.lengths.buttons()] == [
        "15 分钟",
        "1 小时",
        "6 小时",
        "12 小时",
        "1 天",
        "7 天",
        "30 天",
    ]
    assert dialog.minutes == 60
    assert not dialog.allowed
    dialog.lengths.button(360).click()
    dialog.reason.setText("  泵站检修 ")
    with qtbot.waitSignal(table.orders.set_aside) as told:
        dialog.accept()
    assert told.args == [[table.model.key(0)], AsideKind.SHELVED, 360, "泵站检修"]


def test_enter_without_a_reason_shelves_nothing(qtbot: QtBot) -> None:
    table = shown(qtbot)
    table.rows.choose(table.model.key(0))
    qtbot.keyClick(table.rows, Key.Key_S)
    dialog = dialog_of(table)
    with qtbot.assertNotEmitted(table.orders.set_aside):
        qtbot.keyClick(dialog.reason, Key.Key_Return)
    assert dialog.isVisible()
    dialog.reject()


def test_a_shelved_alarm_is_listed_in_its_tab_with_reason_age_and_remaining_time(qtbot: QtBot) -> None:
    table = shown(qtbot, AsideKind.SHELVED)
    assert tabs(table)[:4] == ["当前", "未确认", "已搁置（1）", "抑制"]
    key = alarms(1)[0].id
    assert table.model.row(key) == -1
    table._tabs.setCurrentIndex(2)
    alarm = table.model.alarm(0)
    assert (alarm.id, table.model.rowCount()) == (key, 1)
    assert table.model.text(alarm, AlarmColumn.ASIDE_REASON) == "泵站检修"
    assert table.model.text(alarm, AlarmColumn.ASIDE_SINCE) == "李敏 · 3 分 00 秒前"
    assert table.model.text(alarm, AlarmColumn.ASIDE_UNTIL) == "剩余 6 小时 00 分 · 20:32:10"
    assert not table.rows.isColumnHidden(AlarmColumn.ASIDE_UNTIL)
    before = table.rows.viewport().grab().toImage()
    table.tick(NOW + timedelta(minutes=10))
    assert table.rows.viewport().grab().toImage() != before
    table._tabs.setCurrentIndex(0)
    assert table.rows.isColumnHidden(AlarmColumn.ASIDE_UNTIL)


def test_what_is_suppressed_or_out_of_service_has_its_tab(qtbot: QtBot) -> None:
    for kind, state in ((AsideKind.SUPPRESSED, "设计抑制"), (AsideKind.OUT_OF_SERVICE, "停用")):
        table = shown(qtbot, kind)
        assert tabs(table)[2:4] == ["已搁置", "抑制（1）"]
        table._tabs.setCurrentIndex(3)
        alarm = table.model.alarm(0)
        assert table.model.text(alarm, AlarmColumn.STATE).startswith(state)
        assert table.model.text(alarm, AlarmColumn.ASIDE_UNTIL) == "直到有人恢复"


def test_a_shelved_alarm_that_became_normal_stays_in_its_tab_until_it_is_over(qtbot: QtBot) -> None:
    table = shown(qtbot, AsideKind.SHELVED)
    table._tabs.setCurrentIndex(2)
    over = msgspec.structs.replace(table.model.alarm(0), state=AlarmState.NORMAL)
    table.model.change([over])
    assert table.model.rowCount() == 1
    table.model.change([msgspec.structs.replace(over, aside=None)])
    assert table.model.rowCount() == 0
    assert table.rows._empty_text == "此处没有告警"


def test_the_counts_leave_out_what_is_set_aside(qtbot: QtBot) -> None:
    table = shown(qtbot)
    first = next(alarm for alarm in alarms(20) if alarm.waiting)
    before = table.model.counts[first.severity]
    table.model.change([shelved(first)])
    assert table.model.counts[first.severity] == before - 1
    assert "19" in table._summary.text()


def test_selecting_from_elsewhere_finds_a_shelved_alarm_in_its_tab(qtbot: QtBot) -> None:
    table = shown(qtbot, AsideKind.SHELVED)
    table.select(alarms(1)[0].id)
    assert table._tabs.currentIndex() == 2
    assert table.rows.keys() == [alarms(1)[0].id]


def test_a_shelved_alarm_is_brought_back_with_one_key(qtbot: QtBot) -> None:
    table = shown(qtbot, AsideKind.SHELVED)
    table.model.change([shelved(alarms(20)[1], AsideKind.OUT_OF_SERVICE)])
    table.select(alarms(1)[0].id)
    with qtbot.waitSignal(table.orders.brought_back) as told:
        qtbot.keyClick(table.rows, Key.Key_S, SHIFT)
    assert told.args == [[alarms(1)[0].id], []]
    table.select(alarms(20)[1].id)
    with qtbot.waitSignal(table.orders.brought_back) as told:
        qtbot.keyClick(table.rows, Key.Key_S, SHIFT)
    assert told.args == [[], [alarms(20)[1].id]]


def test_the_key_u_takes_acknowledgements_back(qtbot: QtBot) -> None:
    table = shown(qtbot)
    table.rows.choose_all()
    wanted = {alarm.id for alarm in alarms(20) if alarm.state is AlarmState.ACKNOWLEDGED}
    with qtbot.waitSignal(table.orders.unacknowledged) as told:
        qtbot.keyClick(table.rows, Key.Key_U)
    assert set(told.args[0]) == wanted


def test_the_menu_offers_only_what_can_be_done(qtbot: QtBot) -> None:
    table = shown(qtbot, AsideKind.SHELVED)
    orders = table.orders
    table.select(alarms(1)[0].id)
    assert orders.fitting() == [
        orders.take_action,
        orders.shelve_action,
        orders.suppress_action,
        orders.service_action,
        orders.back_action,
        orders.silence_action,
        orders.tag_action,
    ]


def test_nothing_is_ordered_while_the_link_is_lost(qtbot: QtBot) -> None:
    table = shown(qtbot)
    table.rows.choose_all()
    table.set_stale(True, NOW)
    with qtbot.assertNotEmitted(table.orders.unacknowledged):
        qtbot.keyClick(table.rows, Key.Key_U)
        qtbot.keyClick(table.rows, Key.Key_S)
    assert table.orders.dialog is None


def test_the_detail_tells_who_set_it_aside_why_and_until_when(qtbot: QtBot) -> None:
    detail = AlarmDetail(NOW, BEIJING)
    qtbot.addWidget(detail)
    detail.show()
    detail.show_alarm(shelved(alarms(1)[0]))
    told = "\n".join(label.text() for label in detail.findChildren(QLabel) if label.isVisibleTo(detail))
    assert "已搁置" in told
    assert "泵站检修 · 李敏" in told
    assert "剩余 6 小时 00 分 · 20:32:10" in told


OWNER = Owner(by="李敏", seat="一席", at=NOW, until=NOW + timedelta(minutes=30))


def detail_of(qtbot: QtBot, alarm: Alarm) -> AlarmDetail:
    detail = AlarmDetail(NOW, BEIJING)
    qtbot.addWidget(detail)
    detail.show()
    detail.show_alarm(alarm)
    return detail


def words(detail: AlarmDetail) -> str:
    return "\n".join(label.text() for label in detail.findChildren(QLabel) if label.isVisibleTo(detail))


def test_the_key_o_says_i_have_it_and_with_shift_gives_it_back(qtbot: QtBot) -> None:
    table = shown(qtbot)
    first, second = table.model.alarm(0), table.model.alarm(1)
    table.rows.choose(first.id)
    with qtbot.waitSignal(table.orders.taken) as told:
        qtbot.keyClick(table.rows, Key.Key_O)
    assert told.args == [[first.id]]
    with qtbot.assertNotEmitted(table.orders.released):
        qtbot.keyClick(table.rows, Key.Key_O, SHIFT)
    table.model.change([taken(first, OWNER), second])
    assert table.model.text(table.model.alarm(0), AlarmColumn.OWNER) == "李敏 · 一席 · 0 秒"
    with qtbot.waitSignal(table.orders.released) as told:
        qtbot.keyClick(table.rows, Key.Key_O, SHIFT)
    assert told.args == [[first.id]]


def test_the_detail_tells_who_has_it_and_every_note(qtbot: QtBot) -> None:
    alarm = noted(taken(alarms(1)[0], OWNER), Note(at=NOW, by="王建国", seat="二席", text="已派人"))
    told = words(detail_of(qtbot, alarm))
    assert "李敏 · 一席 · 0 秒 · 剩余 30 分 00 秒" in told
    assert "备注：已派人 · 王建国" in told


def test_the_time_that_is_left_ticks_in_the_detail(qtbot: QtBot) -> None:
    detail = detail_of(qtbot, taken(alarms(1)[0], OWNER))
    detail.tick(NOW + timedelta(minutes=20))
    assert "剩余 10 分 00 秒" in words(detail)


def test_a_note_stays_in_its_line_until_the_hub_has_it(qtbot: QtBot) -> None:
    first, second = alarms(2)
    detail = detail_of(qtbot, first)
    qtbot.keyClicks(detail._note, "go")
    with qtbot.waitSignal(detail.noted) as told:
        qtbot.keyClick(detail._note, Key.Key_Return)
    assert told.args == [first.id, "go"]
    assert detail._note.text() == "go"
    detail.forget_draft(first.id, "go")
    assert detail._note.text() == ""
    with qtbot.assertNotEmitted(detail.noted):
        qtbot.keyClick(detail._note, Key.Key_Return)
    qtbot.keyClicks(detail._note, "for the first")
    detail.show_alarm(second)
    assert detail._note.text() == ""
    detail.show_alarm(first)
    assert detail._note.text() == "for the first"


def test_letters_of_a_note_are_no_commands(qtbot: QtBot) -> None:
    detail = detail_of(qtbot, next(alarm for alarm in alarms(20) if alarm.waiting))
    with qtbot.waitActive(detail):
        detail.activateWindow()
    detail._note.setFocus()
    with qtbot.assertNotEmitted(detail.acknowledged):
        qtbot.keyClicks(detail._note, "wait, a map")
    assert detail._note.text() == "wait, a map"


def test_the_key_r_resets_the_latched_ones_of_the_selection(qtbot: QtBot) -> None:
    table = shown(qtbot)
    latched = table.model.alarm(1)
    table.model.change([msgspec.structs.replace(latched, state=AlarmState.LATCHED, latching=True)])
    table.rows.choose_all()
    assert table.orders.reset_action in table.orders.fitting()
    with qtbot.waitSignal(table.orders.reset) as told:
        qtbot.keyClick(table.rows, Key.Key_R)
    assert told.args == [[latched.id]]
