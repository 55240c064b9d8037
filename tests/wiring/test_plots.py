"""Plots in the room: they follow its time or leave it, notes go to all seats, past alarms come from the journal."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from controlroom.bridge.past_alarms import PAGE, past_alarms
from controlroom.domain.alarm import Alarm
from controlroom.domain.annotation import Annotation
from controlroom.domain.events import AlarmChanged, AnnotationChanged, SensorsDeclared
from controlroom.domain.sensor import Sensor
from controlroom.domain.times import to_ms
from controlroom.wire import codec
from controlroom.wire.annotations import Annotate, ChangeAnnotation, RemoveAnnotation
from controlroom.wire.frames import Readings
from controlroom.wire.messages import Past
from controlroom.wiring.map import MapWiring
from controlroom.wiring.plots import PlotWiring
from tests.shell.room_feed import NOON
from tests.wiring.conftest import Desk, alarm
from widgets.map_toolbar import MapToolbar
from widgets.plot_note_dialog import NoteDialog

GAUGE = Sensor(id="f0", name="京开路", kind="flood_depth", unit="cm")
NIGHT = Sensor(id="n0", name="居民区", kind="noise", unit="dB", zone="1")


@pytest.fixture
def wiring(desk: Desk, qtbot: QtBot) -> PlotWiring:
    made = PlotWiring(desk.seat, [])
    qtbot.addWidget(made.plot)
    desk.happen(SensorsDeclared((0, 1), (GAUGE, NIGHT)))
    return made


def note(**more: Any) -> Annotation:
    plain = {"id": "a1", "sensors": ("f0",), "begins_at": NOON, "ends_at": NOON, "text": "检修", "by": "李", "at": NOON}
    return Annotation(**(plain | more))


def test_a_plot_goes_with_the_room_and_is_live_with_it_again(desk: Desk, wiring: PlotWiring) -> None:
    then = desk.clock.now() - timedelta(hours=5)
    desk.seat.room_time.stand_at(then)
    assert wiring.plot.look.end_s == then.timestamp()
    assert any("历史" in told for told in wiring.plot.notes)
    desk.seat.room_time.step(timedelta(hours=-1))
    assert wiring.plot.look.end_s == then.timestamp() - 3600
    desk.seat.room_time.go_live()
    assert wiring.plot.look.live


def test_looking_elsewhere_leaves_the_room_and_following_again_comes_back(desk: Desk, wiring: PlotWiring) -> None:
    then = desk.clock.now() - timedelta(hours=5)
    desk.seat.room_time.stand_at(then)
    wiring.plot.steering.pan_by(-1.0)
    assert not wiring.follower.following
    assert wiring.plot.look.end_s == then.timestamp() - wiring.plot.span_s
    desk.seat.room_time.go_live()
    assert not wiring.plot.look.live
    desk.seat.room_time.stand_at(then)
    wiring.follower.follow(True)
    assert wiring.plot.look.end_s == then.timestamp()


def test_a_plot_takes_the_room_to_its_cursor(desk: Desk, wiring: PlotWiring) -> None:
    at = desk.clock.now() - timedelta(seconds=100)
    wiring.plot.set_cursor(at)
    QTest.keyClick(wiring.plot, Qt.Key.Key_M)
    assert desk.seat.room_time.at == at and not desk.seat.room_time.live


def test_two_plots_share_one_cursor(desk: Desk, wiring: PlotWiring, qtbot: QtBot) -> None:
    other = PlotWiring(desk.seat, ["f0"])
    qtbot.addWidget(other.plot)
    at = desk.clock.now() - timedelta(seconds=30)
    wiring.plot.set_cursor(at)
    assert other.plot.cursor_at == at
    assert other.plot.canvas.charts[0].scene.cursor_s == at.timestamp()
    QTest.keyClick(other.plot, Qt.Key.Key_D)
    wiring.plot.set_cursor(at - timedelta(minutes=2, seconds=5))
    assert "Δt −00:02:05" in other.plot.notes
    QTest.keyClick(other.plot, Qt.Key.Key_Escape)
    QTest.keyClick(other.plot, Qt.Key.Key_Escape)
    assert wiring.plot.cursor_at is None


def test_what_is_written_goes_to_the_hub_and_what_comes_from_it_is_drawn(desk: Desk, wiring: PlotWiring) -> None:
    wiring.plot.canvas.choose("f0")
    QTest.keyClick(wiring.plot, Qt.Key.Key_N)
    dialog = wiring.plot.findChild(NoteDialog)
    assert dialog is not None
    dialog.text.setPlainText("泵站检修")
    dialog.accept()
    (sent,) = desk.sent.bodies
    assert isinstance(sent, Annotate) and (sent.sensors, sent.text) == (["f0"], "泵站检修")
    desk.happen(AnnotationChanged(note()), AnnotationChanged(note(id="a2", sensors=("n0",))))
    wiring.plot.redraw()
    (shown,) = wiring.plot.canvas.charts[0].scene.notes
    assert (shown.text, shown.author) == ("检修", "李")
    desk.happen(AnnotationChanged(note(removed=True)))
    wiring.plot.redraw()
    assert not wiring.plot.canvas.charts[0].scene.notes


def test_a_note_is_changed_and_removed_by_its_dialog(desk: Desk, wiring: PlotWiring) -> None:
    desk.happen(AnnotationChanged(note()))
    wiring.plot.annotations.open("a1")
    dialog = wiring.plot.findChild(NoteDialog)
    assert dialog is not None
    dialog.text.setPlainText("检修完毕")
    dialog.accept()
    dialog.removal_wanted.emit()
    change, removal = desk.sent.bodies
    assert isinstance(change, ChangeAnnotation) and (change.annotation, change.text) == ("a1", "检修完毕")
    assert removal == RemoveAnnotation(annotation="a1")


def test_limits_of_day_and_night_are_drawn_as_they_were_valid(desk: Desk, wiring: PlotWiring) -> None:
    desk.seat.requests.plot_wanted.emit("n0")
    wiring.plot.resize(900, 500)
    wiring.plot.steering.set_span(24 * 3600)
    wiring.plot.redraw()
    chart = next(chart for chart in wiring.plot.canvas.charts if chart.units == ["dB"])
    assert len({period.lines for period in chart.scene.periods}) == 2
    assert 2 <= len(chart.scene.periods) <= 4


def test_the_sensor_chosen_on_the_map_is_offered_to_the_plot(desk: Desk, qtbot: QtBot) -> None:
    map_wiring = MapWiring(desk.seat)
    qtbot.addWidget(map_wiring.view)
    toolbar: MapToolbar = map_wiring.view.toolbar
    wanted: list[str] = []
    desk.seat.requests.plot_wanted.connect(wanted.append)
    assert not toolbar.sensor.isEnabled()
    desk.happen(SensorsDeclared((0,), (GAUGE,)))
    desk.seat.selection.select("sensor", "f0")
    toolbar.sensor.click()
    assert wanted == ["f0"]
    desk.seat.selection.select("camera", "c")
    assert not toolbar.sensor.isEnabled()


def page(alarms: list[tuple[int, Alarm]]) -> Past:
    return Past(
        sequences=tuple(sequence for sequence, _alarm in alarms),
        times=tuple(round(alarm.occurred_at.timestamp() * 1000) for _sequence, alarm in alarms),
        events=tuple(msgspec.Raw(codec.encode(AlarmChanged(alarm))) for _sequence, alarm in alarms),
    )


def test_past_alarms_are_those_of_the_sensors_and_the_stretch_each_once_page_by_page() -> None:
    def at(minutes: int, sensor: str, number: int) -> tuple[int, Alarm]:
        return number, alarm(f"x{minutes}", sensor=sensor, occurred_at=NOON - timedelta(minutes=minutes))

    full = [at(1, "f0", 9000), at(1, "f0", 8999), *(at(2, "other", 8000 - n) for n in range(PAGE - 2))]
    own = [at(30, "f0", 70), at(30, "f0", 60), at(500, "f0", 50)]
    pages = {
        ("limits/limit/f0", 0): page(own),
        ("", 0): page(full),
        ("", full[-1][0]): page([at(5, "f0", 20), at(90, "f0", 10)]),
    }
    asked: list[tuple[str, int]] = []

    async def past(kind: str, subject: str = "", before: int = 0, limit: int = 500) -> Past:
        asked.append((subject, before))
        return pages[subject, before]

    since: datetime = NOON - timedelta(minutes=60)
    found = asyncio.run(past_alarms(past, ["f0"], ["limits/limit/f0"], since, NOON))
    assert sorted(alarm.id for alarm in found) == ["x1", "x30", "x5"]
    assert asked == list(pages)


def test_while_a_plot_shows_the_past_its_rows_name_what_is_now(desk: Desk, wiring: PlotWiring) -> None:
    now_ms = to_ms(desk.clock.now())
    columns = (np.zeros(1, np.uint32), np.array([6.0], np.float32), np.array([now_ms]), np.zeros(1, np.uint8))
    desk.hand.tell(Readings(*columns))
    wiring.plot.show()
    desk.second()
    assert any(row.startswith("京开路 6 cm") for row in wiring.plot.legend)
    desk.seat.room_time.stand_at(desk.clock.now() - timedelta(hours=5))
    assert any(row.startswith("京开路 现在 6 cm") for row in wiring.plot.legend)
    desk.seat.room_time.go_live()
    assert any(row.startswith("京开路 6 cm") for row in wiring.plot.legend)
