"""A bug on any thread is caught, counted and written down; what is no bug is told in a sentence."""

import faulthandler
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer, qWarning
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from controlroom.bridge.faults import CrashNet, Fault
from controlroom.errors import CommandRefused, EnvironmentFault
from controlroom.i18n import set_language
from tests.bridge.crash_net import Steps, fail, spread

ExpectLog = Callable[[str, str], AbstractContextManager[None]]


@pytest.fixture
def net(qapp: QApplication, tmp_path: Path) -> Iterator[CrashNet]:
    with spread(tmp_path / "faults") as made:
        yield made


def test_a_bug_on_another_thread_is_told_on_this_one(net: CrashNet, qtbot: QtBot, expect_log: ExpectLog) -> None:
    seen: list[tuple[str, bool]] = []
    net.faulted.connect(lambda fault: seen.append((fault.where, threading.current_thread() is threading.main_thread())))
    thread = threading.Thread(target=fail, name="decoder-7")
    with expect_log("controlroom.bridge.faults", "decoder-7"):
        thread.start()
        thread.join()
        qtbot.waitUntil(lambda: bool(seen))
    assert seen == [("decoder-7", True)]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_bug_in_a_finaliser_is_told(net: CrashNet, qtbot: QtBot, expect_log: ExpectLog) -> None:
    class Careless:
        def __del__(self) -> None:
            fail()

    with expect_log("controlroom.bridge.faults", "finali"), qtbot.waitSignal(net.faulted):
        Careless()


def test_what_is_the_fault_of_the_environment_is_a_sentence_and_no_crash(net: CrashNet, qtbot: QtBot) -> None:
    set_language("en")
    told: list[str] = []
    crashed: list[Fault] = []
    net.told.connect(told.append)
    net.faulted.connect(crashed.append)
    net.catch(EnvironmentFault("The store is full."), "save")
    net.catch(CommandRefused("late", "somebody was quicker"), "acknowledge")
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told == ["The store is full.", "The hub refused: somebody was quicker"]
    assert crashed == []


def test_messages_of_qt_go_to_the_log(net: CrashNet, caplog: pytest.LogCaptureFixture, expect_log: ExpectLog) -> None:
    with caplog.at_level(logging.DEBUG, "controlroom.qt"), expect_log("controlroom.qt", "painted"):
        qWarning("painted outside")
    assert "painted outside" in caplog.text


def test_the_hooks_are_given_back(qapp: QApplication, tmp_path: Path) -> None:
    before = (sys.excepthook, threading.excepthook, sys.unraisablehook, faulthandler.is_enabled())
    net = CrashNet(tmp_path, Steps())
    net.install()
    assert sys.excepthook != before[0]
    net.close()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook, faulthandler.is_enabled()) == before
    assert not net.log_path.exists()


def test_a_fatal_fault_of_one_run_is_known_at_the_start_of_the_next(
    qapp: QApplication, tmp_path: Path, repository: Path
) -> None:
    program = (
        "import ctypes, pathlib, sys\n"
        "from controlroom.clock import SystemClock\n"
        "from controlroom.bridge.faults import CrashNet\n"
        "CrashNet(pathlib.Path(sys.argv[1]), SystemClock()).install()\n"
        "ctypes.string_at(0)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=repository, check=False)
    assert ended.returncode != 0
    net = CrashNet(tmp_path, Steps())
    net.install()
    try:
        assert "Segmentation fault" in net.previous
    finally:
        net.close()
    again = CrashNet(tmp_path, Steps())
    again.install()
    again.close()
    assert again.previous == ""


def test_a_folder_that_cannot_be_written_does_not_stop_the_start(tmp_path: Path, expect_log: ExpectLog) -> None:
    (tmp_path / "faults").write_text("", "utf-8")
    net = CrashNet(tmp_path / "faults", Steps())
    with expect_log("controlroom.bridge.faults", "cannot be written"):
        net.install()
    net.close()


def test_the_same_bug_is_counted(net: CrashNet, qtbot: QtBot, expect_log: ExpectLog) -> None:
    told: list[Fault] = []
    net.faulted.connect(told.append)
    with expect_log("controlroom.bridge.faults", "main"):
        for _turn in range(5):
            QTimer.singleShot(0, fail)
        qtbot.waitUntil(lambda: len(told) == 5)
    assert [fault.count for fault in told] == [1, 2, 3, 4, 5]
    assert told[-1].first_at == told[0].first_at < told[-1].last_at
