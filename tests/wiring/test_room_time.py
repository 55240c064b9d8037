"""One time for the room: tables and values follow it, nothing of it looks live, and what is new is told."""

from datetime import timedelta

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from controlroom.domain.events import SensorsDeclared
from controlroom.domain.sensor import Sensor
from controlroom.domain.severity import Severity
from controlroom.domain.times import to_ms
from controlroom.errors import LinkLost
from controlroom.wire.frames import Readings
from controlroom.wiring.alarms import AlarmTableWiring
from controlroom.wiring.map import MapWiring
from controlroom.wiring.sensors import SensorsWiring
from tests.shell.room_feed import NOON
from tests.wiring.conftest import Desk, alarm, raised
from widgets.alarm_page import AlarmPage

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
        np.uint8([0]),  # type: ignore[arg-type]
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
