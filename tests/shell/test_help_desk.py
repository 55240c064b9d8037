"""F1 finds the topic of whatever has the keyboard."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from controlroom import i18n
from controlroom.domain.severity import Severity
from controlroom.handbook.pages import KeyLine
from controlroom.shell.help_desk import FIRST, HelpDesk, topic_of
from controlroom.shell.panels import PanelBox
from layouts import Panel
from widgets.help_link import TOPIC
from widgets.strip import Strip


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[HelpDesk]:
    made = HelpDesk(lambda: {"告警": [KeyLine("确认", "A", "…")]}, list)
    yield made
    made.close()


def box(kind: str, qtbot: QtBot) -> tuple[PanelBox, QLineEdit]:
    def factory(_kind: str, _options: dict[str, object]) -> QWidget:
        body = QWidget()
        QVBoxLayout(body).addWidget(QLineEdit())
        return body

    made = PanelBox(Panel(kind=kind), f"{kind}#0", factory, "en")
    qtbot.addWidget(made)
    line = made.body.findChild(QLineEdit)
    assert isinstance(line, QLineEdit)
    return made, line


@pytest.mark.parametrize(
    ("kind", "topic"),
    [("alarms", "alarms"), ("plots", "sensors#plots"), ("plugin:anybody", "connecting#departments")],
)
def test_a_widget_in_a_panel_has_the_topic_of_the_panel(qtbot: QtBot, kind: str, topic: str) -> None:
    _box, line = box(kind, qtbot)
    assert topic_of(line) == topic


def test_the_innermost_that_says_something_counts(qtbot: QtBot) -> None:
    made, line = box("alarms", qtbot)
    line.setProperty(TOPIC, "alarms#flood")
    assert topic_of(line) == "alarms#flood" and topic_of(made.body) == "alarms"
    strip = Strip()
    qtbot.addWidget(strip)
    assert topic_of(strip.counts) == "strip#counts" and topic_of(strip.clock) == "strip"


def test_what_is_nothing_special_opens_the_first_page(qtbot: QtBot) -> None:
    alone = QWidget()
    qtbot.addWidget(alone)
    assert topic_of(alone) == topic_of(None) == FIRST


def test_one_viewer_serves_all_and_help_inside_it_tells_how_to_use_it(desk: HelpDesk) -> None:
    desk.set_counts({Severity.RED: 2})
    desk.open("map#layers")
    viewer = desk.viewer
    assert viewer is not None and viewer.topic == "map#layers"
    assert viewer.counts.buttons[Severity.RED].text().endswith("2")
    desk.open_for(viewer.contents)
    assert desk.viewer is viewer and viewer.topic == "help"


def test_the_keys_are_those_of_this_moment_and_of_the_table_in_another_language(desk: HelpDesk) -> None:
    desk.open_keys()
    viewer = desk.viewer
    assert viewer is not None and "确认" in viewer.paper.toPlainText()
    viewer.language_asked.emit("en")
    assert viewer.topic == "keys" and "Silence the sound for 5 minutes" in viewer.paper.toPlainText()
    viewer.language_asked.emit("zh_CN")
    assert "静音 5 分钟" not in viewer.paper.toPlainText()


def test_the_search_hears_pinyin_once_its_work_is_done(desk: HelpDesk, qtbot: QtBot) -> None:
    desk.open("shift")
    viewer = desk.viewer
    assert viewer is not None
    viewer.search.setText("yangshengqi")
    qtbot.waitUntil(lambda: any("没有声音" in viewer.results.item(n).text() for n in range(viewer.results.count())))


def test_the_command_bar_gets_every_section_in_the_language_of_the_screens(desk: HelpDesk) -> None:
    i18n.set_language("en")
    assert "Floods" in [item.title for item in desk.items()]
