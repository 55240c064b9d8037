"""The governor at the alarm table: rate, flood view, areas handed over."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QMenu, QPushButton
from pytestqt.qtbot import QtBot

from controlroom.bridge.governor import Governor
from controlroom.bridge.hearing import Hearing, SeatFilter
from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.alarm_bands import decode_bands
from controlroom.domain.events import FloodChanged, HandoverChanged, SeatChanged
from controlroom.domain.flood import Flood
from controlroom.domain.seating import EVERYTHING, AreaHandover, HandoverState, SeatPresence, SeatView
from controlroom.domain.severity import Severity
from controlroom.errors import LinkLost
from controlroom.seat.status import LinkState
from controlroom.wire.alarms import Acknowledge
from controlroom.wire.seats import AnswerHandover, EndHandover, HandOver, SeatLoad
from controlroom.wiring.alarms import AlarmTableWiring
from resources import path
from tests.shell.room_feed import NOON
from tests.wiring.conftest import Desk, alarm, raised

BANDS = decode_bands(path("data", "alarm_bands.toml").read_bytes())
Key = Qt.Key


class Hub:
    """Answers signs of life."""

    def __init__(self) -> None:
        self.count = 0
        self.views: list[SeatView] = []
        self.lost = False

    async def present(self, view: SeatView) -> SeatLoad:
        if self.lost:
            raise LinkLost("no hub")
        self.views.append(view)
        return SeatLoad(count=self.count, window_s=600, at=NOON)


class Table:
    """A governed table at the seat desk-1."""

    def __init__(self, desk: Desk, qtbot: QtBot) -> None:
        self.desk, self.hub = desk, Hub()
        spawn = desk.seat.tasks.spawn
        self.governor = Governor("desk-1", EVERYTHING, BANDS, desk.pump, self.hub, spawn, desk.owner)
        desk.seat.governor = self.governor
        self.wiring = AlarmTableWiring(desk.seat)
        assert self.wiring.load is not None
        self.load, self.table = self.wiring.load, self.wiring.table
        qtbot.addWidget(self.table)
        self.table.resize(1200, 500)
        self.table.show()
        qtbot.waitExposed(self.table)
        with qtbot.waitActive(self.table):
            self.table.activateWindow()

    def seats(self, *names: str) -> None:
        self.desk.happen(*(SeatChanged(SeatPresence(name=name, officer=f"{name}官", since=NOON)) for name in names))

    def flood(self, ended: datetime | None = None) -> None:
        flood = Flood(id="f", view="desk-1", started_at=NOON, count=12, peak=12, peak_at=NOON, ended_at=ended)
        self.desk.happen(FloodChanged(flood))

    def handed(self, **more: object) -> AreaHandover:
        plain = {
            "id": "h1",
            "area": "黄村镇",
            "giver": "desk-1",
            "taker": "desk-2",
            "offered_by": "王",
            "offered_at": NOON,
            "answer_by": NOON + timedelta(seconds=60),
        }
        handover = AreaHandover(**(plain | more))
        self.desk.happen(HandoverChanged(handover))
        return handover


@pytest.fixture
def table(desk: Desk, qtbot: QtBot) -> Iterator[Table]:
    # Under a pointer the view does not change: where the last test of this display left it must not matter.
    QCursor.setPos(QGuiApplication.primaryScreen().virtualGeometry().bottomRight())
    return Table(desk, qtbot)


def here(key: str, place: str = "黄村镇兴华大街", **more: object) -> Alarm:
    return alarm(key, place=place, kind="water", **more)


def test_the_rate_is_told_by_the_hub_and_is_none_when_it_grows_old(table: Table) -> None:
    table.hub.count = 3
    table.desk.second()
    table.desk.second()
    assert table.governor.load is not None and table.governor.load.count == 3
    assert "3" in table.load.meter.text and "偏高" in table.load.meter.text
    table.hub.lost = True
    for _second in range(12):
        table.desk.second()
    assert table.governor.load is None and "未知" in table.load.meter.text


def test_a_seat_without_a_link_sends_no_sign_of_life(table: Table) -> None:
    table.desk.link(LinkState.LOST)
    said = len(table.hub.views)
    for _second in range(5):
        table.desk.second()
    assert len(table.hub.views) == said


def test_a_flood_shows_groups_and_its_end_the_list_again(table: Table) -> None:
    table.desk.happen(*raised(here("a"), here("b"), here("c", "兴丰街道")))
    table.flood()
    flood = table.load.flood
    assert flood.isVisible() and not table.table.rows.isVisible()
    assert len(table.load.groups.groups) == 2 and "12" in flood.said.text()
    table.flood(ended=NOON + timedelta(minutes=20))
    assert table.table.rows.isVisible() and not flood.isVisible()


def test_what_comes_in_a_flood_joins_its_group(table: Table, qtbot: QtBot) -> None:
    table.desk.happen(*raised(here("a")))
    table.flood()
    table.desk.happen(*raised(here("b", severity=Severity.RED), here("c", "兴丰街道")))
    qtbot.waitUntil(lambda: len(table.load.groups.groups) == 2)
    assert sum(table.load.groups.groups[0].waiting.values()) == 2


def test_a_group_is_opened_and_acknowledged_by_keyboard(table: Table, qtbot: QtBot) -> None:
    seen = here("seen", state=AlarmState.ACKNOWLEDGED)
    table.desk.happen(*raised(here("a"), here("b"), seen, here("c", "兴丰街道")))
    qtbot.keyClick(table.table, Key.Key_G)
    rows = table.load.flood.rows
    assert rows.isVisible()
    rows.setFocus()
    qtbot.keyClick(rows, Key.Key_J)
    qtbot.keyClick(rows, Key.Key_J)
    group = rows.currentIndex()
    assert group.row() == 0
    qtbot.keyClick(rows, Key.Key_Return)
    assert rows.isExpanded(group.siblingAtColumn(0)) and table.load.groups.rowCount(group.siblingAtColumn(0)) == 3
    qtbot.keyClick(rows, Key.Key_A)
    (sent,) = table.desk.sent.bodies
    assert isinstance(sent, Acknowledge) and sorted(sent.alarms) == ["a", "b"]
    qtbot.keyClick(rows, Key.Key_Return)
    assert not rows.isExpanded(group.siblingAtColumn(0))
    qtbot.keyClick(rows, Key.Key_G)
    assert table.table.rows.isVisible()


def test_one_key_hands_the_area_to_the_only_other_seat(table: Table, qtbot: QtBot) -> None:
    table.seats("desk-1", "desk-2")
    table.desk.happen(*raised(here("a")))
    table.table.rows.setFocus()
    table.table.rows.choose("a")
    qtbot.keyClick(table.table.rows, Key.Key_H)
    assert table.desk.sent.bodies == [HandOver(area="黄村镇", to="desk-2")]


def test_without_another_seat_or_an_alarm_nothing_is_handed_and_it_says_why(table: Table, qtbot: QtBot) -> None:
    table.table.rows.setFocus()
    qtbot.keyClick(table.table.rows, Key.Key_H)
    table.desk.happen(*raised(here("a")))
    table.table.rows.choose("a")
    qtbot.keyClick(table.table.rows, Key.Key_H)
    assert not table.desk.sent.bodies


def test_what_was_handed_over_leaves_the_list_and_stays_listed_as_that(table: Table) -> None:
    table.seats("desk-1", "desk-2")
    table.handed(state=HandoverState.ACCEPTED, accepted_at=NOON - timedelta(hours=1), accepted_by="李")
    table.desk.happen(*raised(here("a"), here("b", "兴丰街道")))
    model = table.wiring.model
    assert model.rowCount() == 1 and model.handed_count == 1 and sum(model.counts.values()) == 1
    (line,) = table.load.handovers.lines
    assert "desk-2" in line.said.text() and line.isVisible()
    assert not table.governor.mine(table.desk.pump.room.alarms["a"])
    # The other seat is lost: the alarm is this seat's again by itself.
    table.desk.happen(SeatChanged(SeatPresence(name="desk-2", officer="李", since=NOON, gone_at=NOON)))
    assert model.rowCount() == 2 and model.handed_count == 0


def test_an_offer_is_accepted_by_key_and_what_was_taken_is_given_back(table: Table, qtbot: QtBot) -> None:
    table.seats("desk-1", "desk-2")
    table.handed(giver="desk-2", taker="desk-1")
    table.table.rows.setFocus()
    qtbot.keyClick(table.table.rows, Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert table.desk.sent.bodies == [AnswerHandover(handover="h1", accept=True)]
    table.handed(giver="desk-2", taker="desk-1", state=HandoverState.ACCEPTED, accepted_at=NOON)
    (line,) = table.load.handovers.lines
    (button,) = line.findChildren(QPushButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert table.desk.sent.bodies[1:] == [EndHandover(handover="h1")]


def test_another_view_is_told_to_the_hub_and_holds_here_at_once(table: Table) -> None:
    table.seats("desk-1", "desk-2")
    table.governor.set_view(SeatView(severities=(Severity.RED,)))
    table.desk.happen(*raised(here("a"), here("b", severity=Severity.RED)))
    alarms = table.desk.pump.room.alarms
    assert not table.governor.mine(alarms["a"]) and table.governor.mine(alarms["b"])
    for _second in range(3):
        table.desk.second()
    assert table.hub.views[-1].severities == (Severity.RED,)


def test_no_two_actions_of_the_table_have_the_same_key(table: Table) -> None:
    keys = [key.toString() for action in table.table.actions() for key in action.shortcuts()]
    assert len(keys) == len(set(keys))


def test_with_more_seats_a_menu_asks_which_one(table: Table, qtbot: QtBot) -> None:
    table.seats("desk-1", "desk-2", "desk-3")
    table.desk.happen(*raised(here("a")))
    table.table.rows.setFocus()
    table.table.rows.choose("a")
    qtbot.keyClick(table.table.rows, Key.Key_H)
    assert not table.desk.sent.bodies
    (menu,) = table.table.findChildren(QMenu)
    qtbot.keyClick(menu, Key.Key_2)
    assert table.desk.sent.bodies == [HandOver(area="黄村镇", to="desk-3")]


def test_an_alarm_that_is_chosen_elsewhere_is_opened_in_its_group(table: Table) -> None:
    table.desk.happen(*raised(here("a"), here("b"), here("c", "兴丰街道")))
    table.flood()
    table.desk.seat.selection.select("alarm", "c")
    assert table.table.current_key() == "c" and table.table.keys() == ["c"]


def test_what_was_handed_over_is_heard_at_the_other_seat_only(table: Table) -> None:
    accepted = {"state": HandoverState.ACCEPTED, "accepted_at": NOON - timedelta(hours=1)}
    table.seats("desk-1", "desk-2")
    table.handed(**accepted)
    table.desk.happen(*raised(here("a")))
    rung = table.desk.pump.room.alarms["a"]
    assert not Hearing(SeatFilter(), (), table.governor.mine).hears(rung)
    # The other way round, at a seat that for its own part hears red alarms only.
    table.desk.happen(HandoverChanged(table.handed(**accepted, giver="desk-2", taker="desk-1")))
    table.governor.set_view(SeatView(severities=(Severity.RED,)))
    red = SeatFilter(severities=frozenset({Severity.RED}))
    assert not red.passes(rung) and Hearing(red, (), table.governor.mine).hears(rung)
