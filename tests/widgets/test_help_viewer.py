"""The viewer of help: contents, search, back and forward, by the keyboard alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QColor, QPalette, QTextTable
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from controlroom import i18n
from controlroom.bridge.handbook_search import HandbookSearch
from controlroom.handbook.pages import handbook
from widgets.card import Card
from widgets.help_link import ACTION, TOPIC
from widgets.help_viewer import HelpViewer


@pytest.fixture
def viewer(qtbot: QtBot) -> Iterator[HelpViewer]:
    made = HelpViewer(i18n.LANGUAGES)
    book = handbook("zh_CN")
    made.set_book("zh_CN", book.pages, HandbookSearch(book).find)
    qtbot.addWidget(made)
    made.open("shift")
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made


def test_contents_have_every_page_and_its_sections(viewer: HelpViewer) -> None:
    book = handbook("zh_CN")
    items = [viewer.contents.topLevelItem(row) for row in range(viewer.contents.topLevelItemCount())]
    assert [item.text(0) for item in items] == [page.title for page in book.pages]
    assert [item.childCount() for item in items] == [len(page.sections) - 1 for page in book.pages]


def test_a_topic_scrolls_to_its_heading_and_marks_it_in_the_contents(viewer: HelpViewer) -> None:
    viewer.open("alarms#handover")
    assert viewer.topic == "alarms#handover" and viewer.paper.topic_at_top() == "alarms#handover"
    assert viewer.contents.currentItem().text(0) == "移交区域"
    assert viewer.windowTitle() == "帮助：告警"


def test_every_section_of_every_page_is_reached(viewer: HelpViewer) -> None:
    for page in handbook("zh_CN").pages:
        viewer.open(page.id)
        headings = [block.text() for block in viewer.paper._headings()]
        assert headings == [section.title for section in page.sections], page.id
        last = page.sections[-1]
        viewer.open(last.topic)
        assert viewer.paper.textCursor().block().text() == last.title


def test_search_and_reading_need_no_mouse(viewer: HelpViewer, qtbot: QtBot) -> None:
    qtbot.keyClick(viewer.paper, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(viewer.search.hasFocus)
    qtbot.keyClicks(viewer.search, "gzyty")
    qtbot.keyClick(viewer.search, Qt.Key.Key_Return)
    assert viewer.topic == "alarms#shelving" and viewer.paper.hasFocus()
    qtbot.keyClick(viewer.paper, Qt.Key.Key_Backspace)
    assert viewer.topic == "shift"
    qtbot.keyClick(viewer.paper, Qt.Key.Key_Backspace, Qt.KeyboardModifier.ShiftModifier)
    assert viewer.topic == "alarms#shelving"
    viewer.search.setFocus()
    qtbot.keyClick(viewer.search, Qt.Key.Key_Down)
    assert viewer.results.hasFocus()
    qtbot.keyClick(viewer.results, Qt.Key.Key_Escape)
    assert viewer.search.text() == "" and viewer.contents.hasFocus()
    qtbot.keyClick(viewer.contents, Qt.Key.Key_Down)
    assert viewer.topic != "alarms#shelving"
    qtbot.keyClick(viewer.contents, Qt.Key.Key_Escape)
    assert not viewer.isVisible()


def test_words_that_were_found_are_marked_and_nothing_is_said_to_be_nothing(viewer: HelpViewer) -> None:
    viewer.open("alarms")
    viewer.search.setText("搁置")
    assert viewer.paper.extraSelections()
    viewer.search.setText("没有这样的词")
    assert viewer.results.item(0).text() == "没有找到"
    viewer.search.clear()
    assert not viewer.paper.extraSelections()


def test_links_lead_on_and_back(viewer: HelpViewer) -> None:
    viewer.paper.anchorClicked.emit(QUrl("strip.md#link"))
    assert viewer.topic == "strip#link"
    viewer.paper.anchorClicked.emit(QUrl("#sound"))
    assert viewer.topic == "strip#sound"
    viewer.go_back()
    viewer.go_back()
    assert viewer.topic == "shift" and not viewer.back.isEnabled() and viewer.forward.isEnabled()


def test_another_language_keeps_the_topic(viewer: HelpViewer, qtbot: QtBot) -> None:
    viewer.open("alarms#flood")
    with qtbot.waitSignal(viewer.language_asked) as asked:
        viewer.languages["en"].click()
    assert asked.args == ["en"]
    book = handbook("en")
    viewer.set_book("en", book.pages, HandbookSearch(book).find)
    assert viewer.topic == "alarms#flood" and viewer.contents.currentItem().text(0) == "Floods"
    assert viewer.languages["en"].isChecked() and not viewer.languages["zh_CN"].isChecked()


def test_another_theme_redraws_the_page_where_it_was(viewer: HelpViewer) -> None:
    viewer.open("alarms#flood")
    palette = QPalette(viewer.palette())
    palette.setColor(QPalette.ColorRole.Button, QColor("#123456"))
    palette.setColor(QPalette.ColorRole.Mid, QColor("#654321"))
    viewer.paper.setPalette(palette)
    tables = [frame for frame in viewer.paper.document().rootFrame().childFrames() if isinstance(frame, QTextTable)]
    assert tables[0].format().toTableFormat().borderBrush().color() == QColor("#654321")
    assert tables[0].cellAt(0, 0).format().background().color() == QColor("#123456")
    assert viewer.paper.topic_at_top() == "alarms#flood"


def test_a_topic_that_is_not_there_shows_its_page_or_the_first(viewer: HelpViewer) -> None:
    viewer.open("alarms#nothing")
    assert "告警" in viewer.windowTitle()
    viewer.open("nothing")
    assert viewer.topic == "shift"


def test_a_card_leads_to_what_is_to_be_done(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    window, asked = QWidget(), []
    action = window.addAction(ACTION)
    action.setObjectName(ACTION)
    action.triggered.connect(lambda: asked.append(action.property(TOPIC)))
    card = Card("Map", "地图脚本未安装，已改用简易地图。请重新运行安装。")
    other = Card("Map", "something else")
    column = QVBoxLayout(window)
    for widget in (card, other, QPushButton()):
        column.addWidget(widget)
    qtbot.addWidget(window)
    window.show()
    card.what_to_do.click()
    other.what_to_do.click()
    assert asked == ["faults#map", "faults#panels"]
