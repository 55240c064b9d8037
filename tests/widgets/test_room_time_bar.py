"""The bar of the room's time says what is shown and asks for what the officer presses."""

from datetime import timedelta

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from controlroom.bridge.room_time import TimeMode
from controlroom.domain.severity import Severity
from tests.shell.room_feed import NOON
from widgets.room_time_bar import RoomTimeBar
from widgets.strip import ZONE
from widgets.time_notice import TimeNotice

HOUR = timedelta(hours=1)


def bar_of(qtbot: QtBot) -> RoomTimeBar:
    bar = RoomTimeBar(ZONE)
    qtbot.addWidget(bar)
    bar.resize(1600, 40)
    bar.show()
    return bar


def test_a_time_that_is_not_live_is_said_in_words_and_colour(qtbot: QtBot) -> None:
    bar = bar_of(qtbot)
    bar.show_time(TimeMode.LIVE, NOON, NOON, 0.0)
    assert "实时" in bar.state.text() and not bar.property("past") and not bar.live.isEnabled()
    bar.show_time(TimeMode.FIXED, NOON - HOUR, NOON, 0.0)
    assert "非实时" in bar.state.text() and bar.property("past") and bar.live.isEnabled()
    assert "1" in bar.age.text()
    assert bar.moment == NOON - HOUR
    bar.resize(900, 40)
    assert "非实时" in bar.state.text()


def test_what_is_pressed_is_asked(qtbot: QtBot) -> None:
    bar = bar_of(qtbot)
    bar.show_time(TimeMode.FIXED, NOON - HOUR, NOON, 0.0)
    asked: list[object] = []
    for signal in (bar.step_asked, bar.play_asked, bar.moment_asked, bar.behind_asked):
        signal.connect(asked.append)
    bar.play.click()
    bar.show_time(TimeMode.FIXED, NOON - HOUR, NOON, 10.0)
    bar.play.click()
    assert asked == [1.0, 0.0]
    bar.picker.setFocus()
    bar.picker.setSelectedSection(bar.picker.Section.HourSection)
    qtbot.keyClick(bar.picker, Qt.Key.Key_Down)
    assert asked[-1] == NOON - 2 * HOUR
    with qtbot.waitSignal(bar.live_asked):
        bar.live.click()


def test_new_alarms_are_announced_with_the_worst(qtbot: QtBot) -> None:
    bar = bar_of(qtbot)
    bar.show_new_alarms(3, Severity.RED)
    assert bar.news.isVisible() and "3" in bar.news.text() and bar.news.property("severity") == 1
    bar.show_new_alarms(0, None)
    assert not bar.news.isVisible()


def test_a_panel_says_whether_it_follows(qtbot: QtBot) -> None:
    notice = TimeNotice(ZONE)
    qtbot.addWidget(notice)
    notice.show_past(NOON - HOUR, NOON)
    assert "非实时" in notice.words.text()
    with qtbot.waitSignal(notice.follow_asked) as left:
        notice.button.click()
    notice.show_left(NOON - HOUR)
    with qtbot.waitSignal(notice.follow_asked) as back:
        notice.button.click()
    assert (left.args, back.args) == ([False], [True])
    notice.show_unable(NOON)
    assert notice.button.isHidden()
    notice.show_live()
    assert notice.isHidden()
