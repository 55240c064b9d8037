from datetime import timedelta

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPalette
from pytestqt.qtbot import QtBot

from controlroom.bridge.models.incident_model import IncidentRecord
from controlroom.domain.incident import Entry, EntryKind, IncidentStatus, TaskStatus
from controlroom.errors import CommandRefused, LinkLost
from tests.bridge.models.district import NOW
from tests.bridge.models.incidents import DROPPED, ENTRIES, FLOOD, LIFT, PUMPS, RECORDS, ROADBLOCK
from tests.widgets.officer_desk import Hub, run_at_once
from widgets.incident_dialogs import IncidentClosing
from widgets.incident_timeline import paint_kind
from widgets.incident_view import IncidentView

DEPARTMENTS = ("水务局", "交通支队", "消防救援支队")


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def view(qtbot: QtBot, hub: Hub) -> IncidentView:
    made = IncidentView(hub, run_at_once, DEPARTMENTS, NOW)
    qtbot.addWidget(made)
    made.resize(1300, 600)
    made.show()
    with qtbot.waitActive(made):
        made.activateWindow()
    made.show_record(RECORDS[0])
    return made


def pick(view: IncidentView, row: int) -> None:
    view.tasks._list.setCurrentItem(view.tasks._list.topLevelItem(row))


def test_the_timeline_tells_when_who_from_where_and_what_kind(view: IncidentView) -> None:
    entries = view.timeline.entries
    assert entries.data(entries.index(1)) == (
        f"{(NOW - timedelta(minutes=36)).astimezone():%H:%M:%S} · 任务 · 36 分 00 秒前 · 李敏（值班台 1）\n"
        "水务局: 调派移动泵车 [已完成] 已抽排"
    )


def test_the_timeline_only_grows_while_it_is_of_one_incident(view: IncidentView, qtbot: QtBot) -> None:
    entries = view.timeline.entries
    more = Entry(id="e3", incident=FLOOD.id, at=NOW, by="李敏", kind=EntryKind.NOTE, text="水退")
    with qtbot.assertNotEmitted(entries.modelReset), qtbot.waitSignal(entries.rowsInserted):
        view.show_record(IncidentRecord(FLOOD, (*ENTRIES, more), (PUMPS,)))
    assert entries.rowCount() == 3


def test_every_kind_of_entry_has_its_own_sign(qtbot: QtBot) -> None:
    pictures = []
    for kind in EntryKind:
        image = QImage(22, 22, QImage.Format.Format_RGB32)
        image.fill(QColor("black"))
        painter = QPainter(image)
        paint_kind(painter, image.rect().toRectF(), kind, QPalette(QColor("black")))
        painter.end()
        pictures.append(bytes(image.constBits()))
    assert len(set(pictures)) == len(EntryKind)


def test_a_note_leaves_its_field_only_when_the_hub_has_taken_it(view: IncidentView, hub: Hub, qtbot: QtBot) -> None:
    qtbot.keyClick(view, Qt.Key.Key_N)
    view.note.setText("  泵车到场 ")
    hub.refusal = CommandRefused("store_unavailable", "disk full")
    qtbot.keyClick(view.note, Qt.Key.Key_Return)
    assert view.note.text().strip() == "泵车到场"
    assert view.notice.text == "中枢暂时无法写入存储，本次未作任何更改，请稍后再试。（disk full）"
    hub.refusal = None
    view._add.click()
    assert view.note.text() == ""
    assert not view.notice.isVisible()
    assert hub.told == [("note", FLOOD.id, "泵车到场")]


def test_a_lost_link_is_said_as_the_fault_itself_says_it(view: IncidentView, hub: Hub) -> None:
    hub.refusal = LinkLost("中枢没有应答，请检查网络。")
    view.note.setText("x")
    view._add.click()
    assert view.notice.text == "中枢没有应答，请检查网络。"


