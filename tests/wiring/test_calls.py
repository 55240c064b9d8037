"""What is brought to this seat, who has an alarm, and who is on duty, connected."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytestqt.qtbot import QtBot

from controlroom.bridge.models.alarm_index import AlarmColumn
from controlroom.domain.alarm import Alarm, AlarmState, Escalation, Owner
from controlroom.domain.duty import Duty, decode_duty_plan
from controlroom.domain.events import DutyChanged
from controlroom.domain.severity import Severity
from controlroom.seat.status import LinkState
from controlroom.wire.alarms import Acknowledge, TakeAlarms
from controlroom.wire.messages import SetDuty
from controlroom.wiring.alarms import AlarmTableWiring
from controlroom.wiring.calls import RosterDesk
from resources import path
from tests.shell.room_feed import NOON
from tests.wiring.conftest import Desk, alarm, raised

MINUTE = timedelta(minutes=1)


def duty(role: str, *officers: str) -> DutyChanged:
    begins_at, ends_at = NOON - 60 * MINUTE, NOON + 60 * MINUTE
    return DutyChanged(
        Duty(role=role, officers=officers, begins_at=begins_at, ends_at=ends_at, at=begins_at, shift="白班")
    )


def brought(identity: str, role: str, *officers: str, severity: Severity = Severity.ORANGE) -> Alarm:
    at = NOON - timedelta(seconds=72)
    return alarm(
        identity, severity, escalation=Escalation(step=1, turn=1, role=role, officers=officers, at=at), place="黄村"
    )


@pytest.fixture
def table(desk: Desk, qtbot: QtBot) -> Iterator[AlarmTableWiring]:
    desk.seat.duty_plan = decode_duty_plan(path("data", "duty.toml").read_bytes())
    desk.seat.role = "值班长"
    wiring = AlarmTableWiring(desk.seat)
    qtbot.addWidget(wiring.table)
    wiring.table.show()
    desk.happen(duty("shift_lead", "一组值班长"), duty("leader", "李主任"))
    yield wiring


def test_what_is_brought_to_this_seats_role_stands_on_top_until_somebody_takes_it(
    desk: Desk, table: AlarmTableWiring
) -> None:
    bar = table.calls.bar
    desk.happen(*raised(brought("a", "leader", "李主任"), brought("b", "shift_lead", "一组值班长")))
    assert [called.id for called in bar.alarms] == ["b"] and bar.isVisible()
    assert "告警b" in bar.label.text() and "一组值班长" in bar.label.text()
    desk.happen(*raised(brought("c", "shift_lead", "一组值班长", severity=Severity.RED)))
    assert [called.id for called in bar.alarms] == ["c", "b"] and "另有 1 条" in bar.label.text()
    bar.take_button.click()
    bar.acknowledge_button.click()
    bar.show_button.click()
    assert desk.sent.bodies == [TakeAlarms(alarms=["c"]), Acknowledge(alarms=["c"])]
    assert desk.seat.selection.id == "c"
    desk.happen(*raised(alarm("c", Severity.RED), alarm("b", state=AlarmState.NORMAL)))
    assert not bar.isVisible()


def test_another_officer_or_role_is_called_by_other_alarms(desk: Desk, table: AlarmTableWiring) -> None:
    desk.happen(*raised(brought("a", "leader", "李主任"), brought("b", "shift_lead", "一组值班长")))
    desk.seat.role = "带班领导"
    desk.seat.requests.officer_changed.emit()
    assert [called.id for called in table.calls.bar.alarms] == ["a"]
    desk.happen(duty("leader", desk.seat.commands.officer, "李主任"))
    assert not table.calls.bar.alarms, "the list names this officer, and another one was called"
    desk.happen(*raised(brought("a", "leader", desk.seat.commands.officer)))
    assert [called.id for called in table.calls.bar.alarms] == ["a"]


def test_a_lost_link_takes_no_orders(desk: Desk, table: AlarmTableWiring) -> None:
    desk.happen(*raised(brought("b", "shift_lead")))
    desk.link(LinkState.LOST)
    assert not table.calls.bar.take_button.isEnabled() and table.calls.bar.isVisible()


def test_every_seat_sees_who_has_an_alarm_since_when_and_what_nobody_took(desk: Desk, table: AlarmTableWiring) -> None:
    owner = Owner(by="赵", seat="二席", at=NOON - 3 * MINUTE, until=NOON + 27 * MINUTE)
    old = NOON - 23 * MINUTE
    desk.happen(
        *raised(
            alarm("owned", owner=owner),
            brought("brought", "leader", "李主任"),
            alarm("old", received_at=old, state=AlarmState.ACKNOWLEDGED),
            alarm("new"),
        )
    )
    desk.second()
    told = {
        table.model.key(row): table.model.text(table.model.alarm(row), AlarmColumn.OWNER)
        for row in range(table.model.rowCount())
    }
    assert told["owned"] == "赵 · 二席 · 3 分 01 秒"
    assert told["brought"] == "↑ leader · 1 分 13 秒"
    assert told["old"] == "无人处置 23 分 01 秒" and told["new"] == ""


def test_who_is_on_duty_is_seen_and_changed_and_what_is_written_stays(desk: Desk, table: AlarmTableWiring) -> None:
    roster = RosterDesk(desk.seat, desk.owner)
    roster.show()
    dialog = roster.dialog
    assert dialog is not None
    line = dialog.lines["leader"]
    assert line.officers.text() == "李主任" and "白班" in line.until.text() and not line.button.isEnabled()
    assert not dialog.lines["duty_officer"].button.isEnabled()
    line.officers.setText("李主任，赵主任")
    desk.happen(duty("leader", "钱主任"))
    assert line.officers.text() == "李主任，赵主任"
    line.button.click()
    assert desk.sent.bodies == [SetDuty(role="leader", officers=["李主任", "赵主任"])]
    desk.happen(duty("leader", "李主任", "赵主任"))
    assert not line.button.isEnabled()
    desk.happen(duty("leader", "孙主任"))
    assert line.officers.text() == "孙主任"
    desk.link(LinkState.LOST)
    line.officers.setText("别人")
    assert not line.button.isEnabled()
    dialog.close()
