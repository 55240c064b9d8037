"""The list of what is held back, and the dialogs that silence and tag, connected."""

from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from controlroom.bridge.models.alarm_index import AlarmColumn
from controlroom.domain.alarm import Aside, AsideKind
from controlroom.domain.events import SilenceChanged
from controlroom.domain.severity import Severity
from controlroom.domain.silence import Matcher, Silence
from controlroom.seat.status import LinkState
from controlroom.wire.alarms import EndSilence, ReturnToService, SilenceMatching, TagAlarms, Unshelve
from controlroom.wiring.alarms import AlarmDetailWiring, AlarmTableWiring
from controlroom.wiring.suppressions import SuppressionDesk, SuppressionWiring
from tests.shell.room_feed import NOON
from tests.wiring.conftest import Desk, alarm, raised

HOUR = timedelta(hours=1)


def shelved(identity: str, kind: AsideKind = AsideKind.SHELVED) -> Aside:
    until = NOON + HOUR if kind is AsideKind.SHELVED else None
    return Aside(kind=kind, by="王", at=NOON, reason="检修", severity=Severity.RED, until=until)


SILENCE = Silence(
    id="silence-9", matcher=Matcher(kind="x"), by="李", seat="a", at=NOON, until=NOON + HOUR, reason="演练"
)


@pytest.fixture
def held(desk: Desk, qtbot: QtBot) -> Iterator[SuppressionWiring]:
    desk.happen(
        *raised(alarm("a", aside=shelved("a")), alarm("b", aside=shelved("b", AsideKind.OUT_OF_SERVICE)), alarm("c")),
        SilenceChanged(SILENCE),
    )
    wiring = SuppressionWiring(desk.seat)
    qtbot.addWidget(wiring.list)
    wiring.list.show()
    with qtbot.waitActive(wiring.list):
        wiring.list.activateWindow()
    wiring.list.setFocus()
    yield wiring


def test_everything_selected_is_ended_with_one_key_each_in_its_own_way(
    desk: Desk, held: SuppressionWiring, qtbot: QtBot
) -> None:
    held.list.view.selectAll()
    qtbot.keyClick(held.list.view, Qt.Key.Key_Delete)
    bodies = desk.sent.bodies
    assert Unshelve(alarms=["a"]) in bodies and ReturnToService(alarms=["b"]) in bodies
    assert EndSilence(silence="silence-9") in bodies and len(bodies) == 3


def test_the_list_follows_the_room_once_a_second_and_keeps_what_is_selected(
    desk: Desk, held: SuppressionWiring
) -> None:
    held.list.view.selectRow(1)
    assert [line.id for line in held.list.selected()] == ["b"]
    desk.happen(*raised(alarm("a")))
    desk.second()
    assert held.list.model.rowCount() == 2
    assert [line.id for line in held.list.selected()] == ["b"]


def test_a_lost_link_takes_no_orders(desk: Desk, held: SuppressionWiring, qtbot: QtBot) -> None:
    held.list.view.selectAll()
    desk.link(LinkState.LOST)
    assert not held.list.end_button.isEnabled()
    qtbot.keyClick(held.list.view, Qt.Key.Key_Delete)
    assert not desk.sent.bodies


def test_an_alarm_of_the_list_is_shown_in_the_table(desk: Desk, held: SuppressionWiring) -> None:
    held.list.view.activated.emit(held.list.model.index(0, 0))
    assert desk.revealed == ["alarms"] and desk.seat.selection.id == "a"


def test_the_alarm_panel_always_says_how_much_is_held_back(desk: Desk, qtbot: QtBot) -> None:
    wiring = AlarmTableWiring(desk.seat)
    qtbot.addWidget(wiring.table)
    assert wiring.table.held_back.text() == "被压制 0 项"
    desk.happen(*raised(alarm("a", aside=shelved("a")), alarm("b", parent="a")), SilenceChanged(SILENCE))
    assert wiring.table.held_back.text() == "被压制 3 项"
    opened = SuppressionDesk(desk.seat, desk.owner)
    wiring.table.held_back.click()
    assert opened.dialog is not None and opened.dialog.isVisible()
    opened.dialog.close()


