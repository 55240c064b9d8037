"""A bug is shown on a card, counted there, and the room goes on."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from controlroom.bridge.faults import CrashNet, Fault
from controlroom.shell.crash import CrashWindow
from tests.bridge.crash_net import fail, spread

ExpectLog = Callable[[str, str], AbstractContextManager[None]]


@pytest.fixture
def net(qapp: QApplication, tmp_path: Path) -> Iterator[CrashNet]:
    with spread(tmp_path / "faults") as made:
        yield made


def test_a_bug_in_a_slot_is_shown_and_the_application_goes_on(
    net: CrashNet, qtbot: QtBot, expect_log: ExpectLog
) -> None:
    window = CrashWindow(net.log_path)
    qtbot.addWidget(window)
    net.faulted.connect(window.add)
    button = QPushButton()
    qtbot.addWidget(button)
    button.clicked.connect(fail)
    with expect_log("controlroom.bridge.faults", "main"):
        button.click()
        qtbot.waitUntil(window.isVisible)
    assert "the sum is wrong" in window.choice.currentText()
    assert "in fail" in window.details.toPlainText()
    window.copy.click()
    assert "ValueError" in QApplication.clipboard().text()
    window.proceed.click()
    assert window.isHidden()
    with qtbot.waitSignal(button.pressed):
        button.pressed.emit()


def test_the_same_bug_is_counted_and_does_not_open_the_card_again(
    net: CrashNet, qtbot: QtBot, expect_log: ExpectLog
) -> None:
    window = CrashWindow(net.log_path)
    qtbot.addWidget(window)
    told: list[Fault] = []
    net.faulted.connect(told.append)
    net.faulted.connect(window.add)
    with expect_log("controlroom.bridge.faults", "main"):
        QTimer.singleShot(0, fail)
        qtbot.waitUntil(lambda: len(told) == 1)
        window.hide()
        for _turn in range(4):
            QTimer.singleShot(0, fail)
        qtbot.waitUntil(lambda: len(told) == 5)
    assert told[-1].count == 5
    assert told[-1].last_at > told[-1].first_at
    assert window.isHidden()
    assert window.choice.count() == 1
    assert window.choice.currentText().startswith("5×")


def test_how_the_last_run_ended_is_shown(qtbot: QtBot) -> None:
    window = CrashWindow(Path("fatal.log"))
    qtbot.addWidget(window)
    window.add_previous("Fatal Python error: Segmentation fault")
    assert window.isVisible()
    assert "上次" in window.sentence.text()
    assert "Segmentation fault" in window.details.toPlainText()
