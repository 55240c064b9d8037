"""One time for the room: tables and values follow it, nothing of it looks live, and what is new is told."""

from datetime import timedelta

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from controlroom.domain.events import IncidentChanged, SensorsDeclared
from controlroom.domain.incident import Incident
from controlroom.domain.sensor import Sensor
from controlroom.domain.severity import Severity
from controlroom.domain.times import to_ms
from controlroom.errors import LinkLost
from controlroom.wire.frames import Readings
from controlroom.wiring.alarms import AlarmDetailWiring, AlarmTableWiring
from controlroom.wiring.incidents import IncidentsWiring
from controlroom.wiring.map import MapWiring
from controlroom.wiring.seat import ZONE
from controlroom.wiring.sensors import SensorsWiring
from tests.shell.room_feed import NOON
from tests.wiring.conftest import Desk, alarm, raised
from widgets.alarm_page import AlarmPage
from widgets.time_notice import TimeNotice

HOUR = timedelta(hours=1)


class Groups(AlarmPage):
    """A page of alarms of the present, in place of the rows."""

    def keys(self) -> list[str]:
        return []

    def current_key(self) -> str | None:
        return None


def test_the_alarm_table_shows_what_stood_then_and_takes_no_commands(desk: Desk, qtbot: QtBot) -> None:
    wiring = AlarmTableWiring(desk.seat)
    qtbot.addWidget(wiring.table)
    desk.happen(*raised(alarm("now"), alarm("too")))
    desk.sent.past_room.alarms["then"] = alarm("then", Severity.RED)
    desk.seat.room_time.step(-HOUR)
    assert desk.sent.looked_at == [NOON - HOUR]
    assert wiring.model.total == 1 and wiring.model.of("then") is not None
    assert not wiring.table.acknowledge_action.isEnabled()
    desk.happen(*raised(alarm("new")))
    assert wiring.model.total == 1
    desk.seat.room_time.go_live()
    assert wiring.model.total == 3 and wiring.table.acknowledge_action.isEnabled()


def test_a_page_of_the_present_does_not_stand_in_for_the_past(desk: Desk, qtbot: QtBot) -> None:
    wiring = AlarmTableWiring(desk.seat)
    qtbot.addWidget(wiring.table)
    page = Groups()
    wiring.table.put_in_place(page)
    wiring.table.show()
    assert page.isVisible()
    desk.seat.room_time.step(-HOUR)
    assert not page.isVisible() and wiring.table.rows.isVisible()
    desk.seat.room_time.go_live()
    assert page.isVisible()


def test_a_table_that_leaves_the_room_is_live_while_another_follows(desk: Desk, qtbot: QtBot) -> None:
    here, there = AlarmTableWiring(desk.seat), AlarmTableWiring(desk.seat)
    for wiring in (here, there):
        qtbot.addWidget(wiring.table)
    desk.happen(*raised(alarm("now")))
    here.follower.follow(False)
    desk.seat.room_time.step(-HOUR)
    assert (here.model.total, there.model.total) == (1, 0)
    desk.happen(*raised(alarm("new")))
    assert (here.model.total, there.model.total) == (2, 0)
    here.follower.follow(True)
    assert here.model.total == 0


def test_sensors_show_the_values_of_then(desk: Desk, qtbot: QtBot) -> None:
    wiring, chart = SensorsWiring(desk.seat), MapWiring(desk.seat)
    qtbot.addWidget(wiring.browser)
    qtbot.addWidget(chart.view)
    wiring.browser.show()
    desk.happen(SensorsDeclared((0,), (Sensor(id="p1", name="桥", kind="flood_depth", unit="cm"),)))
    then = NOON - HOUR
    desk.sent.readings_then = Readings(
        np.uint32([0]),
        np.float32([42]),
        np.int64([to_ms(then) - 5000]),
        np.uint8([0]),
    )
    desk.seat.room_time.stand_at(then)
    assert desk.seat.past.latest is not None and desk.seat.past.latest.value[0] == 42
    assert "42" in str(wiring.model.index(0, 3).data())
    assert "5" in str(wiring.model.index(0, 5).data())
    desk.seat.room_time.go_live()
    assert "42" not in str(wiring.model.index(0, 3).data())


