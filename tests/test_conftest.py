"""The test bed itself: what it must catch, it catches."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import qWarning
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tests.conftest import Monitors

SLOPPY = {
    "log": "import logging\ndef test_it(): logging.getLogger('controlroom.video').warning('torn')",
    "log in teardown": (
        "import logging, pytest\n@pytest.fixture\ndef it():\n    yield\n    logging.getLogger('x').error('torn')\n"
        "def test_it(it): pass"
    ),
    "qt": "from PySide6.QtCore import qWarning\ndef test_it(): qWarning('torn')",
    "signal": (
        "from PySide6.QtCore import QObject\n"
        "def test_it(qapp):\n    o = QObject()\n    o.objectNameChanged.connect(lambda: None)\n"
        "    o.startTimer(5)\n    from PySide6.QtGui import QPainter, QPixmap\n    QPainter(QPixmap())"
    ),
    "thread": "import threading\ndef test_it(): threading.Thread(target=threading.Event().wait, daemon=True).start()",
    "thread dies": (
        "import threading\ndef test_it():\n    t = threading.Thread(target=lambda: 1 / 0)\n    t.start()\n    t.join()"
    ),
    "not heard": "def test_it(expect_log):\n    with expect_log('controlroom', 'torn'): pass",
    "warning": "import warnings\ndef test_it(): warnings.warn('torn')",
}


def screens() -> list[str]:
    return sorted(screen.name() for screen in QApplication.screens())


@pytest.mark.parametrize("sloppy", SLOPPY)
def test_a_sloppy_test_fails(sloppy: str, tmp_path: Path, repository: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "from tests.conftest import *\nimport tests.watch\ntests.watch.JOIN_S = 0.1\n"
    )
    (tmp_path / "test_sloppy.py").write_text(SLOPPY[sloppy])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", repository / "pyproject.toml", f"--rootdir={tmp_path}", tmp_path],
        env={**os.environ, "PYTHONPATH": str(repository), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed" in done.stdout or "1 error" in done.stdout, done.stdout


def test_an_expected_warning_is_forgiven(
    expect_log: Callable[..., object], allow_log: Callable[[str, str], None]
) -> None:
    with expect_log("qt", "^meant"):
        qWarning("meant")
    allow_log("qt", "may come")
    qWarning("this may come or not")


def test_an_unplugged_monitor_is_gone_for_qt_and_comes_back(qtbot: QtBot, monitors: Monitors) -> None:
    label = QLabel("wall")
    qtbot.addWidget(label)
    assert screens() == monitors.names() == ["WALL-1", "WALL-2", "WALL-3"]
    screen = next(screen for screen in QApplication.screens() if screen.name() == "WALL-2")
    label.setScreen(screen)
    label.move(screen.geometry().topLeft())
    label.showFullScreen()
    qtbot.waitUntil(lambda: label.geometry().getRect() == (1920, 0, 1920, 1080))
    geometry = monitors.remove("WALL-2")
    qtbot.waitUntil(lambda: screens() == ["WALL-1", "WALL-3"])
    monitors.add("WALL-2", geometry)
    qtbot.waitUntil(lambda: screens() == ["WALL-1", "WALL-2", "WALL-3"])


def test_the_monitors_are_as_before_after_a_test_that_left_one_out(monitors: Monitors) -> None:
    monitors.remove("WALL-1")


def test_the_next_test_has_all_monitors(monitors: Monitors) -> None:
    assert screens() == monitors.names() == ["WALL-1", "WALL-2", "WALL-3"]


def test_no_folder_of_the_person_is_touched() -> None:
    for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
        assert "controlroom-tests-" in os.environ[f"XDG_{kind}_HOME"]


def test_neighbouring_ports_are_free(free_ports: Callable[[int], int], free_port: int) -> None:
    assert 1024 < free_ports(4) <= 65532
    assert free_port
