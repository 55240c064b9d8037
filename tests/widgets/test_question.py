"""A question that can be answered in haste without harm."""

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from widgets.question import asked


@pytest.mark.parametrize(("key", "expected"), [(Qt.Key.Key_Return, False), (Qt.Key.Key_Escape, False), (None, True)])
def test_only_the_button_that_says_the_deed_does_it(qtbot: QtBot, key: Qt.Key | None, expected: bool) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    words: list[str] = []

    def answer() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        words.extend(button.text() for button in box.buttons())
        if key is None:
            next(b for b in box.findChildren(QPushButton) if b.text() == "确认 24 条").click()
        else:
            qtbot.keyClick(box, key)

    QTimer.singleShot(0, parent, answer)
    assert asked(parent, "？", "确认 24 条") is expected
    assert set(words) == {"确认 24 条", "取消"}
