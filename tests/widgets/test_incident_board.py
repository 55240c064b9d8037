import msgspec
from pytestqt.qtbot import QtBot

from controlroom.bridge.models.incident_model import IncidentModel, IncidentRecord, NewIncident, proposed
from controlroom.domain.incident import IncidentStatus
from controlroom.domain.severity import Severity
from controlroom.errors import CommandRefused
from tests.bridge.models.district import NOW, alarms
from tests.bridge.models.incidents import FLOOD, GAS, LIFT, RECORDS
from tests.widgets.officer_desk import Hub, run_at_once
from widgets.incident_board import IncidentBoard
from widgets.incident_dialogs import IncidentOpening


def shown(qtbot: QtBot, hub: Hub) -> IncidentBoard:
    model = IncidentModel(NOW)
    model.reset(RECORDS)
    board = IncidentBoard(model, hub, run_at_once)
    qtbot.addWidget(board)
    board.resize(1200, 300)
    board.show()
    qtbot.waitExposed(board)
    return board


def test_the_tabs_count_and_an_incident_is_found_under_whichever_it_is(qtbot: QtBot) -> None:
    board = shown(qtbot, Hub())
    assert [board._tabs.tabText(tab) for tab in (0, 1)] == ["处置中（2）", "已办结（1）"]
    with qtbot.waitSignal(board.chosen, check_params_cb=lambda incident: incident == LIFT.id):
        board.select(LIFT.id)
    assert board.model.status is IncidentStatus.CLOSED


def test_the_chosen_incident_stays_chosen_when_a_graver_one_comes(qtbot: QtBot) -> None:
    board = shown(qtbot, Hub())
    board.select(GAS.id)
    worse = msgspec.structs.replace(FLOOD, id="20260721-004")
    board.model.change([IncidentRecord(worse)])
    row = board._table.currentIndex().row()
    assert board.model.record(row).incident == GAS


def test_an_incident_is_opened_as_the_worst_alarm_proposes(qtbot: QtBot) -> None:
    hub = Hub()
    board = shown(qtbot, hub)
    told = proposed(alarms(5))
    with qtbot.waitSignal(board.opened) as opened:
        board.open(told)
    assert opened.args == ["20260721-009"]
    assert hub.told == [("open", told)]


def test_a_refused_opening_is_said_in_words(qtbot: QtBot) -> None:
    hub = Hub()
    hub.refusal = CommandRefused("already_done", "incident 20260721-003 was already opened from this alarm")
    board = shown(qtbot, hub)
    with qtbot.assertNotEmitted(board.opened):
        board.open(proposed(alarms(1)))
    assert board.notice.isVisible()
    assert board.notice.text.startswith("已有人办理过了。")


def test_a_new_incident_needs_a_title(qtbot: QtBot) -> None:
    hub = Hub()
    board = shown(qtbot, hub)
    board.ask()
    dialog = board.findChild(IncidentOpening)
    assert isinstance(dialog, IncidentOpening)
    accept = dialog._box.buttons()[0]
    assert not accept.isEnabled()
    dialog.title.setText("  礼贤镇路面塌陷 ")
    dialog.grade.setCurrentIndex(1)
    dialog.place.setText("礼贤镇")
    accept.click()
    assert hub.told == [("open", NewIncident(title="礼贤镇路面塌陷", grade=Severity.ORANGE, place="礼贤镇"))]


def test_an_empty_board_says_so_and_a_lost_link_opens_nothing(qtbot: QtBot) -> None:
    board = shown(qtbot, Hub())
    board.model.reset([])
    assert board._table.empty_text == "没有处置中的事件"
    board.set_stale(True)
    assert not board._new.isEnabled()
