"""A first shift: everything moves, an alarm is acknowledged, an incident is worked and closed, all is found again."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QPushButton

from controlroom.domain.alarm import AlarmState
from controlroom.domain.incident import EntryKind, IncidentStatus, TaskStatus
from controlroom.i18n import _
from tests import rooms
from tests.journeys.conftest import Opener
from tests.journeys.pilot import Pilot, until
from widgets.incident_dialogs import IncidentClosing
from widgets.incident_view import IncidentView
from widgets.map_view import MapView
from widgets.plot import PlotPanel

pytestmark = pytest.mark.usefixtures("lasting_threads")

REASON = "积水已退,道路恢复通行"


@pytest.fixture(scope="module")
def room(opener: Opener, tmp_path_factory: pytest.TempPathFactory) -> Pilot:
    return opener(tmp_path_factory.mktemp("shift"))


@pytest.fixture
def other_seat(room: Pilot) -> Iterator[rooms.Seat]:
    """A second seat, on the wire alone."""
    with rooms.seat_on(room.port) as seat:
        seat.until(lambda: seat.mirror.room.sequence > 0)
        yield seat


def test_within_a_minute_alarms_video_curves_and_vehicles_are_on_the_screens(room: Pilot) -> None:
    until(room.live, "the link is live")
    until(lambda: room.table.model.total > 0, "alarms are listed")
    first_alarm_s = room.age_s
    until(lambda: room.one(PlotPanel).sensor_ids, "curves are chosen")
    until(lambda: room.app.pump.positions.time_ms.any(), "vehicles are heard of")
    until(lambda: len(room.wall.views()) == 9 and room.live_tiles() == 9, "nine tiles are live")
    assert room.age_s < 60
    assert first_alarm_s < 25


def test_vehicles_move_and_curves_grow(room: Pilot) -> None:
    places = room.app.pump.positions
    until(lambda: places.time_ms.any())
    before = np.array(places.lon), np.array(places.lat)
    until(lambda: np.any((places.lon != before[0]) | (places.lat != before[1])), "a vehicle moves")
    fleet = room.one(MapView).scene.fleet
    assert len(fleet.ids) == 20
    panel = room.one(PlotPanel)
    canvas = panel.canvas
    until(lambda: panel.legend and "—" not in panel.legend[0], "a value stands in the legend")
    first = canvas.grab().toImage()
    until(lambda: canvas.grab().toImage() != first, "the curves go on")


def test_the_key_a_acknowledges_and_a_second_seat_sees_it(room: Pilot, other_seat: rooms.Seat) -> None:
    until(lambda: any(alarm.waiting for alarm in room.room.alarms.values()), "an alarm waits")
    chosen = next(alarm for alarm in room.room.alarms.values() if alarm.waiting)
    room.choose_alarm(chosen.id)
    room.press(room.table, Qt.Key.Key_A)

    def seen() -> bool:
        other_seat.drain()
        held = other_seat.mirror.room.alarms.get(chosen.id)
        return held is None or not held.waiting

    until(seen, "the second seat sees it")
    until(lambda: not (held := room.table.model.of(chosen.id)) or not held.waiting, "it no longer waits here")


def test_an_incident_is_opened_worked_and_closed_and_all_is_found_after_a_restart(room: Pilot) -> None:
    until(lambda: room.table.model.total > 0)
    alarm = min(room.room.alarms.values(), key=lambda held: held.severity)
    room.choose_alarm(alarm.id)
    room.press(room.table, Qt.Key.Key_I)
    until(lambda: len(room.room.incidents) == 1, "the incident is open")
    identity = next(iter(room.room.incidents))
    view = room.one(IncidentView)
    until(lambda: view.record is not None and view.record.incident.id == identity, "it is shown")
    assert view.record is not None and alarm.id in view.record.incident.alarms
    assert view.isVisible()

    room.type(view.note, "已通知排水集团")
    room.press(view.note, Qt.Key.Key_Return)
    room.type(view.tasks.text, "派泵车排水")
    room.press(view.tasks.text, Qt.Key.Key_Return)
    until(lambda: view.record is not None and len(view.record.tasks) == 1, "the task is given")
    until(lambda: not view.note.text() and not view.tasks.text.text(), "the fields are empty again")
    assert view.record is not None
    kinds = [entry.kind for entry in view.record.entries]
    assert kinds[0] is EntryKind.OPENED and {EntryKind.ALARM, EntryKind.NOTE, EntryKind.TASK} <= set(kinds)
    assert view.record.tasks[0].status is TaskStatus.ASSIGNED
    assert all(entry.by and entry.seat and entry.at.tzinfo for entry in view.record.entries if entry.by != "hub")

    close = next(button for button in view.findChildren(QPushButton) if button.text() == _("Close the incident…"))
    room.click(close)
    until(lambda: room.all(IncidentClosing), "a reason is asked for")
    dialog = room.one(IncidentClosing)
    accept = dialog.findChild(QDialogButtonBox).buttons()[0]
    assert not accept.isEnabled()
    dialog.reason.setPlainText(REASON)
    accept.click()
    until(lambda: room.room.incidents[identity].status is IncidentStatus.CLOSED, "the incident is closed")

    waiting = next(alarm for alarm in room.room.alarms.values() if alarm.waiting)
    room.choose_alarm(waiting.id)
    room.press(room.table, Qt.Key.Key_A)
    until(lambda: waiting.id not in room.room.alarms or not room.room.alarms[waiting.id].waiting, "acknowledged")
    entries = [(entry.at, entry.by, entry.text) for entry in room.room.entries[identity]]
    held = {key: alarm.state for key, alarm in room.room.alarms.items()}

    room.restart(simulate=False)
    until(lambda: room.live() and len(room.room.incidents) == 1, "the incident is found again")
    assert room.room.incidents[identity].closed_reason == REASON
    assert [(entry.at, entry.by, entry.text) for entry in room.room.entries[identity]] == entries
    assert [task.text for task in room.room.tasks.values()] == ["派泵车排水"]
    assert room.room.alarms and set(room.room.alarms) <= set(held) | set(room.room.alarms)
    if held.get(waiting.id) is AlarmState.ACKNOWLEDGED:
        assert not room.room.alarms[waiting.id].waiting
    assert QApplication.activeModalWidget() is None
