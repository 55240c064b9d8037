from datetime import UTC, timedelta

import msgspec
import pytest

from controlroom.domain.drill import Drill, Transport
from controlroom.i18n import set_language
from tests.rooms import NOON
from widgets.drill_transport import SPEEDS, DrillTransport

DRILL = Drill(
    id="a",
    title="暴雨",
    transport=Transport.PLAYING,
    speed=4.0,
    begins_at=NOON,
    ends_at=NOON + timedelta(hours=2),
    clock=NOON + timedelta(minutes=30),
)


@pytest.fixture
def widget(qtbot):
    set_language("en")
    made = DrillTransport(UTC)
    qtbot.addWidget(made)
    made.show()
    return made


def test_without_a_drill_nothing_can_be_pressed(widget):
    assert not widget.button.isEnabled()
    assert not widget.speed.isEnabled()
    assert widget.title.text() == "No recording is being played."


def test_a_playback_is_shown_with_its_clock_and_place(widget):
    widget.show_drill(DRILL)
    assert (widget.state.text(), widget.title.text()) == ("Drill: playing", "暴雨")
    assert widget.clock.text() == "2026-11-21 04:30:00"
    assert widget.speed.currentText() == "4×"
    assert widget.position.value() == 2500
    assert widget.elapsed.text() == "0:30:00 of 2:00:00"
    widget.tick(NOON + timedelta(hours=1))
    assert widget.position.value() == 5000
    widget.tick(NOON + timedelta(hours=9))
    assert widget.clock.text() == "2026-11-21 06:00:00"


def test_pause_is_asked_for_once_and_shown_when_it_is_so(widget, qtbot):
    widget.show_drill(DRILL)
    with qtbot.waitSignal(widget.transport_asked) as told:
        widget.button.click()
    assert told.args == [Transport.PAUSED, 4.0]
    assert widget.button.text() == "Pause"
    assert not widget.button.isEnabled()
    widget.show_drill(msgspec.structs.replace(DRILL, transport=Transport.PAUSED))
    assert widget.button.text() == "Play"
    with qtbot.waitSignal(widget.transport_asked) as told:
        widget.button.click()
    assert told.args == [Transport.PLAYING, 4.0]


@pytest.mark.parametrize("speed", SPEEDS)
def test_a_chosen_speed_keeps_the_transport(widget, qtbot, speed):
    widget.show_drill(msgspec.structs.replace(DRILL, transport=Transport.PAUSED))
    at = SPEEDS.index(speed)
    with qtbot.waitSignal(widget.transport_asked) as told:
        widget.speed.setCurrentIndex(at)
        widget.speed.activated.emit(at)
    assert told.args == [Transport.PAUSED, speed]


def test_an_ended_playback_cannot_be_paced(widget):
    widget.show_drill(msgspec.structs.replace(DRILL, transport=Transport.ENDED, clock=DRILL.ends_at))
    assert not widget.button.isEnabled()
    assert widget.state.text() == "Drill: ended"
    assert widget.position.value() == 10_000


def test_a_recording_of_no_length_is_shown(widget):
    widget.show_drill(msgspec.structs.replace(DRILL, begins_at=NOON, ends_at=NOON, clock=NOON))
    assert widget.position.value() == 10_000
