"""What rules made of an alarm, and who belongs to it, as an officer sees it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from controlroom.bridge.duty_watch import DutyWatch
from controlroom.bridge.models.alarm_family import Family, family_of
from controlroom.bridge.models.alarm_index import AlarmColumn
from controlroom.bridge.models.alarm_model import AlarmModel
from controlroom.bridge.names import Names
from controlroom.domain.alarm import Alarm, AlarmState, Flapping, acknowledged, cleared, come_forward, muted, reset
from controlroom.domain.severity import Severity
from tests.bridge.models.district import NOW, alarms
from widgets.alarm_detail import AlarmDetail
from widgets.alarm_family import AlarmFamily

BEIJING = ZoneInfo("Asia/Shanghai")
STANDING = [alarm for alarm in alarms(40) if alarm.state is AlarmState.UNACKNOWLEDGED]
PARENT = msgspec.structs.replace(STANDING[0], cause="停电 泵站", first_out=True)
CHILDREN = [muted(alarm, PARENT.id, NOW) for alarm in STANDING[1:4]]
ROOM = {alarm.id: alarm for alarm in (PARENT, *CHILDREN, *STANDING[4:])}


def shown(qtbot: QtBot, alarm: Alarm, family: Family) -> AlarmFamily:
    widget = AlarmFamily(NOW, Names(), BEIJING)
    qtbot.addWidget(widget)
    widget.resize(420, 300)
    widget.show_alarm(alarm, family)
    return widget


def words(widget: AlarmFamily) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if not label.isHidden())


def test_a_parent_lists_and_counts_what_it_mutes_and_leads_there(qtbot: QtBot) -> None:
    widget = shown(qtbot, PARENT, family_of(PARENT, ROOM))
    assert "其下衍生告警 3 条" in words(widget)
    assert "归组：停电 泵站，首发" in words(widget)
    assert widget.children_list.count() == 3
    widget.show()
    widget.children_list.setCurrentRow(1)
    with qtbot.waitSignal(widget.chosen) as told:
        qtbot.keyClick(widget.children_list, Qt.Key.Key_Return)
    assert told.args[0] in {child.id for child in CHILDREN}


def test_a_child_names_its_parent_and_leads_there(qtbot: QtBot) -> None:
    widget = shown(qtbot, CHILDREN[0], family_of(CHILDREN[0], ROOM))
    assert PARENT.title in widget.parent_button.text()
    with qtbot.waitSignal(widget.chosen) as told:
        widget.parent_button.click()
    assert told.args == [PARENT.id]


def test_nothing_is_shown_of_an_alarm_that_rules_leave_alone(qtbot: QtBot) -> None:
    assert shown(qtbot, STANDING[5], family_of(STANDING[5], ROOM)).isHidden()


def test_flapping_other_sources_and_grading_are_told_with_their_ages(qtbot: QtBot) -> None:
    alarm = msgspec.structs.replace(
        STANDING[5],
        severity=Severity.ORANGE,
        told_severity=Severity.YELLOW,
        flapping=Flapping(since=NOW - timedelta(minutes=2), transitions=7, at=NOW),
        also_from=("sim-grid",),
        last_told_at=NOW - timedelta(seconds=30),
        count=4,
        latching=True,
    )
    told = words(shown(qtbot, alarm, family_of(alarm, ROOM)))
    for text in ("抖动：已变化 7 次", "2 分 00 秒前", "sim-grid", "共 4 次", "黄色 Ⅲ级", "锁存告警"):
        assert text in told


def test_the_list_says_how_many_an_alarm_mutes_and_that_one_flaps() -> None:
    model = AlarmModel(NOW, BEIJING)
    model.reset(ROOM.values())

    def state(identity: str) -> str:
        held = model.of(identity)
        assert held is not None
        return model.text(held, AlarmColumn.STATE)

    before = model.version(model.row(PARENT.id))
    assert state(PARENT.id).startswith("根源×3 · ")
    assert state(CHILDREN[0].id).startswith("衍生 · ")
    model.change([come_forward(CHILDREN[0], NOW), cleared(acknowledged(CHILDREN[1], "王", NOW), NOW)])
    assert state(PARENT.id).startswith("根源×1 · ")
    assert model.version(model.row(PARENT.id)) != before
    flapping = msgspec.structs.replace(CHILDREN[2], parent="", flapping=Flapping(since=NOW, transitions=5, at=NOW))
    model.change([flapping])
    assert state(CHILDREN[2].id).startswith("抖动×5")
    assert "根源" not in state(PARENT.id)


def test_the_detail_offers_the_reset_of_a_latched_alarm_and_the_key_r(qtbot: QtBot) -> None:
    detail = AlarmDetail(NOW, BEIJING)
    qtbot.addWidget(detail)
    detail.show()
    with qtbot.waitActive(detail):
        detail.activateWindow()
    detail.setFocus()
    latching = msgspec.structs.replace(STANDING[0], latching=True)
    detail.show_alarm(latching)
    assert (detail.reset_button.isHidden(), detail.acknowledge_button.isHidden()) == (True, False)
    detail.show_alarm(cleared(acknowledged(latching, "王", NOW), NOW))
    assert (detail.reset_button.isHidden(), detail.acknowledge_button.isHidden()) == (False, True)
    with qtbot.waitSignal(detail.reset) as told:
        qtbot.keyClick(detail, Qt.Key.Key_R)
    assert told.args == [[latching.id]]
    detail.set_stale(True)
    assert not detail.reset_button.isEnabled()


def test_the_log_of_the_shift_tells_flapping_and_muting_from_begin_to_end_and_the_reset() -> None:
    watch = DutyWatch()
    alarm = msgspec.structs.replace(STANDING[0], latching=True)
    flapping = msgspec.structs.replace(alarm, flapping=Flapping(since=NOW, transitions=5, at=NOW))
    under = muted(alarm, "s/power", NOW)
    latched = cleared(acknowledged(alarm, "王", NOW), NOW)
    said = []
    for state in (alarm, flapping, alarm, under, alarm, latched, reset(latched, "李", NOW)):
        said += [line.text.rpartition("：")[2] for line in watch.alarms([state])]
    for text in (
        "开始抖动",
        "抖动结束",
        "归入根源告警，不单独呼叫",
        "根源告警已结束，本告警仍在",
        "已恢复并锁存，待复位",
        "已复位",
    ):
        assert text in said