def test_the_like_of_an_alarm_are_silenced_with_a_reason_until_a_time(desk: Desk, qtbot: QtBot) -> None:
    desk.happen(*raised(alarm("a", kind="methane", place="礼贤镇"), alarm("b", kind="methane"), alarm("c")))
    opened = SuppressionDesk(desk.seat, desk.owner)
    desk.seat.requests.silence_wanted.emit(desk.pump.room.alarms["a"])
    dialog = opened.silencing
    assert dialog is not None and not dialog.allowed
    assert dialog.told.text() == "现有 1 条告警符合。"
    dialog.place.clear()
    assert dialog.told.text() == "现有 2 条告警符合。"
    dialog.accept()
    assert not desk.sent.bodies
    dialog.reason.setText("管廊检修")
    dialog.lengths.button(15).setChecked(True)
    dialog.accept()
    (sent,) = desk.sent.bodies
    assert isinstance(sent, SilenceMatching)
    assert sent.matcher == Matcher(source="grid", kind="methane") and sent.reason == "管廊检修"
    assert sent.until == desk.clock.now() + timedelta(minutes=15)


def test_a_silence_of_everything_cannot_be_ordered(desk: Desk, qtbot: QtBot) -> None:
    opened = SuppressionDesk(desk.seat, desk.owner)
    opened.silence(None)
    dialog = opened.silencing
    assert dialog is not None
    dialog.reason.setText("太吵")
    assert not dialog.allowed
    for box in dialog.severities.values():
        box.setChecked(True)
    assert not dialog.allowed
    dialog.severities[Severity.RED].setChecked(False)
    assert dialog.allowed
    dialog.reject()


def test_tags_are_put_on_from_the_table_and_the_filter_finds_them(desk: Desk, qtbot: QtBot) -> None:
    wiring = AlarmTableWiring(desk.seat)
    qtbot.addWidget(wiring.table)
    desk.happen(*raised(alarm("a", tags=("防汛",)), alarm("b", tags=("防汛", "重点")), alarm("c", tags=("供暖",))))
    wiring.table.rows.choose_all()
    wiring.table.orders.tag_action.trigger()
    dialog = wiring.table.orders.tags
    assert dialog is not None and set(dialog.boxes) == {"防汛", "重点", "供暖"}
    dialog.boxes["防汛"].setCheckState(Qt.CheckState.Checked)
    dialog.boxes["供暖"].setCheckState(Qt.CheckState.Unchecked)
    dialog.line.setText("夜班，交接")
    dialog.accept()
    (sent,) = desk.sent.bodies
    assert isinstance(sent, TagAlarms) and sorted(sent.alarms) == ["a", "b", "c"]
    assert (sent.add, sent.remove) == (["防汛", "夜班", "交接"], ["供暖"])
    wiring.table._text.setText("#重点")
    assert [wiring.model.key(row) for row in range(wiring.model.rowCount())] == ["b"]


def test_a_silenced_alarm_is_listed_and_says_so_in_table_and_detail(desk: Desk, qtbot: QtBot) -> None:
    wiring, detail = AlarmTableWiring(desk.seat), AlarmDetailWiring(desk.seat)
    qtbot.addWidget(wiring.table)
    qtbot.addWidget(detail.detail)
    desk.happen(*raised(alarm("a", kind="x"), alarm("b")))
    desk.happen(SilenceChanged(SILENCE))
    states = {
        wiring.model.key(row): wiring.model.text(wiring.model.alarm(row), AlarmColumn.STATE)
        for row in range(wiring.model.rowCount())
    }
    assert states == {"a": "已静默 · 未确认", "b": "未确认"}
    desk.seat.selection.select("alarm", "a")
    assert any("李 · 演练" in label.text() for label in detail.detail.findChildren(QLabel))
    desk.happen(SilenceChanged(msgspec.structs.replace(SILENCE, ended_at=NOON)))
    desk.second()
    assert wiring.model.text(wiring.model.alarm(0), AlarmColumn.STATE) == "未确认"
    assert not any("李 · 演练" in label.text() for label in detail.detail.findChildren(QLabel) if not label.isHidden())
