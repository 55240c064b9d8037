"""The command bar is used with the keyboard alone."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from widgets.palette import CommandBar, Item

ITEMS = [Item("camera", str(n), f"黄村{n}号", "兴丰大街") for n in range(30)]


def make(qtbot: QtBot) -> tuple[QWidget, QPushButton, CommandBar]:
    window = QWidget()
    qtbot.addWidget(window)
    button = QPushButton("x")
    QVBoxLayout(window).addWidget(button)
    bar = CommandBar(lambda text: [item for item in ITEMS if text in item.title], lambda kind: "摄像机", window)
    window.resize(900, 600)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    button.setFocus()
    bar.open()
    qtbot.waitUntil(bar.line.hasFocus)
    return window, button, bar


def test_arrows_move_and_enter_chooses(qtbot: QtBot) -> None:
    _window, button, bar = make(qtbot)
    QTest.keyClicks(bar.line, "2")
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        QTest.keyClick(bar.line, key)
    with qtbot.waitSignal(bar.chosen) as told:
        QTest.keyClick(bar.line, Qt.Key.Key_Return)
    assert told.args == [ITEMS[12]]
    assert bar.isHidden()
    qtbot.waitUntil(button.hasFocus)


def test_escape_leaves_everything_as_it_was(qtbot: QtBot) -> None:
    _window, button, bar = make(qtbot)
    QTest.keyClick(bar.line, Qt.Key.Key_Escape)
    assert bar.isHidden()
    qtbot.waitUntil(button.hasFocus)


def test_nothing_found_is_said_and_enter_does_nothing(qtbot: QtBot) -> None:
    _window, _button, bar = make(qtbot)
    QTest.keyClicks(bar.line, "zzz")
    assert bar.nothing.isVisible()
    QTest.keyClick(bar.line, Qt.Key.Key_Return)
    assert bar.isVisible()


def test_a_click_elsewhere_closes_it(qtbot: QtBot) -> None:
    _window, button, bar = make(qtbot)
    button.setFocus(Qt.FocusReason.MouseFocusReason)
    qtbot.waitUntil(bar.isHidden)
    assert button.hasFocus()


def test_a_click_chooses(qtbot: QtBot) -> None:
    _window, _button, bar = make(qtbot)
    row = bar.list.visualRect(bar.list.model().index(3, 0)).center()
    with qtbot.waitSignal(bar.chosen) as told:
        qtbot.mouseClick(bar.list.viewport(), Qt.MouseButton.LeftButton, pos=row)
    assert told.args == [ITEMS[3]]


def test_more_that_can_be_found_joins_the_list_and_keeps_the_choice(qtbot: QtBot) -> None:
    _window, _button, bar = make(qtbot)
    QTest.keyClick(bar.line, Qt.Key.Key_Down)
    bar.refresh()
    assert bar.list.currentIndex().row() == 1