def test_a_past_that_cannot_be_had_shows_nothing_of_the_present(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(_at: object) -> None:
        raise LinkLost("no answer")

    wiring = AlarmTableWiring(desk.seat)
    qtbot.addWidget(wiring.table)
    desk.happen(*raised(alarm("now")))
    monkeypatch.setattr(desk.sent, "room_at", silent)
    desk.seat.room_time.step(-HOUR)
    assert wiring.model.total == 0
    assert desk.seat.past.fault == "no answer"
    desk.seat.room_time.go_live()
    assert wiring.model.total == 1 and not desk.seat.past.fault


def test_the_detail_shows_an_alarm_as_it_was_and_takes_no_commands(desk: Desk, qtbot: QtBot) -> None:
    wiring = AlarmDetailWiring(desk.seat)
    qtbot.addWidget(wiring.detail)
    wiring.detail.show()
    desk.happen(*raised(alarm("a", Severity.YELLOW)))
    desk.seat.selection.select("alarm", "a")
    desk.sent.past_room.alarms |= {"a": alarm("a", Severity.RED), "gone": alarm("gone")}
    desk.seat.room_time.step(-HOUR)
    assert wiring.detail.alarm is not None and wiring.detail.alarm.severity is Severity.RED
    assert not wiring.detail.acknowledge_button.isEnabled() and not wiring.detail.incident_button.isEnabled()
    desk.happen(*raised(alarm("a", Severity.BLUE)))
    assert wiring.detail.alarm.severity is Severity.RED
    desk.seat.selection.select("alarm", "gone")
    assert wiring.detail.alarm.id == "gone"
    desk.happen(*raised(alarm("new")))
    desk.seat.selection.select("alarm", "new")
    assert wiring.detail.alarm is None
    desk.seat.room_time.go_live()
    assert wiring.detail.alarm is not None and wiring.detail.alarm.id == "new"
    assert wiring.detail.acknowledge_button.isEnabled()


def test_an_alarm_of_the_history_that_no_longer_stands_is_shown_as_it_was(desk: Desk, qtbot: QtBot) -> None:
    table, wiring = AlarmTableWiring(desk.seat), AlarmDetailWiring(desk.seat)
    qtbot.addWidget(table.table)
    qtbot.addWidget(wiring.detail)
    table.table.then_chosen.emit(alarm("gone", Severity.ORANGE))
    assert wiring.detail.alarm is not None and wiring.detail.alarm.id == "gone"
    assert not wiring.detail.acknowledge_button.isEnabled()
    desk.happen(*raised(alarm("here")))
    table.table.chosen.emit(alarm("here"))
    assert wiring.detail.alarm.id == "here" and wiring.detail.acknowledge_button.isEnabled()


def test_incidents_show_what_was_handled_then_and_take_no_commands(desk: Desk, qtbot: QtBot) -> None:
    wiring = IncidentsWiring(desk.seat)
    qtbot.addWidget(wiring.panel)
    desk.happen(IncidentChanged(incident("now", "正在处置")))
    desk.sent.past_room.incidents["then"] = incident("then", "当时处置")
    desk.seat.room_time.step(-HOUR)
    assert wiring.model.of("then") is not None and wiring.model.of("now") is None
    desk.seat.selection.select("incident", "then")
    assert wiring.view.record is not None and wiring.view.record.incident.title == "当时处置"
    assert not wiring.view.note.isVisibleTo(wiring.view) and not wiring.board.can_open
    desk.happen(IncidentChanged(incident("later", "新的")))
    assert wiring.model.of("later") is None
    desk.seat.room_time.go_live()
    assert wiring.model.of("then") is None and wiring.model.of("later") is not None and wiring.board.can_open


def test_what_is_held_back_now_does_not_look_like_the_past(desk: Desk, qtbot: QtBot) -> None:
    wiring = AlarmTableWiring(desk.seat)
    qtbot.addWidget(wiring.table)
    foot = QLabel("12 / 10 min")
    wiring.table.add_foot(foot)
    wiring.table.show()
    before = wiring.table.held_back.text()
    desk.seat.room_time.step(-HOUR)
    assert not foot.isVisible() and wiring.table.held_back.text() != before
    desk.seat.room_time.go_live()
    assert foot.isVisible() and wiring.table.held_back.text() == before


def test_the_button_of_a_notice_is_dressed_for_its_own_state(qtbot: QtBot) -> None:
    notice = TimeNotice(ZONE)
    qtbot.addWidget(notice)
    notice.show_past(NOON - HOUR, NOON)
    assert notice.button.property("past") is True
    notice.show_left(NOON - HOUR)
    assert notice.button.property("past") is False


def incident(identity: str, title: str) -> Incident:
    return Incident(id=identity, title=title, grade=Severity.ORANGE, opened_at=NOON - HOUR, opened_by="王值班")
