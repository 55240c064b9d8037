"""The strip says what the room is in, in both languages, and never passes off the old as new."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from controlroom.domain.drill import Drill, Transport
from controlroom.domain.severity import Severity
from controlroom.i18n import set_language
from controlroom.seat.status import LinkState, LinkStatus
from controlroom.shell import theme
from widgets.link_light import age_words, store_words
from widgets.strip import Sound, Strip

NOW = datetime(2026, 11, 21, 6, 30, 0, tzinfo=UTC)


def link(state: LinkState, since: datetime = NOW, **more: object) -> LinkStatus:
    return LinkStatus(state=state, since=since, **{"realm": "live", **more})


def drill(transport: Transport = Transport.PLAYING, speed: float = 2.0) -> Drill:
    day = datetime(2023, 7, 31, 1, 0, tzinfo=UTC)
    return Drill(id="rain", title="暴雨演练", transport=transport, speed=speed, begins_at=day, ends_at=day, clock=day)


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[QApplication]:
    before = (qapp.palette(), qapp.font(), qapp.styleSheet())
    yield qapp
    qapp.setPalette(before[0])
    qapp.setFont(before[1])
    qapp.setStyleSheet(before[2])


@pytest.fixture
def strip(qtbot: QtBot) -> Strip:
    made = Strip()
    qtbot.addWidget(made)
    made.resize(1920, 44)
    made.show()
    return made


@pytest.mark.parametrize(
    ("language", "state", "words", "badge"),
    [
        ("zh_CN", LinkState.LIVE, "● 链路正常", "实时"),
        ("zh_CN", LinkState.LATE, "▲ 14:30:00 起延迟，已 00:09", "非实时"),
        ("zh_CN", LinkState.LOST, "✕ 14:30:00 起链路中断，已 00:09", "非实时"),
        ("zh_CN", LinkState.RESYNCING, "◌ 正在重新同步 00:09", "非实时"),
        ("zh_CN", LinkState.CONNECTING, "◌ 正在连接 00:09", "非实时"),
        ("en", LinkState.LIVE, "● Link live", "LIVE"),
        ("en", LinkState.LATE, "▲ Late since 14:30:00, 00:09", "NOT LIVE"),
        ("en", LinkState.LOST, "✕ Link lost since 14:30:00, 00:09", "NOT LIVE"),
    ],
)
def test_the_link_is_told_in_words_and_shape(
    qtbot: QtBot, language: str, state: LinkState, words: str, badge: str
) -> None:
    set_language(language)
    strip = Strip()
    qtbot.addWidget(strip)
    strip.set_link(link(state))
    strip.set_time(NOW + timedelta(seconds=9))
    assert strip.link.state.text() == words
    assert strip.drill.badge.text() == badge


def test_before_the_first_link_nothing_claims_to_be_live(strip: Strip) -> None:
    strip.set_time(NOW)
    assert strip.drill.badge.text() == "非实时"
    assert strip.link.state.text() == "◌ 尚未连接"
    assert strip.link.state.property("warning")


def test_while_the_link_is_lost_every_tick_makes_it_older(strip: Strip) -> None:
    strip.set_link(link(LinkState.LOST, trouble="no heartbeat"))
    seen = []
    for seconds in (0, 61, 3725):
        strip.set_time(NOW + timedelta(seconds=seconds))
        seen.append(strip.link.state.text().rpartition("已 ")[2])
    assert seen == ["00:00", "01:01", "1:02:05"]
    assert strip.link.state.property("fault")
    assert strip.link.state.toolTip() == "no heartbeat"


def test_a_clock_that_was_set_back_gives_no_negative_age() -> None:
    assert age_words(timedelta(seconds=-5)) == "00:00"


def test_an_open_way_and_a_sick_store_are_told(strip: Strip) -> None:
    strip.set_link(link(LinkState.LIVE))
    assert not strip.link.insecure.isVisible()
    assert not strip.link.store.isVisible()
    strip.set_link(link(LinkState.LIVE, insecure=True, store="full"))
    assert strip.link.insecure.text() == "未加密"
    assert strip.link.insecure.isVisible()
    assert strip.link.store.text() == "存储已满"
    assert strip.link.store.isVisible()
    assert strip.link.store.toolTip() == store_words("full")


def test_alarms_are_counted_by_shape_numeral_and_colour(strip: Strip, qtbot: QtBot) -> None:
    strip.set_counts({Severity.RED: 2, Severity.BLUE: 12_345})
    texts = [strip.counts.buttons[severity].text() for severity in Severity]
    assert texts == ["◆Ⅰ 2", "▲Ⅱ 0", "■Ⅲ 0", "●Ⅳ 9999+"]
    red, orange = strip.counts.buttons[Severity.RED], strip.counts.buttons[Severity.ORANGE]
    assert red.property("severity") == 1
    assert orange.property("severity") == 0
    assert red.toolTip() == "红色 Ⅰ级：未确认 2 条"
    with qtbot.waitSignal(strip.severity_chosen) as told:
        qtbot.mouseClick(red, Qt.MouseButton.LeftButton)
    assert told.args == [Severity.RED]


@pytest.mark.parametrize(
    ("language", "normal", "emergency"), [("zh_CN", "平", "急 Ⅱ级响应"), ("en", "Normal times", "Emergency Ⅱ")]
)
def test_the_mode_tells_the_level_of_the_response(qtbot: QtBot, language: str, normal: str, emergency: str) -> None:
    set_language(language)
    strip = Strip()
    qtbot.addWidget(strip)
    assert strip.mode.text() == normal
    strip.set_mode(Severity.ORANGE)
    assert strip.mode.text() == emergency
    assert strip.mode.property("severity") == 2
    strip.set_mode(None)
    assert strip.mode.property("severity") == 0


def test_a_drill_shows_its_own_clock_and_can_be_paused_and_paced(strip: Strip, qtbot: QtBot) -> None:
    strip.set_link(link(LinkState.LIVE, realm="drill/rain"))
    assert strip.drill.badge.text() == "演练"
    assert not strip.drill.clock.isVisible()
    strip.set_drill(drill())
    assert strip.drill.clock.text() == "07-31 09:00:00 播放中"
    assert strip.drill.speed.text() == "2×"
    with qtbot.waitSignal(strip.transport_asked) as told:
        strip.drill.play.click()
    assert told.args == [Transport.PAUSED, 2.0]
    strip.set_drill(drill(Transport.PAUSED))
    with qtbot.waitSignal(strip.transport_asked) as told:
        strip.drill.play.click()
    assert told.args == [Transport.PLAYING, 2.0]
    with qtbot.waitSignal(strip.transport_asked) as told:
        strip.drill.speed.menu().actions()[4].trigger()
    assert told.args == [Transport.PAUSED, 8.0]
    strip.set_drill(drill(Transport.ENDED))
    assert not strip.drill.play.isEnabled()
    strip.set_drill(None)
    strip.set_link(link(LinkState.LIVE))
    assert strip.drill.badge.text() == "实时"


def test_a_drill_whose_link_is_lost_says_so(strip: Strip) -> None:
    strip.set_drill(drill())
    strip.set_link(link(LinkState.LOST, realm="drill/rain"))
    assert strip.drill.badge.text() == "演练"
    assert "中断" in strip.link.state.text()


def test_the_clock_is_that_of_the_district(strip: Strip) -> None:
    strip.set_time(NOW)
    assert strip.clock.text() == "11-21 周六 14:30:00"
    assert strip.clock.toolTip() == "2026-11-21 14:30:00 Asia/Shanghai"


def test_the_sound_button_can_always_be_pressed_and_tells_how_long_the_silence_lasts(
    strip: Strip, qtbot: QtBot
) -> None:
    for sound in Sound:
        strip.set_sound(sound, 272.0)
        with qtbot.waitSignal(strip.silenced):
            strip.sound.click()
    strip.set_sound(Sound.SILENCED, 272.0)
    assert strip.sound.text() == "♪ 已静默 4:32"
    assert "4:32" in strip.sound.toolTip()
    strip.set_sound(Sound.UNAVAILABLE, reason="没有连接扬声器")
    assert strip.sound.text() == "无声" and strip.sound.toolTip().startswith("没有连接扬声器")
    assert strip.sound.property("warning")
    strip.set_sound(Sound.QUIET, filtered=True)
    assert strip.sound.text().endswith("◐") and "部分告警" in strip.sound.toolTip()


def test_who_is_on_duty_is_shown_and_shortened_on_a_narrow_window(strip: Strip, qtbot: QtBot) -> None:
    assert strip.officer.text() == "无人值班"
    strip.set_officer("王建国", "值班长兼信息报告员（夜班）")
    assert strip.officer.text().startswith("王建国 · 值班长")
    strip.resize(1000, 44)
    assert strip.officer.text().endswith("…")
    assert "夜班" in strip.officer.toolTip()
    with qtbot.waitSignal(strip.command_bar_asked):
        strip.command_bar.click()


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_worst_of_everything_fits_into_a_small_monitor(dressed: QApplication, qtbot: QtBot, language: str) -> None:
    set_language(language)
    theme.apply(dressed, "dark")
    strip = Strip()
    qtbot.addWidget(strip)
    strip.resize(1280, 44)
    strip.show()
    strip.set_drill(drill(speed=0.5))
    strip.set_mode(Severity.RED)
    strip.set_officer("王建国", "值班长")
    strip.set_counts(dict.fromkeys(Severity, 300))
    strip.set_link(link(LinkState.LOST, insecure=True, store="corrupt"))
    strip.set_sound(Sound.SILENCED, 1799.0, filtered=True)
    strip.set_time(NOW + timedelta(minutes=3))
    assert strip.layout().minimumSize().width() <= 1280