def test_a_task_is_assigned_to_a_department_with_its_time(view: IncidentView, hub: Hub) -> None:
    view.tasks.department.setCurrentText("交通支队")
    assert not view.tasks._assign.isEnabled()
    view.tasks.text.setText("断路")
    view.tasks.due.setCurrentIndex(2)
    view.tasks._assign.click()
    view.tasks.text.setText("巡查")
    view.tasks.due.setCurrentIndex(view.tasks.due.count() - 1)
    view.tasks._assign.click()
    assert hub.told == [
        ("assign", FLOOD.id, "交通支队", "断路", NOW + timedelta(hours=1)),
        ("assign", FLOOD.id, "交通支队", "巡查", None),
    ]
    assert view.tasks.text.text() == ""


def test_only_what_may_follow_can_be_answered(view: IncidentView, hub: Hub) -> None:
    enabled = {}
    for row, task in enumerate((PUMPS, ROADBLOCK, DROPPED)):
        pick(view, row)
        enabled[task.status] = {status for status, button in view.tasks._buttons.items() if button.isEnabled()}
    assert enabled == {
        TaskStatus.ACCEPTED: {TaskStatus.DONE, TaskStatus.CANCELLED},
        TaskStatus.DONE: set(),
        TaskStatus.CANCELLED: set(),
    }
    pick(view, 0)
    view.tasks._answer.setText("已抽排")
    view.tasks._buttons[TaskStatus.DONE].click()
    assert hub.told == [("answer", PUMPS.id, TaskStatus.DONE, "已抽排")]
    assert view.tasks._answer.text() == ""


def test_the_selected_task_stays_selected_when_tasks_change(view: IncidentView) -> None:
    pick(view, 1)
    view.show_record(IncidentRecord(FLOOD, ENTRIES, (ROADBLOCK, PUMPS)))
    assert view.tasks.chosen() == ROADBLOCK


def test_clocks_run_and_what_is_overdue_says_so(view: IncidentView) -> None:
    item = view.tasks._list.topLevelItem(0)
    assert item is not None
    assert item.text(3) == "超时 6 分 12 秒"
    view.tick(NOW + timedelta(seconds=8))
    assert item.text(3) == "超时 6 分 20 秒"


def test_closing_demands_a_reason_and_says_so(view: IncidentView, hub: Hub) -> None:
    view._close.click()
    dialog = view.findChild(IncidentClosing)
    assert isinstance(dialog, IncidentClosing)
    accept = dialog._box.buttons()[0]
    dialog.reason.setPlainText("   \n ")
    assert not accept.isEnabled()
    dialog.reason.setPlainText(" 积水已退 ")
    accept.click()
    assert hub.told == [("close", FLOOD.id, "积水已退")]


def test_a_closed_incident_can_only_be_read(view: IncidentView) -> None:
    closed = msgspec.structs.replace(
        FLOOD, status=IncidentStatus.CLOSED, closed_at=NOW, closed_by="王建国", closed_reason="积水已退"
    )
    view.show_record(IncidentRecord(closed, ENTRIES, (PUMPS,)))
    assert "积水已退" in view._ending.text()
    assert "历时 41 分 00 秒" in view._ending.text()
    for widget in (view.note, view._add, view._close, view.tasks._form, *view.tasks._buttons.values()):
        assert not widget.isVisible()


def test_a_lost_link_makes_the_view_readable_only_until_it_is_back(view: IncidentView) -> None:
    view.set_stale(True)
    assert not view.note.isVisible()
    assert not view._close.isEnabled()
    view.set_stale(False)
    assert view.note.isVisible()
    assert view._close.isEnabled()


def test_another_incident_does_not_inherit_the_note_of_the_one_before(view: IncidentView) -> None:
    view.note.setText("half a sentence")
    view.show_record(RECORDS[0])
    assert view.note.text() == "half a sentence"
    view.show_record(IncidentRecord(LIFT))
    assert view.note.text() == ""
    view.show_record(None)
    assert view._pages.currentIndex() == 0
